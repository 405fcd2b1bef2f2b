/* What this browser keeps between visits. A browser that keeps nothing only loses the convenience. */

/* Two installations may share a host under different paths. */
const place = `earshot:${new URL('.', document.baseURI).pathname}:`;

/* Who is signed in, as far as this browser remembers: { id, login, role }; {} where nobody needs to; { out: true } after
 * signing out; null before anything is known. access/meet.js writes it. */
export const WHO = `${place}who`;
export const who = read(WHO);

/* Two people may share a browser: each has a drawer of their own. */
export const drawer = place + (who?.id ? `${who.id}:` : '');

export function read(key) {
	try {
		return JSON.parse(localStorage.getItem(key));
	} catch {
		return null;
	}
}

export function write(key, value) {
	try {
		localStorage.setItem(key, JSON.stringify(value));
	} catch {
		/* Full or forbidden. */
	}
}

export const load = (name, fallback) => read(drawer + name) ?? fallback;
export const save = (name, value) => write(drawer + name, value);
