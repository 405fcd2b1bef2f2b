/* Feedback: what listeners say is kept with sums that always agree with the rows, whoever else is
 * saying something, or removing what it is about. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	struct uuid host = harness_host(db);
	struct job_new n = harness_job();
	struct sample s[SAMPLES];
	struct made m = {0};
	struct job j = {0};
	struct claim c;
	bool replayed;
	struct err e;

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

	assert_done(ratings_create(db, &r, &id, &e), e);
	return id;
}

static struct uuid
prefer(struct db *db, struct uuid prompt, struct uuid chosen, struct uuid rejected, int margin)
{
	struct preference p = { .prompt_id = prompt, .chosen_audio_id = chosen,
		.rejected_audio_id = rejected, .margin = margin };
	struct uuid id;
	struct err e;

	assert_done(preferences_create(db, &p, &id, &e), e);
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

#define TEST(f) cmocka_unit_test_setup(f, harness_no_rows)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_job_shows_the_sums_of_its_samples),
		TEST(feedback_goes_with_its_sample_and_a_preference_with_either),
	};

	return cmocka_run_group_tests(tests, harness_begin_with_schema, harness_end);
}
