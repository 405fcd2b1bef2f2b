/* SHA256SUMS of a backup: its lines, and what becomes of them when objects come and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/sums.h"
#include "temp.h"

#define SUM(digit) digit digit digit digit digit digit digit digit
#define A SUM("aaaaaaaa")
#define B SUM("bbbbbbbb")

static void
write_file(const char *name, const char *text, size_t n)
{
	FILE *f = fopen(TEMP(name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

/* Its text; "" when it is not there. Until the next call. */
static const char *
text_of(const char *name)
{
	static char text[4096];
	FILE *f = fopen(TEMP(name), "r");

	text[f ? fread(text, 1, sizeof text - 1, f) : 0] = '\0';
	if (f) fclose(f);
	return text;
}

static void
lines_name_objects_or_the_records_and_nothing_else(void **state)
{
	static const struct { const char *line; size_t n; int rc; const char *key; } cases[] = {
#define CASE(line, rc, key) { line, sizeof line - 1, rc, key }
		CASE(A "  objects/audio/ab/one.flac\n", 1, "audio/ab/one.flac"),
		CASE(A "  records.tsv\n", 1, ""),
		CASE("", 0, NULL),
		CASE(A "  records.tsv", 0, NULL),
		CASE(A, 0, NULL),
		CASE("\n", -1, NULL),
		CASE(A "\n", -1, NULL),
		CASE(A "  \n", -1, NULL),
		CASE(A "  objects/\n", -1, NULL),
		CASE(A "  records.tsv2\n", -1, NULL),
		CASE(A "  /etc/passwd\n", -1, NULL),
		CASE(A "  objects//etc/passwd\n", -1, NULL),
		CASE(A "  objects/audio/../../x\n", -1, NULL),
		CASE(A "  objects/a b\n", -1, NULL),
		CASE(A "  objects/one.flac\r\n", -1, NULL),
		CASE(A "  objects/one.flac\0two\n", -1, NULL),
		CASE(A " *objects/one.flac\n", -1, NULL),
		CASE(A " objects/one.flac\n", -1, NULL),
		CASE(SUM("0123456g") "  records.tsv\n", -1, NULL),
		CASE("aa  records.tsv\n", -1, NULL),
		CASE("# a comment\n", -1, NULL),
		CASE(A "  objects/" A A A "\n", -1, NULL),
		CASE(A "  objects/" A A A A A A A A A "\n", -1, NULL),
#undef CASE
	};

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		char key[STORAGE_KEY] = "?";
		uint8_t sha256[SHA256_BYTES];
		struct err e;
		FILE *f;
		int rc;

		write_file("list", cases[i].line, cases[i].n);
		f = fopen(TEMP("list"), "r");
		assert_non_null(f);
		rc = sums_next(f, key, sha256, &e);
		fclose(f);
		if (rc != cases[i].rc) fail_msg("%d, not %d: %s", rc, cases[i].rc, cases[i].line);
		if (rc == -1) assert_int_equal(e.kind, ERR_INVALID);
		if (rc != 1) continue;
		assert_string_equal(key, cases[i].key);
		assert_int_equal(sha256[0], 0xaa);
		assert_int_equal(sha256[31], 0xaa);
	}
}

static void
object(const char *name)
{
	char path[200];

	snprintf(path, sizeof path, "objects/audio/%s", name);
	write_file(path, name, strlen(name));
}

static int
all_but_two(void *ctx, const char *key, const uint8_t sha256[SHA256_BYTES], struct err *e)
{
	(void)ctx, (void)sha256, (void)e;
	return strcmp(key, "audio/two") != 0;
}

static void
begin(struct sums *s, bool none)
{
	struct err e;

	if (sums_open(s, temp_dir, &e)) fail_msg("%s", e.text);
	assert_int_equal(s->none, none);
}

static void
add(struct sums *s, const char *key, int byte)
{
	uint8_t sha256[SHA256_BYTES];
	struct err e;

	memset(sha256, byte, sizeof sha256);
	if (sums_add(s, key, sha256, &e)) fail_msg("%s", e.text);
}

/* The records of the file "new" become those of the backup. */
static void
replace(struct sums *s)
{
	struct err e;

	write_file("new", "", 0);
	if (sums_choose(s, "new", all_but_two, NULL, &e)) fail_msg("%s", e.text);
	assert_int_equal(rename(TEMP("new"), TEMP("records.tsv")), 0);
	if (sums_replace(s, &e)) fail_msg("%s", e.text);
	sums_close(s);
}

/* SHA-256 of nothing. */
#define RECORDS "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  records.tsv\n"

static void
what_was_added_is_listed_and_what_is_not_needed_goes(void **state)
{
	struct sums s;

	(void)state;
	assert_int_equal(mkdir(TEMP("objects"), 0700), 0);
	assert_int_equal(mkdir(TEMP("objects/audio"), 0700), 0);
	begin(&s, true);
	add(&s, "audio/one", 0xaa);
	object("one");
	add(&s, "audio/two", 0xaa);
	object("two");
	add(&s, "audio/three", 0xaa);	/* it never came */
	assert_string_equal(text_of("SHA256SUMS"), "");
	replace(&s);
	assert_int_equal(s.removed, 1);
	assert_string_equal(text_of("SHA256SUMS"), A "  objects/audio/one\n" RECORDS);
	assert_int_equal(access(TEMP("objects/audio/one"), F_OK), 0);
	assert_int_equal(access(TEMP("objects/audio/two"), F_OK), -1);
	assert_string_equal(text_of("SHA256SUMS.added"), "");
	assert_int_equal(access(TEMP("SHA256SUMS.removed"), F_OK), -1);
}

static void
what_was_cut_off_is_on_the_list_when_the_next_one_begins(void **state)
{
	struct sums s;

	(void)state;
	begin(&s, false);
	object("four");
	add(&s, "audio/four", 0xbb);
	add(&s, "audio/five", 0xbb);
	sums_close(&s);
	begin(&s, false);
	assert_string_equal(text_of("SHA256SUMS"), A "  objects/audio/one\n" B
		"  objects/audio/four\n" RECORDS);
	/* What is copied again has the sum of its copy. */
	add(&s, "audio/one", 0xbb);
	replace(&s);
	assert_string_equal(text_of("SHA256SUMS"), B "  objects/audio/four\n" B
		"  objects/audio/one\n" RECORDS);
}

static void
what_was_chosen_for_other_records_is_not_removed(void **state)
{
	static const char other[] = A "  records.tsv\n" A "  objects/audio/one\n",
		half[] = RECORDS A "  objects/audio/four\n" A "  objects/audio/one";
	struct sums s;

	(void)state;
	write_file("SHA256SUMS.removed", other, sizeof other - 1);
	begin(&s, false);
	sums_close(&s);
	assert_int_equal(access(TEMP("objects/audio/one"), F_OK), 0);
	/* For these it is. */
	write_file("SHA256SUMS.removed", half, sizeof half - 1);
	begin(&s, false);
	sums_close(&s);
	assert_int_equal(access(TEMP("objects/audio/one"), F_OK), 0);
	assert_int_equal(access(TEMP("objects/audio/four"), F_OK), -1);
}

static void
a_list_that_is_none_of_ours_stops_it(void **state)
{
	static const char strange[] = A "  objects/../x\n";
	struct sums s;
	struct err e;

	(void)state;
	write_file("SHA256SUMS.added", strange, sizeof strange - 1);
	assert_int_equal(sums_open(&s, temp_dir, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
	sums_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_name_objects_or_the_records_and_nothing_else),
		cmocka_unit_test(what_was_added_is_listed_and_what_is_not_needed_goes),
		cmocka_unit_test(what_was_cut_off_is_on_the_list_when_the_next_one_begins),
		cmocka_unit_test(what_was_chosen_for_other_records_is_not_removed),
		cmocka_unit_test(a_list_that_is_none_of_ours_stops_it),
	};

	return cmocka_run_group_tests(tests, temp_make, temp_remove);
}
