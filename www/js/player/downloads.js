/* A take as a file: links to it in every format, its own first; where it has a score, to that and to its stems. */

import { url } from '../api.js';
import { el } from '../dom.js';
import { bytes, formatName } from '../words.js';

const FORMATS = ['flac', 'wav', 'ogg', 'opus', 'mp3'];
const STEMS = ['drums', 'bass', 'chords', 'melody', 'texture'];

/* audio: as the API describes it. */
export function downloads(audio) {
	/* The server names the sounds after their prompt; what it does not name is named here. */
	const file = (path, name, hint, download = '') => el('li', {},
		el('a', { class: 'quiet', href: url(`audio/${audio.id}/${path}`), download, title: hint }, name));
	const others = FORMATS.filter((format) => format !== audio.format);

	const stem = (name, format) => file(`stream?download=1&stem=${name}&format=${format}`, formatName(format),
		`Only the ${name}`);

	return el('div', { class: 'downloads' },
		el('p', { class: 'hint' }, 'Download'),
		el('ul', { 'aria-label': 'Download' },
			file('stream?download=1', `${formatName(audio.format)}, ${bytes(audio.size_bytes)}`, 'The file as it was made'),
			...others.map((format) => file(`stream?download=1&format=${format}`, formatName(format), 'Converted')),
			audio.midi_url && file('midi', 'MIDI', 'The score', `${audio.title}.mid`)),
		audio.midi_url && stems(audio, stem));
}

/* Folded away, since most people want the take. */
function stems(audio, stem) {
	return el('details', { class: 'stems' },
		el('summary', {}, 'Stems'),
		el('p', { class: 'hint' }, 'One part each, not mastered: together they are the mix.'),
		...STEMS.map((name) => el('ul', { 'aria-label': `Download the ${name}` },
			el('li', { class: 'hint' }, name[0].toUpperCase() + name.slice(1)),
			stem(name, 'flac'), stem(name, 'wav'))));
}
