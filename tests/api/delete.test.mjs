// Deletion of jobs and takes, and what happens when several want the same job at the same moment.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { sleep, until } from '../harness.mjs';
import { installation, isProblem, nobody, rounds } from './api.mjs';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

// Everything that was deleted is collected, now.
async function collected(api) {
	await until(async () => {
		await api.stack.sql('UPDATE intents SET collect_after=UTC_TIMESTAMP(6) WHERE collect_after IS NOT NULL');
		return (await api.stack.sql('SELECT COUNT(*) FROM intents'))[0][0] === '0';
	}, 'the objects to be collected', 60_000);
}

// Records, counters and storage agree: the command says what does not.
async function isSound(api) {
	await collected(api);
	await api.stack.cli('audit');
}

const stats = async (api) => (await api.get('/jobs/stats')).json;
const isGone = async (api, path) => isProblem(await api.get(path), 404, /^There is no (job|audio) [0-9a-f-]{36}\.$/);
const files = async (api, job) => (await api.stack.sql(`SELECT storage_key, peaks_key, midi_key FROM samples WHERE
	job_id=UNHEX('${job.replaceAll('-', '')}')`)).flat().map((key) => join(api.stack.var, 'storage', key));

describe('Deleting', () => {
	const api = installation({ settings: { workers: 1 } });

	test('a completed job removes it from every list, with its audio and what was derived from it', async () => {
		const { job, audio } = await api.make({ num_samples: 2, prompt: 'to be deleted' }), { job: other } = await api.make();
		assert.equal((await api.get(`/audio/${audio[1].id}/stream?format=mp3`)).status, 200);
		const derived = join(api.stack.var, 'storage', audio[1].storage_path.replace(/^audio/, 'derived').replace('.flac', '.mp3'));
		assert.equal((await api.get(`/audio/${audio[1].id}/stream?stem=bass`)).status, 200);
		const stem = join(api.stack.var, 'storage', audio[1].storage_path.replace(/^audio/, 'stems').replace('.flac', '-bass.flac'));
		const stored = await files(api, job.id);
		assert.equal(stored.filter(existsSync).length, 6);
		assert.ok(existsSync(derived) && existsSync(stem));

		const answer = await api.delete(`/jobs/${job.id}`);
		assert.deepEqual([answer.status, answer.json], [200, { status: 'deleted', job_id: job.id }]);
		for (const path of [`/jobs/${job.id}`, `/generate/${job.id}`, ...audio.flatMap(({ id }) =>
			['', '/stream', '/stream?format=mp3', '/stream?stem=bass', '/peaks', '/midi'].map((end) => `/audio/${id}${end}`))])
			await isGone(api, path);
		isProblem(await api.delete(`/jobs/${job.id}`), 404);
		isProblem(await api.delete(`/audio/${audio[0].id}`), 404);
		const list = (await api.get('/jobs?status=completed')).json;
		assert.deepEqual([list.items.map(({ id }) => id), list.total], [[other.id], 1]);
		assert.deepEqual((await api.get(`/prompts/${job.prompt_id}`)).json.audio_sample_ids, []);

		// Whoever was just told to send one of the files still finds it.
		assert.equal(stored.filter(existsSync).length, 6);
		await until(() => !stored.some(existsSync), 'the files to be deleted', 30_000);
		assert.ok(existsSync(derived));
		await isSound(api);
		assert.ok(!existsSync(derived) && !existsSync(stem));
		assert.equal((await files(api, other.id)).filter(existsSync).length, 3);
	});

	test('a job that is processing stops it, and the next one gets its worker', async () => {
		const { id } = await api.keepBusy(), next = await api.submit();
		assert.deepEqual((await api.delete(`/jobs/${id}`)).json, { status: 'deleted', job_id: id });
		await isGone(api, `/generate/${id}`);
		await api.reach(next.id, 'completed');
		await isSound(api);
	});

	test('a queued job takes it out of the queue', async () => {
		const busy = await api.keepBusy(), first = await api.submit(), second = await api.submit();
		assert.equal((await api.job(second.id)).queue_position, 2);
		assert.equal((await api.delete(`/jobs/${first.id}`)).status, 200);
		assert.equal((await api.job(second.id)).queue_position, 1);
		assert.equal((await stats(api)).status_counts.queued, 1);
		await api.delete(`/jobs/${busy.id}`);
		await api.reach(second.id, 'completed');
	});

	test('one take leaves the job with the others', async () => {
		const { job, audio } = await api.make({ num_samples: 3, duration: 2 });
		const answer = await api.delete(`/audio/${audio[1].id}`);
		assert.deepEqual([answer.status, answer.json], [200, { status: 'deleted', id: audio[1].id }]);
		await isGone(api, `/audio/${audio[1].id}`);
		const left = await api.job(job.id);
		assert.deepEqual(left.audio_ids, [audio[0].id, audio[2].id]);
		assert.equal(left.status, 'completed');
		assert.equal(left.num_samples, 3);
		assert.ok(Math.abs(left.duration_seconds - 2) < 0.01);
		for (const id of left.audio_ids) await api.delete(`/audio/${id}`);
		const none = await api.job(job.id);
		assert.deepEqual([none.audio_ids, none.duration_seconds, none.status], [[], null, 'completed']);
		await isSound(api);
	});

	test('what is not there is not found', async () => {
		isProblem(await api.delete(`/jobs/${nobody}`), 404, `There is no job ${nobody}.`);
		isProblem(await api.delete(`/audio/${nobody}`), 404, `There is no audio ${nobody}.`);
		isProblem(await api.delete('/jobs/stats'), 405);
	});
});

describe('The statistics', () => {
	const api = installation({ settings: { workers: 2 } });

	test('of nothing are zero, and averages are unknown', async () => {
		const { workers, ...rest } = await stats(api);
		assert.deepEqual(rest, {
			status_counts: { queued: 0, processing: 0, completed: 0, failed: 0, cancelled: 0 },
			active_jobs: 0, total_jobs: 0, jobs_today: 0, avg_processing_time_seconds: null, avg_wait_seconds: null,
			throughput: { jobs_last_hour: 0, jobs_last_24h: 0, audio_seconds_last_24h: 0 },
		});
		assert.equal(workers.busy, 0);
	});

	test('follow the jobs', async () => {
		const { job } = await api.make({ num_samples: 2, duration: 3 });
		const last = await api.make({ duration: 1 });
		const [one, two] = [await api.keepBusy(), await api.keepBusy()];
		const [queued, cancelled] = [await api.submit(), await api.submit()];
		await api.delete(`/generate/${cancelled.id}`);
		const s = await stats(api);
		assert.deepEqual(s.status_counts, { queued: 1, processing: 2, completed: 2, failed: 0, cancelled: 1 });
		assert.deepEqual([s.active_jobs, s.total_jobs, s.jobs_today], [3, 6, 6]);
		assert.deepEqual(s.throughput, { jobs_last_hour: 2, jobs_last_24h: 2, audio_seconds_last_24h: 7 });
		const spent = (a, b) => (Date.parse(b) - Date.parse(a)) / 1000;
		const both = [job, last.job].map((j) => [spent(j.created_at, j.started_at), spent(j.started_at, j.completed_at)]);
		assert.ok(Math.abs(s.avg_wait_seconds - (both[0][0] + both[1][0]) / 2) < 0.01);
		assert.ok(Math.abs(s.avg_processing_time_seconds - (both[0][1] + both[1][1]) / 2) < 0.01);
		await until(async () => {
			const { workers } = await stats(api);
			return workers.total === 2 && workers.busy === 2;
		}, 'the workers to be counted', 20_000);
		for (const id of [one.id, two.id, job.id]) await api.delete(`/jobs/${id}`);
		await api.reach(queued.id, 'completed');
		const now = await stats(api);
		assert.deepEqual([now.total_jobs, now.jobs_today, now.throughput.jobs_last_hour], [3, 6, 3]);
	});
});

describe('At the same moment', () => {
	const api = installation({ settings: { workers: 2 } });

	test(`of two cancels one wins, ${rounds} times`, async () => {
		const before = (await stats(api)).status_counts.cancelled;
		for (let round = 0; round < rounds; round++) {
			const { id } = await api.submit({ duration: 30 });
			if (round % 2) await sleep(round % 40);
			const answers = await Promise.all([1, 2].map(() => api.delete(`/generate/${id}`)));
			assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
			assert.equal((await api.job(id)).status, 'cancelled');
		}
		assert.equal((await stats(api)).status_counts.cancelled, before + rounds);
	});

	test(`of a cancel and a completion one wins, ${rounds} times`, async () => {
		const ends = { completed: 0, cancelled: 0 };
		const begun = async () => {
			const { id } = await api.submit({ duration: 1 });
			await until(async () => (await api.job(id)).status !== 'queued', 'the job to begin');
			return id;
		};
		// About as long as a job takes here and now.
		const first = await begun(), start = Date.now();
		await api.reach(first, 'completed');
		let delay = Date.now() - start;
		for (let round = 0; round < rounds; round++) {
			const id = await begun();
			await sleep(delay);
			const answer = await api.delete(`/generate/${id}`), job = await api.job(id);
			assert.equal(answer.status, job.status === 'cancelled' ? 200 : 409, answer.text);
			assert.equal(job.audio_ids.length, job.status === 'completed' ? 1 : 0);
			ends[job.status]++;
			// Later after a cancel, earlier after a completion: so both stay close to each other.
			delay = job.status === 'cancelled' ? delay * 1.2 + 10 : delay / 1.2;
		}
		// Else there was no race.
		assert.ok(Math.min(ends.completed, ends.cancelled) > rounds / 25, JSON.stringify(ends));
		assert.equal(ends.completed + ends.cancelled, rounds);
		await isSound(api);
	});

	test(`a stream of what is deleted is whole or not found, ${rounds} times`, async () => {
		const takes = [];
		// Of three jobs one goes as a whole, the takes of the others one by one.
		for (let i = 0; i < rounds / 3; i++) takes.push(await api.submit({ num_samples: 4, duration: 1, seed: i }));
		let whole = 0, missing = 0, races = 0;
		for (const [round, { id }] of takes.entries()) {
			const job = await api.reach(id, 'completed');
			for (const audio of job.audio_ids) {
				const { sha256: hash, size_bytes: size } = (await api.get(`/audio/${audio}`)).json;
				const path = `/audio/${audio}/stream`;
				const stream = async (ms, headers, check) => {
					await sleep(ms);
					const answer = await api.get(path, headers);
					if (answer.status === 404) missing++;
					else check(answer), whole++;
				};
				const all = (a) => assert.deepEqual([a.status, sha256(a.bytes)], [200, hash]);
				const part = (a) => assert.deepEqual([a.status, a.bytes.length, a.headers['content-range']],
					[206, size - 1000, `bytes 1000-${size - 1}/${size}`]);
				await Promise.all([stream(0, {}, all), stream(2, { Range: 'bytes=1000-' }, part), stream(4, {}, all),
					sleep(round % 5).then(() => api.delete(round % 3 ? `/audio/${audio}` : `/jobs/${id}`))
						.then(({ status }) => assert.ok(status === 200 || (status === 404 && round % 3 === 0)))]);
				races++;
				if (round % 3 === 0) break;
			}
		}
		assert.ok(races >= rounds);
		assert.ok(Math.min(whole, missing) > rounds / 10, `${whole} were sent, ${missing} not found`);
		await isSound(api);
	});
});
