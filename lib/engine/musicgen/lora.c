#include "engine/musicgen/lora.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "engine/musicgen/weights.h"

enum { RANK_MAX = 4096 };

/* What an adapter adds to one layer; a.n 0: nothing. */
struct part {
	struct rows a, b;
	float scale;
};

struct lora {
	struct tensors *tensors;
	struct weights_source source;
	struct part *parts;		/* [layers][DECODER_LINEARS] */
	int layers;
	int changed;
	double rank, alpha;		/* as the configuration has them */
	bool root;
	char base_model[128];
};

/* Of the configuration, what has a meaning here. Borrowed from its tree. */
struct options {
	double rank, alpha;
	bool root;			/* use_rslora */
	const cJSON *ranks, *alphas;
};

/* Members that say how an adapter was trained, or what is read below. Any other one that is set may
 * change the formula. */
static const char *const harmless[] = {
	"alpha_pattern", "auto_mapping", "base_model_name_or_path", "corda_config",
	"ensure_weight_tying", "eva_config", "exclude_modules", "inference_mode",
	"init_lora_weights", "layers_pattern", "layers_to_transform", "loftq_config", "lora_alpha",
	"lora_dropout", "lora_ga_config", "megatron_config", "megatron_core", "peft_type",
	"peft_version", "qalora_group_size", "r", "rank_pattern", "revision", "runtime_config",
	"target_modules", "task_type", "use_rslora", NULL
};

/* Ways to begin the training that leave the base model as it is. */
static const char *const beginnings[] = { "gaussian", "eva", "orthogonal", NULL };

static bool
is_set(const cJSON *v)
{
	if (cJSON_IsNull(v) || cJSON_IsFalse(v)) return false;
	if (cJSON_IsString(v)) return *v->valuestring && strcmp(v->valuestring, "none") != 0;
	if (cJSON_IsArray(v) || cJSON_IsObject(v)) return v->child != NULL;
	return true;
}

static const cJSON *
member(const cJSON *o, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(o, name);
}

static int
check_pattern(const cJSON *pattern, const char *name, struct err *e)
{
	const cJSON *v;

	if (pattern && !cJSON_IsNull(pattern) && !cJSON_IsObject(pattern))
		return err_set(e, ERR_INVALID, "%s is no object", name);
	cJSON_ArrayForEach(v, pattern) {
		if (strpbrk(v->string, "*+?[](){}|^$\\"))
			return err_set(e, ERR_INVALID, "%s: \"%.60s\" is a regular expression, only "
				"names of layers are supported", name, v->string);
		if (!cJSON_IsNumber(v) || !(v->valuedouble > 0))
			return err_set(e, ERR_INVALID, "%s: %.60s has no number above 0", name,
				v->string);
	}
	return 0;
}

static int
read_options(const cJSON *tree, struct options *o, struct err *e)
{
	const cJSON *v, *begin = member(tree, "init_lora_weights");

	if (!cJSON_IsObject(tree) || strcmp(json_text(tree, "peft_type", ""), "LORA") != 0)
		return err_set(e, ERR_INVALID, "peft_type: only LORA is supported");
	cJSON_ArrayForEach(v, tree)
		if (is_set(v) && str_index(v->string, harmless) < 0)
			return err_set(e, ERR_INVALID, "%.60s: this option is not supported", v->string);
	if (cJSON_IsString(begin) && str_index(begin->valuestring, beginnings) < 0)
		return err_set(e, ERR_INVALID, "init_lora_weights: \"%.40s\" changes the base model's "
			"weights, which is not supported", begin->valuestring);
	o->rank = json_real(tree, "r", 0);
	o->alpha = json_real(tree, "lora_alpha", 0);
	o->root = cJSON_IsTrue(member(tree, "use_rslora"));
	o->ranks = member(tree, "rank_pattern");
	o->alphas = member(tree, "alpha_pattern");
	if (!(o->rank >= 1 && o->rank <= RANK_MAX) || o->rank != floor(o->rank))
		return err_set(e, ERR_INVALID, "r is not a whole number from 1 to %d", RANK_MAX);
	if (!(o->alpha > 0 && o->alpha <= 1e6))
		return err_set(e, ERR_INVALID, "lora_alpha is not a number above 0");
	if (check_pattern(o->ranks, "rank_pattern", e) != 0) return -1;
	return check_pattern(o->alphas, "alpha_pattern", e);
}

/* The value of the first pattern that a layer's name is, or ends in behind a dot. */
static double
pattern(const cJSON *patterns, const char *layer, double otherwise)
{
	size_t n = strlen(layer);
	const cJSON *v;

	cJSON_ArrayForEach(v, patterns) {
		size_t k = strlen(v->string);

		if (k <= n && strcmp(layer + n - k, v->string) == 0 &&
			(k == n || layer[n - k - 1] == '.'))
			return v->valuedouble;
	}
	return otherwise;
}

/* What is behind the beginning of s; NULL: s begins in another way, or is NULL. */
static const char *
behind(const char *s, const char *beginning)
{
	return s && str_starts(s, beginning) ? s + strlen(beginning) : NULL;
}

/* "base_model.model.[decoder.]model.decoder.layers.3.fc1.lora_A.weight": which layer's which matrix?
 * The name of the layer without what is before "model." goes to `layer`. */
static bool
find_layer(const struct lora *l, const char *key, int *part, bool *second, char *layer, size_t size)
{
	const char *plain = behind(key, "base_model.model."), *wrapped = behind(plain, "decoder.");
	const char *name = wrapped ? wrapped : plain, *p = behind(name, "model.decoder.layers.");
	size_t digits = p ? strspn(p, "0123456789") : 0;
	int i;

	if (!digits || digits > 4 || p[digits] != '.' || (digits > 1 && *p == '0')) return false;
	i = atoi(p);
	if (i >= l->layers) return false;
	for (int which = 0; which < DECODER_LINEARS; which++) {
		const char *rest = behind(p + digits + 1, decoder_linear_name(which));

		if (!rest) continue;
		*second = strcmp(rest, ".lora_B.weight") == 0;
		if (!*second && strcmp(rest, ".lora_A.weight") != 0) continue;
		*part = i * DECODER_LINEARS + which;
		snprintf(layer, size, "%.*s", (int)(rest - name), name);
		return true;
	}
	return false;
}

static int
take(struct lora *l, const struct tensor *t, const struct decoder_config *c,
	const struct options *o, struct err *e)
{
	char layer[TENSOR_NAME];
	struct part *to;
	struct rows *rows;
	bool second;
	int part, which, in, out, rank;
	double r;

	if (!find_layer(l, t->name, &part, &second, layer, sizeof layer))
		return err_set(e, ERR_INVALID, "%s: the model has no layer of that name", t->name);
	to = &l->parts[part];
	rows = second ? &to->b : &to->a;
	if (rows->n)
		return err_set(e, ERR_INVALID, "%s: %s has one of another name already", t->name,
			layer);
	which = part % DECODER_LINEARS;
	in = which == FC2 ? c->feed_forward : c->width;
	out = which == FC1 ? c->feed_forward : c->width;
	r = pattern(o->ranks, layer, o->rank);
	if (r != floor(r) || r > RANK_MAX)
		return err_set(e, ERR_INVALID, "rank_pattern: %.60s has no whole number up to %d", layer,
			RANK_MAX);
	rank = (int)r;
	to->scale = (float)(pattern(o->alphas, layer, o->alpha) / (o->root ? sqrt(rank) : rank));
	return weights_rows(&l->source, second ? out : rank, second ? rank : in, rows, e, "%s",
		t->name);
}

static int
check_whole(struct lora *l, struct err *e)
{
	for (int i = 0; i < l->layers * DECODER_LINEARS; i++) {
		const struct part *p = &l->parts[i];

		if (!p->a.n != !p->b.n)
			return err_set(e, ERR_INVALID, "model.decoder.layers.%d.%s: it has lora_%c alone",
				i / DECODER_LINEARS, decoder_linear_name(i % DECODER_LINEARS),
				p->a.n ? 'A' : 'B');
		if (p->a.n) l->changed++;
	}
	return l->changed ? 0 : err_set(e, ERR_INVALID, "it changes no layer");
}

static int
take_all(struct lora *l, const struct decoder_config *c, const struct options *o, struct err *e)
{
	for (size_t i = 0; i < tensors_count(l->tensors); i++)
		if (take(l, tensors_at(l->tensors, i), c, o, e) != 0) return -1;
	return check_whole(l, e);
}

/* The configuration's text, of its own file or of the weights' metadata. */
static int
read_config(const struct lora *l, const char *config, struct buf *text, struct err *e)
{
	const char *own = config ? NULL : tensors_metadata(l->tensors, LORA_METADATA);

	if (config) return buf_read_file(text, config, LORA_CONFIG_MAX, e);
	if (!own)
		return err_set(e, ERR_INVALID, "it has no " LORA_METADATA " in its __metadata__: an "
			"adapter is adapter_config.json and adapter_model.safetensors, which "
			"`earshot adapter pack FOLDER -o FILE` makes one file of");
	if (strlen(own) > LORA_CONFIG_MAX)
		return err_set(e, ERR_INVALID, "its " LORA_METADATA " is longer than %d bytes",
			LORA_CONFIG_MAX);
	buf_adds(text, own);
	return 0;
}

static void
remember(struct lora *l, const struct options *o, const cJSON *tree)
{
	l->rank = o->rank;
	l->alpha = o->alpha;
	l->root = o->root;
	str_preview(l->base_model, sizeof l->base_model,
		json_text(tree, "base_model_name_or_path", ""), 100);
}

struct lora *
lora_open(const char *config, const char *weights, const struct decoder_config *c, struct err *e)
{
	struct lora *l = calloc(1, sizeof *l);
	struct buf text = {0};
	struct options o = {0};
	cJSON *tree = NULL;
	int rc = -1;

	if (!l || !(l->parts = calloc((size_t)c->layers * DECODER_LINEARS, sizeof *l->parts))) abort();
	l->layers = c->layers;
	l->tensors = tensors_open(weights, e);
	if (!l->tensors || read_config(l, config, &text, e) != 0) goto out;
	l->source.tensors = l->tensors;
	tree = json_parse(buf_str(&text), text.n, e);
	if (!tree || read_options(tree, &o, e) != 0) {
		e->kind = ERR_INVALID;
		err_prefix(e, "adapter_config.json");
		goto out;
	}
	remember(l, &o, tree);
	rc = take_all(l, c, &o, e);
out:
	cJSON_Delete(tree);
	buf_free(&text);
	if (rc == 0) return l;
	lora_close(l);
	return NULL;
}

void
lora_close(struct lora *l)
{
	if (!l) return;
	weights_free(&l->source);
	tensors_close(l->tensors);
	free(l->parts);
	free(l);
}

int
lora_layers(const struct lora *l)
{
	return l->changed;
}

cJSON *
lora_about(const struct lora *l)
{
	cJSON *o = json_object(), *matrices = json_array();

	json_add_text(o, "kind", "lora");
	json_add_real(o, "rank", l->rank);
	json_add_real(o, "alpha", l->alpha);
	if (l->root) json_add_bool(o, "rslora", true);
	json_add_int(o, "layers", l->changed);
	for (int k = 0; k < DECODER_LINEARS; k++)
		for (int i = 0; i < l->layers; i++)
			if (l->parts[i * DECODER_LINEARS + k].a.n) {
				json_add_text(matrices, "", decoder_linear_name((enum decoder_linear)k));
				break;
			}
	json_add(o, "matrices", matrices);
	if (*l->base_model) json_add_text(o, "base_model", l->base_model);
	return o;
}

void
lora_apply(const struct lora *l, struct decoder *d, double scale)
{
	int layers = decoder_layers(d);

	for (int i = 0; i < layers; i++)
		for (int k = 0; k < DECODER_LINEARS; k++) {
			struct linear *to = decoder_linear(d, i, (enum decoder_linear)k);
			const struct part *p = l ? &l->parts[i * DECODER_LINEARS + k] : NULL;

			to->a.n = 0;
			if (!p || !p->a.n || scale == 0) continue;
			to->a = p->a;
			to->b = p->b;
			to->scale = p->scale * (float)scale;
		}
}
