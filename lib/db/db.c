#include "db/db.h"

#include <errmsg.h>
#include <limits.h>
#include <mysql.h>
#include <mysqld_error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/io.h"

enum { MAX_STATEMENTS = 96, MAX_ARGS = 144, MAX_COLUMNS = 64, CONNECT_SECONDS = 3, IO_SECONDS = 30,
	TX_TRIES = 5 };

/* MariaDB 10.6.18 and later say this where others say "deadlock"; old headers lack the name. */
enum { ER_RECORD_CHANGED = 1020 };

struct column {
	MYSQL_TIME time;
	int64_t i;
	double r;
	char *p;
	size_t cap;
	unsigned long n;
	my_bool null;
	enum enum_field_types type;	/* LONGLONG, DOUBLE, DATETIME or BLOB */
};

struct db_rows {
	MYSQL_STMT *stmt;
	unsigned n_columns;
	bool in_use, bound;
	struct column columns[MAX_COLUMNS];
	MYSQL_BIND binds[MAX_COLUMNS];
};

struct statement {
	const char *sql;	/* owned copy */
	MYSQL_STMT *stmt;
	struct db_rows *rows;	/* NULL for statements without a result */
	unsigned long used;
};

struct db {
	MYSQL *mysql;
	bool lost;
	/* the last error was one after which the transaction may run again */
	bool retry;
	bool lock_timed_out;	/* the last error was 1205 */
	unsigned long clock;	/* for the least recently used statement */
	struct statement statements[MAX_STATEMENTS];
};

struct db_arg
db_text_or_null(const char *s)
{
	if (!s || !*s) return (struct db_arg)DB_NULL;
	return (struct db_arg)DB_TEXT(s);
}

static bool
means_lost(unsigned code)
{
	switch (code) {
	case CR_CONNECTION_ERROR: case CR_CONN_HOST_ERROR: case CR_SERVER_GONE_ERROR:
	case CR_SERVER_LOST:
	case CR_UNKNOWN_HOST: case CR_SOCKET_CREATE_ERROR: case CR_SERVER_LOST_EXTENDED:
	case CR_IPSOCK_ERROR:
	case CR_COMMANDS_OUT_OF_SYNC: case CR_MALFORMED_PACKET:
	case ER_SERVER_SHUTDOWN: case ER_CON_COUNT_ERROR: case ER_CONNECTION_KILLED:
	case ER_NORMAL_SHUTDOWN:
	case ER_TOO_MANY_USER_CONNECTIONS: case ER_UNKNOWN_COM_ERROR:
		return true;
	default:
		return false;
	}
}

/* Full disk, read-only server, a Galera node that is out: not ours to mend, and it may pass. */
static bool
means_away(unsigned code)
{
	return code == ER_DISK_FULL || code == ER_RECORD_FILE_FULL ||
		code == ER_OPTION_PREVENTS_STATEMENT || code == ER_OUT_OF_RESOURCES ||
		code == ER_TRANS_CACHE_FULL;
}

static int
failed(struct db *db, unsigned code, const char *text, const char *sql, struct err *e)
{
	db->lock_timed_out = code == ER_LOCK_WAIT_TIMEOUT;
	db->retry = code == ER_LOCK_DEADLOCK || code == ER_LOCK_WAIT_TIMEOUT ||
		code == ER_RECORD_CHANGED;
	if (means_lost(code)) {
		db->lost = true;
		return err_set(e, ERR_AWAY, "the database is away (%u %s)", code, text);
	}
	if (means_away(code))
		return err_set(e, ERR_AWAY, "the database cannot write now (%u %s)", code, text);
	if (code == ER_DUP_ENTRY) return err_set(e, ERR_CONFLICT, "duplicate (%s)", text);
	return err_set(e, db->retry ? ERR_AWAY : ERR_INTERNAL, "database error %u %s in: %.160s",
		code, text, sql);
}

static int
read_password(const char *path, char *out, size_t size, struct err *e)
{
	struct buf b = {0};
	int rc = -1;

	out[0] = '\0';
	if (!*path) return 0;
	if (buf_read_file(&b, path, 4096, e)) goto out;
	if (strcspn(buf_str(&b), "\r\n") >= size) {
		err_set(e, ERR_INVALID, "database_password_file: the password in %s is too long",
			path);
		goto out;
	}
	memcpy(out, buf_str(&b), strcspn(buf_str(&b), "\r\n"));
	out[strcspn(buf_str(&b), "\r\n")] = '\0';
	rc = 0;
out:
	buf_free(&b);
	return rc;
}

static const char session_sql[] =
	"SET time_zone='+00:00', "
	"sql_mode='STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
	"NO_ENGINE_SUBSTITUTION'"
	/* On a node of a Galera cluster, reads wait for what any node has acknowledged. MariaDB
	 * alone looks into this comment. */
	"/*M!, wsrep_sync_wait=1*/";
static const char wait_sql[] = "SET innodb_lock_wait_timeout=5";
static const char isolation_sql[] = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";

/* A bundle has the plug-ins of the client library beside its programs (lib/host/libraries.sh). */
static void
use_own_plugins(MYSQL *mysql)
{
	char dir[PATH_MAX], path[PATH_MAX];
	struct err ignored;

	if (io_program_dir(dir, sizeof dir, &ignored) == 0 &&
		io_join(path, sizeof path, dir, "plugins", &ignored) == 0 &&
		access(path, F_OK) == 0)
		mysql_options(mysql, MYSQL_PLUGIN_DIR, path);
}

struct db *
db_open(const struct conf *c, struct err *e)
{
	return db_open_within(c, IO_SECONDS, e);
}

struct db *
db_open_within(const struct conf *c, unsigned answer_s, struct err *e)
{
	struct db *db = calloc(1, sizeof *db);
	unsigned connect_s = CONNECT_SECONDS;
	char password[256];

	if (!db) abort();
	if (read_password(c->database_password_file, password, sizeof password, e)) goto fail;
	if (!(db->mysql = mysql_init(NULL))) abort();
	mysql_options(db->mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
	mysql_options(db->mysql, MYSQL_OPT_READ_TIMEOUT, &answer_s);
	mysql_options(db->mysql, MYSQL_OPT_WRITE_TIMEOUT, &answer_s);
	mysql_options(db->mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	use_own_plugins(db->mysql);
	mysql_options(db->mysql, MYSQL_INIT_COMMAND, session_sql);
	mysql_options(db->mysql, MYSQL_INIT_COMMAND, wait_sql);	/* they add up */
	mysql_options(db->mysql, MYSQL_INIT_COMMAND, isolation_sql);
	if (!mysql_real_connect(db->mysql, *c->database_socket ? "localhost" : c->database_host,
		c->database_user,
			password, c->database_name, *c->database_socket ? 0 : c->database_port,
			*c->database_socket ? c->database_socket : NULL, CLIENT_FOUND_ROWS)) {
		err_set(e, ERR_AWAY, "the database is away (%u %s)", mysql_errno(db->mysql),
			mysql_error(db->mysql));
		goto fail;
	}
	explicit_bzero(password, sizeof password);
	return db;
fail:
	explicit_bzero(password, sizeof password);
	db_close(db);
	return NULL;
}

static void
statement_close(struct statement *s)
{
	if (s->rows)
		for (unsigned i = 0; i < s->rows->n_columns; i++) free(s->rows->columns[i].p);
	free(s->rows);
	if (s->stmt) mysql_stmt_close(s->stmt);
	free((char *)(uintptr_t)s->sql);
	*s = (struct statement){0};
}

void
db_close(struct db *db)
{
	if (!db) return;
	for (size_t i = 0; i < MAX_STATEMENTS; i++) statement_close(&db->statements[i]);
	if (db->mysql) mysql_close(db->mysql);
	free(db);
}

bool
db_ping(struct db *db)
{
	if (!db->lost && mysql_ping(db->mysql) != 0) db->lost = true;
	return !db->lost;
}

bool
db_lost(const struct db *db)
{
	return db->lost;
}

/* Which of the four C types a column is read as. */
static enum enum_field_types
column_type(enum enum_field_types t)
{
	switch (t) {
	case MYSQL_TYPE_TINY: case MYSQL_TYPE_SHORT: case MYSQL_TYPE_INT24: case MYSQL_TYPE_LONG:
	case MYSQL_TYPE_LONGLONG: case MYSQL_TYPE_YEAR:
		return MYSQL_TYPE_LONGLONG;
	case MYSQL_TYPE_FLOAT: case MYSQL_TYPE_DOUBLE: case MYSQL_TYPE_DECIMAL:
	case MYSQL_TYPE_NEWDECIMAL:
		return MYSQL_TYPE_DOUBLE;
	case MYSQL_TYPE_DATETIME: case MYSQL_TYPE_TIMESTAMP: case MYSQL_TYPE_DATE:
		return MYSQL_TYPE_DATETIME;
	default:
		return MYSQL_TYPE_BLOB;
	}
}

/* Point the binds at their columns; again when a text buffer has moved. */
static int
rows_bind(struct db_rows *r)
{
	if (r->bound) return 0;
	for (unsigned i = 0; i < r->n_columns; i++) {
		struct column *c = &r->columns[i];
		MYSQL_BIND *b = &r->binds[i];

		*b = (MYSQL_BIND){ .buffer_type = c->type, .is_null = &c->null, .length = &c->n };
		if (c->type == MYSQL_TYPE_LONGLONG) b->buffer = &c->i;
		else if (c->type == MYSQL_TYPE_DOUBLE) b->buffer = &c->r;
		else if (c->type == MYSQL_TYPE_DATETIME)
			b->buffer = &c->time, b->buffer_length = sizeof c->time;
		else b->buffer = c->p, b->buffer_length = c->cap;
	}
	r->bound = mysql_stmt_bind_result(r->stmt, r->binds) == 0;
	return r->bound ? 0 : -1;
}

static struct db_rows *
rows_new(MYSQL_STMT *stmt)
{
	MYSQL_RES *meta = mysql_stmt_result_metadata(stmt);
	struct db_rows *r;

	if (!meta) return NULL;
	r = calloc(1, sizeof *r);
	if (!r || mysql_num_fields(meta) > MAX_COLUMNS) abort();
	r->stmt = stmt;
	r->n_columns = mysql_num_fields(meta);
	for (unsigned i = 0; i < r->n_columns; i++)
		r->columns[i].type = column_type(mysql_fetch_field_direct(meta, i)->type);
	mysql_free_result(meta);
	return r;
}

/* The prepared statement for this text, from the cache or new. */
static struct statement *
statement_for(struct db *db, const char *sql, struct err *e)
{
	struct statement *s = NULL;
	my_bool yes = 1;

	for (size_t i = 0; i < MAX_STATEMENTS; i++) {
		struct statement *t = &db->statements[i];

		if (t->sql && strcmp(t->sql, sql) == 0) {
			t->used = ++db->clock;
			return t;
		}
		/* Rows that someone still reads are in their statement's memory. */
		if (!(t->rows && t->rows->in_use) && (!s || t->used < s->used)) s = t;
	}
	if (!s) {
		err_set(e, ERR_INTERNAL, "more than %d queries are open at once", MAX_STATEMENTS);
		return NULL;
	}
	statement_close(s);
	if (!(s->stmt = mysql_stmt_init(db->mysql))) {
		failed(db, mysql_errno(db->mysql), mysql_error(db->mysql), sql, e);
		return NULL;
	}
	mysql_stmt_attr_set(s->stmt, STMT_ATTR_UPDATE_MAX_LENGTH, &yes);
	if (mysql_stmt_prepare(s->stmt, sql, strlen(sql))) {
		failed(db, mysql_stmt_errno(s->stmt), mysql_stmt_error(s->stmt), sql, e);
		statement_close(s);
		return NULL;
	}
	if (!(s->sql = strdup(sql))) abort();
	s->used = ++db->clock;
	s->rows = rows_new(s->stmt);
	return s;
}

static void
time_from_us(int64_t us, MYSQL_TIME *out)
{
	time_t t = (time_t)(us / 1000000);
	struct tm tm;

	gmtime_r(&t, &tm);
	*out = (MYSQL_TIME){ .year = (unsigned)tm.tm_year + 1900, .month = (unsigned)tm.tm_mon + 1,
		.day = (unsigned)tm.tm_mday, .hour = (unsigned)tm.tm_hour,
			.minute = (unsigned)tm.tm_min,
		.second = (unsigned)tm.tm_sec, .second_part = (unsigned long)(us % 1000000),
		.time_type = MYSQL_TIMESTAMP_DATETIME };
}

static int64_t
time_to_us(const MYSQL_TIME *t)
{
	struct tm tm = { .tm_year = (int)t->year - 1900, .tm_mon = (int)t->month - 1,
		.tm_mday = (int)t->day, .tm_hour = (int)t->hour, .tm_min = (int)t->minute,
		.tm_sec = (int)t->second };

	return (int64_t)timegm(&tm) * 1000000 + (int64_t)t->second_part;
}

static void
bind_arg(const struct db_arg *a, MYSQL_BIND *b, MYSQL_TIME *time)
{
	*b = (MYSQL_BIND){0};
	switch (a->type) {
	case DB_ARG_NULL: b->buffer_type = MYSQL_TYPE_NULL; break;
	case DB_ARG_INT: b->buffer_type = MYSQL_TYPE_LONGLONG; b->buffer = (void *)(uintptr_t)&a->i;
		break;
	case DB_ARG_REAL: b->buffer_type = MYSQL_TYPE_DOUBLE; b->buffer = (void *)(uintptr_t)&a->r;
		break;
	case DB_ARG_TIME:
		time_from_us(a->i, time);
		b->buffer_type = MYSQL_TYPE_DATETIME;
		b->buffer = time;
		b->buffer_length = sizeof *time;
		break;
	case DB_ARG_TEXT:
		b->buffer_type = MYSQL_TYPE_STRING;
		b->buffer = (void *)(uintptr_t)a->p;
		b->buffer_length = strlen(a->p);
		break;
	case DB_ARG_BYTES:
		b->buffer_type = MYSQL_TYPE_BLOB;
		b->buffer = a->p ? (void *)(uintptr_t)a->p : (void *)(uintptr_t)a->id.b;
		b->buffer_length = a->n;
		break;
	}
}

/* A random wait, longer after each try, so that two that collided do not do so again. */
static void
tx_pause(int try)
{
	struct timespec t = { 0, (long)(1 + rand() % 10) * (1 << try) * 1000000L };

	nanosleep(&t, NULL);
}

/* Execute it, and again where it lost against another transaction while being one by itself:
 * nothing of it was done then. On a Galera cluster that is found out at its end, without a wait. */
static int
execute(struct db *db, struct statement *s, const char *sql, struct err *e)
{
	bool alone = !(db->mysql->server_status & SERVER_STATUS_IN_TRANS);

	for (int try = 0;; try++) {
		if (mysql_stmt_execute(s->stmt) == 0) return 0;
		failed(db, mysql_stmt_errno(s->stmt), mysql_stmt_error(s->stmt), sql, e);
		if (!alone || !db->retry || db->lock_timed_out || try + 1 == TX_TRIES) return -1;
		tx_pause(try);
	}
}

static struct statement *
run(struct db *db, const char *sql, const struct db_arg *args, size_t n_args, struct err *e)
{
	MYSQL_BIND binds[MAX_ARGS];
	MYSQL_TIME times[MAX_ARGS];
	struct statement *s;

	db->retry = false;
	if (db->lost) {
		err_set(e, ERR_AWAY, "the database is away (the connection is lost)");
		return NULL;
	}
	if (!(s = statement_for(db, sql, e))) return NULL;
	if (n_args > MAX_ARGS || mysql_stmt_param_count(s->stmt) != n_args) {
		err_set(e, ERR_INTERNAL, "%lu arguments wanted, %zu given in: %.160s",
			mysql_stmt_param_count(s->stmt), n_args, sql);
		return NULL;
	}
	for (size_t i = 0; i < n_args; i++) bind_arg(&args[i], &binds[i], &times[i]);
	if (n_args && mysql_stmt_bind_param(s->stmt, binds)) {
		failed(db, mysql_stmt_errno(s->stmt), mysql_stmt_error(s->stmt), sql, e);
		return NULL;
	}
	return execute(db, s, sql, e) ? NULL : s;
}

long
db_exec(struct db *db, const char *sql, const struct db_arg *args, size_t n_args, struct err *e)
{
	struct statement *s = run(db, sql, args, n_args, e);

	if (!s) return -1;
	if (s->rows) mysql_stmt_free_result(s->stmt);
	return (long)mysql_stmt_affected_rows(s->stmt);
}

/* After store_result the longest value of each column is known: make room for it. */
static void
rows_make_room(struct db_rows *r)
{
	MYSQL_RES *meta = mysql_stmt_result_metadata(r->stmt);

	for (unsigned i = 0; i < r->n_columns; i++) {
		struct column *c = &r->columns[i];
		size_t want = meta ? mysql_fetch_field_direct(meta, i)->max_length + 1 : 1;

		if (c->type != MYSQL_TYPE_BLOB || c->cap >= want) continue;
		if (!(c->p = realloc(c->p, want))) abort();
		c->cap = want;
		r->bound = false;
	}
	if (meta) mysql_free_result(meta);
}

struct db_rows *
db_query(struct db *db, const char *sql, const struct db_arg *args, size_t n_args, struct err *e)
{
	struct statement *s = run(db, sql, args, n_args, e);

	if (!s) return NULL;
	if (!s->rows) {
		err_set(e, ERR_INTERNAL, "no result from: %.160s", sql);
		return NULL;
	}
	if (mysql_stmt_store_result(s->stmt)) {
		failed(db, mysql_stmt_errno(s->stmt), mysql_stmt_error(s->stmt), sql, e);
		return NULL;
	}
	rows_make_room(s->rows);
	if (rows_bind(s->rows)) {
		failed(db, mysql_stmt_errno(s->stmt), mysql_stmt_error(s->stmt), sql, e);
		mysql_stmt_free_result(s->stmt);
		return NULL;
	}
	s->rows->in_use = true;
	return s->rows;
}

int
db_next(struct db_rows *r, struct err *e)
{
	int rc = mysql_stmt_fetch(r->stmt);

	if (rc == MYSQL_NO_DATA) return 0;
	if (rc)
		return err_set(e, ERR_INTERNAL, "fetch: %u %s", mysql_stmt_errno(r->stmt),
			mysql_stmt_error(r->stmt));
	for (unsigned i = 0; i < r->n_columns; i++) {
		struct column *c = &r->columns[i];

		if (c->type == MYSQL_TYPE_BLOB) c->p[c->null ? 0 : c->n] = '\0';
	}
	return 1;
}

void
db_rows_free(struct db_rows *r)
{
	if (!r) return;
	mysql_stmt_free_result(r->stmt);
	r->in_use = false;
}

static const struct column *
column(const struct db_rows *r, unsigned col)
{
	if (col >= r->n_columns) abort();
	return &r->columns[col];
}

bool
db_col_null(const struct db_rows *r, unsigned col)
{
	return column(r, col)->null;
}

int64_t
db_col_int(const struct db_rows *r, unsigned col)
{
	const struct column *c = column(r, col);

	if (c->null) return 0;
	switch ((int)c->type) {
	case MYSQL_TYPE_LONGLONG: return c->i;
	case MYSQL_TYPE_DOUBLE: return (int64_t)c->r;
	case MYSQL_TYPE_DATETIME: return time_to_us(&c->time);
	default: return 0;
	}
}

double
db_col_real(const struct db_rows *r, unsigned col)
{
	const struct column *c = column(r, col);

	if (c->null) return 0;
	return c->type == MYSQL_TYPE_DOUBLE ? c->r : (double)db_col_int(r, col);
}

const char *
db_col_text(const struct db_rows *r, unsigned col)
{
	const struct column *c = column(r, col);

	return c->null || c->type != MYSQL_TYPE_BLOB ? "" : c->p;
}

const void *
db_col_bytes(const struct db_rows *r, unsigned col, size_t *n)
{
	const struct column *c = column(r, col);

	*n = c->null || c->type != MYSQL_TYPE_BLOB ? 0 : c->n;
	return c->p;
}

struct uuid
db_col_uuid(const struct db_rows *r, unsigned col)
{
	struct uuid u = {{0}};
	size_t n;
	const void *p = db_col_bytes(r, col, &n);

	if (n == sizeof u.b) memcpy(u.b, p, n);
	return u;
}

int
db_one_int(struct db *db, const char *sql, const struct db_arg *args, size_t n_args, int64_t none,
	int64_t *out, struct err *e)
{
	struct db_rows *r = db_query(db, sql, args, n_args, e);
	int rc;

	if (!r) return -1;
	rc = db_next(r, e);
	*out = rc == 1 && !db_col_null(r, 0) ? db_col_int(r, 0) : none;
	db_rows_free(r);
	return rc < 0 ? -1 : 0;
}

int
db_raw(struct db *db, const char *sql, size_t n, struct err *e)
{
	if (db->lost) return err_set(e, ERR_AWAY, "the database is away (the connection is lost)");
	if (mysql_real_query(db->mysql, sql, n))
		return failed(db, mysql_errno(db->mysql), mysql_error(db->mysql), sql, e);
	return 0;
}

int
db_stream(struct db *db, const char *sql, int (*each)(void *ctx, const struct db_text *columns,
	unsigned n, struct err *e), void *ctx, struct err *e)
{
	struct db_text columns[MAX_COLUMNS];
	MYSQL_RES *rows;
	MYSQL_ROW row;
	unsigned n;
	int rc = 0;

	if (db_raw(db, sql, strlen(sql), e)) return -1;
	if (!(rows = mysql_use_result(db->mysql)))
		return failed(db, mysql_errno(db->mysql), mysql_error(db->mysql), sql, e);
	if ((n = mysql_num_fields(rows)) > MAX_COLUMNS) abort();
	while (!rc && (row = mysql_fetch_row(rows))) {
		const unsigned long *lengths = mysql_fetch_lengths(rows);

		for (unsigned i = 0; i < n; i++)
			columns[i] = (struct db_text){ .p = row[i], .n = lengths[i] };
		rc = each(ctx, columns, n, e);
	}
	if (!rc && mysql_errno(db->mysql))
		rc = failed(db, mysql_errno(db->mysql), mysql_error(db->mysql), sql, e);
	mysql_free_result(rows);	/* reads what is left */
	return rc;
}

int
db_snapshot_begin(struct db *db, struct err *e)
{
	static const char level[] = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ";
	static const char start[] = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

	return db_raw(db, level, sizeof level - 1, e) || db_raw(db, start, sizeof start - 1, e)
		? -1 : 0;
}

void
db_snapshot_end(struct db *db)
{
	struct err ignored;

	if (!db->lost) db_raw(db, "ROLLBACK", 8, &ignored);
}

bool
db_lock_timed_out(const struct db *db)
{
	return db->lock_timed_out;
}

void
db_do_not_retry(struct db *db)
{
	db->retry = false;
}

enum db_tx
db_transaction(struct db *db, int (*fn)(struct db *db, void *ctx, struct err *e), void *ctx,
	struct err *e)
{
	for (int try = 0;; try++) {
		struct err ignored;
		bool again;

		if (db_raw(db, "START TRANSACTION", 17, e)) return DB_TX_FAILED;
		db->retry = false;
		if (fn(db, ctx, e) == 0) {
			if (db_raw(db, "COMMIT", 6, e) == 0) return DB_TX_DONE;
			if (db->lost) return DB_TX_UNKNOWN;
		}
		again = db->retry && !db->lost && try + 1 < TX_TRIES;
		if (!db->lost) db_raw(db, "ROLLBACK", 8, &ignored);
		if (!again) return DB_TX_FAILED;
		tx_pause(try);
	}
}
