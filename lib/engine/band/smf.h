/* The score as a Standard MIDI File, format 1: a track with title, tempo, meter and key, then one
 * for each player (MIDI Manufacturers Association, "Standard MIDI Files 1.0", 1996). It says all that
 * performance.h needs to make the sound. */
#ifndef EARSHOT_ENGINE_BAND_SMF_H
#define EARSHOT_ENGINE_BAND_SMF_H

#include "base/buf.h"
#include "engine/band/score.h"

/* Append the file to out. events are those of score_events(), frames how long the sound is. */
void smf_write(struct buf *out, const struct plan *p, const struct score *s,
	const struct event *events, int n, int64_t frames, const char *title);

#endif
