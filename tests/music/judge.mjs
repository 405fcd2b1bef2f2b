// node tests/music/judge.mjs [--seconds N] [--seeds N] [PROMPT…]: what other people's tools hear in takes of these prompts, or of all
// hundred of prompts.json; one line each, and in how many they agree with what the band says.

import { parseArgs } from 'node:util';
import { compileJudge, judgeAll, prompts } from './judges.mjs';

const { values, positionals } = parseArgs({ allowPositionals: true,
	options: { seconds: { type: 'string', default: '45' }, seeds: { type: 'string', default: '1' } } });
const asked = positionals.length ? positionals.map((prompt) => ({ prompt, seed: 1, beat: true, drums: true })) : prompts;
const list = asked.flatMap((p) => Array.from({ length: Number(values.seeds) }, (_, i) => ({ ...p, seed: p.seed + i })));
const sums = {};
const NAMES = ['C', 'Db', 'D', 'Eb', 'E', 'F', 'F#', 'G', 'Ab', 'A', 'Bb', 'B'];
const mark = { true: 'yes', false: 'NO', null: '–' };

compileJudge();
await judgeAll(list, Number(values.seconds), (piece, r, v) => {
	for (const [what, ok] of Object.entries(v)) {
		if (ok === null) continue;
		sums[what] ??= [0, 0];
		sums[what][0] += ok;
		sums[what][1]++;
	}
	const heard = Object.entries(r.bpm).map(([who, bpm]) => `${who} ${bpm.toFixed(1)}`).join(', ');
	console.log(`${piece.prompt} #${piece.seed}: ${r.said.style} ${r.said.meter}`
		+ ` | ${r.said.tempo} BPM: ${mark[v.tempo]} (${heard})`
		+ ` | ${r.said.key}: ${mark[v.key]} (${NAMES[r.key.tonic]} ${r.key.minor ? 'minor' : 'major'})`
		+ ` | ${r.lufs} LUFS ${r.dbtp} dBTP: ${mark[v.loud]} | drums ${r.drumNotes}: ${mark[v.drums]}`);
});
for (const [what, [ok, of]] of Object.entries(sums)) console.log(`${what}: ${ok} of ${of}, ${(100 * ok / of).toFixed(0)} %`);
