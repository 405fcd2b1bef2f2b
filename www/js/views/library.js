/* Library: all takes, newest first, to be searched, narrowed, heard, judged, tagged and gone on from. "#/library/ID"
 * is one take, for a link that is sent to somebody. */

import { get, Refused } from '../api.js';
import { patiently } from '../connection.js';
import { el, text } from '../dom.js';
import { Listing } from '../listing.js';
import { drop } from '../player/playlist.js';
import { to } from '../address.js';
import { tray } from '../tray.js';
import { deleteUnlessUndone, finishDeletions } from '../undo.js';
import { Filters } from '../library/filters.js';
import { Row } from '../library/row.js';

export const title = 'Library';

export function open(root, route, app) {
	return route.parts.length ? one(root, route.parts[0], app) : new Library(root, route, app);
}

class Library {
	#app;
	#rows = new Set();
	#deleting = new Set();
	#filters = new Filters(() => this.#narrow());
	#count = el('p', { class: 'hint library-count', role: 'status' });
	#fresh = el('button', { type: 'button', class: 'link', hidden: true, onclick: () => this.#refresh() });
	#empty = el('div', { class: 'empty' });
	#listing = new Listing({ row: (audio) => this.#row(audio), empty: this.#empty, label: 'Takes' });
	#made = (e) => this.#arrived(e.detail);
	#compare;

	constructor(root, route, app) {
		this.#app = app;
		this.#compare = new CompareLine();
		root.append(el('h1', { tabindex: '-1' }, title), this.#filters.form,
			el('div', { class: 'library-line' }, this.#count, this.#fresh), this.#listing.el, this.#compare.el);
		app.jobs.addEventListener('job', this.#made);
		this.moved(route);
	}

	moved(route) {
		if (route.parts.length) return false;
		this.#filters.set(route.query);
		this.#show();
		return true;
	}

	close() {
		finishDeletions();
		this.#filters.close();
		this.#compare.close();
		this.#app.jobs.removeEventListener('job', this.#made);
		for (const row of this.#rows) row.close();
	}

	/* Narrowed by hand: the address says so. */
	#narrow() {
		this.#app.rename(to('library', this.#filters.values));
		this.#show();
	}

	async #show() {
		const query = new URLSearchParams(Object.entries(this.#filters.values).filter(([, value]) => value));

		this.#fresh.hidden = true;
		/* What goes away here shall not come again with the answer. */
		finishDeletions();
		await Promise.all(this.#deleting);
		const before = this.#rows;

		this.#rows = new Set();
		if (!await this.#listing.show(`audio${query.size ? `?${query}` : ''}`)) {
			/* The old ones stand there still. */
			for (const row of before) this.#rows.add(row);
			return;
		}
		for (const row of before) row.close();
		this.#nothing();
		this.#tell();
	}

	#refresh() {
		this.#show();
		this.#filters.form.elements.q.focus({ preventScroll: true });
		scrollTo(0, 0);
	}

	#tell() {
		const n = this.#listing.total;

		text(this.#count, n ? `${n.toLocaleString('en')} ${n === 1 ? 'take' : 'takes'}` : '');
	}

	#nothing() {
		if (this.#filters.any)
			this.#empty.replaceChildren(
				el('p', { class: 'lead' }, 'Nothing like that.'),
				el('p', {}, 'No take has all of this. '),
				el('button', { type: 'button', class: 'quiet more', onclick: () => this.#filters.clear() }, 'Clear the filters'));
		else
			this.#empty.replaceChildren(
				el('p', { class: 'lead' }, 'No music yet.'),
				el('p', {}, 'All takes will stand here. ',
					el('a', { href: '#/', 'data-needs': 'creator' }, 'Make the first one in the studio')));
	}

	/* A job of this page or another is done; what one reads does not move by itself. */
	#arrived(job) {
		const newest = this.#listing.items[0]?.created_at ?? '';

		if (job.status !== 'completed' || !this.#count.isConnected || job.completed_at <= newest) return;
		if (this.#listing.items.some((audio) => audio.job_id === job.id) || this.#filters.any || !newest) return;
		text(this.#fresh, 'There are new takes: show them');
		this.#fresh.hidden = false;
	}

	#row(audio) {
		const row = new Row(audio, this.#app, (r) => this.#delete(r));

		this.#rows.add(row);
		return row.el;
	}

	async #delete(row) {
		const deleting = deleted(row);

		this.#deleting.add(deleting);
		if (await deleting && this.#rows.delete(row)) {
			this.#listing.total--;
			this.#tell();
			if (!this.#rows.size) this.#show();
		}
		this.#deleting.delete(deleting);
	}
}

/* → whether it was, which may take a while. */
async function deleted(row) {
	const { id, prompt } = row.audio;

	try {
		if (!await deleteUnlessUndone(row.el, `Deleted: ${prompt.text}`, `audio/${id}`)) return false;
	} catch (e) {
		if (!(e instanceof Refused)) throw e;
		row.note(el('span', { class: 'error' }, e.message));
		return false;
	}
	if (tray.has(id)) tray.toggle(id);
	drop(id);
	row.close();
	row.el.remove();
	return true;
}

/* How many takes are put aside to be compared, and the way there. */
class CompareLine {
	#text = el('span');
	el = el('div', { class: 'library-tray', role: 'status' }, this.#text,
		el('a', { class: 'button', href: '#/compare' }, 'Compare'),
		el('button', { type: 'button', class: 'link', onclick: () => tray.set([]) }, 'Empty'));
	#show = () => {
		const n = tray.ids.length;

		this.el.hidden = !n;
		text(this.#text, n === 1 ? 'One take to compare; choose another' : `${n} takes to compare`);
		for (const button of document.querySelectorAll('.library-tools [aria-pressed]'))
			button.setAttribute('aria-pressed', tray.has(button.closest('.player').take.id));
	};

	constructor() {
		tray.addEventListener('change', this.#show);
		this.#show();
	}

	close() {
		tray.removeEventListener('change', this.#show);
	}
}

/* One take, opened. */
async function one(root, id, app) {
	const heading = el('h1', { tabindex: '-1' }, 'One take'), list = el('ul', { class: 'rows', 'aria-label': 'Take' });
	const all = el('a', { class: 'quiet', href: '#/library' }, 'All takes');
	const compare = new CompareLine();
	let row = null;

	root.append(el('div', { class: 'view-head' }, heading, all), list, compare.el);
	try {
		const audio = await patiently(() => get(`audio/${encodeURIComponent(id)}`));

		row = new Row(audio, app, async (r) => { if (await deleted(r) && heading.isConnected) app.go('#/library'); });
		row.show(true);
		list.append(row.el);
	} catch (e) {
		if (!(e instanceof Refused)) throw e;
		list.replaceWith(el('p', { class: 'error' }, e.message));
	}
	return {
		close() {
			finishDeletions();
			row?.close();
			compare.close();
		},
	};
}
