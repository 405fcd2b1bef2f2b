/* Plays several takes as one: on one clock, of which one sounds and the others run along silently. So
 * switching between them keeps the position to the sample, and does not click.
 *
 * Each take comes as WAV, in pieces of a few seconds (reel.js), which are handed to the audio context ahead
 * of time, to the sample where they belong (run.js). So takes of any length need the memory of some seconds.
 * The piece that should sound and is late stops the clock of all; a silent take that is late joins in where
 * the others are. Takes that are shorter than others are silent after their end.
 *
 * Switching: one gain falls to 0 while another rises, both in straight lines at the same time. Takes that are
 * compared are alike, often the same but for a detail; what they share keeps its level throughout that way,
 * where fades of equal power would make a bump of 3 dB. FADE_S is long enough not to click and too short to
 * be heard as a fade.
 *
 * Events: `change` (anything that a view shows, but not that time goes by: ask for `position` with each
 * frame), `ended`. Times in seconds. */

import { player } from '../player/player.js';
import { Reel } from './reel.js';
import { Run, SEAM_S, tailFrames } from './run.js';
import { Unplayable } from './wav.js';

export const FADE_S = 0.015;
export const MIN_LOOP_S = 0.25;
const PIECE_S = 3;
const AHEAD_S = 6;		/* that much is fetched and scheduled while it plays, */
const READY_S = 0.5;		/* that much before it begins, and after it was late, */
const MARGIN_S = 0.15;		/* and with less than that left it is late */
const LEAD_S = 0.03;		/* what is decided now is heard then: the context works ahead in blocks */
const TICK_MS = 200;
const AT_ONCE = 4;		/* a browser has six connections to a server, and the page wants some */
const REST_MS = 2000;		/* a context that is silent for so long lets the device go */

class Track {
	gain_db = 0;
	level = 0;			/* where its gain is, or goes */
	output = null;
	error = null;
	fetching = null;		/* { piece (null: the header), abort } */
	pieces = new Map();		/* number → AudioBuffer */

	constructor({ url, duration_s = 0, gain_db = 0 }) {
		this.reel = new Reel(url);
		this.gain_db = gain_db;
		this.expected_s = duration_s;
	}

	get duration_s() {
		return this.reel.format ? this.reel.duration_s : this.expected_s;
	}

	get pieceFrames() {
		return Math.round(PIECE_S * this.reel.format.rate);
	}

	/* The numbers of the pieces in which from…to is. */
	numbers(from, to) {
		const { rate, frames } = this.reel.format, last = Math.min(Math.ceil(to * rate), frames) - 1;
		const first = Math.floor(from * rate / this.pieceFrames + 1e-9), out = [];

		for (let k = first; k * this.pieceFrames <= last; k++) out.push(k);
		return out;
	}
}

export class Deck extends EventTarget {
	#tracks;
	#make;
	#context = null;
	#runs = [];			/* that sound or will, in their order; none: nothing sounds */
	#at = 0;			/* the position while nothing sounds */
	#wanted = false;		/* to play */
	#ended = false;
	#chosen = 0;
	#loop = null;
	#faded = 0;			/* when the last switch is done, in the context's time */
	#timer = 0;
	#rest = 0;
	#closed = false;
	#onPlayer = () => { if (player.id && player.state(player.id).playing) this.pause(); };

	/* tracks: [{ url, duration_s? (until the file says it), gain_db? }…]. context(rate): makes the audio
	 * context, when it is first needed; a test gives one that renders into memory, and calls tick() itself. */
	constructor(tracks, { context = (sampleRate) => new AudioContext({ sampleRate }) } = {}) {
		super();
		this.#make = context;
		this.#tracks = tracks.map((t) => new Track(t));
		player.addEventListener('change', this.#onPlayer);
		this.#fetch();
	}

	/* Until close(), wanted: playing or waiting to. */
	get playing() { return this.#wanted; }
	get buffering() { return this.#wanted && !this.#runs.length; }
	get chosen() { return this.#chosen; }
	get loop() { return this.#loop && { ...this.#loop }; }
	get duration() { return Math.max(0, ...this.#tracks.map((t) => t.duration_s)); }

	/* How many pieces of sound are kept in memory. */
	get held() { return this.#tracks.reduce((n, t) => n + t.pieces.size, 0); }

	get position() {
		if (!this.#runs.length) return this.#at;
		return Math.min(this.#runAt(this.#context.currentTime).positionAt(this.#context.currentTime), this.duration);
	}

	/* ready: its length is known and it can be chosen; error: a sentence, or '' */
	state(i) {
		const { reel, error, duration_s } = this.#tracks[i];

		return { ready: Boolean(reel.format), error: error?.message ?? '', duration_s };
	}

	toggle() {
		if (this.#wanted) this.pause();
		else this.play();
	}

	/* In answer to a press of a key or a button: browsers want that before they let anything sound. */
	play() {
		if (this.#wanted || this.#closed) return;
		player.pause();
		for (const t of this.#tracks) t.error = null;
		if (this.#at >= this.duration) this.#at = this.#loop?.from ?? 0;
		this.#ended = false;
		this.#wanted = true;
		this.#open();
		if (this.#context instanceof AudioContext) {
			clearTimeout(this.#rest);
			this.#context.resume().catch(() => {});
			this.#timer = setInterval(() => this.tick(), TICK_MS);
		}
		this.tick();
		this.#changed();
	}

	pause() {
		if (!this.#wanted) return;
		this.#wanted = false;
		this.#cut();
		clearInterval(this.#timer);
		if (this.#context instanceof AudioContext) this.#rest = setTimeout(() => this.#context.suspend(), REST_MS);
		this.#changed();
	}

	seek(position) {
		const time = this.#cut();

		this.#at = Math.min(Math.max(0, position), this.duration);
		this.#ended = false;
		if (this.#wanted) this.#begin(time);
		this.#fetch();
		this.#changed();
	}

	/* Which of the tracks sounds. */
	choose(i) {
		if (i === this.#chosen || !this.#tracks[i]) return;
		this.#chosen = i;
		this.#tracks[i].error = null;
		this.#mix();
		if (this.#wanted) this.tick();
		else this.#fetch();
		this.#changed();
	}

	setGain(i, gain_db) {
		this.#tracks[i].gain_db = gain_db;
		this.#mix();
	}

	/* A stretch to play again and again, at least MIN_LOOP_S long; null: none. A loop of the whole ends with
	 * the longest take. */
	setLoop(from, to) {
		const end = this.duration;

		if (from === null) this.#loop = null;
		else {
			const start = Math.max(0, Math.min(from, end - MIN_LOOP_S));
			this.#loop = { from: start, to: Math.max(start + MIN_LOOP_S, Math.min(to, end)) };
		}
		/* What is scheduled knows the loop as it was. Going on where it is, it fades into itself, which is not
		 * heard. */
		const at = this.position;
		this.seek(this.#loop && at >= this.#loop.to ? this.#loop.from : at);
	}

	close() {
		this.#closed = true;
		this.#wanted = false;
		clearInterval(this.#timer);
		clearTimeout(this.#rest);
		player.removeEventListener('change', this.#onPlayer);
		for (const t of this.#tracks) t.fetching?.abort.abort();
		if (this.#context instanceof AudioContext) this.#context.close();
	}

	/* Keeps what is scheduled and fetched ahead of the clock. Runs by itself; a test calls it. */
	tick() {
		if (this.#closed) return;
		if (this.#wanted && !this.#runs.length) this.#begin(this.#soon());
		if (this.#wanted && this.#runs.length) {
			this.#goOn();
			this.#schedule();
			if (this.#isLate()) this.#stall();
		}
		this.#fetch();
	}

	/* Resolves when nothing is being fetched: all that is wanted is here, or has failed. */
	async settled() {
		while (this.#tracks.some((t) => t.fetching))
			await Promise.all(this.#tracks.map((t) => t.fetching?.done));
	}

	#changed() {
		this.dispatchEvent(new Event('change'));
	}

	#open() {
		if (this.#context) return;
		/* At the rate of what is played nothing has to be resampled on the way to it. */
		this.#context = this.#make(Math.max(...this.#tracks.map((t) => t.reel.format?.rate ?? 0)) || 48000);
		for (const t of this.#tracks) {
			t.output = this.#context.createGain();
			t.output.gain.value = 0;
			t.output.connect(this.#context.destination);
		}
		this.#mix();
		/* A telephone call may take the sound away. */
		this.#context.addEventListener('statechange', () => {
			if (this.#context.state === 'interrupted') this.pause();
		});
	}

	/* The earliest time at which something new can be heard, on the grid of the context's frames. */
	#soon() {
		const { currentTime, sampleRate } = this.#context;

		return Math.ceil((currentTime + LEAD_S) * sampleRate) / sampleRate;
	}

	/* Lets every gain go where it belongs, one fade after another, so that none is ever cut short. */
	#mix() {
		if (!this.#context) return;
		const time = Math.max(this.#soon(), this.#faded);
		let moves = false;

		this.#tracks.forEach((t, i) => {
			const level = i === this.#chosen ? 10 ** (t.gain_db / 20) : 0;

			if (level === t.level) return;
			/* Nothing sounds that could click; nor should what begins begin with a fade. */
			if (!this.#runs.length && this.#faded <= this.#context.currentTime) {
				t.output.gain.setValueAtTime(level, this.#context.currentTime);
			} else {
				t.output.gain.setValueAtTime(t.level, time);
				t.output.gain.linearRampToValueAtTime(level, time + FADE_S);
				moves = true;
			}
			t.level = level;
		});
		if (moves) this.#faded = time + FADE_S;
	}

	#runAt(time) {
		return this.#runs.findLast((r) => r.at <= time) ?? this.#runs[0];
	}

	/* Ends what sounds, so that the position stays where it then is: → when that will be. */
	#cut() {
		if (!this.#runs.length) return this.#context && this.#soon();
		let time = this.#soon(), run = this.#runAt(time);

		time = Math.max(time, run.steady);
		/* A fade that is under way is not cut short, nor one that is about to begin. */
		if (run.until < time + SEAM_S && this.#runs.includes(run)) {
			run = this.#runs[this.#runs.indexOf(run) + 1] ?? run;
			time = Math.max(time, run.steady);
		}
		this.#at = Math.min(run.positionAt(time), this.duration);
		for (const r of this.#runs) {
			if (r === run && run.until > time) r.end(time);
			else if (r.at > time) r.drop();
			else r.over();
		}
		this.#runs = [];
		return time;
	}

	/* Begins to sound at this time, if what sounds is here. */
	#begin(time) {
		const { sampleRate } = this.#context, loop = this.#loop;

		this.#runs = [];
		/* Too near to the loop's end to fade in and out again. */
		if (loop && this.#at < loop.to && this.#at > loop.to - 4 * SEAM_S) this.#at = loop.from;
		this.#at = Math.round(this.#at * sampleRate) / sampleRate;
		if (!this.#has(this.#chosen, this.#at, this.#at + READY_S)) return;
		this.#addRun(time, this.#at);
		this.#changed();
	}

	#addRun(at, from) {
		const { sampleRate } = this.#context, loop = this.#loop;
		const to = loop && from < loop.to ? Math.round(loop.to * sampleRate) / sampleRate : Infinity;

		this.#runs.push(new Run(this.#context, this.#tracks.map((t) => t.output), { at, from, to }));
	}

	/* Is this stretch of a take in memory, as far as the take goes? */
	#has(i, from, to) {
		const t = this.#tracks[i];

		return t.reel.format && t.numbers(from, to).every((k) => t.pieces.has(k));
	}

	/* Leaves behind what has sounded, and makes the loop go round. */
	#goOn() {
		const now = this.#context.currentTime, { sampleRate } = this.#context;

		while (this.#runs[1] && this.#runs[0].until + SEAM_S < now) this.#runs.shift().over();
		for (let last = this.#runs.at(-1); last.until < now + AHEAD_S; last = this.#runs.at(-1))
			this.#addRun(last.until, Math.round(this.#loop.from * sampleRate) / sampleRate);
		if (this.#runs[0].positionAt(now) < this.duration || this.#runs[1]) return;
		this.pause();
		this.#at = this.duration;
		this.#ended = true;
		this.dispatchEvent(new Event('ended'));
		this.#changed();
	}

	#schedule() {
		const now = this.#context.currentTime;

		for (const run of this.#runs) {
			const from = run.positionAt(now), to = Math.min(run.to, run.positionAt(now + AHEAD_S));

			this.#tracks.forEach((t, i) => {
				if (!t.reel.format) return;
				for (const k of t.numbers(from, to))
					if (!run.has(i, k) && t.pieces.has(k))
						run.place(i, k, { buffer: t.pieces.get(k), first: k * t.pieceFrames, frames: t.pieceFrames });
			});
		}
	}

	/* Will what is chosen fall silent in a moment for want of sound? */
	#isLate() {
		const time = this.#context.currentTime + MARGIN_S, run = this.#runs.length && this.#runAt(time);
		const t = this.#tracks[this.#chosen];

		if (!run) return false;
		if (!t.reel.format) return true;
		const at = run.positionAt(time);
		return t.numbers(at, at + 1 / t.reel.format.rate).some((k) => !run.has(this.#chosen, k));
	}

	#stall() {
		if (this.#tracks[this.#chosen].error) return this.pause();
		this.#cut();
		this.#changed();
	}

	/* The stretches of the time line that come next. */
	*#coming() {
		const loop = this.#loop;
		let at = this.position, left = this.#wanted ? AHEAD_S : READY_S;

		for (; left > 0; at = loop.from) {
			const to = Math.min(loop && at < loop.to ? loop.to : this.duration, at + left);
			yield [at, to, left];
			left -= Math.max(to - at, 0);
			if (!loop || to <= at) return;
		}
	}

	/* What a track needs, the nearest first: [[piece, how soon]…] */
	#needs(t) {
		const needs = new Map();

		for (const [from, to, left] of this.#coming())
			for (const k of t.numbers(from, to))
				if (!needs.has(k)) needs.set(k, AHEAD_S - left + Math.max(0, k * PIECE_S - from));
		return [...needs];
	}

	/* Begins to fetch what is missing most, and forgets what is not wanted any more. */
	#fetch() {
		if (this.#closed) return;
		const opening = this.#tracks.some((t) => t.fetching?.piece === null), missing = [];

		this.#tracks.forEach((t, i) => {
			const chosen = i === this.#chosen;

			if (!t.reel.format) {
				/* One after the other: the server may have to convert it first. */
				if (!t.fetching && !t.error && !opening) missing.push([chosen ? -2 : -1, t, null]);
				return;
			}
			const needs = this.#needs(t), wanted = new Set(needs.map(([k]) => k));
			for (const k of t.pieces.keys()) if (!wanted.has(k)) t.pieces.delete(k);
			if (t.fetching && !wanted.has(t.fetching.piece)) t.fetching.abort.abort();
			const next = !t.fetching && !t.error && needs.find(([k]) => !t.pieces.has(k));
			if (next) missing.push([next[1] - (chosen ? PIECE_S : 0), t, next[0]]);
		});
		missing.sort((a, b) => a[0] - b[0]);
		let free = AT_ONCE - this.#tracks.filter((t) => t.fetching).length, header = opening;
		for (const [, t, piece] of missing) {
			if (free <= 0) return;
			if (piece === null && header) continue;
			header ||= piece === null;
			free--;
			this.#get(t, piece);
		}
	}

	#get(t, piece) {
		const abort = new AbortController();

		t.fetching = { piece, abort };
		t.fetching.done = this.#read(t, piece, abort.signal).catch((e) => {
			if (abort.signal.aborted) return;
			/* A sentence for people, from the server or from us; all else is a fault of this page. */
			t.error = 'status' in e || e instanceof Unplayable ? e : new Unplayable('This take cannot be played.');
			if (t.error !== e) console.error(e);
		}).finally(() => {
			t.fetching = null;
			if (this.#closed) return;
			if (t.error && t === this.#tracks[this.#chosen] && this.buffering) this.pause();
			this.#changed();
			this.tick();
		});
	}

	async #read(t, piece, signal) {
		if (piece === null) return t.reel.open(signal);
		const { rate, channels } = t.reel.format;
		/* A little more than the piece: what sounds while a run fades out there. */
		const sound = await t.reel.read(piece * t.pieceFrames, t.pieceFrames + tailFrames(rate), signal);
		const buffer = new AudioBuffer({ numberOfChannels: channels, length: sound[0].length, sampleRate: rate });

		sound.forEach((samples, c) => buffer.copyToChannel(samples, c));
		t.pieces.set(piece, buffer);
	}
}
