/* Records against storage, and the prompts that the records begin with. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "records/intents.h"
#include "records/objects.h"
#include "records/prompts.h"

/* A sample row of this job; its keys are KEY.flac, KEY.peaks, and KEY.mid if it has a score. */
static void
add_sample(struct db *db, struct uuid job, int index, bool score)
{
	struct uuid id = uuid_new();
	char keys[3][SAMPLE_KEY];
	static const char *const ends[] = { "flac", "peaks", "mid" };

	for (int k = 0; k < 3; k++)
		snprintf(keys[k], SAMPLE_KEY, "audio/ab/%s-1-%d.%s", UUID_STR(job), index, ends[k]);
	struct db_arg a[] = { DB_UUID(job), DB_INT(index), DB_UUID(id), DB_TEXT(keys[0]),
		DB_TEXT(keys[1]), DB_TEXT_OR_NULL(score ? keys[2] : NULL) };
	struct err e;

	assert_int_equal(db_exec(db, "INSERT INTO samples (job_id, idx, id, prompt_id, model, "
		"seed, title, format, sample_rate, channels, frames, size_bytes, sha256, params, "
		"storage_key, peaks_key, midi_key, created_at) VALUES (?, ?, ?, REPEAT('p', 16), "
		"'band', 1, 't', 'flac', 48000, 2, 1, 77, REPEAT('s', 32), '{}', ?, ?, ?, "
		"UTC_TIMESTAMP(6))", a, NELEM(a), &e), 1);
}

static int
known(struct db *db, struct uuid job, const char *rest)
{
	char key[SAMPLE_KEY + 16];
	struct err e;
	int rc;

	snprintf(key, sizeof key, "audio/ab/%s%s", UUID_STR(job), rest);
	if ((rc = objects_known(db, key, &e)) < 0) fail_msg("%s", e.text);
	return rc;
}

static void
the_objects_of_a_sample_are_known(void **state)
{
	struct uuid job = uuid_new();

	add_sample(*state, job, 0, true);
	add_sample(*state, job, 1, false);
	assert_int_equal(known(*state, job, "-1-0.flac"), 1);
	assert_int_equal(known(*state, job, "-1-0.peaks"), 1);
	assert_int_equal(known(*state, job, "-1-0.mid"), 1);
	assert_int_equal(known(*state, job, "-1-1.flac"), 1);
	assert_int_equal(known(*state, job, "-1-1.mid"), 0);
	assert_int_equal(known(*state, job, "-2-0.flac"), 0);
	assert_int_equal(known(*state, uuid_new(), "-1-0.flac"), 0);
}

static void
an_intended_object_and_its_staged_file_are_known(void **state)
{
	struct uuid job = uuid_new();
	char key[SAMPLE_KEY];
	struct db_arg a[] = { DB_TEXT(key), DB_UUID(job), DB_UUID(job) };
	struct err e;

	snprintf(key, sizeof key, "audio/ab/%s-1-0.flac", UUID_STR(job));
	assert_int_equal(db_exec(*state, "INSERT INTO intents (storage_key, job_id, attempt, "
		"owner, created_at) VALUES (?, ?, 1, ?, "
		"UTC_TIMESTAMP(6))", a, NELEM(a), &e), 1);
	assert_int_equal(known(*state, job, "-1-0.flac"), 1);
	assert_int_equal(known(*state, job, "-1-0.flac.part"), 1);
	assert_int_equal(known(*state, job, "-1-1.flac.part"), 0);
}

static void
what_is_not_named_as_we_name_objects_is_unknown(void **state)
{
	static const char *const strange[] = { "", "x", "audio/ab/readme.txt", "lost+found",
		"audio/ab/0123", "audio/ab/01234567-89ab-cdef-0123-456789abcdeg-1-0.flac" };
	char long_key[400];
	struct err e;

	for (size_t i = 0; i < NELEM(strange); i++)
		assert_int_equal(objects_known(*state, strange[i], &e), 0);
	memset(long_key, 'a', sizeof long_key);
	long_key[sizeof long_key - 1] = '\0';
	assert_int_equal(objects_known(*state, long_key, &e), 0);
}

struct seen {
	int objects, sized, hashed, stop_at;
};

static int
see(void *ctx, const struct object_ref *o, struct err *e)
{
	struct seen *s = ctx;

	s->objects++;
	s->sized += o->size_bytes == 77;
	s->hashed += o->sha256 && o->sha256[0] == 's' && o->sha256[SHA256_BYTES - 1] == 's';
	if (s->objects == s->stop_at) return err_set(e, ERR_STOPPED, "enough");
	return strstr(o->key, ".mid") != NULL;
}

static void
every_object_of_every_sample_is_visited_once(void **state)
{
	struct seen s = {0};
	struct err e;
	long bad;

	/* More than the pages in which they are read. */
	harness_do(*state, "START TRANSACTION");
	for (int i = 0; i < 300; i++) {
		struct uuid job = uuid_new();

		for (int k = 0; k < 4; k++) add_sample(*state, job, k, k == 0);
	}
	harness_do(*state, "COMMIT");
	assert_done(objects_each(*state, see, &s, &bad, &e), e);
	assert_int_equal(s.objects, 300 * (4 * 2 + 1));
	assert_int_equal(s.sized, 300 * 4);
	assert_int_equal(s.hashed, 300 * 4);
	assert_int_equal(bad, 300);
	s = (struct seen){ .stop_at = 5 };
	assert_refused(objects_each(*state, see, &s, &bad, &e), e, ERR_STOPPED);
	assert_int_equal(s.objects, 5);
}

static int
note(void *ctx, const struct object_ref *o, struct err *e)
{
	(void)e;
	snprintf(ctx, SAMPLE_KEY, "%s", o->key);
	return o->size_bytes == 9 && o->sha256 && *o->sha256 == 's' ? 2 : 0;
}

static void
weights_are_known_as_long_as_there_is_a_record_or_an_intent_of_them(void **state)
{
	char seen[SAMPLE_KEY] = "";
	struct err e;
	long bad;

	harness_do(*state, "INSERT INTO adapter_weights (id, version_id, storage_key, sha256, "
		"size_bytes, uploaded_at) VALUES (REPEAT('w', 16), REPEAT('v', 16), "
		"'adapters/ab/one', REPEAT('s', 32), 9, UTC_TIMESTAMP(6))");
	assert_done(intents_add_upload(*state, uuid_new(), "adapters/ab/two", &e), e);
	assert_int_equal(objects_known(*state, "adapters/ab/one", &e), 1);
	assert_int_equal(objects_known(*state, "adapters/ab/two", &e), 1);
	assert_int_equal(objects_known(*state, "adapters/ab/two.part", &e), 1);
	assert_int_equal(objects_known(*state, "adapters/ab/three", &e), 0);
	assert_int_equal(objects_known(*state, "audio/ab/one", &e), 0);
	assert_done(objects_each(*state, note, seen, &bad, &e), e);
	assert_string_equal(seen, "adapters/ab/one");
	assert_int_equal(bad, 2);
}

static void
a_prompt_is_read_back_with_its_samples(void **state)
{
	struct uuid id, other;
	struct prompt p;
	struct err e;

	assert_done(prompts_create(*state, "calm \xe2\x80\x9cseas\xe2\x80\x9d",
		"{\"mood\":\"calm\"}", &id, &e), e);
	assert_done(prompts_create(*state, "plain", NULL, &other, &e), e);
	add_sample(*state, uuid_new(), 0, false);
	struct db_arg a[] = { DB_UUID(id) };
	assert_int_equal(db_exec(*state, "UPDATE samples SET prompt_id=?", a, 1, &e), 1);
	assert_done(prompts_get(*state, id, &p, &e), e);
	assert_string_equal(p.text, "calm \xe2\x80\x9cseas\xe2\x80\x9d");
	assert_string_equal(p.attributes, "{\"mood\":\"calm\"}");
	assert_int_equal(p.n_samples, 1);
	assert_true(p.created_at > 0);
	prompts_free(&p);
	assert_done(prompts_get(*state, other, &p, &e), e);
	assert_null(p.attributes);
	assert_int_equal(p.n_samples, 0);
	prompts_free(&p);
	assert_refused(prompts_get(*state, uuid_new(), &p, &e), e, ERR_NOT_FOUND);
	prompts_free(&p);
}

static void
prompts_are_listed_newest_first_with_their_total(void **state)
{
	const struct prompt_filter every = {0};
	struct prompt_list l;
	struct uuid ids[5];
	struct err e;

	for (int i = 0; i < 5; i++)
		assert_done(prompts_create(*state, "one", NULL, &ids[i], &e), e);
	assert_done(prompts_list(*state, &every, 2, 1, &l, &e), e);
	assert_int_equal(l.total, 5);
	assert_int_equal(l.n, 2);
	assert_true(uuid_eq(l.items[0].id, ids[3]));
	assert_true(uuid_eq(l.items[1].id, ids[2]));
	prompts_list_free(&l);
	assert_done(prompts_list(*state, &every, 10, 9, &l, &e), e);
	assert_int_equal(l.n, 0);
	prompts_list_free(&l);
}

static void
what_the_records_say_of_an_object_is_who_needs_it_and_the_hash_of_its_sound(void **state)
{
	static const struct { const char *rest; int found; bool has; } cases[] = {
		{ "-1-0.flac", 1, true }, { "-1-0.peaks", 1, false }, { "-1-0.mid", 1, false },
		{ "-2-0.flac", 0, false }, { "-1-0.mp3", 0, false },
	};
	struct uuid job = uuid_new();
	uint8_t sha[SHA256_BYTES];
	char key[SAMPLE_KEY];
	struct err e;
	bool has;

	add_sample(*state, job, 0, true);
	for (size_t i = 0; i < NELEM(cases); i++) {
		snprintf(key, sizeof key, "audio/ab/%s%s", UUID_STR(job), cases[i].rest);
		assert_int_equal(objects_look(*state, key, sha, &has, &e), cases[i].found);
		assert_int_equal(has, cases[i].has);
		if (has) assert_memory_equal(sha, "ssssssssssssssssssssssssssssssss", SHA256_BYTES);
	}
	assert_int_equal(objects_look(*state, "adapters/ab/none", sha, &has, &e), 0);
	assert_int_equal(objects_look(*state, "derived/ab/other.mp3", sha, &has, &e), 0);
}

#define TEST(f) cmocka_unit_test_setup(f, harness_no_rows)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_objects_of_a_sample_are_known),
		TEST(an_intended_object_and_its_staged_file_are_known),
		TEST(what_is_not_named_as_we_name_objects_is_unknown),
		TEST(what_the_records_say_of_an_object_is_who_needs_it_and_the_hash_of_its_sound),
		TEST(every_object_of_every_sample_is_visited_once),
		TEST(weights_are_known_as_long_as_there_is_a_record_or_an_intent_of_them),
		TEST(a_prompt_is_read_back_with_its_samples),
		TEST(prompts_are_listed_newest_first_with_their_total),
	};

	return cmocka_run_group_tests(tests, harness_begin_with_schema, harness_end);
}
