/* Errors: a kind for the program, a sentence for people, the wrong fields by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"

static void
setting_an_error_returns_minus_one_and_forgets_the_last(void **state)
{
	struct err e = {0};

	(void)state;
	err_field(&e, "seed", "must be a number");
	assert_int_equal(err_set(&e, ERR_NOT_FOUND, "There is no job %d.", 7), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_string_equal(e.text, "There is no job 7.");
	assert_int_equal(e.n_fields, 0);
}

static void
a_prefix_goes_in_front_and_keeps_the_kind(void **state)
{
	struct err e;

	(void)state;
	err_set(&e, ERR_AWAY, "the disk is full");
	assert_int_equal(err_prefix(&e, "line %d", 3), -1);
	assert_string_equal(e.text, "line 3: the disk is full");
	assert_int_equal(e.kind, ERR_AWAY);
}

static void
the_first_wrong_field_makes_the_sentence(void **state)
{
	struct err e = {0};

	(void)state;
	assert_int_equal(err_field(&e, "seed", "must be from %d to %d", 0, 9), -1);
	err_field(&e, "top_k", "must be a number");
	assert_int_equal(e.kind, ERR_INVALID);
	assert_string_equal(e.text, "seed must be from 0 to 9.");
	assert_int_equal(e.n_fields, 2);
	assert_string_equal(e.fields[1].field, "top_k");
	assert_string_equal(e.fields[1].detail, "must be a number");
	err_clear(&e);
	assert_int_equal(e.kind, ERR_NONE);
	assert_int_equal(e.n_fields, 0);
	assert_string_equal(e.text, "");
}

static void
more_wrong_fields_than_there_is_room_for_are_dropped(void **state)
{
	struct err e = {0};

	(void)state;
	for (int i = 0; i < 2 * ERR_MAX_FIELDS; i++) err_field(&e, "x", "%d", i);
	assert_int_equal(e.n_fields, ERR_MAX_FIELDS);
	assert_string_equal(e.fields[ERR_MAX_FIELDS - 1].detail, "15");
}

/* Texts go into JSON, where half a character is an error of its own. */
static void
a_text_that_is_too_long_is_cut_between_characters(void **state)
{
	static const char *const characters[] = { "x", "\xc3\xa9", "\xe2\x82\xac",
		"\xf0\x9f\x8e\xb5" };
	char long_text[3 + 4 * 600 + 1];
	struct err e;

	(void)state;
	for (size_t c = 0; c < NELEM(characters); c++)
		for (size_t shift = 0; shift < 4; shift++) {
			size_t n = strlen(characters[c]);

			memset(long_text, '.', shift);
			for (size_t i = 0; i < 600; i++)
				memcpy(long_text + shift + n * i, characters[c], n + 1);
			err_set(&e, ERR_INTERNAL, "%.5s…", long_text);
			assert_true(str_is_utf8(e.text, strlen(e.text)));
			assert_non_null(strstr(e.text, "…"));
			err_set(&e, ERR_INTERNAL, "%s", long_text);
			assert_true(strlen(e.text) > sizeof e.text - 1 - 4);
			assert_true(str_is_utf8(e.text, strlen(e.text)));
			err_prefix(&e, "xyz");
			assert_true(str_is_utf8(e.text, strlen(e.text)));
			err_clear(&e);
			err_field(&e, long_text, "%s", long_text);
			assert_true(str_is_utf8(e.fields[0].field, strlen(e.fields[0].field)));
			assert_true(str_is_utf8(e.fields[0].detail, strlen(e.fields[0].detail)));
			assert_true(str_is_utf8(e.text, strlen(e.text)));
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(setting_an_error_returns_minus_one_and_forgets_the_last),
		cmocka_unit_test(a_prefix_goes_in_front_and_keeps_the_kind),
		cmocka_unit_test(the_first_wrong_field_makes_the_sentence),
		cmocka_unit_test(more_wrong_fields_than_there_is_room_for_are_dropped),
		cmocka_unit_test(a_text_that_is_too_long_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
