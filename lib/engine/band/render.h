/* A performance into sound, by libfluidsynth and a General MIDI soundfont.
 *
 * One synthesizer plays all channels at once, each into an audio output of its own
 * (libfluidsynth's audio groups). What it has of reverb and chorus is off: every stem has its
 * own here, so that the stems are apart and still add up. */
#ifndef EARSHOT_ENGINE_BAND_RENDER_H
#define EARSHOT_ENGINE_BAND_RENDER_H

#include "audio/pcm.h"
#include "engine/band/performance.h"
#include "engine/engine.h"

/* The soundfont to use: the configured one, else the first that Debian's packages bring. NULL with
 * ERR_INVALID and what to install. */
const char *render_soundfont(const char *configured, struct err *e);

/* What brings the first of those. */
#define RENDER_SOUNDFONT_COMMAND "apt-get install -y fluid-soundfont-gm"

/* What can be had: each stem, and their sum. */
enum { RENDER_MIX = STEM_COUNT, RENDER_OUTPUTS };
extern const char *const render_names[];	/* those of the stems, "mix"; NULL-terminated */

/* Play it: exactly its frames at 48 kHz in stereo, loud as it comes but below 1. Bit n of want:
 * output n; the others stay empty. The mix is the sum of the stems, each sample in their order,
 * to the bit, whether they are wanted or not. Progress is reported from `from` to 1.
 * ERR_STOPPED when the report says so, within a tenth of a second of work; ERR_INVALID when it
 * needs more memory than this process may ever have, ERR_AWAY when there was too little now. */
int render(const char *soundfont, const struct performance *perf, unsigned want,
	const struct engine_progress *p, double from, struct pcm out[RENDER_OUTPUTS],
	struct err *e);

#endif
