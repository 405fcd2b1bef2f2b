/* What this browser keeps between visits. A browser that keeps nothing only loses the convenience. */

/* Two installations may share a host under different paths; each has its own drawer. */
const drawer = `earshot:${new URL('.', document.baseURI).pathname}:`;

export function load(name, fallback) {
	try {
		return JSON.parse(localStorage.getItem(drawer + name)) ?? fallback;
	} catch {
		return fallback;
	}
}

export function save(name, value) {
	try {
		localStorage.setItem(drawer + name, JSON.stringify(value));
	} catch {
		/* Full or forbidden. */
	}
}
