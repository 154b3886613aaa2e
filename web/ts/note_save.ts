import { Section, current, show } from "./note_editor";
import { Store } from "./note_store";

// Autosave: 400 ms after the last key, and a second after the first one that is not saved, whatever comes first.
const pause = 400;
const most = 900;
const again = 2000; // milliseconds between tries while the server cannot be reached

interface Theirs { version: string; text: string; by: string; at: string }
interface Answer {
	saved: string;
	signed?: boolean;
	versions: Record<string, string>;
	texts: Record<string, Theirs>;
	conflicts: Record<string, Theirs>;
	others: string[] | null;
	stamp: number;
}

export interface Page {
	sections: Section[];
	href: string;
	stamp: number;
	changed: () => void; // somebody else's text came in
	others: (names: string[]) => void;
	conflict: (s: Section, theirs: Theirs) => void;
	state: (text: string, bad: boolean) => void;
}

const clock = (): string => new Date().toTimeString().slice(0, 8);
const newVersion = (): string => crypto.getRandomValues(new Uint32Array(4)).reduce((s, n) => s + n.toString(36).padStart(7, "0"), "");

export class Saver {
	private idle = 0;
	private latest = 0;
	private running: Promise<boolean> | null = null;
	private since = ""; // when text was typed first that is not saved
	private failed = false;
	private signed = false;
	kept = false; // what is not saved is in the browser's store
	constructor(private page: Page, private store: Store) {}

	dirty(): Section[] { return this.page.sections.filter((s) => current(s) !== s.saved); }

	// typed notes that something was typed.
	typed(): void {
		if (this.since === "") this.since = clock();
		window.clearTimeout(this.idle);
		this.idle = window.setTimeout(() => void this.save(), pause);
		if (this.latest === 0) this.latest = window.setTimeout(() => void this.save(), most);
		if (this.failed) void this.keep();
	}

	private async keep(): Promise<boolean> {
		const sections: Record<string, { text: string; bases: string[] }> = {};
		for (const s of this.dirty()) sections[s.code] = { text: current(s), bases: s.bases };
		this.kept = await this.store.keep({ sections, since: this.since });
		return this.kept;
	}

	// recover takes up what an earlier page could not send.
	async recover(): Promise<void> {
		const kept = await this.store.kept();
		if (!kept) return;
		let found = false;
		for (const s of this.page.sections) {
			const k = kept.sections[s.code];
			if (!k || k.text === s.saved || this.dirty().includes(s)) continue;
			s.bases = k.bases;
			show(s, k.text);
			s.details.open = true;
			found = true;
		}
		if (found) {
			this.page.state("Text that was not sent is back", false);
			this.page.changed();
			this.typed();
		} else await this.store.forget();
	}

	// flush saves what is not saved; false if something is left that could not be.
	async flush(): Promise<boolean> {
		for (let i = 0; i < 3 && (this.running || this.dirty().length > 0); i++) {
			if (!(await this.save())) return false;
		}
		return this.dirty().length === 0;
	}

	save(): Promise<boolean> {
		this.running ??= this.send().finally(() => {
			this.running = null;
			if (!this.failed && !this.signed && this.dirty().some((s) => !s.conflict)) this.typed();
		});
		return this.running;
	}

	private form(sent: Map<Section, { text: string; to: string }>): URLSearchParams {
		const body = new URLSearchParams();
		for (const s of this.page.sections) {
			body.set("base." + s.code, s.bases.join(" "));
			const text = current(s);
			if (text === s.saved || s.conflict) continue;
			const to = newVersion();
			body.set("text." + s.code, text);
			body.set("to." + s.code, to);
			sent.set(s, { text, to });
		}
		return body;
	}

	// stop ends the saving of a note that is not open any more.
	stop(): void {
		window.clearTimeout(this.idle);
		window.clearTimeout(this.latest);
		this.signed = true;
	}

	// leave sends what is not saved while the page goes away.
	leave(): void {
		if (this.signed) return;
		const body = this.form(new Map());
		body.set("leaving", "yes");
		navigator.sendBeacon(this.page.href + "/autosave", body);
	}

	private async send(): Promise<boolean> {
		window.clearTimeout(this.idle);
		window.clearTimeout(this.latest);
		this.latest = 0;
		if (this.signed) return false;
		const sent = new Map<Section, { text: string; to: string }>();
		const body = this.form(sent);
		for (const [s, x] of sent) s.bases = [...s.bases.slice(-20), x.to]; // the answer may be lost
		if (sent.size > 0 && !this.failed) this.page.state("Saving", false);
		let answer: Answer | null = null;
		let signIn = false;
		try {
			const r = await fetch(this.page.href + "/autosave", { method: "POST", body, headers: { "HX-Request": "true" }, redirect: "error", signal: AbortSignal.timeout(15_000) });
			signIn = r.headers.get("HX-Redirect") !== null;
			if ((r.ok || r.status === 409) && !signIn && (r.headers.get("Content-Type") ?? "").startsWith("application/json")) answer = (await r.json()) as Answer;
		} catch {
			// away; tried again
		}
		if (!answer) {
			this.failed = true;
			const where = (await this.keep()) ? "It is kept in this browser." : "Keep this page open.";
			this.page.state(`Not saved since ${this.since || clock()}. ${signIn ? "Sign in again in another tab. " : ""}${where}`, true);
			window.clearTimeout(this.idle);
			this.idle = window.setTimeout(() => void this.save(), again);
			return false;
		}
		if (answer.signed) {
			this.signed = true;
			await this.keep();
			this.page.state("Not saved: this note was signed meanwhile. Copy what is missing into an addendum.", true);
			return false;
		}
		this.take(answer, sent);
		this.page.stamp = answer.stamp;
		this.page.others(answer.others ?? []);
		if (this.dirty().length === 0) {
			this.since = "";
			this.kept = false;
			await this.store.forget();
		}
		if (this.failed || sent.size > 0) this.page.state("Saved " + answer.saved, false);
		this.failed = false;
		return this.page.sections.every((s) => !s.conflict);
	}

	private take(answer: Answer, sent: Map<Section, { text: string; to: string }>): void {
		let came = false;
		for (const s of this.page.sections) {
			const theirs = answer.conflicts[s.code];
			const mine = sent.get(s);
			const other = answer.texts[s.code];
			if (theirs) {
				s.conflict = true;
				this.page.conflict(s, theirs);
			} else if (mine) {
				s.saved = mine.text;
				s.bases = [answer.versions[s.code] ?? mine.to];
			} else if (other && current(s) === s.saved) {
				s.saved = other.text.trimEnd();
				s.bases = [other.version];
				show(s, other.text);
				came = true;
			}
			s.base.value = s.bases.join(" ");
		}
		if (came) this.page.changed();
	}
}
