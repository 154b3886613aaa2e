// Opens the dialog that a control names, and closes menus that lost the attention.
export function startDialogs(): void {
	document.addEventListener("click", (e) => {
		if (!(e.target instanceof Element)) return;
		const opener = e.target.closest<HTMLElement>("[data-dialog]");
		if (opener) openDialog(opener.dataset["dialog"] ?? "");
		for (const menu of document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]")) {
			if (!menu.contains(e.target) || opener) menu.open = false;
		}
		// A press on the backdrop closes: the dialog itself is then the target.
		if (e.target instanceof HTMLDialogElement && e.target.open) e.target.close();
	});
	document.addEventListener("keydown", (e) => {
		if (e.key !== "Escape") return;
		for (const menu of document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]")) {
			menu.open = false;
			menu.querySelector("summary")?.focus();
		}
	});
}

export function openDialog(id: string): void {
	const dialog = document.getElementById(id);
	if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}
