// node essentia_judge.mjs FILE: the tempo that essentia.js' RhythmExtractor2013 hears, with its defaults, as JSON. A
// program of its own: its memory is WebAssembly's, and it takes long enough that two shall run side by side.

import { createRequire } from 'node:module';
import { execFileSync } from 'node:child_process';

const { Essentia, EssentiaWASM } = createRequire(import.meta.url)('essentia.js');
const essentia = new Essentia(EssentiaWASM);
// The algorithm is made for 44.1 kHz.
const bytes = execFileSync('ffmpeg', ['-v', 'error', '-i', process.argv[2], '-ac', '1', '-ar', '44100', '-f', 'f32le', '-'],
	{ maxBuffer: 1 << 28 });
const sound = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));

console.log(JSON.stringify({ bpm: essentia.RhythmExtractor2013(essentia.arrayToVector(sound)).bpm }));
