#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "audio/peaks.h"
#include "audio_signals.h"
#include "base/err.h"
#include "base/json.h"

static void
each_point_is_the_lowest_and_highest_of_256_frames(void **state)
{
	struct pcm p = pcm_new(1024, 1, 48000);
	struct peaks k;

	(void)state;
	p.data[10] = 0.5f, p.data[255] = -0.25f;
	p.data[256] = 1, p.data[511] = -1;
	p.data[600] = 0.25f;
	k = peaks_of(&p);
	assert_int_equal(k.points, 4);
	assert_int_equal(k.frames_per_point, 256);
	assert_int_equal(k.rate, 48000);
	assert_memory_equal(k.data, ((int8_t[]){ -31, 63, -127, 127, 0, 31, 0, 0 }), 8);
	peaks_free(&k);
	pcm_free(&p);
}

static void
stereo_takes_the_lower_minimum_and_the_higher_maximum(void **state)
{
	struct pcm p = pcm_new(256, 2, 48000);
	struct peaks k;

	(void)state;
	for (int i = 0; i < 256; i++) p.data[2 * i] = 0.5f, p.data[2 * i + 1] = -0.25f;
	k = peaks_of(&p);
	assert_int_equal(k.points, 1);
	assert_int_equal(k.data[0], -31);
	assert_int_equal(k.data[1], 63);
	peaks_free(&k);
	pcm_free(&p);
}

static void
the_last_point_covers_what_is_left(void **state)
{
	static const struct { int64_t frames; uint32_t points; } cases[] = {
		{ 0, 0 }, { 1, 1 }, { 255, 1 }, { 256, 1 }, { 257, 2 }, { 48000, 188 },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		struct pcm p = pcm_new(cases[i].frames, 2, 48000);
		struct peaks k;

		if (p.frames) p.data[2 * p.frames - 1] = 0.5f;
		k = peaks_of(&p);
		assert_int_equal(k.points, cases[i].points);
		if (k.points) assert_int_equal(k.data[2 * k.points - 1], 63);
		peaks_free(&k);
		pcm_free(&p);
	}
}

static void
samples_beyond_full_scale_are_drawn_at_full_scale(void **state)
{
	struct pcm p = pcm_new(256, 1, 48000);
	struct peaks k;

	(void)state;
	p.data[1] = 7, p.data[2] = -1e30f, p.data[3] = NAN;
	k = peaks_of(&p);
	assert_int_equal(k.data[0], -128);
	assert_int_equal(k.data[1], 127);
	peaks_free(&k);
	pcm_free(&p);
}

static void
the_binary_format_is_audiowaveforms_version_2(void **state)
{
	static const uint8_t expected[] = {
		2, 0, 0, 0, 1, 0, 0, 0, 0x80, 0xbb, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0,
		0xe1, 63, 0, 0,
	};
	struct pcm p = pcm_new(300, 1, 48000);
	struct peaks k;
	struct buf b = {0};

	(void)state;
	p.data[0] = 0.5f, p.data[1] = -0.25f;
	k = peaks_of(&p);
	peaks_write(&k, &b);
	assert_int_equal(b.n, sizeof expected);
	assert_memory_equal(b.p, expected, sizeof expected);
	buf_free(&b);
	peaks_free(&k);
	pcm_free(&p);
}

static void
what_was_written_is_parsed_back(void **state)
{
	(void)state;
	for (int64_t n = 0; n < 3000; n += 100) {
		struct pcm p = signal_sine(n, 2, 44100, 440, 0.9, 0);
		struct peaks k = peaks_of(&p), back;
		struct buf b = {0};
		struct err e;

		peaks_write(&k, &b);
		assert_int_equal(peaks_parse(b.p, b.n, &back, &e), 0);
		assert_int_equal(back.points, k.points);
		assert_int_equal(back.rate, 44100);
		assert_int_equal(back.frames_per_point, 256);
		if (k.points) assert_memory_equal(back.data, k.data, 2 * k.points);
		buf_free(&b);
		peaks_free(&back);
		peaks_free(&k);
		pcm_free(&p);
	}
}

static void
anything_else_is_refused_with_a_reason(void **state)
{
	/* At byte `at` of a good file of two points, put `value`; or cut it at `n` bytes. */
	static const struct { size_t n, at; uint8_t value; const char *says; } cases[] = {
		{ 0, 0, 2, "header" },
		{ 23, 0, 2, "header" },
		{ 27, 0, 2, "not as long" },
		{ 26, 0, 2, "not as long" },
		{ 28, 0, 1, "version 2" },
		{ 28, 0, 3, "version 2" },
		{ 28, 4, 0, "8 bit" },
		{ 28, 4, 3, "8 bit" },
		{ 28, 20, 2, "one channel" },
		{ 28, 20, 0, "one channel" },
		{ 28, 11, 0x80, "sample rate" },
		{ 28, 10, 0x70, "sample rate" },
		{ 28, 13, 0, "0 frames" },
		{ 28, 15, 0x80, "frames in a point" },
		{ 28, 15, 0x2a, "frames in a point" },
		{ 28, 16, 1, "not as long" },
		{ 28, 16, 3, "not as long" },
		{ 28, 19, 0x80, "not as long" },
		{ 28, 24, 5, "above" },
		{ 28, 27, 0xff, "above" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		uint8_t file[28] = { 2, 0, 0, 0, 1, 0, 0, 0, 0x80, 0xbb, 0, 0, 0, 1, 0, 0,
			2, 0, 0, 0, 1, 0, 0, 0, 0xf0, 4, 0, 0 };
		struct peaks k = {0};
		struct err e;

		assert_int_equal(peaks_parse(file, sizeof file, &k, &e), 0);
		peaks_free(&k);
		file[cases[i].at] = cases[i].value;
		assert_int_equal(peaks_parse(file, cases[i].n, &k, &e), -1);
		assert_int_equal(e.kind, ERR_UNREADABLE);
		assert_non_null(strstr(e.text, cases[i].says));
		assert_null(k.data);
	}
}

static void
more_time_than_a_sound_can_have_is_refused(void **state)
{
	uint8_t file[32] = { 2, 0, 0, 0, 1, 0, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0, 0x20,
		4, 0, 0, 0, 1 };
	struct peaks k;
	struct err e;

	(void)state;
	assert_int_equal(peaks_parse(file, sizeof file, &k, &e), -1);
	assert_string_equal(e.text, "the peaks have 536870912 frames in a point");
}

static void
resampling_keeps_every_extreme_and_the_time(void **state)
{
	struct pcm p = signal_band(3, 1, 48000, 3);
	struct peaks k = peaks_of(&p);

	(void)state;
	for (uint32_t max = 1; max <= k.points + 1; max++) {
		struct peaks r = peaks_resample(&k, max);
		int lo = 0, hi = 0, lo_k = 0, hi_k = 0;
		int64_t covered = (int64_t)r.points * r.frames_per_point;

		assert_in_range(r.points, 1, max);
		assert_true(covered >= p.frames);
		assert_true(covered < (int64_t)k.points * 256 + r.frames_per_point);
		for (uint32_t i = 0; i < r.points; i++) {
			if (r.data[2 * i] < lo) lo = r.data[2 * i];
			if (r.data[2 * i + 1] > hi) hi = r.data[2 * i + 1];
		}
		for (uint32_t i = 0; i < k.points; i++) {
			if (k.data[2 * i] < lo_k) lo_k = k.data[2 * i];
			if (k.data[2 * i + 1] > hi_k) hi_k = k.data[2 * i + 1];
		}
		assert_int_equal(lo, lo_k);
		assert_int_equal(hi, hi_k);
		peaks_free(&r);
	}
	peaks_free(&k);
	pcm_free(&p);
}

static void
a_minute_at_1000_points_gives_1000_points(void **state)
{
	struct pcm p = pcm_new(60 * 48000, 1, 48000);
	struct peaks k = peaks_of(&p), r;

	(void)state;
	p.data[0] = 1;
	r = peaks_resample(&k, 1000);
	assert_int_equal(r.points, 1000);
	assert_int_equal(r.frames_per_point, 2880);
	peaks_free(&r);
	peaks_free(&k);
	pcm_free(&p);
}

static void
more_points_than_there_are_change_nothing(void **state)
{
	struct pcm p = signal_sine(5000, 2, 48000, 100, 0.5, 0);
	struct peaks k = peaks_of(&p), r = peaks_resample(&k, 4000000000u);

	(void)state;
	assert_int_equal(r.points, k.points);
	assert_int_equal(r.frames_per_point, k.frames_per_point);
	assert_memory_equal(r.data, k.data, 2 * k.points);
	peaks_free(&r);
	peaks_free(&k);
	pcm_free(&p);
}

static void
peaks_of_nothing_can_be_resampled_and_printed(void **state)
{
	struct pcm p = pcm_new(0, 2, 48000);
	struct peaks k = peaks_of(&p), r = peaks_resample(&k, 100);
	struct buf b = {0};

	(void)state;
	peaks_json(&r, &b);
	assert_string_equal(buf_str(&b), "{\"version\":2,\"channels\":1,\"sample_rate\":48000,"
		"\"samples_per_pixel\":256,\"bits\":8,\"length\":0,\"data\":[]}");
	buf_free(&b);
	peaks_free(&r);
	peaks_free(&k);
	pcm_free(&p);
}

static void
the_JSON_format_is_audiowaveforms_version_2(void **state)
{
	int8_t data[] = { -128, 127, -100, 99, -10, 10, -9, 9, 0, 0, -1, 1 };
	struct peaks k = { .rate = 44100, .frames_per_point = 512, .points = 6, .data = data };
	struct buf b = {0};

	(void)state;
	buf_adds(&b, "x");	/* appended, not replaced */
	peaks_json(&k, &b);
	assert_string_equal(buf_str(&b), "x{\"version\":2,\"channels\":1,\"sample_rate\":44100,"
		"\"samples_per_pixel\":512,\"bits\":8,\"length\":6,"
		"\"data\":[-128,127,-100,99,-10,10,-9,9,0,0,-1,1]}");
	buf_free(&b);
}

static void
the_JSON_of_every_value_parses(void **state)
{
	int8_t data[512];
	struct peaks k = { .rate = 44100, .frames_per_point = 256, .points = 256, .data = data };
	struct buf b = {0};
	struct err e;
	cJSON *tree, *item;
	int i = 0;

	(void)state;
	for (int v = 0; v < 512; v++) data[v] = (int8_t)(v / 2 - 128);
	peaks_json(&k, &b);
	tree = json_parse(b.p, b.n, &e);
	assert_non_null(tree);
	cJSON_ArrayForEach(item, cJSON_GetObjectItem(tree, "data"))
		assert_int_equal((int)item->valuedouble, data[i++]);
	assert_int_equal(i, 512);
	cJSON_Delete(tree);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_point_is_the_lowest_and_highest_of_256_frames),
		cmocka_unit_test(stereo_takes_the_lower_minimum_and_the_higher_maximum),
		cmocka_unit_test(the_last_point_covers_what_is_left),
		cmocka_unit_test(samples_beyond_full_scale_are_drawn_at_full_scale),
		cmocka_unit_test(the_binary_format_is_audiowaveforms_version_2),
		cmocka_unit_test(what_was_written_is_parsed_back),
		cmocka_unit_test(anything_else_is_refused_with_a_reason),
		cmocka_unit_test(more_time_than_a_sound_can_have_is_refused),
		cmocka_unit_test(resampling_keeps_every_extreme_and_the_time),
		cmocka_unit_test(a_minute_at_1000_points_gives_1000_points),
		cmocka_unit_test(more_points_than_there_are_change_nothing),
		cmocka_unit_test(peaks_of_nothing_can_be_resampled_and_printed),
		cmocka_unit_test(the_JSON_format_is_audiowaveforms_version_2),
		cmocka_unit_test(the_JSON_of_every_value_parses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
