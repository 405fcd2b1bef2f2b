#include "engine/musicgen/config.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

enum { PARTS = 3, RATIO_MAX = 64, HOP_MAX = 1 << 16 };

static const char *const parts[PARTS] = { "text_encoder", "decoder", "audio_encoder" };

/* A whole number of a part: into which member, and what it may be. The largest checkpoints have a
 * quarter of the limits at most. */
struct number {
	int part;
	const char *name;
	size_t offset;
	int low, high;
};

#define N(part, name, member, low, high) \
	{ part, name, offsetof(struct musicgen_config, member), low, high }
static const struct number numbers[] = {
	N(0, "vocab_size", t5.vocabulary, 1, 1 << 20),
	N(0, "d_model", t5.width, 1, 1 << 15),
	N(0, "num_heads", t5.heads, 1, 512),
	N(0, "d_kv", t5.head, 1, 1024),
	N(0, "d_ff", t5.feed_forward, 1, 1 << 17),
	N(0, "num_layers", t5.layers, 1, 256),
	N(0, "relative_attention_num_buckets", t5.buckets, 4, 4096),
	N(0, "relative_attention_max_distance", t5.max_distance, 2, 1 << 20),
	N(1, "vocab_size", decoder.vocabulary, 2, 1 << 17),
	N(1, "hidden_size", decoder.width, 4, 1 << 15),
	N(1, "num_attention_heads", decoder.heads, 1, 512),
	N(1, "ffn_dim", decoder.feed_forward, 1, 1 << 17),
	N(1, "num_hidden_layers", decoder.layers, 1, 256),
	N(1, "num_codebooks", decoder.codebooks, 1, CODEBOOKS_MAX),
	N(1, "max_position_embeddings", decoder.positions, 8, 1 << 16),
	N(2, "codebook_size", codec.codes, 2, 1 << 17),
	N(2, "codebook_dim", codec.width, 1, 1 << 14),
	N(2, "num_filters", codec.filters, 1, 4096),
	N(2, "kernel_size", codec.kernel, 1, 255),
	N(2, "last_kernel_size", codec.last_kernel, 1, 255),
	N(2, "residual_kernel_size", codec.residual_kernel, 1, 255),
	N(2, "num_lstm_layers", codec.lstm_layers, 1, 16),
	N(2, "dilation_growth_rate", codec.dilation, 1, 16),
	N(2, "compress", codec.compress, 1, 64),
	N(2, "sampling_rate", codec.rate, 1000, 192000),
};
#undef N

/* What else a checkpoint may have, and this engine has not: the one value that it knows. */
static const struct fixed {
	int part;
	const char *name;
	const char *text;		/* or, NULL: */
	double number;			/* false is 0 */
} fixed[] = {
	{ 0, "model_type", "t5", 0 },
	{ 0, "feed_forward_proj", "relu", 0 },
	{ 0, "dense_act_fn", "relu", 0 },
	{ 0, "is_gated_act", NULL, 0 },
	{ 1, "model_type", "musicgen_decoder", 0 },
	{ 1, "activation_function", "gelu", 0 },
	{ 1, "scale_embedding", NULL, 0 },
	{ 1, "audio_channels", NULL, 1 },
	{ 2, "model_type", "encodec", 0 },
	{ 2, "audio_channels", NULL, 1 },
	{ 2, "norm_type", "weight_norm", 0 },
	{ 2, "pad_mode", "reflect", 0 },
	{ 2, "num_residual_layers", NULL, 1 },
	{ 2, "trim_right_ratio", NULL, 1 },
	{ 2, "use_causal_conv", NULL, 0 },
	{ 2, "use_conv_shortcut", NULL, 0 },
	{ 2, "normalize", NULL, 0 },
};

static int
check_fixed(const cJSON *part, const struct fixed *f, struct err *e)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(part, f->name);
	bool same;

	if (!v || cJSON_IsNull(v)) return 0;
	if (f->text)
		same = cJSON_IsString(v) && strcmp(v->valuestring, f->text) == 0;
	else if (cJSON_IsNumber(v))
		same = v->valuedouble == f->number;
	else
		same = cJSON_IsBool(v) && cJSON_IsTrue(v) == (f->number != 0);
	if (same) return 0;
	if (strcmp(f->name, "audio_channels") == 0)
		return err_set(e, ERR_INVALID, "%s.audio_channels: only mono checkpoints are supported, "
			"and this one is stereo", parts[f->part]);
	if (f->text)
		return err_set(e, ERR_INVALID, "%s.%s: its value is not supported, only \"%s\"",
			parts[f->part], f->name, f->text);
	return err_set(e, ERR_INVALID, "%s.%s: its value is not supported, only %g",
		parts[f->part], f->name, f->number);
}

static int
read_number(const cJSON *part, const struct number *n, struct musicgen_config *c, struct err *e)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(part, n->name);

	if (!cJSON_IsNumber(v) || !(v->valuedouble >= n->low && v->valuedouble <= n->high) ||
		v->valuedouble != floor(v->valuedouble))
		return err_set(e, ERR_INVALID, "%s.%s is not a whole number from %d to %d",
			parts[n->part], n->name, n->low, n->high);
	*(int *)((char *)c + n->offset) = (int)v->valuedouble;
	return 0;
}

static int
read_ratios(const cJSON *part, struct codec_config *c, struct err *e)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(part, "upsampling_ratios"), *v;
	int hop = 1;

	cJSON_ArrayForEach(v, list) {
		double r = cJSON_IsNumber(v) ? v->valuedouble : 0;

		if (!(r >= 1 && r <= RATIO_MAX) || r != floor(r) || c->n_ratios == CODEC_RATIOS ||
			(hop *= (int)r) > HOP_MAX) {
			c->n_ratios = 0;
			break;
		}
		c->ratios[c->n_ratios++] = (int)r;
	}
	if (!cJSON_IsArray(list) || !c->n_ratios)
		return err_set(e, ERR_INVALID, "audio_encoder.upsampling_ratios: it is not a list "
			"of 1 to %d whole numbers up to %d, whose product is %d at most",
			CODEC_RATIOS, RATIO_MAX, HOP_MAX);
	return 0;
}

/* Generation begins with a code behind the last one of a codebook, and leaves it out again. */
static int
check_pad(const cJSON *part, int vocabulary, struct err *e)
{
	static const char *const names[] = { "pad_token_id", "bos_token_id" };

	for (size_t i = 0; i < NELEM(names); i++) {
		const cJSON *v = cJSON_GetObjectItemCaseSensitive(part, names[i]);

		if (!v || cJSON_IsNull(v)) continue;
		if (!cJSON_IsNumber(v) || v->valuedouble != vocabulary)
			return err_set(e, ERR_INVALID, "decoder.%s is not vocab_size", names[i]);
	}
	return 0;
}

/* What must fit together. */
static int
check_together(const struct musicgen_config *c, struct err *e)
{
	if (c->decoder.width % c->decoder.heads || c->decoder.width % 2)
		return err_set(e, ERR_INVALID, "decoder.hidden_size is not a multiple of 2 and of "
			"num_attention_heads");
	if (c->decoder.vocabulary != c->codec.codes)
		return err_set(e, ERR_INVALID, "decoder.vocab_size is not audio_encoder.codebook_size");
	if (c->t5.buckets % 4)
		return err_set(e, ERR_INVALID, "text_encoder.relative_attention_num_buckets is not a "
			"multiple of 4");
	if (c->t5.max_distance <= c->t5.buckets / 4)
		return err_set(e, ERR_INVALID, "text_encoder.relative_attention_max_distance is not "
			"above a quarter of relative_attention_num_buckets");
	if (c->codec.compress > c->codec.filters)
		return err_set(e, ERR_INVALID, "audio_encoder.compress is more than num_filters");
	if (c->codec.rate % codec_hop(&c->codec))
		return err_set(e, ERR_INVALID, "audio_encoder.sampling_rate is not a multiple of the "
			"product of upsampling_ratios");
	return 0;
}

int
config_parse(const char *json, size_t bytes, struct musicgen_config *c, struct err *e)
{
	cJSON *tree = json_parse(json, bytes, e);
	const cJSON *part[PARTS];
	int rc = -1;

	*c = (struct musicgen_config){ .t5.epsilon = 1e-6f };
	if (!tree) {
		e->kind = ERR_INVALID;
		return -1;
	}
	for (int i = 0; i < PARTS; i++) {
		part[i] = cJSON_GetObjectItemCaseSensitive(tree, parts[i]);
		if (!cJSON_IsObject(part[i])) {
			err_set(e, ERR_INVALID, "it has no %s: is it that of a MusicGen checkpoint?",
				parts[i]);
			goto out;
		}
	}
	for (size_t i = 0; i < NELEM(fixed); i++)
		if (check_fixed(part[fixed[i].part], &fixed[i], e) != 0) goto out;
	for (size_t i = 0; i < NELEM(numbers); i++)
		if (read_number(part[numbers[i].part], &numbers[i], c, e) != 0) goto out;
	c->t5.epsilon = (float)json_real(part[0], "layer_norm_epsilon", 1e-6);
	if (!(c->t5.epsilon > 0 && c->t5.epsilon < 1)) {
		err_set(e, ERR_INVALID, "text_encoder.layer_norm_epsilon is not between 0 and 1");
		goto out;
	}
	if (check_pad(part[1], c->decoder.vocabulary, e) != 0) goto out;
	if (read_ratios(part[2], &c->codec, e) == 0) rc = check_together(c, e);
out:
	cJSON_Delete(tree);
	return rc;
}

int
config_read(const char *path, struct musicgen_config *c, struct err *e)
{
	struct buf text = {0};
	int rc = buf_read_file(&text, path, CONFIG_BYTES, e);

	if (rc == 0 && (rc = config_parse(buf_str(&text), text.n, c, e)) != 0)
		err_prefix(e, "%s", path);
	buf_free(&text);
	return rc;
}

int
codec_hop(const struct codec_config *c)
{
	int hop = 1;

	for (int i = 0; i < c->n_ratios; i++) hop *= c->ratios[i];
	return hop;
}

int
codec_frame_rate(const struct codec_config *c)
{
	return c->rate / codec_hop(c);
}
