/* The player on the device itself: its media keys, its lock screen, its headphones. */

import { url } from '../api.js';
import { next, previous, beside } from './playlist.js';
import { player } from './player.js';

const STEP_S = 10;

const device = navigator.mediaSession;

const go = (to_s) => player.seek(player.id, Math.max(0, to_s));
const by = (seconds) => go(player.state().position_s + seconds);

const actions = {
	play: () => player.play(player.id),
	pause: () => player.pause(),
	stop: () => player.pause(),
	seekto: (d) => go(d.seekTime),
	seekbackward: (d) => by(-(d.seekOffset || STEP_S)),
	seekforward: (d) => by(d.seekOffset || STEP_S),
	previoustrack: previous,
	nexttrack: next,
};

function handle(name, action) {
	/* A browser that knows an action no more than we do throws. */
	try {
		device.setActionHandler(name, action);
	} catch {
		/* The others work all the same. */
	}
}

/* audio: as the API describes it. */
export function describe(audio) {
	if (!device) return;
	const { name, version } = audio.adapter ?? {};

	device.metadata = new MediaMetadata({
		title: audio.prompt.text,
		artist: name ? `${audio.model}, ${name} ${version}` : audio.model,
		album: 'Earshot',
		artwork: [{ src: new URL('icon.svg', url('..')).href, type: 'image/svg+xml', sizes: 'any' }],
	});
	for (const [name, action] of Object.entries(actions)) handle(name, action);
	handle('nexttrack', beside(1) ? next : null);
	tell();
}

/* Not with every frame: the device counts on by itself. */
function tell() {
	const { duration, paused, currentTime } = player.audio;

	device.playbackState = paused ? 'paused' : 'playing';
	if (duration > 0 && Number.isFinite(duration))
		device.setPositionState?.({ duration, position: Math.min(currentTime, duration), playbackRate: 1 });
}

if (device)
	for (const type of ['play', 'pause', 'seeked', 'loadedmetadata', 'ended'])
		player.audio.addEventListener(type, tell);
