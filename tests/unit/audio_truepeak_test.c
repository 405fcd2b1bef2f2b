#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include <ebur128.h>

#include "audio/loudness.h"
#include "audio/truepeak.h"
#include "audio_signals.h"

static double
true_peak(const struct pcm *p)
{
	float *samples = malloc(sizeof *samples * (size_t)(truepeak_chunks(p->frames) + 1));
	double top;

	truepeak_samples(p, samples);
	top = truepeak_all(p, samples);
	free(samples);
	return loudness_db(top);
}

/* The reference, with silence behind the sound so that its filter rings out. */
static double
true_peak_by_libebur128(const struct pcm *p)
{
	ebur128_state *st = ebur128_init((unsigned)p->channels, (unsigned long)p->rate,
		EBUR128_MODE_TRUE_PEAK);
	float quiet[64] = {0};
	double top = 0, one;

	ebur128_add_frames_float(st, p->data, (size_t)p->frames);
	ebur128_add_frames_float(st, quiet, 32);
	for (int c = 0; c < p->channels; c++) {
		assert_int_equal(ebur128_true_peak(st, (unsigned)c, &one), EBUR128_SUCCESS);
		if (one > top) top = one;
	}
	ebur128_destroy(&st);
	return loudness_db(top);
}

static void
a_sine_at_a_quarter_of_the_rate_peaks_3_dB_above_its_samples(void **state)
{
	struct pcm p = signal_sine(48000, 2, 48000, 12000, 0.5, 0.125);
	float samples[1500];

	(void)state;
	truepeak_samples(&p, samples);
	assert_float_equal(loudness_db(samples[700]), -6.02 - 3.01, 0.01);
	/* In the middle of the sound: at its ends the cut adds a little. */
	assert_float_equal(loudness_db(truepeak_chunk(&p, 700)), -6.02, 0.05);
	pcm_free(&p);
}

static void
the_true_peak_agrees_with_libebur128(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 12; seed++) {
		struct pcm p = signal_band(1, seed % 2 ? 2 : 1, seed % 3 ? 48000 : 44100, seed);

		assert_float_equal(true_peak(&p), true_peak_by_libebur128(&p), 0.001);
		pcm_free(&p);
	}
}

static void
the_bound_of_a_chunk_is_never_below_its_true_peak(void **state)
{
	uint32_t r = 7;

	(void)state;
	for (int round = 0; round < 40; round++) {
		struct pcm p = pcm_new(2000 + round, 1 + round % 2, 48000);
		int64_t chunks = truepeak_chunks(p.frames);
		float *samples = malloc(sizeof *samples * (size_t)chunks);

		/* Sparse impulses of either sign are what an interpolator overshoots most on. */
		for (int64_t i = 0; i < p.frames * p.channels; i++)
			if (signal_random(&r) % 4 == 0) p.data[i] = signal_noise(&r) > 0 ? 1 : -1;
		truepeak_samples(&p, samples);
		for (int64_t c = 0; c < chunks; c++)
			assert_true(truepeak_bound(samples, chunks, c) >= truepeak_chunk(&p, c));
		pcm_free(&p);
		free(samples);
	}
}

static void
the_worst_case_reaches_the_bound_almost(void **state)
{
	/* Alternating signs except around the middle add up all weights of the half-way phase. */
	struct pcm p = pcm_new(64, 1, 48000);
	float samples[2];

	(void)state;
	for (int i = 0; i < 64; i++) p.data[i] = (i < 32 ? 31 - i : i - 32) % 2 ? -1 : 1;
	truepeak_samples(&p, samples);
	assert_float_equal(truepeak_all(&p, samples), 1.864, 0.001);
	assert_float_equal(truepeak_bound(samples, 2, 0), 1.865, 0.001);
	pcm_free(&p);
}

static void
sounds_of_any_length_are_seen_to_their_last_frame(void **state)
{
	(void)state;
	for (int64_t n = 1; n < 100; n++) {
		struct pcm p = pcm_new(n, 2, 48000);

		p.data[2 * n - 1] = -0.5f;
		assert_float_equal(true_peak(&p), -6.02, 0.01);
		pcm_free(&p);
	}
}

static void
silence_and_nothing_have_no_peak(void **state)
{
	struct pcm silence = pcm_new(1000, 2, 48000), nothing = pcm_new(0, 2, 48000);

	(void)state;
	assert_true(isinf(true_peak(&silence)) && true_peak(&silence) < 0);
	assert_true(isinf(true_peak(&nothing)) && true_peak(&nothing) < 0);
	pcm_free(&silence);
	pcm_free(&nothing);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sine_at_a_quarter_of_the_rate_peaks_3_dB_above_its_samples),
		cmocka_unit_test(the_true_peak_agrees_with_libebur128),
		cmocka_unit_test(the_bound_of_a_chunk_is_never_below_its_true_peak),
		cmocka_unit_test(the_worst_case_reaches_the_bound_almost),
		cmocka_unit_test(sounds_of_any_length_are_seen_to_their_last_frame),
		cmocka_unit_test(silence_and_nothing_have_no_peak),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
