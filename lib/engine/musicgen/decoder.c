#include "engine/musicgen/decoder_parts.h"

#include <math.h>
#include <stdlib.h>

#include "base/err.h"

static const char *const linear_names[DECODER_LINEARS] = {
	[SELF_Q] = "self_attn.q_proj", [SELF_K] = "self_attn.k_proj", [SELF_V] = "self_attn.v_proj",
	[SELF_OUT] = "self_attn.out_proj", [TEXT_Q] = "encoder_attn.q_proj",
	[TEXT_K] = "encoder_attn.k_proj", [TEXT_V] = "encoder_attn.v_proj",
	[TEXT_OUT] = "encoder_attn.out_proj", [FC1] = "fc1", [FC2] = "fc2",
};

static const char *const norm_names[NORMS] = {
	[SELF_NORM] = "self_attn_layer_norm", [TEXT_NORM] = "encoder_attn_layer_norm",
	[FINAL_NORM] = "final_layer_norm",
};

const char *
decoder_linear_name(enum decoder_linear which)
{
	return linear_names[which];
}

int
decoder_layers(const struct decoder *d)
{
	return d->c.layers;
}

struct linear *
decoder_linear(struct decoder *d, int layer, enum decoder_linear which)
{
	return &d->layers[layer].linear[which];
}

const struct linear *
decoder_head(const struct decoder *d, int codebook)
{
	return &d->heads[codebook];
}

static int
open_layer(struct decoder *d, struct weights_source *s, int i, struct err *e)
{
	const int width[] = { d->c.width, 0 };
	struct layer *l = &d->layers[i];
#define AT "decoder.model.decoder.layers.%d.%s."

	for (int k = 0; k < DECODER_LINEARS; k++)
		if (weights_rows(s, k == FC1 ? d->c.feed_forward : d->c.width,
			k == FC2 ? d->c.feed_forward : d->c.width, &l->linear[k].w, e,
			AT "weight", i, linear_names[k]) != 0)
			return -1;
	for (int k = 0; k < NORMS; k++)
		if (weights_floats(s, width, &l->norm[k], e, AT "weight", i, norm_names[k]) != 0 ||
			weights_floats(s, width, &l->norm_bias[k], e, AT "bias", i,
				norm_names[k]) != 0)
			return -1;
#undef AT
	return 0;
}

/* Most checkpoints compute the sinusoids, some bring them. */
static int
open_positions(struct decoder *d, struct weights_source *s, struct err *e)
{
#define NAME "decoder.model.decoder.embed_positions.weights"
	const struct tensor *t = weights_find(s, NAME);
	int shape[] = { 0, d->c.width, 0 };

	if (!t) return 0;
	if (t->rank == 2 && t->shape[0] > 0 && t->shape[0] <= 1 << 20) shape[0] = (int)t->shape[0];
	else return err_set(e, ERR_INVALID, NAME ": its shape is not steps × hidden_size");
	d->n_positions = shape[0];
	return weights_floats(s, shape, &d->positions, e, NAME);
#undef NAME
}

/* Each step is rounded to float32, as in the table that torch makes: of a thousand steps the angles
 * are so far off that exact ones would not be those that the model was trained with. */
static void
set_frequencies(struct decoder *d)
{
	int half = d->c.width / 2;
	float slope = -(float)(log(10000) / (half - 1));

	d->frequencies = malloc(((size_t)half + 1) * sizeof *d->frequencies);
	if (!d->frequencies) abort();
	for (int i = 0; i < half; i++)
		d->frequencies[i] = (float)exp((double)((float)i * slope));
}

struct decoder *
decoder_open(const struct decoder_config *c, struct weights_source *s, struct err *e)
{
	const int embeddings[] = { c->vocabulary + 1, c->width, 0 }, width[] = { c->width, 0 };
	struct decoder *d = calloc(1, sizeof *d);

	if (!d || !(d->layers = calloc((size_t)c->layers, sizeof *d->layers))) abort();
	d->c = *c;
	set_frequencies(d);
	for (int k = 0; k < c->codebooks; k++)
		if (weights_floats(s, embeddings, &d->embeddings[k], e,
			"decoder.model.decoder.embed_tokens.%d.weight", k) != 0 ||
			weights_rows(s, c->vocabulary, c->width, &d->heads[k].w, e,
				"decoder.lm_heads.%d.weight", k) != 0)
			goto fail;
	for (int i = 0; i < c->layers; i++)
		if (open_layer(d, s, i, e) != 0) goto fail;
	if (weights_floats(s, width, &d->norm, e, "decoder.model.decoder.layer_norm.weight") != 0 ||
		weights_floats(s, width, &d->norm_bias, e,
			"decoder.model.decoder.layer_norm.bias") != 0 ||
		open_positions(d, s, e) != 0)
		goto fail;
	return d;
fail:
	decoder_close(d);
	return NULL;
}

void
decoder_close(struct decoder *d)
{
	if (!d) return;
	free(d->frequencies);
	free(d->layers);
	free(d);
}
