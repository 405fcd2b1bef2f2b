#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <sndfile.h>

#include "audio/decode.h"
#include "audio_signals.h"
#include "base/buf.h"
#include "base/err.h"
#include "temp.h"

/* For LeakSanitizer: libsndfile 1.2.0 forgets what libvorbis gave it when a header is broken. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libvorbis\nleak:libogg\n";
}

static char src[600], dst[600];

static void
write_file(const char *path, const void *p, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	fclose(f);
}

/* A sound of the format at src. */
static void
write_sound(const struct audio_format *f, double seconds, const struct audio_tags *tags)
{
	struct pcm p = signal_band(seconds, 2, 48000, 8);
	struct err e;

	if (audio_encode(src, &p, f, tags, NULL, &e)) fail_msg("%s", e.text);
	pcm_free(&p);
}

static void
read_file(const char *path, struct buf *b)
{
	struct err e;

	assert_int_equal(buf_read_file(b, path, 1 << 26, &e), 0);
}

/* Reading src must fail like this, and leave nothing to be freed. */
static void
expect_refusal(double max_seconds, enum err_kind kind, const char *says)
{
	struct pcm p = {0};
	struct err e;

	assert_int_equal(audio_read(src, max_seconds, &p, NULL, &e), -1);
	if (e.kind != kind || !strstr(e.text, says)) fail_msg("%d: %s", e.kind, e.text);
	assert_null(p.data);
}

static void
a_missing_file_is_not_found(void **state)
{
	(void)state;
	unlink(src);
	expect_refusal(60, ERR_NOT_FOUND, "No such file");
}

static void
what_is_no_file_is_refused_at_once(void **state)
{
	(void)state;
	unlink(src);
	assert_int_equal(mkfifo(src, 0600), 0);
	expect_refusal(60, ERR_UNSUPPORTED, "not a file");
	unlink(src);
	assert_int_equal(mkdir(src, 0700), 0);
	expect_refusal(60, ERR_UNSUPPORTED, "not a file");
	rmdir(src);
}

static void
what_is_no_sound_is_refused(void **state)
{
	(void)state;
	write_file(src, "", 0);
	expect_refusal(60, ERR_UNSUPPORTED, "too short");
	write_file(src, "<html>not found</html>", 22);
	expect_refusal(60, ERR_UNSUPPORTED, "of a format that is not read here");
	/* What only begins like one. */
	write_file(src, "fLaC and no more than that", 26);
	expect_refusal(60, ERR_UNSUPPORTED, "cannot read");
	write_file(src, "OggS and no more than that", 26);
	expect_refusal(60, ERR_UNSUPPORTED, "cannot read");
	write_file(src, "ID3\4\0\0\0\0\0\0fLaC", 14);
	expect_refusal(60, ERR_UNSUPPORTED, "of a format that is not read here");
}

/* libsndfile writes it, so that only our own limits are tried. */
static void
write_foreign(int format, int rate, int channels, const float *frame, int64_t frames)
{
	SF_INFO info = { .format = format, .samplerate = rate, .channels = channels };
	SNDFILE *f = sf_open(src, SFM_WRITE, &info);

	assert_non_null(f);
	for (int64_t i = 0; i < frames; i++) sf_writef_float(f, frame, 1);
	sf_close(f);
}

static void
formats_channels_and_rates_that_are_not_ours_are_refused(void **state)
{
	static const float quiet[8];

	(void)state;
	write_foreign(SF_FORMAT_AIFF | SF_FORMAT_PCM_16, 48000, 1, quiet, 10);
	expect_refusal(60, ERR_UNSUPPORTED, "of a format that is not read here");
	write_foreign(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 6, quiet, 10);
	expect_refusal(60, ERR_UNSUPPORTED, "6 channels");
	write_foreign(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 384000, 1, quiet, 10);
	expect_refusal(60, ERR_UNSUPPORTED, "384000 Hz");
	write_foreign(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 100, 1, quiet, 10);
	expect_refusal(60, ERR_UNSUPPORTED, "100 Hz");
	write_foreign(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 1, quiet, 0);
	expect_refusal(60, ERR_UNREADABLE, "no sound");
}

static void
wav_files_whose_chunks_do_not_fit_are_damaged(void **state)
{
#define HEAD "RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x80\xbb\0\0\0\x77\1\0\2\0\x10\0"
#define DATA "data\2\0\0\0\0\0"
#define FILE_OF(bytes) HEAD bytes, sizeof HEAD bytes - 1
	static const struct { const char *bytes; size_t n; bool ok; } cases[] = {
		{ FILE_OF(DATA), true },
		{ FILE_OF("LIST\x10\0\0\0INFOINAM\3\0\0\0abc\0" DATA), true },
		{ FILE_OF("LIST\6\0\0\0INFO\0\0" DATA), true },
		/* A stream of unknown length. */
		{ FILE_OF("data\xff\xff\xff\xff\0\0\0\0"), true },
		{ FILE_OF(DATA "LIST\x10\0\0\0INFOINAM\3\0\0\0abc\0"), true },
		/* Nearly 4 GiB: libsndfile alone would never come back from this. */
		{ FILE_OF("LIST\x18\0\0\0INFOINAM\xd5\xff\xff\xff" "abcdefghijkl" DATA), false },
		{ FILE_OF(DATA "LIST\x18\0\0\0INFOINAM\xd5\xff\xff\xff" "abcdefghijkl"), false },
		{ FILE_OF(DATA "LIST\x18\0\0\1INFOINAM\xd5\xff\xff\xff" "abcdefghijkl"), false },
		{ FILE_OF("LIST\x10\0\0\0INFOINAM\5\0\0\0abc\0" DATA), false },
		{ FILE_OF("LIST\2\0\0\0IN" DATA), false },
		{ FILE_OF("LIST\xff\0\0\0INFOINAM\3\0\0\0abc\0" DATA), false },
		{ FILE_OF("cue \xff\xff\xff\xff" DATA), false },
		{ FILE_OF(""), false },
#undef HEAD
#undef DATA
#undef FILE_OF
	};

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		struct pcm p;
		struct err e;
		int rc;

		write_file(src, cases[i].bytes, cases[i].n);
		rc = audio_read(src, 60, &p, NULL, &e);
		if ((rc == 0) != cases[i].ok) fail_msg("case %zu: %s", i, rc ? e.text : "was read");
		if (rc) assert_int_equal(e.kind, ERR_UNREADABLE);
		else pcm_free(&p);
	}
}

static void
a_wav_file_of_a_thousand_chunks_and_more_is_damaged(void **state)
{
	struct buf b = {0};

	(void)state;
	buf_add(&b, "RIFF\0\0\0\0WAVE", 12);
	for (int i = 0; i < 1001; i++) buf_add(&b, "JUNK\0\0\0\0", 8);
	buf_add(&b, "data\0\0\0\0", 8);
	write_file(src, b.p, b.n);
	expect_refusal(60, ERR_UNREADABLE, "damaged WAVE");
	buf_free(&b);
}

static void
wav_files_of_any_sample_type_are_read(void **state)
{
	static const int types[] = { SF_FORMAT_PCM_U8, SF_FORMAT_PCM_16, SF_FORMAT_PCM_24,
		SF_FORMAT_PCM_32, SF_FORMAT_FLOAT, SF_FORMAT_DOUBLE };
	static const float frame[] = { 0.5f, -0.25f };

	(void)state;
	for (size_t i = 0; i < NELEM(types); i++) {
		struct pcm p;
		struct err e;

		write_foreign((i % 2 ? SF_FORMAT_WAV : SF_FORMAT_WAVEX) | types[i], 44100, 2, frame,
			100);
		if (audio_read(src, 60, &p, NULL, &e)) fail_msg("%s", e.text);
		assert_int_equal(p.frames, 100);
		assert_float_equal(p.data[198], 0.5, 0.01);
		assert_float_equal(p.data[199], -0.25, 0.01);
		pcm_free(&p);
	}
}

static void
samples_that_are_not_numbers_are_refused(void **state)
{
	static const float bad[] = { NAN, INFINITY, -INFINITY };

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		write_foreign(SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 1, &bad[i], 10);
		expect_refusal(60, ERR_UNREADABLE, "not numbers");
	}
}

static void
a_sound_longer_than_allowed_is_too_large(void **state)
{
	(void)state;
	for (const struct audio_format *f = audio_formats; f->name; f++) {
		struct pcm p;
		struct err e;

		write_sound(f, 2, NULL);
		expect_refusal(1.9, ERR_TOO_LARGE, "longer than 2 seconds");
		expect_refusal(0, ERR_TOO_LARGE, "longer than 0 seconds");
		assert_int_equal(audio_read(src, 2, &p, NULL, &e), 0);
		pcm_free(&p);
		/* No number is no permission. */
		assert_int_equal(audio_read(src, NAN, &p, NULL, &e), 0);
		pcm_free(&p);
	}
}

static void
a_header_that_promises_too_much_gets_no_memory(void **state)
{
	struct buf b = {0};

	(void)state;
	write_sound(audio_format_find("flac"), 0.5, NULL);
	read_file(src, &b);
	/* STREAMINFO: 36 bits of the number of frames begin in the middle of byte 21. */
	b.p[21] = (char)(b.p[21] | 0x0f);
	write_file(src, b.p, b.n);
	expect_refusal(3600, ERR_TOO_LARGE, "longer than 3600 seconds");
	/* And one that promises little more than there is. */
	b.p[21] = (char)(b.p[21] & 0xf0);
	b.p[22] = 1;
	write_file(src, b.p, b.n);
	expect_refusal(3600, ERR_UNREADABLE, "");
	buf_free(&b);
}

static void
a_flac_file_that_was_cut_is_damaged(void **state)
{
	struct buf b = {0};

	(void)state;
	write_sound(audio_format_find("flac"), 2, NULL);
	read_file(src, &b);
	for (size_t part = 2; part < 10; part++) {
		struct pcm p;
		struct err e;

		write_file(src, b.p, b.n * part / 10);
		assert_int_equal(audio_read(src, 60, &p, NULL, &e), -1);
		assert_int_equal(e.kind, ERR_UNREADABLE);
	}
	buf_free(&b);
}

/* libmpg123 complains of every broken frame on stderr, and libsndfile cannot tell it not to. */
static int
read_in_silence(struct pcm *p, struct audio_tags_read *t, struct err *e)
{
	int old = dup(2), null = open("/dev/null", O_WRONLY), rc;

	fflush(stderr);
	dup2(null, 2);
	rc = audio_read(src, 10, p, t, e);
	fflush(stderr);
	dup2(old, 2);
	close(old);
	close(null);
	return rc;
}

static void
mangled_files_of_any_format_never_crash_and_stay_within_limits(void **state)
{
	static const struct audio_tags tags = { .title = "t", .prompt = "p", .seed = "1" };
	uint32_t r = 99;

	(void)state;
	for (const struct audio_format *f = audio_formats; f->name; f++) {
		struct buf good = {0};

		write_sound(f, 0.1, &tags);
		read_file(src, &good);
		for (int round = 0; round < 100; round++) {
			struct buf b = {0};
			struct audio_tags_read t;
			struct pcm p;
			struct err e;

			buf_add(&b, good.p, good.n - (round % 4 ? 0 : signal_random(&r) % good.n));
			/* Mostly in the headers, which is where the lies are told. */
			for (int k = 0; k < 4; k++)
				b.p[signal_random(&r) % (round % 2 && b.n > 100 ? 100 : b.n)]
					= (char)signal_random(&r);
			write_file(src, b.p, b.n);
			if (read_in_silence(&p, &t, &e) == 0) {
				assert_true(p.frames > 0 && pcm_seconds(&p) <= 10);
				assert_true(p.channels == 1 || p.channels == 2);
				pcm_free(&p);
			}
			buf_free(&b);
		}
		buf_free(&good);
	}
}

static void
transcoding_keeps_frames_and_tags(void **state)
{
	static const struct audio_tags tags = { .title = "Größe", .prompt = "waltz",
		.model = "band", .adapter = "night", .seed = "7", .software = "Older 0.9" };

	(void)state;
	for (const struct audio_format *from = audio_formats; from->name; from++) {
		write_sound(from, 0.3, &tags);
		for (const struct audio_format *to = audio_formats; to->name; to++) {
			struct audio_tags_read t;
			struct pcm p;
			struct err e;

			if (audio_transcode(src, dst, to, NULL, NULL, &e)) fail_msg("%s", e.text);
			assert_int_equal(audio_read(dst, 60, &p, &t, &e), 0);
			assert_int_equal(p.frames, 14400);
			assert_string_equal(t.title, tags.title);
			assert_string_equal(t.prompt, tags.prompt);
			assert_string_equal(t.model, tags.model);
			assert_string_equal(t.adapter, tags.adapter);
			assert_string_equal(t.seed, tags.seed);
			assert_string_equal(t.software, tags.software);
			pcm_free(&p);
		}
	}
}

static void
flac_to_wav_and_back_loses_nothing(void **state)
{
	struct buf first = {0}, again = {0};
	struct err e;

	(void)state;
	write_sound(audio_format_find("flac"), 1, NULL);
	read_file(src, &first);
	assert_int_equal(audio_transcode(src, dst, audio_format_find("wav"), NULL, NULL, &e), 0);
	assert_int_equal(audio_transcode(dst, src, audio_format_find("flac"), NULL, NULL, &e), 0);
	read_file(src, &again);
	assert_int_equal(again.n, first.n);
	assert_memory_equal(again.p, first.p, first.n);
	buf_free(&first);
	buf_free(&again);
}

static int64_t
bytes_of(const char *path)
{
	struct buf b = {0};
	int64_t n;

	read_file(path, &b);
	n = (int64_t)b.n;
	buf_free(&b);
	return n;
}

static void
a_file_for_a_blind_test_has_gain_length_and_no_tags(void **state)
{
	static const struct audio_tags tags = { .title = "Night", .prompt = "waltz", .adapter = "night" };
	static const int64_t lengths[] = { 10000, 24000, 60001 };
	const struct audio_format *wav = audio_format_find("wav");
	int64_t rest, first_rest = 0;
	struct err e;

	(void)state;
	for (size_t i = 0; i < NELEM(lengths); i++) {
		struct audio_change c = { .gain_db = -20, .frames = lengths[i], .untagged = true };
		struct audio_tags_read t;
		struct pcm before, after;
		int64_t same;

		write_sound(audio_format_find("flac"), 0.5, &tags);
		assert_int_equal(audio_read(src, 60, &before, NULL, &e), 0);
		assert_int_equal(audio_transcode(src, dst, wav, &c, NULL, &e), 0);
		assert_int_equal(audio_read(dst, 60, &after, &t, &e), 0);
		assert_int_equal(after.frames, lengths[i]);
		/* What is not sound is as long in all of them: sizes tell nothing. */
		rest = bytes_of(dst) - lengths[i] * after.channels * 3;
		assert_int_equal(rest, i ? first_rest : rest);
		first_rest = rest;
		assert_string_equal(t.title, "");
		assert_string_equal(t.prompt, "");
		assert_string_equal(t.adapter, "");
		same = before.frames < after.frames ? before.frames : after.frames;
		for (int64_t k = 0; k < same * after.channels; k++)
			assert_float_equal(after.data[k], before.data[k] / 10, 1e-6);
		for (int64_t k = same * after.channels; k < after.frames * after.channels; k++)
			assert_float_equal(after.data[k], 0, 0);
		pcm_free(&before);
		pcm_free(&after);
	}
}

static void
a_rate_that_the_new_format_lacks_becomes_the_next_higher_one(void **state)
{
	static const float quiet[2];
	struct pcm p = {0};
	struct err e;

	(void)state;
	write_foreign(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, 2, quiet, 4410);
	unlink(dst);
	assert_int_equal(audio_transcode(src, dst, audio_format_find("opus"), NULL, NULL, &e), 0);
	assert_int_equal(audio_read(dst, 60, &p, NULL, &e), 0);
	assert_int_equal(p.rate, 48000);
	assert_int_equal(p.frames, 4800);
	pcm_free(&p);
	write_foreign(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 96000, 2, quiet, 10);
	unlink(dst);
	assert_int_equal(audio_transcode(src, dst, audio_format_find("opus"), NULL, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
	assert_string_equal(e.text, "opus takes 8000 to 48000 Hz, not 96000");
	assert_int_equal(access(dst, F_OK), -1);
}

static void
a_damaged_source_leaves_no_file(void **state)
{
	struct buf b = {0};
	struct err e;

	(void)state;
	write_sound(audio_format_find("flac"), 2, NULL);
	read_file(src, &b);
	write_file(src, b.p, b.n / 2);
	assert_int_equal(audio_transcode(src, dst, audio_format_find("ogg"), NULL, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_UNREADABLE);
	assert_int_equal(access(dst, F_OK), -1);
	buf_free(&b);
}

static bool
stop_at_half(void *ctx, double done)
{
	double *last = ctx;

	assert_true(done >= *last && done <= 1);
	*last = done;
	return done < 0.5;
}

static void
transcoding_can_be_stopped_and_leaves_no_file(void **state)
{
	double last = 0;
	struct audio_watch w = { stop_at_half, &last };
	struct err e;

	(void)state;
	write_sound(audio_format_find("flac"), 3, NULL);
	assert_int_equal(audio_transcode(src, dst, audio_format_find("mp3"), NULL, &w, &e), -1);
	assert_int_equal(e.kind, ERR_STOPPED);
	assert_in_range((int)(100 * last), 50, 70);
	assert_int_equal(access(dst, F_OK), -1);
}

static int
make_dir(void **state)
{
	if (temp_make(state) != 0) return -1;
	snprintf(src, sizeof src, "%s/src", temp_dir);
	snprintf(dst, sizeof dst, "%s/dst", temp_dir);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_missing_file_is_not_found),
		cmocka_unit_test(what_is_no_file_is_refused_at_once),
		cmocka_unit_test(what_is_no_sound_is_refused),
		cmocka_unit_test(formats_channels_and_rates_that_are_not_ours_are_refused),
		cmocka_unit_test(wav_files_whose_chunks_do_not_fit_are_damaged),
		cmocka_unit_test(a_wav_file_of_a_thousand_chunks_and_more_is_damaged),
		cmocka_unit_test(wav_files_of_any_sample_type_are_read),
		cmocka_unit_test(samples_that_are_not_numbers_are_refused),
		cmocka_unit_test(a_sound_longer_than_allowed_is_too_large),
		cmocka_unit_test(a_header_that_promises_too_much_gets_no_memory),
		cmocka_unit_test(a_flac_file_that_was_cut_is_damaged),
		cmocka_unit_test(mangled_files_of_any_format_never_crash_and_stay_within_limits),
		cmocka_unit_test(transcoding_keeps_frames_and_tags),
		cmocka_unit_test(flac_to_wav_and_back_loses_nothing),
		cmocka_unit_test(a_file_for_a_blind_test_has_gain_length_and_no_tags),
		cmocka_unit_test(a_rate_that_the_new_format_lacks_becomes_the_next_higher_one),
		cmocka_unit_test(a_damaged_source_leaves_no_file),
		cmocka_unit_test(transcoding_can_be_stopped_and_leaves_no_file),
	};

	return cmocka_run_group_tests(tests, make_dir, temp_remove);
}
