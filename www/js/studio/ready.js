/* A take that was asked for on this page plays when it is done: when nobody left, and nothing else sounds. */

import { player } from '../player/player.js';
import { load, save } from '../store.js';

export function begin(form, { jobs }) {
	const wanted = document.getElementById('play-when-ready'), mine = new Set();

	wanted.checked = load('play-when-ready', true);
	wanted.addEventListener('change', () => save('play-when-ready', wanted.checked));
	jobs.addEventListener('made', (e) => mine.add(e.detail.id));
	jobs.addEventListener('job', ({ detail: job }) => {
		if (job.status !== 'completed' || !mine.delete(job.id)) return;
		const away = document.hidden || document.getElementById('studio').hidden;

		if (wanted.checked && !away && !player.state(player.id).playing) player.play(job.audio_ids[0]);
	});
}
