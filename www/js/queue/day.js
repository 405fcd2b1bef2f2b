/* The chart of a day of the queue: jobs done and failed, and how long they waited, from the history of /jobs/stats. */

import { Chart } from '../chart.js';
import { count, lasting } from '../figures.js';

const sum = (items, name) => items.reduce((n, item) => n + (item[name] ?? 0), 0);

/* How a piece of time is told in words, or all of them. */
function tell(item, items = [item]) {
	const done = sum(items, 'completed'), failed = sum(items, 'failed');

	if (!done && !failed) return 'nothing was done';
	return [
		`${count(done)} done`,
		failed && `${count(failed)} failed`,
		item && done && `waited ${lasting(item.avg_wait_seconds)}, took ${lasting(item.avg_processing_seconds)}`,
		done && `${lasting(sum(items, 'audio_seconds'))} of music`,
	].filter(Boolean).join(' · ');
}

function units(most_s) {
	if (most_s > 2 * 3600) return [3600, 'h'];
	return most_s > 120 ? [60, 'min'] : [1, 's'];
}

export function dayChart() {
	return new Chart({
		label: 'The last 24 hours',
		bands: [
			{ title: 'Jobs done', share: 3, whole: true, parts: [
				{ name: 'done', of: (item) => item.completed },
				{ name: 'failed', of: (item) => item.failed }] },
			{ title: 'Average wait', share: 2, line: true, units, parts: [
				{ name: 'wait', of: (item) => item.avg_wait_seconds }] },
		],
		tell,
		worth: (item) => item.completed + item.failed > 0,
		columns: [
			['Done', (item) => count(item.completed)],
			['Failed', (item) => count(item.failed)],
			['Wait', (item) => lasting(item.avg_wait_seconds)],
			['Processing', (item) => lasting(item.avg_processing_seconds)],
			['Music', (item) => lasting(item.audio_seconds)],
		],
	});
}
