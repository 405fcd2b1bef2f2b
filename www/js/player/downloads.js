/* A take as a file: links to it in every format, its own first, and to its score where it has one. */

import { url } from '../api.js';
import { el } from '../dom.js';
import { bytes, formatName } from '../words.js';

const FORMATS = ['flac', 'wav', 'ogg', 'opus', 'mp3'];

/* audio: as the API describes it. */
export function downloads(audio) {
	/* The server names the sounds after their prompt; what it does not name is named here. */
	const file = (path, name, hint, download = '') => el('li', {},
		el('a', { class: 'quiet', href: url(`audio/${audio.id}/${path}`), download, title: hint }, name));
	const others = FORMATS.filter((format) => format !== audio.format);

	return el('div', { class: 'downloads' },
		el('p', { class: 'hint' }, 'Download'),
		el('ul', { 'aria-label': 'Download' },
			file('stream?download=1', `${formatName(audio.format)}, ${bytes(audio.size_bytes)}`, 'The file as it was made'),
			...others.map((format) => file(`stream?download=1&format=${format}`, formatName(format), 'Converted')),
			audio.midi_url && file('midi', 'MIDI', 'The score', `${audio.title}.mid`)));
}
