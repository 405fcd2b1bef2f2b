/* Codes, one step after the other.
 *
 * MusicGen's pattern of delays: codebook k is k steps behind, so that a step's codes are those of
 * the times t, t - 1, …; before its first and behind its last one it has the pad token. Of N new
 * tokens that makes N - codebooks + 1 frames, 50 of which are a second. Below 2 · codebooks - 1
 * columns (N + 1) nothing is delayed, and each token is a frame. */
#ifndef EARSHOT_ENGINE_MUSICGEN_GENERATE_H
#define EARSHOT_ENGINE_MUSICGEN_GENERATE_H

#include "engine/musicgen/model.h"
#include "engine/musicgen/sampler.h"

enum { GENERATE_TAKES = 4 };

struct generation {
	int tokens;			/* ≥ 1, of start, too */
	/* How it begins, [takes][codebooks][start_frames] (the end of what it continues, for one);
	 * fewer frames than all of it, 0: with nothing. */
	const int32_t *start;
	int start_frames;
	float guidance;			/* above 1: an unconditional stream beside each take */
	struct sampling sampling;
	int takes;			/* 1 … GENERATE_TAKES */
	uint32_t seeds[GENERATE_TAKES];
	enum weights cache;		/* WEIGHTS_F32 or WEIGHTS_F16 */
	/* After each step, of `tokens`: false means stop. NULL: nobody asks. Those of start may
	 * come all at once. */
	bool (*step)(void *ctx, int done, int of);
	void *ctx;
};

/* Frames that so many tokens make. */
int generate_frames(const struct decoder_config *c, int tokens);

/* Tokens that make at least so many frames. */
int generate_tokens(const struct decoder_config *c, int frames);

/* codes[takes][codebooks][frames], those of start in front, for a text's states[n][width]
 * (model_text()). Draws are named by seed, column and codebook: what continues another window needs
 * a seed of its own. -1 with ERR_STOPPED. */
int generate_codes(const struct model *m, const struct hands *h, const float *states, int n,
	const struct generation *g, int32_t *codes, struct err *e);

#endif
