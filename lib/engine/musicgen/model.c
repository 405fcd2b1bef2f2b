#include "engine/musicgen/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "engine/musicgen/prepare.h"

static int
open_text(struct model *m, const char *folder, struct err *e)
{
	char path[4096];

	if (io_join(path, sizeof path, folder, "config.json", e) != 0 ||
		config_read(path, &m->config, e) != 0 ||
		io_join(path, sizeof path, folder, "tokenizer.json", e) != 0)
		return -1;
	m->tokenizer = tokenizer_open(path, e);
	if (!m->tokenizer) return -1;
	if (tokenizer_size(m->tokenizer) > m->config.t5.vocabulary)
		return err_set(e, ERR_INVALID, "%s: it gives numbers up to %d, config.json's text encoder "
			"knows %d", path, tokenizer_size(m->tokenizer) - 1, m->config.t5.vocabulary);
	return 0;
}

/* Where T5 and the decoder are of the same width there is none, whatever the weights bring. */
static int
open_projection(struct model *m, struct err *e)
{
	int from = m->config.t5.width, to = m->config.decoder.width;
	const int bias[] = { to, 0 };

	if (from == to) return 0;
	if (weights_rows(&m->source, to, from, &m->project, e, "enc_to_dec_proj.weight") != 0) return -1;
	return weights_floats(&m->source, bias, &m->project_bias, e, "enc_to_dec_proj.bias");
}

/* All parts from m's tensors. */
static int
open_parts(struct model *m, struct err *e)
{
	const struct musicgen_config *c = &m->config;

	m->source.tensors = m->tensors;
	if ((m->t5 = t5_open(&c->t5, &m->source, e)) && open_projection(m, e) == 0 &&
		(m->decoder = decoder_open(&c->decoder, &m->source, e)) &&
		(m->codec = codec_open(&c->codec, c->decoder.codebooks, &m->source, e)))
		return 0;
	return -1;
}

static struct model *
new_model(void)
{
	struct model *m = calloc(1, sizeof *m);

	if (!m) abort();
	return m;
}

struct model *
model_open(const char *folder, const char *weights, struct err *e)
{
	struct model *m = new_model();

	if (open_text(m, folder, e) == 0 &&
		(m->tensors = weights ? tensors_open(weights, e) : tensors_open_model(folder, e))) {
		if (open_parts(m, e) == 0) return m;
		err_prefix(e, "%s", weights ? weights : folder);
	}
	model_close(m);
	return NULL;
}

/* What is wrong with a prepared file can be helped. */
static void
tell_remedy(struct err *e)
{
	struct err why = *e;

	err_set(e, ERR_INVALID, "%.400s; `earshot model prepare` makes it anew", why.text);
}

struct model *
model_open_prepared(const char *folder, struct err *e)
{
	struct model *m;

	if (!prepare_exists(folder)) return model_open(folder, NULL, e);
	m = new_model();
	m->source.prepared = true;
	if (open_text(m, folder, e) == 0) {
		if ((m->tensors = prepare_open(folder, e))) {
			if (open_parts(m, e) == 0) return m;
			err_prefix(e, "%s/" PREPARE_FILE, folder);
		}
		tell_remedy(e);
	}
	model_close(m);
	return NULL;
}

struct model *
model_survey(const char *folder, struct weights_list *list, struct err *e)
{
	struct model *m = new_model();

	m->source.list = list;
	if (open_text(m, folder, e) == 0 && (m->tensors = tensors_open_model(folder, e))) {
		if (open_parts(m, e) == 0) return m;
		err_prefix(e, "%s", folder);
	}
	model_close(m);
	return NULL;
}

void
model_close(struct model *m)
{
	if (!m) return;
	codec_close(m->codec);
	decoder_close(m->decoder);
	t5_close(m->t5);
	weights_free(&m->source);
	tensors_close(m->tensors);
	tokenizer_close(m->tokenizer);
	free(m);
}

static int
encode(const struct model *m, const struct hands *h, const int32_t *ids, int n, float *out,
	struct err *e)
{
	size_t from = (size_t)m->config.t5.width, to = (size_t)m->config.decoder.width;
	float *states;

	if (!m->project.n) return t5_encode(m->t5, h, ids, n, out, e);
	states = floats_new((size_t)n * from);
	if (t5_encode(m->t5, h, ids, n, states, e) != 0) {
		free(states);
		return -1;
	}
	rows_apply(h, &m->project, states, from, n, out, to);
	for (size_t i = 0; i < (size_t)n * to; i++) out[i] += m->project_bias[i % to];
	free(states);
	return 0;
}

int
model_text(const struct model *m, const struct hands *h, const int32_t *ids, int n, float *out,
	struct err *e)
{
	int rc = encode(m, h, ids, n, out, e);

	model_rest(m, MODEL_TEXT);
	return rc;
}

void
model_rest(const struct model *m, enum model_part part)
{
	static const char *const names[] = {
		[MODEL_TEXT] = "text_encoder.*",
		[MODEL_TEXT_KEYS] = "decoder.model.decoder.layers.*.encoder_attn.[kv]_proj.*",
		[MODEL_CODEC] = "audio_encoder.*",
	};

	tensors_rest(m->tensors, names[part]);
}
