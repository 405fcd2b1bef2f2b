/* Which adapter an engine has when it makes a take. The engines of this program are two of its own:
 * one that takes adapters and says what it was given, one that takes none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "audio/decode.h"
#include "audio_signals.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "engine/engine.h"
#include "temp.h"
#include "worker/take.h"

struct engine {
	int nothing;
};

/* What the engine was told since the last look: "+A*0.5" an adapter, "-" none, "!" a generation. */
static char told[256];

static const struct engine_model with_model = { .id = "with", .display_name = "With",
	.max_duration_s = 10, .sample_rate = 48000, .channels = 1, .adapters = ADAPTERS_STYLE };
static const struct engine_model without_model = { .id = "without", .display_name = "Without",
	.max_duration_s = 10, .sample_rate = 48000, .channels = 1 };

static const struct engine_model *
with_models(size_t *n)
{
	*n = 1;
	return &with_model;
}

static const struct engine_model *
without_models(size_t *n)
{
	*n = 1;
	return &without_model;
}

static struct engine *
open_engine(const char *model_id, const struct engine_env *env, struct err *e)
{
	struct engine *g = calloc(1, sizeof *g);

	(void)model_id;
	(void)env;
	(void)e;
	if (!g) abort();
	return g;
}

static void
close_engine(struct engine *g)
{
	free(g);
}

static int
set_adapter(struct engine *g, const char *path, double scale, struct err *e)
{
	size_t n = strlen(told);

	(void)g;
	if (path) snprintf(told + n, sizeof told - n, "+%s*%g", path, scale);
	else snprintf(told + n, sizeof told - n, "-");
	if (path && strcmp(path, "bad") == 0) return err_set(e, ERR_INVALID, "Bad.");
	return 0;
}

static int
generate(struct engine *g, const struct engine_request *q, const struct engine_progress *p,
	struct engine_result *out, struct err *e)
{
	(void)g;
	(void)p;
	(void)e;
	strcat(told, "!");
	out->pcm = signal_sine((int64_t)(q->duration_s * 48000), 1, 48000, 440, 0.5, 0);
	strcpy(out->title, "A tone");
	return 0;
}

static const struct engine_table with = { .name = "with", .models = with_models,
	.open = open_engine, .set_adapter = set_adapter, .generate = generate,
	.close = close_engine };
static const struct engine_table without = { .name = "without", .models = without_models,
	.open = open_engine, .generate = generate, .close = close_engine };

const struct engine_table *const engines[] = { &with, &without, NULL };

const struct engine_table *
engine_find(const char *model_id, const struct engine_model **model)
{
	for (const struct engine_table *const *t = engines; *t; t++) {
		size_t n;

		*model = (*t)->models(&n);
		if (strcmp((*model)->id, model_id) == 0) return *t;
	}
	return NULL;
}

void
engine_result_free(struct engine_result *r)
{
	pcm_free(&r->pcm);
}

static struct maker maker;
static cJSON *params;

static int
begin(void **state)
{
	static struct conf conf;

	maker_init(&maker, &conf);
	params = cJSON_Parse("{\"duration\":1}");
	return temp_make(state);
}

static int
end(void **state)
{
	maker_close(&maker);
	cJSON_Delete(params);
	return temp_remove(state);
}

static int
make(const char *model, const char *adapter, double scale, struct err *e)
{
	char path[600];
	struct take_spec s = { .model = model, .prompt = "a tone", .params = params,
		.adapter = adapter, .adapter_scale = scale, .adapter_label = "Lo-fi 1.0.0",
		.format = "flac", .path = temp_path("take.flac", path) };
	struct take t = {0};
	int rc = take_make(&maker, &s, NULL, &t, e);

	take_free(&t);
	return rc;
}

/* Makes it, and the engine must have been told this. */
static void
check(const char *model, const char *adapter, double scale, const char *expected)
{
	struct err e;

	told[0] = '\0';
	if (make(model, adapter, scale, &e)) fail_msg("%s", e.text);
	assert_string_equal(told, expected);
}

static void
an_engine_is_told_an_adapter_when_it_is_another_one_than_before(void **state)
{
	(void)state;
	check("with", NULL, 1, "!");
	check("with", "A", 0.5, "+A*0.5!");
	check("with", "A", 0.5, "!");
	check("with", "A", 1, "+A*1!");
	check("with", "B", 1, "+B*1!");
	check("with", NULL, 1, "-!");
	check("with", NULL, 0.5, "!");
}

static void
at_scale_0_it_is_the_base_model_that_plays(void **state)
{
	(void)state;
	check("with", "A", 1, "+A*1!");
	check("with", "A", 0, "-!");
	check("with", NULL, 1, "!");
	check("with", "A", 1, "+A*1!");
	check("with", NULL, 1, "-!");
}

static void
after_a_failure_nothing_of_it_is_left_for_the_next_take(void **state)
{
	struct err e;

	(void)state;
	check("with", NULL, 1, "!");
	assert_int_equal(make("with", "bad", 1, &e), -1);
	assert_string_equal(e.text, "Bad.");
	check("with", NULL, 1, "-!");
	assert_int_equal(make("with", "bad", 1, &e), -1);
	check("with", "A", 1, "+A*1!");
	check("with", NULL, 1, "-!");
}

static void
another_model_begins_without_an_adapter(void **state)
{
	(void)state;
	check("with", "A", 1, "+A*1!");
	check("without", NULL, 1, "!");
	check("with", NULL, 1, "!");
}

static void
a_model_that_takes_no_adapters_refuses_one_at_any_scale(void **state)
{
	struct err e;

	(void)state;
	for (int scale = 0; scale < 2; scale++) {
		assert_int_equal(make("without", "A", scale, &e), -1);
		assert_int_equal(e.kind, ERR_INVALID);
		assert_string_equal(e.text, "The model without takes no adapters.");
	}
}

static void
the_tags_of_the_file_name_the_adapter(void **state)
{
	struct audio_tags_read tags;
	struct pcm pcm;
	struct err e;

	(void)state;
	for (int with_it = 0; with_it < 2; with_it++) {
		assert_int_equal(make("with", with_it ? "A" : NULL, 1, &e), 0);
		assert_int_equal(audio_read(TEMP("take.flac"), 60, &pcm, &tags, &e), 0);
		assert_string_equal(tags.adapter, with_it ? "Lo-fi 1.0.0" : "");
		assert_string_equal(tags.model, "with");
		pcm_free(&pcm);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_engine_is_told_an_adapter_when_it_is_another_one_than_before),
		cmocka_unit_test(at_scale_0_it_is_the_base_model_that_plays),
		cmocka_unit_test(after_a_failure_nothing_of_it_is_left_for_the_next_take),
		cmocka_unit_test(another_model_begins_without_an_adapter),
		cmocka_unit_test(a_model_that_takes_no_adapters_refuses_one_at_any_scale),
		cmocka_unit_test(the_tags_of_the_file_name_the_adapter),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
