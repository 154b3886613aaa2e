import { refresh } from "./refresh";
import { toast } from "./work";

// Forms with data-act do something to the page they stand on: it is read anew in place, and what was done is said at the foot.
export function startActs(): void {
	document.addEventListener("submit", (e) => {
		const form = e.target;
		if (!(form instanceof HTMLFormElement) || form.dataset["act"] === undefined) return;
		e.preventDefault();
		if (form.getAttribute("aria-busy") === "true") return;
		void act(form, e.submitter);
	});
	// The row that is open beside a list stays in sight, however it was opened.
	for (const name of ["htmx:after:swap", "page:refreshed"]) document.addEventListener(name, () => document.querySelector("[data-follow] [aria-current]")?.scrollIntoView({ block: "nearest" }));
}

async function act(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
	form.setAttribute("aria-busy", "true");
	const body = new URLSearchParams();
	for (const [name, value] of new FormData(form, submitter)) if (typeof value === "string") body.append(name, value);
	let answer: Response;
	try {
		answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" }, redirect: "error" });
	} catch {
		form.removeAttribute("aria-busy");
		toast('<p class="message message-crit" role="alert">Not done: the server cannot be reached. Try it again.</p>');
		return;
	}
	form.removeAttribute("aria-busy");
	const to = answer.headers.get("HX-Redirect");
	if (to) {
		location.href = to;
		return;
	}
	toast(await answer.text());
	await refresh();
}
