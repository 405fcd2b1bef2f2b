/* The two sides of a ballot, to be listened to: on one clock, one of them sounding, in a loop until a vote ends it. Nothing
 * is drawn of the sound itself, since eyes judge too. Event `change`: more of a side was heard, or something went wrong. */

import { Deck } from '../deck/deck.js';
import { attr, el, icon, text } from '../dom.js';
import { clock } from '../words.js';
import { Heard } from './heard.js';

export const SIDES = ['left', 'right'];
const NAMES = ['Left', 'Right'];
const LOOK_MS = 250;		/* also where nobody sees it, and no frames come */

export class Sides extends EventTarget {
	#deck = null;
	#heard = null;
	#urls = null;
	#timer = 0;
	#duration_s = 0;
	#sides = NAMES.map((name, i) => new Side(name, () => this.#press(i)));
	#play = el('button', { class: 'play', type: 'button', onclick: () => this.toggle() }, icon('play'), icon('pause'));
	#range = el('input', { type: 'range', min: 0, max: 1, step: 0.1, value: 0, 'aria-label': 'Position', oninput: () => this.#seek() });
	#time = el('span', { class: 'time' });
	error = '';

	constructor() {
		super();
		this.el = el('div', { class: 'blind-player' },
			el('div', { class: 'blind-sides', role: 'group', 'aria-label': 'Listen' }, ...this.#sides.map((s) => s.el)),
			el('div', { class: 'blind-time' }, this.#play, this.#range, this.#time));
	}

	/* known: they were listened to before. */
	open(ballot, known) {
		this.#urls = SIDES.map((side) => new URL(ballot[side].stream_url, document.baseURI).href);
		this.#duration_s = ballot.left.duration_seconds;
		this.#heard = new Heard(this.#duration_s);
		if (known) this.#heard.known();
		this.#load();
	}

	close() {
		clearInterval(this.#timer);
		this.#deck?.close();
		this.#deck = null;
	}

	again() {
		this.#load();
	}

	toggle() {
		this.#deck?.toggle();
	}

	/* To hear this one, from where the other is. */
	choose(i) {
		this.#deck?.choose(i);
		this.#deck?.play();
	}

	other() {
		if (this.#deck) this.choose(1 - this.#deck.chosen);
	}

	get heard() {
		return this.#heard;
	}

	#press(i) {
		if (this.#deck?.playing && this.#deck.chosen === i) this.#deck.pause();
		else this.choose(i);
	}

	#load() {
		this.close();
		this.error = '';
		this.#deck = new Deck(this.#urls.map((url) => ({ url, duration_s: this.#duration_s })));
		this.#deck.setLoop(0, this.#duration_s);
		this.#deck.addEventListener('change', () => this.#follow());
		this.#timer = setInterval(() => this.#look(), LOOK_MS);
		attr(this.#range, 'max', this.#duration_s);
		this.#follow();
	}

	#seek() {
		if (!this.#deck) return;
		this.#heard.tick(null, 0);
		this.#deck.seek(Math.min(Number(this.#range.value), this.#duration_s - 0.1));
		this.#look();
	}

	#follow() {
		const d = this.#deck;
		if (!d) return;

		const error = [0, 1].map((i) => d.state(i).error).find(Boolean) ?? '';
		this.el.dataset.playing = d.buffering ? 'buffering' : d.playing;
		attr(this.#play, 'aria-label', d.playing ? 'Pause' : 'Play');
		this.#sides.forEach((s, i) => s.show(d.chosen === i, d.playing && !d.buffering));
		this.#look();
		if (d.playing) this.#frames();
		if (error !== this.error) {
			this.error = error;
			this.dispatchEvent(new Event('change'));
		}
	}

	#frames() {
		const deck = this.#deck;
		const step = () => {
			if (deck !== this.#deck || !deck.playing) return;
			this.#look();
			requestAnimationFrame(step);
		};

		requestAnimationFrame(step);
	}

	/* Where it is, and what was heard of it. */
	#look() {
		const d = this.#deck, at = d.position, before = this.#heard.both;

		this.#heard.tick(d.playing && !d.buffering ? d.chosen : null, at);
		this.#sides.forEach((s, i) => s.tell(this.#heard.part(i), this.#heard.left(i)));
		this.#range.value = at;
		attr(this.#range, 'aria-valuetext', `${clock(at)} of ${clock(this.#duration_s)}`);
		text(this.#time, `${clock(at)} / ${clock(this.#duration_s)}`);
		if (this.#heard.both !== before) this.dispatchEvent(new Event('change'));
	}
}

class Side {
	#far = el('span', { class: 'blind-far' });

	constructor(name, onclick) {
		const id = `blind-${name.toLowerCase()}`;

		this.#far.id = id;
		this.el = el('button', { class: 'blind-side', type: 'button', onclick },
			el('span', { class: 'blind-name' }, name), this.#far);
		/* By mouse it does not take the focus, so that the space bar goes on to mean play and pause. */
		this.el.addEventListener('mousedown', (e) => e.preventDefault());
	}

	show(chosen, sounds) {
		attr(this.el, 'aria-pressed', chosen);
		attr(this.el, 'data-sounds', chosen && sounds ? '' : null);
	}

	tell(part, left_s) {
		this.el.style.setProperty('--heard', part);
		text(this.#far, left_s ? `${Math.ceil(left_s)} s to hear` : 'heard');
	}
}
