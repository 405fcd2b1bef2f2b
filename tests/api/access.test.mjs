// Who may what. The matrix asks every operation of openapi.json (which a unit test holds against the table of routes) as
// everyone there is.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { accounts, addUser, byToken, Client, cookieOf, earshot, newToken, password, roles, signIn } from './access.mjs';
import { isProblem, nobody } from './api.mjs';
import { openapi } from './schema.mjs';
import { until } from '../harness.mjs';

const api = accounts({ token_requests_per_minute: 5000, max_queued_jobs: 3, max_audio_seconds_per_day: 60, sign_in_tries: 4 });

// What libsodium makes of the password with 1 pass over 8 MiB.
const weak = '$argon2id$v=19$m=8192,t=1,p=1$zkd3nN8u2qCXwl0Lfc3r8A$uj6rSdhCZinZIbBt4qHIOLnCvTsydCF6EBr1HF0Ycx4';

const operations = Object.entries(openapi.paths).flatMap(([path, item]) => Object.entries(item)
	.map(([method, of]) => ({ path, method: method.toUpperCase(), of, name: `${method.toUpperCase()} ${path}` })));

// What each operation takes, told once more and by other words than the table of routes: a route that is added has to be
// thought about here, too.
function wanted({ method, path }) {
	if (['/health', '/openapi.json', '/session'].includes(path)) return 'anyone';
	if (path === '/session/password' || path.startsWith('/tokens')) return 'signed_in';
	if (path.startsWith('/users')) return 'admin';
	if (method === 'GET' || path === '/audio/compare') return 'read';
	const kind = path.split('/')[1];
	const rights = { ratings: 'vote', preferences: 'vote', tags: 'vote', favorites: 'vote', adapters: 'admin', models: 'admin',
		prompts: 'create', generate: 'create', explain: 'create', jobs: 'create', audio: 'create', templates: 'create',
		experiments: 'create', 'ab-tests': /vote|ballot/.test(path) ? 'vote' : 'create' };
	assert.ok(rights[kind], `${method} ${path}: nobody has said who may`);
	return rights[kind];
}

const allowed = { listener: ['anyone', 'signed_in', 'read', 'vote'], creator: ['anyone', 'signed_in', 'read', 'vote', 'create'],
	admin: ['anyone', 'signed_in', 'read', 'vote', 'create', 'admin'] };

// As little as goes beyond the question who may: ids of nothing, and a body that holds nothing.
function ask(client, { method, path, of }) {
	const at = path.replaceAll(/\{\w+\}/g, nobody), types = Object.keys(of.requestBody?.content ?? {});
	if (!types.length) return client.ask(method, at);
	return types.includes('application/json') ? client.ask(method, at, { json: {} })
		: client.ask(method, at, { body: 'x', headers: { 'Content-Type': types[0] } });
}

describe('every route, as everyone', () => {
	const clients = {};

	test('is one that somebody has thought about', () => {
		for (const operation of operations) assert.equal(operation.of['x-right'], wanted(operation), operation.name);
	});

	test('nobody gets in without a sign-in, and 401 says how', async () => {
		for (const operation of operations) {
			const answer = await ask(api.as.nobody, operation);
			if (wanted(operation) === 'anyone') assert.ok(![403].includes(answer.status), operation.name);
			else isProblem(answer, 401, 'Sign in, or send a token in the Authorization header.');
			if (answer.status === 401) assert.match(answer.headers['www-authenticate'], /^Bearer/);
		}
	});

	for (const role of roles)
		test(`a ${role}, by session and by token`, async () => {
			clients[role] = { session: await signIn(api.stack, role),
				token: byToken(api.stack, await newToken(api.stack, role, allowed[role].slice(2).join())) };
			for (const [by, client] of Object.entries(clients[role]))
				for (const operation of operations.filter(({ path, method }) => path !== '/session' || method === 'GET')) {
					const answer = await ask(client, operation), right = wanted(operation);
					const may = allowed[role].includes(right) && !(right === 'signed_in' && by === 'token');
					const what = `${operation.name} as ${role} by ${by}: ${answer.text}`;
					assert.notEqual(answer.status, 401, what);
					assert.equal(answer.status === 403, !may, what);
					if (!may) isProblem(answer, 403, /^This takes the role |^This is for someone who has signed in /);
				}
		});

	for (const scope of ['read', 'vote', 'create', 'admin'])
		test(`a token of an admin with no scope but ${scope}`, async () => {
			const client = byToken(api.stack, await newToken(api.stack, 'admin', scope));
			for (const operation of operations.filter(({ path }) => path !== '/session')) {
				const answer = await ask(client, operation), right = wanted(operation);
				assert.equal(answer.status === 403, !['anyone', scope].includes(right), `${operation.name}: ${answer.text}`);
			}
		});

	test('what does not count any more is 401: an expired token, a revoked one, a session that ended, a disabled user', async () => {
		await addUser(api.stack, 'gone', 'admin');
		const expired = byToken(api.stack, await newToken(api.stack, 'admin', 'read,vote,create,admin'));
		await api.stack.sql('UPDATE tokens SET expires_at=UTC_TIMESTAMP(6) ORDER BY created_at DESC LIMIT 1');
		const revoked = byToken(api.stack, await newToken(api.stack, 'admin', 'read,vote,create,admin'));
		const [[id]] = await api.stack.sql("SELECT LOWER(CONCAT_WS('-', SUBSTR(HEX(id),1,8), SUBSTR(HEX(id),9,4), "
			+ 'SUBSTR(HEX(id),13,4), SUBSTR(HEX(id),17,4), SUBSTR(HEX(id),21))) FROM tokens ORDER BY created_at DESC LIMIT 1');
		assert.equal((await earshot(api.stack, ['token', 'revoke', id])).code, 0);
		const ended = await signIn(api.stack, 'gone');
		assert.equal((await ended.delete('/session')).json.status, 'signed_out');
		const disabled = [await signIn(api.stack, 'gone'), byToken(api.stack, await newToken(api.stack, 'gone', 'read,admin'))];
		assert.equal((await earshot(api.stack, ['user', 'disable', 'gone'])).code, 0);
		const invented = byToken(api.stack, `earshot_${'0'.repeat(36)}`);
		for (const operation of operations.filter((one) => wanted(one) !== 'anyone'))
			for (const client of [expired, revoked, ended, ...disabled, invented])
				isProblem(await ask(client, operation), 401,
					/^(The token is unknown, has expired or was revoked|The session has ended; sign in again)\.$/);
	});

	test('the pages and the description are for everyone; the health of the rest only for users', async () => {
		assert.equal((await api.as.nobody.get('/openapi.json')).status, 200);
		assert.equal((await api.as.nobody.plain('GET', api.stack.base)).status, 200);
		assert.deepEqual((await api.as.nobody.get('/health')).json, { status: 'ok' });
		assert.equal((await api.as.listener.get('/health')).json.database, 'ok');
	});
});

describe('a session', () => {
	test('begins by login and password, in whatever case the login is', async () => {
		const answer = await api.as.nobody.post('/session', { login: 'LISTENER', password });
		assert.equal(answer.status, 201);
		assert.equal(answer.json.user.login, 'listener');
		const [cookie] = answer.headers['set-cookie'];
		assert.match(cookie, /^earshot_session=[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
		const client = new Client(api.stack, { Cookie: cookie.split(';')[0] });
		const { json } = await client.get('/session');
		assert.deepEqual([json.access, json.user.role], ['accounts', 'listener']);
		assert.deepEqual(json.limits, { queued_jobs: { used: 0, limit: 3 }, audio_seconds_today: { used: 0, limit: 60 } });
		assert.ok(Date.parse(json.expires_at) > Date.now() + 6 * 86400e3);
	});

	test('is new at each sign-in, and the one before ends', async () => {
		const first = await signIn(api.stack, 'listener');
		const answer = await first.post('/session', { login: 'listener', password });
		assert.notEqual(cookieOf(answer), first.always.Cookie);
		assert.equal((await first.get('/session')).json.user, null);
	});

	test('is refused alike to a wrong password, an unknown login and a disabled user', async () => {
		await addUser(api.stack, 'off', 'listener');
		await earshot(api.stack, ['user', 'disable', 'off']);
		for (const [login, secret] of [['creator', 'wrong password'], ['nobody.here', password], ['off', password], ['no login!', password]]) {
			const answer = await api.as.nobody.post('/session', { login, password: secret });
			isProblem(answer, 401, 'There is no such login, or the password is another one.');
			assert.equal(answer.headers['set-cookie'], undefined);
		}
	});

	test('whoever guesses has to wait, and so has the one whose account it is', async () => {
		await addUser(api.stack, 'guessed', 'listener');
		const before = await signIn(api.stack, 'guessed');
		for (let i = 0; i < 4; i++)
			isProblem(await api.as.nobody.post('/session', { login: 'guessed', password: `wrong ${i}` }), 401);
		const answer = await api.as.nobody.post('/session', { login: 'Guessed', password });
		isProblem(answer, 429, /^There were too many sign-ins that failed; try again in 1[45] minutes\.$/);
		assert.ok(Number(answer.headers['retry-after']) > 600);
		assert.equal((await before.get('/session')).json.user.login, 'guessed', 'who is in stays in');
		assert.equal((await api.as.nobody.post('/session', { login: 'listener', password })).status, 201);
	});

	test('changes the password, by which all others end', async () => {
		await addUser(api.stack, 'changer', 'listener');
		const here = await signIn(api.stack, 'changer'), there = await signIn(api.stack, 'changer');
		isProblem(await here.put('/session/password', { current_password: 'not the one', new_password: 'another horse' }), 422,
			undefined, ['current_password']);
		isProblem(await here.put('/session/password', { current_password: password, new_password: 'short' }), 422, undefined,
			['new_password']);
		assert.equal((await here.put('/session/password', { current_password: password, new_password: 'another horse' })).status, 200);
		assert.equal((await here.get('/session')).json.user.login, 'changer');
		assert.equal((await there.get('/session')).json.user, null);
		isProblem(await api.as.nobody.post('/session', { login: 'changer', password }), 401);
		await signIn(api.stack, 'changer', 'another horse');
	});

	test('of a browser changes nothing for a page that does not say where it is from', async () => {
		const { Cookie } = api.as.creator.always;
		for (const headers of [{ Cookie }, { Cookie, Origin: 'http://evil.example' }, { Cookie, 'Sec-Fetch-Site': 'cross-site' },
			{ Cookie, 'Sec-Fetch-Site': 'same-site', Origin: api.stack.origin }])
			isProblem(await new Client(api.stack, headers).post('/prompts', { text: 'x' }), 403);
		for (const headers of [{ Cookie, Origin: api.stack.origin }, { Cookie, 'Sec-Fetch-Site': 'same-origin' }])
			assert.equal((await new Client(api.stack, headers).post('/prompts', { text: 'x' })).status, 201);
	});

	test('a password that was hashed with less is hashed anew when it is known', async () => {
		await addUser(api.stack, 'dated', 'listener');
		await api.stack.sql(`UPDATE users SET password='${weak}' WHERE login='dated'`);
		await signIn(api.stack, 'dated');
		const [[hash]] = await api.stack.sql("SELECT password FROM users WHERE login='dated'");
		assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
		await signIn(api.stack, 'dated');
	});
});

describe('a token', () => {
	test('is told once, and is in the list by its beginning', async () => {
		const { json, status } = await api.as.creator.post('/tokens', { name: 'renders', scopes: ['read', 'create'] });
		assert.equal(status, 201);
		assert.match(json.token, /^earshot_[0-9A-Za-z]{36}$/);
		assert.ok(json.token.startsWith(json.prefix));
		assert.equal(Math.round((Date.parse(json.expires_at) - Date.parse(json.created_at)) / 86400e3), 90);
		const { json: list, text } = await api.as.creator.get('/tokens');
		const { token, ...rest } = json;
		assert.deepEqual(list.items.find(({ id }) => id === json.id), rest);
		assert.ok(!text.includes(token));
		for (const header of [{ Authorization: `Bearer ${json.token}` }, { Authorization: `bearer  ${json.token}` },
			{ 'X-API-Key': json.token }])
			assert.equal((await new Client(api.stack, header).get('/session')).json.user.login, 'creator');
		assert.equal((await api.as.creator.delete(`/tokens/${json.id}`)).json.status, 'revoked');
		isProblem(await byToken(api.stack, json.token).get('/jobs'), 401);
		isProblem(await api.as.creator.delete(`/tokens/${json.id}`), 404);
	});

	test('is its own user\'s: others neither see nor revoke it', async () => {
		const { json } = await api.as.creator.post('/tokens', { name: 'mine', scopes: ['read'] });
		isProblem(await api.as.admin.delete(`/tokens/${json.id}`), 404);
		assert.ok((await api.as.admin.get('/tokens?limit=100')).json.items.every(({ id }) => id !== json.id));
	});

	test('has no more scopes than the role, each once', async () => {
		for (const [scopes, field] of [[['create'], 'scopes[0]'], [['read', 'admin'], 'scopes[1]'], [['read', 'read'], 'scopes[1]'],
			[['write'], 'scopes[0]'], [[1], 'scopes[0]'], [[], 'scopes']])
			isProblem(await api.as.listener.post('/tokens', { name: 'x', scopes }), 422, undefined, [field]);
		isProblem(await api.as.listener.post('/tokens', { name: 'x', scopes: ['read'], expires_in_days: 3651 }), 422);
	});

	test('loses what its user loses', async () => {
		await addUser(api.stack, 'falling', 'admin');
		const client = byToken(api.stack, await newToken(api.stack, 'falling', 'read,create,admin'));
		assert.equal((await client.get('/users')).status, 200);
		const { json: { items } } = await api.as.admin.get('/users?limit=100');
		const { id } = items.find(({ login }) => login === 'falling');
		assert.equal((await api.as.admin.ask('PATCH', `/users/${id}`, { json: { role: 'listener' } })).json.role, 'listener');
		isProblem(await client.get('/users'), 403);
		isProblem(await client.post('/prompts', { text: 'x' }), 403, 'This takes the role creator; yours is listener.');
	});

	test('is none in an address or a body, nor as another scheme', async () => {
		const token = await newToken(api.stack, 'admin', 'read');
		for (const path of [`/jobs?token=${token}`, `/jobs?access_token=${token}`, `/jobs?api_key=${token}`])
			isProblem(await api.as.nobody.get(path), 401);
		isProblem(await new Client(api.stack, { Authorization: `Basic ${token}` }).get('/jobs'), 401);
		isProblem(await new Client(api.stack, { Authorization: token }).get('/jobs'), 401);
		isProblem(await new Client(api.stack, { Cookie: `earshot_session=${token}` }).get('/jobs'), 401);
	});
});

describe('what belongs to somebody', () => {
	const own = {};

	test('is told to be his', async () => {
		const { creator } = api.as, { json: { user } } = await creator.get('/session');
		const job = await creator.submit({});
		const done = await creator.reach(job.id, 'completed');
		own.user = user;
		own.audio = done.audio_ids[0];
		own.experiment = (await creator.post('/experiments', { name: 'x' })).json;
		own.template = (await creator.post('/templates', { name: 'x', text: 'y' })).json;
		own.rating = (await creator.post('/ratings', { audio_id: own.audio, rating: 4 })).json;
		own.tag = (await creator.post('/tags', { audio_id: own.audio, tag: 'warm' })).json;
		own.job = done;
		for (const kind of ['job', 'experiment', 'template', 'rating', 'tag']) assert.equal(own[kind].user_id, user.id, kind);
	});

	test('is changed by nobody else', async () => {
		await addUser(api.stack, 'other', 'creator');
		const other = await signIn(api.stack, 'other');
		for (const [method, path, json] of [['DELETE', `/generate/${own.job.id}`], ['POST', `/generate/${own.job.id}/retry`],
			['DELETE', `/jobs/${own.job.id}`], ['DELETE', `/audio/${own.audio}`], ['PUT', `/experiments/${own.experiment.id}`, { name: 'z' }],
			['DELETE', `/experiments/${own.experiment.id}`], ['POST', `/experiments/${own.experiment.id}/archive`],
			['PUT', `/templates/${own.template.id}`, { name: 'z' }], ['DELETE', `/templates/${own.template.id}`],
			['PUT', `/ratings/${own.rating.id}`, { rating: 1 }], ['DELETE', `/ratings/${own.rating.id}`], ['DELETE', `/tags/${own.tag.id}`],
			['POST', '/generate', { prompt: 'x', experiment_id: own.experiment.id }]])
			isProblem(await other.ask(method, path, { json }), 403, /is somebody else's; only its owner or an admin can change it\.$/);
	});

	test('is heard, rated and tagged by all, and each has his own favourites and tags', async () => {
		const { listener } = api.as;
		assert.equal((await listener.get(`/audio/${own.audio}/stream`)).status, 200);
		assert.equal((await listener.post('/favorites', { target_type: 'audio', target_id: own.audio })).status, 201);
		assert.equal((await api.as.creator.get(`/favorites/check/audio/${own.audio}`)).json, null);
		assert.equal((await listener.post('/tags', { audio_id: own.audio, tag: 'warm' })).status, 201);
		assert.equal((await listener.get(`/audio/${own.audio}`)).json.favorite_id !== null, true);
		assert.equal((await api.as.creator.get(`/tags/audio/${own.audio}`)).json.items.length, 2);
	});

	test('is one rating of a take by each criterion, and one preference between two, wherever it is said again', async () => {
		const { listener, creator } = api.as, elsewhere = await signIn(api.stack, 'listener');
		const say = (client, rating, more) => client.post('/ratings', { audio_id: own.audio, rating, ...more });
		const first = await say(listener, 2), again = await say(elsewhere, 4, { notes: 'After all.' });
		assert.deepEqual([first.status, again.status, again.json], [201, 200, { ...first.json, rating: 4, notes: 'After all.' }]);
		const melody = await say(listener, 1, { criterion: 'melody' });
		assert.equal(melody.status, 201);
		const told = async (client) => (await client.get(`/audio/${own.audio}`)).json.feedback;
		assert.deepEqual((await told(listener)).own_rating, { id: first.json.id, rating: 4 });
		assert.deepEqual((await told(creator)).own_rating, { id: own.rating.id, rating: 4 });
		assert.equal((await told(api.as.admin)).own_rating, null);
		assert.equal((await told(creator)).rating_count, 3);

		const job = await creator.submit({ num_samples: 2 }), { audio_ids: [a, b], prompt_id } = await creator.reach(job.id, 'completed');
		const prefer = (client, chosen, rejected, margin) => client.post('/preferences',
			{ prompt_id, chosen_audio_id: chosen, rejected_audio_id: rejected, margin });
		const one = await prefer(listener, a, b, 5), other = await prefer(elsewhere, b, a);
		assert.deepEqual([one.status, other.status, other.json.id], [201, 200, one.json.id]);
		assert.deepEqual([other.json.chosen_audio_id, other.json.margin], [b, null]);
		assert.equal((await prefer(creator, a, b)).status, 201);
		assert.equal((await creator.get(`/preferences?prompt_id=${prompt_id}`)).json.total, 2);
	});

	test('is changed by an admin', async () => {
		assert.equal((await api.as.admin.put(`/ratings/${own.rating.id}`, { rating: 5 })).json.rating, 5);
		assert.equal((await api.as.admin.delete(`/templates/${own.template.id}`)).status, 204);
		assert.equal((await api.as.admin.delete(`/jobs/${own.job.id}`)).status, 200);
		isProblem(await api.as.creator.delete(`/jobs/${own.job.id}`), 404);
	});
});

describe('a quota', () => {
	test('of jobs that wait or run, and of music on a day, says when to come back', async () => {
		await addUser(api.stack, 'busy', 'creator');
		const busy = await signIn(api.stack, 'busy');
		const first = await busy.submit({ duration: 20 });
		for (let i = 0; i < 2; i++) await busy.submit({ duration: 5 });
		const many = await busy.post('/generate', { prompt: 'x', duration: 1 });
		isProblem(many, 429, '3 of your jobs wait or run, and that is the limit; try again when one has ended.');
		assert.ok(Number(many.headers['retry-after']) > 0);
		assert.deepEqual((await busy.get('/session')).json.limits,
			{ queued_jobs: { used: 3, limit: 3 }, audio_seconds_today: { used: 30, limit: 60 } });
		await busy.delete(`/generate/${first.id}`);
		const long = await until(async () => {
			const answer = await busy.post('/generate', { prompt: 'x', duration: 40 });
			return /seconds of music/.test(answer.text) && answer;
		}, 'room in the queue', 60_000);
		isProblem(long, 429, /^You can ask for 60 seconds of music a day; \d+ are left until midnight \(UTC\), and this takes 40\.$/);
		assert.ok(Number(long.headers['retry-after']) <= 86400);
		await api.as.creator.submit({});
	});

	test('lets an A/B test begin, and go on when there is room', async () => {
		await addUser(api.stack, 'tester', 'creator');
		const tester = await signIn(api.stack, 'tester');
		const prompts = [];
		for (const text of ['one', 'two']) prompts.push((await tester.post('/prompts', { text })).json.id);
		const { json: { items: [adapter] } } = await tester.get('/adapters');
		const { json: made } = await tester.post('/ab-tests', { name: 'x', adapter_a_id: adapter.id, prompt_ids: prompts, duration: 1 });
		assert.equal(made.user_id, (await tester.get('/session')).json.user.id);
		isProblem(await tester.post(`/ab-tests/${made.id}/generate`, {}), 429, /^3 of your jobs wait or run/);
		await until(async () => (await tester.get(`/jobs?ab_test_id=${made.id}`)).json.items.filter(({ status }) => status === 'completed')
			.length === 3, 'three jobs to be done', 60_000);
		const { status, json } = await tester.post(`/ab-tests/${made.id}/generate`, {});
		assert.equal(status, 200);
		assert.equal((await tester.get(`/jobs?ab_test_id=${made.id}`)).json.total, 4, json.progress);
		isProblem(await api.as.creator.post(`/ab-tests/${made.id}/generate`, {}), 403);
	});

	test('is what an admin says of a user, and 0 is none', async () => {
		const { json: { items } } = await api.as.admin.get('/users?limit=100');
		const { id } = items.find(({ login }) => login === 'busy');
		const patch = (json) => api.as.admin.ask('PATCH', `/users/${id}`, { json });
		assert.equal((await patch({ max_queued_jobs: 0, max_audio_seconds_per_day: 10000 })).json.max_audio_seconds_per_day, 10000);
		const busy = await signIn(api.stack, 'busy');
		assert.deepEqual((await busy.get('/session')).json.limits.queued_jobs.limit, null);
		for (let i = 0; i < 5; i++) await busy.submit({ duration: 1 });
		assert.equal((await patch({ max_queued_jobs: null })).json.max_queued_jobs, null);
		isProblem(await patch({ max_queued_jobs: -1 }), 422, undefined, ['max_queued_jobs']);
	});
});

describe('users', () => {
	test('are added, changed and listed by admins', async () => {
		const { json, status, headers } = await api.as.admin.post('/users', { login: 'Eve', password, role: 'listener' });
		assert.equal(status, 201);
		assert.equal(headers.location, `${api.stack.base}api/users/${json.id}`);
		assert.deepEqual([json.login, json.role, json.disabled, json.last_sign_in_at], ['eve', 'listener', false, null]);
		isProblem(await api.as.admin.post('/users', { login: 'EVE', password, role: 'admin' }), 409, 'There is a user eve already.');
		isProblem(await api.as.admin.post('/users', { login: 'e v e', password: 'short', role: 'king' }), 422, undefined,
			['login', 'password', 'role']);
		const eve = await signIn(api.stack, 'eve');
		const patch = (body) => api.as.admin.ask('PATCH', `/users/${json.id}`, { json: body });
		assert.equal((await patch({ disabled: true })).json.disabled, true);
		isProblem(await eve.get('/jobs'), 401, 'The session has ended; sign in again.');
		await patch({ disabled: false, password: 'a new password' });
		await signIn(api.stack, 'eve', 'a new password');
	});

	test('never are without somebody who can manage them', async () => {
		for (const login of ['falling', 'gone', 'admin']) {
			const { json: { items } } = await api.as.admin.get('/users?limit=100');
			const admins = items.filter(({ role, disabled }) => role === 'admin' && !disabled);
			if (admins.length > 1) continue;
			assert.equal(admins[0].login, 'admin', login);
			isProblem(await api.as.admin.ask('PATCH', `/users/${admins[0].id}`, { json: { role: 'creator' } }), 409);
			isProblem(await api.as.admin.ask('PATCH', `/users/${admins[0].id}`, { json: { disabled: true } }), 409);
		}
	});
});

describe('a token that asks too often', () => {
	const few = accounts({ token_requests_per_minute: 20 });

	test('is told when to come back, and others are not held up', async () => {
		const client = byToken(few.stack, await newToken(few.stack, 'creator', 'read'));
		const answers = [];
		for (let i = 0; i < 30; i++) answers.push(await client.get('/jobs/stats'));
		const refused = answers.filter(({ status }) => status === 429);
		assert.ok(refused.length >= 5 && refused.length <= 10, `${refused.length} were refused`);
		isProblem(refused[0], 429, /^This token may make 20 requests a minute; wait [1-3] seconds\.$/);
		assert.ok(Number(refused[0].headers['retry-after']) >= 1);
		assert.equal((await few.as.creator.get('/jobs/stats')).status, 200);
		const other = byToken(few.stack, await newToken(few.stack, 'creator', 'read'));
		assert.equal((await other.get('/jobs/stats')).status, 200);
	});
});
