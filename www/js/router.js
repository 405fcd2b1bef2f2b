/* Which view is shown. An address is "#/view/part?query": the page is one file, and works under any path of
 * any server without rewriting.
 *
 * A view is a module with
 *	title				what stands in the browser's tab
 *	open(root, route, app)		fills the empty element; → (a promise of) an object with
 *		moved?(route)		the same view at another address: → true when it has taken that over
 *		close?()		it goes away: stop asking, stop listening
 * `app` is what main.js gives to all of them. */

import { Unreachable } from './api.js';
import { connection } from './connection.js';
import { el } from './dom.js';
import { load, save } from './store.js';

/* "#/tests/42/listen?x=1" → { name: 'tests', parts: ['42', 'listen'], query: URLSearchParams } */
export function parse(hash) {
	const [path, query] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
	const [name, ...parts] = path.split('/').map(unescaped);

	return { name, parts: parts.filter(Boolean), query: new URLSearchParams(query ?? '') };
}

function unescaped(part) {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}

/* What bring(), an import(), brings, however long the server stays away. */
export async function arrived(bring) {
	for (;;) {
		try {
			return await bring();
		} catch (e) {
			/* A browser remembers that a module failed; only a fresh page asks for it again. */
			console.error(e);
			connection.doubt(new Unreachable('A part of the page could not be loaded.'));
			await connection.up();
			/* Not on and on where it is the file that is broken. */
			await new Promise((done) => setTimeout(done, load('reloaded', 0) + 3e4 - Date.now()));
			save('reloaded', Date.now());
			location.reload();
		}
	}
}

export class Router {
	#views;
	#root;
	#app;
	#name = null;
	#shown = null;
	#hash = '';
	#turn = 0;
	#fresh = true;			/* by a link, and not by the browser's way back */
	#scrolled = new Map();		/* address → how far down its reader was */

	/* views: name → a function that gets the module; `missing` is for all other names */
	constructor(views, root, app) {
		this.#views = views;
		this.#root = root;
		this.#app = app;
	}

	start() {
		history.scrollRestoration = 'manual';
		addEventListener('hashchange', () => this.#show());
		document.addEventListener('click', (e) => { if (e.target.closest?.('a[href^="#/"]')) this.#fresh = true; });
		return this.#show(true);
	}

	/* Resolves when the view is open. */
	go(hash) {
		this.#fresh = true;
		history.pushState(null, '', hash);
		return this.#show();
	}

	/* The view says itself where it is (a filter was set): no way back is made, and nothing opens anew. */
	rename(hash) {
		if (location.hash.startsWith('#/') || location.hash === '') history.replaceState(null, '', hash);
		this.#hash = hash;
	}

	async #show(first = false) {
		const hash = location.hash || '#/';
		if (!hash.startsWith('#/')) return;

		const turn = ++this.#turn, route = parse(hash), down = this.#fresh ? 0 : this.#scrolled.get(hash) ?? 0;

		this.#fresh = false;
		this.#scrolled.set(this.#hash, scrollY);
		this.#hash = hash;
		if (route.name === this.#name && await this.#shown?.moved?.(route)) return;
		this.#mark(route.name);
		const has = Object.hasOwn(this.#views, route.name);
		const module = await arrived(has ? this.#views[route.name] : this.#views.missing);
		if (turn !== this.#turn) return;
		this.#shown?.close?.();
		this.#shown = null;
		this.#name = route.name;
		document.title = `${module.title} · Earshot`;
		const root = el('div', { class: `view view-${route.name || 'studio'}` });
		this.#root.replaceChildren(root);
		const shown = await module.open(root, route, this.#app);
		if (turn !== this.#turn) return shown?.close?.();
		this.#shown = shown;
		scrollTo(0, down);
		/* A screen reader begins where the view begins; on the first one it begins with the page. */
		if (!first) document.querySelector('main h1:not([hidden] *)')?.focus({ preventScroll: true });
	}

	#mark(name) {
		for (const a of document.querySelectorAll('.nav a, .account')) {
			const here = parse(a.hash).name === name;

			if (here) a.setAttribute('aria-current', 'page');
			else a.removeAttribute('aria-current');
			if (here) a.scrollIntoView({ block: 'nearest', inline: 'center' });
		}
	}
}
