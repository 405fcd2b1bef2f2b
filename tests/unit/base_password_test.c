/* Passwords: how they are kept, and what they may be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "base/err.h"
#include "base/password.h"
#include "base/str.h"

static void
a_password_is_known_by_its_hash_and_no_other_is(void **state)
{
	char hash[PASSWORD_HASH], again[PASSWORD_HASH];
	struct err e;

	(void)state;
	assert_int_equal(password_hash("correct horse", hash, &e), 0);
	assert_true(password_matches("correct horse", hash));
	assert_false(password_matches("correct horsf", hash));
	assert_false(password_matches("", hash));
	assert_int_equal(password_hash("correct horse", again, &e), 0);
	assert_string_not_equal(hash, again);
}

static void
it_is_kept_as_argon2id_with_19_MiB_and_2_passes(void **state)
{
	char hash[PASSWORD_HASH];
	struct err e;

	(void)state;
	assert_int_equal(password_hash("correct horse", hash, &e), 0);
	assert_true(str_starts(hash, "$argon2id$v=19$m=19456,t=2,p=1$"));
	assert_null(strstr(hash, "correct"));
	assert_false(password_is_dated(hash));
}

static void
one_of_other_parameters_still_counts_and_is_to_be_hashed_anew(void **state)
{
	char weak[crypto_pwhash_STRBYTES];

	(void)state;
	assert_int_equal(crypto_pwhash_str_alg(weak, "correct horse", 13, 1, 8192 * 1024,
		crypto_pwhash_ALG_ARGON2ID13), 0);
	assert_true(password_matches("correct horse", weak));
	assert_true(password_is_dated(weak));
}

/* The same function over the same parameters: else the time would tell whether a login exists. */
static void
nobodys_password_is_never_right(void **state)
{
	(void)state;
	assert_false(password_matches("correct horse", NULL));
	assert_false(password_matches("", NULL));
	assert_false(password_matches("x", "no hash at all"));
	assert_true(str_starts(password_nobodys, "$argon2id$"));
	assert_false(password_is_dated(password_nobodys));
}

static void
a_password_has_ten_to_two_hundred_characters(void **state)
{
	char text[PASSWORD_TEXT + 1];
	struct err e;

	(void)state;
	for (size_t n = 0; n < sizeof text; n++) {
		memset(text, 'a', n);
		text[n] = '\0';
		assert_int_equal(password_check(text, &e), n >= 10 && n <= 200 ? 0 : -1);
		if (n > 200) assert_null(strstr(e.text, "aaa"));
	}
	assert_int_equal(password_check("äöüäöüäöüä", &e), 0);
	assert_int_equal(password_check("\xff\xfe\xfd\xfc\xff\xfe\xfd\xfc\xff\xfe\xfd\xfc", &e),
		-1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_password_is_known_by_its_hash_and_no_other_is),
		cmocka_unit_test(it_is_kept_as_argon2id_with_19_MiB_and_2_passes),
		cmocka_unit_test(one_of_other_parameters_still_counts_and_is_to_be_hashed_anew),
		cmocka_unit_test(nobodys_password_is_never_right),
		cmocka_unit_test(a_password_has_ten_to_two_hundred_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
