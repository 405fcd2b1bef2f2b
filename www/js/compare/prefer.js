/* Which of the compared takes is better than which: said with one press while one hears it, shown, and
 * taken back. */

import { del, get, post, Refused } from '../api.js';
import { patiently } from '../connection.js';
import { announce, el, text } from '../dom.js';
import { act, actOnce } from '../fields.js';
import { needs } from '../session.js';

const MARGINS = [['', 'not said'], ['1', '1: hardly'], ['2', '2'], ['3', '3: clearly'], ['4', '4'], ['5', '5: by far']];

export class Prefer {
	#takes;
	#letters = [];
	#chosen = 0;
	#hidden = false;
	#recorded = [];
	#say = el('div', { class: 'compare-better' });
	#why = el('p', { class: 'hint' });
	#error = el('p', { class: 'error', role: 'alert' });
	#list = el('ul', { class: 'compare-recorded', 'aria-label': 'Recorded preferences' });
	#margin = el('select', { id: 'compare-margin' }, ...MARGINS.map(([value, words]) => el('option', { value }, words)));
	el = el('section', { class: 'compare-prefer', 'aria-labelledby': 'compare-prefer' },
		el('h2', { id: 'compare-prefer' }, 'Which is better?'),
		el('div', { class: 'compare-say' }, this.#say,
			el('div', { class: 'compare-margin' }, el('label', { for: 'compare-margin' }, 'By how much'), this.#margin)),
		this.#why, this.#error, this.#list);

	constructor(takes) {
		this.#takes = takes;
	}

	/* letters: of each take, in the order of the takes; hidden: what was recorded would tell which is which. */
	show(letters, chosen, hidden) {
		const same = letters.join() === this.#letters.join() && chosen === this.#chosen && hidden === this.#hidden;

		if (same && this.#say.hasChildNodes()) return;
		this.#letters = letters;
		this.#chosen = chosen;
		this.#hidden = hidden;
		this.#offer();
		this.#tell();
	}

	/* What was said before, by whomever. */
	async load() {
		const prompts = [...new Set(this.#takes.map((t) => t.prompt_id))], shown = new Set(this.#takes.map((t) => t.id));
		let lists = [];

		try {
			lists = await Promise.all(prompts.filter((p) => this.#takes.filter((t) => t.prompt_id === p).length > 1)
				.map((p) => patiently(() => get(`preferences?prompt_id=${p}&limit=100`))));
		} catch (e) {
			if (!(e instanceof Refused)) throw e;
			text(this.#error, e.message);
		}
		this.#recorded = lists.flatMap((l) => l.items)
			.filter((p) => shown.has(p.chosen_audio_id) && shown.has(p.rejected_audio_id));
		this.#tell();
	}

	/* The focus stays on the button of the same place when what sounds changes under it. */
	#offer() {
		const at = [...this.#say.querySelectorAll('button')].indexOf(document.activeElement);
		const one = this.#takes[this.#chosen], order = this.#letters.map((_, i) => i).sort((a, b) =>
			(this.#letters[a] < this.#letters[b] ? -1 : 1));
		const others = order.filter((i) => i !== this.#chosen && this.#takes[i].prompt_id === one.prompt_id);
		const letter = this.#letters[this.#chosen];

		this.#say.replaceChildren(el('span', {}, `${letter}, which you hear, is better than`),
			...others.map((i) => el('button', { class: 'quiet', type: 'button',
				'aria-label': `${letter} is better than ${this.#letters[i]}`,
				onclick: (e) => this.#record(e.currentTarget, one, this.#takes[i]) }, this.#letters[i])));
		if (at >= 0) (this.#say.querySelectorAll('button')[at] ?? this.#say.querySelector('button'))?.focus();
		this.#say.hidden = !others.length;
		this.#margin.parentElement.hidden = !others.length;
		text(this.#why, this.#reason(order.filter((i) => this.#takes[i].prompt_id !== one.prompt_id), one));
	}

	/* Why some cannot be compared with what sounds. */
	#reason(strange, one) {
		if (!strange.length) return '';
		const words = strange.every((i) => this.#takes[i].prompt.text === one.prompt.text)
			? 'of the same words, sent once more as a prompt of their own' : 'of another prompt';

		return `${strange.map((i) => this.#letters[i]).join(', ')}: made ${words}. `
			+ 'Only takes of one prompt can be preferred to one another: several takes of one card of the studio, '
			+ 'for example.';
	}

	async #record(button, chosen, rejected) {
		const margin = Number(this.#margin.value) || null;
		const made = await actOnce(button, this.#error, () => post('preferences', {
			prompt_id: chosen.prompt_id, chosen_audio_id: chosen.id, rejected_audio_id: rejected.id, margin,
		}));

		if (!made) return;
		this.#recorded.unshift(made);
		this.#tell();
		announce(`Recorded: ${this.#words(made)}`);
	}

	#letter(id) {
		return this.#letters[this.#takes.findIndex((t) => t.id === id)];
	}

	#words(p) {
		return `${this.#letter(p.chosen_audio_id)} is better than ${this.#letter(p.rejected_audio_id)}`
			+ `${p.margin ? `, ${p.margin} of 5` : ''}`;
	}

	#tell() {
		const n = this.#recorded.length;

		if (this.#hidden) return this.#list.replaceChildren(...(n ? [el('li', {}, `${n} recorded; shown with the names.`)] : []));
		this.#list.replaceChildren(...this.#recorded.map((p) => {
			const words = this.#words(p);

			return el('li', {}, el('span', {}, words), el('button', { class: 'quiet', type: 'button',
				'data-needs': needs(p.user_id, null), 'aria-label': `Take back: ${words}`,
				onclick: (e) => this.#takeBack(e.currentTarget, p) }, 'Take back'));
		}));
	}

	async #takeBack(button, p) {
		const gone = await act(button, this.#error, () => del(`preferences/${p.id}`).then(() => true, (e) => {
			if (e.status !== 404) throw e;
			return true;
		}));

		if (!gone) return;
		this.#recorded = this.#recorded.filter((one) => one !== p);
		this.#tell();
		announce('Taken back');
		(this.#list.querySelector('button') ?? this.#say.querySelector('button'))?.focus();
	}
}
