// Changes the theme at once and stores the choice without leaving the page. Single-letter keys need a new page to change their label,
// so that form is left to the browser.
export function startPreferences(): void {
	document.addEventListener("submit", (e) => {
		const form = e.target;
		const button = e.submitter;
		if (!(form instanceof HTMLFormElement) || form.dataset["preferences"] === undefined) return;
		if (!(button instanceof HTMLButtonElement) || button.name !== "theme") return;
		e.preventDefault();
		const root = document.documentElement;
		if (button.value === "system") delete root.dataset["theme"];
		else root.dataset["theme"] = button.value;
		for (const other of form.querySelectorAll<HTMLButtonElement>('button[name="theme"]')) other.setAttribute("aria-pressed", String(other === button));
		void fetch(form.action, { method: "POST", headers: { "Osler-Script": "1" }, body: new URLSearchParams({ theme: button.value }) });
	});
}
