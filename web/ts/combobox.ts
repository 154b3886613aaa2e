// Fields that are filled from a list which the server gives for what is typed so far. The text is what the person sees,
// a hidden field beside it holds what was chosen; it is empty for text that was not chosen.
const pause = 60; // milliseconds after the last key before the list is asked for

interface Box {
	input: HTMLInputElement;
	code: HTMLInputElement;
	list: HTMLElement;
	href: string;
}

interface Asking {
	timer: number;
	stop: AbortController;
	done: Promise<void> | null;
}

const asking = new WeakMap<HTMLInputElement, Asking>();

function boxOf(target: EventTarget | null): Box | null {
	if (!(target instanceof HTMLInputElement) || target.getAttribute("role") !== "combobox") return null;
	const href = target.dataset["options"];
	const list = document.getElementById(target.getAttribute("aria-controls") ?? "");
	const code = target.parentElement?.querySelector<HTMLInputElement>("input[type=hidden]");
	return href && list && code ? { input: target, code, list, href } : null;
}

const options = (b: Box): HTMLElement[] => [...b.list.querySelectorAll<HTMLElement>('[role="option"]')];
const selected = (b: Box): HTMLElement | undefined => options(b).find((o) => o.getAttribute("aria-selected") === "true");

function select(b: Box, o: HTMLElement | undefined): void {
	for (const other of options(b)) other.setAttribute("aria-selected", String(other === o));
	if (o) {
		b.input.setAttribute("aria-activedescendant", o.id);
		o.scrollIntoView({ block: "nearest" });
	} else b.input.removeAttribute("aria-activedescendant");
}

function close(b: Box): void {
	const a = asking.get(b.input);
	if (a) {
		window.clearTimeout(a.timer);
		a.stop.abort();
		asking.delete(b.input);
	}
	b.list.hidden = true;
	b.list.replaceChildren();
	b.input.setAttribute("aria-expanded", "false");
	b.input.removeAttribute("aria-activedescendant");
}

function choose(b: Box, o: HTMLElement): void {
	b.input.value = o.dataset["label"] ?? o.textContent ?? "";
	b.code.value = o.dataset["value"] ?? "";
	close(b);
	b.code.dispatchEvent(new Event("change", { bubbles: true }));
	b.input.dispatchEvent(new CustomEvent("combobox:chosen", { bubbles: true }));
}

async function fill(b: Box, stop: AbortSignal): Promise<void> {
	const address = new URL(b.href, location.href);
	address.searchParams.set("q", b.input.value);
	try {
		const answer = await fetch(address, { headers: { "HX-Request": "true" }, signal: stop });
		const text = await answer.text();
		if (stop.aborted || document.activeElement !== b.input) return;
		b.list.innerHTML = text;
		options(b).forEach((o, i) => { o.id = `${b.list.id}-${i}`; });
		b.list.hidden = false;
		b.input.setAttribute("aria-expanded", "true");
		select(b, options(b)[0]);
	} catch {
		// stopped by the next key, or the network is away: the text can be sent as it is
	}
}

// ask asks for the list, at once or after a pause in typing.
function ask(b: Box, after: number): void {
	const old = asking.get(b.input);
	if (old) {
		window.clearTimeout(old.timer);
		old.stop.abort();
	}
	const a: Asking = { timer: 0, stop: new AbortController(), done: null };
	a.timer = window.setTimeout(() => { a.done = fill(b, a.stop.signal); }, after);
	asking.set(b.input, a);
}

// settled waits until the list belongs to what is typed now.
async function settled(b: Box): Promise<void> {
	const a = asking.get(b.input);
	if (!a) return;
	if (!a.done) {
		window.clearTimeout(a.timer);
		a.done = fill(b, a.stop.signal);
	}
	await a.done;
}

export function startComboboxes(): void {
	document.addEventListener("input", (e) => {
		const b = boxOf(e.target);
		if (!b) return;
		if (b.code.value !== "") {
			b.code.value = "";
			b.code.dispatchEvent(new Event("change", { bubbles: true }));
		}
		if (b.input.value.trim() === "") close(b);
		else ask(b, pause);
	});
	document.addEventListener("keydown", (e) => {
		const b = boxOf(e.target);
		if (!b || e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return;
		const all = options(b);
		const at = all.findIndex((o) => o === selected(b));
		if (e.key === "ArrowDown" || e.key === "ArrowUp") {
			e.preventDefault();
			if (all.length === 0) ask(b, 0);
			else select(b, all[(at + (e.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
		} else if (e.key === "Enter" && b.code.value === "" && b.input.value.trim() !== "") {
			e.preventDefault(); // Enter chooses first; the form is sent by the next one
			void settled(b).then(() => {
				const o = selected(b);
				if (o) choose(b, o);
				else if (b.input.dataset["free"] !== undefined) close(b);
			});
		} else if (e.key === "Escape" && !b.list.hidden) {
			e.preventDefault();
			e.stopPropagation();
			close(b);
		}
	}, true);
	document.addEventListener("pointerdown", (e) => {
		if (!(e.target instanceof Element)) return;
		const o = e.target.closest<HTMLElement>('[role="listbox"] [role="option"]');
		const input = o?.closest(".combobox")?.querySelector<HTMLInputElement>('input[role="combobox"]');
		const b = boxOf(input ?? null);
		if (!o || !b) return;
		e.preventDefault(); // the cursor stays in the field
		choose(b, o);
	});
	document.addEventListener("focusout", (e) => {
		const b = boxOf(e.target);
		if (b) close(b);
	});
}
