/* A checkpoint is opened whole or refused by the file and the name of what is wrong in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../musicgen/checkpoint.h"
#include "base/err.h"
#include "engine/musicgen/model.h"
#include "temp.h"

/* A tiny checkpoint of these numbers, opened. */
static struct model *
made(const struct musicgen_config *c, struct err *e)
{
	assert_int_equal(checkpoint_make(temp_dir, c), 0);
	return model_open(temp_dir, NULL, e);
}

static void
each_part_is_refused_by_its_name(void **state)
{
	static const struct { const char *file, *from, *to, *says; } wrong[] = {
		{ "config.json", "\"d_model\":48", "\"d_model\":47",
			"text_encoder.shared.weight: its shape" },
		{ "config.json", "\"hidden_size\":64", "\"hidden_size\":60",
			"enc_to_dec_proj.weight: its shape" },
		{ "config.json", "\"ffn_dim\":160", "\"ffn_dim\":161",
			"layers.0.fc1.weight: its shape is" },
		{ "config.json", "\"num_filters\":8", "\"num_filters\":9",
			"audio_encoder.decoder.layers" },
		{ "config.json", "\"num_hidden_layers\":2", "\"num_hidden_layers\":3",
			"decoder.layers.2.self_attn.q_proj.weight: the weights lack it" },
		{ "config.json", "\"num_codebooks\":4", "\"num_codebooks\":5",
			"4.weight: the weights lack it" },
		{ "config.json", "\"num_lstm_layers\":2", "\"num_lstm_layers\":3", "weight_ih_l2" },
		{ "config.json", "[8,5,4,4]", "[8,4,5,4]", "original1: its shape is" },
		{ "tokenizer.json", "Unigram", "Digrams", "tokenizer.json: model" },
		{ "tokenizer.json", "{\"ids\":[1]}", "{\"ids\":[99]", "tokenizer.json" },
		{ "model.safetensors", "enc_to_dec_proj.bias", "enc_to_dec_proj.beer",
			"enc_to_dec_proj.bias" },
		{ "model.safetensors", "\"dtype\":\"F32\"", "\"dtype\":\"I32\"", "I32" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(wrong); i++) {
		struct err e = {0};

		assert_int_equal(checkpoint_make(temp_dir, &checkpoint_tiny), 0);
		assert_int_equal(checkpoint_edit(temp_dir, wrong[i].file, wrong[i].from,
			wrong[i].to), 0);
		if (model_open(temp_dir, NULL, &e)) fail_msg("%s is taken", wrong[i].to);
		assert_int_equal(e.kind, ERR_INVALID);
		if (!strstr(e.text, wrong[i].says) || !strstr(e.text, temp_dir))
			fail_msg("%s: %s", wrong[i].to, e.text);
	}
}

/* Before there is memory for it. */
static void
a_convolution_larger_than_all_weights_is_refused(void **state)
{
	struct musicgen_config c = checkpoint_tiny;
	struct weights_list list = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(checkpoint_make(temp_dir, &c), 0);
	c.codec.kernel = 255;
	assert_int_equal(checkpoint_config(temp_dir, &c), 0);
	assert_null(model_open(temp_dir, NULL, &e));
	assert_int_equal(e.kind, ERR_INVALID);
	assert_non_null(strstr(e.text, "layers.0.conv.folded: the configuration asks for "
		"128 × 8160 values"));
	assert_null(model_survey(temp_dir, &list, &e));
	weights_list_free(&list);
}

/* What a survey writes down of the tiny checkpoint is all that it takes, and only what had to be
 * made has values. */
static void
a_survey_reads_no_values(void **state)
{
	struct weights_list list = {0};
	struct err e = {0};
	struct model *m;
	size_t n_made = 0;

	(void)state;
	assert_int_equal(checkpoint_make(temp_dir, &checkpoint_tiny), 0);
	m = model_survey(temp_dir, &list, &e);
	assert_non_null(m);
	for (size_t i = 0; i < list.n; i++) {
		n_made += list.items[i].made != NULL;
		assert_true((list.items[i].made != NULL) == (list.items[i].tensor == NULL));
	}
	assert_int_equal(n_made, 2 + 3 * 4);	/* the codec's convolutions */
	assert_int_equal(m->source.n_own, n_made);
	assert_null(m->project_bias);
	model_close(m);
	weights_list_free(&list);
}

static void
files_that_are_missing_are_named(void **state)
{
	static const char *const files[] = { "config.json", "tokenizer.json", "model.safetensors" };

	(void)state;
	for (size_t i = 0; i < NELEM(files); i++) {
		struct err e = {0};

		assert_int_equal(checkpoint_make(temp_dir, &checkpoint_tiny), 0);
		assert_int_equal(unlink(TEMP(files[i])), 0);
		assert_null(model_open(temp_dir, NULL, &e));
		assert_non_null(strstr(e.text, files[i]));
	}
}

/* Numbers of tokens that the text encoder has no rows for are refused before any text comes. */
static void
a_tokenizer_of_another_model_is_refused(void **state)
{
	struct musicgen_config c = checkpoint_tiny;
	struct err e = {0};

	(void)state;
	c.t5.vocabulary = 29;		/* the tokenizer has 30 */
	assert_null(made(&c, &e));
	assert_non_null(strstr(e.text, "it gives numbers up to 29"));
}

/* T5's states are the decoder's where both are of a width, and go through a matrix where not. */
static void
a_text_has_the_decoders_width(void **state)
{
	static const int32_t ids[] = { 5, 6, 1 };
	struct musicgen_config c = checkpoint_tiny;
	struct hands h = { crew_start(1), kernels_best() };
	struct err e = {0};
	float text[3 * 64], states[3 * 64];
	struct model *m;

	(void)state;
	c.t5.width = c.decoder.width;
	m = made(&c, &e);
	assert_non_null(m);
	assert_int_equal(model_text(m, &h, ids, 3, text, &e), 0);
	assert_int_equal(t5_encode(m->t5, &h, ids, 3, states, &e), 0);
	assert_memory_equal(text, states, sizeof text);
	model_close(m);

	m = made(&checkpoint_tiny, &e);
	assert_non_null(m);
	assert_int_equal(model_text(m, &h, ids, 3, text, &e), 0);
	assert_int_equal(t5_encode(m->t5, &h, ids, 3, states, &e), 0);
	for (int i = 0; i < 3; i++)
		for (int r = 0; r < 64; r++) {
			const float *row = (const float *)m->project.w + r * 48;
			double sum = m->project_bias[r];

			for (int k = 0; k < 48; k++) sum += (double)row[k] * states[i * 48 + k];
			assert_true(fabs(sum - text[i * 64 + r]) < 1e-5);
		}
	model_close(m);
	crew_stop(h.crew);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_part_is_refused_by_its_name),
		cmocka_unit_test(a_convolution_larger_than_all_weights_is_refused),
		cmocka_unit_test(a_survey_reads_no_values),
		cmocka_unit_test(files_that_are_missing_are_named),
		cmocka_unit_test(a_tokenizer_of_another_model_is_refused),
		cmocka_unit_test(a_text_has_the_decoders_width),
	};

	return cmocka_run_group_tests(tests, temp_make, temp_remove);
}
