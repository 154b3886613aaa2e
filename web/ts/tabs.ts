// Brings the open tab into sight where a row of tabs is wider than the screen.
export function startTabs(): void {
	show();
	addEventListener("resize", show);
}

function show(): void {
	for (const tab of document.querySelectorAll<HTMLElement>(".tabs > [aria-current]")) {
		const row = tab.parentElement;
		if (row) row.scrollLeft = tab.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
	}
}
