// Which blanks of a note must be filled in. What a template asks and nobody answered is left out when the note is signed.

// pieces are the sentences of a line, as workflow/charting/blanks.go has them.
const pieces = (line: string): string[] => line.split(/(?<=\. )/);

// optionalOf are the sentences of a section that are left out if they stay as they are.
export function optionalOf(details: HTMLElement): Set<string> {
	try {
		return new Set(JSON.parse(details.dataset["optional"] ?? "[]") as string[]);
	} catch {
		return new Set();
	}
}

// answered is a text without what nobody answered.
export function answered(text: string, optional: Set<string>): string {
	return text.split("\n").map((line) => (line.includes("***") ? pieces(line).filter((p) => !optional.has(p.trim())).join("") : line)).join("\n");
}

// sentenceAt is the sentence around a place in a text.
export function sentenceAt(text: string, at: number): string {
	const from = text.lastIndexOf("\n", at - 1) + 1;
	const to = text.indexOf("\n", at);
	let start = from;
	for (const p of pieces(text.slice(from, to < 0 ? undefined : to))) {
		if (at < start + p.length) return p.trim();
		start += p.length;
	}
	return "";
}
