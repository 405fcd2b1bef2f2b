// More than one machine: three hosts on a Galera cluster and one bucket in Swift, everything of which is killed at random
// while jobs are submitted. For longer: CLUSTER_SECONDS=300 CLUSTER_JOBS=500 node --test tests/faults/cluster.test.mjs;
// CLUSTER_STORAGE=folder has a folder for audio instead of the bucket.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sleep, until } from '../harness.mjs';
import { hasGalera, isSynced, startCluster } from './cluster.mjs';
import { check, ended, hex, hold, post, stuck } from './jobs.mjs';
import { AceStep } from '../remote/servers.mjs';

const seconds = Number(process.env.CLUSTER_SECONDS ?? 10), jobs = Number(process.env.CLUSTER_JOBS ?? 40);
// How long a job may wait while one of less priority is begun, in seconds: claims are races, and a host may just be away.
const slip = 2;
const server = await new AceStep({ old: true, work: 300 }).start();
let cluster, hosts;

before(async () => {
	assert.ok(hasGalera(), 'galera-4 is not installed; lib/local/deps.sh check does that');
	cluster = await startCluster(3, { settings: { workers: 1, worker_nice: 0, lease_ms: 3000, lease_grace_ms: 1000, retry_backoff_ms: 100,
		max_attempts: 20, job_timeout_s: 15 }, remotes: { gpu: { protocol: 'acestep', url: server.url, concurrency: 1 } }, storage: process.env.CLUSTER_STORAGE });
	({ hosts } = cluster);
	for (const host of hosts)
		await until(async () => (await host.sql("SELECT 1 FROM models WHERE id = 'gpu'")).length === 3, 'the models of all hosts', 30_000);
});
after(async () => {
	await cluster?.stop();
	server.stop();
});

const any = (list) => list[Math.floor(Math.random() * list.length)];
const allSynced = async () => (await Promise.all(hosts.map((host) => isSynced(host, hosts.length)))).every(Boolean);

// Submit until some host acknowledges it, as a client would behind a balancer; always the same job, by its key.
async function insist(key, fields) {
	return until(async () => {
		const answer = await post(any(hosts), fields, key).catch(() => undefined);
		if (answer && answer.status < 500 && answer.status !== 409) assert.equal(answer.status, 201, await answer.clone().text());
		return answer?.status === 201 && (await answer.json()).id;
	}, `an acknowledgement of ${key}`, 60_000);
}

test('what one host has acknowledged every other one knows at once, also one that lags behind', async () => {
	const [first, ...others] = hosts, ids = [];
	for (const late of others) {
		// Nothing is applied there until the lock is gone.
		const release = await hold(late, 'LOCK TABLES jobs READ');
		const answer = await post(first, { duration: 1 });
		assert.equal(answer.status, 201);
		const { id } = await answer.json(), asked = fetch(`${late.url}api/generate/${id}`);
		await sleep(300);
		await release();
		assert.equal((await asked).status, 200, late.name);
		ids.push(id);
	}
	for (const id of ids) await ended(first, id);
	await check(first, ...ids);
});

// Rows that a node has locked another one does not see: two hosts are stopped in the middle of a claim, each of another
// job, when both have found that the server has none.
test('a server elsewhere that bears one job has one, though two hosts claim in the same moment', async () => {
	const ids = [], release = [];
	hosts.forEach((host) => host.kill('daemon', 'SIGSTOP'));
	for (const [i, host] of hosts.slice(0, 2).entries()) {
		const answer = await post(host, { model: 'gpu', duration: 1, seed: 1, priority: 5 - i });
		assert.equal(answer.status, 201);
		ids.push((await answer.json()).id);
		release.push(await hold(host, `SELECT 1 FROM jobs WHERE id = ${hex(ids[i])} FOR UPDATE`));
		host.kill('daemon', 'SIGCONT');
		await stuck(host, 'UPDATE jobs SET status=');
	}
	await Promise.all(release.map((end) => end()));
	hosts.forEach((host) => host.kill('daemon', 'SIGCONT'));
	for (const id of ids) await ended(hosts[0], id);
	await check(hosts[0], ...ids);
	assert.equal(server.tasks.length, 2);
	assert.deepEqual(await hosts[0].sql('SELECT a.id FROM jobs a JOIN jobs b ON a.id < b.id AND a.started_at < b.completed_at AND ' +
		`b.started_at < a.completed_at AND a.id IN (${ids.map(hex)}) AND b.id IN (${ids.map(hex)})`), [], 'they were in work together');
});

// The bucket is away for a moment; not so often that nothing is ever stored.
const bucket_s = 20;
async function restartSwift() {
	await cluster.swift.halt();
	await sleep(2000 * Math.random());
	await cluster.swift.start();
}

// Kill something somewhere, again and again. What was killed, and how often.
async function havoc(until_ms) {
	const killed = {}, count = (what) => { killed[what] = (killed[what] ?? 0) + 1; };
	let bucket_at = Date.now() + bucket_s * 1000 * Math.random() / 2, back;
	while (Date.now() < until_ms) {
		const host = any(hosts), what = any(['database', 'daemon', 'worker', 'worker', 'responder', 'host']);
		// One node at a time: of three, two are a majority.
		if (!['database', 'host'].includes(what) || await allSynced()) {
			if (host.kill(what === 'host' ? undefined : what).length) count(what);
		}
		if (cluster.swift && Date.now() > bucket_at) {
			await back;
			back = restartSwift();
			count('bucket');
			bucket_at = Date.now() + bucket_s * 1000;
		}
		await sleep(500 + 2000 * Math.random());
	}
	await back;
	return killed;
}

// The longest time that a job which had been acknowledged waited although one of less priority was begun. Only those of one
// attempt: of the others the first beginning is not recorded.
function longestSlip(rows) {
	let longest = 0;
	for (const a of rows)
		for (const b of rows)
			if (a.priority < b.priority && b.started > a.there && a.started > b.started)
				longest = Math.max(longest, a.started - b.started);
	return longest;
}

test(`${jobs} jobs, while nodes, daemons, workers and responders are killed for ${seconds} s: each is done once, and in order`, async (t) => {
	const [[before]] = await hosts[0].sql('SELECT COUNT(*) FROM jobs'), begin = Date.now(), end = begin + seconds * 1000;
	const chaos = havoc(end), acknowledged = new Map();
	// All in the first half of the time, several at once.
	await Promise.all(Array.from({ length: 5 }, async (_, lane) => {
		for (let i = lane; i < jobs; i += 5) {
			await sleep(Math.max(0, begin + i / jobs * seconds * 500 - Date.now()));
			const id = await insist(`job-${i}`, { duration: 1, priority: Math.floor(Math.random() * 10), num_samples: 1 + i % 2 });
			acknowledged.set(id, Date.now() / 1000);
		}
	}));
	const killed = await chaos;
	await until(allSynced, 'all nodes together again', 90_000);
	const [host] = hosts;
	await until(async () => !(await host.sql("SELECT 1 FROM jobs WHERE status IN ('queued', 'processing') LIMIT 1")).length, 'the end of all jobs', 240_000);
	const ids = [...acknowledged.keys()];
	assert.equal(ids.length, jobs);
	assert.equal(Number((await host.sql('SELECT COUNT(*) FROM jobs'))[0][0]), Number(before) + jobs);
	await check(host, ...ids);
	const rows = (await host.sql(`SELECT LOWER(HEX(id)), priority, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', started_at), attempt
		FROM jobs WHERE id IN (${ids.map(hex)})`)).map(([id, priority, started, attempt]) => ({ priority: Number(priority), started: started / 1e6,
		attempt: Number(attempt), there: acknowledged.get(id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')) }));
	const once = rows.filter(({ attempt }) => attempt === 1), slipped = longestSlip(once);
	t.diagnostic(`killed ${JSON.stringify(killed)}; ${Math.round((Date.now() - begin) / 1000)} s in all; ${once.length} of ${jobs} jobs at the first ` +
		`attempt, most attempts ${Math.max(...rows.map(({ attempt }) => attempt))}; longest slip ${slipped.toFixed(2)} s`);
	assert.ok(slipped < slip, `a job waited ${slipped} s behind one of less priority`);
	// Every node says the same.
	const tables = (await host.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = 'earshot' AND table_name NOT IN ('hosts', 'progress')")).flat();
	const sums = await Promise.all(hosts.map((one) => one.sql(`SET wsrep_sync_wait = 1; CHECKSUM TABLE ${tables.join()}`)));
	for (const other of sums.slice(1)) assert.deepEqual(other, sums[0]);
});
