#include "engine/musicgen/generate.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { AT_ONCE = 16 };		/* columns of what was begun with: it can be stopped between */

/* Is codebook k without a code of its own in this column (0 … tokens)? */
static bool
is_pad(int codebooks, int tokens, int k, int column)
{
	int columns = tokens + 1;

	if (columns < 2 * codebooks - 1) return column == 0;
	return column <= k || column > columns - codebooks + k;
}

int
generate_frames(const struct decoder_config *c, int tokens)
{
	return tokens + 1 < 2 * c->codebooks - 1 ? tokens : tokens - c->codebooks + 1;
}

int
generate_tokens(const struct decoder_config *c, int frames)
{
	int delayed = frames + c->codebooks - 1;

	return delayed + 1 < 2 * c->codebooks - 1 ? 2 * c->codebooks - 2 : delayed;
}

/* What a run has in hand: streams are the takes, then, with guidance, the same without text. */
struct state {
	const struct decoder_config *c;
	const struct generation *g;
	bool guided;
	int streams;
	const struct hands *hands;
	int32_t *now;			/* [streams][codebooks] */
	float *logits;			/* [streams][codebooks][vocabulary] */
	float *noise;			/* [parts][vocabulary] */
	int column;			/* where choose_share() is */
	int32_t *codes;			/* where codes go */
};

/* The code of a take's codebook in the column, from its logits. */
static int32_t
choose(const struct state *s, int take, int k, float *noise)
{
	size_t v = (size_t)s->c->vocabulary, books = (size_t)s->c->codebooks;
	float *logits = s->logits + ((size_t)take * books + (size_t)k) * v;

	if (s->guided)
		sampler_guide(logits, logits + (size_t)s->g->takes * books * v, s->g->guidance,
			(int)v);
	if (!s->g->sampling.greedy)
		sampler_noise(s->g->seeds[take], s->column, k, noise, (int)v);
	return sampler_pick(logits, (int)v, &s->g->sampling, noise);
}

/* The code of a take's codebook in the column, which is none of its pads: given, or chosen now. It
 * goes to the codes, at its time. */
static int32_t
code_of(const struct state *s, int take, int k, float *noise)
{
	const struct generation *g = s->g;
	size_t frames = (size_t)generate_frames(s->c, g->tokens), begun = (size_t)g->start_frames;
	size_t time = (size_t)(s->column - 1), row = (size_t)(take * s->c->codebooks + k);

	if (frames != (size_t)g->tokens) time -= (size_t)k;
	return s->codes[row * frames + time] = time < begun ? g->start[row * begun + time] :
		choose(s, take, k, noise);
}

/* Some of the column's codes: what comes next into the decoder. */
static void
choose_share(void *ctx, int part, int parts)
{
	const struct state *s = ctx;
	float *noise = s->noise + (size_t)part * (size_t)s->c->vocabulary;
	int books = s->c->codebooks, from, to;

	crew_share(s->g->takes * books, 1, part, parts, &from, &to);
	for (int i = from; i < to; i++) {
		int take = i / books, k = i % books;
		int32_t code = is_pad(books, s->g->tokens, k, s->column) ? s->c->vocabulary :
			code_of(s, take, k, noise);

		for (int stream = take; stream < s->streams; stream += s->g->takes)
			s->now[stream * books + k] = code;
	}
}

static void
take_column(struct state *s, int column)
{
	s->column = column;
	crew_run(s->hands->crew, choose_share, s);
}

/* The columns that g->start has all codes of: into the decoder, several at once. */
static int
take_start(struct state *s, struct decoder_run *run, struct err *e)
{
	size_t all = (size_t)s->streams * (size_t)s->c->codebooks;
	int32_t list[AT_ONCE * GENERATE_TAKES * 2 * CODEBOOKS_MAX];
	int column = 1, n;

	for (; column <= s->g->start_frames; column += n) {
		for (n = 0; n < AT_ONCE && column + n <= s->g->start_frames; n++) {
			memcpy(list + (size_t)n * all, s->now, all * sizeof *list);
			take_column(s, column + n);
		}
		decoder_feed(run, list, n);
		if (s->g->step && !s->g->step(s->g->ctx, column + n - 1, s->g->tokens))
			return err_set(e, ERR_STOPPED, "it was stopped");
	}
	return 0;
}

int
generate_codes(const struct model *m, const struct hands *h, const float *states, int n,
	const struct generation *g, int32_t *codes, struct err *e)
{
	const struct decoder_config *c = &m->config.decoder;
	struct state s = { .c = c, .g = g, .guided = g->guidance > 1, .hands = h, .codes = codes };
	struct decoder_run *run;
	size_t all;
	int rc;

	s.streams = s.guided ? 2 * g->takes : g->takes;
	all = (size_t)s.streams * (size_t)c->codebooks;
	s.now = malloc(all * sizeof *s.now);
	s.logits = floats_new(all * (size_t)c->vocabulary);
	s.noise = floats_new((size_t)crew_size(h->crew) * (size_t)c->vocabulary);
	if (!s.now) abort();
	for (size_t i = 0; i < all; i++) s.now[i] = c->vocabulary;
	run = decoder_begin(m->decoder, h, s.streams, g->tokens, g->cache);
	decoder_text(run, 0, g->takes, states, n);
	model_rest(m, MODEL_TEXT_KEYS);
	rc = take_start(&s, run, e);
	for (int column = g->start_frames + 1; rc == 0 && column <= g->tokens; column++) {
		decoder_step(run, s.now, s.logits);
		take_column(&s, column);
		if (g->step && !g->step(g->ctx, column, g->tokens))
			rc = err_set(e, ERR_STOPPED, "it was stopped");
	}
	decoder_end(run);
	free(s.now);
	free(s.logits);
	free(s.noise);
	return rc;
}
