/* Submissions on their way, above the takes. Shown only when it lasts: most answers come before one could read it. */

import { el } from '../dom.js';

const LASTING_MS = 400;

export function showSending(outbox) {
	for (const submission of outbox.waiting) show(submission, outbox);
	outbox.addEventListener('sending', (e) => show(e.detail, outbox));
}

function show(submission, outbox) {
	const waits = () => outbox.waiting.includes(submission);
	const li = el('li', { class: 'card sending' },
		el('h3', { class: 'prompt' }, submission.body.prompt ?? 'The same with another seed'),
		el('div', { class: 'foot' },
			el('p', { class: 'stage' }, 'On its way to the server …'),
			el('button', { class: 'quiet', type: 'button', onclick: () => outbox.discard(submission) }, 'Discard')));

	setTimeout(() => { if (waits()) document.getElementById('list').prepend(li); }, LASTING_MS);
	outbox.addEventListener('settled', () => { if (!waits()) li.remove(); });
}
