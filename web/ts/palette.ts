// The command palette: a combobox over the list that the server answers with.
let before: Element | null = null;

function parts(): { dialog: HTMLDialogElement; input: HTMLInputElement; list: HTMLElement } | null {
	const dialog = document.getElementById("palette");
	const input = document.getElementById("palette-query");
	const list = document.getElementById("palette-list");
	if (!(dialog instanceof HTMLDialogElement) || !(input instanceof HTMLInputElement) || !list) return null;
	return { dialog, input, list };
}

export function openPalette(text: string): void {
	const p = parts();
	if (!p || p.dialog.open) return;
	before = document.activeElement;
	for (const other of document.querySelectorAll<HTMLDialogElement>("dialog[open]")) other.close();
	p.input.value = text;
	p.dialog.showModal();
	p.input.focus();
	p.input.dispatchEvent(new CustomEvent("palette:open", { bubbles: true }));
}

export function startPalette(): void {
	const p = parts();
	for (const opener of document.querySelectorAll<HTMLElement>("[data-opens-palette]")) {
		if (!p) break;
		opener.addEventListener(opener instanceof HTMLInputElement ? "pointerdown" : "click", (e) => {
			e.preventDefault();
			openPalette("");
		});
		opener.addEventListener("input", () => {
			if (!(opener instanceof HTMLInputElement)) return;
			const text = opener.value;
			opener.value = "";
			openPalette(text);
		});
	}
	if (!p) return;
	const { dialog, input, list } = p;
	const options = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>('[role="option"]')];
	const selected = (): HTMLElement | undefined => options().find((o) => o.getAttribute("aria-selected") === "true");
	const select = (o: HTMLElement | undefined): void => {
		for (const other of options()) other.setAttribute("aria-selected", String(other === o));
		if (o) {
			input.setAttribute("aria-activedescendant", o.id);
			o.scrollIntoView({ block: "nearest" });
		} else input.removeAttribute("aria-activedescendant");
	};

	let moved = false; // the person chose a row: it stays selected while it still matches
	let chosen = "";
	document.addEventListener("htmx:before:swap", () => { chosen = moved ? selected()?.id ?? "" : ""; });
	document.addEventListener("htmx:after:swap", () => {
		if (dialog.open) select(options().find((o) => o.id === chosen) ?? options()[0]);
	});
	dialog.addEventListener("close", () => {
		list.replaceChildren();
		moved = false;
		if (before instanceof HTMLElement) before.focus();
	});
	input.addEventListener("keydown", (e) => {
		const all = options();
		const at = all.findIndex((o) => o === selected());
		const step: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 };
		const to = step[e.key];
		if (to !== undefined && all.length > 0 && !(input.value && (e.key === "Home" || e.key === "End"))) {
			e.preventDefault();
			moved = true;
			select(all[(to + all.length) % all.length]);
		} else if (e.key === "Tab" && !e.shiftKey) {
			const command = all.find((o) => o.dataset["command"] !== undefined);
			if (command) {
				e.preventDefault();
				moved = true;
				select(command);
			}
		} else if (e.key === "Enter") {
			const o = selected();
			if (o) {
				e.preventDefault();
				dialog.close();
				before = null;
				if (o.dataset["print"] !== undefined) window.print();
				else o.click();
			}
		}
	});
	list.addEventListener("click", (e) => {
		if (e.target instanceof Element && e.target.closest("[data-print]")) {
			e.preventDefault();
			dialog.close();
			window.print();
		}
	});
}
