#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "audio/decode.h"
#include "audio/encode.h"
#include "audio_signals.h"
#include "base/buf.h"
#include "base/err.h"

static char file[] = "/tmp/earshot-tags-XXXXXX";
static struct pcm sound;

/* Write with the tags and read them back. */
static void
pass_through(const struct audio_format *f, const struct audio_tags *t, struct audio_tags_read *back)
{
	struct pcm p;
	struct err e;

	if (audio_encode(file, &sound, f, t, NULL, &e)) fail_msg("%s: %s", f->name, e.text);
	if (audio_read(file, 60, &p, back, &e)) fail_msg("%s: %s", f->name, e.text);
	assert_int_equal(p.frames, sound.frames);
	pcm_free(&p);
}

static void
expect_same(const struct audio_tags *t)
{
	for (const struct audio_format *f = audio_formats; f->name; f++) {
		struct audio_tags_read back;

		pass_through(f, t, &back);
		assert_string_equal(back.title, t->title);
		assert_string_equal(back.prompt, t->prompt);
		assert_string_equal(back.model, t->model);
		assert_string_equal(back.adapter, t->adapter);
		assert_string_equal(back.seed, t->seed);
		assert_string_equal(back.software, t->software);
	}
}

static void
all_tags_come_back_from_every_format(void **state)
{
	(void)state;
	expect_same(&(struct audio_tags){ .title = "Gentle waltz",
		.prompt = "gentle piano waltz in A minor", .model = "band",
		.adapter = "Late night", .seed = "4294967295", .software = "Earshot 9.9" });
}

static void
other_scripts_signs_and_lines_come_back_too(void **state)
{
	(void)state;
	expect_same(&(struct audio_tags){ .title = "Größe: 音楽 🎹",
		.prompt = "première ligne\nвторая\t\"=; ,\\",
		.model = "musicgen (small)", .adapter = "Ünïcødé, seed 7 (1.0)", .seed = "0",
		.software = "Ohr ♪" });
}

static void
two_thousand_characters_of_four_bytes_come_back(void **state)
{
	char prompt[TAGS_PROMPT + 1] = "";

	(void)state;
	for (size_t i = 0; i + 4 < sizeof prompt; i += 4) memcpy(prompt + i, "🎻", 5);
	expect_same(&(struct audio_tags){ .title = "t", .prompt = prompt, .model = "m",
		.adapter = "a", .seed = "1", .software = "s" });
}

static void
prompts_of_every_length_come_back(void **state)
{
	char prompt[301] = "";

	(void)state;
	for (size_t n = 1; n < sizeof prompt; n += 13) {
		memset(prompt, 'x', n);
		expect_same(&(struct audio_tags){ .title = "t", .prompt = prompt, .model = "m",
			.adapter = "a", .seed = "1", .software = "s" });
	}
}

static void
the_longest_tags_come_back(void **state)
{
	static char title[TAGS_TITLE + 1], model[TAGS_MODEL + 1], adapter[TAGS_ADAPTER + 1],
		software[TAGS_SOFTWARE + 1];

	(void)state;
	memset(title, 't', TAGS_TITLE);
	memset(model, ')', TAGS_MODEL);
	memset(adapter, 'a', TAGS_ADAPTER);
	memset(software, 's', TAGS_SOFTWARE);
	expect_same(&(struct audio_tags){ .title = title, .prompt = "p", .model = model,
		.adapter = adapter, .seed = "18446744073709551615", .software = software });
}

static void
what_is_absent_comes_back_empty(void **state)
{
	static const struct audio_tags empty = { "", "", "", "", "", "" };
	const struct audio_tags *const none[] = { NULL, &(struct audio_tags){0}, &empty };

	(void)state;
	for (const struct audio_format *f = audio_formats; f->name; f++)
		for (size_t i = 0; i < NELEM(none); i++) {
			struct audio_tags_read back;

			memset(&back, 'x', sizeof back);
			pass_through(f, none[i], &back);
			assert_string_equal(back.title, "");
			assert_string_equal(back.prompt, "");
			assert_string_equal(back.model, "");
			assert_string_equal(back.adapter, "");
			assert_string_equal(back.seed, "");
			assert_string_equal(back.software, "Earshot " EARSHOT_VERSION);
		}
}

static void
tags_that_cannot_be_kept_are_refused_by_name(void **state)
{
	static char long_title[TAGS_TITLE + 2], long_prompt[TAGS_PROMPT + 2];
	static const struct { struct audio_tags tags; const char *says; } cases[] = {
		{ { .title = long_title }, "the tag title is longer than 512 bytes" },
		{ { .prompt = long_prompt }, "the tag prompt is longer than 8000 bytes" },
		{ { .model = "\xff" }, "the tag model is not UTF-8" },
		{ { .adapter = "\xc3" }, "the tag adapter is not UTF-8" },
		{ { .seed = "-1" }, "the tag seed is not a number" },
		{ { .seed = "0x10" }, "the tag seed is not a number" },
		{ { .seed = "111111111111111111111" }, "the tag seed is longer than 20 bytes" },
		{ { .software = "A (libsndfile)" }, "the tag software has a bracket or a comma" },
	};

	(void)state;
	memset(long_title, 'x', sizeof long_title - 1);
	memset(long_prompt, 'x', sizeof long_prompt - 1);
	for (size_t i = 0; i < NELEM(cases); i++) {
		struct err e;

		assert_int_equal(tags_check(&cases[i].tags, &e), -1);
		assert_int_equal(e.kind, ERR_INVALID);
		assert_string_equal(e.text, cases[i].says);
		assert_int_equal(audio_encode(file, &sound, audio_formats, &cases[i].tags, NULL,
			&e), -1);
		assert_string_equal(e.text, cases[i].says);
	}
}

static void
le32(struct buf *b, size_t n)
{
	for (int shift = 0; shift < 32; shift += 8) buf_addc(b, (char)(n >> shift));
}

/* A WAV file of one silent 16-bit frame whose LIST chunk has these bytes. */
static void
write_wav(const char *list, size_t n)
{
	struct buf b = {0};
	FILE *out = fopen(file, "w");

	assert_non_null(out);
	buf_add(&b, "RIFF", 4);
	le32(&b, 4 + 24 + 8 + n + (n & 1) + 12);
	buf_add(&b, "WAVEfmt \x10\0\0\0\1\0\1\0\x80\xbb\0\0\0\x77\1\0\2\0\x10\0LIST", 8 + 20 + 4);
	le32(&b, n);
	buf_add(&b, list, n);
	if (n & 1) buf_addc(&b, 0);
	buf_add(&b, "data\4\0\0\0\0\0\0\0", 12);
	assert_int_equal(fwrite(b.p, 1, b.n, out), b.n);
	fclose(out);
	buf_free(&b);
}

static void
tags_of_other_programs_are_cut_cleaned_or_left_out(void **state)
{
	static const struct {
		const char *list;
		size_t n;
		const char *title, *model, *seed, *software;
	} cases[] = {
#define LIST(bytes) bytes, sizeof bytes - 1
		{ LIST("INFOINAM\5\0\0\0Waltz\0"), "Waltz", "", "", "" },
		{ LIST("INFOINAM\5\0\0\0Waltz"), "Waltz", "", "", "" },
		{ LIST("INFOINAM\4\0\0\0a\xff" "bc"), "", "", "", "" },
		{ LIST("INFOINAM\0\0\0\0IART\3\0\0\0Bob\0"), "", "", "", "" },
		{ LIST("INFOIART\x12\0\0\0Earshot (band) (2)"), "", "band) (2", "", "" },
		{ LIST("INFOIART\x9\0\0\0Earshot (\0"), "", "", "", "" },
		{ LIST("INFOIART\xa\0\0\0Earshot ()"), "", "", "", "" },
		{ LIST("INFOISFT\x8\0\0\0Audacity"), "", "", "", "Audacity" },
		{ LIST("INFOISFT\xa\0\0\0A, seed 12"), "", "", "12", "A" },
		{ LIST("INFOISFT\xa\0\0\0A, seed 1x"), "", "", "", "" },
		{ LIST("INFOISFT\xd\0\0\0Lavf (58, 76)"), "", "", "", "" },
		{ LIST("INFOIN"), "", "", "", "" },
		{ LIST("INFO"), "", "", "", "" },
		{ LIST("adtlINAM\5\0\0\0Waltz\0"), NULL, NULL, NULL, NULL },
#undef LIST
	};

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		struct audio_tags_read t;
		struct audio_tags again;
		struct pcm p;
		struct err e;

		write_wav(cases[i].list, cases[i].n);
		if (audio_read(file, 60, &p, &t, &e)) fail_msg("case %zu: %s", i, e.text);
		pcm_free(&p);
		if (!cases[i].title) continue;
		assert_string_equal(t.title, cases[i].title);
		assert_string_equal(t.model, cases[i].model);
		assert_string_equal(t.seed, cases[i].seed);
		assert_string_equal(t.software, cases[i].software);
		again = tags_again(&t);
		assert_int_equal(tags_check(&again, &e), 0);
	}
}

static void
a_text_that_is_too_long_is_cut_at_a_character(void **state)
{
	struct buf list = {0};
	struct audio_tags_read t;
	struct pcm p;
	struct err e;

	(void)state;
	buf_adds(&list, "INFOINAM");
	le32(&list, 1001);
	buf_addc(&list, 'x');
	for (int i = 0; i < 500; i++) buf_adds(&list, "é");
	buf_addc(&list, 0);
	write_wav(list.p, list.n);
	assert_int_equal(audio_read(file, 60, &p, &t, &e), 0);
	assert_int_equal(strlen(t.title), 511);
	pcm_free(&p);
	buf_free(&list);
}

static int
set_up(void **state)
{
	int fd = mkstemp(file);

	(void)state;
	sound = signal_sine(2000, 2, 48000, 440, 0.5, 0);
	return fd < 0 ? -1 : close(fd);
}

static int
tear_down(void **state)
{
	(void)state;
	pcm_free(&sound);
	unlink(file);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_tags_come_back_from_every_format),
		cmocka_unit_test(other_scripts_signs_and_lines_come_back_too),
		cmocka_unit_test(two_thousand_characters_of_four_bytes_come_back),
		cmocka_unit_test(prompts_of_every_length_come_back),
		cmocka_unit_test(the_longest_tags_come_back),
		cmocka_unit_test(what_is_absent_comes_back_empty),
		cmocka_unit_test(tags_that_cannot_be_kept_are_refused_by_name),
		cmocka_unit_test(tags_of_other_programs_are_cut_cleaned_or_left_out),
		cmocka_unit_test(a_text_that_is_too_long_is_cut_at_a_character),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
