/* Feedback: what listeners say is kept with sums that always agree with the rows, whoever else is
 * saying something, or removing what it is about. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "records/favorites.h"
#include "records/feedback.h"
#include "records/preferences.h"
#include "records/ratings.h"
#include "records/tags.h"

enum { SAMPLES = 2, RACES = 100 };

struct made {
	struct uuid job, prompt, audio[SAMPLES];
};

/* A completed job with two samples; of the same prompt as another, where there is one. */
static struct made
make(struct db *db, const struct made *same_prompt)
{
	static char params[] = "{\"seed\":7}";
	static unsigned number;
	char words[40];
	struct uuid host = harness_host(db);
	struct job_new n = harness_job();
	struct sample s[SAMPLES];
	struct made m = {0};
	struct job j = {0};
	struct claim c;
	bool replayed;
	struct err e;

	/* Equal words would be one prompt. */
	snprintf(words, sizeof words, "a slow waltz, number %u", ++number);
	n.prompt_text = words;
	if (same_prompt) n.prompt_id = same_prompt->prompt;
	n.num_samples = SAMPLES;
	assert_done(jobs_submit(db, &n, &m.job, &replayed, &e), e);
	c = harness_take(db, host);
	assert_true(uuid_eq(c.job, m.job));
	assert_done(jobs_get(db, m.job, &j, &e), e);
	m.prompt = j.prompt_id;
	jobs_free(&j);
	for (int i = 0; i < SAMPLES; i++) {
		s[i] = (struct sample){ .index = i, .prompt_id = m.prompt, .model = "band",
			.format = "flac", .title = "A slow waltz", .sample_rate = 48000,
			.channels = 2, .frames = 480000, .size_bytes = 1000, .params = params };
		snprintf(s[i].storage_key, sizeof s[i].storage_key, "audio/%s-%d.flac",
			UUID_STR(m.job), i);
		snprintf(s[i].peaks_key, sizeof s[i].peaks_key, "audio/%s-%d.peaks",
			UUID_STR(m.job), i);
	}
	assert_int_equal(claims_complete(db, &c, s, SAMPLES, NULL, &e), 1);
	for (int i = 0; i < SAMPLES; i++) m.audio[i] = s[i].id;
	return m;
}

static struct uuid
rate(struct db *db, struct uuid audio, int rating, int criterion)
{
	struct rating r = { .audio_id = audio, .rating = rating, .criterion = criterion };
	struct uuid id;
	struct err e;

	assert_done(ratings_give(db, &r, &id, NULL, &e), e);
	return id;
}

static struct uuid
prefer(struct db *db, struct uuid prompt, struct uuid chosen, struct uuid rejected, int margin)
{
	struct preference p = { .prompt_id = prompt, .chosen_audio_id = chosen,
		.rejected_audio_id = rejected, .margin = margin };
	struct uuid id;
	struct err e;

	assert_done(preferences_give(db, &p, &id, NULL, &e), e);
	return id;
}

/* Give one tag; its row. */
static struct uuid
give(struct db *db, struct uuid audio, const char *tag, bool positive)
{
	struct tags_given g = { .audio_id = audio, .positive = &tag, .negative = &tag,
		.n_positive = positive, .n_negative = !positive };
	struct tag_list l;
	struct uuid id;
	struct err e;

	assert_done(tags_give(db, &g, false, &l, NULL, &e), e);
	assert_int_equal(l.n, 1);
	id = l.items[0].id;
	tags_list_free(&l);
	return id;
}

static void
check_sums(struct db *db)
{
	struct err e;
	int wrong;

	assert_done(feedback_audit(db, false, &wrong, &e), e);
	assert_int_equal(wrong, 0);
}

/* Remove a sample as the API does it: its feedback, then its row. */
static int
remove_audio(struct db *db, void *ctx, struct err *e)
{
	const struct uuid *id = ctx;
	struct db_arg a[] = { DB_UUID(*id) };

	return feedback_forget_audio(db, id, 1, e) ||
		db_exec(db, "DELETE FROM samples WHERE id=?", a, NELEM(a), e) < 0 ? -1 : 0;
}

static int64_t
rows(struct db *db)
{
	return harness_number(db, "SELECT (SELECT COUNT(*) FROM ratings)+(SELECT COUNT(*) FROM "
		"preferences)+(SELECT COUNT(*) FROM tags)");
}

static void
a_job_shows_the_sums_of_its_samples(void **state)
{
	struct made m = make(*state, NULL);
	struct feedback_job f = {0};
	struct job j = {0};
	struct err e;

	rate(*state, m.audio[0], 5, 0);
	rate(*state, m.audio[0], 2, 1);
	rate(*state, m.audio[1], 4, 0);
	prefer(*state, m.prompt, m.audio[1], m.audio[0], 3);
	give(*state, m.audio[0], "warm", true);
	assert_done(jobs_get(*state, m.job, &j, &e), e);
	assert_int_equal(j.feedback_count, 5);
	assert_int_equal(j.rating_count, 3);
	assert_int_equal(j.rating_sum, 11);
	jobs_free(&j);
	assert_done(feedback_get(*state, m.job, &f, &e), e);
	assert_int_equal(f.count, 5);
	assert_int_equal(f.n, SAMPLES);
	assert_int_equal(f.samples[0].count, 3);
	assert_int_equal(f.samples[0].n, 3);
	assert_int_equal(f.samples[0].items[0].kind, FEEDBACK_TAG);
	assert_string_equal(f.samples[0].items[0].tag, "warm");
	assert_int_equal(f.samples[1].count, 2);
	assert_int_equal(f.samples[1].items[0].kind, FEEDBACK_PREFERENCE);
	assert_true(uuid_eq(f.samples[1].items[0].preferred_over, m.audio[0]));
	feedback_job_free(&f);
	check_sums(*state);
}

static void
the_details_show_the_newest_thousand_and_count_them_all(void **state)
{
	struct made m = make(*state, NULL);
	struct feedback_job f = {0};
	struct uuid last;
	struct err e;

	for (int i = 0; i < FEEDBACK_SHOWN; i++) rate(*state, m.audio[i % SAMPLES], 5, 0);
	last = rate(*state, m.audio[0], 1, 0);
	assert_done(feedback_get(*state, m.job, &f, &e), e);
	assert_int_equal(f.count, FEEDBACK_SHOWN + 1);
	assert_int_equal(f.samples[0].count, FEEDBACK_SHOWN / 2 + 1);
	assert_int_equal(f.samples[0].n + f.samples[1].n, FEEDBACK_SHOWN);
	assert_true(uuid_eq(f.samples[0].items[0].id, last));
	feedback_job_free(&f);
}

static void
feedback_goes_with_its_sample_and_a_preference_with_either(void **state)
{
	struct made m = make(*state, NULL), other = make(*state, &m);
	struct job j = {0};
	struct err e;

	rate(*state, m.audio[0], 5, 0);
	rate(*state, m.audio[1], 3, 0);
	give(*state, m.audio[0], "warm", true);
	give(*state, m.audio[0], "muddy", false);
	prefer(*state, m.prompt, m.audio[0], m.audio[1], 0);
	prefer(*state, m.prompt, m.audio[1], m.audio[0], 0);
	prefer(*state, m.prompt, other.audio[0], m.audio[0], 5);
	prefer(*state, m.prompt, other.audio[0], other.audio[1], 5);
	assert_int_equal(db_transaction(*state, remove_audio, &m.audio[0], &e), DB_TX_DONE);
	assert_int_equal(rows(*state), 2);
	check_sums(*state);
	assert_done(jobs_get(*state, m.job, &j, &e), e);
	assert_int_equal(j.feedback_count, 1);
	jobs_free(&j);
	assert_done(jobs_get(*state, other.job, &j, &e), e);
	assert_int_equal(j.feedback_count, 1);
	jobs_free(&j);
	assert_refused(db_transaction(*state, remove_audio, &m.audio[0], &e), e, ERR_NOT_FOUND);
}

/* A made-up story: what is said, taken back and removed, in an order that a number decides. */
static uint32_t
next(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % below;
}

static void
take_back(struct db *db, uint32_t *seed)
{
	static const struct {
		const char *newest;
		int (*delete)(struct db *db, struct uuid id, struct err *e);
	} kinds[] = {
		{ "SELECT id FROM ratings ORDER BY id DESC LIMIT 1", ratings_delete },
		{ "SELECT id FROM preferences ORDER BY id DESC LIMIT 1", preferences_delete },
		{ "SELECT id FROM tags ORDER BY id LIMIT 1", tags_delete },
	};
	uint32_t kind = next(seed, NELEM(kinds));
	struct err e;
	struct db_rows *r = db_query(db, kinds[kind].newest, NULL, 0, &e);
	struct uuid id = {{0}};

	assert_non_null(r);
	if (db_next(r, &e) == 1) id = db_col_uuid(r, 0);
	db_rows_free(r);
	if (!uuid_is_nil(id)) assert_done(kinds[kind].delete(db, id, &e), e);
}

static void
replace_tags(struct db *db, struct uuid audio, uint32_t *seed)
{
	static const char *const words[] = { "warm", "Warm", "muddy", "catchy", "off beat" };
	uint32_t first = next(seed, 3);
	struct tags_given g = { .audio_id = audio, .positive = words + first,
		.n_positive = next(seed, 3), .negative = words + 4, .n_negative = next(seed, 2) };
	struct tag_list l;
	struct err e;

	if (first + g.n_positive == NELEM(words)) g.n_negative = 0;
	assert_done(tags_give(db, &g, next(seed, 2), &l, NULL, &e), e);
	tags_list_free(&l);
}

static void
something_happens(struct db *db, const struct made *a, const struct made *b, uint32_t *seed)
{
	struct uuid all[2 * SAMPLES], one, other;
	uint32_t i = next(seed, NELEM(all)), k = next(seed, NELEM(all) - 1);

	memcpy(all, a->audio, sizeof a->audio);
	memcpy(all + SAMPLES, b->audio, sizeof b->audio);
	one = all[i];
	other = all[k < i ? k : k + 1];
	switch (next(seed, 5)) {
	case 0:
		rate(db, one, 1 + (int)next(seed, 5), (int)next(seed, RATING_CRITERIA));
		break;
	case 1: prefer(db, a->prompt, one, other, (int)next(seed, 6)); break;
	case 2: give(db, one, next(seed, 2) ? "Warm" : "slow", next(seed, 2)); break;
	case 3: replace_tags(db, one, seed); break;
	default: take_back(db, seed); break;
	}
}

static void
sums_are_those_of_the_rows_after_any_sequence_of_changes(void **state)
{
	for (uint32_t story = 1; story <= 10; story++) {
		struct made a, b;
		uint32_t seed = story;
		struct err e;

		harness_no_rows(state);
		a = make(*state, NULL);
		b = make(*state, &a);
		for (int step = 0; step < 60; step++) {
			something_happens(*state, &a, &b, &seed);
			if (step % 10 == 0) check_sums(*state);
		}
		for (int i = 0; i < SAMPLES; i++) {
			check_sums(*state);
			assert_int_equal(db_transaction(*state, remove_audio, &b.audio[i], &e),
				DB_TX_DONE);
		}
		check_sums(*state);
		for (int i = 0; i < SAMPLES; i++)
			assert_int_equal(db_transaction(*state, remove_audio, &a.audio[i], &e),
				DB_TX_DONE);
		check_sums(*state);
		assert_int_equal(rows(*state), 0);
		assert_int_equal(harness_number(*state, "SELECT SUM(feedback_count) FROM jobs"), 0);
		assert_int_equal(harness_number(*state, "SELECT SUM(n) FROM tag_counts"), 0);
	}
}

static void
adapters_are_told_apart_by_their_ratings_and_the_base_model_is_one_of_them(void **state)
{
	struct made m = make(*state, NULL);
	struct rating_adapter by[4];
	struct err e;

	harness_do(*state, "INSERT INTO adapters (id, name, base_model, status, version_id, "
		"created_at, updated_at) VALUES (UNHEX(LPAD('a',32,'0')), 'Dusty tape', 'band', "
		"'active', UNHEX(LPAD('b',32,'0')), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))");
	harness_do(*state, "UPDATE samples SET adapter_id=UNHEX(LPAD('a',32,'0')) WHERE idx=1");
	rate(*state, m.audio[0], 2, 0);
	rate(*state, m.audio[1], 5, 0);
	rate(*state, m.audio[1], 4, 3);
	assert_int_equal(ratings_by_adapter(*state, by, NELEM(by), &e), 2);
	assert_string_equal(by[0].name, "Dusty tape");
	assert_int_equal(by[0].count, 2);
	assert_int_equal(by[0].sum, 9);
	assert_true(uuid_is_nil(by[1].id));
	assert_int_equal(by[1].count, 1);
	/* What is gone does not count, nor does who has nothing left. */
	assert_int_equal(db_transaction(*state, remove_audio, &m.audio[1], &e), DB_TX_DONE);
	assert_int_equal(ratings_by_adapter(*state, by, NELEM(by), &e), 1);
	assert_true(uuid_is_nil(by[0].id));
	check_sums(*state);
}

/* The sums that are kept, against what a statement of our own counts: the audit could be blind. */
static void
totals_are_what_a_count_of_the_rows_gives(void **state)
{
	struct made a = make(*state, NULL), b = make(*state, &a), c = make(*state, NULL);
	struct feedback_totals t;
	struct rating_stats s;
	struct err e;

	rate(*state, a.audio[0], 5, 0);
	rate(*state, a.audio[0], 4, 0);
	rate(*state, b.audio[1], 1, 6);
	prefer(*state, a.prompt, a.audio[0], b.audio[0], 3);
	prefer(*state, a.prompt, a.audio[1], a.audio[0], 0);
	prefer(*state, c.prompt, c.audio[0], c.audio[1], 1);
	give(*state, b.audio[1], "warm", true);
	give(*state, c.audio[1], "WARM", false);
	give(*state, c.audio[1], "warm", true);
	assert_done(feedback_totals(*state, &t, &e), e);
	assert_int_equal(t.ratings, 3);
	assert_int_equal(t.rating_sum, 10);
	assert_int_equal(t.preferences, 3);
	assert_int_equal(t.margins, 2);
	assert_int_equal(t.margin_sum, 4);
	assert_int_equal(t.positive_tags, 2);
	assert_int_equal(t.negative_tags, 0);
	assert_int_equal(t.audios, 5);
	assert_int_equal(t.rated_audios, 2);
	assert_int_equal(t.compared_audios, 5);
	assert_int_equal(t.compared_prompts, 2);
	assert_done(ratings_stats(*state, (struct uuid){{0}}, &s, &e), e);
	assert_int_equal(s.n[0][5], 1);
	assert_int_equal(s.n[0][4], 1);
	assert_int_equal(s.n[6][1], 1);
	check_sums(*state);
}

static void
an_audit_finds_every_sum_that_is_wrong_and_mends_it(void **state)
{
	static const char *const damage[] = {
		"UPDATE jobs SET rating_sum=rating_sum+1, feedback_count=0",
		"DELETE FROM audio_feedback WHERE rating_count>0",
		"UPDATE audio_feedback SET wins=wins-1 LIMIT 1",
		"UPDATE rating_counts SET n=n+7",
		"DELETE FROM rating_counts",
		"UPDATE tag_counts SET negative=negative+1",
		"DELETE FROM tag_counts",
		"UPDATE compared_prompts SET n=0",
		"UPDATE feedback_totals SET rated_audios=rated_audios+1, margins=99",
		"DELETE FROM feedback_totals",
		"UPDATE tags SET audio_created_at=NULL",
		"UPDATE audio_feedback SET audio_created_at='2020-01-01'",
		"UPDATE favorites SET target_created_at=NULL",
		"DELETE FROM samples WHERE idx=1",
		"DELETE FROM samples",
	};
	struct made m = make(*state, NULL);
	struct uuid nobody = {{0}}, id;
	struct err e;
	int wrong;

	for (size_t i = 0; i < NELEM(damage); i++) {
		if (i < NELEM(damage) - 1) {
			favorites_create(*state, nobody, FAVORITE_AUDIO, m.audio[0], NULL, &id,
				&e);
			rate(*state, m.audio[0], 5, 0);
			rate(*state, m.audio[1], 2, 3);
			prefer(*state, m.prompt, m.audio[0], m.audio[1], 3);
			give(*state, m.audio[0], "warm", true);
		}
		check_sums(*state);
		harness_do(*state, damage[i]);
		assert_done(feedback_audit(*state, false, &wrong, &e), e);
		if (!wrong) fail_msg("not found: %s", damage[i]);
		assert_done(feedback_audit(*state, true, &wrong, &e), e);
		if (!wrong) fail_msg("not found: %s", damage[i]);
		check_sums(*state);
	}
	assert_int_equal(rows(*state), 0);
}

static void
an_audit_looks_at_every_part_of_a_long_table(void **state)
{
	struct err e;
	int wrong;

	/* Rows 1 … 65536, which are four parts, and something wrong at the ends of them. */
	harness_do(*state, "INSERT INTO compared_prompts VALUES (UNHEX(LPAD(1,32,0)), 0)");
	for (int n = 1; n < 65536; n *= 2) {
		char sql[200];

		snprintf(sql, sizeof sql, "INSERT INTO compared_prompts SELECT UNHEX(LPAD(HEX("
			"CONV(HEX(prompt_id),16,10)+%d),32,0)), 0 FROM compared_prompts", n);
		harness_do(*state, sql);
	}
	check_sums(*state);
	harness_do(*state, "UPDATE compared_prompts SET n=1 WHERE CONV(HEX(prompt_id),16,10) IN "
		"(1,20000,20001,40000,60001,65536)");
	assert_done(feedback_audit(*state, false, &wrong, &e), e);
	/* The totals count prompts with preferences, too. */
	assert_int_equal(wrong, 6 + 1);
	assert_done(feedback_audit(*state, true, &wrong, &e), e);
	check_sums(*state);
}

/* What happens at once in the races below: process i does the i-th thing. */
struct race {
	struct made a, b;
	int round;
};

/* So that the two sides of a race meet in ever another place. */
static void
wait_a_little(const struct race *race)
{
	usleep((useconds_t)(race->round % 20) * 250);
}

static int
rate_or_remove(struct db *db, int i, void *ctx)
{
	const struct race *race = ctx;
	struct rating r = { .audio_id = race->a.audio[0], .rating = 4 };
	struct uuid id, audio = race->a.audio[0];
	struct err e;
	int rc;

	if (i == 0) wait_a_little(race);
	if (i == 0) rc = db_transaction(db, remove_audio, &audio, &e);
	else rc = ratings_give(db, &r, &id, NULL, &e);
	if (rc && !(i && e.kind == ERR_NOT_FOUND)) fprintf(stderr, "%s\n", e.text);
	return rc && !(i && e.kind == ERR_NOT_FOUND) ? -1 : i && !rc;
}

static void
a_hundred_times_a_rating_and_the_removal_of_its_sample_leave_no_orphan(void **state)
{
	int rated = 0;

	for (int round = 0; round < RACES; round++) {
		struct race race = { .a = make(*state, NULL), .round = round };

		rated += harness_together(3, rate_or_remove, &race);
		assert_int_equal(rows(*state), 0);
		check_sums(*state);
	}
	printf("# %d of %d ratings were there before the removal\n", rated, 2 * RACES);
}

/* Two jobs of one prompt, each with a sample that the other's is compared with. */
static int
prefer_or_remove(struct db *db, int i, void *ctx)
{
	const struct race *race = ctx;
	struct uuid one = race->a.audio[0], other = race->b.audio[0], id;
	struct preference p = { .prompt_id = race->a.prompt, .chosen_audio_id = i % 2 ? one : other,
		.rejected_audio_id = i % 2 ? other : one, .margin = 2 };
	struct err e;
	int rc;

	if (i < 2) wait_a_little(race);
	if (i < 2) rc = db_transaction(db, remove_audio, i ? &one : &other, &e);
	else rc = preferences_give(db, &p, &id, NULL, &e);
	if (rc && !(i >= 2 && e.kind == ERR_NOT_FOUND)) fprintf(stderr, "%s\n", e.text);
	return rc && !(i >= 2 && e.kind == ERR_NOT_FOUND) ? -1 : i >= 2 && !rc;
}

static void
a_hundred_times_preferences_and_the_removal_of_their_samples_leave_no_orphan(void **state)
{
	int preferred = 0;

	for (int round = 0; round < RACES; round++) {
		struct race race = { .a = make(*state, NULL), .round = round };

		race.b = make(*state, &race.a);
		preferred += harness_together(4, prefer_or_remove, &race);
		assert_int_equal(rows(*state), 0);
		check_sums(*state);
	}
	printf("# %d of %d preferences were there before the removals\n", preferred, 2 * RACES);
}

static int
say_something(struct db *db, int i, void *ctx)
{
	const struct race *race = ctx;
	uint32_t seed = (uint32_t)i * 7919u + 1;

	for (int step = 0; step < 40; step++) {
		struct uuid audio = step % 2 ? race->a.audio[i % 2] : race->b.audio[0], id;
		const char *words[] = { i % 2 ? "warm" : "slow", i % 2 ? "slow" : "warm" };
		struct rating r = { .audio_id = audio, .rating = 1 + (int)next(&seed, 5) };
		struct preference p = { .prompt_id = race->a.prompt, .chosen_audio_id = audio,
			.rejected_audio_id = race->a.audio[1 - i % 2] };
		struct tags_given g = { .audio_id = audio, .positive = words, .n_positive = 2 };
		struct tag_list l = {0};
		struct err e;
		int rc = step % 3 == 0 ? ratings_give(db, &r, &id, NULL, &e)
			: step % 3 == 1 ? preferences_give(db, &p, &id, NULL, &e)
			: tags_give(db, &g, true, &l, NULL, &e);

		tags_list_free(&l);
		if (rc) fprintf(stderr, "%s\n", e.text);
		if (rc) return -1;
	}
	return 1;
}

static struct uuid
rate_as(struct db *db, struct uuid user, struct uuid audio, int rating, int criterion, bool is_new)
{
	char notes[] = "Again.";
	struct rating r = { .audio_id = audio, .user_id = user, .rating = rating,
		.criterion = criterion, .notes = is_new ? NULL : notes };
	struct uuid id;
	struct err e;
	bool was_new;

	assert_done(ratings_give(db, &r, &id, &was_new, &e), e);
	assert_int_equal(was_new, is_new);
	return id;
}

static void
a_user_has_one_rating_of_a_sample_by_each_criterion(void **state)
{
	struct db *db = *state;
	struct made m = make(db, NULL);
	struct uuid ada = harness_creator(db, "ada"), bob = harness_creator(db, "bob");
	struct uuid first = rate_as(db, ada, m.audio[0], 2, 0, true);
	struct rating r = {0};
	struct err e;

	rate_as(db, bob, m.audio[0], 1, 0, true);
	rate_as(db, ada, m.audio[0], 4, 1, true);
	rate_as(db, ada, m.audio[1], 3, 0, true);
	rate(db, m.audio[0], 5, 0);
	rate(db, m.audio[0], 5, 0);
	check_sums(db);
	assert_true(uuid_eq(rate_as(db, ada, m.audio[0], 5, 0, false), first));
	assert_true(uuid_eq(rate_as(db, ada, m.audio[0], 5, 0, false), first));
	check_sums(db);
	assert_done(ratings_get(db, first, &r, &e), e);
	assert_int_equal(r.rating, 5);
	assert_string_equal(r.notes, "Again.");
	ratings_free(&r);
	assert_int_equal(harness_number(db, "SELECT COUNT(*) FROM ratings"), 6);
	assert_done(ratings_delete(db, first, &e), e);
	rate_as(db, ada, m.audio[0], 1, 0, true);
	check_sums(db);
}

static struct uuid
prefer_as(struct db *db, struct uuid user, const struct made *m, int chosen, int margin,
	bool is_new)
{
	struct preference p = { .prompt_id = m->prompt, .user_id = user, .margin = margin,
		.chosen_audio_id = m->audio[chosen], .rejected_audio_id = m->audio[1 - chosen] };
	struct uuid id;
	struct err e;
	bool was_new;

	assert_done(preferences_give(db, &p, &id, &was_new, &e), e);
	assert_int_equal(was_new, is_new);
	return id;
}

static void
a_user_prefers_one_of_two_samples_as_said_last(void **state)
{
	struct db *db = *state;
	struct made m = make(db, NULL);
	struct uuid ada = harness_creator(db, "ada"), bob = harness_creator(db, "bob");
	struct uuid first = prefer_as(db, ada, &m, 0, 3, true);
	struct preference p = {0};
	struct err e;

	prefer_as(db, bob, &m, 0, 1, true);
	prefer(db, m.prompt, m.audio[0], m.audio[1], 0);
	prefer(db, m.prompt, m.audio[1], m.audio[0], 0);
	for (int chosen = 1; chosen >= 0; chosen--) {
		assert_true(uuid_eq(prefer_as(db, ada, &m, chosen, chosen, false), first));
		check_sums(db);
		assert_done(preferences_get(db, first, &p, &e), e);
		assert_true(uuid_eq(p.chosen_audio_id, m.audio[chosen]));
		assert_int_equal(p.margin, chosen);
		preferences_free(&p);
	}
	assert_int_equal(harness_number(db, "SELECT COUNT(*) FROM preferences"), 4);
	assert_done(preferences_delete(db, first, &e), e);
	prefer_as(db, ada, &m, 1, 0, true);
	check_sums(db);
}

/* Each of two users at two places at once. */
static int
change_ones_mind(struct db *db, int i, void *ctx)
{
	const struct race *race = ctx;
	struct uuid user = i % 2 ? race->a.job : race->a.prompt, id;
	struct err e;

	for (int step = 0; step < 30; step++) {
		struct rating r = { .audio_id = race->a.audio[step % 2], .user_id = user,
			.rating = 1 + (step + i) % 5 };
		struct preference p = { .prompt_id = race->a.prompt, .user_id = user,
			.chosen_audio_id = race->a.audio[(step + i) / 2 % 2],
			.rejected_audio_id = race->a.audio[1 - (step + i) / 2 % 2] };

		if (ratings_give(db, &r, &id, NULL, &e) ||
			preferences_give(db, &p, &id, NULL, &e)) {
			fprintf(stderr, "%s\n", e.text);
			return -1;
		}
	}
	return 1;
}

static void
who_changes_their_mind_at_two_places_at_once_has_one_opinion_in_the_end(void **state)
{
	struct race race = { .a = make(*state, NULL) };

	assert_int_equal(harness_together(4, change_ones_mind, &race), 4);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM ratings"), 4);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM preferences"), 2);
	check_sums(*state);
}

static int
say_something_or_audit(struct db *db, int i, void *ctx)
{
	struct err e;
	int wrong, found = 0;

	if (i) return say_something(db, i, ctx) < 0 ? -1 : 0;
	for (int round = 0; round < 20; round++) {
		if (feedback_audit(db, true, &wrong, &e)) fprintf(stderr, "%s\n", e.text);
		else found += wrong;
	}
	return found;
}

static void
what_many_say_at_once_is_all_counted_and_an_audit_meanwhile_finds_nothing(void **state)
{
	struct race race = { .a = make(*state, NULL) };

	race.b = make(*state, &race.a);
	assert_int_equal(harness_together(5, say_something_or_audit, &race), 0);
	check_sums(*state);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM ratings"), 4 * 14);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM preferences"), 4 * 13);
}

#define TEST(f) cmocka_unit_test_setup(f, harness_no_rows)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_job_shows_the_sums_of_its_samples),
		TEST(the_details_show_the_newest_thousand_and_count_them_all),
		TEST(feedback_goes_with_its_sample_and_a_preference_with_either),
		TEST(sums_are_those_of_the_rows_after_any_sequence_of_changes),
		TEST(adapters_are_told_apart_by_their_ratings_and_the_base_model_is_one_of_them),
		TEST(totals_are_what_a_count_of_the_rows_gives),
		TEST(an_audit_finds_every_sum_that_is_wrong_and_mends_it),
		TEST(an_audit_looks_at_every_part_of_a_long_table),
		TEST(a_hundred_times_a_rating_and_the_removal_of_its_sample_leave_no_orphan),
		TEST(a_hundred_times_preferences_and_the_removal_of_their_samples_leave_no_orphan),
		TEST(a_user_has_one_rating_of_a_sample_by_each_criterion),
		TEST(a_user_prefers_one_of_two_samples_as_said_last),
		TEST(who_changes_their_mind_at_two_places_at_once_has_one_opinion_in_the_end),
		TEST(what_many_say_at_once_is_all_counted_and_an_audit_meanwhile_finds_nothing),
	};

	return cmocka_run_group_tests(tests, harness_begin_with_schema, harness_end);
}
