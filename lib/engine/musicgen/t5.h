/* T5's encoder: the numbers of a text → a vector for each.
 *
 * x[n][width] begins as the embeddings. Each layer adds an attention (RMS norm; q, k, v of heads ×
 * head; scores are not scaled, and have a bias for the distance of the two places, which all layers
 * share; no biases elsewhere) and a feed-forward part (RMS norm, ReLU between two matrices). An RMS
 * norm ends it. Raffel and others, "Exploring the limits of transfer learning …", 2020; the
 * distances' buckets: t5_bucket(). */
#ifndef EARSHOT_ENGINE_MUSICGEN_T5_H
#define EARSHOT_ENGINE_MUSICGEN_T5_H

#include "engine/musicgen/config.h"
#include "engine/musicgen/linear.h"
#include "engine/musicgen/weights.h"

struct t5;

/* The tensors text_encoder.* of s, which must outlive it. */
struct t5 *t5_open(const struct t5_config *c, struct weights_source *s, struct err *e);
void t5_close(struct t5 *t);			/* NULL is fine */

/* n ≥ 1 numbers into out[n][width]. -1 with ERR_INVALID when one is beyond the vocabulary. */
int t5_encode(const struct t5 *t, const struct hands *h, const int32_t *ids, int n, float *out,
	struct err *e);

/* The bucket of a distance (of the key from the query), 0 … buckets - 1: half of them for each
 * sign, exact for small ones, then logarithmic up to max_distance. Computed in float32, as T5 was
 * trained. */
int t5_bucket(const struct t5_config *c, int distance);

#endif
