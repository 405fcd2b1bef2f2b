/* Models: one list of what all hosts together can run. */
#include "harness.h"

#include <string.h>

#include "records/models.h"

static char description[] = "{\"display_name\":\"A model\"}";

/* A host that was seen so many seconds ago. Publishes models by name, "!" in front of one that it
 * cannot run. */
static struct uuid
host(struct db *db, int seen_s_ago, const char *const *names)
{
	struct uuid id = uuid_new();
	struct model m[8] = {0};
	struct db_arg a[] = { DB_INT(seen_s_ago), DB_UUID(id) };
	struct err e;
	size_t n = 0;

	for (; names[n]; n++) {
		bool able = names[n][0] != '!';

		strcpy(m[n].id, names[n] + !able);
		if (!able) strcpy(m[n].reason, "There is no soundfont.");
		if (!able) strcpy(m[n].remedy, "earshot model fetch large");
		m[n].position = (int)n;
		m[n].description = description;
		m[n].available = able;
	}
	assert_done(models_host_seen(db, id, "here", 1, 2, 0, &e), e);
	assert_done(models_publish(db, id, m, n, &e), e);
	assert_int_equal(db_exec(db, "UPDATE hosts SET seen_at=UTC_TIMESTAMP(6) - INTERVAL ? "
		"SECOND WHERE id=?", a, 2, &e), 1);
	return id;
}
#define NAMES(...) (const char *const[]){ __VA_ARGS__, NULL }

/* The list as text: "band !large". */
static void
check(struct db *db, const char *expected)
{
	struct model_list l;
	char got[512] = "";
	struct err e;

	assert_done(models_list(db, &l, &e), e);
	for (size_t i = 0; i < l.n; i++) {
		struct model *m = &l.items[i];

		if (i) strcat(got, " ");
		if (!m->available) strcat(got, "!");
		strcat(got, m->id);
		assert_string_equal(m->reason, m->available ? "" : "There is no soundfont.");
		assert_string_equal(m->remedy, m->available ? "" : "earshot model fetch large");
		assert_string_equal(m->description, description);
	}
	models_list_free(&l);
	assert_string_equal(got, expected);
}

static void
without_a_host_there_is_no_model(void **state)
{
	check(*state, "");
}

static void
models_come_in_the_order_of_the_build(void **state)
{
	host(*state, 0, NAMES("band", "a_large_one", "remote"));
	check(*state, "band a_large_one remote");
}

static void
a_model_that_several_hosts_have_is_listed_once(void **state)
{
	host(*state, 0, NAMES("band", "large"));
	host(*state, 0, NAMES("band", "large"));
	check(*state, "band large");
}

static void
one_host_that_can_run_it_makes_a_model_available(void **state)
{
	host(*state, 0, NAMES("!band", "!large"));
	host(*state, 5, NAMES("band", "!large"));
	check(*state, "band !large");
}

static void
a_host_not_seen_for_a_minute_counts_only_for_what_no_other_has(void **state)
{
	host(*state, 120, NAMES("band", "gone"));
	host(*state, 0, NAMES("!band"));
	check(*state, "!band gone");
}

static void
what_a_host_says_replaces_what_it_said_before(void **state)
{
	struct model only = { .id = "band", .description = description,
		.reason = "There is no soundfont.", .remedy = "earshot model fetch large" };
	struct uuid id = host(*state, 0, NAMES("band", "large"));
	struct err e;

	check(*state, "band large");
	assert_done(models_publish(*state, id, &only, 1, &e), e);
	check(*state, "!band");
	assert_done(models_publish(*state, id, NULL, 0, &e), e);
	check(*state, "");
}

static void
a_host_that_is_seen_again_keeps_its_row(void **state)
{
	struct uuid id = host(*state, 100, NAMES("band"));
	struct err e;

	assert_done(models_host_seen(*state, id, "there", 7, 8, 9, &e), e);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM hosts"), 1);
	assert_int_equal(harness_number(*state, "SELECT 100*pid + 10*workers + busy FROM hosts "
		"WHERE name='there' AND seen_at > UTC_TIMESTAMP(6) - INTERVAL 30 SECOND"), 789);
}

static void
a_list_that_does_not_fit_together_changes_nothing(void **state)
{
	struct uuid id = host(*state, 0, NAMES("band", "large"));
	struct model twice[] = { { .id = "new", .description = description },
		{ .id = "new", .description = description } };
	struct err e;

	assert_refused(models_publish(*state, id, twice, 2, &e), e, ERR_CONFLICT);
	check(*state, "band large");
}

static void
the_workers_of_hosts_that_are_alive_are_summed_up(void **state)
{
	struct workers w;
	struct err e;

	assert_done(models_workers(*state, &w, &e), e);
	assert_int_equal(w.hosts + w.up + w.busy, 0);
	assert_done(models_host_seen(*state, host(*state, 0, NAMES("band")), "a", 1, 4, 3, &e), e);
	assert_done(models_host_seen(*state, host(*state, 0, NAMES("band")), "b", 1, 2, 0, &e), e);
	host(*state, 100, NAMES("band"));
	assert_done(models_workers(*state, &w, &e), e);
	assert_int_equal(w.hosts, 2);
	assert_int_equal(w.up, 6);
	assert_int_equal(w.busy, 3);
}

/* Of the newest that has ended: older ones, and those that are not through, do not count. */
static void
the_last_failure_of_a_model_is_that_of_its_newest_job(void **state)
{
	static const struct claim_failure away = { .final = true, .code = "unavailable",
		.text = "The server gpu is away.", .max_attempts = 1 }, refused = { .final = true,
		.code = "cannot_generate", .text = "No.", .max_attempts = 1 };
	struct uuid id = host(*state, 0, NAMES("gpu"));
	struct model_failure f;
	struct claim c;
	struct err e;

	assert_int_equal(models_last_failure(*state, "gpu", &f, &e), 0);
	harness_submit_to(*state, "gpu", 5);
	c = harness_take(*state, id);
	assert_int_equal(models_last_failure(*state, "gpu", &f, &e), 0);
	assert_int_equal(claims_fail(*state, &c, &away, &e), 1);
	harness_submit_to(*state, "gpu", 5);
	assert_int_equal(models_last_failure(*state, "gpu", &f, &e), 1);
	assert_string_equal(f.error, away.text);
	assert_true(f.at_us > 0);
	assert_int_equal(models_last_failure(*state, "band", &f, &e), 0);
	c = harness_take(*state, id);
	assert_int_equal(claims_fail(*state, &c, &refused, &e), 1);
	assert_int_equal(models_last_failure(*state, "gpu", &f, &e), 0);
}

#define TEST(f) cmocka_unit_test_setup(f, harness_no_rows)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_host_there_is_no_model),
		TEST(models_come_in_the_order_of_the_build),
		TEST(a_model_that_several_hosts_have_is_listed_once),
		TEST(one_host_that_can_run_it_makes_a_model_available),
		TEST(a_host_not_seen_for_a_minute_counts_only_for_what_no_other_has),
		TEST(what_a_host_says_replaces_what_it_said_before),
		TEST(a_host_that_is_seen_again_keeps_its_row),
		TEST(a_list_that_does_not_fit_together_changes_nothing),
		TEST(the_workers_of_hosts_that_are_alive_are_summed_up),
		TEST(the_last_failure_of_a_model_is_that_of_its_newest_job),
	};

	return cmocka_run_group_tests(tests, harness_begin_with_schema, harness_end);
}
