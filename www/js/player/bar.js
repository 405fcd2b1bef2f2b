/* The player at the foot of every view: what sounds, or sounded last, whichever view it was started from. Loaded
 * when there is something to show in it. */

import { Refused } from '../api.js';
import { announce, attr, el, icon, text } from '../dom.js';
import { downloads } from './downloads.js';
import { drawn } from '../icons.js';
import { describe } from './media.js';
import { menuButton } from '../menu.js';
import { heart, opinions, stars } from '../opinions.js';
import { player } from './player.js';
import { beside, next, previous, restore, toggleLoop } from './playlist.js';
import { to } from '../address.js';
import { fetchTake, Seek } from './seek.js';
import { hueOf } from './take.js';
import { MOST, tray } from '../tray.js';

const small = matchMedia('(max-width: 60rem)');

class Bar {
	#id = null;
	#audio = null;			/* what the server says of it */
	#seek = new Seek(() => player.toggle());
	#title = el('a', { class: 'bar-title', id: 'bar-title' });
	#about = el('p', { class: 'bar-about' });
	#error = el('p', { class: 'error', role: 'alert' });
	#opinion = el('div', { class: 'bar-opinion' });
	#play = this.#button('play', 'Play', () => player.toggle(), icon('play'), icon('pause'));
	#previous = this.#button('tool', 'Previous take', previous, drawn('previous'));
	#next = this.#button('tool', 'Next take', next, drawn('next'));
	#loop = this.#button('tool bar-loop', 'Loop', toggleLoop, drawn('loop'));
	#mute = this.#button('tool', 'Mute', () => { player.audio.muted = !player.audio.muted; },
		drawn('loud'), drawn('mute'));
	#volume = el('input', { type: 'range', min: 0, max: 1, step: 0.01, 'aria-label': 'Volume',
		oninput: () => Object.assign(player.audio, { volume: Number(this.#volume.value), muted: false }) });

	constructor(root) {
		const menu = menuButton({ class: 'tool', 'aria-label': 'More about this take' }, [drawn('dots')],
			() => this.#menu());

		this.root = root;
		root.append(
			el('div', { class: 'bar-keys' }, this.#previous, this.#play, this.#next),
			el('div', { class: 'bar-what' }, this.#title, this.#about, this.#error),
			this.#seek.el, this.#seek.time, this.#opinion,
			el('div', { class: 'bar-tools' },
				this.#loop, el('span', { class: 'bar-volume' }, this.#mute, this.#volume), menu));
		const changed = (e) => { if (e.detail === player.id || this.#id !== player.id) this.#follow(); };
		player.addEventListener('change', changed);
		opinions.addEventListener('change', changed);
		this.#follow();
	}

	#button(className, label, onclick, ...children) {
		return el('button', { class: className, type: 'button', 'aria-label': label, title: label, onclick },
			...children);
	}

	#follow() {
		if (this.#id !== player.id) this.#take(player.id);
		const s = player.state(), { loop, muted, volume } = player.audio;

		this.root.dataset.playing = s.buffering ? 'buffering' : s.playing;
		attr(this.#play, 'aria-label', s.playing ? 'Pause' : 'Play');
		attr(this.#play, 'title', s.playing ? 'Pause' : 'Play');
		attr(this.#next, 'aria-disabled', beside(1) ? null : 'true');
		attr(this.#loop, 'aria-pressed', String(loop));
		attr(this.#mute, 'aria-pressed', String(muted));
		if (!this.#volume.matches(':active')) this.#volume.value = muted ? 0 : volume;
		text(this.#error, s.error || opinions.error(player.id));
		this.#seek.follow();
		this.#seek.el.style.setProperty('--at', this.#audio ? s.position_s / this.#audio.duration_seconds : 0);
	}

	/* Another one, or none. */
	async #take(id) {
		this.#id = id;
		this.#audio = null;
		this.root.hidden = !id;
		if (!id) return;
		this.#title.href = to(`library/${id}`);
		text(this.#title, ' ');
		text(this.#about, ' ');
		this.#opinion.replaceChildren();
		this.#seek.about(id, 0, 'bar-title');
		this.#seek.wave.setLevels(null);
		try {
			const { meta, levels } = await fetchTake(id);

			if (id === this.#id) this.#show(meta, levels);
		} catch (e) {
			if (!(e instanceof Refused)) throw e;
			if (id === this.#id) text(this.#title, e.message);
		}
	}

	#show(audio, levels) {
		const { adapter } = audio;

		this.#audio = audio;
		opinions.learn(audio);
		this.root.style.setProperty('--hue', hueOf(audio.generation_params.seed));
		text(this.#title, audio.prompt.text);
		attr(this.#title, 'title', audio.prompt.text);
		text(this.#about, adapter ? `${audio.model} · ${adapter.name} ${adapter.version}` : audio.model);
		this.#seek.about(audio.id, audio.duration_seconds, 'bar-title');
		this.#seek.wave.setLevels(levels);
		this.#opinion.append(stars(audio.id), heart(audio.id));
		describe(audio);
		this.#follow();
	}

	/* Where there is no room for it in the bar, it stands here. */
	#menu() {
		const audio = this.#audio;
		if (!audio) return [el('p', { class: 'hint' }, 'It is on its way.')];

		const inside = tray.has(audio.id);
		const loop = el('button', { type: 'button', class: 'quiet', 'aria-pressed': String(player.audio.loop),
			onclick: toggleLoop }, 'Loop');

		return [
			small.matches && el('div', { class: 'menu-line', 'data-stay': '' }, stars(audio.id), heart(audio.id)),
			el('div', { class: 'menu-line' },
				small.matches && loop,
				el('button', { type: 'button', class: 'quiet', onclick: () => this.#compare() },
					inside ? 'Take out of Compare' : 'Put into Compare')),
			downloads(audio),
		].filter(Boolean);
	}

	#compare() {
		const had = tray.has(this.#id), has = tray.toggle(this.#id);

		if (!had && !has) announce(`There are ${MOST} takes to compare already; no more fit.`, true);
		else announce(has ? `In Compare: ${tray.ids.length} of ${MOST}` : 'No longer in Compare');
	}
}

let bar = null;

/* Once, however often. */
export function open(root) {
	if (bar) return;
	restore();
	bar = new Bar(root);
}
