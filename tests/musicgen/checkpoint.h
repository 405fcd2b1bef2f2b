/* Checkpoints of any size with random weights, in the layout that Hugging Face has for MusicGen:
 * config.json, tokenizer.json (letters alone) and model.safetensors in float32. The same seed gives
 * the same bytes on any host. Matrices are scaled so that what goes through them neither grows nor
 * vanishes, and layers say something about what they are given. */
#ifndef EARSHOT_TESTS_MUSICGEN_CHECKPOINT_H
#define EARSHOT_TESTS_MUSICGEN_CHECKPOINT_H

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "engine/musicgen/config.h"
#include "engine/rng.h"

/* "facebook/musicgen-small"; medium and large differ in the decoder alone. */
static const struct musicgen_config checkpoint_small = {
	.t5 = { 32128, 768, 12, 64, 3072, 12, 32, 128, 1e-6f },
	.decoder = { 2048, 1024, 16, 4096, 24, 4, 2048 },
	.codec = { 2048, 128, 64, 7, 7, 3, 2, { 8, 5, 4, 4 }, 4, 2, 2, 32000 },
};

/* Of the same shape, for tests that take milliseconds. */
static const struct musicgen_config checkpoint_tiny = {
	.t5 = { 40, 48, 4, 12, 96, 2, 32, 128, 1e-6f },
	.decoder = { 64, 64, 4, 160, 2, 4, 2048 },
	.codec = { 64, 32, 8, 7, 7, 3, 2, { 8, 5, 4, 4 }, 4, 2, 2, 32000 },
};

/* The file being written: first the header alone grows, then values follow in the same order. */
struct checkpoint_file {
	FILE *f;			/* NULL: the header is being made */
	struct buf header;
	uint64_t bytes;			/* of values so far */
	struct rng rng;
};

/* A normal draw, or nearly: the sum of four even ones. */
static inline float
checkpoint_draw(struct rng *r)
{
	uint64_t u = rng_next(r);
	int sum = (int)(u & 65535) + (int)(u >> 16 & 65535) + (int)(u >> 32 & 65535) +
		(int)(u >> 48);

	return (float)(sum - 2 * 65535) * (1.7320508f / 65536);
}

/* Values of a tensor: mean, and deviation from it. Its name as by printf. */
static void __attribute__((format(printf, 5, 6)))
checkpoint_add(struct checkpoint_file *c, const int *shape, float mean, float deviation,
	const char *name, ...)
{
	char text[200];
	uint64_t count = 1;
	va_list ap;

	va_start(ap, name);
	vsnprintf(text, sizeof text, name, ap);
	va_end(ap);
	for (int i = 0; shape[i]; i++) count *= (uint64_t)shape[i];
	if (!c->f) {
		buf_addf(&c->header, "%c\"%s\":{\"dtype\":\"F32\",\"shape\":[",
			c->bytes ? ',' : '{', text);
		for (int i = 0; shape[i]; i++) buf_addf(&c->header, "%s%d", i ? "," : "", shape[i]);
		buf_addf(&c->header, "],\"data_offsets\":[%llu,%llu]}",
			(unsigned long long)c->bytes, (unsigned long long)(c->bytes + 4 * count));
	}
	c->bytes += 4 * count;
	c->rng = rng_for(1, text, 0, 0);
	for (uint64_t done = 0; c->f && done < count;) {
		float some[4096];
		uint64_t n = count - done < NELEM(some) ? count - done : NELEM(some);

		for (uint64_t i = 0; i < n; i++)
			some[i] = mean + deviation * checkpoint_draw(&c->rng);
		if (fwrite(some, 4, n, c->f) != n) return;	/* ferror() tells */
		done += n;
	}
}

#define CHECKPOINT_SHAPE(...) (const int[]){ __VA_ARGS__, 0 }

/* A matrix that keeps the size of what it is given, `factor` times. */
#define CHECKPOINT_MATRIX(c, n, cols, factor, ...) checkpoint_add(c, CHECKPOINT_SHAPE(n, cols), 0, \
	(factor) / sqrtf((float)(cols)), __VA_ARGS__)

static inline void
checkpoint_t5(struct checkpoint_file *c, const struct t5_config *t)
{
	int inner = t->heads * t->head;
#define AT "text_encoder.encoder.block.%d.layer."
#define ATTENTION AT "0.SelfAttention."
#define DENSE AT "1.DenseReluDense."

	checkpoint_add(c, CHECKPOINT_SHAPE(t->vocabulary, t->width), 0, 1,
		"text_encoder.shared.weight");
	checkpoint_add(c, CHECKPOINT_SHAPE(t->buckets, t->heads), 0, 1, ATTENTION
		"relative_attention_bias.weight", 0);
	for (int i = 0; i < t->layers; i++) {
		checkpoint_add(c, CHECKPOINT_SHAPE(t->width), 1, 0.1f, AT "0.layer_norm.weight", i);
		checkpoint_add(c, CHECKPOINT_SHAPE(t->width), 1, 0.1f, AT "1.layer_norm.weight", i);
		/* Scores of T5 are not scaled by the width of a head. */
		CHECKPOINT_MATRIX(c, inner, t->width, 1 / sqrtf((float)t->head),
			ATTENTION "q.weight", i);
		CHECKPOINT_MATRIX(c, inner, t->width, 1, ATTENTION "k.weight", i);
		CHECKPOINT_MATRIX(c, inner, t->width, 1, ATTENTION "v.weight", i);
		CHECKPOINT_MATRIX(c, t->width, inner, 1, ATTENTION "o.weight", i);
		CHECKPOINT_MATRIX(c, t->feed_forward, t->width, 1, DENSE "wi.weight", i);
		CHECKPOINT_MATRIX(c, t->width, t->feed_forward, 1, DENSE "wo.weight", i);
	}
	checkpoint_add(c, CHECKPOINT_SHAPE(t->width), 1, 0.1f,
		"text_encoder.encoder.final_layer_norm.weight");
#undef DENSE
#undef ATTENTION
#undef AT
}

static inline void
checkpoint_decoder(struct checkpoint_file *c, const struct decoder_config *d)
{
	static const char *const square[] = { "self_attn.q_proj", "self_attn.k_proj",
		"self_attn.v_proj", "self_attn.out_proj", "encoder_attn.q_proj",
		"encoder_attn.k_proj", "encoder_attn.v_proj", "encoder_attn.out_proj" };
	static const char *const norms[] = { "self_attn_layer_norm", "encoder_attn_layer_norm",
		"final_layer_norm" };
#define IN "decoder.model.decoder."
#define AT IN "layers.%d.%s."

	for (int k = 0; k < d->codebooks; k++) {
		checkpoint_add(c, CHECKPOINT_SHAPE(d->vocabulary + 1, d->width), 0, 0.5f,
			IN "embed_tokens.%d.weight", k);
		CHECKPOINT_MATRIX(c, d->vocabulary, d->width, 2, "decoder.lm_heads.%d.weight", k);
	}
	for (int i = 0; i < d->layers; i++) {
		for (size_t k = 0; k < NELEM(square); k++)
			CHECKPOINT_MATRIX(c, d->width, d->width, 1, AT "weight", i, square[k]);
		for (size_t k = 0; k < NELEM(norms); k++) {
			checkpoint_add(c, CHECKPOINT_SHAPE(d->width), 1, 0.1f, AT "weight", i,
				norms[k]);
			checkpoint_add(c, CHECKPOINT_SHAPE(d->width), 0, 0.1f, AT "bias", i,
				norms[k]);
		}
		CHECKPOINT_MATRIX(c, d->feed_forward, d->width, 1, AT "weight", i, "fc1");
		CHECKPOINT_MATRIX(c, d->width, d->feed_forward, 1, AT "weight", i, "fc2");
	}
	checkpoint_add(c, CHECKPOINT_SHAPE(d->width), 1, 0.1f, IN "layer_norm.weight");
	checkpoint_add(c, CHECKPOINT_SHAPE(d->width), 0, 0.1f, IN "layer_norm.bias");
#undef AT
#undef IN
}

/* A convolution's two parts, [n][cols][kernel], and its bias of `out`. */
static inline void
checkpoint_convolution(struct checkpoint_file *c, int n, int cols, int kernel, int out, int layer,
	const char *rest)
{
#define AT "audio_encoder.decoder.layers.%d.%sconv."
	checkpoint_add(c, CHECKPOINT_SHAPE(n, 1, 1), 1, 0.1f,
		AT "parametrizations.weight.original0", layer, rest);
	checkpoint_add(c, CHECKPOINT_SHAPE(n, cols, kernel), 0, 1,
		AT "parametrizations.weight.original1", layer, rest);
	checkpoint_add(c, CHECKPOINT_SHAPE(out), 0, 0.1f, AT "bias", layer, rest);
#undef AT
}

static inline void
checkpoint_codec(struct checkpoint_file *c, const struct codec_config *k, int codebooks)
{
	int channels = k->filters << k->n_ratios, layer = 0;
#define LSTM "audio_encoder.decoder.layers.1.lstm."

	for (int i = 0; i < codebooks; i++)
		checkpoint_add(c, CHECKPOINT_SHAPE(k->codes, k->width), 0, 1,
			"audio_encoder.quantizer.layers.%d.codebook.embed", i);
	checkpoint_convolution(c, channels, k->width, k->kernel, channels, layer, "");
	for (int i = 0; i < k->lstm_layers; i++) {
		CHECKPOINT_MATRIX(c, 4 * channels, channels, 1, LSTM "weight_ih_l%d", i);
		CHECKPOINT_MATRIX(c, 4 * channels, channels, 1, LSTM "weight_hh_l%d", i);
		checkpoint_add(c, CHECKPOINT_SHAPE(4 * channels), 0, 0.1f, LSTM "bias_ih_l%d", i);
		checkpoint_add(c, CHECKPOINT_SHAPE(4 * channels), 0, 0.1f, LSTM "bias_hh_l%d", i);
	}
	layer = 3;
	for (int i = 0; i < k->n_ratios; i++, layer += 3, channels /= 2) {
		int half = channels / 2, narrow = half / k->compress;

		checkpoint_convolution(c, channels, half, 2 * k->ratios[i], half, layer, "");
		checkpoint_convolution(c, narrow, half, k->residual_kernel, narrow, layer + 1,
			"block.1.");
		checkpoint_convolution(c, half, narrow, 1, half, layer + 1, "block.3.");
	}
	checkpoint_convolution(c, 1, channels, k->last_kernel, 1, layer, "");
#undef LSTM
}

static inline void
checkpoint_tensors(struct checkpoint_file *c, const struct musicgen_config *m)
{
	checkpoint_t5(c, &m->t5);
	if (m->t5.width != m->decoder.width) {
		CHECKPOINT_MATRIX(c, m->decoder.width, m->t5.width, 1, "enc_to_dec_proj.weight");
		checkpoint_add(c, CHECKPOINT_SHAPE(m->decoder.width), 0, 0.1f,
			"enc_to_dec_proj.bias");
	}
	checkpoint_decoder(c, &m->decoder);
	checkpoint_codec(c, &m->codec, m->decoder.codebooks);
}

static inline int
checkpoint_write(const char *folder, const char *name, const struct buf *text)
{
	char path[4096];
	FILE *f;
	int rc;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	if (!(f = fopen(path, "wb"))) return -1;
	rc = fwrite(text->p, 1, text->n, f) == text->n ? 0 : -1;
	return fclose(f) == 0 ? rc : -1;
}

static inline int
checkpoint_config(const char *folder, const struct musicgen_config *m)
{
	const struct t5_config *t = &m->t5;
	const struct decoder_config *d = &m->decoder;
	const struct codec_config *k = &m->codec;
	struct buf b = {0};
	int rc;

	buf_addf(&b, "{\"text_encoder\":{\"vocab_size\":%d,\"d_model\":%d,\"num_heads\":%d,"
		"\"d_kv\":%d,\"d_ff\":%d,\"num_layers\":%d,\"relative_attention_num_buckets\":%d,"
		"\"relative_attention_max_distance\":%d},", t->vocabulary, t->width, t->heads,
		t->head, t->feed_forward, t->layers, t->buckets, t->max_distance);
	buf_addf(&b, "\"decoder\":{\"vocab_size\":%d,\"hidden_size\":%d,"
		"\"num_attention_heads\":%d,\"ffn_dim\":%d,\"num_hidden_layers\":%d,"
		"\"num_codebooks\":%d,\"max_position_embeddings\":%d},", d->vocabulary, d->width,
		d->heads, d->feed_forward, d->layers, d->codebooks, d->positions);
	buf_addf(&b, "\"audio_encoder\":{\"codebook_size\":%d,\"codebook_dim\":%d,"
		"\"num_filters\":%d,\"kernel_size\":%d,\"last_kernel_size\":%d,"
		"\"residual_kernel_size\":%d,\"num_lstm_layers\":%d,"
		"\"dilation_growth_rate\":%d,\"compress\":%d,\"sampling_rate\":%d,"
		"\"upsampling_ratios\":[", k->codes, k->width, k->filters, k->kernel,
		k->last_kernel, k->residual_kernel, k->lstm_layers, k->dilation, k->compress,
		k->rate);
	for (int i = 0; i < k->n_ratios; i++) buf_addf(&b, "%s%d", i ? "," : "", k->ratios[i]);
	buf_adds(&b, "]}}\n");
	rc = checkpoint_write(folder, "config.json", &b);
	buf_free(&b);
	return rc;
}

/* Pad, end, unknown, a blank, and letters: 30 tokens. */
static inline int
checkpoint_tokenizer(const char *folder)
{
	struct buf b = {0};
	int rc;

	buf_adds(&b, "{\"pre_tokenizer\":{\"type\":\"Metaspace\","
		"\"replacement\":\"\342\226\201\",\"prepend_scheme\":\"always\"},"
		"\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":"
		"[{\"Sequence\":{\"id\":\"A\"}},{\"SpecialToken\":{\"id\":\"</s>\"}}],"
		"\"special_tokens\":{\"</s>\":{\"ids\":[1]}}},\"model\":{\"type\":\"Unigram\","
		"\"unk_id\":2,\"vocab\":[[\"<pad>\",0],[\"</s>\",0],[\"<unk>\",0],"
		"[\"\342\226\201\",-1]");
	for (char c = 'a'; c <= 'z'; c++) buf_addf(&b, ",[\"%c\",-2]", c);
	buf_adds(&b, "]}}\n");
	rc = checkpoint_write(folder, "tokenizer.json", &b);
	buf_free(&b);
	return rc;
}

/* All three files into a folder that exists: 0, or -1 with errno. */
static inline int
checkpoint_make(const char *folder, const struct musicgen_config *m)
{
	struct checkpoint_file c = {0};
	char path[4096];
	uint64_t length;
	int rc = -1;

	if (checkpoint_config(folder, m) != 0 || checkpoint_tokenizer(folder) != 0) return -1;
	checkpoint_tensors(&c, m);
	buf_addc(&c.header, '}');
	while (c.header.n % 8) buf_addc(&c.header, ' ');
	length = c.header.n;
	snprintf(path, sizeof path, "%s/model.safetensors", folder);
	if (!(c.f = fopen(path, "wb"))) goto out;
	fwrite(&length, 8, 1, c.f);
	fwrite(c.header.p, 1, c.header.n, c.f);
	checkpoint_tensors(&c, m);
	rc = ferror(c.f) ? -1 : 0;
	if (fclose(c.f) != 0) rc = -1;
out:
	buf_free(&c.header);
	return rc;
}

/* One of these files with what is first like `from` in it as `to`: 0, or -1 where it is not there. */
static inline int
checkpoint_edit(const char *folder, const char *name, const char *from, const char *to)
{
	struct buf old = {0}, new = {0};
	struct err e;
	char path[4096];
	const char *at;
	int rc = -1;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	if (buf_read_file(&old, path, 1 << 24, &e) == 0 &&
		(at = memmem(old.p, old.n, from, strlen(from)))) {
		buf_add(&new, old.p, (size_t)(at - old.p));
		buf_adds(&new, to);
		at += strlen(from);
		buf_add(&new, at, (size_t)(old.p + old.n - at));
		rc = checkpoint_write(folder, name, &new);
	}
	buf_free(&old);
	buf_free(&new);
	return rc;
}

#endif
