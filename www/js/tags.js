/* The tags of one take: praise is a "+", criticism a "−". */

import { mayChange } from './access/roles.js';
import { call, get, post, Refused } from './api.js';
import { announce, attr, el } from './dom.js';
import { act } from './fields.js';

const MINUS = '−';

const sign = (positive) => (positive ? '+' : MINUS);

/* "- muddy" → ['muddy', false] */
function parse(typed) {
	const [, mark, tag] = /^\s*([+\-−]?)\s*(.*?)\s*$/s.exec(typed);

	return [tag, mark === '' ? null : mark === '+'];
}

/* audio.feedback's tags as small labels. */
export function tagList({ positive_tags, negative_tags }) {
	const one = (positive) => (tag) => el('li', { class: 'tag', 'data-sign': sign(positive) }, `${sign(positive)} ${tag}`);

	return [...positive_tags.map(one(true)), ...negative_tags.map(one(false))];
}

/* Words to choose from, once for the page; a browser without them has a plain field. */
let suggestions = null;

function suggest() {
	suggestions ??= get('tags/available').then(({ positive_tags, negative_tags }) => {
		const values = [...positive_tags, ...negative_tags.map((tag) => `${MINUS} ${tag}`)];

		document.body.append(el('datalist', { id: 'tags' }, ...values.map((value) => el('option', { value }))));
	}, () => { suggestions = null; });
}

/* Labels that can be taken off, and a field for more. changed(): audio.feedback was. */
export function tagEditor(audio, changed) {
	const { feedback } = audio;
	const list = el('ul', { class: 'tags', 'aria-label': 'Tags' });
	const error = el('p', { class: 'error' });
	const input = el('input', { 'aria-label': 'New tag', maxlength: 102, placeholder: `warm, ${MINUS} muddy`, list: 'tags',
		autocapitalize: 'none', size: 14, onfocus: suggest });
	const add = (positive) => el('button', { class: 'quiet', value: sign(positive),
		'aria-label': positive ? 'Add as praise' : 'Add as criticism' }, sign(positive));
	const form = el('form', { class: 'tag-form', onsubmit: (e) => {
		e.preventDefault();
		send(e.submitter ?? form);
	} }, input, add(true), add(false));
	let last = Promise.resolve();

	/* One after the other, while the next one is already being typed. */
	function send(button) {
		const words = input.value, [tag, typed] = parse(words);

		if (!tag) return input.focus();
		input.value = '';
		/* Enter presses "+", but what was typed says more. */
		const body = { audio_id: audio.id, tag, is_positive: typed ?? button.value !== MINUS };

		last = last.then(() => act(button, error, () => give(body))).then((given) => {
			if (!given) input.value ||= words;
		});
	}

	async function give(body) {
		const { tag: given, is_positive } = await post('tags', body);
		const same = (other) => other.toLowerCase() === given.toLowerCase();

		for (const name of ['positive_tags', 'negative_tags']) feedback[name] = feedback[name].filter((other) => !same(other));
		feedback[is_positive ? 'positive_tags' : 'negative_tags'].push(given);
		announce(`Tagged ${sign(is_positive)} ${given}`);
		show();
		changed();
		return given;
	}

	async function take(tag, positive) {
		const { items } = await get(`tags?${new URLSearchParams({ audio_id: audio.id, tag, is_positive: positive })}`);
		const name = positive ? 'positive_tags' : 'negative_tags';

		for (const { id } of items.filter((one) => mayChange(one.user_id)))
			await call('DELETE', `tags/${id}`).catch((e) => { if (e.status !== 404) throw e; });
		if (!items.every((one) => mayChange(one.user_id)))
			throw new Refused(403, { detail: 'Somebody else has given this tag as well; only they, or an admin, can take it off.' });
		feedback[name] = feedback[name].filter((other) => other !== tag);
		announce(`${tag} taken off`);
		show();
		changed();
		input.focus();
	}

	function show() {
		list.replaceChildren(...tagList(feedback).map((li) => {
			const positive = li.dataset.sign === '+', tag = li.textContent.slice(2);
			const button = el('button', { type: 'button', class: 'tag-off', 'aria-label': `Take off ${tag}`,
				onclick: () => act(button, error, () => take(tag, positive)) }, '×');

			li.append(button);
			return li;
		}));
		attr(list, 'hidden', list.childElementCount ? null : '');
	}

	show();
	return el('div', { class: 'tag-editor' }, list, form, error);
}
