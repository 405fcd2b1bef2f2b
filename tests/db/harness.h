/* What the database tests share: a connection to this program's own, empty database, rows to begin
 * with, and several processes at once. tests/db/run.sh makes the database and says where it is. */
#ifndef EARSHOT_TESTS_DB_HARNESS_H
#define EARSHOT_TESTS_DB_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/uuid.h"
#include "db/db.h"
#include "records/claims.h"
#include "records/jobs.h"
#include "records/users.h"

/* For cmocka: around all tests of a program, with the tables of schema/ or without any, and before
 * a test. The state of every test is a struct db *. */
int harness_begin(void **state);
int harness_begin_with_schema(void **state);
int harness_end(void **state);
int harness_no_rows(void **state);
int harness_no_tables(void **state);

const struct conf *harness_conf(void);

/* Another connection; the program ends with a sentence when there is none. */
struct db *harness_open(void);

/* These fail the test when the database does not do it. */
void harness_do(struct db *db, const char *sql);
int64_t harness_number(struct db *db, const char *sql);
void harness_analyze(struct db *db, const char *table);

/* The whole numbers from one to another, at most 99999, as a table of a FROM with the column seq:
 * MariaDB's own tables of that kind are MariaDB's alone. */
#define HARNESS_DIGITS "(SELECT 0 d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 " \
	"UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)"
#define HARNESS_NUMBERS(from, to) \
	"(SELECT a.d+10*b.d+100*c.d+1000*e.d+10000*f.d AS seq FROM " HARNESS_DIGITS " a, " \
	HARNESS_DIGITS " b, " HARNESS_DIGITS " c, " HARNESS_DIGITS " e, " HARNESS_DIGITS " f " \
	"HAVING seq BETWEEN " #from " AND " #to ") numbers"

/* A database call that must work, with what it said if it does not. */
#define assert_done(call, e) \
	do { \
		if ((call) != 0) fail_msg("%s: %s", #call, (e).text); \
	} while (0)

/* One that must fail in this way. */
#define assert_refused(call, e, wanted) \
	do { \
		if ((call) != -1) fail_msg("%s: was done", #call); \
		if ((e).kind != (wanted)) fail_msg("%s: kind %d, %s", #call, (e).kind, (e).text); \
	} while (0)

/* A host that is alive and can run "band". */
struct uuid harness_host(struct db *db);

/* A user that was not there. */
struct uuid harness_user(struct db *db, const char *login, enum role role);
struct uuid harness_creator(struct db *db, const char *login);

/* A submission as a client makes it; change what the test is about. */
struct job_new harness_job(void);
struct uuid harness_submit(struct db *db);
struct uuid harness_submit_to(struct db *db, const char *model, int priority);

/* A job that is there; jobs_free(). */
struct job harness_job_of(struct db *db, struct uuid id);

/* Take the next job for this host, whatever it is; it must be there. */
struct claim harness_take(struct db *db, struct uuid host);

/* What a worker made for this claim: ten seconds of stereo. */
struct sample harness_made(const struct claim *c, int index);

enum job_status harness_status(struct db *db, struct uuid job);

/* The counters say what the rows say. */
void harness_check_counters(struct db *db);

/* Run fn in n processes at once, each with a connection of its own, i from 0; they begin together.
 * The sum of what they return; one that returns less than 0 or dies fails the test. fn must not use
 * cmocka's assertions. */
int harness_together(int n, int (*fn)(struct db *db, int i, void *ctx), void *ctx);

/* Zeroed memory that the processes share. */
void *harness_shared(size_t n);

#endif
