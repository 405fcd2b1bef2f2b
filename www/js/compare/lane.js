/* One take among those that are compared: its letter, which chooses it, what is to be said of it, its
 * waveform and its spectrogram on the time line that all share. */

import { get, url } from '../api.js';
import { patiently } from '../connection.js';
import { attr, el, text } from '../dom.js';
import { heart, stars } from '../opinions.js';
import { to } from '../address.js';
import { Spectrogram } from './spectrogram.js';
import { heightOf } from './spectrum.js';
import { hueOf } from '../player/take.js';
import { levels, Waveform } from '../player/waveform.js';

const POINTS = 1000;
const MARKS_HZ = [[100, '100 Hz'], [1000, '1 kHz'], [10000, '10 kHz']];

export class Lane {
	#wave = new Waveform();
	#about = el('p', { class: 'compare-about' });
	#gain = el('span', { class: 'compare-gain' });
	#error = el('p', { class: 'error', role: 'alert' });
	#letter;
	track;
	spectrogram;

	/* does: choose(), remove(); drag(event, track) while a pointer is held on the track, drop(event, track)
	 * when it is let go (null: it was taken away). */
	constructor(take, does) {
		this.take = take;
		this.spectrogram = new Spectrogram(url(`audio/${take.id}/stream?format=wav`));
		this.#letter = el('button', { class: 'compare-letter', type: 'button', onclick: does.choose });
		this.track = el('div', { class: 'compare-track', onpointerdown: (e) => this.#press(e, does) },
			el('div', { class: 'compare-sound' },
				el('div', { class: 'compare-wave' }, this.#wave.canvas),
				el('div', { class: 'compare-pitches' }, this.spectrogram.canvas, ...MARKS_HZ.map(mark))));
		this.remove = el('button', { class: 'tool compare-remove', type: 'button', title: 'Remove', onclick: does.remove }, '×');
		this.el = el('li', { class: 'compare-lane' },
			el('div', { class: 'compare-name' }, this.#letter,
				el('div', { class: 'compare-words' }, this.#about, this.#error,
					el('div', { class: 'compare-opinion' }, stars(take.id), heart(take.id), this.remove))),
			this.track);
		this.el.style.setProperty('--hue', hueOf(take.generation_params?.seed));
	}

	close() {
		this.#wave.close();
		this.spectrogram.close();
	}

	focus() {
		this.#letter.focus();
	}

	async load() {
		this.#wave.setLevels(levels(await patiently(() => get(`audio/${this.take.id}/peaks?points=${POINTS}`))));
	}

	/* hidden: nothing that would tell which take it is. */
	name(letter, about, hidden) {
		text(this.#letter, letter);
		attr(this.#letter, 'aria-label', hidden ? `Take ${letter}` : `Take ${letter}: ${about}`);
		const link = el('a', { href: to(`library/${this.take.id}`) }, about);
		this.#about.replaceChildren(hidden ? `Take ${letter}` : link, ' ', this.#gain);
		attr(this.remove, 'aria-label', `Remove ${letter}`);
		this.letter = letter;
	}

	/* How wide it is among the others, 0…1; what it is turned down by. */
	shape(part, gain_db) {
		this.track.style.setProperty('--part', part);
		text(this.#gain, gain_db > -0.05 ? '' : `${gain_db.toFixed(1).replace('-', '−')} dB`);
	}

	show({ chosen, position_s, error }) {
		attr(this.#letter, 'aria-pressed', String(chosen));
		this.el.classList.toggle('chosen', chosen);
		this.#wave.setPosition(Math.min(1, position_s / this.take.duration_seconds));
		text(this.#error, error);
	}

	/* A press goes there, and so does every move until it is let go. */
	#press(e, does) {
		if (e.button !== 0) return;
		const { track } = this, move = (m) => does.drag(m, track);

		track.setPointerCapture(e.pointerId);
		does.drag(e, track);
		track.addEventListener('pointermove', move);
		const end = (last) => {
			track.removeEventListener('pointermove', move);
			track.removeEventListener('pointerup', end);
			track.removeEventListener('pointercancel', end);
			does.drop(last.type === 'pointerup' ? last : null, track);
		};
		track.addEventListener('pointerup', end);
		track.addEventListener('pointercancel', end);
	}
}

function mark([hz, words]) {
	const node = el('span', { 'aria-hidden': 'true' }, words);

	node.style.setProperty('bottom', `${100 * heightOf(hz)}%`);
	return node;
}
