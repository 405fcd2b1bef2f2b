// Speed and memory, each beside its peer or limit measured in the same run; prints one Markdown table.
//
// Ours and the peer's run in turns, a short while each, and the medians count, so that what else the machine does
// hits both. What is compared with what is said where it is measured. Arguments are the parts wanted, of
// worker polls streaming start submissions jobs band music learning quality musicgen; none means all. BENCH_JOBS is how many jobs `jobs` makes
// (ten million, which takes minutes and 15 GB below TMPDIR); BENCH_MODEL is the size of the model that `musicgen` makes
// (small; medium and large take up to 20 GB below TMPDIR).

import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { addUser, newToken } from '../api/access.mjs';
import { build, freePort, root, startStack, until } from '../harness.mjs';
import { distance } from '../music/distance.mjs';
import { compileJudge, judgeAll, prompts } from '../music/judges.mjs';
import { belongings, makeJobs, startDatabase } from './many_jobs.mjs';

const rounds = 15;
const seconds = 1;
const wholeRounds = 5;		// a file of 30 MB takes longer than most answers
const wholeSeconds = 3;
const styles = ['calm piano ballad', 'fast rock', 'jazz trio', 'bossa nova', 'techno', 'reggae', 'orchestral film music', 'lofi hip hop',
	'music box lullaby'];
const rows = [];

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
const say = (text) => process.stderr.write(`${text}\n`);
const run = (program, args, options = {}) =>
	execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], ...options });

function number(n, unit) {
	const digits = n < 10 ? 2 : n < 100 ? 1 : 0;
	return `${n.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${unit}`;
}

function atLeast(goal, what, unit, ours, peer) {
	rows.push([what, number(ours, unit), number(peer, unit), (ours / peer).toFixed(2), `≥ ${goal}`, ours / peer >= goal]);
}

function atMost(goal, what, unit, ours, peer, ratio = ours / peer) {
	rows.push([what, number(ours, unit), number(peer, unit), ratio.toFixed(2), `≤ ${goal.toFixed(2)}`, ratio <= goal]);
}

function below(limit, what, unit, ours) {
	rows.push([what, number(ours, unit), number(limit, unit), (ours / limit).toFixed(2), '< 1', ours < limit]);
}

// Each of the two so many times, in turns: their medians.
function inTurns(ours, peer, times = rounds) {
	const a = [], b = [];
	for (let i = 0; i < times; i++) {
		a.push(ours());
		b.push(peer());
	}
	return [median(a), median(b)];
}

function load(url, ...script) {
	const wait = script[0] === 'whole' ? wholeSeconds : seconds;
	const out = run('wrk', ['-t1', '-c8', `-d${wait}s`, '--timeout', '30s', '-s', join(root, 'tests/bench/load.lua'), url, '--',
		...script.map(String)]);
	const result = JSON.parse(out.trimEnd().split('\n').at(-1));
	if (result.errors || !result.requests) throw new Error(`${url}: ${out}`);
	return result;
}

const perSecond = (url, ...script) => {
	const r = load(url, ...script);
	return r.requests / r.seconds;
};
const megabytesPerSecond = (url, ...script) => {
	const r = load(url, ...script);
	return r.bytes / r.seconds / 1e6;
};

// A second lighttpd with the same settings: the peer as its responder, the storage in place of the pages.
async function startPeer(stack, storage, bytes) {
	const folder = join(stack.var, 'peer');
	const port = await freePort();
	const here = join(build, 'lighttpd/usr/sbin/lighttpd');
	const socket = join(stack.var, 'run/db.sock');
	mkdirSync(folder);
	writeFileSync(join(folder, 'lighttpd.conf'), `
		server.bind = "127.0.0.1"
		server.port = ${port}
		server.document-root = "${storage}"
		server.upload-dirs = ("${folder}")
		var.earshot_base = "/"
		var.earshot_www = "${storage}"
		var.earshot_responder = "${join(build, 'bench/peer_fcgi')}"
		var.earshot_processes = ${stack.pids('responder').length}
		var.earshot_conf = "${stack.conf}"
		var.earshot_storage = "${storage}"
		var.earshot_socket = "${join(folder, 'peer.fcgi')}"
		include "${join(root, 'lighttpd.conf')}"
	`);
	const [program, modules] = existsSync(here) ? [here, ['-m', join(build, 'lighttpd/usr/lib/lighttpd')]] : ['lighttpd', []];
	const child = spawn(program, ['-D', '-f', join(folder, 'lighttpd.conf'), ...modules], { stdio: ['ignore', 'inherit', 'inherit'],
		env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, BENCH_SOCKET: socket, BENCH_BYTES: String(bytes) } });
	const url = `http://127.0.0.1:${port}/`;
	await until(() => fetch(url).then(() => true, () => false), 'the lighttpd of the peers');
	return { url, stop: () => child.kill('SIGTERM') };
}

async function generate(stack, order) {
	const answer = await fetch(`${stack.url}api/generate`, { method: 'POST', headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify(order) });
	const { id } = await answer.json();
	return until(async () => {
		const job = await (await fetch(`${stack.url}api/generate/${id}`)).json();
		if (job.status === 'failed') throw new Error(job.error);
		return job.status === 'completed' && job;
	}, 'a take', 300_000);
}

function memory(pid, field) {
	return Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm'))[1]) / 1024;
}

// One take of a minute by the worker of a fresh stack.
async function worker(stack) {
	say('worker');
	const job = await generate(stack, { prompt: 'orchestral film music with strings and brass', duration: 60, seed: 1 });
	const [pid] = stack.pids('worker');
	below(120, 'Worker after a take of 60 s', 'MiB', memory(pid, 'VmRSS'));
	below(120, 'Worker at its peak', 'MiB', memory(pid, 'VmHWM'));
	return job;
}

// GET of a completed job, against one SELECT of its row and as many bytes (peer_fcgi.c).
function polls(stack, peer, job) {
	say('status polls');
	const path = `api/generate/${job.id}`;
	atLeast(0.9, 'Status polls', '/s', ...inTurns(() => perSecond(stack.url + path, 'get'), () => perSecond(peer.url + path, 'get')));
	below(12, 'Responder after these', 'MiB', Math.max(...stack.pids('responder').map((pid) => memory(pid, 'VmRSS'))));
}

// A WAV file through the responder, against the same file as lighttpd's own.
async function streaming(stack, peer, storage, job) {
	say('streaming');
	const [[key]] = await stack.sql(`SELECT storage_key FROM samples WHERE id=UNHEX(REPLACE('${job.audio_ids[0]}','-',''))`);
	const bytes = statSync(join(storage, key)).size;
	const ours = `${stack.url}api/audio/${job.audio_ids[0]}/stream`, file = peer.url + key;
	const size = `${(bytes / 1e6).toFixed(0)} MB`;
	atLeast(0.9, `Streaming ${size} whole`, 'MB/s',
		...inTurns(() => megabytesPerSecond(ours, 'whole'), () => megabytesPerSecond(file, 'whole'), wholeRounds));
	atLeast(0.9, `Streaming ${size} by ranges of 1 MiB`, 'MB/s',
		...inTurns(() => megabytesPerSecond(ours, 'ranges', bytes), () => megabytesPerSecond(file, 'ranges', bytes)));
}

// Eight clients that submit, against bare INSERTs on one connection (peer_insert.c). The worker stands still
// meanwhile, so that the jobs stay in the queue; the daemon hears of each of them.
function submissions(stack, what = 'Submissions', ...token) {
	say(what.toLowerCase());
	stack.kill('worker', 'SIGSTOP');
	atLeast(0.5, what, '/s', ...inTurns(() => perSecond(`${stack.url}api/generate`, 'submit', ...token),
		() => Number(run(join(build, 'bench/peer_insert'), [stack.conf, String(seconds)]))));
	stack.kill('worker', 'SIGCONT');
}

// The same where there are accounts: all eight are one user's, by a token, with quotas that are counted and not reached.
async function submissionsByToken() {
	const stack = await startStack({ front: 'lighttpd', settings: { workers: 1, access: 'accounts', token_requests_per_minute: 1e6,
		max_queued_jobs: 1e6, max_audio_seconds_per_day: 1e8 } });
	try {
		await addUser(stack, 'bench', 'creator');
		submissions(stack, 'Submissions of one user, by a token and within quotas', await newToken(stack, 'bench', 'create'));
	} finally {
		await stack.stop();
	}
}

// The whole life of the responder as CGI, a look into the database included.
function start(stack, job) {
	say('start as CGI');
	const env = { EARSHOT_CONF: stack.conf, GATEWAY_INTERFACE: 'CGI/1.1', REQUEST_METHOD: 'GET', SCRIPT_NAME: '/api',
		PATH_INFO: `/generate/${job.id}`, QUERY_STRING: '', HTTP_HOST: 'localhost' };
	const program = join(build, 'bin/earshot.fcgi');
	if (!run(program, [], { env }).startsWith('Status: 200 ')) throw new Error('the responder does not answer as CGI');
	// By the shell's clock: node takes longer to start a program than the program to run.
	const times = run('/bin/bash', ['-c', 'for i in {1..50}; do a=$EPOCHREALTIME; "$0" >/dev/null; b=$EPOCHREALTIME; ' +
		'echo $((${b/./} - ${a/./})); done', program], { env }).trim().split('\n').map((us) => us / 1000);
	below(20, 'A request by CGI, start and end of the program included', 'ms', median(times));
}

// Seconds of processor that a command takes, by the shell's own account of its children.
function processorSeconds(...command) {
	const out = run('sh', ['-c', '"$@" >/dev/null; times', 'sh', ...command]);
	const children = out.trimEnd().split('\n').at(-1);
	return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, m, s]) => sum + Number(m) * 60 + Number(s), 0);
}

// The most memory that a take of so many seconds needs, in MB: the kernel's own account, asked for until the program ends.
async function peak(style, seconds, flac) {
	const child = spawn(join(build, 'bin/earshot'), ['generate', style, '-o', flac, '--duration', String(seconds), '--seed', '1'],
		{ stdio: 'ignore' });
	let most = 0, ends = false;
	const ended = new Promise((resolve, reject) => child.on('error', reject).on('exit', (code) => {
		ends = true;
		if (code) reject(new Error(`"${style}" of ${seconds} s cannot be generated`));
		else resolve();
	}));
	while (!ends) {
		try {
			most = Math.max(most, memory(child.pid, 'VmHWM'));
		} catch {
			// It has just ended.
		}
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
	await ended;
	return most * 1024 * 1024 / 1e6;
}

// Composing, rendering, mastering and encoding to FLAC, against the fluidsynth program that renders the same notes
// with the same soundfont, voices and effects to a WAV file. Processor time of both, each on one thread, the
// middle one of seven turns.
async function band() {
	const folder = mkdtempSync(join(tmpdir(), 'earshot-bench-'));
	const [flac, midi, wav] = ['take.flac', 'take.mid', 'take.wav'].map((name) => join(folder, name));
	const local = join(build, 'fluidsynth/usr/bin/fluidsynth');
	const soundfont = '/usr/share/sounds/sf2/FluidR3_GM.sf2';
	const options = ['polyphony=160', 'dynamic-sample-loading=1', 'gain=0.75', 'reverb.room-size=0.62', 'reverb.damp=0.3',
		'reverb.width=0.8', 'reverb.level=0.7', 'chorus.level=0.3', 'chorus.speed=0.35', 'chorus.depth=5.0'];
	const ours = [], peer = [];
	const take = (style) => 60 / processorSeconds(join(build, 'bin/earshot'), 'generate', style, '-o', flac, '--duration', '60',
		'--seed', '1', '--midi', midi);
	const play = () => {
		const spent = processorSeconds(existsSync(local) ? local : 'fluidsynth', '-ni', '-F', wav, '-T', 'wav', '-r', '48000',
			...options.flatMap((o) => ['-o', `synth.${o}`]), soundfont, midi);
		return (statSync(wav).size - 44) / 4 / 48000 / spent;
	};
	try {
		for (const style of styles) {
			say(`band: ${style}`);
			/* Each beside the other, since a shared machine is now slower and now faster: the turn in the middle. */
			const turns = Array.from({ length: 7 }, () => [take(style), play()]).toSorted((x, y) => x[0] / x[1] - y[0] / y[1]);
			ours.push(turns[3][0]);
			peer.push(turns[3][1]);
		}
		say('band: memory');
		below(150, 'Band, memory at its peak, a take of 3 minutes', 'MB', await peak('orchestral film music with strings and brass', 180, flac));
		below(150, 'The same for 10 minutes', 'MB', await peak('orchestral film music with strings and brass', 600, flac));
	} finally {
		rmSync(folder, { recursive: true });
	}
	const ratios = styles.map((_, i) => ours[i] / peer[i]);
	const middle = ratios.indexOf(median(ratios));
	styles.forEach((style, i) => atLeast(0.8, `Band, encode included: ${style}`, 's/s', ours[i], peer[i]));
	atLeast(0.8, `The median of these ${styles.length} styles`, 's/s', ours[middle], peer[middle]);
	say('band: composing');
	const ms = run(join(build, 'bench/compose'), ['180', ...styles]).trim().split('\n').map(Number);
	const slowest = ms.indexOf(Math.max(...ms));
	below(50, `Composing 3 minutes of each, the slowest (${styles[slowest]})`, 'ms', ms[slowest]);
}

// Lists of jobs at their first page and at the thousandth, statistics, and submissions, among very many jobs (joblist.c).
// The server's plans stand in front of the table; none of them may scan the table.
async function jobs() {
	const n = Number(process.env.BENCH_JOBS ?? 10_000_000), among = n.toLocaleString('en');
	const db = await startDatabase();
	try {
		const many = db.conf('many'), empty = db.conf('empty');
		db.sql(belongings, 'empty');
		makeJobs(db, 'many', n, (step) => say(`jobs: ${step}`));
		say('jobs: lists');
		const results = run(join(build, 'bench/joblist'), [many, empty], { cwd: root }).trim().split('\n').map((line) => JSON.parse(line));
		const lists = results.filter(({ list }) => list);
		for (const { list, plan } of lists) {
			const tables = plan.trim().split('\n').filter((line) => !line.startsWith('<'));
			if (tables.some((line) => /^\S+ (ALL|index) /.test(line))) throw new Error(`the list "${list}" scans the table:\n${plan}`);
			console.log(`EXPLAIN ${list}:\n${plan.trim().replaceAll(/^/gm, '    ')}`);
		}
		console.log(`\n| ${among} jobs, ms | Page 1 | Page 1,000 | By cursor there | Page 1,000 of 100 |\n|---|--:|--:|--:|--:|`);
		for (const { list, first, last, cursor, hundreds } of lists)
			console.log(`| ${[list, ...[first, last, cursor, hundreds].map((ms) => ms.toFixed(1))].join(' | ')} |`);
		console.log();
		const worst = (member) => lists.toSorted((a, b) => b[member] - a[member])[0];
		below(50, `Page 1 of ${lists.length} lists of ${among} jobs, the slowest (${worst('first').list})`, 'ms', worst('first').first);
		below(50, `Page 1,000 of them, the slowest (${worst('last').list})`, 'ms', worst('last').last);
		below(5, `Statistics of ${among} jobs`, 'ms', results.find(({ statistics }) => statistics).statistics);
		const [ours, peer] = results.find(({ submissions: s }) => s).submissions;
		atLeast(0.67, `Submissions among ${among} jobs, against an empty table`, '/s', ours, peer);
	} finally {
		db.stop();
	}
}

// The parts that need a whole stack; the band is by itself.
async function withStack(wanted) {
	const stack = await startStack({ front: 'lighttpd', settings: { workers: 1 } });
	let peer;
	try {
		const storage = join(stack.var, 'storage');
		const job = await worker(stack);
		const long = wanted('streaming') && await generate(stack, { prompt: 'bossa nova', duration: 104, format: 'wav' });
		const body = await (await fetch(`${stack.url}api/generate/${job.id}`)).arrayBuffer();
		peer = await startPeer(stack, storage, body.byteLength);
		if (wanted('polls')) polls(stack, peer, job);
		if (wanted('streaming')) await streaming(stack, peer, storage, long);
		if (wanted('start')) start(stack, job);
		if (wanted('submissions')) submissions(stack);
	} finally {
		peer?.stop();
		await stack.stop();
	}
}

// How many takes other people's tools hear as the band says they are; those they do not are named.
async function music() {
	const goals = { tempo: [90, 'Tempo, by two of three of libqm-dsp, essentia.js and aubio'], key: [85, 'Key and mode, by libqm-dsp'],
		loud: [100, '−14 ± 0.5 LUFS and ≤ −1 dBTP, by ffmpeg'], drums: [100, 'No drums where none are wanted'] };
	const votes = { tempo: [], key: [], loud: [], drums: [] };

	say('music');
	compileJudge();
	await judgeAll(prompts, 45, (piece, r, v) => {
		for (const [what, ok] of Object.entries(v)) {
			if (ok !== null) votes[what].push(ok);
			if (ok === false) say(`${what} of "${piece.prompt}": ${JSON.stringify(r)}`);
		}
	});
	for (const [what, [goal, words]] of Object.entries(goals)) {
		const share = 100 * votes[what].filter(Boolean).length / votes[what].length;
		atLeast(1, `${words}: of ${votes[what].length} prompts`, '%', share, goal);
	}
}

// Adapters learned from the music of OpenTTD, which is not ours: do takes come nearer to the files that their adapter was
// learned from with each quarter of the scale? Counted by a reader that is not ours either. And fifty files in one go.
function learning() {
	const source = '/usr/share/games/openttd/baseset/openmsx', earshot = join(build, 'bin/earshot');
	const folder = mkdtempSync(join(tmpdir(), 'earshot-bench-'));
	const files = readdirSync(source).filter((name) => name.endsWith('.mid')).map((name) => join(source, name));
	const groups = Array.from({ length: 5 }, (_, i) => files.slice(i * files.length / 5, (i + 1) * files.length / 5));
	const scales = [0, 0.25, 0.5, 0.75, 1], bases = ['music', 'rock song', 'ambient'], seeds = [1, 2, 3, 4, 5, 6, 7, 8];
	const adapter = join(folder, 'adapter.json');
	let falls = 0;

	try {
		for (const [i, group] of groups.entries()) {
			run(earshot, ['adapter', 'train', 'Group', ...group, '-o', adapter]);
			const distances = scales.map((scale) => distance(group, bases.flatMap((prompt) => seeds.map((seed) => {
				const midi = join(folder, `${scale} ${prompt} ${seed}.mid`);
				run(earshot, ['generate', prompt, '-o', join(folder, 'take.flac'), '--midi', midi, '--duration', '30',
					'--seed', String(seed), '--adapter', adapter, '--adapter-scale', String(scale)]);
				return midi;
			}))));
			const steady = distances.every((d, k) => !k || d < distances[k - 1]);
			say(`learning: ${group.length} files, distances ${distances.map((d) => d.toFixed(3)).join(' ')}${steady ? '' : ', not steadily'}`);
			falls += steady;
		}
		atLeast(1, `Adapters of ${groups.length} groups of OpenTTD's music whose takes come nearer to it with each quarter of the scale`, '',
			falls, 4);
		// The same file again would be refused: some have a byte more, behind their end.
		const fifty = Array.from({ length: 50 }, (_, i) => {
			const file = join(folder, `${i}.mid`);
			copyFileSync(files[i % files.length], file);
			if (i >= files.length) writeFileSync(file, '\0', { flag: 'a' });
			return file;
		});
		const begun = performance.now();
		run(earshot, ['adapter', 'train', 'Fifty', ...fifty, '-o', adapter]);
		below(10, 'Learning an adapter from 50 MIDI files', 's', (performance.now() - begun) / 1000);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

// What fewer bits change: the same random codes into the weights as they are and as they are prepared.
function quality() {
	const folder = mkdtempSync(join(tmpdir(), 'earshot-bench-'));
	const checkpoints = {
		'random weights of musicgen-small\'s size': () => run(join(build, 'bench/musicgen'), [folder, 'make', 'small']),
		'the reference checkpoint': () => cpSync(join(root, 'tests/data/musicgen/model'), folder, { recursive: true }),
	};

	try {
		for (const [what, make] of Object.entries(checkpoints)) {
			say(`quality of ${what}`);
			make();
			const said = run(join(build, 'bin/earshot'), ['model', 'prepare', folder, '--measure']);
			const [, divergence, same, of] = said.match(/mean divergence (\S+), .* in (\S+) % of (\d+) predictions/);
			below(1000, `MusicGen in int8, mean divergence (Kullback-Leibler) from float32 in ${of} predictions: ${what}`, '· 10⁻⁶',
				1e6 * divergence);
			atLeast(1, 'The same most likely code', '%', Number(same), 99);
		}
	} finally {
		rmSync(folder, { recursive: true });
	}
}

// MusicGen on a checkpoint of a real size with random weights. The floor of a step is the time that reading
// as many bytes of memory takes, weights and cache, in turns with the steps: of three runs that with the middle ratio.
function musicgen() {
	const folder = mkdtempSync(join(tmpdir(), 'earshot-bench-'));
	const size = process.env.BENCH_MODEL ?? 'small';
	const measure = (...args) => run(join(build, 'bench/musicgen'), [folder, ...args.map(String)]).trim().split(' ').map(Number);
	const processors = availableParallelism(), two = Math.min(2, processors), seconds = 10;
	const step = (kind, takes, threads) => [1, 2, 3].map(() => measure('steps', kind, takes, seconds, threads))
		.toSorted((a, b) => a[2] - b[2])[1];
	const row = (goal, what, kind, threads) => {
		const [ours, floor, ratio] = step(kind, 1, threads);
		atMost(goal, `MusicGen ${size}, a step, ${what}, ${threads} threads`, 'ms', ours, floor, ratio);
		return ours;
	};

	try {
		say('musicgen: its checkpoint');
		measure('make', size);
		measure('prepare', 'int8');
		say('musicgen: steps');
		const one = row(1.4, 'int8', 'prepared', two);
		atMost(1.6, 'The same of four takes at once, against one', 'ms', step('prepared', 4, two)[0], one);
		if (processors >= 16) row(1 / 0.6, 'int8', 'prepared', 16);
		row(1.25, 'float32', 'float32', two);
		if (size !== 'small') return;
		say('musicgen: codec, opening, memory');
		atLeast(1, `Its codec, seconds of sound a second, ${two} threads`, '', measure('codec', 'prepared', seconds, two)[0], 10);
		below(300, 'Opening its prepared file', 'ms', median([1, 2, 3].map(() => measure('open', 'prepared')[0])));
		below(900, 'Memory of a take of 30 s at its peak', 'MB', measure('take', 'prepared', 30, two)[1] * 1.048576);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

const wanted = (part) => process.argv.length === 2 || process.argv.includes(part);
if (['polls', 'streaming', 'start', 'submissions', 'worker'].some(wanted)) await withStack(wanted);
if (wanted('submissions')) await submissionsByToken();
if (wanted('jobs')) await jobs();
if (wanted('band')) await band();
if (wanted('music')) await music();
if (wanted('learning')) learning();
if (wanted('quality')) quality();
if (wanted('musicgen')) musicgen();

console.log('| What | Earshot | Peer or limit | Ratio | Goal | |\n|---|--:|--:|--:|--:|---|');
for (const row of rows) console.log(`| ${row.with(-1, row.at(-1) ? 'met' : '**missed**').join(' | ')} |`);
