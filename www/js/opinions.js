/* What the listener thinks of takes, shown at every place that shows the take: stars and hearts. Without accounts
 * the server cannot know whose rating it is, so this browser remembers which are its own; else the server says it.
 *
 * A wish shows at once. While one is on its way, the next ones for the same take wait, and of these only the last
 * is sent; what could not be done is taken back and said at every place that shows the take.
 *
 * Event `change` (detail: the audio id). */

import { call, post, Refused, Unreachable } from './api.js';
import { connection } from './connection.js';
import { announce, attr, el, text } from './dom.js';
import { drawn } from './icons.js';
import { load, save, who } from './store.js';

const RATINGS = 'ratings';		/* in the store: audio id → { id, rating } */
const remembers = !who?.id;

/* What the server has no more is as good as deleted. */
const unless = (status) => (e) => { if (e.status !== status) throw e; };

class Opinions extends EventTarget {
	#ratings = remembers ? load(RATINGS, {}) : {};
	#favorites = new Set();
	#sums = new Map();		/* audio id → { sum, count } of all its ratings */
	#wishes = new Map();		/* "rating" or "favorite" and audio id → { value, done } */
	#errors = new Map();

	constructor() {
		super();
		/* Another tab has rated. */
		if (remembers) addEventListener('storage', () => {
			const before = this.#ratings;

			this.#ratings = load(RATINGS, {});
			for (const id of Object.keys({ ...before, ...this.#ratings }))
				if (before[id]?.rating !== this.#ratings[id]?.rating) this.#changed(id);
		});
	}

	/* Takes over what the server says of a take. */
	learn({ id, feedback }) {
		if (!feedback) return;
		if (feedback.favorite_id) this.#favorites.add(id);
		else this.#favorites.delete(id);
		if (!remembers) this.#keep(id, feedback.own_rating);
		this.#sums.set(id, { sum: (feedback.average_rating ?? 0) * feedback.rating_count, count: feedback.rating_count });
		this.#changed(id);
	}

	#keep(id, mine) {
		if (mine) this.#ratings[id] = mine;
		else delete this.#ratings[id];
	}

	/* One's own, 1–5; 0: none. */
	rating(id) {
		return this.#wishes.get(`rating ${id}`)?.value ?? this.#ratings[id]?.rating ?? 0;
	}

	/* Of all ratings: { average, count, others }; others: how many are not one's own. */
	summary(id) {
		const { sum = 0, count = 0 } = this.#sums.get(id) ?? {};

		return { average: count ? sum / count : 0, count, others: count - (this.#ratings[id] ? 1 : 0) };
	}

	isFavorite(id) {
		return this.#wishes.get(`favorite ${id}`)?.value ?? this.#favorites.has(id);
	}

	/* Why the last wish for this take did not come true. */
	error(id) {
		return this.#errors.get(id) ?? '';
	}

	/* 0 takes it back. Resolves when the server has the last wish, or has refused it; never throws. */
	rate(id, rating) {
		return this.#wish('rating', id, rating, (n) => this.#sendRating(id, n),
			(n) => (n ? `Rated ${n} of 5` : 'Rating taken back'));
	}

	favor(id, on) {
		return this.#wish('favorite', id, on, (yes) => this.#sendFavorite(id, yes),
			(yes) => (yes ? 'Marked as a favourite' : 'No longer a favourite'));
	}

	#wish(what, id, value, send, words) {
		const key = `${what} ${id}`, open = this.#wishes.get(key);

		if (open) open.value = value;
		else this.#wishes.set(key, { value, done: Promise.resolve().then(() => this.#fulfil(key, id, send, words)) });
		this.#errors.delete(id);
		this.#changed(id);
		return this.#wishes.get(key).done;
	}

	async #fulfil(key, id, send, words) {
		const wish = this.#wishes.get(key);
		let sent;

		try {
			do {
				sent = wish.value;
				await send(sent);
			} while (wish.value !== sent);
			announce(words(sent));
		} catch (e) {
			if (!(e instanceof Refused || e instanceof Unreachable)) throw e;
			if (e instanceof Unreachable) connection.doubt(e);
			this.#errors.set(id, e.message);
			announce(e.message, true);
		} finally {
			this.#wishes.delete(key);
			this.#changed(id);
		}
	}

	/* One tab at a time, where the browser can see to that: what another one has rated is known here then. */
	#sendRating(id, rating) {
		const one = () => this.#rateNow(id, rating);

		return navigator.locks ? navigator.locks.request(`${document.baseURI} rating ${id}`, one) : one();
	}

	async #rateNow(id, rating) {
		const mine = (remembers ? load(RATINGS, {}) : this.#ratings)[id];
		let made = null;

		if (mine && rating) made = await call('PUT', `ratings/${mine.id}`, { body: { rating } }).then((r) => r.data).catch(unless(404));
		else if (mine) await call('DELETE', `ratings/${mine.id}`).catch(unless(404));
		if (rating) made ??= await post('ratings', { audio_id: id, rating });
		this.#count(id, mine?.rating, rating);
		if (remembers) this.#ratings = load(RATINGS, {});
		this.#keep(id, rating && { id: made.id, rating });
		if (remembers) save(RATINGS, this.#ratings);
	}

	#count(id, before, now) {
		const s = this.#sums.get(id);

		if (!s) return;
		s.sum += (now || 0) - (before ?? 0);
		s.count += (now ? 1 : 0) - (before ? 1 : 0);
	}

	async #sendFavorite(id, on) {
		if (on) await post('favorites', { target_type: 'audio', target_id: id }).catch(unless(409));
		else await call('DELETE', `favorites/by-target/audio/${id}`).catch(unless(404));
		if (on) this.#favorites.add(id);
		else this.#favorites.delete(id);
	}

	#changed(id) {
		this.dispatchEvent(new CustomEvent('change', { detail: id }));
	}
}

export const opinions = new Opinions();

/* What shows an opinion is found on the page when it changes: nothing is held that is gone from there. */
const shows = new WeakMap();
opinions.addEventListener('change', (e) => {
	for (const node of document.querySelectorAll(`[data-opinion="${CSS.escape(e.detail)}"]`)) shows.get(node)?.();
});

/* Shows now and whenever this take's opinion changes, for as long as the node is on the page. */
export function follow(node, id, show) {
	node.dataset.opinion = id;
	shows.set(node, show);
	show();
	return node;
}

/* Five stars to press, for one take. Arrow keys move, as in any group of radio buttons. */
export function stars(id) {
	const name = `rating-${id}-${++stars.count}`;
	let before = 0;			/* what stood there when the press began */
	const buttons = [1, 2, 3, 4, 5].map((n) => el('input', {
		type: 'radio', name, value: n, 'aria-label': `${n} of 5`,
		onchange: () => opinions.rate(id, n),
		/* A second press on the same star takes it back. */
		onclick: () => { if (before === n) opinions.rate(id, 0); },
	}));
	const box = el('span', { class: 'stars', role: 'radiogroup', 'aria-label': 'Your rating',
		onpointerdown: () => { before = opinions.rating(id); },
		onkeydown: (e) => { before = e.key === ' ' ? opinions.rating(id) : 0; },
	}, ...buttons.map((b) => el('label', {}, b, drawn('star'))));

	return follow(el('span', { class: 'opinion' }, box, failure(id)), id, () => {
		const mine = opinions.rating(id);

		box.dataset.rating = mine;
		for (const b of buttons) b.checked = Number(b.value) === mine;
	});
}
stars.count = 0;

/* The heart of one take. */
export function heart(id) {
	const button = el('button', {
		class: 'heart', type: 'button', 'aria-label': 'Favourite',
		onclick: () => opinions.favor(id, !opinions.isFavorite(id)),
	}, drawn('heart'));

	return follow(el('span', { class: 'opinion' }, button), id,
		() => attr(button, 'aria-pressed', String(opinions.isFavorite(id))));
}

/* Announced already. */
function failure(id) {
	const line = el('span', { class: 'error' });

	return follow(line, id, () => text(line, opinions.error(id)));
}
