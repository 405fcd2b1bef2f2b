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

static void
with_models(const struct engine_env *env, struct engine_models *out)
{
	(void)env;
	engine_models_add(out, &with_model);
}

static void
without_models(const struct engine_env *env, struct engine_models *out)
{
	(void)env;
	engine_models_add(out, &without_model);
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
	(void)e;
	strcat(told, "!");
	/* It makes the next two, up to a half, at once. */
	for (int i = 0; i <= q->more; i++) p->report(p->ctx, 1 + 0.5 * i, "playing");
	out->pcm = signal_sine((int64_t)(q->duration_s * 48000), 1, 48000, 440, 0.5, 0);
	strcpy(out->title, "A tone");
	return 0;
}

/* What the engine is asked. */
static cJSON *
explain(const struct engine_request *q, const char *adapter, double scale, struct err *e)
{
	cJSON *o = json_object();

	(void)e;
	if (adapter) json_add_real(o, adapter, scale);
	json_add_text(o, "prompt", q->prompt);
	json_add_real(o, "duration", q->duration_s);
	json_add_int(o, "seed", q->seed);
	json_add_real(o, "guidance", q->guidance_scale);
	json_add_real(o, "attributes", cJSON_GetArraySize(q->attributes));
	return o;
}

/* What check() is to say: "" for all is well. */
static const char *missing = "", *command = "";

static int
check_model(const char *model_id, const struct engine_env *env, char remedy[ENGINE_REMEDY],
	struct err *e)
{
	(void)model_id;
	(void)env;
	assert_string_equal(remedy, "");
	snprintf(remedy, ENGINE_REMEDY, "%s", command);
	return *missing ? err_set(e, ERR_INVALID, "%s", missing) : 0;
}

static const struct engine_table with = { .name = "with", .models = with_models,
	.check = check_model, .open = open_engine, .set_adapter = set_adapter, .generate = generate,
	.explain = explain, .close = close_engine };
static const struct engine_table without = { .name = "without", .models = without_models,
	.check = check_model, .open = open_engine, .generate = generate, .close = close_engine };

const struct engine_table *const engines[] = { &with, &without, NULL };

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

struct watch {
	double last;
	bool back;
};

static bool
watching(void *ctx, double done, const char *stage)
{
	struct watch *w = ctx;

	(void)stage;
	if (done < w->last) w->back = true;
	w->last = done;
	return true;
}

static void
progress_ends_at_1_or_beyond_by_what_was_made_of_the_next_takes(void **state)
{
	char path[600];
	struct take_spec s = { .model = "with", .prompt = "a tone", .params = params, .format = "flac",
		.path = temp_path("take.flac", path) };

	(void)state;
	for (s.more = 0; s.more < 3; s.more += 2) {
		struct watch w = {0};
		const struct take_progress p = { watching, &w };
		struct take t = {0};
		struct err e;

		assert_int_equal(take_make(&maker, &s, &p, &t, &e), 0);
		assert_false(w.back);
		if (s.more) assert_true(w.last > 1.7 && w.last < 2);
		else assert_true(w.last > 0.9 && w.last <= 1);
		take_free(&t);
	}
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

static void
what_is_understood_is_asked_of_the_engine_with_all_defaults(void **state)
{
	cJSON *short_one = cJSON_Parse("{\"duration\":10.5}");
	struct take_spec s = { .model = "with", .prompt = "p", .params = params,
		.attributes = params, .seed = 4294967295 };
	struct buf text = {0};
	struct err e;
	cJSON *o;

	(void)state;
	assert_int_equal(take_explain(&maker, &s, &o, &e), 0);
	json_print(o, &text);
	assert_string_equal(buf_str(&text), "{\"prompt\":\"p\",\"duration\":1,\"seed\":4294967295,"
		"\"guidance\":3,\"attributes\":1}");
	cJSON_Delete(o);
	s.adapter = "blues.json";
	s.adapter_scale = 1.5;
	assert_int_equal(take_explain(&maker, &s, &o, &e), 0);
	assert_true(json_real(o, "blues.json", 0) == 1.5);
	cJSON_Delete(o);
	s.adapter_scale = 0;
	assert_int_equal(take_explain(&maker, &s, &o, &e), 0);
	assert_null(cJSON_GetObjectItem(o, "blues.json"));
	cJSON_Delete(o);
	s.adapter = NULL;
	s.params = short_one;
	assert_int_equal(take_explain(&maker, &s, &o, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
	assert_string_equal(e.text, "duration is 10.5 s, but with makes at most 10 s.");
	s.model = "without";
	assert_int_equal(take_explain(&maker, &s, &o, &e), 0);
	assert_null(o);
	s.model = "none";
	assert_int_equal(take_explain(&maker, &s, &o, &e), 0);
	assert_null(o);
	cJSON_Delete(short_one);
	buf_free(&text);
}

static void
check_models(const char *reason, const char *remedy)
{
	cJSON *models = maker_models(&maker), *m = cJSON_GetArrayItem(models, 1);

	assert_int_equal(cJSON_GetArraySize(models), 2);
	assert_string_equal(json_text(m, "id", ""), "without");
	assert_string_equal(json_text(m, "reason", "null"), reason);
	assert_string_equal(json_text(m, "remedy", "null"), remedy);
	cJSON_Delete(models);
}

static void
models_that_cannot_run_come_with_the_reason_and_what_would_change_it(void **state)
{
	(void)state;
	check_models("null", "null");
	missing = "It is away.";
	check_models("It is away.", "null");
	command = "fetch it";
	check_models("It is away.", "fetch it");
	missing = "";
	check_models("null", "null");
	command = "";
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(progress_ends_at_1_or_beyond_by_what_was_made_of_the_next_takes),
		cmocka_unit_test(an_engine_is_told_an_adapter_when_it_is_another_one_than_before),
		cmocka_unit_test(at_scale_0_it_is_the_base_model_that_plays),
		cmocka_unit_test(after_a_failure_nothing_of_it_is_left_for_the_next_take),
		cmocka_unit_test(another_model_begins_without_an_adapter),
		cmocka_unit_test(a_model_that_takes_no_adapters_refuses_one_at_any_scale),
		cmocka_unit_test(the_tags_of_the_file_name_the_adapter),
		cmocka_unit_test(what_is_understood_is_asked_of_the_engine_with_all_defaults),
		cmocka_unit_test(
			models_that_cannot_run_come_with_the_reason_and_what_would_change_it),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
