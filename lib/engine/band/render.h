/* A score into sound, by libfluidsynth and a General MIDI soundfont. */
#ifndef EARSHOT_ENGINE_BAND_RENDER_H
#define EARSHOT_ENGINE_BAND_RENDER_H

#include "audio/pcm.h"
#include "engine/band/score.h"
#include "engine/engine.h"

/* The soundfont to use: the configured one, else the first that Debian's packages bring. NULL with
 * ERR_INVALID and what to install. */
const char *render_soundfont(const char *configured, struct err *e);

/* What brings the first of those. */
#define RENDER_SOUNDFONT_COMMAND "apt-get install -y fluid-soundfont-gm"

/* Play the events; exactly frames frames at 48 kHz in stereo. Progress is reported from `from`
 * to 1. ERR_STOPPED when the report says so, within a tenth of a second of work. */
int render(const char *soundfont, const struct event *events, int n, const struct tempo *t,
	int64_t frames, const struct engine_progress *p, double from, struct pcm *out,
	struct err *e);

#endif
