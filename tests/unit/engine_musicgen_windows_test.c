/* Takes that are longer than what MusicGen makes at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine/musicgen/windows.h"
#include "engine_musicgen_engine.h"

enum { WINDOW = 50, OVERLAP = 20, LONGER = 100 };	/* frames */

/* The states of a text of one place. */
static const float window_text[256];

/* Codes of as many windows as it takes, without guidance. Owned by the caller. */
static int32_t *
window_codes(const struct model *m, int frames, int takes, uint32_t seed)
{
	const struct hands h = { crew_start(1), kernels_best() };
	struct generation g = { .guidance = 1, .takes = takes, .cache = WEIGHTS_F32,
		.sampling = { .temperature = 1 }, .seeds = { seed, seed + 1 } };
	int32_t *codes = calloc((size_t)(takes * m->config.decoder.codebooks * frames),
		sizeof *codes);
	struct err e;

	assert_non_null(codes);
	assert_int_equal(windows_codes(m, &h, window_text, 1, &g, frames, codes, &e), 0);
	crew_stop(h.crew);
	return codes;
}

/* A model of so few steps that a window is a second. */
static struct model *
short_model(void)
{
	struct musicgen_config c = checkpoint_tiny;
	struct err e = {0};
	struct model *m;

	c.decoder.positions = WINDOW + c.decoder.codebooks;
	put_model("short", &c);
	m = model_open(TEMP("short"), NULL, &e);
	if (!m) fail_msg("%s", e.text);
	return m;
}

static void
windows_overlap_by_two_fifths(void **state)
{
	struct model *m = short_model();
	struct windows w = windows_of(&m->config);

	(void)state;
	assert_int_equal(w.frames, WINDOW);
	assert_int_equal(w.overlap, OVERLAP);
	assert_int_equal(windows_count(&w, 50), 1);
	assert_int_equal(windows_count(&w, 51), 2);
	assert_int_equal(windows_count(&w, 80), 2);
	assert_int_equal(windows_count(&w, 81), 3);
	model_close(m);
}

/* By hand: what the second window makes of the end of the first one. */
static void
what_is_longer_than_a_window_goes_on_from_its_end(void **state)
{
	const struct hands h = { crew_start(1), kernels_best() };
	struct model *m = short_model();
	int32_t *both = window_codes(m, LONGER, 1, 1), *one = window_codes(m, WINDOW, 1, 1);
	int32_t start[OVERLAP * CODEBOOKS_MAX], next[(WINDOW + CODEBOOKS_MAX) * CODEBOOKS_MAX];
	int books = m->config.decoder.codebooks, n;
	struct rng r = rng_for(1, "window", 1, 0);
	struct generation g = { .tokens = generate_tokens(&m->config.decoder, WINDOW),
		.guidance = 1, .takes = 1, .cache = WEIGHTS_F32, .sampling = { .temperature = 1 },
		.start = start, .start_frames = OVERLAP, .seeds = { (uint32_t)rng_next(&r) } };
	struct err e;

	(void)state;
	n = generate_frames(&m->config.decoder, g.tokens);
	for (int k = 0; k < books; k++) {
		const int32_t *row = one + k * WINDOW;

		assert_memory_equal(both + k * LONGER, row, WINDOW * sizeof *row);
		memcpy(start + k * OVERLAP, row + WINDOW - OVERLAP, OVERLAP * sizeof *row);
	}
	assert_int_equal(generate_codes(m, &h, window_text, 1, &g, next, &e), 0);
	for (int k = 0; k < books; k++)
		assert_memory_equal(both + k * LONGER + WINDOW, next + k * n + OVERLAP,
			(WINDOW - OVERLAP) * sizeof *next);
	free(both);
	free(one);
	model_close(m);
	crew_stop(h.crew);
}

static void
takes_of_several_windows_are_what_they_are_alone(void **state)
{
	struct model *m = short_model();
	int32_t *both = window_codes(m, LONGER, 2, 1), *first = window_codes(m, LONGER, 1, 1),
		*second = window_codes(m, LONGER, 1, 2);
	size_t n = (size_t)(m->config.decoder.codebooks * LONGER);

	(void)state;
	assert_memory_equal(both, first, n * sizeof *both);
	assert_memory_equal(both + n, second, n * sizeof *both);
	free(both);
	free(first);
	free(second);
	model_close(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows_overlap_by_two_fifths),
		cmocka_unit_test(what_is_longer_than_a_window_goes_on_from_its_end),
		cmocka_unit_test(takes_of_several_windows_are_what_they_are_alone),
	};

	return cmocka_run_group_tests(tests, temp_make, temp_remove);
}
