// Adapters when things go wrong: uploads that die on the way, weights that are gone, starts after the first one.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { root, startStack, until } from '../harness.mjs';
import { ended, hex, hold, objects, startWorking, stuck, submit } from './jobs.mjs';

const shipped = join(root, 'lib/engine/band/adapters');
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const style = (tempo) => JSON.stringify({ format: 'earshot-style-adapter', version: 1, name: 'Test', base_model: 'band',
	tempo: { usual: tempo, slowest: tempo, fastest: tempo } });

const ask = async (stack, method, path, body) => {
	const answer = await fetch(`${stack.url}api${path}`, { method, body, headers: { 'Content-Type': 'application/json' } });
	return { status: answer.status, json: await answer.json() };
};
const create = async (stack) => (await ask(stack, 'POST', '/adapters', '{"name":"Test"}')).json.id;
const put = (stack, id, tempo) => ask(stack, 'PUT', `/adapters/${id}/weights`, style(tempo));
const weights = (stack) => objects(stack).filter((key) => key.startsWith('adapters/'));

describe('an upload', () => {
	let stack;
	before(async () => { stack = await startWorking({ settings: { workers: 1, retry_backoff_ms: 50 } }); });
	after(() => stack.stop());

	// Bring an upload to the moment at which only its record is missing, and break something then.
	async function breakAtTheEnd(id, destroy) {
		const release = await hold(stack, `SELECT * FROM adapters WHERE id = ${hex(id)} FOR UPDATE`);
		const answer = put(stack, id, 90).catch((error) => error);
		await stuck(stack, 'SELECT status+0 FROM adapters');
		await destroy();
		await release();
		return answer;
	}

	for (const victim of ['responder', 'database'])
		test(`whose ${victim} is killed before it is recorded leaves nothing that anybody sees, and in the end nothing`, async () => {
			const id = await create(stack);
			assert.equal((await put(stack, id, 80)).status, 200);
			const before = (await ask(stack, 'GET', `/adapters/${id}`)).json, kept = weights(stack).length;
			const answer = await breakAtTheEnd(id, () => stack.kill(victim));
			assert.notEqual(answer.status, 200);
			const now = await until(async () => {
				const { status, json } = await ask(stack, 'GET', `/adapters/${id}`).catch(() => ({}));
				return status === 200 && json;
			}, 'the adapter', 30_000);
			assert.deepEqual(now, before);
			const [[key]] = await stack.sql('SELECT storage_key FROM intents');
			assert.ok(weights(stack).includes(key));
			// As long as somebody might still finish it, nobody takes it away; then the daemon does.
			await stack.sql('UPDATE intents SET created_at = created_at - INTERVAL 3 HOUR');
			await submit(stack, { duration: 1 });
			await until(() => weights(stack).length === kept, 'the collection of the object', 30_000);
			await until(async () => !(await stack.sql('SELECT 1 FROM intents')).length, 'the end of its intent', 30_000);
			assert.equal((await put(stack, id, 91)).status, 200);
		});

	test('into an adapter that is archived meanwhile is 409 and leaves nothing', async () => {
		const id = await create(stack), kept = weights(stack).length;
		const release = await hold(stack, `UPDATE adapters SET status = 'archived' WHERE id = ${hex(id)}`);
		const answer = put(stack, id, 90);
		await stuck(stack, 'SELECT status+0 FROM adapters');
		await release('COMMIT');
		assert.equal((await answer).status, 409);
		assert.equal(weights(stack).length, kept);
		assert.deepEqual(await stack.sql('SELECT 1 FROM intents'), []);
	});

	test('on a full disk is 503 and leaves nothing', async () => {
		const id = await create(stack), kept = weights(stack).length, folder = join(stack.var, 'storage/adapters');
		rmSync(`${folder}.away`, { recursive: true, force: true });
		renameSync(folder, `${folder}.away`);
		writeFileSync(folder, '');	// where a folder should be
		try {
			const { status } = await put(stack, id, 90);
			assert.ok(status >= 500, `${status}`);
		} finally {
			rmSync(folder);
			renameSync(`${folder}.away`, folder);
		}
		assert.equal(weights(stack).length, kept);
		assert.equal((await put(stack, id, 90)).status, 200);
	});
});

describe('a job whose weights are not in the storage', () => {
	let stack;
	before(async () => { stack = await startWorking({ settings: { workers: 1, retry_backoff_ms: 50 } }); });
	after(() => stack.stop());

	test('is tried again, and when they stay away fails in a sentence that names the adapter', async () => {
		const id = await create(stack), old = weights(stack);
		await put(stack, id, 80);
		const [key] = weights(stack).filter((name) => !old.includes(name)), file = join(stack.var, 'storage', key);
		renameSync(file, `${file}.away`);
		const gone = await ended(stack, await submit(stack, { adapter_id: id, duration: 1 }));
		assert.deepEqual([gone.status, gone.attempt, gone.error],
			['failed', 3, 'The weights of the adapter Test 1.0.0 are not in the storage. It was tried 3 times.']);
		renameSync(`${file}.away`, file);
		assert.equal((await ended(stack, await submit(stack, { adapter_id: id, duration: 1 }))).status, 'completed');
	});
});

describe('the first start', () => {
	const folder = mkdtempSync(join(tmpdir(), 'earshot-adapters-'));
	before(() => chmodSync(folder, 0o755));
	after(() => rmSync(folder, { recursive: true, force: true }));
	const list = async (stack) => (await ask(stack, 'GET', '/adapters?limit=100')).json.items;

	test('imports the adapters that come with Earshot; what becomes of them then is left alone', async () => {
		const files = readdirSync(shipped).filter((name) => name.endsWith('.json'));
		const hashes = files.map((name) => sha256(readFileSync(join(shipped, name)))).sort();
		assert.ok(files.length >= 3);
		let stack = await startStack({ folder });
		let all = await list(stack);
		assert.deepEqual(all.map((adapter) => adapter.sha256).sort(), hashes);
		assert.ok(all.every(({ status, has_weights, current_version, base_model }) =>
			status === 'active' && has_weights && current_version === '1.0.0' && base_model === 'band'));
		await ask(stack, 'DELETE', `/adapters/${all[0].id}`);
		await ask(stack, 'PATCH', `/adapters/${all[1].id}`, '{"name":"Mine now"}');
		all = await list(stack);
		await stack.stop();
		stack = await startStack({ folder });
		const now = await list(stack);
		await stack.stop();
		assert.deepEqual(now.map(({ id, name, status, sha256: sum }) => [id, name, status, sum]),
			all.map(({ id, name, status, sha256: sum }) => [id, name, status, sum]));
	});
});

describe('earshot adapter import', () => {
	let stack, folder;
	before(async () => {
		stack = await startWorking({});
		folder = mkdtempSync(join(tmpdir(), 'earshot-import-'));
	});
	after(() => { rmSync(folder, { recursive: true, force: true }); return stack.stop(); });
	const file = (name, text) => { writeFileSync(join(folder, name), text); return join(folder, name); };
	const found = async (name) => (await ask(stack, 'GET', '/adapters?limit=100')).json.items.filter((adapter) => adapter.name === name);
	const run = async (...args) => (await stack.cli('adapter', ...args)).stdout;

	test('makes an adapter of a file, once; other content is a new active version of it', async () => {
		assert.equal(await run('import', '--name', 'Own', file('a.json', style(80))), 'Imported Own 1.0.0.\n');
		assert.equal(await run('import', '--name', 'Own', file('b.json', style(80))), 'Own 1.0.0 is there already.\n');
		assert.equal(await run('import', '--name', 'Own', file('a.json', style(81))), 'Imported Own 1.0.1.\n');
		assert.equal(await run('import', '--name', 'Own', '--adapter-version', '2.0', file('a.json', style(82))), 'Imported Own 2.0.\n');
		assert.equal(await run('import', '--name', 'Own', file('a.json', style(81))), 'Own 1.0.1 is there already.\n');
		const [own, ...more] = await found('Own');
		assert.deepEqual(more, []);
		assert.deepEqual([own.current_version, own.sha256], ['2.0', sha256(style(82))]);
		assert.match(await run('list'), new RegExp(`^${own.id} +active +band +${own.sha256.slice(0, 12)} +2\\.0 +Own$`, 'm'));
		await ask(stack, 'DELETE', `/adapters/${own.id}`);
		assert.equal(await run('import', '--name', 'Own', file('a.json', style(83))), 'Own is archived; nothing was imported.\n');
	});

	test('takes the name out of the file, and goes on where an earlier one broke off', async () => {
		const { json: { id } } = await ask(stack, 'POST', '/adapters', '{"name":"Test"}');
		assert.equal(await run('import', file('c.json', style(84))), 'Imported Test 1.0.0.\n');
		assert.equal((await found('Test'))[0].id, id);
	});

	test('refuses what the engine does not want, and says why', async () => {
		await assert.rejects(run('import', file('bad.json', '{"format":"other"}')), /bad\.json: .*format/);
		await assert.rejects(run('import', '--name', 'x', '/nowhere/at/all'), /cannot read/);
		await assert.rejects(run('import', '--adapter-version', '../1', file('a.json', style(80))), /like 1\.0\.0/);
		await assert.rejects(run('check', '--model', 'nobody', file('a.json', style(80))), /no model "nobody"/);
		assert.match(await run('check', '--model', 'band', file('a.json', style(80))), /an adapter for band\n\{[^]*"tempo":\s*80/);
	});
});
