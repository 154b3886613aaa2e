// Signs in with a passkey: asks the server for a challenge, the device for an answer, and hands the answer back.
// The form names the two addresses: data-passkey gives the options, its action takes the answer.
interface Answer { to?: string; error?: string }

export function start(): void {
	const form = document.querySelector<HTMLFormElement>("form[data-passkey]");
	const button = form?.querySelector<HTMLButtonElement>("button");
	const label = button?.querySelector("span");
	const note = form?.querySelector<HTMLElement>("[data-passkey-note]");
	if (!form || !button || !label || !note) return;
	if (!("PublicKeyCredential" in window) || !("parseRequestOptionsFromJSON" in PublicKeyCredential)) {
		form.hidden = true;
		return;
	}
	const idle = { label: label.textContent, note: note.textContent };
	let waiting: AbortController | null = null;
	form.addEventListener("submit", (e) => {
		e.preventDefault();
		if (waiting) {
			waiting.abort();
			return;
		}
		waiting = new AbortController();
		label.textContent = "Waiting for your device";
		note.textContent = "Press again to cancel";
		void signIn(form, waiting.signal)
			.then((to) => location.assign(to))
			.catch((err: unknown) => { note.textContent = err instanceof Refused ? err.message : "No passkey was used. Try again, or use your password."; })
			.finally(() => {
				waiting = null;
				label.textContent = idle.label;
				if (note.textContent === "Press again to cancel") note.textContent = idle.note;
			});
	});
}

class Refused extends Error {}

async function signIn(form: HTMLFormElement, signal: AbortSignal): Promise<string> {
	const options = await fetch(form.dataset["passkey"] ?? "", { method: "POST", signal });
	if (!options.ok) throw new Refused("Passkeys cannot be used right now. Use your password.");
	const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await options.json() as PublicKeyCredentialRequestOptionsJSON);
	const credential = await navigator.credentials.get({ publicKey, signal });
	if (!(credential instanceof PublicKeyCredential)) throw new Error("no credential");
	const answer = await fetch(form.action, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(credential.toJSON()), signal });
	const told = await answer.json() as Answer;
	if (!answer.ok || !told.to) throw new Refused(told.error ?? "This passkey is not known here. Use your password.");
	return told.to;
}
