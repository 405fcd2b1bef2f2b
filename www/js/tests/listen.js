/* The blind test: pair after pair, both sides to be heard, then a vote. Nothing here asks for what tells the arms apart,
 * not even for the test: only for ballots.
 *
 * Keys: what listens is on the arrows, X and the space bar, what votes is on letters that say what they mean, and those
 * do nothing before both sides were heard. */

import { back } from '../address.js';
import { connection } from '../connection.js';
import { announce, attr, el, text } from '../dom.js';
import { poll } from '../poll.js';
import { load, save } from '../store.js';
import { hueOf } from '../player/take.js';
import { bar } from './about.js';
import { Ballots } from './ballots.js';
import { plural } from './words.js';
import { Sides, SIDES } from './sides.js';

export const title = 'Blind test';

const WAIT_MS = 3000;
const SAYS = { left: 'Left is better', equal: 'Equal', right: 'Right is better' };

export async function open(root, { parts: [id] }) {
	const view = new Listen(id);

	root.append(back(`#/tests/${id}`, 'A/B test'), view.el);
	await view.start();
	return { close: () => view.close() };
}

class Listen {
	#id;
	#ballots;
	#sides = new Sides();
	#shown = null;			/* the ballot that the sides play */
	#asking = null;
	#slow = 0;
	#early = '';			/* what to hear first, said to who wanted to vote */
	#place = el('p', { class: 'blind-place' });
	#bar = bar('Pairs you have voted on');
	#prompt = el('h2', { class: 'blind-prompt', tabindex: '-1' });
	#hint = el('p', { class: 'blind-hint', id: 'blind-hint' });
	#error = el('p', { class: 'error', role: 'alert' });
	#again = el('button', { class: 'quiet', type: 'button', hidden: true, onclick: () => this.#sides.again() }, 'Try again');
	#next = el('button', { class: 'quiet', type: 'button', hidden: true, onclick: () => this.#ballots.next() }, 'Go on');
	#votes = Object.entries(SAYS).map(([value, words]) => el('button', {
		class: 'blind-vote', type: 'button', value, 'aria-describedby': 'blind-hint', onclick: () => this.#vote(value),
	}, words, el('kbd', { 'aria-hidden': 'true' }, words[0])));
	#back = el('button', { class: 'quiet', type: 'button', hidden: true, onclick: () => this.#ballots.back() }, 'Change the last vote');
	#forth = el('button', { class: 'quiet', type: 'button', hidden: true, onclick: () => this.#ballots.forth() }, 'Leave it as it was');
	#useKeys = el('input', { type: 'checkbox', checked: load('blind-keys', true), onchange: () => save('blind-keys', this.#useKeys.checked) });
	#keys = keys(this.#useKeys);
	#stage;
	#message = el('div', { class: 'blind-message', hidden: true });
	#onKey = (e) => this.#key(e);
	#onConnection = () => this.#show();

	constructor(id) {
		this.#id = id;
		this.#ballots = new Ballots(id);
		this.#ballots.addEventListener('change', () => this.#show());
		this.#sides.addEventListener('change', () => this.#show());
		this.#stage = el('section', { class: 'panel blind', 'aria-label': 'A pair', hidden: true },
			this.#prompt, this.#sides.el,
			el('div', { class: 'blind-wrong' }, this.#error, this.#again, this.#next),
			el('div', { class: 'blind-votes', role: 'group', 'aria-label': 'Which is better?' }, ...this.#votes),
			this.#hint,
			el('div', { class: 'tests-doings blind-foot' }, this.#back, this.#forth));
		this.el = el('div', {},
			el('div', { class: 'view-head' }, el('h1', { tabindex: '-1' }, title), this.#place), this.#bar.el,
			this.#stage, this.#message, this.#keys);
		document.addEventListener('keydown', this.#onKey, true);
		connection.addEventListener('change', this.#onConnection);
	}

	start() {
		return this.#ballots.start();
	}

	close() {
		this.#ballots.close();
		this.#sides.close();
		this.#asking?.stop();
		clearTimeout(this.#slow);
		document.removeEventListener('keydown', this.#onKey, true);
		connection.removeEventListener('change', this.#onConnection);
	}

	#show() {
		const b = this.#ballots, { nth, of } = b.place, hears = b.state === 'open' || b.state === 'sending';

		this.#wait(b.state === 'waiting');
		text(this.#place, hears && of ? `${nth} of ${of}` : '');
		this.#bar.set(of ? Math.min(1, (hears ? nth - 1 : of - b.waiting) / of) : 0, `${hears ? nth - 1 : of - b.waiting} of ${of}`);
		this.#stage.hidden = this.#keys.hidden = !hears;
		this.#message.hidden = hears || b.state === 'loading';
		if (hears) this.#showPair(b);
		else this.#showMessage(b);
	}

	#showPair(b) {
		const open = b.state === 'open', fresh = this.#shown !== b.ballot;

		if (fresh) this.#begin(b);
		const { heard, error } = this.#sides, ready = open && heard.both;
		text(this.#error, open ? error : '');
		this.#again.hidden = this.#next.hidden = !this.#error.textContent;
		for (const button of this.#votes) {
			attr(button, 'aria-disabled', ready ? null : 'true');
			attr(button, 'data-said', b.said === button.value ? '' : null);
		}
		this.#tell(b, ready);
		this.#back.hidden = !b.canGoBack;
		this.#forth.hidden = !open || !b.said;
	}

	/* A pair comes on. The focus is on it, wherever it was in the one before: nobody votes twice by one key too many. */
	#begin(b) {
		const first = !this.#shown;

		this.#shown = b.ballot;
		this.#early = '';
		this.#sides.el.style.setProperty('--hue', hueOf(b.place.nth));
		text(this.#prompt, b.ballot.prompt_text);
		this.#sides.open(b.ballot, Boolean(b.said));
		if (first) return;
		this.#prompt.focus({ preventScroll: true });
		announce(`${b.said ? 'The last pair again' : `Pair ${b.place.nth} of ${b.place.of}`}: ${b.ballot.prompt_text}`);
	}

	#tell(b, ready) {
		clearTimeout(this.#slow);
		if (b.state === 'sending') {
			const say = () => text(this.#hint, connection.lost ? 'Your vote is kept. It is sent as soon as the server answers.'
				: 'Your vote is on its way …');

			if (connection.lost) say();
			else this.#slow = setTimeout(say, 500);
		} else if (b.said) {
			text(this.#hint, `You said: ${SAYS[b.said].toLowerCase()}.`);
		} else {
			text(this.#hint, ready ? 'Which is better?' : this.#early || 'Listen to both sides before you vote.');
		}
	}

	#vote(preference) {
		const { heard } = this.#sides;

		if (this.#ballots.state !== 'open') return undefined;
		if (!heard.both) {
			const missing = SIDES.map((side, i) => heard.left(i) && `${Math.ceil(heard.left(i))} s more of the ${side} side`).filter(Boolean);
			this.#early = `Listen to ${missing.join(' and ')} first.`;
			announce(this.#early);
			return this.#show();
		}
		/* What one hears now is not what one voted on. */
		this.#sides.close();
		return this.#ballots.vote(preference);
	}

	#showMessage(b) {
		this.#shown = null;
		this.#sides.close();
		if (b.state === 'loading') return;
		const words = messages[b.state](this.#id, b), before = this.#message.textContent;

		if (b.state === 'refused' && !b.gone) words.push(el('div', { class: 'tests-doings' }, el('button', {
			class: 'quiet', type: 'button', onclick: () => b.next(),
		}, 'Go on')));
		if (b.canGoBack && b.state !== 'refused') words.push(el('p', {}, el('button', {
			class: 'quiet', type: 'button', onclick: () => b.back(),
		}, 'Change the last vote')));
		if (before === words.map((w) => w.textContent).join('')) return;
		this.#message.replaceChildren(...words);
		announce(words[0].textContent);
		if (!this.el.contains(document.activeElement)) return;
		this.el.querySelector('h1').focus({ preventScroll: true });
	}

	/* Other pairs may come while one waits for them. */
	#wait(on) {
		if (on && !this.#asking) this.#asking = poll(() => this.#ballots.next(), WAIT_MS, { later: true });
		if (!on) {
			this.#asking?.stop();
			this.#asking = null;
		}
	}

	#key(e) {
		const does = DOES[e.key.length === 1 ? e.key.toLowerCase() : e.key];
		const on = (what) => e.target.closest?.(what);

		if (!does || e.ctrlKey || e.altKey || e.metaKey || e.shiftKey || !this.#useKeys.checked || this.#stage.hidden) return;
		/* What has the focus and a use for the key itself, comes first. */
		if (on('select, textarea, input:not([type="range"], [type="checkbox"])')) return;
		if (e.key.startsWith('Arrow') && on('input, nav')) return;
		if (e.key === ' ' && on('button, a, summary, input[type="checkbox"]')) return;
		e.preventDefault();
		e.stopPropagation();
		if (!e.repeat) this.#do(...does);
	}

	#do(what, which) {
		const open = this.#ballots.state === 'open';

		if (what === 'choose' && open) this.#sides.choose(which);
		if (what === 'other' && open) this.#sides.other();
		if (what === 'toggle' && open) this.#sides.toggle();
		if (what === 'vote') this.#vote(which);
		if (what === 'back' && this.#ballots.canGoBack) this.#ballots.back();
	}
}

const DOES = {
	ArrowLeft: ['choose', 0], ArrowRight: ['choose', 1], 1: ['choose', 0], 2: ['choose', 1], x: ['other'], ' ': ['toggle'],
	l: ['vote', 'left'], r: ['vote', 'right'], e: ['vote', 'equal'], b: ['back'],
};

function keys(use) {
	const row = (what, ...names) => el('div', {}, el('dt', {}, ...names.flatMap((n) => [el('kbd', {}, n), ' '])), el('dd', {}, what));

	return el('section', { class: 'blind-keys', 'aria-label': 'Keys', hidden: true },
		el('dl', {}, row('left', '←', '1'), row('right', '→', '2'), row('the other one', 'X'), row('play, pause', 'Space')),
		el('dl', {}, row('left is better', 'L'), row('equal', 'E'), row('right is better', 'R'), row('change the last vote', 'B')),
		el('label', {}, use, ' Use these keys'));
}

const link = (href, words, className) => el('a', { href, class: className }, words);

const messages = {
	waiting: (id, b) => [
		el('p', { class: 'lead' }, b.waiting === 1 ? 'One pair is still to come.' : `${b.waiting} pairs are still to come.`),
		el('p', {}, 'They are being generated, or are still to be. The next one that is ready comes up here by itself.'),
		el('p', {}, link(`#/tests/${id}`, 'See how far they are')),
	],
	done: (id, b) => [
		el('p', { class: 'lead' }, 'That was all. Thank you for listening.'),
		el('p', {}, b.place.of ? `You have voted on ${plural(b.place.of, 'pair')}.` : 'You have voted on every pair.'),
		el('div', { class: 'tests-doings' }, link(`#/tests/${id}/results`, 'See the results', 'button'), link('#/tests', 'Other tests', 'quiet')),
	],
	refused: (id, b) => [el('p', { class: 'lead' }, b.error), el('p', {}, link('#/tests', 'To the A/B tests'))],
};
