/* A checkpoint's numbers are read as they stand; what this engine does not do is refused by
 * name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "engine/musicgen/config.h"

#define CHECKPOINT "tests/data/musicgen/model/config.json"

static struct buf text;

/* The checkpoint's configuration with a member of a part set to this JSON, or without it (NULL). */
static int
parse_with(const char *part, const char *name, const char *value, struct musicgen_config *c,
	struct err *e)
{
	cJSON *tree = json_parse(buf_str(&text), text.n, e), *v = NULL;
	cJSON *of = *part ? cJSON_GetObjectItemCaseSensitive(tree, part) : tree;
	char *changed;
	int rc;

	assert_non_null(of);
	if (value) assert_non_null(v = json_parse(value, strlen(value), e));
	cJSON_DeleteItemFromObjectCaseSensitive(of, name);
	if (v) cJSON_AddItemToObject(of, name, v);
	changed = cJSON_PrintUnformatted(tree);
	assert_non_null(changed);
	rc = config_parse(changed, strlen(changed), c, e);
	free(changed);
	cJSON_Delete(tree);
	return rc;
}

/* What a member of a part may not be. */
struct setting {
	const char *part, *name, *value;
};

static void
is_refused(const struct setting *s)
{
	struct musicgen_config c;
	struct err e = {0};

	if (parse_with(s->part, s->name, s->value, &c, &e) == 0)
		fail_msg("%s.%s %s is taken", s->part, s->name, s->value);
	assert_int_equal(e.kind, ERR_INVALID);
	if (!strstr(e.text, s->part) || !strstr(e.text, s->name))
		fail_msg("%s.%s %s: %s", s->part, s->name, s->value, e.text);
}

static void
numbers_are_read_as_they_stand(void **state)
{
	struct musicgen_config c;
	struct err e = {0};

	(void)state;
	assert_int_equal(config_read(CHECKPOINT, &c, &e), 0);
	assert_int_equal(c.t5.vocabulary, 320);
	assert_int_equal(c.t5.width, 48);
	assert_int_equal(c.t5.heads, 4);
	assert_int_equal(c.t5.head, 12);
	assert_int_equal(c.t5.max_distance, 128);
	assert_true(c.t5.epsilon == 1e-6f);
	assert_int_equal(c.decoder.width, 64);
	assert_int_equal(c.decoder.codebooks, 4);
	assert_int_equal(c.decoder.feed_forward, 160);
	assert_int_equal(c.codec.n_ratios, 4);
	assert_int_equal(c.codec.ratios[1], 5);
	assert_int_equal(codec_hop(&c.codec), 640);
	assert_int_equal(codec_frame_rate(&c.codec), 50);
}

/* Whatever else a checkpoint may ask for would sound otherwise than it should. */
static void
what_the_engine_does_not_do_is_refused_by_name(void **state)
{
	static const struct setting wrong[] = {
		{ "audio_encoder", "audio_channels", "2" }, { "decoder", "audio_channels", "2" },
		{ "text_encoder", "feed_forward_proj", "\"gated-gelu\"" },
		{ "text_encoder", "is_gated_act", "true" },
		{ "text_encoder", "dense_act_fn", "\"gelu\"" },
		{ "text_encoder", "model_type", "\"umt5\"" },
		{ "decoder", "model_type", "\"musicgen_melody_decoder\"" },
		{ "decoder", "activation_function", "\"relu\"" },
		{ "decoder", "scale_embedding", "true" },
		{ "decoder", "pad_token_id", "0" }, { "decoder", "bos_token_id", "\"64\"" },
		{ "audio_encoder", "model_type", "\"dac\"" },
		{ "audio_encoder", "norm_type", "\"time_group_norm\"" },
		{ "audio_encoder", "pad_mode", "\"constant\"" },
		{ "audio_encoder", "num_residual_layers", "2" },
		{ "audio_encoder", "use_causal_conv", "true" },
		{ "audio_encoder", "use_conv_shortcut", "true" },
		{ "audio_encoder", "normalize", "true" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(wrong); i++) is_refused(&wrong[i]);
}

static void
a_stereo_checkpoint_is_said_to_be_one(void **state)
{
	struct musicgen_config c;
	struct err e = {0};

	(void)state;
	assert_int_equal(parse_with("audio_encoder", "audio_channels", "2", &c, &e), -1);
	assert_non_null(strstr(e.text, "only mono checkpoints are supported, and this one is "
		"stereo"));
	assert_int_equal(parse_with("decoder", "activation_function", "\"relu\"", &c, &e), -1);
	assert_string_equal(e.text, "decoder.activation_function: its value is not supported, "
		"only \"gelu\"");
}

/* Options that say what the engine does anyway may be left out. */
static void
options_may_be_missing_and_numbers_may_not(void **state)
{
	static const char *const options[][2] = {
		{ "audio_encoder", "audio_channels" }, { "decoder", "pad_token_id" },
		{ "text_encoder", "dense_act_fn" }, { "audio_encoder", "pad_mode" },
		{ "", "model_type" }, { "text_encoder", "layer_norm_epsilon" },
	};
	static const char *const numbers[][2] = {
		{ "text_encoder", "d_model" }, { "decoder", "num_codebooks" },
		{ "audio_encoder", "upsampling_ratios" }, { "audio_encoder", "sampling_rate" },
		{ "", "decoder" },
	};
	struct musicgen_config c;

	(void)state;
	for (size_t i = 0; i < NELEM(options); i++) {
		struct err e = {0};

		if (parse_with(options[i][0], options[i][1], NULL, &c, &e) != 0)
			fail_msg("%s", e.text);
	}
	for (size_t i = 0; i < NELEM(numbers); i++) {
		struct err e = {0};

		assert_int_equal(parse_with(numbers[i][0], numbers[i][1], NULL, &c, &e), -1);
		assert_non_null(strstr(e.text, numbers[i][1]));
	}
}

static void
hostile_numbers_are_refused_by_name(void **state)
{
	static const struct setting wrong[] = {
		{ "text_encoder", "d_model", "0" }, { "text_encoder", "d_model", "-1" },
		{ "text_encoder", "d_model", "48.5" }, { "text_encoder", "d_model", "1e300" },
		{ "text_encoder", "d_model", "\"48\"" }, { "text_encoder", "d_model", "null" },
		{ "text_encoder", "relative_attention_num_buckets", "30" },
		{ "text_encoder", "relative_attention_max_distance", "8" },
		{ "text_encoder", "layer_norm_epsilon", "0" },
		{ "text_encoder", "layer_norm_epsilon", "1" },
		{ "decoder", "hidden_size", "66" }, { "decoder", "num_attention_heads", "5" },
		{ "decoder", "num_codebooks", "17" },
		{ "decoder", "num_hidden_layers", "4294967299" },
		{ "decoder", "vocab_size", "65" }, { "audio_encoder", "compress", "9" },
		{ "audio_encoder", "upsampling_ratios", "[]" },
		{ "audio_encoder", "upsampling_ratios", "[0]" },
		{ "audio_encoder", "upsampling_ratios", "[2.5]" },
		{ "audio_encoder", "upsampling_ratios", "8" },
		{ "audio_encoder", "upsampling_ratios", "[1,1,1,1,1,1,1,1,1]" },
		{ "audio_encoder", "upsampling_ratios", "[64,64,64]" },
		{ "audio_encoder", "upsampling_ratios", "[7]" },
		{ "audio_encoder", "sampling_rate", "32001" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(wrong); i++) is_refused(&wrong[i]);
}

static void
what_is_no_configuration_is_said_so(void **state)
{
	struct musicgen_config c;
	struct err e = {0};

	(void)state;
	assert_int_equal(config_parse("[]", 2, &c, &e), -1);
	assert_non_null(strstr(e.text, "is it that of a MusicGen checkpoint?"));
	assert_int_equal(config_parse("{\"decoder\":", 11, &c, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
	assert_int_equal(config_read("tests/data/musicgen/README.md", &c, &e), -1);
	assert_non_null(strstr(e.text, "README.md"));
	assert_int_equal(config_read("tests/data/musicgen/missing", &c, &e), -1);
}

static int
begin(void **state)
{
	struct err e = {0};

	(void)state;
	return buf_read_file(&text, CHECKPOINT, 1 << 16, &e);
}

static int
end(void **state)
{
	(void)state;
	buf_free(&text);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_read_as_they_stand),
		cmocka_unit_test(what_the_engine_does_not_do_is_refused_by_name),
		cmocka_unit_test(a_stereo_checkpoint_is_said_to_be_one),
		cmocka_unit_test(options_may_be_missing_and_numbers_may_not),
		cmocka_unit_test(hostile_numbers_are_refused_by_name),
		cmocka_unit_test(what_is_no_configuration_is_said_so),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
