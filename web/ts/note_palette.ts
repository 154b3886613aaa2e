import { Section, insert, insertPlain, plainOf, sourceOf } from "./note_editor";

// Suggestions under the cursor: / for commands and diagnoses, @ for what the chart says, . for phrases.
interface Trigger {
	kind: string; // what the server is asked for
	query: string;
	range: Range; // the typed trigger, which the suggestion takes the place of
}

export interface Choice { value: string; label: string; command: string }

const commands = [
	{ name: "dx", label: "dx, a diagnosis of this visit", note: "/dx and its name or code" },
	{ name: "order", label: "order, tests and referrals", note: "opens the order form" },
	{ name: "carry", label: "carry, an assessment of the last note", note: "marked with its date" },
];

const most = 7; // how many are in view at once

export class Palette {
	private cache = new Map<string, Promise<HTMLElement[]>>();
	private notes = new Map<string, string>(); // by kind: what the server's list leaves out, in a sentence
	private stop = new AbortController();
	private at: { s: Section; t: Trigger } | null = null;
	private closed = ""; // a trigger that the person closed, until another is typed
	private pending: Promise<void> | null = null;
	private busy = false; // the list does not belong yet to what is typed
	private queued: string | null = null; // what is typed while Enter waits for the list
	constructor(private box: HTMLElement, private list: HTMLElement, private href: string, private diagnose: (code: string, name: string) => void) {
		list.addEventListener("pointerdown", (e) => {
			const o = e.target instanceof Element ? e.target.closest<HTMLElement>('[role="option"]') : null;
			if (!o) return;
			e.preventDefault(); // the cursor stays in the text
			this.take(o);
		});
	}

	open(): boolean { return !this.box.hidden; }

	// update looks at what stands before the cursor.
	update(s: Section): void {
		const t = trigger();
		if (!t) {
			this.closed = "";
			this.close();
			return;
		}
		if (this.closed !== "" && t.range.toString().startsWith(this.closed)) return;
		this.closed = "";
		this.at = { s, t };
		this.busy = true;
		this.pending = this.fill(s, t).finally(() => { if (this.at?.t === t) this.busy = false; });
	}

	private async fill(s: Section, t: Trigger): Promise<void> {
		this.stop.abort();
		this.stop = new AbortController();
		const stop = this.stop.signal;
		let options: HTMLElement[] = [];
		try {
			options = await this.find(t, stop);
		} catch {
			if (!stop.aborted) this.close(); // the network is away: typing goes on
			return;
		}
		if (stop.aborted || this.at?.t !== t) return;
		const note = this.left(t.kind, t.query, options);
		if (options.length === 0 && note === "") {
			this.close();
			return;
		}
		this.list.replaceChildren(...options.slice(0, most));
		options.slice(0, most).forEach((o, i) => { o.id = `note-option-${i}`; });
		if (note !== "") {
			const p = document.createElement("p");
			p.className = "option-none";
			p.textContent = note;
			this.list.append(p);
		}
		this.box.hidden = false;
		this.place(t.range);
		this.mark(s, 0);
	}

	// left says what the list does not show: those behind the first, and what the server did not list. It is empty where all is in view.
	private left(kind: string, query: string, options: HTMLElement[]): string {
		const said = this.notes.get(kind === "command" ? "dx" : kind) ?? "";
		if (options.length > most) return `${options.length - most} more: type more of the name.` + (kind === "data" && said !== "" ? ` ${said}` : "");
		if (kind === "data" && options.length === 0 && query.length < 2) return "";
		return kind === "data" || options.some((o) => o.dataset["kind"] === "dx") ? said : "";
	}

	private async find(t: Trigger, stop: AbortSignal): Promise<HTMLElement[]> {
		const q = t.query.toLowerCase();
		if (t.kind === "command") {
			const named = commands.filter((c) => c.name.startsWith(q) && (c.name !== "order" || orders() !== null)).map((c) => option(c.name, c.label, c.note, "command"));
			if (named.length > 0 || q.length < 2) return named;
			return this.ask("dx", t.query, stop);
		}
		if (t.kind === "dx") return q === "" ? [] : this.ask("dx", t.query, stop);
		const all = await this.all(t.kind);
		const words = q.split(/\s+/).filter((w) => w !== "");
		const rank = (o: HTMLElement): number => {
			const label = (o.dataset["label"] ?? "").toLowerCase().replace(/^\./, "");
			if (label.startsWith(q)) return 0;
			return words.every((w) => label.split(/[\s,]+/).some((l) => l.startsWith(w))) ? 1 : 2;
		};
		return all.map((o) => ({ o, r: rank(o) })).filter((x) => x.r < 2).sort((a, b) => a.r - b.r).map((x) => x.o.cloneNode(true) as HTMLElement);
	}

	private all(kind: string): Promise<HTMLElement[]> {
		const had = this.cache.get(kind);
		if (had) return had;
		const asked = this.ask(kind, "", null).catch((e: unknown) => {
			this.cache.delete(kind);
			throw e;
		});
		this.cache.set(kind, asked);
		return asked;
	}

	private async ask(kind: string, q: string, stop: AbortSignal | null): Promise<HTMLElement[]> {
		const r = await fetch(`${this.href}/suggest?kind=${kind}&q=${encodeURIComponent(q)}`, { headers: { "HX-Request": "true" }, redirect: "error", signal: stop });
		if (!r.ok) throw new Error("no suggestions");
		const at = document.createElement("div");
		at.innerHTML = await r.text();
		const found = [...at.querySelectorAll<HTMLElement>('[role="option"]')];
		this.notes.set(kind, found.length > 0 ? at.querySelector(".option-none")?.textContent ?? "" : "");
		for (const o of found) o.dataset["kind"] = kind;
		return found;
	}

	// place puts the list under the cursor, or above it where there is no room.
	private place(range: Range): void {
		const at = range.getBoundingClientRect();
		const height = this.box.offsetHeight;
		const left = Math.max(8, Math.min(at.left, window.innerWidth - this.box.offsetWidth - 8));
		const below = at.bottom + 6 + height < window.innerHeight;
		this.box.style.left = `${left}px`;
		this.box.style.top = `${below ? at.bottom + 6 : Math.max(8, at.top - height - 6)}px`;
	}

	private options(): HTMLElement[] { return [...this.list.querySelectorAll<HTMLElement>('[role="option"]')]; }

	private mark(s: Section, i: number): void {
		const all = this.options();
		const n = (i + all.length) % all.length;
		all.forEach((o, k) => { o.setAttribute("aria-selected", String(k === n)); });
		const o = all[n];
		if (!o) return;
		s.editor.setAttribute("aria-controls", this.list.id);
		s.editor.setAttribute("aria-activedescendant", o.id);
		o.scrollIntoView({ block: "nearest" });
	}

	close(): void {
		this.stop.abort();
		this.at?.s.editor.removeAttribute("aria-activedescendant");
		this.at?.s.editor.removeAttribute("aria-controls");
		this.at = null;
		this.box.hidden = true;
		this.list.replaceChildren();
	}

	// key handles a key of the editor; true if it was the palette's.
	key(e: KeyboardEvent): boolean {
		if (this.queued !== null) { // nothing typed is lost while the list is on its way
			if (e.key.length !== 1 && e.key !== "Enter") return false;
			this.queued += e.key === "Enter" ? "\n" : e.key;
			return true;
		}
		const at = this.at;
		if (!at) return false;
		if (e.key === "Escape") {
			if (!this.open()) return false;
			this.closed = at.t.range.toString();
			this.close();
			return true;
		}
		if (e.key === "Enter" && !e.shiftKey && !this.open() && at.t.query !== "" && (this.busy || at.t.kind === "dx")) {
			this.choose(at);
			return true;
		}
		if (!this.open()) return false;
		const all = this.options();
		if (all.length === 0) return false; // a sentence alone stands there: the key is the editor's
		const i = all.findIndex((o) => o.getAttribute("aria-selected") === "true");
		if (e.key === "ArrowDown" || e.key === "ArrowUp") {
			this.mark(at.s, i + (e.key === "ArrowDown" ? 1 : -1));
			return true;
		}
		if ((e.key === "Enter" || e.key === "Tab") && !e.shiftKey) {
			this.choose(at);
			return true;
		}
		return false;
	}

	// choose takes the selected suggestion once the list belongs to what is typed; where there is none, Enter is a new line.
	private choose(at: { s: Section; t: Trigger }): void {
		this.queued = "";
		void this.settled(at.s).then(() => {
			const o = this.open() ? this.options().find((x) => x.getAttribute("aria-selected") === "true") : undefined;
			const now = this.at?.t;
			if (o && now?.kind === at.t.kind && now.query === at.t.query) this.take(o);
			else if (at.t.kind === "dx" && at.t.query !== "") { // no such code: in own words
				insert(at.s, at.t.range, heading(at, at.t.query, ""));
				this.diagnose("", at.t.query);
				this.close();
			} else insertPlain("\n");
		}).finally(() => {
			const typed = this.queued ?? "";
			this.queued = null;
			if (typed !== "") insertPlain(typed);
		});
	}

	// settled waits until the list belongs to what stands before the cursor now. A save that came back, or a cursor that was
	// put anew, asks for the list once more or closes it meanwhile.
	private async settled(s: Section): Promise<void> {
		for (const again of [false, true]) {
			if (again) {
				if (this.at) return;
				this.update(s);
			}
			for (let seen: Promise<void> | null = null; seen !== this.pending;) {
				seen = this.pending;
				await seen;
			}
		}
	}

	private take(o: HTMLElement): void {
		const at = this.at;
		if (!at) return;
		const { s, t } = at;
		const value = o.dataset["value"] ?? "";
		this.close();
		switch (o.dataset["kind"]) {
			case "command":
				if (value === "order") {
					insert(s, t.range, "");
					orders()?.click();
					return;
				}
				insert(s, t.range, `/${value} `);
				this.update(s);
				return;
			case "dx": {
				const name = o.dataset["label"] ?? "";
				insert(s, t.range, heading({ s, t }, name, value));
				this.diagnose(value, name);
				return;
			}
			default:
				insert(s, t.range, value);
		}
	}
}

// orders is the link that opens the order form; null for a note without orders.
const orders = (): HTMLElement | null => document.querySelector<HTMLElement>(".note-orders a[data-work].add");

// heading is the line of a diagnosis: numbered where it begins a line.
function heading(at: { s: Section; t: Trigger }, name: string, code: string): string {
	const before = document.createRange();
	before.setStart(at.s.editor, 0);
	before.setEnd(at.t.range.startContainer, at.t.range.startOffset);
	const text = sourceOf(before.cloneContents());
	const line = code === "" ? name : `${name} ${code}`;
	if (text !== "" && !text.endsWith("\n")) return line;
	return `${(plainOf(text).match(/^\d{1,2}\. /gm) ?? []).length + 1}. ${line}\n`;
}

function option(value: string, label: string, note: string, kind: string): HTMLElement {
	const o = document.createElement("div");
	o.className = "option";
	o.setAttribute("role", "option");
	o.setAttribute("aria-selected", "false");
	Object.assign(o.dataset, { value, label, kind });
	for (const [c, text] of [["option-label", label], ["option-note", note]] as const) {
		const span = document.createElement("span");
		span.className = c;
		span.textContent = text;
		o.append(span);
	}
	return o;
}

// trigger is what the word before the cursor asks for.
function trigger(): Trigger | null {
	const sel = getSelection();
	const node = sel?.anchorNode;
	if (!sel?.isCollapsed || !(node instanceof Text)) return null;
	const before = node.data.slice(0, sel.anchorOffset);
	for (const [form, kind] of [[/(?:^|\s)(\/dx\s+([^\n]{0,60}))$/i, "dx"], [/(?:^|\s)(\/carry\b([^\n]{0,60}))$/i, "carry"], [/(?:^|\s)(\/([^\n/]{0,60}))$/, "command"],
		[/(?:^|\s)(@([^\n@]{0,40}))$/, "data"], [/(?:^|\s)(\.([a-z][a-z ]{0,30}))$/i, "phrases"]] as const) {
		const m = form.exec(before);
		if (!m) continue;
		// A slash is a command at the beginning of a line alone: 84 /min is none.
		const start = before.length - (m[1] ?? "").length;
		if (m[1]?.startsWith("/") && before.slice(0, start).split("\n").at(-1)?.trim() !== "") continue;
		if (m[1]?.startsWith("/") && !before.slice(0, start).includes("\n") && node.previousSibling && !(node.previousSibling instanceof HTMLBRElement) && !(node.previousSibling.textContent ?? "").endsWith("\n")) continue;
		const range = document.createRange();
		range.setStart(node, sel.anchorOffset - (m[1] ?? "").length);
		range.setEnd(node, sel.anchorOffset);
		return { kind, query: (m[2] ?? "").trim(), range };
	}
	return null;
}
