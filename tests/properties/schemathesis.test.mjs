// The same question as tests/api/properties.test.mjs, asked by a tool that others wrote: schemathesis reads
// /api/openapi.json and looks for requests whose answers are not what it says. It comes from PyPI into the
// build folder; where there is no Python or no PyPI, our own generator alone has to do.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { addUser, newToken } from '../api/access.mjs';
import { build, root, startStack } from '../harness.mjs';

const run = promisify(execFile);
const requirements = join(root, 'tests/properties/requirements.txt');
// What is not asked, and why.
const config = join(root, 'tests/properties/schemathesis.toml');
const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
const folder = join(build, `schemathesis-${version}`);

// The program, made once for each list of versions; undefined, and why, where it cannot be.
async function install() {
	const program = join(folder, 'bin/schemathesis');
	if (existsSync(join(folder, 'ready'))) return { program };
	rmSync(folder, { recursive: true, force: true });
	const steps = [
		['python3', ['-m', 'venv', folder], 120_000],
		[join(folder, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', '--no-input', '--retries', '1',
			'--timeout', '20', '--only-binary', ':all:', '--requirement', requirements], 300_000],
		[program, ['--version'], 60_000],
	];
	for (const [command, args, timeout] of steps) {
		try {
			await run(command, args, { timeout, maxBuffer: 1 << 26 });
		} catch (error) {
			return { why: (error.stderr || error.message).trim().split('\n').at(-1) };
		}
	}
	await run('touch', [join(folder, 'ready')]);
	return { program };
}

const { program, why } = await install();

test(program ? 'schemathesis is there'
	: `schemathesis cannot be installed here (${why}); our own generator alone counts`, () => {});

test('schemathesis finds no request whose answer is not what openapi.json says', { skip: !program }, async () => {
	const stack = await startStack({ settings: { workers: 1, access: 'accounts', token_requests_per_minute: 1_000_000,
		max_queued_jobs: 0, max_audio_seconds_per_day: 0 } });
	const here = mkdtempSync(join(tmpdir(), 'schemathesis-'));
	try {
		await addUser(stack, 'schemathesis', 'admin');
		const token = await newToken(stack, 'schemathesis', 'read,vote,create,admin');
		const { stdout } = await run(program, ['--config-file', config, 'run', `${stack.url}api/openapi.json`,
			'--url', `${stack.url}api`, '--seed', process.env.SEED ?? '1',
			'--generation-database', 'none', '--max-examples', process.env.ROUNDS ?? '20', '--no-shrink', '--warnings', 'off',
			'--request-timeout', '30', '--no-color'],
		{ cwd: here, timeout: 600_000, maxBuffer: 1 << 28, env: { ...process.env, EARSHOT_TOKEN: token } }).catch((error) => {
			throw new Error(`${(error.stdout ?? '').slice(-12_000)}${error.stderr || error.message}\n${stack.log().slice(-1000)}`);
		});
		assert.match(stdout, /generated/);
		console.log(stdout.match(/^Test cases:\n.*$/m)?.[0].replace('\n', ''));
	} finally {
		rmSync(here, { recursive: true, force: true });
		await stack.stop();
	}
});
