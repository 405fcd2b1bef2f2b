/* MusicGen as an engine: takes of any length, at once, and cancelled; adapters; prompts. On a small
 * checkpoint with random weights. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>

#include "base/json.h"
#include "engine/text.h"
#include "engine_musicgen_engine.h"

struct watch {
	int calls;
	double last, stop_at;
	bool back;
	char stages[200];
};

static bool
watching(void *ctx, double done, const char *stage)
{
	struct watch *w = ctx;

	w->calls++;
	if (done < w->last) w->back = true;
	w->last = done;
	if (!strstr(w->stages, stage)) strcat(w->stages, stage);
	return done < w->stop_at;
}

static struct engine *
opened(void)
{
	struct err e = {0};
	struct engine *g = table->open("tiny", &env, &e);

	if (!g) fail_msg("%s", e.text);
	return g;
}

static struct engine_request
request(double seconds)
{
	return (struct engine_request){ .prompt = "abc", .duration_s = seconds, .seed = 7,
		.temperature = 1, .top_k = 50, .guidance_scale = 3 };
}

static struct engine_result
made(struct engine *g, const struct engine_request *q)
{
	struct engine_result r = {0};
	struct err e = {0};

	if (table->generate(g, q, NULL, &r, &e) != 0) fail_msg("%s", e.text);
	return r;
}

static void
a_take_has_its_length_and_is_the_same_again(void **state)
{
	static const double lengths[] = { 0.02, 0.07, 0.333, 1 };
	struct engine *g = opened();

	(void)state;
	for (size_t i = 0; i < NELEM(lengths); i++) {
		struct engine_request q = request(lengths[i]);
		struct engine_result a = made(g, &q), b = made(g, &q);

		assert_int_equal(a.pcm.frames, llround(lengths[i] * checkpoint_tiny.codec.rate));
		assert_int_equal(a.pcm.channels, 1);
		assert_int_equal(a.pcm.rate, checkpoint_tiny.codec.rate);
		assert_memory_equal(a.pcm.data, b.pcm.data, (size_t)a.pcm.frames * sizeof(float));
		assert_string_equal(a.codes.p, b.codes.p);
		assert_false(a.mastered);
		assert_string_equal(a.title, "abc");
		engine_result_free(&b);
		q.seed++;
		b = made(g, &q);
		if (i) assert_string_not_equal(a.codes.p, b.codes.p);
		engine_result_free(&a);
		engine_result_free(&b);
	}
	table->close(g);
}

/* How often generate() asks whether to go on tells whether it made the codes now. */
static void
takes_of_a_job_are_made_at_once_and_are_what_they_are_alone(void **state)
{
	struct engine *g = opened(), *alone = opened();
	struct engine_request q = request(0.5);
	int calls[5];

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct watch w = { .stop_at = 9 };
		const struct engine_progress p = { watching, &w };
		struct engine_result a = {0}, b;
		struct err e;

		q.seed = 7 + (uint32_t)i;
		q.more = 4 - i;
		assert_int_equal(table->generate(g, &q, &p, &a, &e), 0);
		calls[i] = w.calls;
		q.more = 0;
		b = made(alone, &q);
		assert_string_equal(a.codes.p, b.codes.p);
		assert_memory_equal(a.pcm.data, b.pcm.data, (size_t)a.pcm.frames * sizeof(float));
		engine_result_free(&a);
		engine_result_free(&b);
	}
	/* Four at once, and the fifth again by itself. */
	assert_true(calls[0] > 25 && calls[4] > 25);
	for (int i = 1; i < 4; i++) assert_true(calls[i] < 25);
	table->close(g);
	table->close(alone);
}

/* How far a job is: takes that are done, and how far this one is, with which those that come next
 * are begun. */
static void
progress_counts_what_is_made_of_the_takes_that_come_next(void **state)
{
	struct engine *g = opened();
	struct engine_request q = request(0.5);
	double job = 0;

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct watch w = { .last = job - i, .stop_at = 9 };
		const struct engine_progress p = { watching, &w };
		struct engine_result r = {0};
		struct err e;

		q.seed = 7 + (uint32_t)i;
		q.more = 4 - i;
		assert_int_equal(table->generate(g, &q, &p, &r, &e), 0);
		assert_false(w.back);
		job = i + w.last;
		/* Most of a take is the choice of its codes, which was made for four at once. */
		if (i == 0) assert_true(job > 3.5 && job < 4);
		if (i >= 3) assert_true(fabs(job - (i + 1)) < 1e-9);
		engine_result_free(&r);
	}
	table->close(g);
}

/* Whatever else changes is another take. */
static void
what_was_made_ahead_is_for_the_same_request_alone(void **state)
{
	struct engine *g = opened();
	struct engine_request q = request(0.5), other;
	struct engine_result r, s;

	(void)state;
	for (int change = 0; change < 4; change++) {
		q.more = 1;
		q.seed = 7;
		r = made(g, &q);
		engine_result_free(&r);
		other = q;
		other.seed = 8;
		other.more = 0;
		if (change == 0) other.temperature = 0.5;
		if (change == 1) other.top_k = 1;
		if (change == 2) other.prompt = "cba";
		if (change == 3) other.guidance_scale = 1;
		r = made(g, &other);
		s = made(g, &other);
		assert_string_equal(r.codes.p, s.codes.p);
		engine_result_free(&s);
		q.seed = 8;
		q.more = 0;
		s = made(g, &q);
		assert_string_not_equal(r.codes.p, s.codes.p);
		engine_result_free(&r);
		engine_result_free(&s);
	}
	table->close(g);
}

/* The codes of a take, which are the caller's. */
static char *
codes_of(struct engine *g)
{
	struct engine_request q = request(0.5);
	struct engine_result r = made(g, &q);
	char *codes = r.codes.p;

	r.codes = (struct buf){0};
	engine_result_free(&r);
	return codes;
}

static void
adapters_follow_each_other_and_one_that_fails_changes_nothing(void **state)
{
	static const char *const adapters[] = { NULL, "tests/data/musicgen/lora_decoder",
		"tests/data/musicgen/lora_attention" };
	enum { N = NELEM(adapters) };
	struct engine_env other = { .folder = "tests/data/musicgen/model", .models_dir = temp_dir,
		.soundfont = "", .threads = 1 };
	struct err e = {0};
	struct engine *g = table->open("model", &other, &e);
	char *codes[2 * N + 1];

	(void)state;
	assert_non_null(g);
	for (size_t i = 0; i < 2 * N; i++) {
		assert_int_equal(table->set_adapter(g, adapters[i % N], 1, &e), 0);
		codes[i] = codes_of(g);
		for (size_t k = 0; k < i; k++)
			assert_int_equal(strcmp(codes[i], codes[k]) == 0, k + N == i);
	}
	/* What is wrong with a file is told without its path. */
	assert_int_equal(table->set_adapter(g, TEMP("tiny/model.safetensors"), 1, &e), -1);
	assert_int_equal(strncmp(e.text, "it has no adapter_config", 24), 0);
	assert_null(strstr(e.text, temp_dir));
	codes[2 * N] = codes_of(g);
	assert_string_equal(codes[2 * N], codes[N - 1]);
	for (size_t i = 0; i < NELEM(codes); i++) free(codes[i]);
	table->close(g);
}

static void
progress_never_goes_back_and_a_take_stops_within_a_step(void **state)
{
	struct engine *g = opened();
	struct engine_request q = request(1);
	struct watch all = { .stop_at = 2 }, some = { .stop_at = 0.3 };
	const struct engine_progress to_all = { watching, &all }, to_some = { watching, &some };
	struct engine_result r = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(table->generate(g, &q, &to_all, &r, &e), 0);
	assert_false(all.back);
	assert_string_equal(all.stages, "readinggeneratingdecoding");
	assert_true(all.calls > codec_frame_rate(&checkpoint_tiny.codec));
	engine_result_free(&r);
	assert_int_equal(table->generate(g, &q, &to_some, &r, &e), -1);
	assert_int_equal(e.kind, ERR_STOPPED);
	assert_true(some.last >= 0.3 && some.last < 0.35);
	some = (struct watch){ .stop_at = 0.95 };
	assert_int_equal(table->generate(g, &q, &to_some, &r, &e), -1);
	assert_int_equal(e.kind, ERR_STOPPED);
	assert_true(some.last >= 0.95 && some.last < 1);
	engine_result_free(&r);
	table->close(g);
}

static void
attributes_are_read_as_words_behind_the_prompt(void **state)
{
	struct buf text = {0};
	cJSON *a = cJSON_Parse("{\"style\":\"jazz\",\"tempo\":90,\"key\":\"A minor\","
		"\"mood\":\"calm\",\"primary_instruments\":[\"piano\"],"
		"\"secondary_instruments\":[\"bass\",\"drums\"],\"duration\":12}");

	(void)state;
	text_of("slow waltz", NULL, &text);
	assert_string_equal(text.p, "slow waltz");
	buf_reset(&text);
	text_of("slow waltz", a, &text);
	assert_string_equal(text.p, "slow waltz, jazz, calm, in A minor, 90 bpm, "
		"with piano, bass, drums");
	buf_free(&text);
	cJSON_Delete(a);
}

static void
what_is_understood_is_told_without_a_model(void **state)
{
	cJSON *a = cJSON_Parse("{\"mood\":\"calm\"}"), *o;
	struct engine_request q = { .prompt = "waltz", .attributes = a };
	struct err e;

	(void)state;
	o = table->explain(&q, NULL, 0, &e);
	assert_string_equal(json_text(o, "text", ""), "waltz, calm");
	cJSON_Delete(o);
	q.attributes = NULL;
	o = table->explain(&q, NULL, 0, &e);
	assert_int_equal(cJSON_GetArraySize(o), 0);
	cJSON_Delete(o);
	cJSON_Delete(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_take_has_its_length_and_is_the_same_again),
		cmocka_unit_test(takes_of_a_job_are_made_at_once_and_are_what_they_are_alone),
		cmocka_unit_test(progress_counts_what_is_made_of_the_takes_that_come_next),
		cmocka_unit_test(what_was_made_ahead_is_for_the_same_request_alone),
		cmocka_unit_test(adapters_follow_each_other_and_one_that_fails_changes_nothing),
		cmocka_unit_test(progress_never_goes_back_and_a_take_stops_within_a_step),
		cmocka_unit_test(attributes_are_read_as_words_behind_the_prompt),
		cmocka_unit_test(what_is_understood_is_told_without_a_model),
	};

	return cmocka_run_group_tests(tests, engine_begin, temp_remove);
}
