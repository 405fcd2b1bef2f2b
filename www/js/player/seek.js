/* Where one is in a take: its waveform as a slider, with the time. A click goes there; dragging and keys come
 * with scrub.js. */

import { get } from '../api.js';
import { patiently } from '../connection.js';
import { attr, el, text } from '../dom.js';
import { player } from './player.js';
import { levels, Waveform } from './waveform.js';
import { clock } from '../words.js';

const POINTS = 1000;

/* What the server has of a take, however long it is away: its metadata, unless they are `known` already, and
 * its waveform. Throws Refused. */
export async function fetchTake(id, known) {
	const path = `audio/${id}`;
	const [meta, peaks] = await Promise.all([known?.stream_url ? known : patiently(() => get(path)),
		patiently(() => get(`${path}/peaks?points=${POINTS}`))]);

	return { meta, levels: levels(peaks) };
}

export class Seek {
	id = null;
	duration_s = 0;
	held_s = null;			/* where a finger or a mouse holds it */
	wave = new Waveform();
	el = el('div', { class: 'wave', onclick: (e) => this.go(this.part(e) * this.duration_s) }, this.wave.canvas);
	time = el('span', { class: 'time' });

	/* toggle(): plays or pauses the take, as its button does. */
	constructor(toggle) {
		const begin = () => this.id && import('./scrub.js').then((m) => m.scrub(this));

		this.toggle = toggle;
		this.el.addEventListener('pointerenter', begin);
		this.el.addEventListener('focus', begin);
	}

	/* The take that it is about; titleId: the element that names it. */
	about(id, duration_s, titleId) {
		Object.assign(this, { id, duration_s, held_s: null });
		for (const [name, value] of Object.entries({
			role: 'slider', tabindex: 0, 'aria-labelledby': null, 'aria-label': 'Position in the take',
			'aria-describedby': titleId, 'aria-valuemin': 0, 'aria-valuemax': Math.round(duration_s),
		})) attr(this.el, name, value);
		this.follow();
	}

	follow() {
		const at = this.held_s ?? player.state(this.id).position_s, d = this.duration_s;

		text(this.time, `${clock(at)} / ${clock(d)}`);
		attr(this.el, 'aria-valuenow', Math.min(Math.round(d), Math.floor(at)));
		attr(this.el, 'aria-valuetext', `${clock(at)} of ${clock(d)}`);
		this.wave.setPosition(d ? at / d : 0);
	}

	/* 0…1: where an event of a pointer is */
	part(e) {
		const box = this.el.getBoundingClientRect();
		return Math.min(1, Math.max(0, (e.clientX - box.left) / box.width));
	}

	/* Another take than the one in hand starts there. */
	go(to_s) {
		if (!this.id) return;
		player.seek(this.id, to_s);
		if (player.id !== this.id) this.toggle();
	}
}
