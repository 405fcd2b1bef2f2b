/* The sound of textures, from noise and a few filters, and from the seed alone. */
#ifndef EARSHOT_ENGINE_BAND_TEXTURE_SOUND_H
#define EARSHOT_ENGINE_BAND_TEXTURE_SOUND_H

#include "engine/band/performance.h"

struct texture_sound;

/* All textures of the performance together. music: the root mean square of what they surround, which
 * says how loud they are. NULL: there are none. */
struct texture_sound *texture_sound_open(const struct performance *perf, double music);

/* The next n frames. */
void texture_sound_next(struct texture_sound *t, int n, float *left, float *right);

void texture_sound_close(struct texture_sound *t);		/* NULL is fine */

#endif
