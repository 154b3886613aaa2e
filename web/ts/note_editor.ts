import { optionalOf, sentenceAt } from "./note_blanks";

// One section of a note as a person edits it. Its text is kept as the server keeps it (workflow/charting/source.go): plain text with
// @[value](key) for a live link and ~[text](day/document) for what was carried forward. The editor shows these as elements.
const mark = /([@~])\[([^\[\]]*)\]\(([^()\s]*)\)/g;

export interface Section {
	code: string;
	details: HTMLDetailsElement;
	area: HTMLTextAreaElement;
	base: HTMLInputElement;
	editor: HTMLElement;
	bases: string[]; // versions that the text may follow: the one received, and those sent since
	saved: string; // the text that the server is known to have
	conflict: boolean;
}

// draw makes what the editor holds of a text.
function draw(text: string): DocumentFragment {
	const out = document.createDocumentFragment();
	let at = 0;
	for (const m of text.matchAll(mark)) {
		if (m.index > at) out.append(text.slice(at, m.index));
		const span = document.createElement("span");
		const value = m[2] ?? "";
		const key = m[3] ?? "";
		span.dataset["key"] = key;
		span.textContent = value;
		if (m[1] === "@") {
			span.className = "note-link";
			span.contentEditable = "false";
			span.title = "From the chart; it follows the chart until the note is signed";
		} else {
			span.className = "note-carry";
			span.dataset["text"] = value;
			span.dataset["from"] = "from " + day(key.split("/")[0] ?? "");
		}
		out.append(span);
		at = m.index + m[0].length;
	}
	if (at < text.length) out.append(text.slice(at));
	return out;
}

// day writes 2026-08-24 as 24-Aug-2026.
function day(iso: string): string {
	const [y, m, d] = iso.split("-");
	const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
	return y && m && d ? `${d}-${months[Number(m) - 1] ?? m}-${y}` : iso;
}

// sourceOf is the text that an editor holds.
export function sourceOf(root: Node): string {
	let out = "";
	for (const n of root.childNodes) {
		if (n instanceof Text) out += n.data;
		else if (n instanceof HTMLBRElement) out += "\n";
		else if (n instanceof HTMLElement) {
			const text = n.textContent ?? "";
			if (n.classList.contains("note-link")) out += `@[${text}](${n.dataset["key"] ?? ""})`;
			else if (n.classList.contains("note-carry") && text === n.dataset["text"]) out += `~[${text}](${n.dataset["key"] ?? ""})`;
			else out += (n instanceof HTMLDivElement && out !== "" ? "\n" : "") + sourceOf(n);
		}
	}
	return out.replaceAll("\u00a0", " ");
}

export const plainOf = (source: string): string => source.replace(mark, "$2");

export const carriedOf = (source: string): string => [...source.matchAll(mark)].filter((m) => m[1] === "~").map((m) => m[2] ?? "").join(" ");

export const wordsOf = (text: string): string[] => text.split(/\s+/).filter((w) => w !== "");

export const current = (s: Section): string => sourceOf(s.editor).trimEnd();

// show puts a text into the editor. The cursor stays where it was, if it was there, as far as it can.
export function show(s: Section, text: string): void {
	const had = s.editor.contains(document.activeElement) || document.activeElement === s.editor;
	s.editor.replaceChildren(draw(text));
	if (had) toEnd(s.editor);
	s.area.value = text;
	head(s);
}

export function toEnd(el: HTMLElement): void {
	el.focus();
	const range = document.createRange();
	range.selectNodeContents(el);
	range.collapse(false);
	select(range);
}

export function select(range: Range): void {
	const sel = getSelection();
	sel?.removeAllRanges();
	sel?.addRange(range);
}

// make turns the text area of a section into an editor.
export function make(details: HTMLDetailsElement): Section | null {
	const area = details.querySelector<HTMLTextAreaElement>("textarea");
	const code = details.dataset["section"];
	const base = details.querySelector<HTMLInputElement>('input[name^="base."]');
	if (!area || !code || !base) return null;
	const editor = document.createElement("div");
	editor.className = "note-editor";
	editor.setAttribute("role", "textbox");
	editor.setAttribute("aria-multiline", "true");
	editor.setAttribute("aria-label", area.getAttribute("aria-label") ?? "");
	editor.setAttribute("aria-autocomplete", "list");
	editor.setAttribute("contenteditable", "plaintext-only");
	if (editor.contentEditable !== "plaintext-only") editor.setAttribute("contenteditable", "true");
	editor.spellcheck = true;
	area.hidden = true;
	area.after(editor);
	const s: Section = { code, details, area, base, editor, bases: base.value.split(" ").filter((b) => b !== ""), saved: area.value.trimEnd(), conflict: false };
	editor.append(draw(area.value));
	if (editor.contentEditable !== "plaintext-only") editor.addEventListener("paste", (e) => { // as plain text, as the others do
		e.preventDefault();
		insertPlain(e.clipboardData?.getData("text/plain") ?? "");
	});
	head(s);
	return s;
}

// head keeps the heading of a closed section and the text area behind the editor up to date.
export function head(s: Section): void {
	const text = plainOf(s.area.value);
	const n = wordsOf(text).length;
	const words = s.details.querySelector(".note-section-words");
	const begins = s.details.querySelector(".note-section-begins");
	if (words) words.textContent = n === 1 ? "1 word" : `${n} words`;
	if (begins) begins.textContent = text.replace(/\s+/g, " ").trim().slice(0, 90);
}

// edited follows a change: what was carried and is not the same any more becomes the person's own text.
export function edited(s: Section): void {
	for (const span of s.editor.querySelectorAll<HTMLElement>(".note-carry")) {
		if (span.textContent === span.dataset["text"]) continue;
		const sel = getSelection();
		const node = sel?.anchorNode ?? null;
		const offset = sel?.anchorOffset ?? 0;
		span.replaceWith(...span.childNodes);
		if (node && node.isConnected && sel) sel.collapse(node, offset);
	}
	s.area.value = sourceOf(s.editor);
	head(s);
}

// insertPlain types text at the cursor, so that it can be undone.
export function insertPlain(text: string): void {
	document.execCommand("insertText", false, text);
}

// insert puts a text with marks in place of a range.
export function insert(s: Section, range: Range, text: string): void {
	if (!new RegExp(mark.source).test(text)) {
		select(range);
		insertPlain(text);
		return;
	}
	range.deleteContents();
	const parts = draw(text);
	const space = document.createTextNode(" ");
	parts.append(space);
	range.insertNode(parts);
	const after = document.createRange();
	after.setStart(space, 1);
	select(after);
	s.editor.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

// texts are the runs of text of an editor, in order.
function* texts(root: Node): Generator<Text> {
	const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) if (walk.currentNode instanceof Text) yield walk.currentNode;
}

// blanks are the places of *** in an editor; with needed alone those that keep the note from being signed.
export function blanks(s: Section, needed = false): Range[] {
	const optional = needed ? optionalOf(s.details) : new Set<string>();
	const out: Range[] = [];
	for (const t of texts(s.editor)) {
		for (let i = t.data.indexOf("***"); i >= 0; i = t.data.indexOf("***", i + 3)) {
			if (optional.has(sentenceAt(t.data, i))) continue;
			const r = document.createRange();
			r.setStart(t, i);
			r.setEnd(t, i + 3);
			out.push(r);
		}
	}
	return out;
}

// nextBlank selects the first *** (with needed alone, of those that must be filled in) behind the cursor, in whichever section it is, and comes round to the first again.
export function nextBlank(all: Section[], needed = false): boolean {
	const sel = getSelection();
	const at = sel && sel.rangeCount > 0 ? sel.getRangeAt(0) : null;
	const found = all.flatMap((s) => blanks(s, needed).map((r) => ({ s, r })));
	const after = at && all.some((s) => s.editor.contains(at.startContainer)) ? found.find((f) => f.r.compareBoundaryPoints(Range.START_TO_START, at) > 0) : undefined;
	const next = after ?? found[0];
	if (!next) return false;
	next.s.details.open = true;
	next.s.editor.focus();
	select(next.r);
	next.r.startContainer.parentElement?.scrollIntoView({ block: "nearest" });
	return true;
}

// paintBlanks marks what must be filled in, without touching the text.
export function paintBlanks(all: Section[]): void {
	if (!("highlights" in CSS)) return;
	CSS.highlights.set("note-blank", new Highlight(...all.flatMap((s) => blanks(s))));
}
