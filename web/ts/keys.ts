import { openDialog } from "./dialog";
import { openPalette } from "./palette";

// Keys: Ctrl K everywhere; / and single letters outside text fields, unless the person turned them off; g and a letter to go somewhere.
export function startKeys(): void {
	let go = 0; // until when a letter after g counts, in the clock of events
	document.addEventListener("keydown", (e) => {
		if ((e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.key.toLowerCase() === "k") {
			e.preventDefault();
			openPalette("");
			return;
		}
		if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || e.isComposing) return;
		if (typing(e.target) || document.querySelector("dialog[open]")) return;
		if (document.documentElement.dataset["keys"] === "off") return;
		if (e.timeStamp < go) {
			go = 0;
			if (follow(`[data-go="${CSS.escape(e.key)}"]`)) e.preventDefault();
			return;
		}
		switch (e.key) {
			case "/":
				e.preventDefault();
				openPalette("");
				return;
			case "?":
				openDialog("keymap");
				return;
			case "g":
				go = e.timeStamp + 1500;
				return;
		}
		if (e.key.length === 1 && follow(`[data-key="${CSS.escape(e.key.toUpperCase())}"], [data-key="${CSS.escape(e.key)}"]`)) e.preventDefault();
	});
}

function typing(target: EventTarget | null): boolean {
	return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

// follow presses the first visible control that matches, or puts the cursor into it.
function follow(selector: string): boolean {
	for (const el of document.querySelectorAll<HTMLElement>(selector)) {
		if (el.offsetParent === null && getComputedStyle(el).position !== "fixed") continue;
		if (el.getAttribute("aria-disabled") === "true") continue;
		if (el instanceof HTMLInputElement) el.focus();
		else el.click();
		return true;
	}
	return false;
}
