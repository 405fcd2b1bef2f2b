/* Bradley–Terry strengths against data whose answer is published. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "stats/ranking.h"

enum { MAX_PLAYERS = 8, MAX_CONTESTS = MAX_PLAYERS * MAX_PLAYERS };

/* wins[i][j]: how often i won against j. */
static size_t
contests_of(size_t n, const int (*wins)[MAX_PLAYERS], struct contest *out)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++)
			if (wins[i][j] || wins[j][i])
				out[k++] = (struct contest){ i, j, (uint64_t)wins[i][j],
					(uint64_t)wins[j][i], 0 };
	return k;
}

/* log(p_i / p_j) of two scores. */
static double
log_odds(struct ranked i, struct ranked j)
{
	return (i.score - j.score) * log(10) / 400;
}

static void
is_near(double value, double wanted, double error)
{
	if (!(fabs(value - wanted) <= error)) fail_msg("%.15g, not %.15g", value, wanted);
}

static void
mean_is_1000(const struct ranked *r, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) sum += r[i].score;
	is_near(sum / (double)n, 1000, 1e-9);
}

/* American League 1987, eastern division: A. Agresti, "Categorical Data Analysis" (2002), table 10.10;
 * strengths against Baltimore as in H. Turner and D. Firth, "Bradley-Terry models in R: the
 * BradleyTerry2 package", J. Stat. Software 48 (2012), with more digits by Newton's method. */
static void
baseball_teams_of_1987_have_their_published_strengths(void **state)
{
	enum { MIL, DET, TOR, NY, BOS, CLE, BAL, TEAMS };
	static const int wins[TEAMS][MAX_PLAYERS] = {
		[MIL] = { 0, 7, 9, 7, 7, 9, 11 }, [DET] = { 6, 0, 7, 5, 11, 9, 9 },
		[TOR] = { 4, 6, 0, 7, 7, 8, 12 }, [NY] = { 6, 8, 6, 0, 6, 7, 10 },
		[BOS] = { 6, 2, 6, 7, 0, 7, 12 }, [CLE] = { 4, 4, 5, 6, 6, 0, 6 },
		[BAL] = { 2, 4, 1, 3, 1, 7, 0 },
	};
	static const double published[] = { 1.5814, 1.4364, 1.2945, 1.2476, 1.1077, 0.6839, 0 };
	static const double exact[] = { 1.58135587666, 1.43640843181, 1.29448512391, 1.24761784514,
		1.10769770538, 0.683852769159, 0 };
	struct contest c[MAX_CONTESTS];
	struct ranked r[TEAMS];

	(void)state;
	assert_false(ranking_fit(c, contests_of(TEAMS, wins, c), r, TEAMS));
	for (int i = 0; i < TEAMS; i++) {
		is_near(log_odds(r[i], r[BAL]), published[i], 0.00005);
		is_near(log_odds(r[i], r[BAL]), exact[i], 1e-9);
		assert_true(r[i].low < r[i].score && r[i].score < r[i].high);
	}
	mean_is_1000(r, TEAMS);
	is_near(r[MIL].score, 1092.270785955879, 1e-8);
	is_near(r[BAL].score, 817.5611334921504, 1e-8);
}

/* Citations between four journals: S. M. Stigler, "Citation patterns in the journals of statistics and
 * probability", Statistical Science 9 (1994); strengths as in the BradleyTerry2 package. */
static void
journals_have_their_published_strengths(void **state)
{
	enum { BIOMETRIKA, COMM, JASA, JRSSB, JOURNALS };
	static const int cited[JOURNALS][MAX_PLAYERS] = {
		[BIOMETRIKA] = { 0, 730, 498, 221 }, [COMM] = { 33, 0, 68, 17 },
		[JASA] = { 320, 813, 0, 142 }, [JRSSB] = { 284, 276, 325, 0 },
	};
	struct contest c[MAX_CONTESTS];
	struct ranked r[JOURNALS];

	(void)state;
	assert_false(ranking_fit(c, contests_of(JOURNALS, cited, c), r, JOURNALS));
	is_near(log_odds(r[COMM], r[BIOMETRIKA]), -2.94907249684, 1e-9);
	is_near(log_odds(r[JASA], r[BIOMETRIKA]), -0.479569769752, 1e-9);
	is_near(log_odds(r[JRSSB], r[BIOMETRIKA]), 0.268954055819, 1e-9);
	mean_is_1000(r, JOURNALS);
}

/* The standard error of the log odds of two who met n times is 1 / √(n p (1-p)). */
static void
the_interval_is_as_wide_as_theory_says(void **state)
{
	struct contest c = { 0, 1, 600, 400, 0 };
	double half = 1.96 / sqrt(1000 * 0.6 * 0.4) * 400 / log(10) / 2, width;
	struct ranked r[2];

	(void)state;
	assert_false(ranking_fit(&c, 1, r, 2));
	is_near(log_odds(r[0], r[1]), log(1.5), 1e-9);
	for (int i = 0; i < 2; i++) {
		width = (r[i].high - r[i].low) / 2;
		if (fabs(width / half - 1) > 0.08) fail_msg("%g, not about %g", width, half);
		assert_true(r[i].low < r[i].score && r[i].score < r[i].high);
	}
	/* Two who are compared only with one another move against each other. */
	is_near(r[0].low + r[1].high, 2000, 1e-6);
}

static void
a_tie_is_half_a_vote_for_each(void **state)
{
	struct contest ties[] = { { 0, 1, 4, 2, 6 }, { 1, 2, 3, 3, 2 }, { 2, 0, 1, 5, 4 } };
	struct contest halves[] = { { 0, 1, 7, 5, 0 }, { 1, 2, 4, 4, 0 }, { 2, 0, 3, 7, 0 } };
	struct ranked a[3], b[3];

	(void)state;
	assert_false(ranking_fit(ties, 3, a, 3));
	assert_false(ranking_fit(halves, 3, b, 3));
	for (int i = 0; i < 3; i++) is_near(a[i].score, b[i].score, 1e-8);
}

static void
the_same_votes_give_the_same_answer_to_the_last_bit(void **state)
{
	struct contest c[] = { { 0, 1, 40, 22, 6 }, { 1, 2, 13, 39, 2 }, { 2, 0, 31, 25, 4 } };
	struct ranked a[3], b[3];

	(void)state;
	ranking_fit(c, 3, a, 3);
	ranking_fit(c, 3, b, 3);
	assert_memory_equal(a, b, sizeof a);
}

static void
one_who_never_lost_gets_a_finite_score_and_the_answer_says_why(void **state)
{
	struct contest c[] = { { 0, 1, 10, 0, 0 }, { 1, 2, 4, 6, 0 } };
	struct ranked r[3];

	(void)state;
	assert_true(ranking_fit(c, 2, r, 3));
	assert_true(r[0].score > r[2].score && r[2].score > r[1].score);
	for (int i = 0; i < 3; i++)
		assert_true(isfinite(r[i].low) && isfinite(r[i].high) && r[i].low <= r[i].score &&
			r[i].score <= r[i].high);
	mean_is_1000(r, 3);
}

static void
a_few_wins_are_not_certain_and_many_are_nearly(void **state)
{
	struct contest few = { 0, 1, 3, 0, 0 }, many = { 0, 1, 300, 0, 0 };
	struct ranked a[2], b[2];

	(void)state;
	assert_true(ranking_fit(&few, 1, a, 2));
	assert_true(ranking_fit(&many, 1, b, 2));
	/* Of three, one or two might have gone the other way: the intervals of the two meet. */
	assert_true(a[0].low < 1000 && a[1].high > 1000);
	assert_true(b[0].low > 1100 && b[1].high < 900);
	for (int i = 0; i < 2; i++) {
		assert_true(a[i].low <= a[i].score && a[i].score <= a[i].high);
		assert_true(b[i].low <= b[i].score && b[i].score <= b[i].high);
	}
}

/* Half a vote more on each side of the one pair: 1.5 to 0.5. */
static void
where_the_votes_do_not_suffice_a_pair_is_given_one_tie(void **state)
{
	struct contest c[] = { { 0, 1, 1, 0, 0 }, { 1, 0, 0, 4, 0 } };
	struct ranked r[2];

	(void)state;
	assert_true(ranking_fit(c, 1, r, 2));
	is_near(log_odds(r[0], r[1]), log(3), 1e-9);
	/* However many contests the pair is spread over. */
	assert_true(ranking_fit(c, 2, r, 2));
	is_near(log_odds(r[0], r[1]), log(11), 1e-9);
}

static void
groups_that_never_met_are_ranked_each_by_itself(void **state)
{
	struct contest c[] = { { 0, 1, 5, 5, 0 }, { 2, 3, 8, 2, 0 } };
	struct ranked r[4];

	(void)state;
	assert_true(ranking_fit(c, 2, r, 4));
	is_near(r[0].score, 1000, 1e-9);
	is_near(r[1].score, 1000, 1e-9);
	is_near(log_odds(r[2], r[3]), log(4), 1e-9);
	is_near(r[2].score + r[3].score, 2000, 1e-9);
}

/* Each is twenty times as good as the next: the strengths lie 10^25 apart. */
static void
a_long_ladder_is_climbed_to_its_top(void **state)
{
	enum { RUNGS = 20 };
	struct contest c[RUNGS - 1];
	struct ranked r[RUNGS];

	(void)state;
	for (size_t i = 0; i + 1 < RUNGS; i++) c[i] = (struct contest){ i, i + 1, 20, 1, 0 };
	assert_false(ranking_fit(c, RUNGS - 1, r, RUNGS));
	for (int i = 0; i + 1 < RUNGS; i++) is_near(log_odds(r[i], r[i + 1]), log(20), 1e-7);
	for (int i = 0; i < RUNGS; i++)
		assert_true(r[i].low < r[i].score && r[i].score < r[i].high);
	mean_is_1000(r, RUNGS);
}

/* The same by contests in any order, and seen from either side. */
static void
contests_of_one_pair_are_added_up(void **state)
{
	struct contest one[] = { { 0, 1, 7, 5, 3 }, { 1, 2, 4, 4, 0 }, { 2, 0, 3, 7, 1 } };
	struct contest many[] = { { 1, 2, 4, 1, 0 }, { 0, 1, 3, 5, 1 }, { 2, 0, 3, 7, 1 },
		{ 1, 0, 0, 4, 2 }, { 2, 1, 3, 0, 0 } };
	struct ranked a[3], b[3];

	(void)state;
	assert_false(ranking_fit(one, 3, a, 3));
	assert_false(ranking_fit(many, 5, b, 3));
	assert_memory_equal(a, b, sizeof a);
}

static void
nobody_and_one_alone_are_no_trouble(void **state)
{
	struct ranked r[1];

	(void)state;
	ranking_fit(NULL, 0, r, 0);
	assert_false(ranking_fit(NULL, 0, r, 1));
	is_near(r[0].score, 1000, 0);
	is_near(r[0].low, 1000, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(baseball_teams_of_1987_have_their_published_strengths),
		cmocka_unit_test(journals_have_their_published_strengths),
		cmocka_unit_test(the_interval_is_as_wide_as_theory_says),
		cmocka_unit_test(a_tie_is_half_a_vote_for_each),
		cmocka_unit_test(the_same_votes_give_the_same_answer_to_the_last_bit),
		cmocka_unit_test(one_who_never_lost_gets_a_finite_score_and_the_answer_says_why),
		cmocka_unit_test(a_few_wins_are_not_certain_and_many_are_nearly),
		cmocka_unit_test(where_the_votes_do_not_suffice_a_pair_is_given_one_tie),
		cmocka_unit_test(groups_that_never_met_are_ranked_each_by_itself),
		cmocka_unit_test(a_long_ladder_is_climbed_to_its_top),
		cmocka_unit_test(contests_of_one_pair_are_added_up),
		cmocka_unit_test(nobody_and_one_alone_are_no_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
