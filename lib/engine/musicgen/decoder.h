/* MusicGen's decoder: codes so far → logits of the next ones.
 *
 * A stream is one sequence of codes with its text, or with none (the unconditional half of
 * guidance). All streams of a run take each step together, so that the weights are read once for
 * all of them. At a step a stream has one code for each codebook; x[width] is the sum of their
 * embeddings and of the sinusoid of the step ([cos …, sin …], frequency 10000^(-i / (width/2 -
 * 1))). Each layer adds an attention over the steps so far, one over the text, and a feed-forward
 * part (layer norms before each, erf GELU, no biases in matrices); then a norm and one matrix for
 * each codebook. Copet and others, "Simple and controllable music generation", 2023.
 *
 * Without text the attention over it is exactly zero, since nothing has a bias: it is left out. */
#ifndef EARSHOT_ENGINE_MUSICGEN_DECODER_H
#define EARSHOT_ENGINE_MUSICGEN_DECODER_H

#include "engine/musicgen/config.h"
#include "engine/musicgen/linear.h"
#include "engine/musicgen/weights.h"

/* The linear layers of one layer. */
enum decoder_linear {
	SELF_Q, SELF_K, SELF_V, SELF_OUT, TEXT_Q, TEXT_K, TEXT_V, TEXT_OUT, FC1, FC2,
	DECODER_LINEARS
};

struct decoder;
struct decoder_run;

/* The tensors decoder.* of s, which must outlive it. */
struct decoder *decoder_open(const struct decoder_config *c, struct weights_source *s,
	struct err *e);
void decoder_close(struct decoder *d);		/* NULL is fine */

/* "self_attn.q_proj": how checkpoints and adapters call it within a layer. */
const char *decoder_linear_name(enum decoder_linear which);

int decoder_layers(const struct decoder *d);

/* For adapters, which change a and b. */
struct linear *decoder_linear(struct decoder *d, int layer, enum decoder_linear which);

/* The matrix that makes a codebook's logits. */
const struct linear *decoder_head(const struct decoder *d, int codebook);

/* Codes of so many streams (≥ 1) and at most so many steps. cache: how keys and values are kept,
 * WEIGHTS_F32 or WEIGHTS_F16. The decoder's adapters must stay as they are until decoder_end(). */
struct decoder_run *decoder_begin(const struct decoder *d, const struct hands *h, int streams,
	int steps, enum weights cache);
void decoder_end(struct decoder_run *r);	/* NULL is fine */

/* The text of the streams from … to - 1: states[n][width]. To be called once for a stream, before
 * the first step; without it, it has none. */
void decoder_text(struct decoder_run *r, int from, int to, const float *states, int n);

/* The first n steps of what a run has to take, or next ones, all at once, when nobody needs their
 * logits: codes[n][streams][codebooks]. */
void decoder_feed(struct decoder_run *r, const int32_t *codes, int n);

/* codes[streams][codebooks], each 0 … vocabulary (the pad token), in; out: logits
 * [streams][codebooks][vocabulary]. No more than `steps` in all, those of decoder_feed() too.
 * Nothing is allocated. */
void decoder_step(struct decoder_run *r, const int32_t *codes, float *logits);

#endif
