/* Several takes on one time line: what one sees and presses while a deck plays them. */

import { url } from '../api.js';
import { Deck, MIN_LOOP_S } from '../deck/deck.js';
import { compare, matched } from './differences.js';
import { announce, attr, el, icon, text } from '../dom.js';
import { drawn } from '../icons.js';
import { isFree, keysWanted } from '../player/keyfocus.js';
import { Lane } from './lane.js';
import { Prefer } from './prefer.js';
import { load, save } from '../store.js';
import { Timeline } from './timeline.js';
import { Unplayable } from '../deck/wav.js';
import { clock } from '../words.js';

const LETTERS = 'ABCDEFGHIJ';
/* What differs, and fits beside a letter. */
const WORDS = 3;

export class Comparison {
	#takes;
	#deck;
	#lanes;
	#order;				/* the lanes from top to bottom: numbers of takes */
	#prefer;
	#about;				/* what tells each take from the others, in a few words */
	#gains;
	#region = null;
	#looping = false;
	#blind = false;
	#settings = load('compare', {});
	#held_s = null;			/* where a pointer holds the playhead */
	#frame = 0;
	#closing = new AbortController();
	#drawing = false;		/* spectrograms, one after the other */
	#onKey = (e) => this.#key(e);
	#play = el('button', { class: 'play', type: 'button', onclick: () => this.#toggle() }, icon('play'), icon('pause'));
	#time = el('span', { class: 'compare-time' });
	#state = el('span', { class: 'compare-state' });
	#loop = el('button', { class: 'tool', type: 'button', 'aria-label': 'Loop', title: 'Loop (L)',
		onclick: () => this.#setLooping(!this.#looping) }, drawn('loop'));
	#in = quiet('Set in', () => this.#mark('in'), { title: 'The region begins here (I)' });
	#out = quiet('Set out', () => this.#mark('out'), { title: 'The region ends here (O)' });
	#whole = quiet('Whole length', () => this.#setRegion(null, false));
	#match = this.#switch('Same loudness', 'match', () => this.#mix());
	#spectra = this.#switch('Spectrograms', 'spectra', () => this.#showSpectra());
	#cover = quiet('Listen blind', () => this.#setBlind(!this.#blind), { 'aria-pressed': 'false' });
	#list = el('ol', { class: 'compare-lanes', 'aria-label': 'Takes' });
	#timeline;
	#board = el('div', { class: 'compare-board' });
	el;

	/* comparison: as the API has it. does: remove(id); blind(on, order): what would tell the takes apart has
	 * to go, or may come back in this order */
	constructor(comparison, does) {
		const { samples } = comparison;

		this.#takes = samples;
		this.does = does;
		this.#about = summaries(comparison);
		this.#gains = matched(samples);
		this.#order = samples.map((_, i) => i);
		this.#deck = new Deck(samples.map(({ id, duration_seconds: duration_s }) =>
			({ url: url(`audio/${id}/stream?format=wav`), duration_s })));
		this.#timeline = new Timeline(this.#board, {
			go: (to_s) => this.#seek(to_s),
			region: (from, to) => this.#setRegion({ from, to: Math.max(to, from + MIN_LOOP_S) }, true),
		});
		this.#lanes = samples.map((take, i) => new Lane(take, {
			choose: () => this.#choose(i),
			remove: () => does.remove(take.id),
			drag: (e, track) => this.#hold(this.#timeline.timeAt(e, track)),
			drop: (e, track) => this.#drop(i, e && this.#timeline.timeAt(e, track)),
		}));
		this.#prefer = new Prefer(samples);
		this.#board.append(el('div', { class: 'compare-top' }, this.#timeline.ruler), this.#list);
		this.el = el('div', { class: 'compare' },
			el('div', { class: 'compare-bar', role: 'group', 'aria-label': 'Playing' },
				this.#play, this.#time, this.#state,
				el('div', { class: 'compare-tools' }, this.#loop, this.#in, this.#out, this.#whole)),
			el('div', { class: 'compare-tools compare-switches' }, this.#match, this.#spectra, this.#cover),
			this.#board, this.#help(), this.#prefer.el);
		this.#deck.addEventListener('change', () => this.#changed());
		this.#deck.addEventListener('ended', () => announce('The end'));
		document.addEventListener('keydown', this.#onKey);
		this.#arrange();
		this.#mix();
		this.#load();
	}

	close() {
		document.removeEventListener('keydown', this.#onKey);
		cancelAnimationFrame(this.#frame);
		this.#closing.abort();
		this.#deck.close();
		this.#timeline.close();
		for (const lane of this.#lanes) lane.close();
	}

	/* A setting that this browser keeps, on unless it was put off. */
	#switch(label, name, changed) {
		const box = el('input', { type: 'checkbox', onchange: () => {
			this.#settings[name] = box.checked;
			save('compare', this.#settings);
			changed();
		} });

		box.checked = this.#settings[name] ?? true;
		return el('label', { class: 'check' }, box, label);
	}

	#on(name) {
		return this.#settings[name] ?? true;
	}

	#help() {
		const keys = [['Space', 'play and pause'], ['1 … 9, 0', 'switch to a take'], ['↑ ↓', 'the take above, below'],
			['← →', 'back and on'], ['L', 'loop'], ['I', 'the region begins here'], ['O', 'it ends here'], ['Esc', 'no region']];

		return el('details', { class: 'compare-help' }, el('summary', {}, 'Keys'),
			el('p', {}, 'Drag on the ruler to hear a region again and again. '
				+ 'Press a letter to hear that take from the same moment on.'),
			el('dl', { class: 'keys-list' },
				...keys.flatMap(([key, what]) => [el('dt', {}, el('kbd', {}, key)), el('dd', {}, what)])));
	}

	/* The lanes in their order, under their letters. */
	#arrange() {
		const letters = this.#letters();

		this.#list.replaceChildren(...this.#order.map((i) => this.#lanes[i].el));
		this.#lanes.forEach((lane, i) => lane.name(letters[i], this.#about[i], this.#blind));
		this.el.classList.toggle('blind', this.#blind);
		attr(this.#cover, 'aria-pressed', String(this.#blind));
		text(this.#cover, this.#blind ? 'Show which is which' : 'Listen blind');
		this.#showSpectra();
		this.#changed();
	}

	#letters() {
		return this.#takes.map((_, i) => LETTERS[this.#order.indexOf(i)]);
	}

	#mix() {
		const on = this.#on('match');

		this.#gains.forEach((gain_db, i) => this.#deck.setGain(i, on ? gain_db : 0));
		this.#changed();
	}

	/* The waveforms, each with a failure of its own; then the spectrograms, one after the other. */
	async #load() {
		const fail = (lane) => (e) => {
			if (!('status' in e)) throw e;
			lane.failed = e.message;
			this.#changed();
		};

		this.#prefer.load();
		await Promise.all(this.#lanes.map((lane) => lane.load().catch(fail(lane))));
		this.#showSpectra();
	}

	async #showSpectra() {
		const wanted = this.#on('spectra') && !this.#blind;

		this.#board.classList.toggle('spectra', wanted);
		if (!wanted || this.#drawing) return;
		this.#drawing = true;
		/* First what is heard. */
		await this.#deck.settled();
		for (const i of this.#order) {
			const { spectrogram } = this.#lanes[i], { signal } = this.#closing;

			if (!this.#on('spectra') || signal.aborted) break;
			/* The deck says what is wrong with a take, at its lane. */
			await spectrogram.make(signal).catch((e) => {
				if (!signal.aborted && !('status' in e) && !(e instanceof Unplayable)) throw e;
			});
		}
		this.#drawing = false;
	}

	#toggle() {
		this.#deck.toggle();
		announce(this.#deck.playing ? `Playing ${this.#letters()[this.#deck.chosen]}` : 'Paused');
	}

	#choose(i) {
		if (i === undefined || i === this.#deck.chosen) return;
		this.#deck.choose(i);
		announce(`${this.#letters()[i]}`);
		/* The space bar would go back to the letter that was pressed before. */
		if (document.activeElement.matches('.compare-letter')) this.#lanes[i].focus();
	}

	#seek(to_s) {
		this.#deck.seek(to_s);
	}

	#hold(at_s) {
		this.#held_s = at_s;
		this.#show();
	}

	/* What one presses on is what one wants to hear. */
	#drop(i, at_s) {
		this.#held_s = null;
		if (at_s === null) return this.#show();
		this.#choose(i);
		this.#seek(at_s);
	}

	#setRegion(region, looping) {
		this.#region = region;
		this.#setLooping(looping);
		if (region) announce(`Region from ${clock(region.from)} to ${clock(region.to)}`);
	}

	#setLooping(on) {
		this.#looping = on;
		if (!on) this.#deck.setLoop(null);
		else this.#deck.setLoop(this.#region?.from ?? 0, this.#region?.to ?? this.#deck.duration);
		if (on && this.#region && (this.#deck.position < this.#region.from)) this.#deck.seek(this.#region.from);
		this.#changed();
	}

	/* The region begins, or ends, where it is now. */
	#mark(side) {
		const at = this.#deck.position, { from, to } = this.#region ?? { from: 0, to: this.#deck.duration };

		if (side === 'in') this.#setRegion({ from: at, to: to > at + MIN_LOOP_S ? to : this.#deck.duration }, true);
		else this.#setRegion({ from: from < at - MIN_LOOP_S ? from : 0, to: at }, true);
	}

	#setBlind(on) {
		this.#blind = on;
		if (on) {
			shuffle(this.#order);
			this.#deck.choose(this.#order[0]);
		}
		/* The letters that one has got used to stay. */
		this.does.blind(on, this.#order);
		this.#arrange();
		announce(on ? 'The takes are in another order, without names' : 'The names are shown');
	}

	#changed() {
		const { playing, buffering, duration, chosen } = this.#deck;

		this.#timeline.duration = duration;
		this.#timeline.showRegion(this.#region, this.#looping);
		this.#whole.hidden = !this.#region;
		this.el.dataset.playing = buffering ? 'buffering' : playing;
		attr(this.#play, 'aria-label', playing ? 'Pause' : 'Play');
		attr(this.#loop, 'aria-pressed', String(this.#looping));
		text(this.#state, buffering ? 'The sound is on its way …' : '');
		this.#lanes.forEach((lane, i) => {
			/* Its length would tell which one it is. */
			const part = this.#blind || !duration ? 1 : this.#deck.state(i).duration_s / duration;

			lane.shape(part, this.#on('match') && !this.#blind ? this.#gains[i] : 0);
		});
		this.#prefer.show(this.#letters(), chosen, this.#blind);
		this.el.style.setProperty('--hue', this.#blind ? 250 : this.#lanes[chosen].el.style.getPropertyValue('--hue'));
		this.#show();
	}

	/* With every frame, as long as it moves. */
	#show() {
		const at = this.#held_s ?? this.#deck.position;

		cancelAnimationFrame(this.#frame);
		text(this.#time, `${clock(at)} / ${clock(this.#deck.duration)}`);
		this.#timeline.show(at);
		this.#lanes.forEach((lane, i) => lane.show({ chosen: i === this.#deck.chosen, position_s: at,
			error: this.#deck.state(i).error || lane.failed || '' }));
		if (this.#deck.playing) this.#frame = requestAnimationFrame(() => this.#show());
	}

	#key(e) {
		/* A press on the letter that sounds already would do nothing. */
		const idle = e.key === ' ' && e.target.closest?.('.compare-letter[aria-pressed="true"]');
		if (e.defaultPrevented || !(isFree(e) || idle) || (e.key !== ' ' && !keysWanted())) return;

		const action = this.#action(e.key.length === 1 ? e.key.toLowerCase() : e.key);
		if (!action) return;
		e.preventDefault();
		/* Nor is it for the player, which may not have been loaded yet and could not see that. */
		e.stopPropagation();
		if (!e.repeat || e.key.startsWith('Arrow')) action();
	}

	#action(key) {
		const { position, duration, chosen } = this.#deck, at = this.#order.indexOf(chosen);
		const step = duration > 60 ? 5 : 1, nth = '1234567890'.indexOf(key), letter = LETTERS.indexOf(key.toUpperCase());

		if (nth >= 0) return () => this.#choose(this.#order[nth]);
		/* Up to H: I and O are where the region begins and ends. */
		if (key.length === 1 && letter >= 0 && letter < Math.min(8, this.#order.length))
			return () => this.#choose(this.#order[letter]);
		return {
			' ': () => this.#toggle(),
			ArrowUp: () => this.#choose(this.#order[at - 1]),
			ArrowDown: () => this.#choose(this.#order[at + 1]),
			ArrowLeft: () => this.#seek(position - step),
			ArrowRight: () => this.#seek(position + step),
			l: () => this.#setLooping(!this.#looping),
			i: () => this.#mark('in'),
			o: () => this.#mark('out'),
			Escape: this.#region && (() => this.#setRegion(null, false)),
		}[key];
	}
}

/* "Seed 42, Key C minor": what tells each take from the others; with how its prompt begins, when there are
 * several. */
function summaries(comparison) {
	const { differing } = compare(comparison), { samples } = comparison;

	return samples.map((take, i) => {
		const tells = differing.slice(0, comparison.same_prompt ? WORDS : 1)
			.map(({ label, values }) => `${label} ${values[i]}`);

		if (!comparison.same_prompt || !tells.length) tells.push(take.prompt.text);
		return tells.join(', ');
	});
}

function quiet(words, onclick, props) {
	return el('button', { class: 'quiet', type: 'button', onclick, ...props }, words);
}

function shuffle(list) {
	for (let i = list.length - 1; i > 0; i--) {
		const j = Math.floor(Math.random() * (i + 1));

		[list[i], list[j]] = [list[j], list[i]];
	}
}
