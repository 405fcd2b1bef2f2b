/* What the listener thinks of takes, shown at every place that shows the take: stars and hearts. Without accounts
 * the server cannot know whose rating it is, so this browser remembers which are its own.
 *
 * Event `change` (detail: the audio id). */

import { call, del, post } from './api.js';
import { announce, attr, el } from './dom.js';
import { drawn } from './icons.js';
import { load, save } from './store.js';

class Opinions extends EventTarget {
	#ratings = load('ratings', {});		/* audio id → { id, rating } */
	#favorites = new Map();			/* audio id → is it one? */

	/* Takes over what the server says of a take. */
	learn(audio) {
		if (audio.feedback) this.#favorites.set(audio.id, Boolean(audio.feedback.favorite_id));
	}

	/* This browser's own, 1–5; 0: none. */
	rating(id) {
		return this.#ratings[id]?.rating ?? 0;
	}

	/* 0 takes it back. */
	async rate(id, rating) {
		const mine = this.#ratings[id];

		if (mine) await del(`ratings/${mine.id}`).catch((e) => { if (e.status !== 404) throw e; });
		delete this.#ratings[id];
		if (rating) {
			const made = await post('ratings', { audio_id: id, rating });
			this.#ratings[id] = { id: made.id, rating };
		}
		save('ratings', this.#ratings);
		this.#changed(id);
		announce(rating ? `Rated ${rating} of 5` : 'Rating taken back');
	}

	isFavorite(id) {
		return this.#favorites.get(id) ?? false;
	}

	async favor(id, on) {
		if (on) await post('favorites', { target_type: 'audio', target_id: id }).catch((e) => { if (e.status !== 409) throw e; });
		else await call('DELETE', `favorites/by-target/audio/${id}`).catch((e) => { if (e.status !== 404) throw e; });
		this.#favorites.set(id, on);
		this.#changed(id);
		announce(on ? 'Marked as a favourite' : 'No longer a favourite');
	}

	#changed(id) {
		this.dispatchEvent(new CustomEvent('change', { detail: id }));
	}
}

export const opinions = new Opinions();

/* Five stars to press, for one take. Arrow keys move, as in any group of radio buttons. */
export function stars(id) {
	const name = `rating-${id}-${++stars.count}`;
	const error = el('span', { class: 'error', role: 'alert' });
	const buttons = [1, 2, 3, 4, 5].map((n) => el('input', {
		type: 'radio', name, value: n, 'aria-label': `${n} of 5`,
		onchange: () => say(error, () => opinions.rate(id, n)),
		/* A second press on the same star takes it back. */
		onclick: () => { if (opinions.rating(id) === n) say(error, () => opinions.rate(id, 0)); },
	}));
	const box = el('span', { class: 'stars', role: 'radiogroup', 'aria-label': 'Your rating' },
		...buttons.map((b) => el('label', {}, b, drawn('star'))));
	const show = () => {
		const mine = opinions.rating(id);

		box.dataset.rating = mine;
		for (const b of buttons) b.checked = Number(b.value) === mine;
	};

	follow(box, id, show);
	return el('span', { class: 'opinion' }, box, error);
}
stars.count = 0;

/* The heart of one take. */
export function heart(id) {
	const error = el('span', { class: 'error', role: 'alert' });
	const button = el('button', {
		class: 'heart', type: 'button', 'aria-label': 'Favourite',
		onclick: () => say(error, () => opinions.favor(id, !opinions.isFavorite(id))),
	}, drawn('heart'));

	follow(button, id, () => attr(button, 'aria-pressed', String(opinions.isFavorite(id))));
	return el('span', { class: 'opinion' }, button, error);
}

/* Shows now and whenever this take's opinion changes, for as long as the node is on the page. */
function follow(node, id, show) {
	const changed = (e) => {
		if (!node.isConnected) opinions.removeEventListener('change', changed);
		else if (e.detail === id) show();
	};

	opinions.addEventListener('change', changed);
	show();
}

async function say(line, action) {
	line.textContent = '';
	try {
		await action();
	} catch (e) {
		line.textContent = e.message;
	}
}
