/* Music longer than what a model was trained on: window after window.
 *
 * A window is 30 seconds, or fewer where the model has fewer steps. The next one begins with the
 * last two fifths (12 s) of what is there, and goes on from these codes as from its own; so each
 * step brings 18 s more. That is how audiocraft's MusicGen does it (`extend_stride` 18 of
 * `max_duration` 30). */
#ifndef EARSHOT_ENGINE_MUSICGEN_WINDOWS_H
#define EARSHOT_ENGINE_MUSICGEN_WINDOWS_H

#include "engine/musicgen/generate.h"

enum { WINDOWS_S = 30, WINDOWS_MOST_S = 300 };	/* seconds of one; of all together */

struct windows {
	int frames, overlap;		/* of codes */
};

struct windows windows_of(const struct musicgen_config *c);

/* How many there are for so many frames. */
int windows_count(const struct windows *w, int frames);

/* codes[takes][codebooks][frames], as generate_codes() does it, which says what is done with g;
 * of g, tokens, start and start_frames do not count, and step is told of frames. */
int windows_codes(const struct model *m, const struct hands *h, const float *states, int n,
	const struct generation *g, int frames, int32_t *codes, struct err *e);

#endif
