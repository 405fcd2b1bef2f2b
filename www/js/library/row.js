/* One take of the library: to hear, to judge, to look into, and to go on from. */

import { Refused, Unreachable } from '../api.js';
import { announce, attr, el, text } from '../dom.js';
import { downloads } from '../player/downloads.js';
import { drawn } from '../icons.js';
import { menuButton } from '../menu.js';
import { follow, heart, opinions, stars } from '../opinions.js';
import { to } from '../address.js';
import { needs } from '../session.js';
import { formValues, vary } from '../studio/again.js';
import { tagEditor, tagList } from '../tags.js';
import { hueOf, Take } from '../player/take.js';
import { MOST, tray } from '../tray.js';
import { ago, bytes, formatName, moment, span, understood } from '../words.js';

/* The settings that models of a kind have, and under which name. */
const SETTINGS = { temperature: 'Temperature', top_k: 'Top k', top_p: 'Top p', guidance_scale: 'Guidance' };

const adapterName = ({ name, version, scale }) => `${name} ${version}${scale === 1 ? '' : `, scale ${scale}`}`;

/* What the engine made of the prompt, as one would have said it. */
function attributes(audio) {
	const u = audio.generation_params.understood ?? {}, given = audio.prompt.attributes ?? {};
	const list = [u.instruments ?? []].flat().filter((one) => typeof one === 'string').slice(0, 20);
	const said = {
		style: u.style, key: u.key, mood: [u.mood ?? []].flat().join(', '),
		tempo: typeof u.tempo === 'number' ? Math.min(200, Math.max(40, Math.round(u.tempo))) : undefined,
		primary_instruments: list.length ? list : undefined,
	};
	const all = { ...given, ...Object.fromEntries(Object.entries(said).filter(([, v]) => v)) };

	return Object.keys(all).length ? all : null;
}

export class Row {
	#app;
	#remove;
	#take;
	#tags = el('ul', { class: 'tags', 'aria-label': 'Tags' });
	#title;
	#details = null;
	#note = el('p', { class: 'library-note' });

	/* remove(row): it shall be deleted. */
	constructor(audio, app, remove) {
		const id = `take-${audio.id}`;

		this.audio = audio;
		this.#app = app;
		this.#remove = remove;
		opinions.learn(audio);
		this.#title = el('button', { type: 'button', id, class: 'library-title', 'aria-expanded': 'false',
			onclick: () => this.show(!this.#details) }, audio.prompt.text);
		this.#take = new Take(id);
		this.#take.el.classList.add('library-take');
		this.#take.el.style.setProperty('--hue', hueOf(audio.generation_params.seed));
		this.#take.el.append(
			el('div', { class: 'library-what' },
				el('h2', {}, this.#title),
				el('p', { class: 'meta' }, this.#about(), el('time', {
					datetime: audio.created_at, title: moment(audio.created_at) }, ago(audio.created_at))),
				this.#tags),
			el('div', { class: 'library-opinion' }, this.#average(), stars(audio.id), heart(audio.id)),
			el('div', { class: 'library-tools' }, this.#compare(), this.#menu()),
			this.#note);
		this.#take.ready(audio);
		this.el = el('li', { class: 'library-row' }, this.#take.el);
		this.#showTags();
	}

	/* It is shown no more. */
	close() {
		this.#take.close();
	}

	focus() {
		this.#title.focus();
	}

	/* Below the row: what was sent, or why it was not. */
	note(...nodes) {
		this.#note.replaceChildren(...nodes);
	}

	show(open) {
		attr(this.#title, 'aria-expanded', String(open));
		this.#details?.remove();
		this.#details = open ? this.#look() : null;
		if (open) this.#take.el.append(this.#details);
	}

	#about() {
		const { model, adapter, format } = this.audio;

		return `${[adapter && adapterName(adapter), model, formatName(format)].filter(Boolean).join(' · ')} · `;
	}

	#showTags() {
		this.#tags.replaceChildren(...tagList(this.audio.feedback));
		this.#tags.hidden = !this.#tags.childElementCount;
	}

	/* Only when others have rated as well: one's own is in the stars. */
	#average() {
		const { id } = this.audio, node = el('span', { class: 'library-average' });

		return follow(node, id, () => {
			const { average, count, others } = opinions.summary(id);

			text(node, others > 0 ? average.toFixed(1) : '');
			attr(node, 'title', others > 0 ? `${average.toFixed(1)} of 5, the average of ${count}` : null);
		});
	}

	#compare() {
		return el('button', { type: 'button', class: 'quiet', 'aria-describedby': this.#title.id,
			'aria-pressed': String(tray.has(this.audio.id)), onclick: () => this.#putAside() }, 'Compare');
	}

	#putAside() {
		const { id } = this.audio, had = tray.has(id), has = tray.toggle(id);

		this.note(!had && !has ? `There are ${MOST} takes to compare already; no more fit.` : '');
	}

	#menu() {
		const action = (label, onclick, role) => el('li', { 'data-needs': role },
			el('button', { type: 'button', class: 'menu-item', onclick }, label));

		return menuButton({ class: 'tool', 'aria-label': 'More', 'aria-describedby': this.#title.id }, [drawn('dots')], () => [
			el('ul', { class: 'menu-items' },
				action('More like this', () => this.#alike(), 'creator'),
				action('Vary the seed', () => this.#vary(), 'creator'),
				action(tray.has(this.audio.id) ? 'Take out of Compare' : 'Put into Compare', () => this.#putAside()),
				action('Delete', () => this.#remove(this), needs(this.audio.user_id))),
			downloads(this.audio),
		]);
	}

	#alike() {
		const prompt = { text: this.audio.prompt.text, attributes: attributes(this.audio) };

		this.#app.compose({ ...formValues(this.audio, prompt), seed: null, num_samples: null });
		announce('The form holds this prompt as it was understood; the seed will be a new one.');
	}

	async #vary() {
		this.note('On its way …');
		try {
			const job = await vary(this.#app.outbox, this.audio);

			if (!job) return this.note();
			this.note(`Another take of this is being made, with seed ${job.generation_params.seed}. `,
				el('a', { href: '#/' }, 'To the studio'));
			announce('Another take of this is being made.');
		} catch (e) {
			if (!(e instanceof Refused) && !(e instanceof Unreachable)) throw e;
			this.note(el('span', { class: 'error' }, e.fields?.[0]?.detail ?? e.message));
			announce(e.message, true);
		}
	}

	#look() {
		const { audio } = this, p = audio.generation_params, { known, ignored } = understood(p.understood);
		const without = p.understood?.without_effect ?? [];
		const row = (name, ...value) => value.some(Boolean) && [el('dt', {}, name), el('dd', {}, ...value.filter(Boolean))];
		const list = (...rows) => el('dl', { class: 'facts' }, ...rows.filter(Boolean).flat());
		const level = (value, unit) => (typeof value === 'number' ? `${value.toFixed(1).replace('-', '−')} ${unit}` : null);
		const link = (href, words) => el('a', { href }, words);

		return el('div', { class: 'library-details' },
			el('section', {}, el('h3', {}, 'Music'), list(
				...known.map(([name, value]) => row(name, value)),
				row('Left out', ignored.join(', ')))),
			el('section', {}, el('h3', {}, 'Made with'), list(
				row('Model', audio.model, p.engine_version && ` (engine ${p.engine_version})`),
				row('Adapter', audio.adapter ? link(to(`adapters/${audio.adapter_id}`), adapterName(audio.adapter)) : 'none'),
				row('Seed', String(p.seed)),
				...Object.entries(SETTINGS).filter(([name]) => name in p && !without.includes(name))
					.map(([name, label]) => row(label, String(p[name]))),
				row('Made', moment(audio.created_at)),
				row('Job', link(to('library', { job_id: audio.job_id }), 'its takes')),
				row('Prompt', link(to('library', { prompt_id: audio.prompt_id }), 'all takes of it')),
				audio.experiment_id && row('Experiment', link(to(`experiments/${audio.experiment_id}`), 'open it')))),
			el('section', {}, el('h3', {}, 'File'), list(
				row('Length', span(audio.duration_seconds)),
				row('Format', `${formatName(audio.format)}, ${audio.sample_rate / 1000} kHz, `
					+ `${{ 1: 'mono', 2: 'stereo' }[audio.channels] ?? `${audio.channels} channels`}, ${bytes(audio.size_bytes)}`),
				row('Loudness', level(audio.loudness_lufs, 'LUFS') ?? 'silence'),
				row('True peak', level(audio.true_peak_dbtp, 'dBTP')),
				row('SHA-256', el('code', { title: audio.sha256 }, `${audio.sha256.slice(0, 12)}…`)),
				row('Stored as', el('code', {}, audio.storage_path)),
				row('Address', link(to(`library/${audio.id}`), 'of this take')))),
			el('section', { class: 'library-tagging' }, el('h3', {}, 'Tags'), tagEditor(audio, () => this.#showTags())));
	}
}
