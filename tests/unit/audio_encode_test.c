#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <stdio.h>

#include "audio/decode.h"
#include "audio/encode.h"
#include "audio_signals.h"
#include "base/buf.h"
#include "base/err.h"
#include "temp.h"

/* For LeakSanitizer: libsndfile 1.2.0 forgets what libvorbis gave it when its first page cannot be
 * written. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libvorbis\nleak:libogg\n";
}

static void
encode(const char *name, const struct pcm *p, const struct audio_format *f)
{
	struct err e;

	if (audio_encode(TEMP(name), p, f, NULL, NULL, &e)) fail_msg("%s: %s", f->name, e.text);
}

static struct pcm
decode(const char *name)
{
	struct pcm p;
	struct err e;

	if (audio_read(TEMP(name), 3600, &p, NULL, &e)) fail_msg("%s", e.text);
	return p;
}

static void
the_formats_and_their_names_are_in_the_same_order(void **state)
{
	int n = 0;

	(void)state;
	for (; audio_formats[n].name; n++) {
		assert_string_equal(audio_formats[n].name, audio_format_names[n]);
		assert_ptr_equal(audio_format_find(audio_format_names[n]), &audio_formats[n]);
		assert_int_equal(audio_formats[n].extension[0], '.');
		assert_int_equal(strncmp(audio_formats[n].content_type, "audio/", 6), 0);
	}
	assert_null(audio_format_names[n]);
	assert_int_equal(n, 5);
	assert_null(audio_format_find("aiff"));
	assert_null(audio_format_find(""));
}

static void
what_a_format_cannot_hold_is_refused_with_format_and_rate(void **state)
{
	static const struct {
		const char *format;
		int rate, channels;
		const char *says;
	} cases[] = {
		{ "opus", 88200, 2, "opus takes 8000 to 48000 Hz, not 88200" },
		{ "opus", 7999, 1, "opus takes 8000 to 48000 Hz, not 7999" },
		{ "mp3", 96000, 2, "mp3 takes 8000 to 48000 Hz, not 96000" },
		{ "flac", 7999, 2, "flac takes 8000 to 192000 Hz, not 7999" },
		{ "ogg", 192001, 2, "ogg takes 8000 to 192000 Hz, not 192001" },
		{ "wav", 48000, 3, "wav takes 1 or 2 channels, not 3" },
		{ "wav", 48000, 0, "wav takes 1 or 2 channels, not 0" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		const struct audio_format *f = audio_format_find(cases[i].format);
		struct pcm p = pcm_new(10, 3, cases[i].rate);
		struct err e;

		p.channels = cases[i].channels;
		assert_int_equal(audio_encode(TEMP("refused"), &p, f, NULL, NULL, &e), -1);
		assert_int_equal(e.kind, ERR_INVALID);
		assert_string_equal(e.text, cases[i].says);
		assert_int_equal(access(TEMP("refused"), F_OK), -1);
		pcm_free(&p);
	}
}

static void
every_format_gives_back_exactly_the_frames_it_was_given(void **state)
{
	/* Around the block sizes of the codecs, where an error of one would show. */
	static const int64_t lengths[] = { 1, 2, 311, 312, 313, 959, 960, 961, 1151, 1152, 1153,
		1919, 1920, 1921, 4095, 4096, 4097, 24000, 47999, 48001 };

	(void)state;
	for (const struct audio_format *f = audio_formats; f->name; f++)
		for (size_t i = 0; i < NELEM(lengths); i++) {
			int channels = 1 + (int)i % 2;
			struct pcm p = signal_sine(lengths[i], channels, 48000, 440, 0.5, 0), back;

			encode("length", &p, f);
			back = decode("length");
			assert_int_equal(back.channels, channels);
			assert_int_equal(back.rate, 48000);
			if (back.frames != p.frames)
				fail_msg("%s: %d frames became %d", f->name, (int)p.frames,
					(int)back.frames);
			pcm_free(&back);
			pcm_free(&p);
		}
}

static void
every_rate_that_a_format_takes_works(void **state)
{
	static const int rates[] = { 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000,
		88200, 96000, 192000 };

	(void)state;
	for (const struct audio_format *f = audio_formats; f->name; f++)
		for (size_t i = 0; i < NELEM(rates); i++) {
			struct pcm p = signal_sine(rates[i] / 5, 2, rates[i], 440, 0.5, 0), back;
			struct err e;

			if (audio_format_check(f, rates[i], 2, &e) == 0) {
				/* Its own rate, or the next one that the format has. */
				int rate = audio_format_rate(f, rates[i]);
				int64_t want = (p.frames * rate + rates[i] - 1) / rates[i];

				encode("rate", &p, f);
				back = decode("rate");
				assert_true(rate >= rates[i]);
				assert_int_equal(back.frames, want);
				assert_int_equal(back.rate, rate);
				pcm_free(&back);
			}
			pcm_free(&p);
		}
}

/* What is left of a when b is taken away that comes so many frames later, against a itself, in
 * dB. */
static double
error_db(const struct pcm *a, const struct pcm *b, int64_t later)
{
	double error = 0, power = 0;

	for (int64_t i = 10; i < a->frames - 10; i++)
		for (int c = 0; c < a->channels; c++) {
			double x = a->data[i * a->channels + c];
			double d = x - b->data[(i + later) * a->channels + c];

			error += d * d;
			power += x * x;
		}
	return 10 * log10(error / power);
}

static void
the_lossy_formats_keep_the_sound_and_shift_nothing(void **state)
{
	/* A steady tone is easy to keep; noise is not, but it shows best where things are. */
	struct pcm tone = signal_sine(96000, 2, 48000, 440, 0.5, 0);
	struct pcm band = signal_band(2, 2, 48000, 11);

	(void)state;
	for (const struct audio_format *f = audio_formats; f->name; f++) {
		struct pcm back;

		encode("lossy", &tone, f);
		back = decode("lossy");
		if (error_db(&tone, &back, 0) > (f->lossless ? -120 : -25))
			fail_msg("%s: %.1f dB", f->name, error_db(&tone, &back, 0));
		pcm_free(&back);
		encode("lossy", &band, f);
		back = decode("lossy");
		for (int64_t later = -5; later <= 5; later++)
			if (later && error_db(&band, &back, later) <= error_db(&band, &back, 0))
				fail_msg("%s is %d frames late", f->name, (int)later);
		pcm_free(&back);
	}
	pcm_free(&tone);
	pcm_free(&band);
}

static void
flac_and_wav_give_back_every_step_of_24_bit(void **state)
{
	struct pcm p = pcm_new(65536, 1, 48000);

	(void)state;
	for (int64_t i = 0; i < p.frames; i++)
		p.data[i] = (float)(i * 256 - 8388608 + i % 256) / 8388608.0f;
	for (const struct audio_format *f = audio_formats; f->name; f++) {
		struct pcm back;

		if (!f->lossless) continue;
		encode("steps", &p, f);
		back = decode("steps");
		assert_memory_equal(back.data, p.data, sizeof *p.data * (size_t)p.frames);
		pcm_free(&back);
	}
	pcm_free(&p);
}

static void
samples_are_rounded_to_the_nearest_step_and_clipped_at_full_scale(void **state)
{
	static const struct { double in; int step; } cases[] = {
		{ 0.4, 0 }, { 0.5, 1 }, { 0.6, 1 }, { 1.5, 2 },
		{ -0.4, 0 }, { -0.5, -1 }, { -1.5, -2 },
		{ 8388607, 8388607 }, { 8388608, 8388607 }, { 8388609, 8388607 },
		{ 16777216, 8388607 }, { 1e30, 8388607 },
		{ -8388608, -8388608 }, { -8388610, -8388608 }, { -1e30, -8388608 },
	};
	struct pcm p = pcm_new(NELEM(cases), 1, 48000), back;

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) p.data[i] = (float)(cases[i].in / 8388608);
	for (const struct audio_format *f = audio_formats; f->name; f++) {
		if (!f->lossless) continue;
		encode("round", &p, f);
		back = decode("round");
		for (size_t i = 0; i < NELEM(cases); i++)
			assert_int_equal((int)(back.data[i] * 8388608), cases[i].step);
		pcm_free(&back);
	}
	pcm_free(&p);
}

static void
the_same_sound_gives_the_same_bytes(void **state)
{
	struct pcm p = signal_band(1, 2, 48000, 4);

	(void)state;
	for (const struct audio_format *f = audio_formats; f->name; f++) {
		struct buf a = {0}, b = {0};
		struct err e;

		encode("once", &p, f);
		encode("twice", &p, f);
		assert_int_equal(buf_read_file(&a, TEMP("once"), 1 << 24, &e), 0);
		assert_int_equal(buf_read_file(&b, TEMP("twice"), 1 << 24, &e), 0);
		assert_int_equal(a.n, b.n);
		if (memcmp(a.p, b.p, a.n) != 0) fail_msg("%s differs", f->name);
		buf_free(&a);
		buf_free(&b);
	}
	pcm_free(&p);
}

static void
a_full_disk_is_said_and_may_pass(void **state)
{
	struct pcm p = signal_band(2, 2, 48000, 1);
	struct stat st;

	(void)state;
	for (const struct audio_format *f = audio_formats; f->name; f++) {
		struct err e;

		assert_int_equal(audio_encode("/dev/full", &p, f, NULL, NULL, &e), -1);
		assert_int_equal(e.kind, ERR_AWAY);
		assert_string_equal(e.text, "The file cannot be written: No space left on device.");
	}
	/* What is no file is not removed. */
	assert_int_equal(stat("/dev/full", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	pcm_free(&p);
}

static void
a_place_that_cannot_be_written_is_named(void **state)
{
	struct pcm p = pcm_new(10, 1, 48000);
	struct err e;

	(void)state;
	assert_int_equal(audio_encode("/nowhere/x.flac", &p, audio_formats, NULL, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_INTERNAL);
	assert_string_equal(e.text, "cannot write /nowhere/x.flac: No such file or directory");
	pcm_free(&p);
}

static void
a_sound_without_frames_is_refused(void **state)
{
	struct pcm p = pcm_new(0, 2, 48000);

	(void)state;
	for (const struct audio_format *f = audio_formats; f->name; f++) {
		struct err e;

		assert_int_equal(audio_encode(TEMP("none"), &p, f, NULL, NULL, &e), -1);
		assert_int_equal(e.kind, ERR_INVALID);
	}
	assert_int_equal(access(TEMP("none"), F_OK), -1);
	pcm_free(&p);
}

static void
samples_that_are_not_numbers_are_refused_and_leave_no_file(void **state)
{
	static const float bad[] = { NAN, INFINITY, -INFINITY };
	struct pcm p = pcm_new(10000, 1, 48000);

	(void)state;
	for (const struct audio_format *f = audio_formats; f->name; f++)
		for (size_t i = 0; i < NELEM(bad); i++) {
			struct err e;

			p.data[9000] = bad[i];
			assert_int_equal(audio_encode(TEMP("nan"), &p, f, NULL, NULL, &e), -1);
			assert_int_equal(e.kind, ERR_INVALID);
			assert_int_equal(access(TEMP("nan"), F_OK), -1);
		}
	pcm_free(&p);
}

static bool
stop_later(void *ctx, double done)
{
	double *last = ctx;

	assert_true(done >= *last && done <= 1);
	*last = done;
	return done < 0.5;
}

static void
encoding_can_be_stopped_and_leaves_no_file(void **state)
{
	struct pcm p = pcm_new(5 * 48000, 2, 48000);

	(void)state;
	for (const struct audio_format *f = audio_formats; f->name; f++) {
		double last = 0;
		struct audio_watch w = { stop_later, &last };
		struct err e;

		assert_int_equal(audio_encode(TEMP("stop"), &p, f, NULL, &w, &e), -1);
		assert_int_equal(e.kind, ERR_STOPPED);
		assert_in_range((int)(100 * last), 50, 70);
		assert_int_equal(access(TEMP("stop"), F_OK), -1);
	}
	pcm_free(&p);
}

static bool
count(void *ctx, double done)
{
	(void)done;
	++*(int *)ctx;
	return true;
}

static void
the_watch_is_asked_twice_a_second_or_more(void **state)
{
	struct pcm p = pcm_new(20 * 48000, 2, 48000);
	int n = 0;
	struct audio_watch w = { count, &n };
	struct err e;

	(void)state;
	assert_int_equal(audio_encode(TEMP("watch"), &p, &audio_formats[0], NULL, &w, &e), 0);
	assert_true(n >= 20);
	pcm_free(&p);
}

static void
a_writer_takes_the_sound_in_pieces(void **state)
{
	struct pcm p = signal_band(1, 2, 48000, 9), back;

	(void)state;
	for (const struct audio_format *f = audio_formats; f->name; f++) {
		struct audio_writer *wr;
		struct err e;

		wr = audio_writer_open(TEMP("pieces"), f, p.rate, p.channels, NULL, &e);
		assert_non_null(wr);
		for (int64_t at = 0; at < p.frames; at += 1000)
			assert_int_equal(audio_writer_add(wr, p.data + 2 * at, 1000, &e), 0);
		assert_int_equal(audio_writer_close(wr, &e), 0);
		back = decode("pieces");
		assert_int_equal(back.frames, p.frames);
		assert_true(error_db(&p, &back, 0) < -6);
		pcm_free(&back);
	}
	pcm_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_formats_and_their_names_are_in_the_same_order),
		cmocka_unit_test(what_a_format_cannot_hold_is_refused_with_format_and_rate),
		cmocka_unit_test(every_format_gives_back_exactly_the_frames_it_was_given),
		cmocka_unit_test(every_rate_that_a_format_takes_works),
		cmocka_unit_test(the_lossy_formats_keep_the_sound_and_shift_nothing),
		cmocka_unit_test(flac_and_wav_give_back_every_step_of_24_bit),
		cmocka_unit_test(samples_are_rounded_to_the_nearest_step_and_clipped_at_full_scale),
		cmocka_unit_test(the_same_sound_gives_the_same_bytes),
		cmocka_unit_test(a_full_disk_is_said_and_may_pass),
		cmocka_unit_test(a_place_that_cannot_be_written_is_named),
		cmocka_unit_test(a_sound_without_frames_is_refused),
		cmocka_unit_test(samples_that_are_not_numbers_are_refused_and_leave_no_file),
		cmocka_unit_test(encoding_can_be_stopped_and_leaves_no_file),
		cmocka_unit_test(the_watch_is_asked_twice_a_second_or_more),
		cmocka_unit_test(a_writer_takes_the_sound_in_pieces),
	};

	return cmocka_run_group_tests(tests, temp_make, temp_remove);
}
