#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "engine/engine.h"

static const struct engine_env env = { .soundfont = "", .models_dir = "" };

static const struct engine_table *
band(void)
{
	struct engine_model m;
	const struct engine_table *t = engine_find("band", &env, &m);

	assert_non_null(t);
	assert_string_equal(m.display_name, "Band");
	return t;
}

/* What the callback saw, and when it says stop. */
struct watch {
	int calls;
	double last, stop_at;
	bool back, composed, rendered;
	struct timespec stopped;
};

static bool
watching(void *ctx, double done, const char *stage)
{
	struct watch *w = ctx;

	w->calls++;
	if (done < w->last) w->back = true;
	w->last = done;
	w->composed |= strcmp(stage, "composing") == 0;
	w->rendered |= strcmp(stage, "rendering") == 0;
	if (done < w->stop_at) return true;
	clock_gettime(CLOCK_MONOTONIC, &w->stopped);
	return false;
}

static int
generate(const char *prompt, double seconds, uint32_t seed, struct watch *w,
	struct engine_result *r, struct err *e)
{
	struct engine *g = band()->open("band", &env, e);
	struct engine_request q = { .prompt = prompt, .duration_s = seconds, .seed = seed };
	struct engine_progress p = { .report = watching, .ctx = w };
	int rc;

	*r = (struct engine_result){0};
	if (!g) fail_msg("%s", e->text);
	rc = band()->generate(g, &q, w ? &p : NULL, r, e);
	band()->close(g);
	return rc;
}

static void
exactly_the_asked_frames_come_back(void **state)
{
	static const double seconds[] = { 0.01, 0.75, 1, 3.14159, 9.99999 };

	(void)state;
	for (size_t i = 0; i < NELEM(seconds); i++) {
		struct engine_result r;
		struct err e;

		assert_int_equal(generate("jazz", seconds[i], 1, NULL, &r, &e), 0);
		assert_int_equal(r.pcm.frames, llround(seconds[i] * 48000));
		assert_int_equal(r.pcm.rate, 48000);
		assert_int_equal(r.pcm.channels, 2);
		assert_false(r.mastered);
		assert_true(r.midi.n > 100);
		assert_true(r.title[0]);
		assert_non_null(strstr(json_text(r.understood, "soundfont", ""), ".sf2"));
		engine_result_free(&r);
	}
}

static void
the_same_request_gives_the_same_bits(void **state)
{
	struct engine_result a, b, other;
	struct err e;

	(void)state;
	assert_int_equal(generate("house", 6, 5, NULL, &a, &e), 0);
	assert_int_equal(generate("film score", 4, 6, NULL, &other, &e), 0);
	assert_int_equal(generate("house", 6, 5, NULL, &b, &e), 0);
	assert_memory_equal(a.pcm.data, b.pcm.data, (size_t)a.pcm.frames * 2 * sizeof(float));
	assert_memory_equal(a.midi.p, b.midi.p, a.midi.n);
	engine_result_free(&a);
	engine_result_free(&b);
	engine_result_free(&other);
}

static void
the_sound_is_balanced_without_dc_or_clipping(void **state)
{
	static const char *const prompts[] = { "lofi", "house", "ballad", "rock",
		"film score, epic", "synthwave", "chiptune" };

	(void)state;
	for (size_t i = 0; i < NELEM(prompts); i++) {
		struct engine_result r;
		struct err e;
		double sum[2] = {0}, square[2] = {0}, peak = 0;
		int64_t silent = 0, longest = 0;

		assert_int_equal(generate(prompts[i], 20, 3, NULL, &r, &e), 0);
		for (int64_t f = 0; f < r.pcm.frames; f++) {
			bool quiet = true;

			for (int c = 0; c < 2; c++) {
				double v = r.pcm.data[2 * f + c];

				assert_true(isfinite(v));
				sum[c] += v;
				square[c] += v * v;
				if (fabs(v) > peak) peak = fabs(v);
				if (fabs(v) > 1e-4) quiet = false;
			}
			silent = quiet ? silent + 1 : 0;
			if (silent > longest) longest = silent;
		}
		for (int c = 0; c < 2; c++) assert_true(fabs(sum[c] / (double)r.pcm.frames) < 1e-4);
		assert_true(peak > 0.05 && peak < 1);
		assert_true(square[0] / square[1] < 3 && square[1] / square[0] < 3);
		assert_true(longest < 48000);
		/* The end is silence, reached without a step. */
		assert_true(fabs(r.pcm.data[2 * r.pcm.frames - 1]) < 1e-3);
		engine_result_free(&r);
	}
}

static void
progress_goes_from_nothing_to_everything(void **state)
{
	struct watch w = { .stop_at = 2 };
	struct engine_result r;
	struct err e;

	(void)state;
	assert_int_equal(generate("funk", 10, 1, &w, &r, &e), 0);
	assert_true(w.composed && w.rendered);
	assert_false(w.back);
	assert_true(w.calls > 20);
	assert_float_equal(w.last, 1, 1e-9);
	engine_result_free(&r);
}

static void
it_stops_soon_after_it_is_told_to(void **state)
{
	static const double at[] = { 0, 0.01, 0.5 };

	(void)state;
	for (size_t i = 0; i < NELEM(at); i++) {
		struct watch w = { .stop_at = at[i] };
		struct engine_result r;
		struct err e = {0};
		struct timespec now;

		assert_int_equal(generate("epic film score", 60, 1, &w, &r, &e), -1);
		clock_gettime(CLOCK_MONOTONIC, &now);
		assert_int_equal(e.kind, ERR_STOPPED);
		assert_null(r.pcm.data);
		assert_true((double)(now.tv_sec - w.stopped.tv_sec)
				+ (double)(now.tv_nsec - w.stopped.tv_nsec) / 1e9
			< 0.2);
		engine_result_free(&r);
	}
}

static void
a_missing_soundfont_is_a_sentence(void **state)
{
	struct engine_env missing = { .soundfont = "/nowhere/none.sf2", .models_dir = "" };
	struct engine_env wrong = { .soundfont = "/etc/passwd", .models_dir = "" };
	char remedy[ENGINE_REMEDY] = "";
	struct err e = {0};

	(void)state;
	assert_int_equal(band()->check("band", &missing, remedy, &e), -1);
	assert_non_null(strstr(e.text, "/nowhere/none.sf2"));
	assert_null(band()->open("band", &missing, &e));
	assert_int_equal(band()->check("band", &wrong, remedy, &e), -1);
	assert_non_null(strstr(e.text, "/etc/passwd"));
	assert_int_equal(band()->check("band", &env, remedy, &e), 0);
	/* No command knows which file the setting should name. */
	assert_string_equal(remedy, "");
}

static bool no_soundfonts;

/* Stands in for the C library's, so that there may be none on this machine. */
int
access(const char *path, int mode)
{
	if (no_soundfonts && strncmp(path, "/usr/share/sounds/", 18) == 0) {
		errno = ENOENT;
		return -1;
	}
	return faccessat(AT_FDCWD, path, mode, 0);
}

static void
where_none_is_installed_a_command_installs_one(void **state)
{
	char remedy[ENGINE_REMEDY] = "";
	struct err e = {0};

	(void)state;
	no_soundfonts = true;
	assert_int_equal(band()->check("band", &env, remedy, &e), -1);
	no_soundfonts = false;
	assert_string_equal(remedy, "apt-get install -y fluid-soundfont-gm");
	assert_non_null(strstr(e.text, remedy));
}

static void
explaining_makes_no_sound_and_says_the_same(void **state)
{
	struct engine_request q = { .prompt = "slow reggae in G", .duration_s = 30, .seed = 9 };
	struct engine_result r;
	struct err e;
	cJSON *o = band()->explain(&q, NULL, 0, &e);

	(void)state;
	assert_non_null(o);
	assert_int_equal(generate(q.prompt, q.duration_s, q.seed, NULL, &r, &e), 0);
	cJSON_DeleteItemFromObject(r.understood, "soundfont");
	assert_true(cJSON_Compare(o, r.understood, true));
	assert_string_equal(json_text(o, "title", ""), r.title);
	cJSON_Delete(o);
	engine_result_free(&r);
	assert_null(band()->explain(&q, "/nonexistent.json", 1, &e));
	assert_string_equal(e.text, "The adapter /nonexistent.json cannot be read.");
}

static void
changed_parameters_of_neural_models_are_said_to_have_no_effect(void **state)
{
	struct engine_request q = { .prompt = "reggae", .duration_s = 30, .seed = 9,
		.temperature = ENGINE_TEMPERATURE, .top_k = ENGINE_TOP_K, .top_p = ENGINE_TOP_P,
		.guidance_scale = ENGINE_GUIDANCE };
	struct err e;
	cJSON *o = band()->explain(&q, NULL, 0, &e);
	struct buf text = {0};

	(void)state;
	assert_null(cJSON_GetObjectItem(o, "without_effect"));
	cJSON_Delete(o);
	q.temperature = 0.5;
	q.guidance_scale = 7;
	o = band()->explain(&q, NULL, 0, &e);
	json_print(cJSON_GetObjectItem(o, "without_effect"), &text);
	assert_string_equal(buf_str(&text), "[\"temperature\",\"guidance_scale\"]");
	buf_free(&text);
	cJSON_Delete(o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exactly_the_asked_frames_come_back),
		cmocka_unit_test(the_same_request_gives_the_same_bits),
		cmocka_unit_test(the_sound_is_balanced_without_dc_or_clipping),
		cmocka_unit_test(progress_goes_from_nothing_to_everything),
		cmocka_unit_test(it_stops_soon_after_it_is_told_to),
		cmocka_unit_test(a_missing_soundfont_is_a_sentence),
		cmocka_unit_test(where_none_is_installed_a_command_installs_one),
		cmocka_unit_test(explaining_makes_no_sound_and_says_the_same),
		cmocka_unit_test(
			changed_parameters_of_neural_models_are_said_to_have_no_effect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
