// What the scripts of the pages call of htmx; the rest it does by the attributes in the pages.
declare module "htmx.org/dist/htmx.esm.js" {
	const htmx: {
		process(within: Element): void;
		swap(what: { text: string; target: Element; swap: string; select?: string }): Promise<void>;
	};
	export default htmx;
}
