// When something is missing: a sentence and a way back without a restart, and nothing is lost.

import assert from 'node:assert/strict';
import { execSync } from 'node:child_process';
import { chmodSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { until } from '../harness.mjs';
import { holdSupervisor, installation, isProblem } from './api.mjs';

describe('the database', () => {
	const api = installation({ settings: { workers: 1 } });
	const back = () => until(async () => (await api.get('/health')).json.status === 'ok',
		'the database to be back', 30_000);
	const isAway = (answer) => {
		isProblem(answer, 503, 'The server cannot reach its database or its storage now; try again shortly.');
		assert.match(answer.headers['retry-after'], /^[1-9]\d*$/);
	};

	test('when it is gone every address that needs it says 503 and Retry-After; /health says what is away', async () => {
		const { job, audio: [audio] } = await api.make({}), release = holdSupervisor(api.stack);
		try {
			const [killed] = api.stack.kill('database');
			await until(() => !api.stack.pids('database').includes(killed), 'the end of the database');
			for (const path of ['/prompts', `/generate/${job.id}`, '/jobs', `/audio/${audio.id}`,
				`/audio/${audio.id}/stream`, '/models'])
				isAway(await api.get(path));
			isAway(await api.post('/generate', { prompt: 'x' }));
			isAway(await api.post('/prompts', { text: 'x' }));
			isAway(await api.delete(`/generate/${job.id}`));
			const { status, json } = await api.get('/health');
			assert.deepEqual([status, json.status, json.database, json.storage],
				[200, 'degraded', 'away', 'ok']);
			assert.deepEqual(json.problems, [{ part: 'database', remedy: null,
				detail: 'The database cannot be reached; nothing is listed, submitted or completed until it is back.' }]);
			assert.equal((await api.get('/openapi.json')).status, 200);
		} finally {
			release();
		}
		await back();
		assert.deepEqual(await api.job(job.id), job);
		await api.make({});
	});

	test('a job that is processed meanwhile ends with its one result all the same', async () => {
		const { id } = await api.submit({ duration: 60 });
		await api.reach(id, 'processing');
		api.stack.kill('database');
		await back();
		const job = await api.reach(id, 'completed', 90_000);
		assert.equal(job.audio_ids.length, 1);
		assert.equal((await api.get(`/audio/${job.audio_ids[0]}/stream`)).status, 200);
		assert.deepEqual(await api.stack.sql('SELECT COUNT(*) FROM samples WHERE params LIKE \'%"duration":60%\''), [['1']]);
	});

	test('when it hangs, an answer is not waited for longer than a few seconds, and nothing is lost', async () => {
		const { id } = await api.submit({});
		await api.reach(id, 'completed');
		const stopped = api.stack.kill('database', 'SIGSTOP');
		try {
			// Each of them several times: with a connection that hangs, and where a new one has to be made.
			for (let i = 0; i < 2; i++) {
				const began = Date.now();
				for (const answer of await Promise.all([api.get('/prompts'), api.post('/prompts', { text: 'x' }),
					api.get('/jobs')])) isAway(answer);
				assert.ok(Date.now() - began < 20_000, `${Date.now() - began} ms`);
				assert.equal((await api.get('/metrics')).status, 200);
			}
		} finally {
			for (const pid of stopped) process.kill(pid, 'SIGCONT');
		}
		await back();
		assert.equal((await api.job(id)).status, 'completed');
		await api.make({});
	});

	test('when its tables are older than this version, /health says so, with the command that helps', async () => {
		const restart = async () => {
			const killed = api.stack.kill('responder', 'SIGTERM');
			await until(() => api.stack.pids('responder').every((pid) => !killed.includes(pid)), 'the end of the responders');
			await until(async () => (await api.plain('GET', '/api/health').catch(() => ({}))).status === 200, 'others to be back', 30_000);
		};
		await api.stack.sql('UPDATE schema_migrations SET applied_at=NULL ORDER BY version DESC LIMIT 1');
		await restart();
		const { json } = await api.get('/health');
		assert.equal(json.status, 'degraded');
		assert.deepEqual(json.problems, [{ part: 'database', remedy: 'earshot migrate',
			detail: 'The tables of the database are not there, or older than this version of Earshot.' }]);
		await api.stack.cli(...json.problems[0].remedy.split(' ').slice(1));
		assert.deepEqual((await api.get('/health')).json.problems, []);
		await api.stack.sql("INSERT INTO schema_migrations VALUES (9999, '9999-future.sql', '', 1, UTC_TIMESTAMP(6))");
		await restart();
		assert.deepEqual((await api.get('/health')).json.problems, [{ part: 'database', remedy: null,
			detail: 'The tables of the database are newer than this version of Earshot.' }]);
		await api.stack.sql('DELETE FROM schema_migrations WHERE version=9999');
		assert.equal((await api.get('/health')).json.status, 'ok');
	});

	test('an idle connection that broke is made anew without anyone noticing', async () => {
		await api.get('/prompts');
		const [[ids]] = await api.stack.sql(`SELECT GROUP_CONCAT(CONCAT('KILL ', id) SEPARATOR ';')
			FROM information_schema.processlist WHERE id <> CONNECTION_ID()`);
		await api.stack.sql(ids);
		for (let i = 0; i < 10; i++) {
			assert.equal((await api.get('/prompts')).status, 200);
			assert.equal((await api.post('/prompts', { text: 'x' })).status, 201);
		}
		await api.make({});
	});
});

describe('the storage', () => {
	const api = installation({ settings: { workers: 1, max_attempts: 2, retry_backoff_ms: 50 } });

	test('when it may not be written to, a job fails with the sentence; a retry makes it once it may', async () => {
		const { audio: [audio] } = await api.make({});
		const storage = join(api.stack.var, 'storage');
		const folders = ['.', ...readdirSync(storage, { recursive: true })]
			.map((name) => join(storage, name)).filter((path) => statSync(path).isDirectory())
			.map((path) => [path, statSync(path).mode & 0o777]);
		let failed;
		try {
			for (const [path] of folders) chmodSync(path, 0o500);
			const { json } = await api.get('/health');
			assert.deepEqual([json.status, json.storage, json.database], ['degraded', 'away', 'ok']);
			assert.deepEqual(json.problems, [{ part: 'storage', remedy: null,
				detail: 'The folder of the storage cannot be written to.' }]);
			const { id } = await api.submit({ seed: 5 });
			failed = await api.reach(id, 'failed');
			assert.match(failed.error, /storage|permission|written/i);
			assert.deepEqual(failed.audio_ids, []);
			assert.ok(failed.error_code);
			isProblem(await api.get(`/audio/${audio.id}/stream?format=mp3`), 503);
			assert.equal((await api.get(`/audio/${audio.id}/stream`)).status, 200,
				'what is there can be heard');
		} finally {
			for (const [path, was] of folders) chmodSync(path, was);
		}
		assert.equal((await api.get('/health')).json.status, 'ok');
		const { json: retried } = await api.post(`/generate/${failed.id}/retry`);
		assert.deepEqual([retried.retry_of, retried.generation_params.seed], [failed.id, 5]);
		await api.reach(retried.id, 'completed');
	});
});

describe('the daemon', () => {
	const api = installation({ settings: { workers: 1 } });

	test('when it hangs, /health says so and how to end it; after that everything goes on', async () => {
		const { id } = await api.submit({ duration: 60 });
		await api.reach(id, 'processing');
		const [pid] = api.stack.kill('daemon', 'SIGSTOP');
		let problems;
		try {
			const { json } = await api.get('/health');
			problems = json.problems;
			assert.deepEqual([json.status, json.database, json.storage, json.daemon.running], ['degraded', 'ok', 'ok', false]);
			assert.deepEqual(problems, [{ part: 'daemon', remedy: `kill -9 ${pid}`,
				detail: 'The daemon runs but does not answer, so no job is begun.' }]);
		} finally {
			execSync(problems?.[0].remedy ?? `kill -9 ${pid}`);
		}
		await api.reach(id, 'completed');
		const { json } = await api.get('/health');
		assert.deepEqual([json.status, json.problems, json.daemon.running], ['ok', [], true]);
	});

	test('when it does not run, that is no problem', async () => {
		const release = holdSupervisor(api.stack);
		try {
			const [killed] = api.stack.kill('daemon');
			await until(() => !api.stack.pids('daemon').includes(killed), 'the end of the daemon');
			const { json } = await api.get('/health');
			assert.deepEqual([json.status, json.problems, json.daemon.running], ['ok', [], false]);
		} finally {
			release();
		}
	});
});

describe('the workers', () => {
	// So little memory that none of them gets beyond its start.
	const api = installation({ settings: { workers: 1, worker_memory_mb: 8 } });

	test('when none can live, /health says so', async () => {
		const { json } = await until(async () => {
			const answer = await api.get('/health');
			return answer.json.status === 'degraded' && answer;
		}, 'the daemon to see that they die');
		assert.deepEqual([json.daemon.running, json.daemon.workers], [true, 0]);
		assert.deepEqual(json.problems, [{ part: 'daemon', remedy: null,
			detail: 'The workers end as soon as they are started, so no job is processed; the log of the daemon has the reason.' }]);
	});
});

describe('the soundfont', () => {
	const api = installation({ settings: { soundfont: '/nowhere/none.sf2' } });

	test('when it is missing, /models says what is missing and a submission gets 400 with that sentence', async () => {
		const { models: [band] } = (await api.get('/models')).json;
		assert.deepEqual([band.id, band.is_available], ['band', false]);
		assert.match(band.unavailable_reason, /\/nowhere\/none\.sf2/);
		assert.equal(band.remedy, null, 'no command knows which file was meant');
		isProblem(await api.post('/generate', { prompt: 'x' }), 400,
			`The model band cannot run on this installation: ${band.unavailable_reason}`, ['model']);
		assert.equal((await api.get('/jobs')).json.total, 0);
	});
});
