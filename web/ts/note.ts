// The page of a visit note: its text areas become editors, and nothing that is typed is lost.
import { answered, optionalOf } from "./note_blanks";
import { Section, blanks, carriedOf, current, edited, make, nextBlank, paintBlanks, plainOf, show, toEnd, wordsOf } from "./note_editor";
import { Palette } from "./note_palette";
import { Saver } from "./note_save";
import { Store } from "./note_store";
import { turn } from "./turn";

export function start(): void {
	document.querySelector("[data-note-print]")?.addEventListener("click", () => { window.print(); });
	const root = document.querySelector<HTMLElement>("[data-note]");
	if (root) write(root);
}

function write(root: HTMLElement): void {
	const href = root.dataset["note"] ?? "";
	const sections = [...root.querySelectorAll<HTMLDetailsElement>("[data-section]")].map(make).filter((s) => s !== null);
	const one = (selector: string): HTMLElement | null => root.querySelector<HTMLElement>(selector);
	const sign = one("[data-note-sign]") as HTMLButtonElement | null;
	const form = document.getElementById("note-form") as HTMLFormElement | null;
	const box = document.getElementById("note-palette");
	const list = document.getElementById("note-options");
	if (!sign || !form || !box || !list) return;
	root.classList.add("note-live");
	const say = (text: string): void => { const at = one("[data-note-say]"); if (at) at.textContent = text; };
	const why = (text: string): void => { const at = one("[data-note-why]"); if (at) at.textContent = text; };

	let bad = false;
	const page = {
		sections, href, stamp: Number(root.dataset["noteStamp"] ?? 0),
		changed: () => { count(root, sections); },
		others: (names: string[]) => { one("[data-note-others]")?.replaceChildren(...names.map((n) => span(n))); },
		conflict: (s: Section, theirs: { version: string; text: string; by: string; at: string }) => { sideBySide(s, theirs, saver); },
		state: (text: string, wrong: boolean) => {
			const at = one("[data-note-saved]");
			if (at) {
				at.textContent = text;
				at.classList.toggle("note-unsaved", wrong);
			}
			if (wrong !== bad) say(text); // each save is not worth a word
			bad = wrong;
		},
	};
	const store = new Store(href, root.dataset["noteKey"] ?? "");
	const saver = new Saver(page, store);
	const diagnose = (code: string, name: string): void => {
		const dx = one("[data-note-dx]") as HTMLFormElement | null;
		const body = new URLSearchParams({ code, name, once: dx?.querySelector<HTMLInputElement>('input[name="once"]')?.value ?? "" });
		void send(root, href, body).then(() => { count(root, sections); });
	};
	const palette = new Palette(box, list, href, diagnose);

	for (const s of sections) {
		s.editor.addEventListener("input", () => {
			edited(s);
			count(root, sections);
			saver.typed();
			palette.update(s);
		});
		s.editor.addEventListener("keydown", (e) => {
			if (e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return;
			if (palette.key(e)) {
				e.preventDefault();
				e.stopPropagation();
			}
		});
		// Who looks into another window comes back to the same list.
		s.editor.addEventListener("blur", () => { if (document.hasFocus()) palette.close(); });
	}
	const over = new AbortController(); // the note is not open any more
	const { signal } = over;
	document.addEventListener("page:left", () => {
		over.abort();
		if (!leaving) saver.leave();
		saver.stop();
	}, { once: true });
	document.addEventListener("keydown", (e) => {
		if (e.isComposing || e.defaultPrevented || document.querySelector("dialog[open]")) return;
		if (e.key === "F2" && !e.ctrlKey && !e.altKey) {
			e.preventDefault();
			say(nextBlank(sections) ? "Blank" : "No blank is left");
		} else if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && document.getElementById("work")?.hidden !== false) {
			e.preventDefault();
			void trySign();
		}
	}, { signal });
	sign.addEventListener("click", (e) => {
		e.preventDefault();
		void trySign();
	});
	form.addEventListener("submit", (e) => {
		e.preventDefault();
		void saver.flush();
	});

	let signing = false;
	async function trySign(): Promise<void> {
		if (signing || !form || !sign) return;
		signing = true;
		try {
			why("");
			if (document.getElementById("work")?.hidden === false) {
				why("Not signed: a form is open beside the note. Send it, or close it, first.");
				return;
			}
			if (!(await saver.flush())) {
				why(sections.some((s) => s.conflict) ? "Not signed: two texts of one section are to be made one." : "Not signed: the text could not be saved.");
				return;
			}
			if (nextBlank(sections, true)) {
				why("Not signed: fill in this blank, or take it out. F2 leads to the next.");
				return;
			}
			for (const s of sections) {
				s.base.value = s.bases.join(" ");
				s.area.disabled = true; // all of it is saved: what is signed is what the server has and this page has shown
			}
			const body = new URLSearchParams();
			for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
			for (const s of sections) s.area.disabled = false;
			root.inert = true; // nothing is written that would not be in what is signed
			const answer = await fetch(sign.formAction, { method: "POST", body, headers: { Accept: "text/html" } }).catch(() => null);
			root.inert = false;
			if (!answer) {
				sign.focus();
				why("Not signed, as far as this page knows: the server cannot be reached. Sign again.");
				return;
			}
			leaving = true;
			if (answer.redirected && new URL(answer.url).pathname !== new URL(href, location.href).pathname) location.href = answer.url; // signed out, say
			else await turn(answer, answer.redirected ? answer.url : "");
		} finally {
			signing = false;
		}
	}

	root.addEventListener("submit", (e) => {
		const f = e.target;
		if (!(f instanceof HTMLFormElement) || f.dataset["noteDx"] === undefined) return;
		e.preventDefault();
		const body = new URLSearchParams();
		for (const [name, value] of new FormData(f, e.submitter)) if (typeof value === "string") body.append(name, value);
		void send(root, href, body).then(() => {
			count(root, sections);
			root.querySelector<HTMLElement>("#note-dx-name")?.focus();
		});
	});
	root.addEventListener("combobox:chosen", (e) => {
		if (e.target instanceof Element) e.target.closest("form")?.requestSubmit();
	});
	one("[data-note-discard]")?.addEventListener("click", () => { leaving = true; });

	let leaving = false;
	window.addEventListener("pagehide", () => { if (!leaving) saver.leave(); }, { signal });
	window.addEventListener("beforeunload", (e) => { if (!leaving && bad && !saver.kept && saver.dirty().length > 0) e.preventDefault(); }, { signal });
	window.addEventListener("online", () => void saver.save(), { signal });
	const presence = window.setInterval(() => {
		if (document.visibilityState !== "visible" || bad) return;
		void fetch(href + "/presence", { headers: { "HX-Request": "true" }, redirect: "error" }).then(async (r) => {
			if (!r.ok || !(r.headers.get("Content-Type") ?? "").startsWith("application/json")) return;
			const a = (await r.json()) as { others: string[] | null; stamp: number };
			page.others(a.others ?? []);
			if (a.stamp !== page.stamp) void saver.save();
		}).catch(() => undefined);
	}, 10_000);
	signal.addEventListener("abort", () => { window.clearInterval(presence); });

	count(root, sections);
	void saver.recover();
	const first = sections.find((s) => s.details.open);
	if (first && !root.querySelector(".message")) toEnd(first.editor);
}

function span(text: string): HTMLElement {
	const el = document.createElement("span");
	el.textContent = text;
	return el;
}

// send posts to the diagnoses and puts the new list in place.
async function send(root: HTMLElement, href: string, body: URLSearchParams): Promise<void> {
	const at = root.querySelector<HTMLElement>("[data-note-diagnoses]");
	try {
		const r = await fetch(href + "/diagnoses", { method: "POST", body, headers: { "HX-Request": "true" }, redirect: "error" });
		if (r.ok && at && r.headers.get("HX-Redirect") === null) {
			at.innerHTML = await r.text();
			return;
		}
	} catch {
		// said below
	}
	const why = root.querySelector("[data-note-why]");
	if (why) why.textContent = "The diagnosis was not saved. Add it again.";
}

// sideBySide shows both texts of a section that two people changed, until one is made of them.
function sideBySide(s: Section, theirs: { version: string; text: string; by: string; at: string }, saver: Saver): void {
	s.details.open = true;
	s.details.querySelector(".note-conflict")?.remove();
	const box = document.createElement("div");
	box.className = "note-conflict";
	box.setAttribute("role", "group");
	const headLine = document.createElement("p");
	headLine.className = "note-conflict-head";
	headLine.textContent = `Changed by ${theirs.by} at ${theirs.at}, while you wrote. Theirs is here, yours below; neither is lost.`;
	const text = document.createElement("div");
	text.className = "note-conflict-text";
	text.textContent = plainOf(theirs.text);
	const done = (source: string | null): void => {
		s.conflict = false;
		s.bases = [theirs.version];
		s.saved = theirs.text.trimEnd();
		box.remove();
		if (source !== null) show(s, source);
		toEnd(s.editor);
		saver.typed();
	};
	const row = document.createElement("p");
	row.className = "note-conflict-do";
	for (const [label, act] of [["Keep both", () => { done(`${current(s)}\n\n${theirs.text}`); }], ["Keep yours", () => { done(null); }], ["Take theirs", () => { done(theirs.text); }]] as const) {
		const b = document.createElement("button");
		b.type = "button";
		b.className = "btn btn-small";
		b.textContent = label;
		b.addEventListener("click", act);
		row.append(b);
	}
	box.append(headLine, text, row);
	box.setAttribute("aria-label", headLine.textContent);
	s.editor.before(box);
}

const shingle = 6;

// shingles are hashes of all runs of six words, as workflow/charting/source.go computes them.
function shingles(text: string): number[] {
	const list = text.toLowerCase().split(/[^\p{L}\p{Nd}]+/u).filter((w) => w !== "");
	const out: number[] = [];
	for (let i = 0; i + shingle <= list.length; i++) {
		let h = 2166136261;
		for (const c of list.slice(i, i + shingle).join(" ").split("")) h = Math.imul(h ^ c.charCodeAt(0), 16777619);
		out.push(h >>> 0);
	}
	return out;
}

// count keeps the meter and the list before signing up to date.
function count(root: HTMLElement, sections: Section[]): void {
	const most = Number(root.dataset["noteWords"] ?? 350);
	const sources = sections.map((s) => answered(s.area.value, optionalOf(s.details)));
	const text = sources.map(plainOf).join("\n");
	const n = wordsOf(text).length;
	const before = new Set((root.dataset["notePrior"] ?? "").split(" ").filter((w) => w !== "").map((w) => parseInt(w, 36)));
	const runs = shingles(text);
	const same = runs.length === 0 ? 0 : runs.filter((h) => before.has(h)).length / runs.length;
	const carried = n === 0 ? 0 : Math.max(wordsOf(sources.map(carriedOf).join(" ")).length / n, same);
	const put = (selector: string, value: string): void => { const at = root.querySelector(selector); if (at && at.textContent !== value) at.textContent = value; };
	put("[data-note-count]", `${n} of ${most} words`);
	put("[data-note-carried]", carried > 0 ? `${Math.round(100 * carried)} % carried` : "");
	const full = Math.min(1, n / most) * 92;
	root.querySelector(".note-meter-own")?.setAttribute("width", String(full));
	root.querySelector(".note-meter-carried")?.setAttribute("width", String(full * carried));
	paintBlanks(sections);
	const needed = sections.reduce((sum, s) => sum + blanks(s, true).length, 0);
	const left = sections.some((s) => blanks(s).length > 0);
	check(root, "blanks", needed === 0, needed > 0 ? `${needed} ${needed === 1 ? "blank" : "blanks"} *** to fill in` : left ? "What was not filled in is left out" : "No blanks left");
	const first = sections.find((s) => s.details.dataset["essential"] !== undefined);
	if (first) {
		const title = first.editor.getAttribute("aria-label") ?? "";
		const ok = plainOf(answered(first.area.value, optionalOf(first.details))).trim() !== "";
		check(root, "essential", ok, ok ? `${title} written` : `${title} is empty`);
	}
	const dx = root.querySelectorAll(".note-dx-list li").length;
	check(root, "diagnosis", dx > 0, dx > 0 ? "Has a diagnosis" : "No diagnosis of this visit yet");
}

function check(root: HTMLElement, kind: string, ok: boolean, text: string): void {
	const row = root.querySelector<HTMLElement>(`[data-check="${kind}"]`);
	row?.classList.toggle("note-check-open", !ok);
	const at = row?.querySelector("[data-check-text]");
	if (at && at.textContent !== text) at.textContent = text;
}
