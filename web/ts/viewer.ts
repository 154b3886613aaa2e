// Documents are printed; pictures of them are made larger, smaller, turned. Each button has a key, too; the picture itself is scrolled.
const steps = [1, 1.5, 2, 3, 4, 6];

export function startViewer(): void {
	document.addEventListener("click", (e) => {
		if (!(e.target instanceof Element)) return;
		if (e.target.closest("[data-print-page]")) window.print();
		const button = e.target.closest<HTMLElement>("[data-view]");
		const viewer = button?.closest<HTMLElement>("[data-viewer]");
		if (!button || !viewer) return;
		const zoom = Number(viewer.dataset["zoom"] ?? 0);
		const turn = Number(viewer.dataset["turn"] ?? 0);
		switch (button.dataset["view"]) {
			case "larger":
				viewer.dataset["zoom"] = String(Math.min(zoom + 1, steps.length - 1));
				break;
			case "smaller":
				viewer.dataset["zoom"] = String(Math.max(zoom - 1, 0));
				break;
			case "turn":
				viewer.dataset["turn"] = String((turn + 90) % 360);
				break;
		}
		draw(viewer);
	});
}

function draw(viewer: HTMLElement): void {
	const stage = viewer.querySelector<HTMLElement>(".picture-stage");
	const img = stage?.querySelector("img");
	if (!stage || !img || !img.naturalWidth) return;
	const scale = steps[Number(viewer.dataset["zoom"] ?? 0)] ?? 1;
	const turn = Number(viewer.dataset["turn"] ?? 0);
	const sideways = turn % 180 !== 0;
	const ratio = img.naturalHeight / img.naturalWidth;
	const room = Math.min(stage.clientWidth, (sideways ? img.naturalHeight : img.naturalWidth) * 2);
	const width = room * scale; // of what is seen, turned as it is
	const own = sideways ? width / ratio : width;
	img.style.inlineSize = `${own}px`;
	img.style.maxInlineSize = "none";
	// A turned picture keeps its box: shift it so that what is seen begins at the corner of the stage.
	const shift = (own - own * ratio) / 2;
	img.style.transform = `rotate(${turn}deg)`;
	img.style.margin = sideways ? `${shift}px ${-shift}px` : "0";
	const says = viewer.querySelector<HTMLElement>("[data-view-says]");
	if (says) says.textContent = `${Math.round(scale * 100)} %${turn ? `, turned ${turn}°` : ""}`;
}
