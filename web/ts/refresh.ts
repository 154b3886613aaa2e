import htmx from "htmx.org/dist/htmx.esm.js";

// What of a page is read anew after something was changed in it; the order is that of the page.
const parts = [".topbar", ".banner", "#main"];

// refresh reads the page anew and changes in place what differs: scrolling, open rows and the focus stay.
export async function refresh(): Promise<void> {
	const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
	if (!answer.ok || answer.redirected) {
		location.reload();
		return;
	}
	const text = await answer.text();
	// A note that is being written is not read anew: it holds what was not sent yet. Only the chart beside it is.
	const shown = document.querySelector("[data-note]") ? [".topbar", ".banner", "[data-note] > .side-start", "[data-note] .note-orders"] : parts;
	for (const part of shown) {
		const target = document.querySelector(part);
		if (target) await htmx.swap({ text, target, select: part, swap: "outerMorph" });
	}
	document.dispatchEvent(new CustomEvent("page:refreshed"));
}
