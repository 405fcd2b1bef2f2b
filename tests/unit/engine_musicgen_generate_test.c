/* Codes one after the other: takes go their own ways, what was begun is gone on with, and a run
 * stops when it is asked to. On a small checkpoint with random weights. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../musicgen/checkpoint.h"
#include "engine/musicgen/generate.h"
#include "engine_musicgen_model.h"
#include "temp.h"

enum { TEXT = 5, BOOKS = 4, MOST = 64 };

static float states[TEXT * 64];

static const struct sampling sampled = { .temperature = 1, .top_k = 20 };

static void
generated(const struct generation *g, int32_t *codes)
{
	struct err e = {0};

	assert_int_equal(generate_codes(model, &hands, states, TEXT, g, codes, &e), 0);
}

static void
tokens_make_fewer_frames_by_the_delay(void **state)
{
	const struct decoder_config *c = &model->config.decoder;

	(void)state;
	assert_int_equal(generate_frames(c, 5), 5);
	assert_int_equal(generate_frames(c, 6), 3);
	assert_int_equal(generate_frames(c, 60), 57);
	for (int frames = 1; frames < 60; frames++)
		assert_true(generate_frames(c, generate_tokens(c, frames)) >= frames);
}

/* With delays and without: each frame of each codebook gets a code, and no place beyond them. */
static void
every_frame_gets_its_codes(void **state)
{
	(void)state;
	for (int tokens = 1; tokens <= 12; tokens++) {
		struct generation g = { .tokens = tokens, .guidance = 3, .takes = 1,
			.sampling = sampled, .seeds = { 1 } };
		int count = BOOKS * generate_frames(&model->config.decoder, tokens);
		int32_t codes[3 * BOOKS * MOST];

		for (size_t i = 0; i < NELEM(codes); i++) codes[i] = -1;
		generated(&g, codes + BOOKS * MOST);
		for (int i = 0; i < (int)NELEM(codes); i++) {
			bool within = i >= BOOKS * MOST && i < BOOKS * MOST + count;

			assert_int_equal(codes[i] >= 0, within);
			assert_true(codes[i] < model->config.decoder.vocabulary);
		}
	}
}

static void
each_take_gives_what_it_gives_alone(void **state)
{
	struct generation g = { .tokens = 20, .guidance = 3, .takes = 4, .sampling = sampled,
		.seeds = { 1, 2, 3, 4 }, .cache = WEIGHTS_F16 };
	int32_t all[4 * BOOKS * MOST], one[BOOKS * MOST];
	size_t count = BOOKS * (size_t)generate_frames(&model->config.decoder, 20);

	(void)state;
	generated(&g, all);
	for (int take = 0; take < 4; take++) {
		g.takes = 1;
		g.seeds[0] = (uint32_t)take + 1;
		generated(&g, one);
		assert_memory_equal(one, all + (size_t)take * count, count * sizeof *one);
		if (take) assert_memory_not_equal(one, all, count * sizeof *one);
	}
}

/* What was generated, cut anywhere and begun with, is gone on with in the same way. */
static void
a_start_is_continued_as_it_was(void **state)
{
	struct generation g = { .tokens = 30, .guidance = 3, .takes = 2, .sampling = sampled,
		.seeds = { 1, 2 }, .cache = WEIGHTS_F16 };
	int32_t whole[2 * BOOKS * MOST], start[2 * BOOKS * MOST], again[2 * BOOKS * MOST];
	int frames = generate_frames(&model->config.decoder, g.tokens);

	(void)state;
	generated(&g, whole);
	g.start = start;
	for (int n = 1; n < frames; n++) {
		g.start_frames = n;
		for (int row = 0; row < 2 * BOOKS; row++)
			memcpy(start + row * n, whole + row * frames, (size_t)n * sizeof *start);
		memset(again, 0, sizeof again);
		generated(&g, again);
		assert_memory_equal(again, whole, (size_t)(2 * BOOKS * frames) * sizeof *again);
	}
}

/* Another start leads elsewhere, and stands in front. */
static void
a_start_matters(void **state)
{
	struct generation g = { .tokens = 30, .guidance = 3, .takes = 1, .sampling.greedy = true,
		.start_frames = 3 };
	int32_t start[BOOKS * 3], one[BOOKS * MOST], other[BOOKS * MOST];
	int frames = generate_frames(&model->config.decoder, g.tokens);

	(void)state;
	g.start = start;
	for (int i = 0; i < BOOKS * 3; i++) start[i] = i;
	generated(&g, one);
	for (int i = 0; i < BOOKS * 3; i++) start[i] = 63 - i;
	generated(&g, other);
	for (int row = 0; row < BOOKS; row++) {
		assert_memory_equal(other + row * frames, start + row * 3, 3 * sizeof *start);
		assert_memory_not_equal(other + row * frames + 3, one + row * frames + 3,
			(size_t)(frames - 3) * sizeof *one);
	}
}

static bool
stop_at(void *ctx, int done, int of)
{
	assert_int_equal(of, 20);
	return done < *(int *)ctx;
}

static void
a_run_stops_within_a_step(void **state)
{
	int last = 7;
	struct generation g = { .tokens = 20, .guidance = 1, .takes = 1, .sampling.greedy = true,
		.step = stop_at, .ctx = &last };
	int32_t codes[BOOKS * MOST];
	struct err e = {0};

	(void)state;
	assert_int_equal(generate_codes(model, &hands, states, TEXT, &g, codes, &e), -1);
	assert_int_equal(e.kind, ERR_STOPPED);
	last = 21;
	generated(&g, codes);
}

static int
begin(void **state)
{
	static const int32_t ids[TEXT] = { 4, 5, 6, 7, 1 };
	struct err e = {0};

	if (temp_make(state) != 0 || checkpoint_make(temp_dir, &checkpoint_tiny) != 0 ||
		model_begin(temp_dir) != 0)
		return -1;
	return model_text(model, &hands, ids, TEXT, states, &e);
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
		cmocka_unit_test(tokens_make_fewer_frames_by_the_delay),
		cmocka_unit_test(every_frame_gets_its_codes),
		cmocka_unit_test(each_take_gives_what_it_gives_alone),
		cmocka_unit_test(a_start_is_continued_as_it_was),
		cmocka_unit_test(a_start_matters),
		cmocka_unit_test(a_run_stops_within_a_step),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
