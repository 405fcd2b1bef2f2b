/* What to begin with: prompts that were set aside, favourite and recent ones, templates. One press fills the form;
 * what stood there is set aside and is the first idea of the next time. What is written can be kept as a template. */

import { del, get, post } from '../api.js';
import { patiently } from '../connection.js';
import { announce, el, text } from '../dom.js';
import { act, actOnce, field } from '../fields.js';
import { needs } from '../session.js';
import { load, save } from '../store.js';
import { sentence } from '../words.js';

const PAGE = 100, RECENT = 30, TYPING_MS = 250;

export function begin(form, app) {
	return new Ideas(form, app);
}

class Ideas {
	#form;
	#app;
	#sections = [];			/* [{ title, ideas: [{ prompt, attributes, name?, template?, id? }] }] */
	#found = null;			/* prompts that the server found, while one searches */
	#turn = 0;
	#timer = 0;
	#only = '';
	#list = el('div', { class: 'ideas-list' });
	#kinds = el('div', { class: 'ideas-kinds', role: 'group', 'aria-label': 'Show' });
	#error = el('p', { class: 'error', role: 'alert' });
	#count = el('p', { class: 'sr', role: 'status' });
	#search = el('input', {
		type: 'search', placeholder: 'Search', 'aria-label': 'Search ideas', oninput: () => this.#searched(),
	});
	#keeping;
	#kept = el('p', { class: 'hint ideas-what' });
	#categories = el('datalist', { id: 'idea-categories' });
	#dialog;

	constructor(form, app) {
		this.#form = form;
		this.#app = app;
		this.#keeping = this.#keepForm();
		this.#dialog = el('dialog', { class: 'ideas', 'aria-labelledby': 'ideas-title' },
			el('div', { class: 'ideas-head' }, el('h2', { id: 'ideas-title' }, 'Ideas'), el('button', {
				class: 'quiet', type: 'button', onclick: () => this.#dialog.close(),
			}, 'Close')),
			this.#search, this.#kinds, this.#error, this.#list, this.#keeping, this.#count);
		/* Beside it is outside of it. */
		this.#dialog.addEventListener('click', (e) => { if (e.target === this.#dialog) this.#dialog.close(); });
		this.#dialog.addEventListener('keydown', (e) => this.#key(e));
		document.body.append(this.#dialog);
	}

	async show() {
		const words = this.#form.elements.prompt.value.trim();

		this.#search.value = '';
		this.#found = null;
		this.#keeping.hidden = !words;
		text(this.#kept, words);
		this.#dialog.showModal();
		this.#search.focus();
		await this.#read();
	}

	async #read() {
		try {
			const [templates, prompts, favorites] = await patiently(() => Promise.all([
				allOf('templates'), get(`prompts?limit=${RECENT}`),
				get(`favorites?target_type=prompt&limit=${PAGE}`)]));
			const aside = load('aside', null), categories = byCategory(templates);

			text(this.#error, '');
			this.#sections = [
				{ title: 'Set aside', ideas: aside ? [aside] : [] },
				{ title: 'Favourites', ideas: favorites.items.map(ofFavorite) },
				{ title: 'Recent', ideas: different(prompts.items.map(ofPrompt)) },
				...[...categories].map(([name, all]) => ({ title: sentence(name), ideas: all.map(ofTemplate) })),
			].filter((s) => s.ideas.length);
			this.#categories.replaceChildren(...[...categories.keys()].map((value) => el('option', { value })));
			this.#show();
		} catch (e) {
			text(this.#error, e.message);
		}
	}

	#searched() {
		const q = this.#search.value.trim(), turn = ++this.#turn;

		clearTimeout(this.#timer);
		this.#found = null;
		this.#show();
		/* Older prompts than those at hand. */
		if (q.length > 1) this.#timer = setTimeout(async () => {
			const query = new URLSearchParams({ q, limit: 20 });
			const { items } = await get(`prompts/search?${query}`).catch(() => ({ items: [] }));

			if (turn !== this.#turn) return;
			this.#found = items.map(ofPrompt);
			this.#show();
		}, TYPING_MS);
	}

	#show() {
		const words = this.#search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
		const all = ({ name = '', prompt, category = '' }) => `${name} ${prompt} ${category}`.toLowerCase();
		const fits = (idea) => words.every((w) => all(idea).includes(w));
		const titles = this.#sections.map((s) => s.title);

		if (!titles.includes(this.#only)) this.#only = '';
		this.#kinds.replaceChildren(...['', ...titles].map((title) => el('button', {
			class: 'quiet', type: 'button', 'aria-pressed': String(title === this.#only),
			onclick: () => {
				this.#only = title;
				this.#show();
				this.#kinds.querySelector('[aria-pressed="true"]').focus();
			},
		}, title || 'All')));

		const shown = this.#sections.filter((s) => !this.#only || s.title === this.#only)
			.map((s) => ({ ...s, ideas: (s.title === 'Recent' && this.#found && words.length
				? different([...s.ideas.filter(fits), ...this.#found]) : s.ideas.filter(fits)) }))
			.filter((s) => s.ideas.length);
		const n = shown.reduce((sum, s) => sum + s.ideas.length, 0);

		this.#list.replaceChildren(...shown.map((s) => el('section', {}, el('h3', {}, s.title),
			el('ul', {}, ...s.ideas.map((i) => this.#row(i))))));
		if (!n) this.#list.append(el('p', { class: 'hint' },
			words.length ? 'No idea has these words.' : 'There is nothing here yet.'));
		text(this.#count, `${n} ${n === 1 ? 'idea' : 'ideas'}`);
	}

	#row(idea) {
		const { template } = idea;
		const take = el('button', { class: 'idea', type: 'button', onclick: () => this.#take(idea) },
			idea.name ? el('span', { class: 'idea-name' }, idea.name) : null,
			el('span', { class: 'idea-words' }, idea.prompt));
		const li = el('li', {}, take, template && !template.is_system ? el('button', {
			class: 'link', type: 'button', 'aria-label': `Delete the template ${idea.name}`, 'data-needs': needs(template.user_id),
			onclick: (e) => this.#delete(e.currentTarget, li, template),
		}, 'Delete') : null);

		return li;
	}

	async #take(idea) {
		const { text: words, attributes } = this.#written();
		let { attributes: given = null, prompt: said } = idea;

		/* A favourite only carries how it begins. */
		if (idea.id)
			try {
				({ text: said, attributes: given } = await patiently(() => get(`prompts/${idea.id}`)));
			} catch (e) {
				return text(this.#error, e.message);
			}
		if (words && words !== said)
			save('aside', { prompt: words, attributes });
		this.#dialog.close();
		await this.#app.compose({ prompt: said, attributes: given });
	}

	async #delete(button, li, template) {
		const done = await act(button, this.#error, () => del(`templates/${template.id}`));
		if (done === undefined) return;

		const undo = el('button', {
			class: 'quiet', type: 'button', onclick: () => this.#keep(undo, this.#error, template),
		}, 'Undo');
		li.replaceChildren(el('span', { class: 'hint' }, `Deleted: ${template.name}`), undo);
		undo.focus();
		announce('Template deleted');
	}

	#keepForm() {
		const name = el('input');
		const category = el('input', { list: 'idea-categories', placeholder: 'custom' });
		const button = el('button', { class: 'button', type: 'submit' }, 'Keep');
		const form = el('form', {
			class: 'ideas-keep', novalidate: true, 'aria-label': 'Keep as a template', autocomplete: 'off',
		}, el('details', { class: 'options' },
			el('summary', {}, el('span', { class: 'options-title' }, 'Keep what is written as a template')),
			this.#kept,
			el('div', { class: 'ideas-fields' },
				field('name', 'Name', name), field('category', 'Category', category), button),
			this.#categories, el('p', { class: 'error form-error', tabindex: '-1' })));

		form.addEventListener('submit', async (e) => {
			e.preventDefault();
			const made = await this.#keep(button, form, {
				...this.#written(), name: name.value.trim(), category: category.value.trim() || undefined,
			});

			if (!made) return;
			form.reset();
			form.firstChild.open = false;
		});
		return form;
	}

	/* Also again, after it was deleted. */
	#keep(button, where, { name, text: words, category, description, attributes }) {
		const body = { name, text: words, category, description, attributes };

		return actOnce(button, where, async () => {
			const made = await post('templates', body);

			announce(`Kept as ${made.name}`);
			this.#only = '';
			this.#search.value = '';
			await this.#read();
			const names = [...this.#list.querySelectorAll('.idea-name')];
			names.find((one) => one.textContent === made.name)?.closest('.idea').focus();
			return made;
		});
	}

	/* What stands in the studio's form. */
	#written() {
		const { prompt, attributes } = this.#form.elements;

		return { text: prompt.value.trim(), attributes: attributes.value ? JSON.parse(attributes.value) : null };
	}

	/* Up and down go through the ideas. */
	#key(e) {
		const down = { ArrowDown: 1, ArrowUp: -1 }[e.key];
		if (!down || e.target.closest('form') || e.isComposing) return;

		const stops = [this.#search, ...this.#list.querySelectorAll('.idea')], i = stops.indexOf(e.target);
		if (i < 0 || !stops[i + down]) return;
		e.preventDefault();
		stops[i + down].focus();
	}
}

async function allOf(path) {
	const all = [];

	for (let more = true; more && all.length < 1000;) {
		const page = await get(`${path}?limit=${PAGE}&offset=${all.length}`);

		all.push(...page.items);
		more = page.has_more;
	}
	return all;
}

const ofFavorite = (f) => ({ prompt: f.target_preview, id: f.target_id });
const ofPrompt = (p) => ({ prompt: p.text, attributes: p.attributes });
const ofTemplate = (t) => ({ ...ofPrompt(t), name: t.name, category: t.category, template: t });

/* One of each text. */
function different(ideas) {
	return [...new Map(ideas.map((i) => [i.prompt, i])).values()];
}

function byCategory(templates) {
	const groups = new Map();

	for (const t of templates) groups.set(t.category, [...groups.get(t.category) ?? [], t]);
	return groups;
}
