/* One connection to MariaDB or MySQL, prepared statements only, typed arguments.
 *
 * Owns the connection and a cache of its prepared statements. Never reconnects in silence, since
 * that loses transactions: when the connection is gone every call fails with ERR_AWAY, db_lost() is
 * true, and the caller decides to db_close() and db_open() again at a place where nothing is half
 * done.
 *
 * The session is UTC, utf8mb4, strict, READ COMMITTED, and an UPDATE counts the rows that it
 * matched. On a Galera cluster it sees what any node has acknowledged. Times are microseconds since
 * 1970 in UTC here and DATETIME(6) in the tables.
 *
 * Errors: ERR_AWAY (no connection, or too many of them), ERR_CONFLICT (duplicate key), ERR_INTERNAL
 * (the rest, with the server's words, which are for the log and not for a client). */
#ifndef EARSHOT_DB_DB_H
#define EARSHOT_DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"

struct conf;
struct err;
struct db;
struct db_rows;

enum db_arg_type { DB_ARG_NULL, DB_ARG_INT, DB_ARG_REAL, DB_ARG_TEXT, DB_ARG_BYTES, DB_ARG_TIME };

struct db_arg {
	enum db_arg_type type;
	int64_t i;		/* also times, in microseconds */
	double r;
	const void *p;		/* text and bytes, borrowed for the call */
	size_t n;
	struct uuid id;		/* where p is NULL and n is 16 */
};

#define DB_INT(v) { .type = DB_ARG_INT, .i = (int64_t)(v) }
#define DB_REAL(v) { .type = DB_ARG_REAL, .r = (v) }
#define DB_TIME(us) { .type = DB_ARG_TIME, .i = (us) }
#define DB_BYTES(ptr, len) { .type = DB_ARG_BYTES, .p = (ptr), .n = (len) }
#define DB_UUID(u) { .type = DB_ARG_BYTES, .n = 16, .id = (u) }
#define DB_NULL { .type = DB_ARG_NULL }
/* These two make NULL of an empty value: a NULL or "" text, a nil UUID. */
#define DB_TEXT_OR_NULL(s) db_text_or_null(s)
#define DB_UUID_OR_NULL(u) \
	{ .type = uuid_is_nil(u) ? DB_ARG_NULL : DB_ARG_BYTES, .n = 16, .id = (u) }
#define DB_TEXT(s) { .type = DB_ARG_TEXT, .p = (s) }

struct db_arg db_text_or_null(const char *s);

/* NULL with *e. Waits at most a few seconds for the connection, and then half a minute for each
 * answer: enough for the changes of a migration. */
struct db *db_open(const struct conf *c, struct err *e);

/* The same for who cannot wait: an answer that takes more than answer_s seconds means that the
 * connection is lost. Waits for locks, 5 s at most, must fit. */
struct db *db_open_within(const struct conf *c, unsigned answer_s, struct err *e);
void db_close(struct db *db);
bool db_lost(const struct db *db);

/* Ask the server whether it is still there, so that a connection which went stale is known as lost
 * before something begins that must not be tried twice. */
bool db_ping(struct db *db);

/* Run one statement. The number of rows changed (for UPDATE: matched), or -1. One that is no part
 * of a transaction runs again after a deadlock. */
long db_exec(struct db *db, const char *sql, const struct db_arg *args, size_t n_args,
	struct err *e);

/* Run a SELECT; its rows are held in memory until db_rows_free(). Only one may be open for one SQL
 * text. */
struct db_rows *db_query(struct db *db, const char *sql, const struct db_arg *args, size_t n_args,
	struct err *e);

/* 1: a row is there, 0: no more, -1: error. */
int db_next(struct db_rows *r, struct err *e);
void db_rows_free(struct db_rows *r);

/* How many columns there are. */
unsigned db_columns(const struct db_rows *r);

/* Columns of the current row, from 0. NULL in the table reads as 0, "" or nil. Text is borrowed
 * until the next row. */
bool db_col_null(const struct db_rows *r, unsigned col);
/* whole numbers, and times as microseconds */
int64_t db_col_int(const struct db_rows *r, unsigned col);
double db_col_real(const struct db_rows *r, unsigned col);
const char *db_col_text(const struct db_rows *r, unsigned col);
const void *db_col_bytes(const struct db_rows *r, unsigned col, size_t *n);
struct uuid db_col_uuid(const struct db_rows *r, unsigned col);

/* The first column of the first row as a number; `none` when there is no row. 0 or -1. */
int db_one_int(struct db *db, const char *sql, const struct db_arg *args, size_t n_args,
	int64_t none, int64_t *out, struct err *e);

/* Run fn in a transaction. fn returns 0 to commit, -1 to roll back (its *e is kept). After a
 * deadlock or a lock time-out (1213, 1205, 1020) the whole of fn runs again, a few times, so it
 * must not change anything but the database. */
enum db_tx {
	DB_TX_DONE = 0,
	DB_TX_FAILED = -1,	/* rolled back, nothing has changed */
	DB_TX_UNKNOWN = -2,	/* the connection broke at COMMIT: read back before deciding */
};
enum db_tx db_transaction(struct db *db, int (*fn)(struct db *db, void *ctx, struct err *e),
	void *ctx, struct err *e);

/* Was the last error a wait for a row that another transaction holds? For use in fn, with the next
 * one when running all of it again would be wrong. */
bool db_lock_timed_out(const struct db *db);
void db_do_not_retry(struct db *db);

/* Was the last error that what the statement makes is there already, or what it removes is not? */
bool db_was_done(const struct db *db);

/* A text that need not end in a NUL, of a row that db_stream() hands over; p is NULL for NULL. */
struct db_text {
	const char *p;
	size_t n;
};

/* Run a SELECT without arguments and hand over each row as it comes from the server, so that none
 * of them stays in memory, however many there are. Every column is text, as the server writes it:
 * bytes are to be asked for by HEX(). each must not use db; it returns -1 (with *e) to stop. */
int db_stream(struct db *db, const char *sql, int (*each)(void *ctx, const struct db_text *columns,
	unsigned n, struct err *e), void *ctx, struct err *e);

/* From here to db_snapshot_end() all that is read is of one moment, whatever others write
 * meanwhile; nothing can be written. */
int db_snapshot_begin(struct db *db, struct err *e);
void db_snapshot_end(struct db *db);

/* A statement without arguments that cannot be prepared (DDL of migrations). */
int db_raw(struct db *db, const char *sql, size_t n, struct err *e);

#endif
