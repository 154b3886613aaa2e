// Loaded by every page: partial updates, keys, the palette, small behaviours. Everything here improves pages that work without it.
import "htmx.org/dist/htmx.esm.js";
import { startComboboxes } from "./combobox";
import { startActs } from "./act";
import { startAsks } from "./asks";
import { startDialogs } from "./dialog";
import { startKeys } from "./keys";
import { startPalette } from "./palette";
import { startPreferences } from "./preferences";
import { startReveal } from "./reveal";
import { startTabs } from "./tabs";
import { startTurns } from "./turn";
import { startTwin } from "./twin";
import { startViewer } from "./viewer";
import { startWork } from "./work";

document.documentElement.classList.add("js");
startDialogs();
startPalette();
startKeys();
startPreferences();
startReveal();
startComboboxes();
startTabs();
startTwin();
startViewer();
startWork();
startActs();
startAsks();
startTurns();
document.addEventListener("page:turned", () => {
	startPalette();
	islands();
});
islands();

// Islands: loaded only by pages that hold the element they serve.
function islands(): void {
	if (document.querySelector("[data-passkey]")) void import("./passkey").then((m) => m.start());
	if (document.querySelector("[data-note], [data-note-print]")) void import("./note").then((m) => m.start());
}
