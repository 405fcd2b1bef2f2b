#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>
#include <pthread.h>

#include "base/err.h"
#include "engine/band/render.h"
#include "engine/band/smf.h"
#include "engine/engine.h"
#include "engine_band_compose.h"

enum { EVERYTHING = (1 << RENDER_OUTPUTS) - 1 };

/* The score of a prompt as a file, with textures that its style may not have. */
static struct buf
scored(const char *prompt, double seconds, const int texture[TEXTURE_COUNT])
{
	struct composition c;
	struct buf b = {0};
	struct event *e;
	int n;

	composed(&c, prompt, seconds, 5);
	for (int i = 0; texture && i < TEXTURE_COUNT; i++) c.plan.texture[i] = texture[i];
	e = score_events(&c.score, &c.plan, &n);
	smf_write(&b, &c.plan, &c.score, e, n, llround(seconds * 48000), "Test");
	free(e);
	composition_free(&c);
	return b;
}

static void
rendered(const struct buf *score, unsigned want, struct pcm out[RENDER_OUTPUTS])
{
	struct performance p;
	struct err e = {0};

	if (performance_read(&p, score->p, score->n, &e)
		|| render(render_soundfont("", &e), &p, want, NULL, 0, out, &e))
		fail_msg("%s", e.text);
	performance_free(&p);
}

static void
free_all(struct pcm out[RENDER_OUTPUTS])
{
	for (int i = 0; i < RENDER_OUTPUTS; i++) pcm_free(&out[i]);
}

static double
loudness(const struct pcm *p)
{
	double sum = 0;

	for (int64_t i = 0; i < 2 * p->frames; i++) sum += (double)p->data[i] * p->data[i];
	return sqrt(sum / (2 * (double)p->frames));
}

static double
offset(const struct pcm *p)
{
	double sum = 0;

	for (int64_t i = 0; i < 2 * p->frames; i++) sum += p->data[i];
	return sum / (2 * (double)p->frames);
}

static bool
same(const struct pcm *a, const struct pcm *b)
{
	return a->frames == b->frames
		&& memcmp(a->data, b->data, 2 * (size_t)a->frames * sizeof *a->data) == 0;
}

static const int all_textures[TEXTURE_COUNT] = { 40, 60, 30, 50, 20 };

/* Prompts with and without ducking, drums and textures. */
static const struct {
	const char *prompt;
	bool textures;
} pieces[] = {
	{ "house", false }, { "lofi", true }, { "film score", false },
	{ "synthwave, no drums", true }, { "bossa nova", false }, { "ambient", false },
};

static void
the_stems_add_up_to_the_mix_to_the_bit(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEM(pieces); i++) {
		struct buf score = scored(pieces[i].prompt, 6,
			pieces[i].textures ? all_textures : NULL);
		struct pcm out[RENDER_OUTPUTS];

		rendered(&score, EVERYTHING, out);
		for (int64_t k = 0; k < 2 * out[RENDER_MIX].frames; k++) {
			float sum = 0;

			for (int stem = 0; stem < STEM_COUNT; stem++) sum += out[stem].data[k];
			if (sum != out[RENDER_MIX].data[k])
				fail_msg("%s: sample %lld", pieces[i].prompt, (long long)k);
		}
		for (int stem = 0; stem < RENDER_OUTPUTS; stem++)
			assert_true(fabs(offset(&out[stem])) < 1e-4);
		free_all(out);
		buf_free(&score);
	}
}

static void
a_stem_alone_is_the_stem_among_all(void **state)
{
	struct buf score = scored("house", 6, all_textures);
	struct pcm all[RENDER_OUTPUTS], one[RENDER_OUTPUTS];

	(void)state;
	rendered(&score, EVERYTHING, all);
	for (int i = 0; i < RENDER_OUTPUTS; i++) {
		rendered(&score, 1u << i, one);
		for (int k = 0; k < RENDER_OUTPUTS; k++) assert_true(!one[k].data == (k != i));
		assert_true(same(&one[i], &all[i]));
		free_all(one);
	}
	free_all(all);
	buf_free(&score);
}

static void
each_part_is_heard_in_its_own_stem(void **state)
{
	static const struct {
		const char *prompt;
		bool sounds[STEM_COUNT];
	} table[] = {
		{ "rock", { true, true, true, true, false } },
		{ "rock, no drums", { false, true, true, true, false } },
		{ "rock, no bass", { true, false, true, true, false } },
		{ "solo piano ballad, no bass, no drums", { false, false, true, true, false } },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(table); i++) {
		struct buf score = scored(table[i].prompt, 12, NULL);
		struct pcm out[RENDER_OUTPUTS];

		rendered(&score, EVERYTHING, out);
		for (int k = 0; k < STEM_COUNT; k++)
			if ((loudness(&out[k]) > 0) != table[i].sounds[k])
				fail_msg("%s: %s", table[i].prompt, stem_names[k]);
		free_all(out);
		buf_free(&score);
	}
}

/* What generate() returned comes back from nothing but the file. */
static void
the_file_alone_gives_the_take_again(void **state)
{
	static const char *const prompts[] = { "house at 126 bpm", "lofi", "waltz in Eb minor",
		"funk in 7/8", "slow ambient without drums", "film score that fades out" };
	const struct engine_env env = { .soundfont = "", .models_dir = "" };
	const struct engine_table *t = engine_find("band", &env, NULL);
	struct err e = {0};
	struct engine *g = t->open("band", &env, &e), *other = t->open("band", &env, &e);

	(void)state;
	assert_non_null(g);
	for (size_t i = 0; i < NELEM(prompts); i++) {
		struct engine_request q = { .prompt = prompts[i], .duration_s = 7.77,
			.seed = (uint32_t)i };
		struct engine_result take = {0}, again = {0};

		assert_int_equal(t->generate(g, &q, NULL, &take, &e), 0);
		if (t->render(other, take.midi.p, take.midi.n, NULL, NULL, &again, &e))
			fail_msg("%s", e.text);
		assert_true(same(&take.pcm, &again.pcm));
		assert_string_equal(take.title, again.title);
		assert_false(again.mastered);
		engine_result_free(&take);
		engine_result_free(&again);
	}
	assert_int_equal(t->render(g, "MThd", 4, NULL, NULL, &(struct engine_result){0}, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
	assert_int_equal(t->render(g, "MThd", 4, "flutes", NULL, &(struct engine_result){0}, &e), -1);
	assert_non_null(strstr(e.text, "flutes"));
	t->close(g);
	t->close(other);
}

/* A quarter of C on the first channel and one on the drums; the instruments are said or left
 * out. */
static void
who_names_no_instrument_plays_the_first(void **state)
{
	static const char notes[] = "\0\x90\x3c\x64\0\x99\x26\x64\x60\x80\x3c\0\0\x89\x26\0"
		"\0\xff\x2f\0";
	static const struct {
		const char *programs;
		size_t n;
	} table[] = { { "", 0 }, { "\0\xc0\0\0\xc9\0", 6 }, { "\0\xc0\x28\0\xc9\0", 6 } };
	struct pcm out[NELEM(table)][RENDER_OUTPUTS];

	(void)state;
	for (size_t i = 0; i < NELEM(table); i++) {
		struct buf b = {0};
		size_t n = table[i].n + sizeof notes - 1;

		buf_add(&b, "MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0", 21);
		buf_addc(&b, (char)n);
		buf_add(&b, table[i].programs, table[i].n);
		buf_add(&b, notes, sizeof notes - 1);
		rendered(&b, EVERYTHING, out[i]);
		buf_free(&b);
	}
	assert_true(loudness(&out[0][STEM_DRUMS]) > 0 && loudness(&out[0][RENDER_MIX]) > 0.001);
	assert_true(same(&out[0][RENDER_MIX], &out[1][RENDER_MIX]));
	assert_false(same(&out[0][RENDER_MIX], &out[2][RENDER_MIX]));
	for (size_t i = 0; i < NELEM(table); i++) free_all(out[i]);
}

/* NULL when it fails: only the first thread may say so. */
static void *
render_beside(void *ctx)
{
	const struct buf *score = ctx;
	struct pcm *out = calloc(RENDER_OUTPUTS, sizeof *out);
	struct performance p;
	struct err e;

	if (performance_read(&p, score->p, score->n, &e)) return NULL;
	if (render(render_soundfont("", &e), &p, 1u << RENDER_MIX, NULL, 0, out, &e)) return NULL;
	performance_free(&p);
	return out;
}

static void
threads_beside_each_other_change_nothing(void **state)
{
	struct buf score = scored("synthwave", 8, all_textures);
	struct pcm alone[RENDER_OUTPUTS];
	pthread_t thread[3];

	(void)state;
	rendered(&score, 1u << RENDER_MIX, alone);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, render_beside, &score), 0);
	for (int i = 0; i < 3; i++) {
		void *out;

		assert_int_equal(pthread_join(thread[i], &out), 0);
		assert_non_null(out);
		assert_true(same(&alone[RENDER_MIX], &((struct pcm *)out)[RENDER_MIX]));
		free_all(out);
		free(out);
	}
	free_all(alone);
	buf_free(&score);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_stems_add_up_to_the_mix_to_the_bit),
		cmocka_unit_test(a_stem_alone_is_the_stem_among_all),
		cmocka_unit_test(each_part_is_heard_in_its_own_stem),
		cmocka_unit_test(the_file_alone_gives_the_take_again),
		cmocka_unit_test(who_names_no_instrument_plays_the_first),
		cmocka_unit_test(threads_beside_each_other_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
