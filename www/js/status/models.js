/* The models of the installation: what each can, which one is used when nobody chooses, and what is missing for those
 * that cannot run, with the command that would fix it. */

import { post } from '../api.js';
import { command } from '../copy.js';
import { announce, el, text } from '../dom.js';
import { act } from '../fields.js';
import { count, lasting } from '../figures.js';
import { ago } from '../words.js';

const ADAPTERS = { none: 'no adapters', style: 'style adapters', lora: 'LoRA adapters', remote: 'adapters of its service' };
const CHANNELS = { 1: 'mono', 2: 'stereo' };

/* What it can, in a line. */
export function abilities(m) {
	return [
		`up to ${lasting(m.max_duration_seconds)}`,
		`${count(m.sample_rate / 1000)} kHz ${CHANNELS[m.channels] ?? `${m.channels} channels`}`,
		ADAPTERS[m.adapters] ?? m.adapters,
		m.vram_requirement_gb > 0 && `${m.vram_requirement_gb} GB of video memory`,
		m.hf_model_id,
	].filter(Boolean).join(' · ');
}

export class Models {
	#onchange;
	#rows = new Map();
	#list = el('ul', { class: 'rows models' });
	el = el('section', { 'aria-labelledby': 'models-title' }, el('h2', { id: 'models-title' }, 'Models'), this.#list);

	/* onchange(): another is the current one now */
	constructor(onchange) {
		this.#onchange = onchange;
	}

	/* As /models has them. */
	show({ models, current_model: current }) {
		const ids = new Set(models.map((m) => m.id));

		for (const [id, row] of this.#rows) {
			if (ids.has(id)) continue;
			row.el.remove();
			this.#rows.delete(id);
		}
		for (const m of models) {
			if (!this.#rows.has(m.id)) this.#rows.set(m.id, this.#row(m));
			const row = this.#rows.get(m.id);
			this.#list.append(...(row.el.isConnected ? [] : [row.el]));
			this.#update(row, m, m.id === current);
		}
	}

	#row(m) {
		const id = `model-${this.#rows.size}`;
		const row = {
			state: el('span', { class: 'badge' }), about: el('p', {}), facts: el('p', { class: 'meta' }),
			why: el('p', { class: 'error' }), remedy: el('div', {}),
			error: el('p', { class: 'error', role: 'alert' }),
			use: el('button', { class: 'quiet', type: 'button', 'data-needs': 'admin', 'aria-describedby': id,
				onclick: () => act(row.use, row.error, () => this.#use(m, row)) }, 'Use this one'),
		};

		row.el = el('li', { tabindex: '-1' },
			el('div', { class: 'model-head' }, el('h3', { id }, m.display_name), row.state, row.use),
			row.about, row.facts, row.why, row.remedy, row.error);
		return row;
	}

	#update(row, m, current) {
		const focus = row.use === document.activeElement;

		text(row.state, current ? 'in use' : m.is_available ? 'available' : 'cannot run');
		row.state.dataset.state = m.is_available ? current ? 'active' : '' : 'failed';
		text(row.about, m.description);
		text(row.facts, abilities(m));
		text(row.why, m.is_available ? m.last_failure ? `Its last job failed ${ago(m.last_failure.at)}: ${m.last_failure.detail}` : ''
			: m.unavailable_reason ?? 'It cannot run on this installation.');
		/* Built anew only when it is another one: somebody may be copying it. */
		if (row.fix !== m.remedy) row.remedy.replaceChildren(...(m.remedy ? [command(m.remedy)] : []));
		row.fix = m.remedy;
		row.use.hidden = current || !m.is_available;
		if (focus && row.use.hidden) row.el.focus();
	}

	async #use(m) {
		const { message } = await post('models/switch', { model_id: m.id });

		announce(message);
		await this.#onchange();
	}
}
