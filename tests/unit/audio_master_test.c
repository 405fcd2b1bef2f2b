#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <ebur128.h>

#include "audio/master.h"
#include "audio_signals.h"
#include "base/err.h"

static struct master_report
master(struct pcm *p, double lufs, double ceiling_dbtp)
{
	struct master_target t = { .lufs = lufs, .ceiling_dbtp = ceiling_dbtp };
	struct master_report r;
	struct err e;

	if (master_run(p, &t, &r, NULL, &e)) fail_msg("%s", e.text);
	return r;
}

/* The sound as libebur128 alone sees it. */
static struct loudness
reference(const struct pcm *p)
{
	ebur128_state *st = ebur128_init((unsigned)p->channels, (unsigned long)p->rate,
		EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK);
	struct loudness l;
	double top = 0, one;

	ebur128_add_frames_float(st, p->data, (size_t)p->frames);
	ebur128_loudness_global(st, &l.lufs);
	for (int c = 0; c < p->channels; c++) {
		ebur128_true_peak(st, (unsigned)c, &one);
		if (one > top) top = one;
	}
	l.true_peak_dbtp = loudness_db(top);
	ebur128_destroy(&st);
	return l;
}

static void
scale(struct pcm *p, double db)
{
	float g = (float)loudness_factor(db);

	for (int64_t i = 0; i < p->frames * p->channels; i++) p->data[i] *= g;
}

static float
highest(const struct pcm *p)
{
	float top = 0;

	for (int64_t i = 0; i < p->frames * p->channels; i++)
		if (fabsf(p->data[i]) > top) top = fabsf(p->data[i]);
	return top;
}

static void
music_of_any_level_comes_to_the_target_under_the_ceiling(void **state)
{
	static const struct { double db, lufs, ceiling; } cases[] = {
		{ 0, -14, -1.8 }, { -12, -14, -1.8 }, { -6, -14, -1 }, { 12, -14, -1 },
		{ 40, -14, -1.8 }, { 0, -23, -1 }, { 0, -16, -3 }, { 0, -11, -1 },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		struct pcm p = signal_band(4, 2, 48000, (uint32_t)i + 20);
		struct master_report r;
		struct loudness l;

		scale(&p, cases[i].db);
		r = master(&p, cases[i].lufs, cases[i].ceiling);
		l = reference(&p);
		assert_float_equal(l.lufs, cases[i].lufs, 0.5);
		assert_true(l.true_peak_dbtp <= cases[i].ceiling + 0.001);
		/* Its gain was known ahead, and the report tells the same. */
		assert_int_equal(r.passes, 1);
		assert_float_equal(r.after.lufs, l.lufs, 0.01);
		assert_float_equal(r.after.true_peak_dbtp, l.true_peak_dbtp, 0.01);
		pcm_free(&p);
	}
}

static void
no_random_sound_ever_exceeds_the_ceiling(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 30; seed++) {
		static const int rates[] = { 8000, 32000, 44100, 48000, 96000 };
		int rate = rates[seed % 5];
		struct pcm p = pcm_new(rate / 2 + seed, 1 + (int)seed % 2, rate);
		uint32_t r = seed * 77777;
		double level = 0;
		struct master_report report;

		/* Bursts of noise from full scale down to nothing, cut in hard. */
		for (int64_t i = 0; i < p.frames * p.channels; i++) {
			if (signal_random(&r) % 400 == 0)
				level = signal_random(&r) % 3 ? exp2(8 * signal_noise(&r) - 8)
					: 1;
			p.data[i] = (float)(level * signal_noise(&r));
		}
		report = master(&p, -14, -1.8);
		assert_true(reference(&p).true_peak_dbtp <= -1.8 + 0.001);
		assert_true(report.after.true_peak_dbtp <= -1.8 + 0.001);
		assert_true(report.gain_db <= MASTER_MAX_GAIN_DB + 1e-9);
		pcm_free(&p);
	}
}

static void
peaks_between_the_samples_are_limited_too(void **state)
{
	/* The samples lie 3 dB lower than the wave. */
	struct pcm p = signal_sine(2 * 48000, 2, 48000, 12000, 0.9, 0.125);

	(void)state;
	master(&p, 0, -1);
	assert_true(reference(&p).true_peak_dbtp <= -0.999);
	assert_true(highest(&p) < 0.64f);
	pcm_free(&p);
}

static void
the_same_sound_gives_the_same_bits(void **state)
{
	struct pcm a = signal_band(3, 2, 48000, 30), b = signal_band(3, 2, 48000, 30);

	(void)state;
	master(&a, -12, -1.8);
	master(&b, -12, -1.8);
	assert_memory_equal(a.data, b.data, sizeof *a.data * (size_t)(a.frames * a.channels));
	pcm_free(&a);
	pcm_free(&b);
}

static void
without_peaks_over_the_ceiling_only_the_level_changes(void **state)
{
	struct pcm p = signal_sine(2 * 48000, 2, 48000, 997, 0.05, 0), before;
	struct master_report r;

	(void)state;
	/* Measured against the high-passed sound: far above 20 Hz that is the same after a
	 * while. */
	before = signal_sine(2 * 48000, 2, 48000, 997, 0.05, 0);
	r = master(&p, -20, -1);
	assert_true(r.reduction_db == 0);
	assert_int_equal(r.passes, 1);
	for (int64_t i = 48000; i < p.frames; i++) {
		double expected = before.data[2 * i] * loudness_factor(r.gain_db);

		assert_float_equal(p.data[2 * i], expected, 0.004);
	}
	pcm_free(&before);
	pcm_free(&p);
}

/* A tone with one loud spot in the middle: the gain that each frame got can be read off it. */
static void
the_limiter_begins_before_the_peak_and_lets_go_slowly(void **state)
{
	struct pcm p = signal_sine(2 * 48000, 1, 48000, 3000, 0.2, 0.25);
	double gain[4000], far = 0;
	int64_t spot = 48000;

	(void)state;
	for (int64_t i = spot; i < spot + 160; i++) p.data[i] *= 4;
	master(&p, -17, -9);
	for (int64_t k = 0; k < 4000; k++) {
		/* Peaks of the wave are 16 frames apart and fall on frames. */
		int64_t i = spot - 2000 + k - k % 16;

		gain[k] = fabs(p.data[i]) / (i >= spot && i < spot + 160 ? 0.8 : 0.2);
	}
	for (int64_t i = 20000; i < 40000; i += 16) far = fmax(far, fabs(p.data[i]) / 0.2);
	assert_float_equal(gain[0], far, 0.02);			/* 40 ms ahead: nothing yet */
	assert_true(gain[2000 - 64] < 0.8 * gain[0]);		/* 1 ms ahead: well on its way */
	assert_true(gain[2080] < 0.65 * gain[0]);		/* there */
	assert_true(gain[2000 + 1000] < 0.75 * gain[0]);	/* 18 ms behind: still held */
	for (int64_t k = 16; k < 4000; k++)			/* and no step anywhere */
		assert_true(fabs(loudness_db(gain[k] / gain[k - 16])) < 1.5);
	pcm_free(&p);
}

static void
both_channels_get_the_same_gain(void **state)
{
	struct pcm p = signal_band(2, 2, 48000, 40);

	(void)state;
	for (int64_t i = 0; i < p.frames; i++) p.data[2 * i + 1] = p.data[2 * i] / 4;
	master(&p, -10, -3);
	for (int64_t i = 0; i < p.frames; i++)
		assert_float_equal(p.data[2 * i + 1], p.data[2 * i] / 4, 1e-6);
	pcm_free(&p);
}

static void
an_offset_is_taken_out_and_bass_is_not(void **state)
{
	struct pcm p = signal_sine(3 * 48000, 2, 48000, 41, 0.3, 0), q;
	double sum = 0, power = 0, power_q = 0;
	int64_t from = 48000, n = 48000;	/* a second: whole periods, which have no mean */

	(void)state;
	for (int64_t i = 0; i < 2 * p.frames; i++) p.data[i] += 0.2f;
	q = signal_sine(3 * 48000, 2, 48000, 41, 0.3, 0);
	/* A target that is met already: no gain hides what the filter does. */
	(void)master(&p, reference(&q).lufs, -1);
	for (int64_t i = from; i < from + n; i++) {
		sum += p.data[2 * i];
		power += (double)p.data[2 * i] * p.data[2 * i];
		power_q += (double)q.data[2 * i] * q.data[2 * i];
	}
	assert_float_equal(sum / (double)n, 0, 0.001);
	assert_float_equal(10 * log10(power / power_q), 0, 0.6);
	pcm_free(&q);
	pcm_free(&p);
}

/* Waves that rise steeper than they fall, driven far into the limiter. */
static void
what_the_limiter_cuts_on_one_side_leaves_no_offset(void **state)
{
	struct pcm p = pcm_new(6 * 48000, 2, 48000);

	(void)state;
	for (int64_t i = 0; i < p.frames; i++) {
		double t = (double)i / 48000, beat = exp(-8 * fmod(t, 0.5));

		for (int c = 0; c < 2; c++)
			p.data[2 * i + c] = (float)(beat * exp(2 * sin(2 * M_PI * (90 + 20 * c) * t)
				- 2) - 0.2 * beat);
	}
	assert_true(master(&p, -8, -1.8).reduction_db > 6);
	for (int c = 0; c < 2; c++) {
		double sum = 0;

		for (int64_t i = 0; i < p.frames; i++) sum += p.data[2 * i + c];
		assert_true(fabs(sum / (double)p.frames) < 1e-4);
	}
	assert_true(reference(&p).true_peak_dbtp <= -1.8 + 0.001);
	pcm_free(&p);
}

/* One second is little for a gate; a music box is a few tones far apart; a wall of guitars is
 * as loud as it can be from its first frame to its last. */
static void
extreme_pieces_come_to_the_target_as_well(void **state)
{
	static const struct {
		double seconds, every_s, decay, level;
	} cases[] = {
		{ 1, 0.25, 6, 0.1 }, { 20, 2.5, 2.5, 0.04 }, { 5, 0.11, 0.1, 4 }, { 5, 10, 1.2, 0.5 },
	};

	(void)state;
	for (size_t k = 0; k < NELEM(cases); k++) {
		struct pcm p = pcm_new((int64_t)(cases[k].seconds * 48000), 2, 48000);
		int64_t every = (int64_t)(cases[k].every_s * 48000), frames = p.frames;
		struct loudness l;

		for (int64_t i = 0; i < p.frames; i++) {
			double t = (double)(i % every) / 48000;
			double hz = 440 * (1 + (double)(i / every % 5));
			double y = cases[k].level * exp(-cases[k].decay * t)
				* sin(2 * M_PI * hz * t);

			for (int c = 0; c < 2; c++)
				p.data[2 * i + c] = (float)(cases[k].level < 1 ? y
					: cases[k].level * tanh(5 * y + c * sin(0.01 * (double)i)));
		}
		master(&p, -14, -1.8);
		l = reference(&p);
		assert_int_equal(p.frames, frames);
		assert_float_equal(l.lufs, -14, 0.5);
		assert_true(l.true_peak_dbtp <= -1.799);
		for (int64_t i = 0; i < 2 * p.frames; i++) assert_true(isfinite(p.data[i]));
		pcm_free(&p);
	}
}

static void
silence_stays_silence(void **state)
{
	struct pcm p = pcm_new(48000, 2, 48000), nothing = pcm_new(0, 2, 48000);
	struct master_report r = master(&p, -14, -1.8);

	(void)state;
	for (int64_t i = 0; i < 2 * p.frames; i++) assert_true(p.data[i] == 0);
	assert_true(isinf(r.after.lufs) && r.gain_db == 0 && r.passes == 0);
	r = master(&nothing, -14, -1.8);
	assert_true(isinf(r.after.true_peak_dbtp));
	pcm_free(&nothing);
	pcm_free(&p);
}

static void
what_is_too_short_for_a_loudness_only_keeps_the_ceiling(void **state)
{
	struct pcm quiet = signal_sine(10000, 2, 48000, 997, 0.01, 0);
	struct pcm loud = signal_sine(10000, 2, 48000, 997, 3, 0), frame = pcm_new(1, 1, 48000);
	struct master_report r = master(&quiet, -14, -1.8);

	(void)state;
	assert_true(r.gain_db == 0 && isinf(r.after.lufs));
	assert_float_equal(highest(&quiet), 0.01, 0.001);
	master(&loud, -14, -1.8);
	assert_float_equal(loudness_db(highest(&loud)), -1.8, 0.3);
	frame.data[0] = 5;
	master(&frame, -14, -1.8);
	assert_true(highest(&frame) <= (float)loudness_factor(-1.8));
	pcm_free(&frame);
	pcm_free(&loud);
	pcm_free(&quiet);
}

static void
faint_sounds_get_at_most_24_dB(void **state)
{
	struct pcm p = signal_band(3, 2, 48000, 50);
	struct master_report r;

	(void)state;
	scale(&p, -40);
	r = master(&p, -14, -1.8);
	assert_float_equal(r.gain_db, MASTER_MAX_GAIN_DB, 1e-9);
	assert_float_equal(r.after.lufs, r.before.lufs + MASTER_MAX_GAIN_DB, 0.5);
	pcm_free(&p);
}

static void
a_few_clicks_over_a_faint_bed_do_not_explode(void **state)
{
	struct pcm p = signal_sine(4 * 48000, 2, 48000, 300, 0.004, 0);
	struct master_report r;

	(void)state;
	for (int64_t i = 24000; i < p.frames; i += 48000) p.data[2 * i] = 1, p.data[2 * i + 1] = -1;
	r = master(&p, -14, -1.8);
	assert_true(r.passes <= 5 && r.gain_db <= MASTER_MAX_GAIN_DB + 1e-9);
	assert_true(reference(&p).true_peak_dbtp <= -1.8 + 0.001);
	/* Between the clicks the bed is raised by the gain, not by more. */
	for (int64_t i = 36000; i < 40000; i++)
		assert_true(fabsf(p.data[2 * i]) <= 0.00401f * (float)loudness_factor(r.gain_db));
	pcm_free(&p);
}

static void
samples_that_are_not_numbers_are_refused(void **state)
{
	static const float bad[] = { NAN, INFINITY };

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		struct pcm p = signal_band(1, 2, 48000, 2);
		struct err e;

		p.data[1001] = bad[i];
		assert_int_equal(master_run(&p, &master_default, NULL, NULL, &e), -1);
		assert_int_equal(e.kind, ERR_INVALID);
		pcm_free(&p);
	}
}

struct progress { double last, stop_at; int asked; };

static bool
follow(void *ctx, double done)
{
	struct progress *g = ctx;

	assert_true(done >= g->last && done < 1);
	g->last = done;
	g->asked++;
	return done < g->stop_at;
}

static void
mastering_tells_how_far_it_is_and_can_be_stopped(void **state)
{
	struct progress all = { .stop_at = 2 };

	(void)state;
	for (double stop = 0; stop < 0.8; stop += 0.3) {
		struct pcm p = signal_band(2, 2, 48000, 3);
		struct progress g = { .stop_at = stop };
		struct audio_watch w = { follow, &g };
		struct err e;

		assert_int_equal(master_run(&p, &master_default, NULL, &w, &e), -1);
		assert_int_equal(e.kind, ERR_STOPPED);
		w.ctx = &all;
		all.last = 0;
		assert_int_equal(master_run(&p, &master_default, NULL, &w, &e), 0);
		assert_true(all.last > 0.7);
		pcm_free(&p);
	}
	assert_true(all.asked > 20);
}

static void
the_default_is_minus_14_LUFS_with_room_for_lossy_codecs(void **state)
{
	(void)state;
	assert_true(master_default.lufs == -14);
	assert_true(master_default.ceiling_dbtp <= -1.7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(music_of_any_level_comes_to_the_target_under_the_ceiling),
		cmocka_unit_test(no_random_sound_ever_exceeds_the_ceiling),
		cmocka_unit_test(peaks_between_the_samples_are_limited_too),
		cmocka_unit_test(the_same_sound_gives_the_same_bits),
		cmocka_unit_test(without_peaks_over_the_ceiling_only_the_level_changes),
		cmocka_unit_test(the_limiter_begins_before_the_peak_and_lets_go_slowly),
		cmocka_unit_test(both_channels_get_the_same_gain),
		cmocka_unit_test(an_offset_is_taken_out_and_bass_is_not),
		cmocka_unit_test(what_the_limiter_cuts_on_one_side_leaves_no_offset),
		cmocka_unit_test(extreme_pieces_come_to_the_target_as_well),
		cmocka_unit_test(silence_stays_silence),
		cmocka_unit_test(what_is_too_short_for_a_loudness_only_keeps_the_ceiling),
		cmocka_unit_test(faint_sounds_get_at_most_24_dB),
		cmocka_unit_test(a_few_clicks_over_a_faint_bed_do_not_explode),
		cmocka_unit_test(samples_that_are_not_numbers_are_refused),
		cmocka_unit_test(mastering_tells_how_far_it_is_and_can_be_stopped),
		cmocka_unit_test(the_default_is_minus_14_LUFS_with_room_for_lossy_codecs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
