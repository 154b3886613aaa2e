// What could not be sent is kept in the browser until it can be, sealed with a key that only the server and this page have. It is
// thrown away as soon as the server has it.
export interface Kept {
	sections: Record<string, { text: string; bases: string[] }>;
	since: string;
}

interface Sealed {
	iv: Uint8Array<ArrayBuffer>;
	data: ArrayBuffer;
}

function open(): Promise<IDBDatabase> {
	return new Promise((done, fail) => {
		const r = indexedDB.open("osler-notes", 1);
		r.onupgradeneeded = () => { r.result.createObjectStore("unsent"); };
		r.onsuccess = () => { done(r.result); };
		r.onerror = () => { fail(r.error ?? new Error("no store")); };
	});
}

async function ask<T>(mode: IDBTransactionMode, what: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> {
	const db = await open();
	try {
		return await new Promise<T>((done, fail) => {
			const r = what(db.transaction("unsent", mode).objectStore("unsent"));
			r.onsuccess = () => { done(r.result); };
			r.onerror = () => { fail(r.error ?? new Error("the store failed")); };
		});
	} finally {
		db.close();
	}
}

async function keyOf(base64: string): Promise<CryptoKey | null> {
	if (base64 === "" || !("crypto" in globalThis) || !crypto.subtle || !("indexedDB" in globalThis)) return null;
	const raw = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
	return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}

// Store keeps the unsent text of one note.
export class Store {
	private key: Promise<CryptoKey | null>;
	private held = false;
	constructor(private note: string, base64: string) {
		this.key = keyOf(base64).catch(() => null);
	}

	// keep seals and stores; false if this browser cannot.
	async keep(k: Kept): Promise<boolean> {
		try {
			const key = await this.key;
			if (!key) return false;
			const iv = crypto.getRandomValues(new Uint8Array(12));
			const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new TextEncoder().encode(JSON.stringify(k)));
			this.held = true;
			await ask("readwrite", (s) => s.put({ iv, data } satisfies Sealed, this.note));
			return true;
		} catch {
			return false;
		}
	}

	// kept is what an earlier page could not send; null if there is nothing, or nothing that this page can open.
	async kept(): Promise<Kept | null> {
		try {
			const key = await this.key;
			if (!key) return null;
			const sealed = (await ask("readonly", (s) => s.get(this.note))) as Sealed | undefined;
			if (!sealed) return null;
			this.held = true;
			const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, key, sealed.data);
			return JSON.parse(new TextDecoder().decode(text)) as Kept;
		} catch {
			return null;
		}
	}

	async forget(): Promise<void> {
		if (!this.held) return;
		this.held = false;
		try {
			await ask("readwrite", (s) => s.delete(this.note));
		} catch {
			// it is sealed, and the next page of this note tries again
		}
	}
}
