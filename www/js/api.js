/* The way to the server: one function for every call, and two kinds of failure. */

/* Relative to the page, so that it works wherever the page was put. */
const base = new URL('api/', document.baseURI);
const TIMEOUT_MS = 15000;

/* The server understood and said no. `message` is its sentence; `fields` holds its [{field, detail}]; wait_s: how long
 * until it may say yes, if that is known. */
export class Refused extends Error {
	constructor(status, problem, wait_s) {
		super(problem.detail || problem.title || `The server answered ${status}.`);
		this.status = status;
		this.wait_s = wait_s;
		this.fields = Array.isArray(problem.errors) ? problem.errors : [];
	}
}

/* No answer, or one that says "later". `message` is a sentence for people; waiting may help. */
export class Unreachable extends Error {
	constructor(message, retryAfter_s) {
		super(message);
		this.retryAfter_s = retryAfter_s;
	}
}

export function url(path) {
	return new URL(path, base).href;
}

/* What bring(), an import(), brings. Throws Unreachable. */
export const part = (bring) => bring().catch(() => { throw new Unreachable('The connection is lost.'); });

/* The server does not know who asks: resolves when it does. → whether somebody had to sign in for it */
export const signedIn = async () => (await part(() => import('./access/signin.js'))).signedIn();

/* → { status, data, etag }; with `etag` given and nothing new, status 304 and no data. Where the session has ended, the
 * same is asked again once one has signed in. Throws Refused or Unreachable, nothing else. */
export async function call(method, path, { body, etag, key, again = false } = {}) {
	const headers = { accept: 'application/json' };

	if (body !== undefined) headers['content-type'] = 'application/json';
	if (etag) headers['if-none-match'] = etag;
	if (key) headers['idempotency-key'] = key;

	let r, raw;
	try {
		r = await fetch(url(path), {
			method, headers, cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS),
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		raw = await r.text();
	} catch {
		throw new Unreachable('The connection is lost.');
	}
	if (r.status === 304) return { status: 304, etag };
	if (r.status === 401 && path !== 'session' && !again)
		return call(method, path, { body, etag, key, again: !await signedIn() });
	/* Perhaps one may less than a while ago: session.js asks. */
	if (r.status === 403) dispatchEvent(new Event('forbidden'));
	return { status: r.status, data: judge(r.status, raw, r.headers.get('retry-after')), etag: r.headers.get('etag') };
}

/* What an answer holds, null when that is nothing. Throws Refused or Unreachable. */
export function judge(status, raw, later) {
	const data = status === 204 ? null : parse(raw);

	if (status >= 502 && status <= 504)
		throw new Unreachable(data?.detail || 'The server is not ready.', Number(later) || undefined);
	if (status < 200 || status > 299) throw new Refused(status, data ?? {}, Number(later) || undefined);
	if (data === undefined) throw new Unreachable('The server answered something unreadable.');
	return data;
}

function parse(raw) {
	try {
		return JSON.parse(raw);
	} catch {
		return undefined;
	}
}

export const get = async (path) => (await call('GET', path)).data;
export const post = async (path, body, key) => (await call('POST', path, { body, key })).data;
export const del = async (path) => (await call('DELETE', path)).data;
