#include "engine/musicgen/windows.h"

#include <stdlib.h>
#include <string.h>

#include "engine/rng.h"

struct windows
windows_of(const struct musicgen_config *c)
{
	struct windows w = { .frames = WINDOWS_S * codec_frame_rate(&c->codec) };
	/* Each codebook is a step behind the one before. */
	int most = c->decoder.positions - c->decoder.codebooks;

	if (w.frames > most) w.frames = most > 1 ? most : 1;
	w.overlap = w.frames * 2 / 5;
	return w;
}

int
windows_count(const struct windows *w, int frames)
{
	int stride = w->frames - w->overlap;

	return frames <= w->frames ? 1 : 1 + (frames - w->frames + stride - 1) / stride;
}

/* What a window's steps are in the whole. */
struct watch {
	const struct generation *g;
	int made, frames;		/* before this window; in all */
	int start;			/* frames that this one begins with */
};

static bool
watch(void *ctx, int done, int of)
{
	const struct watch *w = ctx;
	int now = w->made + (done > w->start ? done - w->start : 0);

	(void)of;
	return w->g->step(w->g->ctx, now < w->frames ? now : w->frames, w->frames);
}

/* Rows of one layout into another: rows × n values from one column on. */
static void
copy_rows(int32_t *to, int to_width, int to_column, const int32_t *from, int from_width,
	int from_column, int rows, int n)
{
	for (int i = 0; i < rows; i++)
		memcpy(to + (size_t)i * (size_t)to_width + to_column,
			from + (size_t)i * (size_t)from_width + from_column,
			(size_t)n * sizeof *to);
}

/* A seed of its own for each window, the first one's as it is: draws are named by seed and step. */
static uint32_t
seed_of(uint32_t seed, int window)
{
	struct rng r = rng_for(seed, "window", (uint32_t)window, 0);

	return window ? (uint32_t)rng_next(&r) : seed;
}

int
windows_codes(const struct model *m, const struct hands *h, const float *states, int n,
	const struct generation *g, int frames, int32_t *codes, struct err *e)
{
	const struct decoder_config *c = &m->config.decoder;
	struct windows w = windows_of(&m->config);
	int rows = g->takes * c->codebooks, made = 0, rc = 0;
	/* Tokens may make a few frames more than were asked for. */
	size_t room = (size_t)rows * (size_t)(w.frames + 2 * c->codebooks);
	int32_t *start = malloc((size_t)rows * (size_t)w.overlap * sizeof *start + 1),
		*now = malloc(room * sizeof *now);

	if (!start || !now) abort();
	for (int i = 0; rc == 0 && made < frames; i++) {
		int begun = i ? w.overlap : 0, fresh = frames - made;
		struct watch watching = { .g = g, .made = made, .frames = frames, .start = begun };
		struct generation one = *g;

		if (fresh > w.frames - begun) fresh = w.frames - begun;
		one.tokens = generate_tokens(c, begun + fresh);
		one.start = start;
		one.start_frames = begun;
		if (g->step) {
			one.step = watch;
			one.ctx = &watching;
		}
		for (int k = 0; k < g->takes; k++) one.seeds[k] = seed_of(g->seeds[k], i);
		if (begun) copy_rows(start, begun, 0, codes, frames, made - begun, rows, begun);
		rc = generate_codes(m, h, states, n, &one, now, e);
		if (rc != 0) break;
		copy_rows(codes, frames, made, now, generate_frames(c, one.tokens), begun, rows,
			fresh);
		made += fresh;
	}
	free(start);
	free(now);
	return rc;
}
