/* Tokens and secrets of sessions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/secret.h"
#include "base/str.h"

static void
the_check_is_the_crc_32_that_everyone_has(void **state)
{
	(void)state;
	assert_int_equal(secret_crc32("123456789", 9), 0xcbf43926u);
	assert_int_equal(secret_crc32("", 0), 0);
}

static void
a_token_has_its_prefix_30_drawn_characters_and_a_check(void **state)
{
	char a[SECRET_TOKEN], b[SECRET_TOKEN];

	(void)state;
	for (int i = 0; i < 200; i++) {
		secret_token(a);
		secret_token(b);
		assert_int_equal(strlen(a), 44);
		assert_true(str_starts(a, "earshot_"));
		assert_true(secret_is_token(a));
		assert_string_not_equal(a, b);
	}
}

static void
whatever_character_is_changed_it_is_no_token(void **state)
{
	char good[SECRET_TOKEN], bad[SECRET_TOKEN];

	(void)state;
	secret_token(good);
	for (size_t i = 0; i < SECRET_TOKEN - 1; i++) {
		memcpy(bad, good, sizeof bad);
		bad[i] = bad[i] == 'x' ? 'y' : 'x';
		assert_false(secret_is_token(bad));
	}
}

static void
a_token_made_by_the_rule_is_one_and_nothing_else_is(void **state)
{
	static const char *const bad[] = { "", "earshot_",
		"Earshot_0000000000000000000000000000002Chr9v",
		"earshot_0000000000000000000000000000002",
		"earshot_000000000000000000000000000000-Chr9v",
		"earshot_000000000000000000000000000000\xc3\xa4rrrr" };
	char token[SECRET_TOKEN + 8];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(secret_is_token(bad[i]));
	secret_token(token);
	strcat(token, "0");
	assert_false(secret_is_token(token));
	token[SECRET_TOKEN - 2] = '\0';
	assert_false(secret_is_token(token));
}

static void
the_secret_of_a_session_is_256_bits_that_fit_a_cookie(void **state)
{
	char a[SECRET_SESSION], b[SECRET_SESSION];

	(void)state;
	secret_session(a);
	secret_session(b);
	assert_int_equal(strlen(a), 43);
	assert_int_equal(strspn(a, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789-_"), 43);
	assert_string_not_equal(a, b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_check_is_the_crc_32_that_everyone_has),
		cmocka_unit_test(a_token_has_its_prefix_30_drawn_characters_and_a_check),
		cmocka_unit_test(whatever_character_is_changed_it_is_no_token),
		cmocka_unit_test(a_token_made_by_the_rule_is_one_and_nothing_else_is),
		cmocka_unit_test(the_secret_of_a_session_is_256_bits_that_fit_a_cookie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
