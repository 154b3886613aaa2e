// Brings tabs into sight where a row of them is wider than the screen: the open one, and those that the keyboard reaches.
export function startTabs(): void {
	show();
	addEventListener("resize", show);
	document.addEventListener("page:turned", show);
	document.addEventListener("focusin", (e) => {
		if (e.target instanceof Element && e.target.matches(".tabs > a")) e.target.scrollIntoView({ block: "nearest", inline: "nearest" });
	});
}

function show(): void {
	for (const tab of document.querySelectorAll<HTMLElement>(".tabs > [aria-current]")) {
		const row = tab.parentElement;
		if (row) row.scrollLeft = tab.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
	}
}
