/* SHA-256 against the examples of FIPS 180-4, and hexadecimal. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/hash.h"

static const struct example {
	const char *text, *hex;
} examples[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void
a_text_has_the_hash_of_the_standard(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEM(examples); i++) {
		uint8_t sha[SHA256_BYTES];
		char hex[SHA256_HEX];

		hash_sha256(examples[i].text, strlen(examples[i].text), sha);
		hash_hex(sha, sizeof sha, hex);
		assert_string_equal(hex, examples[i].hex);
	}
}

static void
a_file_has_the_hash_of_its_bytes_from_where_it_stands(void **state)
{
	static const char million[] =
		"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
	int fd = memfd_create("hash", MFD_CLOEXEC);
	uint8_t sha[SHA256_BYTES];
	char hex[SHA256_HEX], block[1000];
	uint64_t n;
	struct err e;

	(void)state;
	memset(block, 'a', sizeof block);
	assert_int_equal(write(fd, "skipped", 7), 7);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(write(fd, block, sizeof block), sizeof block);
	assert_int_equal(lseek(fd, 7, SEEK_SET), 7);
	assert_int_equal(hash_sha256_fd(fd, sha, &n, &e), 0);
	assert_int_equal(n, 1000000);
	hash_hex(sha, sizeof sha, hex);
	assert_string_equal(hex, million);
	close(fd);
	assert_int_equal(hash_sha256_fd(fd, sha, &n, &e), -1);
	assert_int_equal(e.kind, ERR_INTERNAL);
}

static void
pieces_have_the_hash_of_the_whole_however_they_are_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEM(examples); i++)
		for (size_t step = 1; step < 60; step++) {
			size_t n = strlen(examples[i].text);
			uint8_t sha[SHA256_BYTES];
			char hex[SHA256_HEX];
			struct sha256 s;

			sha256_begin(&s);
			for (size_t at = 0; at < n; at += step)
				sha256_add(&s, examples[i].text + at,
					n - at < step ? n - at : step);
			sha256_end(&s, sha);
			hash_hex(sha, sizeof sha, hex);
			assert_string_equal(hex, examples[i].hex);
		}
}

static void
hexadecimal_is_read_in_either_case_and_only_as_a_whole(void **state)
{
	static const char *const bad[] = { "", "0", "00f", "00ff0", "00fg", "0x00", " 0ff", "00f ",
		"00:f" };
	uint8_t out[2];
	char hex[5];

	(void)state;
	assert_int_equal(hash_unhex("00fF", out, 2), 0);
	assert_memory_equal(out, "\0\xff", 2);
	hash_hex(out, 2, hex);
	assert_string_equal(hex, "00ff");
	for (size_t i = 0; i < NELEM(bad); i++)
		if (hash_unhex(bad[i], out, 2) != -1) fail_msg("\"%s\" was taken", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_has_the_hash_of_the_standard),
		cmocka_unit_test(a_file_has_the_hash_of_its_bytes_from_where_it_stands),
		cmocka_unit_test(pieces_have_the_hash_of_the_whole_however_they_are_cut),
		cmocka_unit_test(hexadecimal_is_read_in_either_case_and_only_as_a_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
