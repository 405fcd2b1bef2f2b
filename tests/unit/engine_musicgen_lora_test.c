/* Adapters change what they say that they change, in proportion to their scale, and leave the
 * model as it was; what would be without effect, or is not supported, is refused by name. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "engine/musicgen/lora.h"
#include "engine_musicgen_model.h"
#include "temp.h"

#define BEGIN "base_model.model.model.decoder.layers."

enum { BOOKS = 4, CODES = 64, STEPS = 3, WIDTH = 64 };

static void
logits(float *out)
{
	struct decoder_run *r = decoder_begin(model->decoder, &hands, 1, STEPS, WEIGHTS_F32);
	float states[2 * WIDTH];

	for (int i = 0; i < 2 * WIDTH; i++) states[i] = (float)(i % 7 - 3) / 3;
	decoder_text(r, 0, 1, states, 2);
	for (int t = 0; t < STEPS; t++)
		decoder_step(r, (const int32_t[]){ t, 2 * t, 3 * t, 63 - t },
			out + t * BOOKS * CODES);
	decoder_end(r);
}

enum { ALL = STEPS * BOOKS * CODES };

static float base[ALL];

static struct lora *
opened(const char *name)
{
	struct err e = {0};
	char config[200], weights[200];
	struct lora *l;

	snprintf(config, sizeof config, MUSICGEN_DATA "%s/adapter_config.json", name);
	snprintf(weights, sizeof weights, MUSICGEN_DATA "%s/adapter_model.safetensors", name);
	l = lora_open(config, weights, &model->config.decoder, &e);
	if (!l) fail_msg("%s", e.text);
	return l;
}

static void
an_adapter_changes_the_logits_while_it_is_on(void **state)
{
	static const struct { const char *name; int layers; } adapters[] = {
		{ "lora_decoder", 30 }, { "lora_whole", 10 }, { "lora_rslora", 30 },
		{ "lora_attention", 12 },
	};
	float now[ALL];

	(void)state;
	for (size_t i = 0; i < NELEM(adapters); i++) {
		struct lora *l = opened(adapters[i].name);

		assert_int_equal(lora_layers(l), adapters[i].layers);
		lora_apply(l, model->decoder, 1);
		logits(now);
		for (int t = 0; t < STEPS; t++)
			assert_memory_not_equal(now + t * BOOKS * CODES, base + t * BOOKS * CODES,
				BOOKS * CODES * sizeof *now);
		lora_apply(l, model->decoder, 0);
		logits(now);
		assert_memory_equal(now, base, sizeof now);
		lora_apply(l, model->decoder, 2);
		lora_apply(NULL, model->decoder, 1);
		logits(now);
		assert_memory_equal(now, base, sizeof now);
		lora_close(l);
	}
}

/* y = W x + scale · alpha / r · B (A x), here with alpha / r = 2 and an x that picks a column of
 * A. */
static void
a_layer_gets_its_share(void **state)
{
	struct linear *layer = decoder_linear(model->decoder, 1, FC2);
	struct lora *l = opened("lora_decoder");
	float x[160] = { [3] = 1 }, plain[WIDTH], more[WIDTH], twice[WIDTH];
	const float *a, *b;

	(void)state;
	linear_apply(&hands, layer, x, 0, 1, plain, 0);
	lora_apply(l, model->decoder, 1);
	linear_apply(&hands, layer, x, 0, 1, more, 0);
	a = layer->a.w;
	b = layer->b.w;
	assert_int_equal(layer->a.n, 4);
	lora_apply(l, model->decoder, 2);
	linear_apply(&hands, layer, x, 0, 1, twice, 0);
	for (int r = 0; r < WIDTH; r++) {
		double share = 0;

		for (int k = 0; k < 4; k++) share += (double)b[r * 4 + k] * a[k * 160 + 3];
		assert_true(fabs(more[r] - (plain[r] + 2 * share)) < 1e-6);
		assert_true(fabs(twice[r] - (plain[r] + 4 * share)) < 1e-6);
	}
	lora_apply(NULL, model->decoder, 0);
	lora_close(l);
}

struct entry {
	const char *name, *type;
	int n, cols;
};

#define RIGHT_A { BEGIN "0.self_attn.q_proj.lora_A.weight", "F32", 2, WIDTH }
#define RIGHT_B { BEGIN "0.self_attn.q_proj.lora_B.weight", "F32", WIDTH, 2 }
#define WRAPPED_B { "base_model.model.decoder.model.decoder.layers.0.self_attn.q_proj.lora_B." \
	"weight", "F32", WIDTH, 2 }

/* Tensors up to one without a name; all values are 1, or the first is not a number. */
static void
write_weights(const struct entry *list, bool broken)
{
	FILE *f = fopen(TEMP("weights"), "wb");
	struct buf header = {0};
	size_t at = 0;
	float one = broken ? NAN : 1;

	assert_non_null(f);
	for (const struct entry *t = list; t->name; t++) {
		size_t n = (size_t)t->n * (size_t)t->cols * 4;

		buf_addf(&header, "%c\"%s\":{\"dtype\":\"%s\",\"shape\":[%d,%d],\"data_offsets\":"
			"[%zu,%zu]}", at ? ',' : '{', t->name, t->type, t->n, t->cols, at, at + n);
		at += n;
	}
	if (!header.n) buf_addc(&header, '{');
	buf_addc(&header, '}');
	for (int i = 0; i < 8; i++) fputc((int)(header.n >> 8 * i & 255), f);
	fwrite(header.p, 1, header.n, f);
	for (size_t i = 0; i < at / 4; i++, one = 1) fwrite(&one, 4, 1, f);
	assert_int_equal(fclose(f), 0);
	buf_free(&header);
}

static struct lora *
open_with(const char *config, const struct entry *list, bool broken, struct err *e)
{
	static const struct entry right[] = { RIGHT_A, RIGHT_B, {0} };
	FILE *f = fopen(TEMP("config"), "w");

	assert_non_null(f);
	fputs(config ? config : "{\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":4}", f);
	assert_int_equal(fclose(f), 0);
	write_weights(list ? list : right, broken);
	return lora_open(TEMP("config"), TEMP("weights"), &model->config.decoder, e);
}

static void
options_that_are_not_supported_are_refused_by_name(void **state)
{
	static const char *const wrong[][2] = {
		{ "\"use_dora\":true", "use_dora" }, { "\"bias\":\"all\"", "bias" },
		{ "\"bias\":\"lora_only\"", "bias" }, { "\"lora_bias\":true", "lora_bias" },
		{ "\"modules_to_save\":[\"lm_heads\"]", "modules_to_save" },
		{ "\"fan_in_fan_out\":true", "fan_in_fan_out" },
		{ "\"layer_replication\":[[0,2]]", "layer_replication" },
		{ "\"use_qalora\":true", "use_qalora" }, { "\"of_tomorrow\":1", "of_tomorrow" },
		{ "\"target_parameters\":[\"x\"]", "target_parameters" },
		{ "\"init_lora_weights\":\"pissa\"", "init_lora_weights" },
		{ "\"peft_type\":\"LOHA\"", "peft_type" },
		{ "\"rank_pattern\":{\"layers.*.q_proj\":2}", "rank_pattern" },
		{ "\"rank_pattern\":{\"q_proj\":1.5}", "rank_pattern" },
		{ "\"rank_pattern\":{\"q_proj\":1e9}", "rank_pattern" },
		{ "\"alpha_pattern\":{\"q_proj\":-1}", "alpha_pattern" },
		{ "\"alpha_pattern\":[1]", "alpha_pattern is no object" },
		{ "\"rank_pattern\":[\"q_proj\"]", "rank_pattern is no object" },
		{ "\"r\":0", "r is not" }, { "\"r\":1e9", "r is not" },
		{ "\"r\":1.5", "r is not a whole number" },
		{ "\"lora_alpha\":0", "lora_alpha" },
		{ "\"lora_alpha\":\"8\"", "lora_alpha" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(wrong); i++) {
		char config[400];
		struct err e = {0};
		bool type = strstr(wrong[i][0], "peft_type"), rank = strstr(wrong[i][0], "\"r\"");
		bool alpha = strstr(wrong[i][0], "\"lora_alpha\"");

		snprintf(config, sizeof config, "{%s%s%s%s}", type ? "" : "\"peft_type\":\"LORA\",",
			rank ? "" : "\"r\":2,", alpha ? "" : "\"lora_alpha\":4,", wrong[i][0]);
		if (open_with(config, NULL, false, &e)) fail_msg("%s is taken", wrong[i][0]);
		assert_int_equal(e.kind, ERR_INVALID);
		if (!strstr(e.text, wrong[i][1])) fail_msg("%s: %s", wrong[i][0], e.text);
	}
}

/* Peft writes all of its options, and those that are off do no harm. */
static void
options_that_are_off_are_fine(void **state)
{
	struct err e = {0};
	struct lora *l =
		open_with("{\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":4,\"use_dora\":false,"
		"\"bias\":\"none\",\"modules_to_save\":null,\"loftq_config\":{},"
		"\"layer_replication\":[],"
		"\"init_lora_weights\":\"gaussian\",\"lora_dropout\":0.1,"
		"\"target_modules\":[\"q_proj\"]}",
		NULL, false, &e);

	(void)state;
	assert_non_null(l);
	lora_close(l);
}

static void
keys_that_find_no_layer_are_refused_by_name(void **state)
{
	static const char *const keys[] = {
		BEGIN "3.fc1.lora_A.weight", BEGIN "00.fc1.lora_A.weight",
		BEGIN "-1.fc1.lora_A.weight",
		BEGIN "99999999999999999999.fc1.lora_A.weight", BEGIN "0.fc3.lora_A.weight",
		BEGIN "0.fc1.lora_C.weight", BEGIN "0.fc1.lora_A", BEGIN "0.fc1.weight",
		BEGIN "0.self_attn.lora_A.weight", "model.decoder.layers.0.fc1.lora_A.weight",
		"base_model.model.text_encoder.x.lora_A.weight",
		"base_model.model.lm_heads.0.lora_A.weight",
	};

	(void)state;
	for (size_t i = 0; i < NELEM(keys); i++) {
		struct entry list[] = { RIGHT_A, RIGHT_B, { keys[i], "F32", 2, WIDTH }, {0} };
		struct err e = {0};

		if (open_with(NULL, list, false, &e)) fail_msg("%s is taken", keys[i]);
		assert_non_null(strstr(e.text, keys[i]));
		assert_non_null(strstr(e.text, "no layer of that name"));
	}
}

static void
matrices_that_do_not_fit_are_refused_by_name(void **state)
{
	static const struct {
		struct entry list[4];
		const char *says;
		bool broken;
	} wrong[] = {
		{ { RIGHT_A }, "model.decoder.layers.0.self_attn.q_proj: it has lora_A alone",
			false },
		{ { RIGHT_A, RIGHT_B, WRAPPED_B }, "lora_B.weight: model.decoder.layers.0."
			"self_attn.q_proj has one of another name already", false },
		{ { RIGHT_B }, "lora_B alone", false },
		{ { {0} }, "changes no layer", false },
		{ { RIGHT_A, RIGHT_B }, "not finite", true },
		{ { RIGHT_A, { BEGIN "0.self_attn.q_proj.lora_B.weight", "F32", WIDTH, 3 } },
			"q_proj.lora_B.weight: its shape is 64 × 3", false },
		{ { { BEGIN "0.self_attn.q_proj.lora_A.weight", "F32", 2, 160 }, RIGHT_B },
			"q_proj.lora_A.weight: its shape is 2 × 160", false },
		{ { { BEGIN "0.self_attn.q_proj.lora_A.weight", "I32", 2, WIDTH }, RIGHT_B },
			"values of I32", false },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(wrong); i++) {
		struct err e = {0};

		if (open_with(NULL, wrong[i].list, wrong[i].broken, &e))
			fail_msg("%zu is taken", i);
		assert_int_equal(e.kind, ERR_INVALID);
		if (!strstr(e.text, wrong[i].says)) fail_msg("%zu: %s", i, e.text);
	}
}

/* Patterns name the end of a layer's name, behind a dot or whole. */
static void
patterns_give_layers_other_ranks_and_alphas(void **state)
{
	static const struct { const char *pattern; float scale; } rows[] = {
		{ "\"alpha_pattern\":{\"q_proj\":10}", 5 },
		{ "\"alpha_pattern\":{\"self_attn.q_proj\":10}", 5 },
		{ "\"alpha_pattern\":{\"proj\":10}", 2 },
		{ "\"alpha_pattern\":{\"k_proj\":10}", 2 },
		{ "\"alpha_pattern\":{\"layers.0.self_attn.q_proj\":6,\"q_proj\":10}", 3 },
		{ "\"rank_pattern\":{\"q_proj\":2},\"use_rslora\":true", 2.8284271f },
		{ "\"use_rslora\":false", 2 },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		char config[300];
		struct err e = {0};
		struct lora *l;

		snprintf(config, sizeof config,
			"{\"peft_type\":\"LORA\",\"r\":%d,\"lora_alpha\":4,%s}",
			strstr(rows[i].pattern, "rank_pattern") ? 7 : 2, rows[i].pattern);
		l = open_with(config, NULL, false, &e);
		if (!l) fail_msg("%s", e.text);
		lora_apply(l, model->decoder, 1);
		assert_float_equal(decoder_linear(model->decoder, 0, SELF_Q)->scale, rows[i].scale,
			1e-6);
		assert_int_equal(decoder_linear(model->decoder, 0, SELF_K)->a.n, 0);
		lora_apply(NULL, model->decoder, 0);
		lora_close(l);
	}
}

static int
begin(void **state)
{
	if (temp_make(state) != 0 || model_setup(state) != 0) return -1;
	logits(base);
	return 0;
}

static int
end(void **state)
{
	model_teardown(state);
	return temp_remove(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_adapter_changes_the_logits_while_it_is_on),
		cmocka_unit_test(a_layer_gets_its_share),
		cmocka_unit_test(options_that_are_not_supported_are_refused_by_name),
		cmocka_unit_test(options_that_are_off_are_fine),
		cmocka_unit_test(keys_that_find_no_layer_are_refused_by_name),
		cmocka_unit_test(matrices_that_do_not_fit_are_refused_by_name),
		cmocka_unit_test(patterns_give_layers_other_ranks_and_alphas),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
