/* Reading a dump: what one is, and that nothing else is taken for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "records/dump.h"
#include "records/dump_read.h"
#include "temp.h"

#define HEADER DUMP_HEADER "\n"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define MIGRATION "migration\t0001-jobs.sql\t" ZEROS "\n"
#define PROMPTS "table\tprompts\tid:hex\ttext\n"

/* A file of these bytes and, unless rows is negative, an end that fits them. */
static void
write_file(const char *text, size_t n, int rows)
{
	FILE *f = fopen(TEMP("records.tsv"), "w");
	uint8_t sha256[SHA256_BYTES];
	char hex[SHA256_HEX];

	assert_non_null(f);
	fwrite(text, 1, n, f);
	hash_sha256(text, n, sha256);
	hash_hex(sha256, sizeof sha256, hex);
	if (rows >= 0) fprintf(f, "end\t%d\t%s\n", rows, hex);
	assert_int_equal(fclose(f), 0);
}

static int
check(struct dump *d, struct err *e)
{
	return dump_check(d, TEMP("records.tsv"), e);
}

static void
refused(const char *text, size_t n, int rows, const char *why)
{
	struct dump d;
	struct err e;

	write_file(text, n, rows);
	if (check(&d, &e) != -1) fail_msg("taken, and not refused: %s", why);
	assert_int_equal(e.kind, ERR_INVALID);
	if (!strstr(e.text, why)) fail_msg("%s, and not: %s", e.text, why);
	dump_free(&d);
}

static void
a_whole_dump_says_its_migrations_and_rows(void **state)
{
	static const char text[] = HEADER MIGRATION "migration\t0002-b.sql\t" ZEROS "\n" PROMPTS
		"row\t00ff\tone\nrow\t\\N\t\\N\n" "table\tjobs\tid\nrow\t\n";
	struct dump d;
	struct err e;

	(void)state;
	write_file(text, sizeof text - 1, 3);
	if (check(&d, &e)) fail_msg("%s", e.text);
	assert_int_equal(d.rows, 3);
	assert_int_equal(d.n_migrations, 2);
	assert_string_equal(d.migrations[1].name, "0002-b.sql");
	dump_free(&d);
}

static int
note_row(const struct dump_line *l, void *ctx, struct err *e)
{
	struct buf *seen = ctx;

	(void)e;
	buf_addf(seen, "%s:", l->table);
	for (unsigned i = 0; i < l->n_columns; i++) {
		buf_addc(seen, ' ');
		if (!l->fields[i + 1].p) buf_adds(seen, "NULL");
		else buf_add(seen, l->fields[i + 1].p, l->fields[i + 1].n);
	}
	buf_addc(seen, ';');
	return 0;
}

static void
values_are_what_was_written(void **state)
{
	static const char text[] = HEADER PROMPTS "row\t41425A\ttab\\tline\\nback\\\\N ü\n"
		"row\t\\N\t\nrow\t\t\\N\n";
	struct buf seen = {0};
	const struct dump_wanted w = { .row = note_row, .ctx = &seen };
	struct err e;
	uint64_t rows;

	(void)state;
	write_file(text, sizeof text - 1, 3);
	if (dump_read(TEMP("records.tsv"), &w, &rows, &e)) fail_msg("%s", e.text);
	assert_string_equal(buf_str(&seen),
		"prompts: ABZ tab\tline\nback\\N ü;prompts: NULL ;prompts:  NULL;");
	buf_free(&seen);
}

/* Whatever it may be: each of these has an end that fits it. */
static void
nothing_else_is_a_dump(void **state)
{
	static const struct { const char *text; size_t n; int rows; const char *why; } cases[] = {
#define CASE(text, rows, why) { text, sizeof text - 1, rows, why }
		CASE("", 0, "not the records of a backup"),
		CASE("earshot-records\t2\n", 0, "a newer Earshot"),
		CASE("earshot-records\t1\t\n", 0, "not the records of a backup"),
		CASE(HEADER "\n", 0, "not a line of a dump"),
		CASE(HEADER "\\N\tjobs\n", 0, "not a line of a dump"),
		CASE(HEADER "rows\t1\n", 0, "not a line of a dump"),
		CASE(HEADER "migration\tone\n", 0, "not a migration"),
		CASE(HEADER "migration\tone\t00\n", 0, "not a migration"),
		CASE(HEADER "migration\t\\N\t" ZEROS "\n", 0, "not a migration"),
		CASE(HEADER PROMPTS MIGRATION, 0, "not a migration"),
		CASE(HEADER "row\t1\n", 1, "not a row of the table"),
		CASE(HEADER PROMPTS "row\t00\n", 1, "not a row of the table"),
		CASE(HEADER PROMPTS "row\t00\ta\tb\n", 1, "not a row of the table"),
		CASE(HEADER PROMPTS "row\t0\ta\n", 1, "not hexadecimal"),
		CASE(HEADER PROMPTS "row\t0g\ta\n", 1, "not hexadecimal"),
		CASE(HEADER PROMPTS "row\t00\ta\\\n", 1, "an escape that is none"),
		CASE(HEADER PROMPTS "row\t00\t\\x\n", 1, "an escape that is none"),
		CASE(HEADER PROMPTS "row\t00\ta\\N\n", 1, "an escape that is none"),
		CASE(HEADER PROMPTS "row\t00\t\xff\n", 1, "not UTF-8"),
		CASE(HEADER PROMPTS "row\t00\t\xed\xa0\x80\n", 1, "not UTF-8"),
		CASE(HEADER PROMPTS "row\t00\ta\0b\n", 1, "a NUL byte"),
		CASE(HEADER PROMPTS "row\t00\ta\0\n", 1, "a NUL byte"),
		CASE(HEADER "\0\n", 0, "a NUL byte"),
		CASE(HEADER "table\tprompts\n", 0, "a table needs a name and columns"),
		CASE(HEADER "table\t\\N\tid\n", 0, "a table needs a name and columns"),
		CASE(HEADER "table\twp_posts\tid\n", 0, "not a table of Earshot"),
		CASE(HEADER "table\tjobs`; DROP TABLE jobs; --\tid\n", 0, "not a table of Earshot"),
		CASE(HEADER "table\tsessions\tid\n", 0, "no dump has this table"),
		CASE(HEADER "table\tschema_migrations\tid\n", 0, "no dump has this table"),
		CASE(HEADER PROMPTS PROMPTS, 0, "not at its place"),
		CASE(HEADER "table\tjobs\tid\n" PROMPTS, 0, "not at its place"),
		CASE(HEADER "table\tjobs\tid` = 1; --\n", 0, "not a name of a column"),
		CASE(HEADER "table\tjobs\t\\N\n", 0, "not a name of a column"),
		CASE(HEADER "table\tjobs\t\n", 0, "not a name of a column"),
		CASE(HEADER "table\tjobs\t:hex\n", 0, "not a name of a column"),
		CASE(HEADER "table\tjobs\tid:hex:hex\n", 0, "not a name of a column"),
		CASE(HEADER PROMPTS "row\t00\ta\n", 0, "is damaged"),
		CASE(HEADER PROMPTS "row\t00\ta\n", 2, "is damaged"),
		CASE(HEADER "end\t0\t" ZEROS "\n", 0, "is damaged"),
		CASE(HEADER PROMPTS, -1, "ends too early"),
		CASE(HEADER PROMPTS "row\t00\ta", -1, "ends too early"),
		CASE("", -1, "ends too early"),
#undef CASE
	};

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++)
		refused(cases[i].text, cases[i].n, cases[i].rows, cases[i].why);
}

static void
what_stands_behind_the_end_is_refused(void **state)
{
	struct dump d;
	struct err e;
	FILE *f;

	(void)state;
	write_file(HEADER, sizeof HEADER - 1, 0);
	if (check(&d, &e)) fail_msg("%s", e.text);
	dump_free(&d);
	f = fopen(TEMP("records.tsv"), "a");
	assert_non_null(f);
	fputs("\n", f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(check(&d, &e), -1);
	assert_non_null(strstr(e.text, "behind the end"));
	dump_free(&d);
}

/* As many columns as a table may have, and one more; names of 64 characters, and of 65. */
static void
a_table_has_its_limits(void **state)
{
	struct buf text = {0};

	(void)state;
	for (int more = 0; more < 2; more++) {
		buf_reset(&text);
		buf_adds(&text, HEADER "table\tjobs");
		for (int i = 0; i < DUMP_COLUMNS - 1 + more; i++) buf_addf(&text, "\tc%d", i);
		buf_adds(&text, "\n");
		if (more) {
			refused(text.p, text.n, 0, "too many fields");
		} else {
			struct dump d;
			struct err e;

			write_file(text.p, text.n, 0);
			if (check(&d, &e)) fail_msg("%s", e.text);
			dump_free(&d);
		}
	}
	buf_reset(&text);
	buf_adds(&text, HEADER "table\tjobs\t");
	for (int i = 0; i < 65; i++) buf_addc(&text, 'a');
	buf_adds(&text, "\n");
	refused(text.p, text.n, 0, "not a name of a column");
	buf_free(&text);
}

static void
a_line_has_an_end(void **state)
{
	enum { MORE = (64 << 20) + 70000 };
	char *text = malloc(MORE);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', MORE);
	memcpy(text, HEADER, sizeof HEADER - 1);
	refused(text, MORE, -1, "the line is too long");
	free(text);
}

static void
what_is_not_a_file_is_not_waited_for(void **state)
{
	struct dump d;
	struct err e;

	(void)state;
	assert_int_equal(dump_check(&d, TEMP("nowhere"), &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	dump_free(&d);
	assert_int_equal(mkfifo(TEMP("pipe"), 0600), 0);
	assert_int_equal(dump_check(&d, TEMP("pipe"), &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
	dump_free(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_dump_says_its_migrations_and_rows),
		cmocka_unit_test(values_are_what_was_written),
		cmocka_unit_test(nothing_else_is_a_dump),
		cmocka_unit_test(what_stands_behind_the_end_is_refused),
		cmocka_unit_test(a_table_has_its_limits),
		cmocka_unit_test(a_line_has_an_end),
		cmocka_unit_test(what_is_not_a_file_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, temp_make, temp_remove);
}
