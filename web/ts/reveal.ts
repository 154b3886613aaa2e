// Shows and hides what a password field holds.
export function startReveal(): void {
	document.addEventListener("click", (e) => {
		const button = e.target instanceof Element ? e.target.closest<HTMLElement>("[data-reveal]") : null;
		const input = button && document.getElementById(button.dataset["reveal"] ?? "");
		if (!button || !(input instanceof HTMLInputElement)) return;
		const shown = input.type === "text";
		input.type = shown ? "password" : "text";
		button.setAttribute("aria-pressed", String(!shown));
	});
}
