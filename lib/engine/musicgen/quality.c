#include "engine/musicgen/quality.h"

#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "engine/rng.h"

enum { TEXT = 12 };			/* tokens of a text */

/* A run of streams, the first half of them with a text. NULL on error. */
static struct decoder_run *
begin(const struct model *m, const struct hands *h, int streams, int steps, enum weights cache,
	uint32_t seed, struct err *e)
{
	float *states = floats_new((size_t)TEXT * (size_t)m->config.decoder.width);
	struct rng r = rng_for(seed, "text", 0, 0);
	struct decoder_run *run = NULL;
	int32_t ids[TEXT];

	for (int i = 0; i < TEXT; i++) ids[i] = rng_below(&r, m->config.t5.vocabulary);
	if (model_text(m, h, ids, TEXT, states, e) == 0) {
		run = decoder_begin(m->decoder, h, streams, steps, cache);
		decoder_text(run, 0, (streams + 1) / 2, states, TEXT);
	}
	free(states);
	return run;
}

/* ln Σ e^x, and where the largest is. */
static double
log_sum(const float *x, int n, int *largest)
{
	double sum = 0;

	*largest = 0;
	for (int i = 1; i < n; i++)
		if (x[i] > x[*largest]) *largest = i;
	for (int i = 0; i < n; i++) sum += exp((double)x[i] - x[*largest]);
	return log(sum) + x[*largest];
}

/* Two rows of logits. */
static void
compare(const float *exact, const float *kept, int n, struct quality *q)
{
	int a, b;
	double p = log_sum(exact, n, &a), k = log_sum(kept, n, &b);

	for (int i = 0; i < n; i++) {
		double lp = exact[i] - p;

		q->divergence += exp(lp) * (lp - (kept[i] - k));
	}
	q->same += a == b;
	q->predictions++;
}

int
quality_measure(const struct model *exact, const struct model *kept, const struct hands *h,
	int streams, int steps, uint32_t seed, struct quality *q, struct err *e)
{
	const struct decoder_config *c = &exact->config.decoder;
	size_t many = (size_t)streams * (size_t)c->codebooks, all = many * (size_t)c->vocabulary;
	struct decoder_run *a = begin(exact, h, streams, steps, WEIGHTS_F32, seed, e);
	struct decoder_run *b = a ? begin(kept, h, streams, steps, WEIGHTS_F16, seed, e) : NULL;
	float *logits = floats_new(2 * all);
	int32_t *codes = malloc(many * sizeof *codes);
	struct rng r = rng_for(seed, "codes", 0, 0);

	if (!codes) abort();
	*q = (struct quality){0};
	for (int t = 0; b && t < steps; t++) {
		for (size_t i = 0; i < many; i++)	/* a take begins with the pad token */
			codes[i] = t ? rng_below(&r, c->vocabulary) : c->vocabulary;
		decoder_step(a, codes, logits);
		decoder_step(b, codes, logits + all);
		for (size_t i = 0; i < all; i += (size_t)c->vocabulary)
			compare(logits + i, logits + all + i, c->vocabulary, q);
	}
	q->divergence /= (double)q->predictions;
	q->same /= (double)q->predictions;
	free(codes);
	free(logits);
	decoder_end(a);
	decoder_end(b);
	if (!b) return -1;
	return isfinite(q->divergence) ? 0 : err_set(e, ERR_INVALID, "a logit is not finite");
}
