/* What the votes of an A/B test say, as people read it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/abverdict.h"
#include "base/buf.h"
#include "base/err.h"

static void
the_sentence_says_who_leads_and_how_often_chance_does_it(void **state)
{
	static const struct { uint64_t a, b, equal; const char *sentence; } rows[] = {
		{ 0, 0, 0, "Nobody has voted yet." },
		{ 0, 0, 1, "No vote prefers either side; 1 is of a tie." },
		{ 0, 0, 5, "No vote prefers either side; 5 are of a tie." },
		{ 1, 0, 0, "1 of 1 vote for A (Alt); such a lead happens by chance 100 % of the "
			"time." },
		{ 12, 12, 0, "12 of 24 votes for each side: no lead." },
		{ 7, 17, 0, "17 of 24 votes for B (Neu); such a lead happens by chance 6 % of the "
			"time." },
		{ 17, 7, 1, "17 of 24 votes for A (Alt); such a lead happens by chance 6 % of the "
			"time; 1 more vote is for a tie." },
		{ 0, 8, 2, "8 of 8 votes for B (Neu); such a lead happens by chance 0.78 % of the "
			"time; 2 more votes are for a tie." },
		{ 0, 40, 0, "40 of 40 votes for B (Neu); such a lead happens by chance less than "
			"0.01 % of the time." },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		struct abverdict v = abverdict_of(rows[i].a, rows[i].b, rows[i].equal);
		struct buf out = {0};

		abverdict_write(&v, "Alt", "Neu", &out);
		assert_string_equal(buf_str(&out), rows[i].sentence);
		buf_free(&out);
	}
}

static void
ties_alone_give_no_numbers(void **state)
{
	struct abverdict v = abverdict_of(0, 0, 9);

	(void)state;
	assert_true(isnan(v.a_rate) && isnan(v.b_rate) && isnan(v.low) && isnan(v.high) &&
		isnan(v.p));
}

static void
ties_change_none_of_the_numbers(void **state)
{
	struct abverdict with = abverdict_of(7, 17, 30), without = abverdict_of(7, 17, 0);

	(void)state;
	assert_true(with.a_rate == without.a_rate && with.low == without.low &&
		with.high == without.high && with.p == without.p);
	assert_true(with.low < with.a_rate && with.a_rate < with.high);
	assert_true(fabs(with.a_rate + with.b_rate - 1) < 1e-15);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sentence_says_who_leads_and_how_often_chance_does_it),
		cmocka_unit_test(ties_alone_give_no_numbers),
		cmocka_unit_test(ties_change_none_of_the_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
