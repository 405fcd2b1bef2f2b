/* For fuzz targets whose bytes make an adapter of the band: a piece played by it holds together. */
#ifndef EARSHOT_TESTS_FUZZ_BAND_PLAY_H
#define EARSHOT_TESTS_FUZZ_BAND_PLAY_H

#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/err.h"
#include "engine/band/adapter_apply.h"
#include "engine/band/compose.h"
#include "engine/band/title.h"

/* The first bytes choose prompt, length and seed, and scale. */
enum { HEAD = 3 };

static inline void
band_play(const struct style_adapter *a, const uint8_t head[HEAD])
{
	static const char *const prompts[] = { "lofi", "jazz", "waltz, no drums", "rock in 7/8",
		"ambient in 6/8", "film score", "funk with sitar", "jazz waltz", "calm piano",
		"choir in 5/4" };
	struct composition c;
	struct err e;

	if (compose(&c, prompts[head[0] % NELEM(prompts)], NULL, 1 + head[1] % 40, head[1], a,
		    head[2] * ADAPTER_MOST / 255, &e))
		abort();
	for (int i = 0; i < c.score.notes; i++) {
		const struct note *n = &c.score.note[i];

		if (n->tick < 0 || n->ticks < 1 || n->tick + n->ticks > c.score.end
			|| n->velocity < 1 || n->velocity > 127 || n->key > 127)
			abort();
	}
	cJSON_Delete(title_understood(&c.plan));
	composition_free(&c);
}

#endif
