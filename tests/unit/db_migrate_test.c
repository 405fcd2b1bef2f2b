/* Migrations are split into statements where a semicolon ends one, and nowhere else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "db/migrate.h"

/* The statements as text, each in brackets; "unfinished" behind them when the last does not end. */
static void
check(const char *sql, const char *expected)
{
	/* Of exactly that size, so that a sanitizer sees whoever reads on. */
	char *copy = strdup(sql), got[1024] = "";
	size_t at = 0, start, n;
	int more;

	if (!copy) abort();
	while ((more = migrate_next_statement(copy, &at, &start, &n)) == 1)
		snprintf(got + strlen(got), sizeof got - strlen(got), "[%.*s]", (int)n,
			copy + start);
	if (more < 0) strcat(got, "unfinished");
	free(copy);
	assert_string_equal(got, expected);
}

static void
a_semicolon_ends_a_statement(void **state)
{
	(void)state;
	check("", "");
	check("A", "[A]");
	check("A;", "[A]");
	check("A;B", "[A][B]");
	check(" A 1 ;\n\tB 2;\r\n", "[A 1 ][B 2]");
}

static void
an_empty_statement_is_one_of_no_length(void **state)
{
	(void)state;
	check(";", "[]");
	check(";;A", "[][][A]");
}

static void
a_semicolon_in_quotes_does_not_count(void **state)
{
	(void)state;
	check("A ';' ;B", "[A ';' ][B]");
	check("A \";\";B", "[A \";\"][B]");
	check("A `;`;B", "[A `;`][B]");
	check("A '\";' \"';\" `'\"`;B", "[A '\";' \"';\" `'\"`][B]");
}

static void
quotes_within_quotes_are_doubled_or_escaped(void **state)
{
	(void)state;
	check("A 'it''s;';B", "[A 'it''s;'][B]");
	check("A 'it\\'s;';B", "[A 'it\\'s;'][B]");
	check("A 'back\\\\';B", "[A 'back\\\\'][B]");
	/* Not in names. */
	check("A `\\`;B", "[A `\\`][B]");
}

static void
comments_in_front_are_skipped_and_within_are_kept(void **state)
{
	(void)state;
	check("-- one; two\nA;", "[A]");
	check("# one; two\nA;", "[A]");
	check("/* one; two */ A;", "[A]");
	check("A -- ;\n B;", "[A -- ;\n B]");
	check("A /* ; ' */ B # ;'\n;C", "[A /* ; ' */ B # ;'\n][C]");
	check("A; -- the end", "[A]");
	check("A; /* the end */", "[A]");
	check("--\nA;", "[A]");
	check("--", "");
}

static void
what_only_looks_like_a_comment_is_none(void **state)
{
	(void)state;
	check("A 1--2;B", "[A 1--2][B]");
	check("A 1 - -2;B", "[A 1 - -2][B]");
	check("A 6 / 2 * 3;B", "[A 6 / 2 * 3][B]");
	check("A '-- ' ;B", "[A '-- ' ][B]");
	check("A '/*' ;B '*/'", "[A '/*' ][B '*/']");
}

static void
what_does_not_end_is_an_error(void **state)
{
	(void)state;
	check("'", "unfinished");
	check("A 'x", "unfinished");
	check("A; B \"x", "[A]unfinished");
	check("A `x", "unfinished");
	check("/*", "unfinished");
	check("/* x", "unfinished");
	check("A /*/", "unfinished");
	check("A 'x\\'", "unfinished");
	check("A 'x\\", "unfinished");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_semicolon_ends_a_statement),
		cmocka_unit_test(an_empty_statement_is_one_of_no_length),
		cmocka_unit_test(a_semicolon_in_quotes_does_not_count),
		cmocka_unit_test(quotes_within_quotes_are_doubled_or_escaped),
		cmocka_unit_test(comments_in_front_are_skipped_and_within_are_kept),
		cmocka_unit_test(what_only_looks_like_a_comment_is_none),
		cmocka_unit_test(what_does_not_end_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
