/* Adapters: one active version at every moment, files that never change, and uploads that nobody can
 * lose track of. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "records/adapters.h"
#include "records/intents.h"

static const struct adapter_new lofi = { .name = "Lo-fi", .base_model = "band", .version = "1.0.0",
	.config = "{\"a\":1}" };

static struct uuid
make(struct db *db)
{
	struct uuid id;
	struct err e;

	assert_done(adapters_create(db, &lofi, &id, &e), e);
	return id;
}

static struct adapter
get(struct db *db, struct uuid id)
{
	struct adapter a = {0};
	struct err e;

	assert_done(adapters_get(db, id, &a, &e), e);
	return a;
}

static struct uuid
add_version(struct db *db, struct uuid id, const char *version)
{
	struct uuid made;
	struct err e;

	assert_done(adapters_add_version(db, id, version, "A note", &made, &e), e);
	return made;
}

/* An upload up to its end: sha256 is all this byte. Not with cmocka's assertions, for
 * harness_together(). */
static int
upload_to(struct db *db, struct uuid id, struct uuid version, uint8_t byte, bool activate,
	struct err *e)
{
	char about[] = "{\"style\":\"lofi\"}";
	struct adapter_weights w = { .size_bytes = 100u + byte, .about = about };
	struct adapter_version v = {0};
	int rc = -1;

	memset(w.sha256, byte, sizeof w.sha256);
	if (!adapters_target(db, id, version, &v, e) && !adapters_begin_weights(db, &w, e))
		rc = adapters_set_weights(db, &v, &w, activate, e);
	adapters_version_free(&v);
	return rc;
}

static void
upload(struct db *db, struct uuid id, struct uuid version, uint8_t byte, bool activate)
{
	struct err e;

	assert_done(upload_to(db, id, version, byte, activate, &e), e);
}

static const struct uuid none = {{0}};

static void
a_new_adapter_has_an_active_version_without_weights(void **state)
{
	struct adapter a = get(*state, make(*state));

	assert_string_equal(a.name, "Lo-fi");
	assert_null(a.description);
	assert_string_equal(a.base_model, "band");
	assert_string_equal(a.config, "{\"a\":1}");
	assert_int_equal(a.status, ADAPTER_ACTIVE);
	assert_string_equal(a.active.version, "1.0.0");
	assert_true(a.active.is_active && uuid_is_nil(a.active.weights_id));
	assert_int_equal(a.active.size_bytes, 0);
	assert_true(a.created_at > 0 && a.created_at == a.updated_at);
	adapters_free(&a);
}

static void
one_that_is_not_there_is_not_found(void **state)
{
	struct adapter_change rename = { .name = "x" };
	struct uuid id = make(*state), other = make(*state), version, nobody = uuid_new();
	struct adapter a = {0};
	struct err e;

	assert_refused(adapters_get(*state, nobody, &a, &e), e, ERR_NOT_FOUND);
	adapters_free(&a);
	assert_refused(adapters_change(*state, nobody, &rename, &e), e, ERR_NOT_FOUND);
	assert_refused(adapters_add_version(*state, nobody, "2", NULL, &version, &e), e,
		ERR_NOT_FOUND);
	assert_refused(adapters_activate(*state, id, nobody, &e), e, ERR_NOT_FOUND);
	/* A version of another adapter is none of this one. */
	a = get(*state, other);
	assert_refused(adapters_activate(*state, id, a.active.id, &e), e, ERR_NOT_FOUND);
	assert_refused(upload_to(*state, id, a.active.id, 1, false, &e), e, ERR_NOT_FOUND);
	adapters_free(&a);
}

static void
a_change_changes_what_it_names_and_nothing_else(void **state)
{
	static const enum adapter_status archived = ADAPTER_ARCHIVED;
	struct adapter_change to[] = { { .name = "Nach Mitternacht – äöü" },
		{ .description = "Slow." }, { .config = "" }, { .status = &archived },
		{ .description = "" } };
	struct uuid id = make(*state);
	struct adapter a;
	struct err e;

	for (int i = 0; i < 4; i++) assert_done(adapters_change(*state, id, &to[i], &e), e);
	a = get(*state, id);
	assert_string_equal(a.name, "Nach Mitternacht – äöü");
	assert_string_equal(a.description, "Slow.");
	assert_null(a.config);
	assert_int_equal(a.status, ADAPTER_ARCHIVED);
	assert_true(a.updated_at > a.created_at);
	adapters_free(&a);
	assert_done(adapters_change(*state, id, &to[4], &e), e);
	a = get(*state, id);
	assert_null(a.description);
	assert_string_equal(a.name, "Nach Mitternacht – äöü");
	adapters_free(&a);
}

static void
lists_are_newest_first_by_status_and_in_parts(void **state)
{
	static const enum adapter_status archived = ADAPTER_ARCHIVED;
	struct adapter_change archive = { .status = &archived };
	struct uuid ids[4];
	struct adapter_list l;
	struct adapter_stats s;
	struct err e;

	for (int i = 0; i < 4; i++) ids[i] = make(*state);
	assert_done(adapters_change(*state, ids[2], &archive, &e), e);
	add_version(*state, ids[0], "2");
	assert_done(adapters_list(*state, ADAPTER_STATUSES, 2, 1, &l, &e), e);
	assert_int_equal(l.total, 4);
	assert_int_equal(l.n, 2);
	assert_true(uuid_eq(l.items[0].id, ids[2]) && uuid_eq(l.items[1].id, ids[1]));
	adapters_list_free(&l);
	assert_done(adapters_list(*state, ADAPTER_ACTIVE, 10, 0, &l, &e), e);
	assert_int_equal(l.total, 3);
	assert_int_equal(l.n, 3);
	assert_true(uuid_eq(l.items[0].id, ids[3]) && uuid_eq(l.items[2].id, ids[0]));
	adapters_list_free(&l);
	assert_done(adapters_list(*state, ADAPTER_ARCHIVED, 10, 0, &l, &e), e);
	assert_int_equal(l.total, 1);
	assert_true(l.n == 1 && uuid_eq(l.items[0].id, ids[2]));
	adapters_list_free(&l);
	assert_done(adapters_stats(*state, &s, &e), e);
	assert_true(s.active == 3 && s.archived == 1 && s.versions == 5);
}

static void
find_finds_the_newest_of_a_name_and_base_model(void **state)
{
	struct uuid found, newest;
	struct err e;

	make(*state);
	newest = make(*state);
	assert_int_equal(adapters_find(*state, "Lo-fi", "band", &found, &e), 1);
	assert_true(uuid_eq(found, newest));
	assert_int_equal(adapters_find(*state, "Lo-fi", "orchestra", &found, &e), 0);
	assert_int_equal(adapters_find(*state, "Hi-fi", "band", &found, &e), 0);
}

static void
a_version_becomes_active_when_it_is_said_and_there_is_one_of_each_name(void **state)
{
	struct uuid id = make(*state), second = add_version(*state, id, "1.1.0"), again;
	struct adapter_versions l;
	struct adapter a = get(*state, id);
	struct err e;

	assert_string_equal(a.active.version, "1.0.0");
	adapters_free(&a);
	assert_refused(adapters_add_version(*state, id, "1.1.0", NULL, &again, &e), e,
		ERR_CONFLICT);
	assert_string_equal(e.text, "The adapter has a version 1.1.0 already.");
	/* Another adapter may have it. */
	add_version(*state, make(*state), "1.1.0");
	assert_done(adapters_activate(*state, id, second, &e), e);
	assert_done(adapters_versions(*state, id, &l, &e), e);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.items[0].version, "1.0.0");
	assert_false(l.items[0].is_active);
	assert_string_equal(l.items[1].version, "1.1.0");
	assert_string_equal(l.items[1].description, "A note");
	assert_true(l.items[1].is_active && uuid_eq(l.items[1].adapter_id, id));
	adapters_versions_free(&l);
	a = get(*state, id);
	assert_true(uuid_eq(a.active.id, second));
	adapters_free(&a);
}

static void
an_archived_adapter_takes_nothing_new(void **state)
{
	static const enum adapter_status archived = ADAPTER_ARCHIVED, active = ADAPTER_ACTIVE;
	struct adapter_change archive = { .status = &archived }, back = { .status = &active };
	struct uuid id = make(*state), version, second = add_version(*state, id, "2");
	struct err e;

	assert_done(adapters_change(*state, id, &archive, &e), e);
	assert_refused(adapters_add_version(*state, id, "3", NULL, &version, &e), e, ERR_CONFLICT);
	assert_refused(adapters_activate(*state, id, second, &e), e, ERR_CONFLICT);
	assert_refused(upload_to(*state, id, none, 1, false, &e), e, ERR_CONFLICT);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM adapter_weights"), 0);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM intents"), 1);
	assert_done(adapters_change(*state, id, &back, &e), e);
	assert_done(adapters_activate(*state, id, second, &e), e);
}

static void
a_file_goes_to_the_newest_version_or_to_the_one_that_is_named(void **state)
{
	struct uuid id = make(*state), second = add_version(*state, id, "2");
	struct adapter a;
	struct adapter_versions l;
	struct err e;

	upload(*state, id, none, 7, false);
	a = get(*state, id);
	assert_true(uuid_is_nil(a.active.weights_id));
	upload(*state, id, a.active.id, 5, false);
	adapters_free(&a);
	assert_done(adapters_versions(*state, id, &l, &e), e);
	assert_int_equal(l.items[0].sha256[0], 5);
	assert_int_equal(l.items[0].size_bytes, 105);
	assert_int_equal(l.items[1].sha256[31], 7);
	assert_string_equal(l.items[1].about, "{\"style\":\"lofi\"}");
	assert_true(uuid_eq(l.items[1].id, second) && l.items[1].uploaded_at > 0);
	assert_memory_equal(l.items[1].storage_key, "adapters/", 9);
	adapters_versions_free(&l);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM intents"), 0);
}

static void
another_file_takes_the_place_of_the_first_which_stays_on_record(void **state)
{
	struct uuid id = make(*state);
	struct adapter_use before, after;
	struct adapter a;

	upload(*state, id, none, 1, false);
	a = get(*state, id);
	adapters_use(&a, 0.5, &before);
	adapters_free(&a);
	upload(*state, id, none, 2, false);
	a = get(*state, id);
	adapters_use(&a, 1, &after);
	adapters_free(&a);
	assert_string_not_equal(before.key, after.key);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM adapter_weights"), 2);
	adapters_use_free(&before);
	adapters_use_free(&after);
}

static void
a_job_gets_the_adapter_written_down_as_it_is_now(void **state)
{
	struct uuid id = make(*state);
	struct adapter_use use;
	struct adapter a;
	char expected[400], sha[SHA256_HEX];

	upload(*state, id, none, 0xab, false);
	a = get(*state, id);
	adapters_use(&a, 0.25, &use);
	hash_hex(a.active.sha256, SHA256_BYTES, sha);
	snprintf(expected, sizeof expected, "{\"id\":\"%s\",\"name\":\"Lo-fi\",\"version\":"
		"\"1.0.0\",\"base_model\":\"band\",\"sha256\":\"%s\",\"scale\":0.25}", UUID_STR(id),
		sha);
	assert_string_equal(use.json, expected);
	assert_true(uuid_eq(use.id, id));
	assert_string_equal(use.key, a.active.storage_key);
	adapters_use_free(&use);
	adapters_free(&a);
}

static int
dead(struct db *db)
{
	struct intent found[8];
	struct err e;
	/* Of whatever host, and however short its jobs may be. */
	int n = intents_dead(db, uuid_new(), 1, found, 8, &e);

	if (n < 0) fail_msg("%s", e.text);
	return n;
}

static void
an_upload_that_broke_off_is_collected_when_no_one_can_finish_it_any_more(void **state)
{
	struct uuid id = make(*state);
	struct adapter_weights w = {0};
	struct adapter_version v = {0};
	struct err e;

	assert_done(adapters_target(*state, id, none, &v, &e), e);
	assert_done(adapters_begin_weights(*state, &w, &e), e);
	usleep(5000);
	assert_int_equal(dead(*state), 0);
	harness_do(*state, "UPDATE intents SET created_at=created_at - INTERVAL 61 MINUTE");
	assert_int_equal(dead(*state), 0);
	/* Too late, long before the object could be gone. */
	assert_refused(adapters_set_weights(*state, &v, &w, false, &e), e, ERR_AWAY);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM adapter_weights"), 0);
	harness_do(*state, "UPDATE intents SET created_at=created_at - INTERVAL 60 MINUTE");
	assert_int_equal(dead(*state), 1);
	adapters_version_free(&v);
}

struct race {
	struct uuid id, first, second;
};

/* Even: another file for the second version; odd: one version or the other becomes active. */
static int
change_in_a_race(struct db *db, int i, void *ctx)
{
	const struct race *r = ctx;
	struct err e;

	for (int k = 0; k < 25; k++) {
		int rc = i % 2 ? adapters_activate(db, r->id, k % 2 ? r->first : r->second, &e)
			: upload_to(db, r->id, r->second, (uint8_t)(16 * i + k % 16), k % 3 == 0,
			&e);

		if (rc) {
			fprintf(stderr, "%s\n", e.text);
			return -1;
		}
	}
	return 25;
}

/* What a reader sees at any moment of it: a version with the size that goes with its sha256. */
static int
look_in_a_race(struct db *db, const struct race *r)
{
	struct adapter a = {0};
	struct err e;
	int rc = adapters_get(db, r->id, &a, &e);

	if (rc == 0 && !uuid_eq(a.active.id, r->first) && !uuid_eq(a.active.id, r->second)) rc = -1;
	if (rc == 0 && !uuid_is_nil(a.active.weights_id))
		for (int k = 0; k < SHA256_BYTES; k++)
			if (a.active.sha256[k] != a.active.size_bytes - 100) rc = -1;
	adapters_free(&a);
	return rc;
}

static int
race(struct db *db, int i, void *ctx)
{
	if (i < 4) return change_in_a_race(db, i, ctx);
	for (int k = 0; k < 200; k++)
		if (look_in_a_race(db, ctx)) return -1;
	return 0;
}

static void
uploads_and_activations_at_once_leave_one_of_their_states_whole(void **state)
{
	struct race r = { .id = make(*state) };
	struct adapter a = get(*state, r.id);

	r.first = a.active.id;
	r.second = add_version(*state, r.id, "2");
	adapters_free(&a);
	upload(*state, r.id, r.first, 0, false);
	assert_int_equal(harness_together(5, race, &r), 100);
	assert_int_equal(look_in_a_race(*state, &r), 0);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM adapter_weights"), 51);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM intents"), 0);
}

static int
add_the_same(struct db *db, int i, void *ctx)
{
	const struct race *r = ctx;
	struct uuid made;
	struct err e;
	char version[16];
	int n = 0;

	(void)i;
	for (int k = 0; k < 25; k++) {
		snprintf(version, sizeof version, "2.%d", k);
		if (adapters_add_version(db, r->id, version, NULL, &made, &e) == 0) n++;
		else if (e.kind != ERR_CONFLICT) return -1;
	}
	return n;
}

static void
of_those_who_add_the_same_version_at_once_one_does(void **state)
{
	struct race r = { .id = make(*state) };

	assert_int_equal(harness_together(4, add_the_same, &r), 25);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM adapter_versions"), 26);
}

#define TEST(f) cmocka_unit_test_setup(f, harness_no_rows)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_adapter_has_an_active_version_without_weights),
		TEST(one_that_is_not_there_is_not_found),
		TEST(a_change_changes_what_it_names_and_nothing_else),
		TEST(lists_are_newest_first_by_status_and_in_parts),
		TEST(find_finds_the_newest_of_a_name_and_base_model),
		TEST(a_version_becomes_active_when_it_is_said_and_there_is_one_of_each_name),
		TEST(an_archived_adapter_takes_nothing_new),
		TEST(a_file_goes_to_the_newest_version_or_to_the_one_that_is_named),
		TEST(another_file_takes_the_place_of_the_first_which_stays_on_record),
		TEST(a_job_gets_the_adapter_written_down_as_it_is_now),
		TEST(an_upload_that_broke_off_is_collected_when_no_one_can_finish_it_any_more),
		TEST(uploads_and_activations_at_once_leave_one_of_their_states_whole),
		TEST(of_those_who_add_the_same_version_at_once_one_does),
	};

	return cmocka_run_group_tests(tests, harness_begin_with_schema, harness_end);
}
