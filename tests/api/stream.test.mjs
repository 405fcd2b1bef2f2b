// GET and HEAD /audio/{id}/stream: the bytes, whole or in ranges, with conditions, in every format
// (RFC 9110 sections 8, 13, 14 and 15).

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../harness.mjs';
import { installation, isProblem, nobody } from './api.mjs';

const words = 'Slow "piano" waltz: A/minor, für 🎹';

let audio, path, whole, size, etag, modified;

const api = installation({ settings: { workers: 1 } }, async () => {
	({ audio: [audio] } = await api.make({ prompt: words, duration: 1, seed: 7 }));
	path = `/audio/${audio.id}/stream`;
	const answer = await api.get(path);
	whole = answer.bytes;
	size = whole.length;
	({ etag, 'last-modified': modified } = answer.headers);
});

const range = (value, headers) => api.get(path, { Range: value, ...headers });
const at = (seconds) => new Date(Date.parse(modified) + seconds * 1000).toUTCString();

// 206 with these bytes, first to last, and all that goes with it.
function isPart(answer, first, last, all = whole) {
	assert.equal(answer.status, 206, answer.text.slice(0, 200));
	assert.equal(answer.headers['content-range'], `bytes ${first}-${last}/${all.length}`);
	assert.equal(answer.headers['content-length'], String(last - first + 1));
	assert.equal(answer.headers['accept-ranges'], 'bytes');
	assert.ok(answer.bytes.equals(all.subarray(first, last + 1)), 'the bytes of the range');
}

function isWhole(answer) {
	assert.equal(answer.status, 200, answer.text.slice(0, 200));
	assert.equal(answer.headers['content-range'], undefined);
	assert.equal(answer.headers['content-length'], String(size));
	assert.ok(answer.bytes.equals(whole), 'all bytes');
}

// The parts of a multipart/byteranges body, read as RFC 2046 says: [{ headers, bytes }].
function partsOf(answer) {
	const [, boundary] = answer.headers['content-type'].match(/^multipart\/byteranges; boundary=(\S+)$/);
	const text = answer.bytes.toString('latin1'), [, ...rest] = text.split(`\r\n--${boundary}`);
	assert.equal(rest.pop(), '--\r\n', 'the closing delimiter');
	return rest.map((part) => {
		const [head, ...body] = part.split('\r\n\r\n');
		const headers = Object.fromEntries(head.split('\r\n').slice(1)
			.map((line) => line.toLowerCase().split(': ')));
		return { headers, bytes: Buffer.from(body.join('\r\n\r\n'), 'latin1') };
	});
}

describe('the whole file', () => {
	test('comes with its type, length, ETag, Last-Modified and Accept-Ranges', async () => {
		const answer = await api.get(path);
		isWhole(answer);
		assert.equal(size, audio.size_bytes);
		assert.equal(answer.headers['content-type'], 'audio/flac');
		assert.equal(answer.headers['accept-ranges'], 'bytes');
		assert.match(answer.headers.etag, /^"[^"]+"$/, 'a strong ETag');
		assert.ok(Math.abs(Date.parse(answer.headers['last-modified']) - Date.parse(audio.created_at)) < 2000);
		assert.match(answer.headers['cache-control'], /private/);
		assert.equal(answer.headers['x-content-type-options'], 'nosniff');
		for (const own of ['x-sendfile', 'x-sendfile2', 'status'])
			assert.equal(answer.headers[own], undefined, own);
	});

	test('to HEAD: the same header without a byte', async () => {
		const { headers } = await api.get(path), head = await api.head(path);
		assert.deepEqual([head.status, head.bytes.length], [200, 0]);
		for (const name of ['content-type', 'content-length', 'etag', 'last-modified',
			'accept-ranges', 'cache-control'])
			assert.equal(head.headers[name], headers[name], name);
	});

	test('of an id that is not there: 404', async () => {
		for (const end of ['', '/stream', '/peaks', '/midi'])
			isProblem(await api.get(`/audio/${nobody}${end}`), 404, new RegExp(nobody));
	});
});

describe('one range', () => {
	const parts = {
		'a stretch': ['bytes=100-199', () => [100, 199]],
		'the first byte': ['bytes=0-0', () => [0, 0]],
		'the last byte': [() => `bytes=${size - 1}-${size - 1}`, () => [size - 1, size - 1]],
		'everything, as a browser asks first': ['bytes=0-', () => [0, size - 1]],
		'from a byte to the end, as a player seeks': ['bytes=5000-', () => [5000, size - 1]],
		'an end beyond the file, which is cut': [() => `bytes=10-${size + 1000}`, () => [10, size - 1]],
		'an end beyond all numbers, which is cut': ['bytes=10-99999999999999999999999999',
			() => [10, size - 1]],
		'a suffix': ['bytes=-500', () => [size - 500, size - 1]],
		'a suffix longer than the file: all of it': [() => `bytes=-${size + 1}`, () => [0, size - 1]],
		'a suffix beyond all numbers: all of it': ['bytes=-99999999999999999999999999',
			() => [0, size - 1]],
		'the unit in capitals': ['BYTES=1-2', () => [1, 2]],
		'empty elements of the list': ['bytes=, ,3-4,', () => [3, 4]],
		'the one of two that lies inside': [() => `bytes=7-8,${size + 5}-`, () => [7, 8]],
	};
	for (const [what, [asked, wanted]] of Object.entries(parts))
		test(`206 to ${what}`, async () => {
			isPart(await range(typeof asked === 'string' ? asked : asked()), ...wanted());
		});

	test('a 206 repeats the ETag, Last-Modified and Cache-Control of the whole', async () => {
		const { headers } = await api.get(path), part = await range('bytes=1-2');
		for (const name of ['etag', 'last-modified', 'cache-control', 'content-type'])
			assert.equal(part.headers[name], headers[name], name);
		assert.ok(part.headers.date);
	});

	test('the file can be put together from its ranges', async () => {
		const step = 20_001, got = [];
		for (let first = 0; first < size; first += step)
			got.push((await range(`bytes=${first}-${first + step - 1}`)).bytes);
		assert.ok(Buffer.concat(got).equals(whole));
	});

	for (const [what, asked] of Object.entries({
		'the first byte behind the end': () => `bytes=${size}-`,
		'far behind it': () => 'bytes=99999999999999999999-',
		'a suffix of nothing': () => 'bytes=-0',
		'two, both outside': () => `bytes=${size}-,-0`,
	}))
		test(`416 with the true length to ${what}`, async () => {
			const answer = await range(asked());
			isProblem(answer, 416);
			assert.equal(answer.headers['content-range'], `bytes */${size}`);
			assert.equal(answer.headers['accept-ranges'], 'bytes');
		});

	for (const asked of ['bytes=', 'bytes=,', 'bytes=-', 'bytes=a-b', 'bytes=5-4', 'bytes=1-2x',
		'bytes=1-2;3-4', 'bytes 1-2', 'bytes=+1-2', 'bytes=1 - 2', 'bytes=0x0-0x5', 'items=1-2',
		'bytes=1-2,x'])
		test(`${asked} is no range and is ignored`, async () => {
			isWhole(await range(asked));
		});

	test('Range counts only on GET', async () => {
		const head = await api.ask('HEAD', path, { headers: { Range: 'bytes=0-9' } });
		assert.deepEqual([head.status, head.headers['content-length'],
			head.headers['content-range']], [200, String(size), undefined]);
	});
});

describe('several ranges', () => {
	test('come as multipart/byteranges, each with its own Content-Range, none on top', async () => {
		const answer = await range('bytes=0-9, 100-199,-5');
		assert.equal(answer.status, 206);
		assert.equal(answer.headers['content-range'], undefined);
		assert.equal(answer.headers['content-length'], String(answer.bytes.length));
		assert.equal(answer.headers.etag, etag);
		const wanted = [[0, 9], [100, 199], [size - 5, size - 1]];
		const parts = partsOf(answer);
		assert.equal(parts.length, 3);
		for (const [i, [first, last]] of wanted.entries()) {
			assert.deepEqual(parts[i].headers, { 'content-type': 'audio/flac',
				'content-range': `bytes ${first}-${last}/${size}` });
			assert.ok(parts[i].bytes.equals(whole.subarray(first, last + 1)));
		}
	});

	test('those outside are left out, in the order asked', async () => {
		const parts = partsOf(await range(`bytes=500-599,${size}-,0-0`));
		assert.deepEqual(parts.map(({ headers }) => headers['content-range']),
			[`bytes 500-599/${size}`, `bytes 0-0/${size}`]);
	});

	test('sixteen are served', async () => {
		const asked = Array.from({ length: 16 }, (_, i) => `${i * 10}-${i * 10 + 4}`);
		assert.equal(partsOf(await range(`bytes=${asked}`)).length, 16);
	});

	for (const [what, asked] of Object.entries({
		'seventeen': Array.from({ length: 17 }, (_, i) => `${i * 10}-${i * 10 + 4}`),
		'a thousand': Array.from({ length: 1000 }, (_, i) => `${i}-${i}`),
		'three that overlap': ['0-', '1-', '2-'],
	}))
		test(`${what} are an attack and get the whole file once`, async () => {
			isWhole(await range(`bytes=${asked}`));
		});
});

describe('conditions come before ranges', () => {
	const both = (headers) => range('bytes=0-9', headers);
	const isPartOfTen = (answer) => isPart(answer, 0, 9);
	const is = (status) => (answer) => {
		assert.equal(answer.status, status, answer.text.slice(0, 200));
		if (status === 304) {
			assert.equal(answer.bytes.length, 0);
			assert.equal(answer.headers.etag, etag);
		} else isProblem(answer, status);
	};

	const cases = [
		['If-None-Match with the ETag', () => ({ 'If-None-Match': etag }), is(304)],
		['If-None-Match with it weak, in a list', () => ({ 'If-None-Match': `"a", W/${etag}` }), is(304)],
		['If-None-Match: *', () => ({ 'If-None-Match': '*' }), is(304)],
		['If-None-Match with another', () => ({ 'If-None-Match': '"other"' }), isPartOfTen],
		['If-Modified-Since the same second', () => ({ 'If-Modified-Since': at(0) }), is(304)],
		['If-Modified-Since a day later', () => ({ 'If-Modified-Since': at(86400) }), is(304)],
		['If-Modified-Since a second before', () => ({ 'If-Modified-Since': at(-1) }), isPartOfTen],
		['If-Modified-Since no date', () => ({ 'If-Modified-Since': 'yesterday' }), isPartOfTen],
		['If-None-Match beats If-Modified-Since', () =>
			({ 'If-None-Match': '"other"', 'If-Modified-Since': at(0) }), isPartOfTen],
		['If-Match with the ETag', () => ({ 'If-Match': etag }), isPartOfTen],
		['If-Match with it weak', () => ({ 'If-Match': `W/${etag}` }), is(412)],
		['If-Match with another', () => ({ 'If-Match': '"other"' }), is(412)],
		['If-Match: *', () => ({ 'If-Match': '*' }), isPartOfTen],
		['If-Unmodified-Since the same second', () => ({ 'If-Unmodified-Since': at(0) }), isPartOfTen],
		['If-Unmodified-Since a second before', () => ({ 'If-Unmodified-Since': at(-1) }), is(412)],
		['If-Match beats If-Unmodified-Since',
			() => ({ 'If-Match': etag, 'If-Unmodified-Since': at(-1) }), isPartOfTen],
		['If-Match is seen before If-None-Match', () =>
			({ 'If-Match': '"other"', 'If-None-Match': etag }), is(412)],
		['If-Range with the ETag', () => ({ 'If-Range': etag }), isPartOfTen],
		['If-Range with it weak', () => ({ 'If-Range': `W/${etag}` }), isWhole],
		['If-Range with another', () => ({ 'If-Range': '"other"' }), isWhole],
		['If-Range with an earlier date', () => ({ 'If-Range': at(-1) }), isWhole],
		['If-Range with a later date', () => ({ 'If-Range': at(1) }), isWhole],
		['If-Range with no date', () => ({ 'If-Range': 'yesterday' }), isWhole],
		['If-Range with the date, once its second is over', async () => {
			// RFC 9110 8.8.2.2: strong once the answer's Date is a second or more behind it.
			await until(() => Date.now() >= Date.parse(at(1)) + 1000, 'the end of that second');
			return { 'If-Range': at(0) };
		}, isPartOfTen],
		['304 beats Range and If-Range', () => ({ 'If-None-Match': etag, 'If-Range': etag }), is(304)],
	];
	for (const [what, headers, expected] of cases)
		test(what, async () => {
			expected(await both(await headers()));
		});

	test('a range that cannot be satisfied does not count when If-Range fails', async () => {
		isWhole(await range(`bytes=${size}-`, { 'If-Range': '"other"' }));
	});

	test('to HEAD as to GET', async () => {
		assert.equal((await api.head(path, { 'If-None-Match': etag })).status, 304);
		assert.equal((await api.head(path, { 'If-Match': '"other"' })).status, 412);
		assert.equal((await api.head(path, { 'If-None-Match': '"other"' })).status, 200);
	});
});

describe('download=1', () => {
	test('names the file after the prompt, for old and for new browsers', async () => {
		const { 'content-disposition': value } = (await api.get(`${path}?download=1`)).headers;
		const [, plain, encoded] = value.match(/^attachment; filename="([^"\\]*)"; filename\*=UTF-8''(\S+)$/);
		assert.equal(decodeURIComponent(encoded), 'Slow -piano- waltz- A-minor, für 🎹.flac');
		assert.equal(plain, 'Slow -piano- waltz- A-minor, f_r _.flac');
	});

	test('goes by the format that is asked for', async () => {
		assert.match((await api.head(`${path}?download=1&format=mp3`))
			.headers['content-disposition'], /\.mp3$/);
	});

	test('serves ranges, so that a download can be taken up again', async () => {
		isPart(await api.get(`${path}?download=1`, { Range: 'bytes=1000-', 'If-Range': etag }),
			1000, size - 1);
	});

	test('without it the file is to be played', async () => {
		for (const query of ['', '?download=0'])
			assert.equal((await api.head(path + query)).headers['content-disposition'], undefined);
	});
});

describe('format=', () => {
	const formats = {
		flac: ['audio/flac', /^fLaC/],
		wav: ['audio/wav', /^RIFF....WAVE/s],
		ogg: ['audio/ogg', /^OggS.*vorbis/s],
		opus: ['audio/ogg; codecs=opus', /^OggS.*OpusHead/s],
		mp3: ['audio/mpeg', /^ID3/],
	};
	const etags = new Set();
	for (const [format, [type, magic]] of Object.entries(formats)) {
		test(`${format} is converted, with a length and an ETag of its own`, async () => {
			const answer = await api.get(`${path}?format=${format}`);
			assert.equal(answer.status, 200);
			assert.equal(answer.headers['content-type'], type);
			assert.equal(answer.headers['content-length'], String(answer.bytes.length));
			assert.match(answer.bytes.subarray(0, 200).toString('latin1'), magic);
			assert.equal(etags.has(answer.headers.etag), false);
			etags.add(answer.headers.etag);
			assert.equal(answer.headers.etag === etag, format === 'flac');
		});

		test(`${format} has ranges, conditions and the same bytes each time`, async () => {
			const { bytes, headers } = await api.get(`${path}?format=${format}`);
			isPart(await api.get(`${path}?format=${format}`,
				{ Range: 'bytes=50-999', 'If-Range': headers.etag }), 50, 999, bytes);
			isPart(await api.get(`${path}?format=${format}`, { Range: 'bytes=-7' }),
				bytes.length - 7, bytes.length - 1, bytes);
			const beyond = await api.get(`${path}?format=${format}`, { Range: `bytes=${bytes.length}-` });
			assert.deepEqual([beyond.status, beyond.headers['content-range']],
				[416, `bytes */${bytes.length}`]);
			assert.equal((await api.get(`${path}?format=${format}`,
				{ 'If-None-Match': headers.etag })).status, 304);
		});
	}

	test('many may ask at once for what is not yet converted', async () => {
		const { audio: [fresh] } = await api.make({ seed: 8 });
		const answers = await Promise.all(Array.from({ length: 6 },
			() => api.get(`/audio/${fresh.id}/stream?format=ogg`)));
		for (const { status, bytes } of answers)
			assert.ok(status === 200 && bytes.equals(answers[0].bytes));
	});

	test('400 to one that is not known, and to a wrong parameter', async () => {
		isProblem(await api.get(`${path}?format=aiff`), 400, /one of flac, wav, ogg, opus, mp3/);
		isProblem(await api.get(`${path}?format=mp3&format=ogg`), 400, /twice/);
		isProblem(await api.get(`${path}?download=yes`), 400, /download/);
	});
});
