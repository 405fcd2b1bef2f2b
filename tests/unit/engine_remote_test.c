/* Where results of servers elsewhere may be, what becomes of their sound, and the files that name
 * their adapters. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/remote/adapter.h"
#include "engine/remote/lyrics.h"
#include "engine/remote/place.h"
#include "engine/remote/sound.h"

static void
a_result_is_with_its_server(void **state)
{
	static const struct {
		const char *url, *said, *address;
	} table[] = {
		{ "http://gpu:8001", "/v1/audio?path=%2Ftmp%2Fa.flac", "http://gpu:"
			"8001/v1/audio?path=%2Ftmp%2Fa.flac" },
		{ "https://a.example/ace", "/v1/audio", "https://a.example/ace/v1/audio" },
		{ "http://gpu:8001", "http://gpu:8001/x", "http://gpu:8001/x" },
		{ "http://gpu", "http://GPU:80/x", "http://GPU:80/x" },
		{ "https://gpu", "https://gpu:443/x", "https://gpu:443/x" },
		/* Another host, another port, another scheme. */
		{ "http://gpu:8001", "http://gpu.evil.example:8001/x", NULL },
		{ "http://gpu:8001", "http://gpu:8002/x", NULL },
		{ "http://gpu:8001", "http://gpu/x", NULL },
		{ "https://gpu", "http://gpu:443/x", NULL },
		{ "http://gpu", "https://gpu:80/x", NULL },
		{ "http://gpu", "ftp://gpu/x", NULL },
		{ "http://gpu", "file:///etc/passwd", NULL },
		{ "http://gpu", "gopher://gpu:80/x", NULL },
		/* What only looks like it. */
		{ "http://gpu", "http://gpu@evil.example/x", NULL },
		{ "http://gpu", "http://evil.example@gpu/x", NULL },
		{ "http://gpu", "http://:x@gpu/x", NULL },
		{ "http://gpu", "http://gpu%2eevil.example/", NULL },
		{ "http://gpu", "http:\\\\evil.example", NULL },
		{ "http://gpu", "v1/audio", NULL },
		{ "http://gpu", "C:/x", NULL },
		{ "http://gpu", "", NULL },
		{ "http://gpu", "/a b", NULL },
		{ "http://gpu", "/a\r\nX: y", NULL },
		{ "http://gpu", "/\xc3\xa4", NULL },
		/* A path stays one, however it begins. */
		{ "http://gpu", "//evil.example/x", "http://gpu//evil.example/x" },
		{ "http://gpu:8001", "/@evil.example/x", "http://gpu:8001/@evil.example/x" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(table); i++) {
		struct buf out = {0};
		struct err e = {0};
		int rc = place_of("gpu", table[i].url, table[i].said, &out, &e);

		if (rc != (table[i].address ? 0 : -1)) fail_msg("%s: %s", table[i].said,
			buf_str(&out));
		if (!rc) {
			assert_string_equal(buf_str(&out), table[i].address);
			assert_true(place_same_host(table[i].url, buf_str(&out)));
		} else {
			assert_int_equal(e.kind, ERR_UNREADABLE);
			assert_true(str_starts(e.text, "The server gpu "));
		}
		buf_free(&out);
	}
}

static void
lyrics_begin_with_the_first_line_that_is_a_tag(void **state)
{
	static const struct {
		const char *prompt, *lyrics;
	} table[] = {
		{ "slow waltz", NULL },
		{ "", NULL },
		{ "pop\n[Verse]\nOne\n[Chorus]\nTwo", "[Verse]\nOne\n[Chorus]\nTwo" },
		{ "pop\n\n  [Intro - dreamy] \r\nOne", "[Intro - dreamy] \r\nOne" },
		{ "[Verse 1]\nOne", "[Verse 1]\nOne" },
		{ "pop\n[Instrumental]", "[Instrumental]" },
		{ "pop\n[Verse] One", NULL },
		{ "pop [Verse]\nOne", NULL },
		{ "pop\n[]\nOne", NULL },
		{ "pop\n[a] or [b]\nOne", NULL },
		{ "pop\n[\n]", NULL },
		{ "pop\n[[a]]", NULL },
		{ "pop\n[[a]]\n[b]", "[b]" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(table); i++) {
		const char *got = lyrics_of(table[i].prompt);

		if (table[i].lyrics ? !got || strcmp(got, table[i].lyrics) != 0 : !!got)
			fail_msg("%s: %s", table[i].prompt, got ? got : "none");
	}
}

static struct pcm
steady(double seconds, int channels, int rate)
{
	struct pcm p = pcm_new(llround(seconds * rate), channels, rate);

	for (int64_t i = 0; i < p.frames * channels; i++) p.data[i] = 0.5f;
	return p;
}

static void
a_take_is_as_long_as_it_was_asked_for(void **state)
{
	static const struct {
		double got, asked;
		int rc;
	} table[] = { { 10, 10, 0 }, { 10, 3, 0 }, { 10.01, 10, 0 }, { 9.98, 10, 0 }, { 29.1, 30,
		0 },
		{ 28.9, 30, -1 }, { 0.5, 1, -1 }, { 4.4, 5, -1 }, { 0, 1, -1 }, { 0.95, 1, 0 } };

	(void)state;
	for (size_t i = 0; i < NELEM(table); i++)
		for (int channels = 1; channels <= 2; channels++) {
			struct pcm p = steady(table[i].got, channels, 44100);

			if (sound_fit(&p, table[i].asked) != table[i].rc) fail_msg("case %zu", i);
			if (!table[i].rc) {
				assert_int_equal(p.frames, llround(table[i].asked * 44100));
				assert_int_equal(p.channels, channels);
				assert_true(p.data[0] == 0.5f);
			}
			pcm_free(&p);
		}
}

static void
what_is_cut_ends_in_silence_and_not_in_a_click(void **state)
{
	struct pcm p = steady(10, 2, 48000);
	float before = 0.5f;

	(void)state;
	assert_int_equal(sound_fit(&p, 3), 0);
	assert_true(fabsf(p.data[2 * p.frames - 1]) < 1e-6f);
	for (int64_t i = p.frames - 24000; i < p.frames; i++) {
		assert_true(p.data[2 * i] <= before && before - p.data[2 * i] < 0.001f);
		before = p.data[2 * i];
	}
	assert_true(p.data[2 * (p.frames - 24001)] == 0.5f);
	pcm_free(&p);
}

static void
a_file_that_names_an_adapter_holds_that_and_nothing_else(void **state)
{
	static const struct {
		const char *json, *name, *says;
	} table[] = {
		{ "{\"format\":\"earshot-remote-adapter\",\"adapter\":\"jazz v2.safetensors\"}",
			"jazz v2.safetensors", "" },
		{ "{\"format\":\"earshot-remote-adapter\",\"adapter\":\"/srv/loras/a..b/x\"}",
			"/srv/loras/a..b/x", "" },
		{ "{\"format\":\"earshot-remote-adapter\"}", NULL, "adapter is missing" },
		{ "{\"adapter\":\"x\"}", NULL, "format is missing" },
		{ "{\"format\":\"other\",\"adapter\":\"x\"}", NULL, "format must be one of" },
		{ "{\"format\":\"earshot-remote-adapter\",\"adapter\":\"x\",\"scale\":1}", NULL,
			"scale is not a known" },
		{ "{\"format\":\"earshot-remote-adapter\",\"adapter\":\"\"}", NULL, "adapter must "
			"have 1 to 200" },
		{ "{\"format\":\"earshot-remote-adapter\",\"adapter\":\"a\\nb\"}", NULL, "control "
			"characters" },
		{ "{\"format\":\"earshot-remote-adapter\",\"adapter\":\"a\\\"b\"}", NULL,
			"quotes" },
		{ "{\"format\":\"earshot-remote-adapter\",\"adapter\":\"../x\"}", NULL, "must not "
			"lead upwards" },
		{ "{\"format\":\"earshot-remote-adapter\",\"adapter\":\"/x/..\"}", NULL, "must not "
			"lead upwards" },
		{ "{\"format\":\"earshot-remote-adapter\",\"adapter\":\"a../x/../y\"}", NULL,
			"must not lead upwards" },
		{ "PK\x03\x04", NULL, "JSON" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(table); i++) {
		char name[REMOTE_ADAPTER] = "";
		struct err e = {0};
		int rc = remote_adapter_parse(table[i].json, strlen(table[i].json), name, &e);

		if (rc != (table[i].name ? 0 : -1)) fail_msg("%zu: %s", i, e.text);
		if (table[i].name) assert_string_equal(name, table[i].name);
		else if (e.kind != ERR_INVALID || !strstr(e.text, table[i].says)) fail_msg("%zu: "
			"%s", i, e.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_result_is_with_its_server),
		cmocka_unit_test(lyrics_begin_with_the_first_line_that_is_a_tag),
		cmocka_unit_test(a_take_is_as_long_as_it_was_asked_for),
		cmocka_unit_test(what_is_cut_ends_in_silence_and_not_in_a_click),
		cmocka_unit_test(a_file_that_names_an_adapter_holds_that_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
