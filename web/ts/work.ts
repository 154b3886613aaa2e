import htmx from "htmx.org/dist/htmx.esm.js";
import { refresh } from "./refresh";
import { turnTo } from "./turn";

// A form beside the page: links with data-work open it, its answer replaces it or closes it. What was typed is never
// thrown away unasked.
let opener: HTMLElement | null = null;
let dirty = false; // something was typed since it was opened or sent
let warned = false; // the person was told so, and asks again to close
let sending = false;
let stepping = false; // a choice is being put into the form
let signAfter = false; // the form was sent while it was

const place = (): HTMLElement | null => document.getElementById("work");
const isOpen = (): boolean => place()?.hidden === false;

export function startWork(): void {
	document.addEventListener("click", (e) => {
		if (!(e.target instanceof Element) || e.ctrlKey || e.metaKey || e.shiftKey || e.defaultPrevented) return;
		const link = e.target.closest<HTMLAnchorElement>("a[data-work]");
		if (link && place()) {
			e.preventDefault();
			void openWork(link.href, link);
		} else if (e.target.closest("#work [data-work-close]")) {
			e.preventDefault();
			closeWork();
		}
	});
	document.addEventListener("submit", (e) => {
		const form = e.target;
		if (!(form instanceof HTMLFormElement) || form.dataset["workForm"] === undefined || !place()?.contains(form)) return;
		e.preventDefault();
		if (stepping) signAfter = true;
		else void send(form, e.submitter);
	});
	// What was chosen from a list with data-step is sent there at once; the answer is the same form with it in. A form
	// that is sent meanwhile is sent after that.
	document.addEventListener("combobox:chosen", (e) => {
		const input = e.target;
		if (!(input instanceof HTMLInputElement) || !input.dataset["step"] || !input.form || !place()?.contains(input)) return;
		stepping = true;
		void send(input.form, null, input.dataset["step"]).finally(() => {
			stepping = false;
			if (!signAfter) return;
			signAfter = false;
			place()?.querySelector<HTMLFormElement>("form[data-work-form]")?.requestSubmit();
		});
	});
	document.addEventListener("input", (e) => {
		if (e.target instanceof Element && place()?.contains(e.target)) {
			dirty = true;
			warned = false;
		}
	});
	document.addEventListener("keydown", (e) => {
		if (!isOpen() || e.defaultPrevented || e.isComposing || document.querySelector("dialog[open]")) return;
		if (e.key === "Escape") {
			e.preventDefault();
			closeWork();
		} else if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
			e.preventDefault();
			place()?.querySelector<HTMLButtonElement>(".work-foot button.btn-primary")?.click();
		}
	});
	window.addEventListener("beforeunload", (e) => {
		if (dirty && isOpen()) e.preventDefault();
	});
}

// openWork fetches the form at an address and shows it.
export async function openWork(href: string, from: HTMLElement | null): Promise<void> {
	if (isOpen() && dirty && !warned) {
		warn();
		return;
	}
	const answer = await ask(href, {});
	if (!answer) {
		location.href = href; // the browser says what is wrong
		return;
	}
	const to = answer.headers.get("HX-Redirect");
	if (to) { // signed out meanwhile, say
		location.href = to;
		return;
	}
	if (answer.headers.get("HX-Retarget") === "#toasts") { // an error with its sentence, instead of a form
		toast(await answer.text());
		return;
	}
	if (from) opener = from;
	await show(answer);
}

export function closeWork(): void {
	const at = place();
	if (!at || at.hidden) return;
	if (dirty && !warned) {
		warn();
		return;
	}
	dirty = warned = false;
	at.hidden = true;
	at.replaceChildren();
	delete document.documentElement.dataset["work"];
	(opener?.isConnected ? opener : document.getElementById("main"))?.focus();
}

function warn(): void {
	warned = true;
	say("Not saved yet. Press Esc again to discard what you typed.", true);
}

// show puts a form into its place and the cursor into its first field, or its first wrong one.
async function show(answer: Response): Promise<void> {
	const at = place();
	if (!at) return;
	at.innerHTML = await answer.text();
	at.hidden = false;
	document.documentElement.dataset["work"] = "open";
	dirty = warned = false;
	htmx.process(at);
	const first = at.querySelector<HTMLElement>('[aria-invalid="true"]') ?? at.querySelector<HTMLElement>("[autofocus]") ?? at.querySelector<HTMLElement>(".work-body input:not([type=hidden]), .work-body textarea, .work-body select, .work-body [contenteditable]");
	(first ?? at.querySelector<HTMLElement>("#work-title"))?.focus();
	if (first instanceof HTMLInputElement && first.type !== "checkbox" && first.type !== "radio") first.select();
	at.dispatchEvent(new CustomEvent("work:shown", { bubbles: true }));
}

async function send(form: HTMLFormElement, submitter: HTMLElement | null, step?: string): Promise<void> {
	if (sending) return;
	sending = true;
	const at = place();
	at?.setAttribute("aria-busy", "true");
	const filled = new FormData(form, submitter);
	let body: FormData | URLSearchParams = filled;
	if (form.enctype !== "multipart/form-data") {
		body = new URLSearchParams();
		for (const [name, value] of filled) if (typeof value === "string") body.append(name, value);
	}
	const files = [...form.querySelectorAll<HTMLInputElement>("input[type=file]")];
	const address = submitter instanceof HTMLButtonElement && submitter.hasAttribute("formaction") ? submitter.formAction : form.action;
	const answer = await ask(step ?? address, { method: "POST", body });
	sending = false;
	at?.removeAttribute("aria-busy");
	if (!answer) {
		say("Not sent: the server cannot be reached. What you typed is still here; send it again.", true);
		return;
	}
	const to = answer.headers.get("HX-Redirect");
	if (to && new URL(to, location.href).pathname === "/signin") {
		say("Not sent: you are signed out. What you typed is still here. Sign in again in another tab, then send it again.", true);
		return;
	}
	if (to) {
		dirty = warned = false;
		if (answer.headers.get("Osler-In-Place") === null) location.href = to;
		else await turnTo(to);
		return;
	}
	const next = answer.headers.get("Osler-Done");
	if (next === null) {
		if (answer.headers.get("HX-Retarget") === "#toasts") { // an error with its sentence, instead of the form
			toast(await answer.text());
			return;
		}
		await show(answer);
		for (const chosen of files) if (chosen.files?.length) keepFiles(chosen);
		dirty = true; // it came back with something wrong in it
		return;
	}
	toast(await answer.text());
	dirty = false;
	if (next) await openWork(next, null);
	else closeWork();
	await refresh();
}

// keepFiles keeps the files that were chosen in a form that came back with something wrong in it: a server cannot fill them in again.
function keepFiles(chosen: HTMLInputElement): void {
	const blank = place()?.querySelector<HTMLInputElement>(`input[type=file][name="${CSS.escape(chosen.name)}"][id="${CSS.escape(chosen.id)}"]`);
	if (blank && chosen.files) blank.files = chosen.files;
}

// ask fetches a part of a page; null if the server cannot be reached.
async function ask(href: string, init: RequestInit): Promise<Response | null> {
	try {
		return await fetch(href, { ...init, headers: { "HX-Request": "true" }, redirect: "error" });
	} catch {
		return null;
	}
}

// say puts a sentence where the person looks, at the foot of the form.
function say(sentence: string, wrong: boolean): void {
	const p = document.createElement("p");
	p.className = wrong ? "work-say work-say-wrong" : "work-say";
	p.setAttribute("role", "alert");
	p.textContent = sentence;
	place()?.querySelector(".work-say")?.remove();
	place()?.querySelector(".work-foot")?.prepend(p);
}

// toast shows a drawn message for as long as it takes to read it.
export function toast(html: string): void {
	const at = document.getElementById("toasts");
	if (!at) return;
	const box = document.createElement("div");
	box.innerHTML = html;
	at.replaceChildren(box);
	window.setTimeout(() => box.remove(), 10_000);
}
