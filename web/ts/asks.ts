// Questions that are asked only after certain answers: they come and go while a form is filled in. The server decides again when it is
// sent; without script all of them are in sight.
interface Rule {
	q: string;
	op: string;
	v: string;
}

export function startAsks(): void {
	document.addEventListener("input", (e) => {
		const form = e.target instanceof Element ? e.target.closest("form") : null;
		if (form?.querySelector("[data-asks]")) look(form);
	});
}

function look(form: HTMLFormElement): void {
	const asked = [...form.querySelectorAll<HTMLElement>("[data-when]")];
	for (let round = 0; round <= asked.length; round++) {
		let changed = false;
		for (const el of asked) {
			const rules = JSON.parse(el.dataset["when"] ?? "[]") as Rule[];
			const met = (r: Rule): boolean => fits(given(form, r.q), r);
			const on = el.dataset["all"] === undefined ? rules.some(met) : rules.every(met);
			if (el.classList.contains("ask-off") === on) changed = true;
			el.classList.toggle("ask-off", !on);
		}
		if (!changed) return;
	}
}

// given are the answers to a question that is asked itself.
function given(form: HTMLFormElement, name: string): string[] {
	const out: string[] = [];
	for (const el of form.querySelectorAll<HTMLInputElement>(`[name="${CSS.escape(name)}"]`)) {
		if (el.closest(".ask-off")) continue;
		if ((el.type === "radio" || el.type === "checkbox") && !el.checked) continue;
		if (el.value.trim() !== "") out.push(el.value.trim());
	}
	return out;
}

function fits(answers: string[], r: Rule): boolean {
	if (r.op === "exists") return (answers.length > 0) === (r.v === "true");
	return answers.some((a) => {
		const numbers = a !== "" && r.v !== "" && !Number.isNaN(Number(a)) && !Number.isNaN(Number(r.v));
		const order = numbers ? Number(a) - Number(r.v) : a < r.v ? -1 : a > r.v ? 1 : 0;
		switch (r.op) {
			case "=":
				return order === 0;
			case "!=":
				return order !== 0;
			case ">":
				return order > 0;
			case "<":
				return order < 0;
			case ">=":
				return order >= 0;
			case "<=":
				return order <= 0;
		}
		return false;
	});
}
