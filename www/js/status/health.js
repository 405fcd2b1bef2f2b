/* Whether everything works, in plain words; and what to do, part by part, where something does not. */

import { command } from '../copy.js';
import { announce, el, text } from '../dom.js';
import { count, many } from '../figures.js';

const SENTENCES = { ok: 'Everything works.', degraded: 'Something is wrong.', away: 'The server does not answer.' };

const AWAY = 'This page asks again by itself. If it lasts: is the web server running, and can this device reach it?';

const HELPS = 'In a shell of its host, this helps:';

const PARTS = {
	database: {
		name: 'Database', well: () => 'It answers.',
		advice: 'Nothing else has to be restarted: the studio goes on by itself once that is put right.',
	},
	storage: {
		name: 'Storage', well: () => 'It can be written to.',
		advice: 'See whether its disk is full, and whether its folder belongs to the user that the service runs as.',
	},
	daemon: {
		name: 'Daemon',
		well: (d) => (d.running ? `It runs with ${many(d.workers ?? 0, 'worker')}, ${count(d.busy ?? 0)} busy.`
			: 'It does not run now; the next job starts it.'),
		advice: 'The jobs that wait go on by themselves once that is put right.',
		/* It keeps what it knows in the database, and may do no more than wait. */
		after: 'database', waits: 'It may only be waiting for the database; see to that first.',
	},
};

/* One part: a mark, its name, how it is, and what to do. */
class Part {
	#name;
	#says = el('p', { class: 'health-says' });
	#advice = el('p', { class: 'hint' });
	#fix = el('div', {});
	#remedy = null;

	constructor(name) {
		this.#name = name;
		this.el = el('li', { class: 'health-part' }, el('span', { class: 'health-mark', 'aria-hidden': 'true' }),
			el('div', {}, el('h3', {}, PARTS[name].name), this.#says, this.#advice, this.#fix));
	}

	show(health) {
		const find = (name) => health?.problems.find((p) => p.part === name);
		const problem = find(this.#name), part = PARTS[this.#name], waits = problem && find(part.after);
		const remedy = (!waits && problem?.remedy) || null;

		this.el.dataset.state = !health ? 'unknown' : problem ? 'wrong' : 'ok';
		text(this.#says, !health ? 'Not known.' : problem ? problem.detail : part.well(health[this.#name]));
		text(this.#advice, waits ? part.waits : remedy ? HELPS : problem ? part.advice : '');
		if (this.#remedy === remedy) return;
		this.#remedy = remedy;
		this.#fix.replaceChildren(...(remedy ? [command(remedy)] : []));
	}
}

export class Health {
	#title = el('h2', { id: 'health-title', class: 'lead' }, '…');
	#line = el('p', { class: 'hint' });
	#parts = Object.keys(PARTS).map((name) => new Part(name));
	#state = '';

	constructor() {
		this.el = el('section', { class: 'panel health', 'aria-labelledby': 'health-title' }, this.#title, this.#line,
			el('ul', { class: 'health-parts' }, ...this.#parts.map((part) => part.el)));
	}

	/* As /health has it, which tells nobody more than the state who is not signed in; null: it does not answer, for this
	 * reason. */
	show(health, reason) {
		const state = health?.status ?? 'away', whole = health?.problems ? health : null;

		for (const part of this.#parts) part.show(whole);
		this.el.dataset.state = state;
		text(this.#title, SENTENCES[state]);
		text(this.#line, whole ? `Version ${whole.version}` : health ? '' : `${reason} ${AWAY}`);
		if (this.#state && this.#state !== state) announce(SENTENCES[state], state !== 'ok');
		this.#state = state;
	}
}
