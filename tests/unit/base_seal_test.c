/* Sealed notes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/seal.h"

static uint8_t key[SEAL_KEY_BYTES];
static const char note[] = "left is arm B";

static int
make_key(void **state)
{
	(void)state;
	seal_key(key);
	return 0;
}

static char *
sealed(void)
{
	static struct buf text;

	text.n = 0;
	seal_write(key, note, sizeof note, &text);
	return text.p;
}

static void
a_note_comes_back_as_it_was(void **state)
{
	char out[sizeof note] = "";
	static uint8_t long_note[SEAL_MAX_BYTES], back[SEAL_MAX_BYTES];
	struct buf text = {0};

	(void)state;
	assert_true(seal_read(key, sealed(), out, sizeof out));
	assert_string_equal(out, note);
	memset(long_note, 0xa5, sizeof long_note);
	seal_write(key, long_note, sizeof long_note, &text);
	assert_true(seal_read(key, text.p, back, sizeof back));
	assert_memory_equal(back, long_note, sizeof back);
	buf_free(&text);
}

static void
the_same_note_never_looks_the_same_twice_and_fits_a_url(void **state)
{
	char first[200];

	(void)state;
	strcpy(first, sealed());
	assert_string_not_equal(first, sealed());
	assert_int_equal(strlen(first), strlen(sealed()));
	assert_int_equal(strspn(first, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
		strlen(first));
}

static void
a_note_that_was_changed_anywhere_is_refused(void **state)
{
	char text[200], out[sizeof note];
	size_t n = strlen(strcpy(text, sealed()));

	(void)state;
	for (size_t i = 0; i < n; i++) {
		char was = text[i];

		text[i] = was == 'A' ? 'B' : 'A';
		assert_false(seal_read(key, text, out, sizeof out));
		text[i] = was;
	}
	assert_true(seal_read(key, text, out, sizeof out));
	text[n - 1] = '\0';
	assert_false(seal_read(key, text, out, sizeof out));
}

static void
what_was_never_sealed_or_under_another_key_is_refused(void **state)
{
	static const char *const bad[] = { "", "A", "=", "left", "!!!!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
	uint8_t other[SEAL_KEY_BYTES];
	char out[sizeof note], huge[4096];

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) assert_false(seal_read(key, bad[i], out, sizeof out));
	memset(huge, 'A', sizeof huge - 1);
	huge[sizeof huge - 1] = '\0';
	assert_false(seal_read(key, huge, out, sizeof out));
	seal_key(other);
	assert_false(seal_read(other, sealed(), out, sizeof out));
	assert_false(seal_read(key, sealed(), out, sizeof out - 1));
}

static void
a_coin_is_fair_and_falls_the_same_way_again(void **state)
{
	int heads = 0;

	(void)state;
	for (uint32_t i = 0; i < 10000; i++) {
		bool head = seal_coin(key, &i, sizeof i);

		assert_int_equal(head, seal_coin(key, &i, sizeof i));
		heads += head;
	}
	/* Ten standard deviations. */
	assert_in_range(heads, 4500, 5500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_note_comes_back_as_it_was),
		cmocka_unit_test(the_same_note_never_looks_the_same_twice_and_fits_a_url),
		cmocka_unit_test(a_note_that_was_changed_anywhere_is_refused),
		cmocka_unit_test(what_was_never_sealed_or_under_another_key_is_refused),
		cmocka_unit_test(a_coin_is_fair_and_falls_the_same_way_again),
	};

	return cmocka_run_group_tests(tests, make_key, NULL);
}
