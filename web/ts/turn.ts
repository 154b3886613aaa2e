import htmx from "htmx.org/dist/htmx.esm.js";

// turn shows a page of this program in place of the one that is open, without loading anything but its text: the stylesheet and
// the scripts stay. The browser goes there itself where that cannot be done. address is what the answer shall be shown under; none
// keeps the address that is shown. Going back reads the page before anew.
export async function turn(answer: Response, address: string): Promise<void> {
	const html = (answer.headers.get("Content-Type") ?? "").startsWith("text/html");
	const page = html ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
	const main = page?.getElementById("main");
	if (!page || !main || scripts(page) !== scripts(document)) { // no page, or one of another version of the program
		location.href = address || answer.url;
		return;
	}
	document.dispatchEvent(new CustomEvent("page:left"));
	if (address && new URL(address, location.href).href !== location.href) history.pushState({ turned: true }, "", address);
	const root = document.documentElement;
	delete root.dataset["work"];
	root.className = page.documentElement.className;
	root.classList.add("js");
	document.title = page.title;
	document.body.replaceChildren(...page.body.childNodes);
	htmx.process(document.body);
	scrollTo(0, 0);
	document.getElementById("main")?.focus({ preventScroll: true });
	document.dispatchEvent(new CustomEvent("page:turned"));
}

// turnTo reads a page and shows it in place of the one that is open.
export async function turnTo(address: string): Promise<void> {
	let answer: Response;
	try {
		answer = await fetch(address, { headers: { Accept: "text/html" } });
	} catch {
		location.href = address; // the browser says what is wrong
		return;
	}
	if (!answer.ok || answer.redirected) location.href = address;
	else await turn(answer, address);
}

export function startTurns(): void {
	addEventListener("popstate", () => { location.reload(); });
}

const scripts = (page: Document): string => [...page.querySelectorAll("head script[src], head link[rel=stylesheet]")].map((e) => e.getAttribute("src") ?? e.getAttribute("href")).join(" ");
