/* Whether the tables are those of this build, as /health asks. */
#include "harness.h"

#include "db/migrate.h"
#include "records/schema.h"

static enum schema_age
age(struct db *db)
{
	enum schema_age found;
	struct err e;

	assert_done(schema_age(db, &found, &e), e);
	return found;
}

static void
the_schema_of_this_copy_fits(void **state)
{
	assert_int_equal(age(*state), SCHEMA_FITS);
}

static void
one_that_lacks_the_end_is_older(void **state)
{
	static const char *const steps[] = {
		"UPDATE schema_migrations SET applied_at=NULL ORDER BY version DESC LIMIT 1",
		"DELETE FROM schema_migrations ORDER BY version DESC LIMIT 1",
		"DELETE FROM schema_migrations",
		"DROP TABLE schema_migrations",
	};

	for (size_t i = 0; i < NELEM(steps); i++) {
		harness_do(*state, steps[i]);
		assert_int_equal(age(*state), SCHEMA_OLDER);
	}
}

static void
one_with_a_migration_that_this_build_does_not_know_is_newer(void **state)
{
	harness_do(*state, "INSERT INTO schema_migrations VALUES (9999, '9999-future.sql', '', 1, "
		"NULL)");
	assert_int_equal(age(*state), SCHEMA_FITS);
	harness_do(*state, "UPDATE schema_migrations SET applied_at=UTC_TIMESTAMP(6)");
	assert_int_equal(age(*state), SCHEMA_NEWER);
}

static int
with_schema(void **state)
{
	struct err e;
	int n;

	harness_no_tables(state);
	assert_done(migrate_run(*state, "schema", &n, &e), e);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup(f, with_schema)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_schema_of_this_copy_fits),
		TEST(one_that_lacks_the_end_is_older),
		TEST(one_with_a_migration_that_this_build_does_not_know_is_newer),
	};

	return cmocka_run_group_tests(tests, harness_begin, harness_end);
}
