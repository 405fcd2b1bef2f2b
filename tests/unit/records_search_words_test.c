/* From text to tokens of the full-text index, and from a search to its condition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/letters.h"
#include "records/search_words.h"

/* The tokens without their three letters. */
static const char *
words(const char *text)
{
	static char out[8192];
	struct buf b = {0};
	size_t n = 0;

	search_words(text, SEARCH_ANYWHERE, &b);
	for (const char *at = buf_str(&b); *at;) {
		size_t length = strcspn(at, " ");

		assert_memory_equal(at, "zqx", 3);
		n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s", n ? " " : "",
			(int)length - 3, at + 3);
		at += length + (at[length] != '\0');
	}
	if (!n) out[0] = '\0';
	buf_free(&b);
	return out;
}

static const char *
condition(const char *text, bool with_beginning)
{
	static char out[8192];
	struct buf b = {0};

	out[0] = '\0';
	if (search_condition(text, SEARCH_ANYWHERE, with_beginning, &b))
		snprintf(out, sizeof out, "%s", buf_str(&b));
	else assert_int_equal(b.n, 0);
	buf_free(&b);
	return out;
}

static const char *
pattern(const char *text, bool with_beginning)
{
	static char out[8192];
	struct buf b = {0};

	out[0] = '\0';
	if (search_pattern(text, SEARCH_ANYWHERE, with_beginning, &b))
		snprintf(out, sizeof out, "%s", buf_str(&b));
	else assert_int_equal(b.n, 0);
	buf_free(&b);
	return out;
}

static void
words_are_letters_and_digits_without_case(void **state)
{
	(void)state;
	assert_string_equal(words("Gentle Piano, 96 BPM (rain!)"), "gentle piano 96 bpm rain");
	assert_string_equal(words("80s D a"), "80s d a");
	assert_string_equal(words("the and of to www"), "the and of to www");
	assert_string_equal(words("one\ttwo\r\nthree/four_five"), "one two three four five");
	assert_string_equal(words(""), "");
	assert_string_equal(words(" -- ' & !? "), "");
	assert_string_equal(words("\xf0\x9f\x8e\xb9 \xe2\x99\xaa \xe2\x80\x9equoted\xe2\x80\x9c"),
		"quoted");
}

static void
what_is_joined_is_found_by_its_parts_and_as_one(void **state)
{
	(void)state;
	assert_string_equal(words("lo-fi"), "lo fi lofi");
	assert_string_equal(words("Lo\xe2\x80\x91" "Fi"), "lo fi lofi");
	assert_string_equal(words("R&B"), "r b rb");
	assert_string_equal(words("rock'n'roll, don\xe2\x80\x99t"),
		"rock n roll rocknroll don t dont");
	assert_string_equal(words("lo - fi"), "lo fi");
	assert_string_equal(words("lo--fi"), "lo fi");
	assert_string_equal(words("-lo- 'fi'"), "lo fi");
	assert_string_equal(words("co\xc2\xad" "operate"), "cooperate");
	/* after eight parts a new one begins */
	assert_string_equal(words("a-b-c-d-e-f-g-h-i-j"), "a b c d e f g h abcdefgh i j ij");
}

static void
what_looks_alike_is_the_same_word(void **state)
{
	static const char *const same[][2] = {
		{ "D\xc3\x89J\xc3\x80", "deja" },		/* DÉJÀ */
		{ "de\xcc\x81ja\xcc\x80", "deja" },		/* the same, decomposed */
		{ "Stra\xc3\x9f" "e", "strasse" },
		{ "\xc3\x86on", "aeon" },			/* Æon */
		{ "Dvo\xc5\x99\xc3\xa1k", "dvorak" },
		{ "\xc5\x81\xc3\xb3" "d\xc5\xba", "lodz" },	/* Łódź */
		{ "Vi\xe1\xbb\x87t", "viet" },			/* Việt */
		{ "\xef\xbc\xac\xef\xbc\xaf-\xef\xbc\x91", "lo-1" },	/* wide LO, 1 */
		/* ЁЛКА and елка */
		{ "\xd0\x81\xd0\x9b\xd0\x9a\xd0\x90", "\xd0\xb5\xd0\xbb\xd0\xba\xd0\xb0" },
		{ "\xce\x86\xce\xa3", "\xce\xb1\xcf\x82" },	/* ΆΣ and ας */
		{ "\xe3\x83\x94\xe3\x82\xa2\xe3\x83\x8e", "\xe3\x81\xb4\xe3\x81\x82\xe3\x81\xae" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(same); i++) {
		char one[256];

		snprintf(one, sizeof one, "%s", words(same[i][0]));
		assert_string_equal(one, words(same[i][1]));
		assert_true(*one);
	}
	assert_string_not_equal(words("\xd0\xb0"), "a");	/* Cyrillic а */
}

static void
a_character_of_a_script_without_blanks_is_a_word(void **state)
{
	char both[64], one[64];

	(void)state;
	snprintf(one, sizeof one, "%s", words("\xe9\x9d\x99"));			/* 静 */
	snprintf(both, sizeof both, "%s %s", one, words("\xe3\x81\x8b"));	/* か */
	assert_string_equal(words("\xe9\x9d\x99\xe3\x81\x8b"), both);
	snprintf(both, sizeof both, "piano %s solo", one);
	assert_string_equal(words("piano\xe9\x9d\x99solo"), both);
	/* Korean and Arabic have blanks */
	assert_null(strchr(words("\xed\x94\xbc\xec\x95\x84\xeb\x85\xb8"), ' '));
	assert_null(strchr(words("\xd8\xa8\xd9\x8a\xd8\xa7\xd9\x86\xd9\x88"), ' '));
}

/* At least four characters, at most 84, nothing but small letters and digits: no server leaves such
 * a token out or cuts it. */
static void
every_token_is_fit_for_any_server(void **state)
{
	struct buf text = {0}, out = {0};

	(void)state;
	for (int i = 0; i < 300; i++) buf_adds(&text, "\xf0\xaf\xa0\x80" "\xd0\xb6-x-\xec\x95\x84");
	for (int i = 0; i < 300; i++) buf_adds(&text, "y");
	buf_adds(&text, "-z");
	search_words(buf_str(&text), SEARCH_STYLE, &out);
	for (const char *at = buf_str(&out); *at;) {
		size_t n = strspn(at, "0123456789abcdefghijklmnopqrstuvwxyz");

		assert_in_range(n, 4, 84);
		assert_memory_equal(at, "zqs", 3);
		assert_true(at[n] == ' ' || at[n] == '\0');
		at += n + (at[n] == ' ');
	}
	buf_free(&text);
	buf_free(&out);
}

static void
long_words_are_cut_alike_on_both_sides(void **state)
{
	char text[201], wanted[128];

	(void)state;
	memset(text, 'y', 200);
	text[200] = '\0';
	snprintf(wanted, sizeof wanted, "+zqx%s", words(text));
	assert_int_equal(strlen(wanted), 84);
	assert_string_equal(condition(text, false), wanted);
}

static void
all_words_are_demanded_and_the_beginning_of_the_last(void **state)
{
	(void)state;
	assert_string_equal(condition("slow piano", false), "+zqxslow +zqxpiano");
	assert_string_equal(condition("slow pia", true), "+zqxslow +zqxpia*");
	assert_string_equal(condition("lo-f beat", true), "+(zqxlof (+zqxlo +zqxf)) +zqxbeat*");
	assert_string_equal(condition("beat lo-f", true), "+zqxbeat +(zqxlof* (+zqxlo +zqxf))");
	assert_string_equal(condition("lo-fi", true), "+(zqxlofi* (+zqxlo +zqxfi*))");
	assert_string_equal(condition("hop in D", true), "+zqxhop +zqxin +zqxd");
	assert_string_equal(condition("du", true), "+zqxdu*");
	assert_string_equal(condition("lo-fi", false), "+(zqxlofi (+zqxlo +zqxfi))");
	assert_string_equal(condition("\xf0\x9f\x8e\xb9", true), "");
	assert_string_equal(condition("", true), "");
}

static void
a_pattern_demands_the_same(void **state)
{
	(void)state;
	assert_string_equal(pattern("slow piano", false),
		"^(?=.*\\bzqxslow\\b)(?=.*\\bzqxpiano\\b)");
	assert_string_equal(pattern("slow pia", true), "^(?=.*\\bzqxslow\\b)(?=.*\\bzqxpia)");
	assert_string_equal(pattern("lo-fi", true),
		"^(?=.*\\bzqxlofi|(?=.*\\bzqxlo\\b)(?=.*\\bzqxfi))");
	assert_string_equal(pattern("lo-f", true),
		"^(?=.*\\bzqxlof|(?=.*\\bzqxlo\\b)(?=.*\\bzqxf\\b))");
	assert_string_equal(pattern("d", true), "^(?=.*\\bzqxd\\b)");
	assert_string_equal(pattern("(.*)|[a]^$\\", false), "^(?=.*\\bzqxa\\b)");
	assert_string_equal(pattern("!?", true), "");
}

static void
the_language_of_the_index_means_nothing_in_a_search(void **state)
{
	(void)state;
	assert_string_equal(condition("+piano -drums (\"slow waltz\"*) ~x <y >z @4", false),
		"+zqxpiano +zqxdrums +zqxslow +zqxwaltz +zqxx +zqxy +zqxz +zqx4");
}

static void
what_is_no_utf8_is_between_words(void **state)
{
	(void)state;
	assert_string_equal(words("a\xff" "b\xc3"), "a b");
	assert_string_equal(words("a\xc0\xaf" "b\xed\xa0\x80" "c\xf4\x90\x80\x80" "d"), "a b c d");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_letters_and_digits_without_case),
		cmocka_unit_test(what_is_joined_is_found_by_its_parts_and_as_one),
		cmocka_unit_test(what_looks_alike_is_the_same_word),
		cmocka_unit_test(a_character_of_a_script_without_blanks_is_a_word),
		cmocka_unit_test(every_token_is_fit_for_any_server),
		cmocka_unit_test(long_words_are_cut_alike_on_both_sides),
		cmocka_unit_test(all_words_are_demanded_and_the_beginning_of_the_last),
		cmocka_unit_test(a_pattern_demands_the_same),
		cmocka_unit_test(the_language_of_the_index_means_nothing_in_a_search),
		cmocka_unit_test(what_is_no_utf8_is_between_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
