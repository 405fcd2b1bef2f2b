#include "harness.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "db/migrate.h"
#include "records/counters.h"
#include "records/models.h"

enum { LEASE_MS = 60000 };

static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	if (value && *value) return value;
	fprintf(stderr, "%s is not set: start the database tests with tests/db/run.sh\n", name);
	exit(1);
}

const struct conf *
harness_conf(void)
{
	static struct conf c;
	struct err e;

	if (*c.database_name) return &c;
	if (conf_parse(&c, "", "/nowhere/earshot.conf", &e)) fail_msg("%s", e.text);
	str_copy(c.database_socket, sizeof c.database_socket, variable("EARSHOT_TEST_SOCKET"));
	str_copy(c.database_name, sizeof c.database_name, variable("EARSHOT_TEST_DATABASE"));
	return &c;
}

struct db *
harness_open(void)
{
	struct err e;
	struct db *db = db_open(harness_conf(), &e);

	if (db) return db;
	fprintf(stderr, "%s\n", e.text);
	exit(1);
}

int
harness_begin(void **state)
{
	*state = harness_open();
	return 0;
}

int
harness_begin_with_schema(void **state)
{
	struct err e;
	int n;

	harness_begin(state);
	if (migrate_run(*state, "schema", &n, &e) == 0) return 0;
	fprintf(stderr, "%s\n", e.text);
	return -1;
}

int
harness_end(void **state)
{
	db_close(*state);
	return 0;
}

void
harness_do(struct db *db, const char *sql)
{
	struct err e;

	if (db_raw(db, sql, strlen(sql), &e)) fail_msg("%s", e.text);
}

int64_t
harness_number(struct db *db, const char *sql)
{
	struct err e;
	int64_t n;

	if (db_one_int(db, sql, NULL, 0, 0, &n, &e)) fail_msg("%s", e.text);
	return n;
}

static int
ignore(void *ctx, const struct db_text *columns, unsigned n, struct err *e)
{
	(void)ctx, (void)columns, (void)n, (void)e;
	return 0;
}

void
harness_analyze(struct db *db, const char *table)
{
	char sql[160];
	struct err e;

	snprintf(sql, sizeof sql, "ANALYZE TABLE %s", table);
	assert_done(db_stream(db, sql, ignore, NULL, &e), e);
}

int
harness_no_rows(void **state)
{
	struct err e;
	struct db_rows *r = db_query(*state, "SELECT table_name FROM information_schema.tables "
		"WHERE table_schema=DATABASE() AND table_name<>'schema_migrations'", NULL, 0, &e);
	int more;

	if (!r) fail_msg("%s", e.text);
	while ((more = db_next(r, &e)) == 1) {
		char sql[160];

		snprintf(sql, sizeof sql, "DELETE FROM `%s`", db_col_text(r, 0));
		harness_do(*state, sql);
	}
	db_rows_free(r);
	if (more < 0) fail_msg("%s", e.text);
	return 0;
}

int
harness_no_tables(void **state)
{
	static const char *const steps[] = { "DROP DATABASE %s", "CREATE DATABASE %s", "USE %s" };

	for (size_t i = 0; i < NELEM(steps); i++) {
		char sql[256];

		snprintf(sql, sizeof sql, "%.*s%s", (int)strlen(steps[i]) - 2, steps[i],
			harness_conf()->database_name);
		harness_do(*state, sql);
	}
	return 0;
}

struct uuid
harness_host(struct db *db)
{
	char description[] = "{\"display_name\":\"Band\"}";
	struct model band = { .id = "band", .description = description, .available = true };
	struct uuid host = uuid_new();
	struct err e;

	assert_done(models_host_seen(db, host, "here", 1, 1, 0, &e), e);
	assert_done(models_publish(db, host, &band, 1, &e), e);
	return host;
}

struct job_new
harness_job(void)
{
	return (struct job_new){ .prompt_text = "a slow waltz", .model = "band", .format = "flac",
		.params = "{\"duration\":10}", .num_samples = 1, .priority = 5 };
}

struct uuid
harness_user(struct db *db, const char *login, enum role role)
{
	struct uuid id;
	struct err e;

	assert_done(users_create(db, login, "$hash", role, &id, &e), e);
	return id;
}

struct uuid
harness_creator(struct db *db, const char *login)
{
	return harness_user(db, login, ROLE_CREATOR);
}

struct uuid
harness_submit_to(struct db *db, const char *model, int priority)
{
	struct job_new n = harness_job();
	struct uuid id;
	bool replayed;
	struct err e;

	n.model = model;
	n.priority = priority;
	assert_done(jobs_submit(db, &n, &id, &replayed, &e), e);
	return id;
}

struct uuid
harness_submit(struct db *db)
{
	const struct job_new n = harness_job();

	return harness_submit_to(db, n.model, n.priority);
}

struct claim
harness_take(struct db *db, struct uuid host)
{
	struct claim_work w = {0};
	struct claim c;
	struct err e;
	int rc = claims_take(db, host, LEASE_MS, NULL, &w, &e);

	if (rc != 1) fail_msg("no job to take: %s", rc ? e.text : "there is none");
	c = w.claim;
	claims_work_free(&w);
	return c;
}

struct sample
harness_made(const struct claim *c, int index)
{
	static char params[] = "{\"seed\":7}";
	struct sample s = { .index = index, .model = "band", .format = "flac", .seed = 7,
		.title = "A slow waltz", .sample_rate = 48000, .channels = 2, .frames = 480000,
		.size_bytes = 1000, .sha256 = { 1, 2, 3 }, .loudness_lufs = -14,
		.true_peak_dbtp = -1.5, .params = params };

	s.job_id = c->job;
	s.prompt_id = c->job;
	snprintf(s.storage_key, sizeof s.storage_key, "audio/ab/%s-%u-%d.flac", UUID_STR(c->job),
		c->attempt, index);
	snprintf(s.peaks_key, sizeof s.peaks_key, "audio/ab/%s-%u-%d.peaks", UUID_STR(c->job),
		c->attempt, index);
	return s;
}

enum job_status
harness_status(struct db *db, struct uuid job)
{
	struct db_arg a[] = { DB_UUID(job) };
	struct err e;
	int64_t status;

	assert_done(db_one_int(db, "SELECT status+0 FROM jobs WHERE id=?", a, NELEM(a), 0, &status,
		&e), e);
	if (!status) fail_msg("there is no such job");
	return (enum job_status)(status - 1);
}

void
harness_check_counters(struct db *db)
{
	struct err e;
	int wrong;

	assert_done(counters_audit(db, false, &wrong, &e), e);
	assert_int_equal(wrong, 0);
}

void *
harness_shared(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) fail_msg("mmap: %s", strerror(errno));
	return p;
}

/* The child's whole life. It leaves by _exit, because the connection and the tests that it has
 * inherited are its parent's. */
static void
one_of_many(int i, int gate, int answer, int (*fn)(struct db *db, int i, void *ctx), void *ctx)
{
	struct db *db;
	char byte;
	int n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	db = harness_open();
	if (read(gate, &byte, 1) != 1) _exit(1);
	n = fn(db, i, ctx);
	db_close(db);
	_exit(write(answer, &n, sizeof n) == (ssize_t)sizeof n ? 0 : 1);
}

int
harness_together(int n, int (*fn)(struct db *db, int i, void *ctx), void *ctx)
{
	int gate[2], answer[2], sum = 0, bad = 0, one, status;

	if (pipe(gate) < 0 || pipe(answer) < 0) fail_msg("pipe: %s", strerror(errno));
	fflush(NULL);
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0) fail_msg("fork: %s", strerror(errno));
		if (pid == 0) one_of_many(i, gate[0], answer[1], fn, ctx);
	}
	close(answer[1]);
	for (int i = 0; i < n; i++)
		if (write(gate[1], "", 1) != 1) fail_msg("write: %s", strerror(errno));
	for (int i = 0; i < n; i++)
		if (wait(&status) < 0 || status != 0) bad++;
	while (read(answer[0], &one, sizeof one) == (ssize_t)sizeof one) {
		if (one < 0) bad++;
		sum += one;
	}
	close(answer[0]);
	close(gate[0]);
	close(gate[1]);
	if (bad) fail_msg("%d of %d processes failed", bad, n);
	return sum;
}

struct job
harness_job_of(struct db *db, struct uuid id)
{
	struct job j = {0};
	struct err e;

	assert_done(jobs_get(db, id, &j, &e), e);
	return j;
}
