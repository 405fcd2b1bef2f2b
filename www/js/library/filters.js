/* What narrows the library: a form above the list. Its values are those of GET /audio, and stand in the address. */

import { get } from '../api.js';
import { patiently } from '../connection.js';
import { attr, el } from '../dom.js';
import { menuButton } from '../menu.js';
import { formatName, sentence } from '../words.js';

const TYPING_MS = 250;

/* In the address by a link of another view; here they can only be taken off. */
const LINKED = { job_id: 'One job', prompt_id: 'One prompt', experiment_id: 'One experiment' };

export class Filters {
	#changed;
	#timer = 0;
	#linked = {};
	#dates = { start_date: '', end_date: '' };
	#chips = el('span', { class: 'library-chips' });
	#clear = el('button', { type: 'button', class: 'link', onclick: () => this.clear() }, 'Clear');
	#when = menuButton({ class: 'quiet library-dates' }, ['Dates'],
		() => [this.#date('start_date', 'From'), this.#date('end_date', 'To')]);
	form = el('form', { class: 'library-filters', role: 'search', 'aria-label': 'Takes', onsubmit: (e) => e.preventDefault() },
		el('input', { type: 'search', name: 'q', 'aria-label': 'Search the prompts', placeholder: 'Search', maxlength: 200,
			autocomplete: 'off' }),
		el('div', { class: 'library-choices' },
			el('label', { class: 'pill' }, el('input', { type: 'checkbox', name: 'is_favorite', value: 'true' }),
				el('span', {}, 'Favourites')),
			select('adapter_id', 'Any adapter', [['none', 'No adapter']]),
			select('min_rating', 'Any rating', [[5, '5 stars'], ...[4, 3, 2, 1].map((n) => [n, `${n} or more`])]),
			select('tag', 'Any tag', []),
			select('format', 'Any format', ['flac', 'wav', 'ogg', 'opus', 'mp3'].map((f) => [f, formatName(f)])),
			select('model', 'Any model', []),
			select('sort', 'Newest first', [['oldest', 'Oldest first'], ['rating', 'Best rated first']], 'Order'),
			this.#when, this.#chips, this.#clear));

	/* changed(): the values did. */
	constructor(changed) {
		this.#changed = changed;
		this.form.addEventListener('input', (e) => {
			if (e.target.closest('.menu')) return;
			this.#settle();
			clearTimeout(this.#timer);
			this.#timer = setTimeout(changed, e.target.name === 'q' ? TYPING_MS : 0);
		});
		this.#choices();
	}

	get values() {
		const typed = Object.fromEntries(new FormData(this.form));

		return { ...typed, q: typed.q.trim(), ...this.#dates, ...this.#linked };
	}

	/* Is anything narrowed at all? */
	get any() {
		return Object.values(this.values).some(Boolean);
	}

	/* As an address says: URLSearchParams. */
	set(query) {
		clearTimeout(this.#timer);
		for (const c of this.form.elements) {
			if (!c.name || c.closest('.menu')) continue;
			const value = query.get(c.name) ?? '';

			if (c.type === 'checkbox') c.checked = value === c.value;
			else if (c.tagName === 'SELECT') choose(c, value);
			else c.value = value;
		}
		for (const name of Object.keys(this.#dates)) this.#dates[name] = query.get(name) ?? '';
		this.#linked = Object.fromEntries(Object.keys(LINKED).filter((name) => query.get(name))
			.map((name) => [name, query.get(name)]));
		this.#settle();
	}

	clear() {
		this.set(new URLSearchParams());
		this.#changed();
		this.form.elements.q.focus();
	}

	/* It goes away: nothing typed last is to come still. */
	close() {
		clearTimeout(this.#timer);
	}

	#settle() {
		const chip = (name) => el('button', { type: 'button', class: 'quiet', onclick: () => {
			delete this.#linked[name];
			this.#settle();
			this.#changed();
			this.form.elements.q.focus();
		} }, `${LINKED[name]} ×`);

		this.#chips.replaceChildren(...Object.keys(this.#linked).map(chip));
		this.#clear.hidden = !this.any;
		attr(this.#when, 'aria-pressed', this.#dates.start_date || this.#dates.end_date ? 'true' : null);
		for (const s of this.form.querySelectorAll('select')) attr(s, 'data-chosen', s.value || null);
	}

	#date(name, label) {
		const input = el('input', { type: 'date', value: this.#dates[name], oninput: () => {
			this.#dates[name] = input.value;
			this.#settle();
			this.#changed();
		} });

		return el('label', { class: 'menu-line', 'data-stay': '' }, label, input);
	}

	/* What there is to choose from comes when it comes; what was chosen stands there already. */
	async #choices() {
		const fill = (name, options) => {
			const s = this.form.elements[name], { value } = s;

			for (const [v, words] of options) {
				const there = [...s.options].find((o) => o.value === String(v));
				if (there) there.textContent = words;
				else s.add(new Option(words, v));
			}
			choose(s, value);
		};
		const ask = (path, take) => patiently(() => get(path)).then(take).catch(() => {});

		await Promise.all([
			ask('adapters?limit=100', ({ items }) => fill('adapter_id', items.map((a) => [a.id, a.name]))),
			ask('tags/stats', ({ top_positive_tags }) =>
				fill('tag', top_positive_tags.map(([tag, n]) => [tag, `${tag} (${n})`]))),
			ask('models', ({ models }) => fill('model', models.filter((m) => m.is_available).map((m) => [m.id, m.display_name]))),
		]);
	}
}

/* first: what it says while nothing is chosen. */
function select(name, first, options, label = sentence(first.replace('Any ', ''))) {
	return el('select', { name, 'aria-label': label },
		...[['', first], ...options].map(([value, words]) => el('option', { value }, words)));
}

function choose(s, value) {
	if (![...s.options].some((o) => o.value === value)) s.add(new Option(value, value));
	s.value = value;
}
