// What holds for every address: models, health, the description of the API, errors, who may ask, and
// the pages.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { sleep, until } from '../harness.mjs';
import { accounts, byToken, Client, newToken } from './access.mjs';
import { installation, isProblem, nobody } from './api.mjs';
import { openapi, operation } from './contract.mjs';

const api = installation({ settings: { max_body_bytes: 20000 } });

// A request as it goes over the wire; the first line of the answer.
const wire = (...lines) => new Promise((done, fail) => {
	const socket = connect(api.stack.port, '127.0.0.1',
		() => socket.end(`${lines.join('\r\n')}\r\n\r\n`));
	let got = '';
	socket.on('data', (text) => { got += text; });
	socket.on('error', fail);
	socket.on('close', () => done(got.split('\r\n')[0]));
});

describe('models', () => {
	test('the band is there, can run and is the default', async () => {
		const { models, current_model, max_adapter_bytes } = (await api.get('/models')).json;
		assert.equal(current_model, 'band');
		assert.equal(max_adapter_bytes, 268435456, 'what an upload may have, before it is sent');
		const band = models.find(({ id }) => id === 'band');
		assert.deepEqual([band.engine, band.is_available, band.unavailable_reason, band.remedy, band.is_active],
			['band', true, null, null, true]);
		assert.deepEqual([band.max_duration_seconds, band.sample_rate, band.channels, band.adapters],
			[600, 48000, 2, 'style']);
		assert.equal(models.filter(({ is_active }) => is_active).length, 1);
		assert.deepEqual((await api.get('/models/current')).json, band);
	});

	test('a switch is for requests that name none, for every process, and stays after a restart', async () => {
		await api.stack.sql(`INSERT INTO models (host_id, id, position, description, reason)
			SELECT host_id, 'other', 1, description, NULL FROM models WHERE id='band'`);
		const turn = async (to, from) => {
			const { status, json } = await api.post('/models/switch', { model_id: to });
			assert.equal(status, 200);
			assert.deepEqual([json.success, json.previous_model, json.current_model], [true, from, to]);
			assert.match(json.message, to === from ? /^other is .* already\.$/ : /is the current model now/);
		};
		const current = async () => [(await api.get('/models')).json.current_model,
			(await api.get('/models/current')).json.id];
		await turn('other', 'band');
		await sleep(1000);
		for (let i = 0; i < 20; i++) assert.deepEqual(await current(), ['other', 'other']);
		await turn('other', 'other');
		api.stack.kill('responder', 'SIGTERM');
		await until(async () => (await api.plain('GET', '/api/health').catch(() => ({}))).status === 200,
			'the responders to be back', 30_000);
		assert.deepEqual(await current(), ['other', 'other']);
		const { models } = (await api.get('/models')).json;
		assert.deepEqual(models.filter(({ is_active }) => is_active).map(({ id }) => id), ['other']);
		const job = (await api.post('/generate', { prompt: 'x', duration: 1 })).json;
		assert.equal(job.model, 'other');
		await turn('band', 'other');
		assert.equal((await api.submit({})).model, 'band');
		await api.stack.sql("DELETE FROM models WHERE id='other'");
	});

	test('a model that was switched to and is gone gives way to the next', async () => {
		await api.stack.sql("REPLACE INTO settings (name, value, updated_at) VALUES ('model', 'gone', UTC_TIMESTAMP(6))");
		await sleep(1000);
		assert.equal((await api.get('/models')).json.current_model, 'band');
	});

	test('404 to a switch to a model that is not there, 400 to one that cannot run, 422 without one', async () => {
		await api.stack.sql(`INSERT INTO models (host_id, id, position, description, reason, remedy)
			SELECT host_id, 'large', 1, description, 'Its weights are missing.', 'earshot model fetch large'
			FROM models WHERE id='band'`);
		const to = (model_id) => api.post('/models/switch', { model_id });
		isProblem(await to('none'), 404, /^There is no model "none" here; /);
		isProblem(await to('large'), 400, 'The model large cannot run on this installation: Its weights are missing.',
			['model_id']);
		const large = (await api.get('/models')).json.models.find(({ id }) => id === 'large');
		assert.deepEqual([large.is_available, large.unavailable_reason, large.remedy],
			[false, 'Its weights are missing.', 'earshot model fetch large']);
		for (const bad of [undefined, 7, '', 'x'.repeat(65), ['band']]) isProblem(await to(bad), 422, null, ['model_id']);
		isProblem(await api.post('/models/switch', { model_id: 'band', now: true }), 422, null, ['now']);
		assert.equal((await api.get('/models')).json.current_model, 'band');
		await api.stack.sql("DELETE FROM models WHERE id='large'");
	});
});

describe('health', () => {
	test('names each part: database, storage and daemon with its workers', async () => {
		const { status, json } = await api.get('/health');
		assert.equal(status, 200);
		assert.deepEqual([json.status, json.database, json.storage, json.daemon.running],
			['ok', 'ok', 'ok', true]);
		assert.match(json.version, /^\d+\.\d+\.\d+$/);
		assert.deepEqual([json.daemon.pid], api.stack.pids('daemon'));
		assert.equal(json.daemon.busy, 0);
		assert.deepEqual(json.problems, []);
	});
});

describe('the description of the API', () => {
	test('is served by the API itself', async () => {
		assert.deepEqual((await api.get('/openapi.json')).json, openapi);
	});

	for (const [pattern, item] of Object.entries(openapi.paths))
		for (const method of ['get', 'post', 'put', 'patch', 'delete'].filter((name) => item[name]))
			test(`${method.toUpperCase()} ${pattern} answers as it says`, async () => {
				const path = pattern.replaceAll(/{\w+}/g, nobody);
				const answer = await api.ask(method.toUpperCase(), path, method === 'post' ? { json: {} } : {});
				assert.notEqual(answer.json?.detail, 'There is nothing at this address.');
				assert.notEqual(answer.status, 405);
			});
});

describe('an address', () => {
	for (const path of ['', '/', '/nothing', '/prompts/', '/prompts//', '/Prompts',
		'/generate/x/y/z', '/health/x',
		`/audio/${nobody}/nothing`, '/prompts%2f', '/%F0%9F%8E%B9', `/${'x'.repeat(900)}`])
		test(`404 at /api${path.length > 50 ? '/xxx…' : path}`, async () => {
			isProblem(await api.ask('GET', path), 404);
		});

	for (const [pattern, item] of Object.entries(openapi.paths))
		test(`405 with Allow to a method that ${pattern} does not know`, async () => {
			const path = pattern.replaceAll(/{\w+}/g, nobody);
			const known = Object.keys(item).map((name) => name.toUpperCase());
			for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
				if (operation(method, path)) continue;
				const answer = await api.ask(method, path);
				isProblem(answer, 405);
				const allow = answer.headers.allow.split(', ');
				for (const name of ['GET', 'POST', 'DELETE'])
					assert.equal(allow.includes(name), known.includes(name), `${allow}`);
				assert.equal(allow.includes('HEAD'), known.includes('GET'));
			}
		});

	test('OPTIONS lists the methods', async () => {
		const { status, headers } = await api.ask('OPTIONS', '/prompts');
		assert.equal(status, 204);
		assert.deepEqual(headers.allow.split(', ').sort(), ['GET', 'HEAD', 'OPTIONS', 'POST']);
		assert.equal(headers['access-control-allow-origin'], undefined);
	});

	test('HEAD answers as GET, without a body', async () => {
		const get = await api.get('/models'), head = await api.head('/models');
		assert.deepEqual([head.status, head.bytes.length, head.headers.etag], [200, 0, get.headers.etag]);
	});

	test('a range of a JSON answer, or an absurd header, does no harm', async () => {
		for (const headers of [{ Range: 'bytes=0-9' }, { Range: 'bytes=999999-' }, { Accept: 'text/html' }, { 'Accept-Encoding': 'x' },
			{ 'X-Long': 'y'.repeat(4000) }, { Cookie: 'a=b; c' }])
			assert.equal((await api.get('/models', headers)).status, 200);
	});
});

describe('a body', () => {
	const send = (body, type = 'application/json') => api.ask('POST', '/prompts',
		{ body, headers: type ? { 'Content-Type': type } : {} });
	const good = '{"text":"x"}';

	for (const [what, body] of Object.entries({
		'none at all': '',
		'half of one': '{"text":',
		'something behind it': `${good}x`,
		'a second one': good + good,
		'a comment': `/**/${good}`,
		'a comma too many': '{"text":"x",}',
		'single quotes': "{'text':'x'}",
		'a bare word': 'text',
		'a control character': '{"text":"a\nb"}',
		'a NUL': '{"text":"a\0b"}',
		'an escaped NUL': '{"text":"a\\u0000b"}',
		'half a surrogate pair': '{"text":"\\ud83c"}',
		'bytes that are no UTF-8': Buffer.from('{"text":"\xff\xfe"}', 'latin1'),
		'an overlong form': Buffer.from('{"text":"\xc0\xaf"}', 'latin1'),
		'NaN': '{"text":"x","attributes":{"tempo":NaN}}',
		'a number too large': '{"text":"x","attributes":{"tempo":1e999}}',
		'33 levels': `{"text":"x","attributes":${'['.repeat(33)}${']'.repeat(33)}}`,
		'5000 levels': '['.repeat(5000),
	}))
		test(`400 to JSON with ${what}`, async () => {
			isProblem(await send(body), 400);
		});

	test('422 to JSON that is no object', async () => {
		for (const body of ['[]', '"x"', '1', 'null', 'true'])
			isProblem(await send(body), 422, 'The body must be a JSON object.');
	});

	test('413 when it is larger than the installation allows, said in bytes', async () => {
		isProblem(await send(`{"text":"${'x'.repeat(20000)}"}`), 413,
			'The body is larger than 20000 bytes.');
		isProblem(await send('x'.repeat(2_000_000)), 413);
	});

	test('415 when it is not said to be JSON', async () => {
		for (const type of ['text/plain', 'application/x-www-form-urlencoded',
			'multipart/form-data; boundary=x', 'application/jsonx', null])
			isProblem(await send(good, type), 415, /application\/json/);
	});

	test('201 with a charset, whatever the case and the blanks', async () => {
		for (const type of ['application/json; charset=utf-8', 'Application/JSON',
			'application/json ;charset=UTF-8'])
			assert.equal((await send(good, type)).status, 201);
	});
});

describe('who asks', () => {
	test('403 to a host name that is not ours (DNS rebinding)', async () => {
		for (const host of ['evil.example', 'evil.example:80', '127.0.0.1.evil.example',
			'localhost.evil.example', '127.0.0.2'])
			isProblem(await api.get('/health', { Host: host }), 403, /does not answer to the host name/);
	});

	test('our own names with any port will do', async () => {
		for (const host of ['localhost', 'LOCALHOST:8080', '127.0.0.1', '[::1]:80'])
			assert.equal((await api.get('/health', { Host: host })).status, 200, host);
	});

	test('400 or 403 to no host name, two of them, or none that could be one', async () => {
		for (const hosts of [[], ['Host: localhost', 'Host: evil.example'], ['Host: a b'],
			['Host: localhost/x'], ['Host: @localhost']])
			assert.match(await wire('GET /api/health HTTP/1.1', ...hosts, 'Connection: close'),
				/^HTTP\/1\.1 40[03] /, `${hosts}`);
	});

	test('403 to a change that a page of another site sends', async () => {
		for (const headers of [{ 'Sec-Fetch-Site': 'cross-site' },
			{ 'Sec-Fetch-Site': 'same-site' }, { Origin: 'http://evil.example' },
			{ Origin: 'null' }, { Origin: 'http://localhost.evil.example' },
			{ 'Sec-Fetch-Site': 'cross-site', Origin: api.stack.origin }]) {
			for (const path of ['/prompts', '/generate', `/generate/${nobody}/retry`])
				isProblem(await api.post(path, { text: 'x' }, headers), 403,
					'A page of another site may not change anything here.');
			isProblem(await api.delete(`/generate/${nobody}`, headers), 403);
		}
	});

	test('our own pages and programs may change things', async () => {
		for (const headers of [{}, { 'Sec-Fetch-Site': 'same-origin' },
			{ 'Sec-Fetch-Site': 'none' }, { Origin: api.stack.origin }])
			assert.equal((await api.post('/prompts', { text: 'x' }, headers)).status, 201,
				JSON.stringify(headers));
	});
});

describe('what a browser is told', () => {
	test('an answer of the API is no page, is not sniffed, and is not kept unless it says so', async () => {
		for (const answer of [await api.get('/health'), await api.get('/nothing'),
			await api.post('/prompts', { text: 'x' })]) {
			assert.equal(answer.headers['x-content-type-options'], 'nosniff');
			assert.equal(answer.headers['content-security-policy'],
				"default-src 'none'; frame-ancestors 'none'");
			assert.equal(answer.headers['cache-control'], 'no-store');
			assert.equal(answer.headers['x-powered-by'], undefined);
		}
	});

	test('a page runs our own scripts only and may not be framed', async () => {
		const { headers } = await api.plain('GET', api.stack.base);
		const policy = headers['content-security-policy'].split('; ');
		for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'",
			"base-uri 'none'"])
			assert.ok(policy.includes(rule), rule);
		assert.doesNotMatch(policy.join(), /unsafe|\*|http/);
		assert.deepEqual([headers['x-content-type-options'], headers['referrer-policy'],
			headers['cache-control']],
			['nosniff', 'no-referrer', 'no-cache']);
	});

	test('what is not below www/ is not served', async () => {
		for (const path of ['../lighttpd.conf', '%2e%2e/lighttpd.conf', '..%2flighttpd.conf',
			'.git/config', '.htaccess', 'js/', 'index.html%00.js'])
			assert.notEqual((await api.plain('GET', `${api.stack.base}${path}`)).status, 200, path);
	});
});

// Pages and API of an installation, by its links alone.
function pages(here) {
	test('the page and all that it names are there, with their types', async () => {
		const { status, headers, text } = await here.plain('GET', here.stack.base);
		assert.deepEqual([status, headers['content-type'].toLowerCase()],
			[200, 'text/html; charset=utf-8']);
		const links = [...text.matchAll(/(?:href|src)="([^"#]+)"/g)].map(([, link]) => link);
		assert.ok(links.length > 3);
		const types = { css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml', html: 'text/html' };
		for (const link of links) {
			assert.doesNotMatch(link, /^(\/|http)/, 'links are relative');
			const answer = await here.plain('GET', here.stack.base + link);
			assert.equal(answer.status, 200, link);
			assert.equal(answer.headers['content-type'].split(';')[0], types[link.split('.').pop()], link);
		}
	});

	test('a page is asked for again by its ETag', async () => {
		const { headers } = await here.plain('GET', here.stack.base);
		assert.equal((await here.plain('GET', here.stack.base, { 'If-None-Match': headers.etag }))
			.status, 304);
	});

	test('addresses in answers lead back here', async () => {
		const { headers, json } = await here.post('/generate', { prompt: 'x', duration: 1 });
		assert.equal(headers.location, `${here.stack.base}api/generate/${json.id}`);
		const { audio_ids: [id] } = await here.reach(json.id, 'completed');
		const { json: audio } = await here.get(`/audio/${id}`);
		for (const url of [audio.stream_url, audio.download_url, audio.peaks_url, audio.midi_url]) {
			assert.ok(url.startsWith(`${here.stack.base}api/audio/${id}/`), url);
			assert.equal((await here.plain('GET', url)).status, 200, url);
		}
	});
}

describe('at the root of a host', () => pages(api));

describe('under a sub-path', () => {
	const below = installation({ base: '/studio/' });
	pages(below);

	test('nothing of it is at the root', async () => {
		for (const path of ['/api/health', '/studiox/', '/studiox/api/health'])
			assert.notEqual((await below.plain('GET', path)).status, 200, path);
	});
});

// What a web server has to hand on for anyone to be known.
describe('who one is', () => {
	const here = accounts();

	test('comes by the cookie, by Authorization and by X-API-Key through the web server', async () => {
		const token = await newToken(here.stack, 'creator', 'read,create');
		for (const client of [here.as.creator, byToken(here.stack, token), new Client(here.stack, { 'X-API-Key': token })]) {
			assert.equal((await client.get('/session')).json.user.login, 'creator');
			assert.equal((await client.post('/prompts', { text: 'x' })).status, 201);
		}
		for (const [client, status] of [[here.as.nobody, 401], [byToken(here.stack, `${token}x`), 401], [here.as.listener, 403]])
			isProblem(await client.post('/prompts', { text: 'x' }), status);
	});

	test('is not known without, and the answer says how it would be', async () => {
		const { headers } = await here.as.nobody.get('/jobs');
		assert.equal(headers['www-authenticate'], 'Bearer realm="earshot"');
		assert.equal(headers['cache-control'], 'no-store');
	});
});
