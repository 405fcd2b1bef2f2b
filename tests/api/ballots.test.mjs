// Blind votes on A/B tests: nothing in what a listener gets tells the arms apart.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { root, until } from '../harness.mjs';
import { installation, isProblem, nobody } from './api.mjs';

const run = promisify(execFile);
const weights = readFileSync(join(root, 'lib/engine/band/adapters/chamber-strings.json'));

let adapter, it, prompts;

const api = installation({ settings: { workers: 2 } }, async () => {
	adapter = (await api.post('/adapters', { name: 'Secret adapter' })).json.id;
	await api.ask('PUT', `/adapters/${adapter}/weights`, { body: weights, headers: { 'Content-Type': 'application/octet-stream' } });
	prompts = [];
	for (const text of ['slow piano waltz', 'fast funk with brass', 'calm ambient pads'])
		prompts.push((await api.post('/prompts', { text })).json.id);
	it = await make();
});

async function make(body) {
	const { id } = (await api.post('/ab-tests', { name: 'Blind', adapter_b_id: adapter, prompt_ids: prompts, duration: 2, ...body })).json;
	await api.post(`/ab-tests/${id}/generate`);
	return until(async () => {
		const found = (await api.get(`/ab-tests/${id}`)).json;
		return found.is_ready && found;
	}, 'the test to be ready', 90_000);
}

// What a browser does with a cookie.
class Jar {
	async send(method, path, json) {
		const answer = await api.ask(method, path, { json, headers: this.cookie ? { Cookie: this.cookie } : {} });
		for (const set of answer.headers['set-cookie'] ?? []) [this.cookie] = set.split(';');
		return answer;
	}

	get ballot() { return this.send('GET', `/ab-tests/${it.id}/ballot`).then(({ json }) => json); }
	vote(ballot, preference) { return this.send('POST', `/ab-tests/${it.id}/ballot`, { ballot, preference }); }
}

const play = (side, headers) => api.get(side.stream_url.replace(/^.*\/api/, ''), headers);
// Which arm a side is, as only who knows the takes can say: by their bytes, from the storage.
const armOf = async (pair, bytes) => {
	const [[a], [b]] = await Promise.all([pair.audio_a_id, pair.audio_b_id].map(async (id) => {
		const { storage_path } = (await api.get(`/audio/${id}`)).json;
		const stem = storage_path.replace(/^audio/, 'blind').replace(/\.\w+$/, '.wav');
		return [readFileSync(join(api.stack.var, 'storage', stem))];
	}));
	assert.ok(!a.equals(b), 'the arms sound differently');
	return bytes.equals(a) ? 'a' : bytes.equals(b) ? 'b' : assert.fail('neither arm');
};

describe('a ballot', () => {
	test('has a prompt, two sides and how many are left, and no more', async () => {
		const ballot = await new Jar().ballot;
		assert.deepEqual(Object.keys(ballot).sort(), ['ballot', 'left', 'prompt_text', 'remaining', 'right']);
		assert.equal(ballot.remaining, 3);
		assert.equal(ballot.prompt_text, 'slow piano waltz');
		assert.deepEqual(Object.keys(ballot.left), ['stream_url', 'duration_seconds']);
		assert.deepEqual([ballot.left.duration_seconds, ballot.right.duration_seconds], [2, 2]);
		assert.equal(ballot.left.stream_url, ballot.right.stream_url.replace('/right?', '/left?'));
		const said = JSON.stringify(ballot);
		for (const { id, job_a_id, job_b_id, audio_a_id, audio_b_id } of it.pairs)
			for (const secret of [id, job_a_id, job_b_id, audio_a_id, audio_b_id, adapter, 'Secret'])
				assert.ok(!said.includes(secret), secret);
	});

	test('is another text each time, and always means the same sides for a listener', async () => {
		const jar = new Jar(), [pair] = it.pairs;
		await jar.ballot;
		const ballots = await Promise.all(Array.from({ length: 6 }, () => jar.ballot));
		assert.equal(new Set(ballots.map(({ ballot }) => ballot)).size, 6);
		assert.equal(new Set(ballots.map(({ ballot }) => ballot.length)).size, 1);
		const arms = [];
		for (const { left } of ballots) arms.push(await armOf(pair, (await play(left)).bytes));
		assert.equal(new Set(arms).size, 1);
	});

	test('draws the sides for each listener: both ways happen', async () => {
		const arms = { a: 0, b: 0 };
		for (let i = 0; i < 16; i++) arms[await armOf(it.pairs[0], (await play((await new Jar().ballot).left)).bytes)]++;
		// All the same way by chance: once in 32768 runs.
		assert.ok(arms.a > 0 && arms.b > 0, JSON.stringify(arms));
	});

	test('comes with a cookie of random bits that scripts cannot read, once', async () => {
		const jar = new Jar(), first = await jar.send('GET', `/ab-tests/${it.id}/ballot`);
		const [set] = first.headers['set-cookie'];
		assert.match(set, /^earshot_listener=[0-9a-f-]{36}; Path=\/; Max-Age=31536000; HttpOnly; SameSite=Lax$/);
		assert.equal((await jar.send('GET', `/ab-tests/${it.id}/ballot`)).headers['set-cookie'], undefined);
		const again = await new Jar().send('GET', `/ab-tests/${it.id}/ballot`);
		assert.notEqual(again.headers['set-cookie'][0], set);
	});

	test('404 for a test that is not there', async () => {
		isProblem(await api.get(`/ab-tests/${nobody}/ballot`), 404, new RegExp(nobody));
	});
});

describe('the two sides', () => {
	test('cannot be told apart by status, headers, size or form, whole, in part and to HEAD', async () => {
		// Ten listeners: whatever were constant for an arm would show under left for some, under right for others.
		const seen = { a: [], b: [] };
		for (let i = 0; i < 10; i++) {
			const ballot = await new Jar().ballot;
			for (const side of [ballot.left, ballot.right]) {
				const whole = await play(side);
				const part = await play(side, { Range: 'bytes=1000-1999' });
				const head = await api.head(side.stream_url.replace(/^.*\/api/, ''));
				assert.deepEqual([whole.status, part.status, head.status], [200, 206, 200]);
				assert.equal(part.headers['content-range'], `bytes 1000-1999/${whole.bytes.length}`);
				assert.ok(part.bytes.equals(whole.bytes.subarray(1000, 2000)));
				for (const own of ['x-sendfile', 'x-sendfile2', 'content-disposition'])
					assert.equal(whole.headers[own], undefined, own);
				assert.match(whole.headers['cache-control'], /private/);
				seen[await armOf(it.pairs[0], whole.bytes)].push([whole, part, head].map(({ headers }) => {
					const { date, etag, ...rest } = headers;
					assert.match(etag, /^"[0-9a-f]{32}"$/);
					return { rest, etag, start: whole.bytes.subarray(0, 44).toString('hex'), size: whole.bytes.length };
				}));
			}
		}
		const plain = (list) => list.map((three) => three.map(({ rest, start, size }) => ({ rest, start, size })));
		assert.equal(new Set([...plain(seen.a), ...plain(seen.b)].map((one) => JSON.stringify(one))).size, 1);
		const etags = [...seen.a, ...seen.b].map(([{ etag }]) => etag);
		assert.equal(new Set(etags).size, 20, 'no ETag comes back under another ballot');
		for (const [whole, part, head] of seen.a) assert.deepEqual([part.etag, head.etag], [whole.etag, whole.etag]);
	});

	test('are one length, one loudness within 0.1 LU, and have no tags, whatever the takes were', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'earshot-ballot-')), jar = new Jar(), loudness = {};
		const ballot = await jar.ballot;
		for (const side of ['left', 'right']) {
			const file = join(folder, `${side}.wav`);
			writeFileSync(file, (await play(ballot[side])).bytes);
			const { stderr } = await run('ffmpeg', ['-nostdin', '-i', file, '-af', 'ebur128', '-f', 'null', '-']);
			loudness[side] = Number(stderr.match(/Integrated loudness:\s+I:\s+(-?[\d.]+) LUFS/)[1]);
			const { stdout } = await run('ffprobe', ['-v', 'error', '-show_entries', 'format=duration:format_tags', '-of', 'json', file]);
			const { format } = JSON.parse(stdout);
			assert.equal(Number(format.duration), 2);
			assert.ok(!/title|seed|prompt|adapter|comment/i.test(JSON.stringify(format.tags ?? {})), stdout);
		}
		rmSync(folder, { recursive: true });
		assert.ok(Math.abs(loudness.left - loudness.right) <= 0.1, JSON.stringify(loudness));
	});

	test('are both made when one of them is asked for', async () => {
		const blind = () => readdirSync(join(api.stack.var, 'storage', 'blind'), { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile()).length;
		const jar = new Jar(), first = await jar.ballot;
		await jar.vote(first.ballot, 'left');
		const second = await jar.ballot, before = blind();
		await play(second.right);
		assert.equal(blind(), before + 2);
	});

	test('answer 304 to their ETag, 416 beyond their end', async () => {
		const { left } = await new Jar().ballot, { headers } = await play(left);
		assert.equal((await play(left, { 'If-None-Match': headers.etag })).status, 304);
		isProblem(await play(left, { Range: 'bytes=99999999-' }), 416);
	});

	test('404 without a ballot of this test: one that was changed, cut, made up, or of another test', async () => {
		const { ballot } = await new Jar().ballot, other = await make({ prompt_ids: [prompts[0]] });
		const path = (id, text) => `/ab-tests/${id}/ballot/left?ballot=${encodeURIComponent(text)}`;
		assert.equal((await api.get(path(it.id, ballot))).status, 200);
		const bad = [ballot.slice(0, -1), `${ballot}A`, ballot.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')), 'x', it.pairs[0].id, ''];
		for (let at = 0; at < ballot.length; at += 9)
			bad.push(ballot.slice(0, at) + (ballot[at] === 'A' ? 'B' : 'A') + ballot.slice(at + 1));
		for (const text of bad) isProblem(await api.get(path(it.id, text)), 404);
		isProblem(await api.get(path(other.id, ballot)), 404);
		isProblem(await api.get(`/ab-tests/${it.id}/ballot/left`), 400, /ballot/);
		isProblem(await new Jar().send('POST', `/ab-tests/${other.id}/ballot`, { ballot, preference: 'left' }), 422, undefined, ['ballot']);
		isProblem(await new Jar().send('POST', `/ab-tests/${it.id}/ballot`, { ballot: 'x', preference: 'a' }), 422, undefined, ['preference']);
		isProblem(await new Jar().send('POST', `/ab-tests/${it.id}/ballot`, {}), 422, undefined, ['ballot', 'preference']);
	});
});

describe('a blind vote', () => {
	const results = async () => (await api.get(`/ab-tests/${it.id}`)).json.results;

	test('counts for the arm that was on that side', async () => {
		// So many that some of them are drawn the other way round: all but once in 2048 runs.
		for (let i = 0; i < 12; i++) {
			const jar = new Jar(), ballot = await jar.ballot, side = ['left', 'right'][i % 2];
			const arm = await armOf(it.pairs[0], (await play(ballot[side])).bytes);
			const before = await results();
			assert.equal((await jar.vote(ballot.ballot, side)).status, 200);
			assert.equal((await results())[`${arm}_preferred`], before[`${arm}_preferred`] + 1);
		}
		const jar = new Jar(), before = await results();
		await jar.vote((await jar.ballot).ballot, 'equal');
		assert.equal((await results()).equal, before.equal + 1);
	});

	test('answers the next ballot, and remaining falls to 0', async () => {
		const jar = new Jar(), seen = [];
		let ballot = await jar.ballot;
		for (let left = 3; left > 0; left--) {
			assert.equal(ballot.remaining, left);
			seen.push(ballot.prompt_text);
			ballot = (await jar.vote(ballot.ballot, 'left')).json;
		}
		assert.deepEqual(ballot, { remaining: 0 });
		assert.deepEqual(await jar.ballot, { remaining: 0 });
		assert.equal(new Set(seen).size, 3);
	});

	test('of two cookie jars is of two listeners; each may change its own', async () => {
		const jars = [new Jar(), new Jar()], ballots = [];
		for (const jar of jars) ballots.push((await jar.ballot).ballot);
		const total = async () => Object.values(await results()).reduce((sum, n) => sum + n, 0);
		const before = await total();
		for (const [i, jar] of jars.entries()) await jar.vote(ballots[i], 'left');
		assert.equal(await total(), before + 2);
		const equal = (await results()).equal;
		await jars[0].vote(ballots[0], 'right');
		assert.deepEqual([await total(), (await results()).equal], [before + 2, equal]);
		await jars[0].vote(ballots[0], 'equal');
		assert.deepEqual([await total(), (await results()).equal], [before + 2, equal + 1]);
	});

	test('of a client that keeps no cookies still gets it through the test', async () => {
		const get = async () => (await api.get(`/ab-tests/${it.id}/ballot`)).json;
		for (let left = 3; left > 0; left--) {
			const { ballot, remaining } = await get();
			assert.equal(remaining, left);
			await api.post(`/ab-tests/${it.id}/ballot`, { ballot, preference: 'right' });
		}
		assert.deepEqual(await get(), { remaining: 0 });
		// A browser that comes now is somebody else.
		const { json } = await api.get(`/ab-tests/${it.id}/ballot`, { 'Sec-Fetch-Site': 'same-origin' });
		assert.equal(json.remaining, 3);
	});

	test('409 once a take is gone; then there is one pair less, and it waits', async () => {
		const own = await make({ prompt_ids: prompts.slice(0, 2) });
		const jar = new Jar(), { json } = await jar.send('GET', `/ab-tests/${own.id}/ballot`);
		await play(json.left);
		await api.delete(`/audio/${own.pairs[0].audio_b_id}`);
		isProblem(await play(json.left), 409);
		isProblem(await jar.send('POST', `/ab-tests/${own.id}/ballot`, { ballot: json.ballot, preference: 'left' }), 409);
		const next = (await jar.send('GET', `/ab-tests/${own.id}/ballot`)).json;
		assert.deepEqual([next.prompt_text, next.remaining, next.waiting], ['fast funk with brass', 1, 1]);
	});
});
