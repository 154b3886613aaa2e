// A reconciliation by single keys: t takes and l leaves the first row that is not decided, and the cursor goes along.
export function startTwin(): void {
	document.addEventListener(
		"keydown",
		(e) => {
			const value = { t: "take", l: "leave" }[e.key];
			const twin = document.querySelector("[data-twin]");
			if (!value || !twin || e.ctrlKey || e.metaKey || e.altKey || document.documentElement.dataset["keys"] === "off") return;
			const at = e.target;
			if (at instanceof HTMLElement && (at.isContentEditable || /^(TEXTAREA|SELECT)$/.test(at.tagName) || (at instanceof HTMLInputElement && at.type !== "radio"))) return;
			if (document.querySelector("dialog[open]")) return;
			const open = [...twin.querySelectorAll("fieldset")].find((f) => !f.querySelector("input:checked"));
			const choice = open?.querySelector<HTMLInputElement>(`input[value="${value}"]`);
			e.preventDefault();
			e.stopPropagation();
			if (!choice) return;
			choice.checked = true;
			choice.focus();
			choice.scrollIntoView({ block: "nearest" });
		},
		true,
	);
}
