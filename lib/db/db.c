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
#include "db/db_rows.h"

enum { MAX_STATEMENTS = 96, MAX_ARGS = 144, CONNECT_SECONDS = 3, IO_SECONDS = 30,
	TX_TRIES = 5 };

/* Headers of MariaDB lack these names. The first is what MariaDB 10.6.18 and later say where others
 * say "deadlock", the second what MySQL 8.0.24 and later say to who was idle for wait_timeout. */
enum { ER_RECORD_CHANGED = 1020, ER_CLIENT_INTERACTION_TIMEOUT = 4031 };

struct statement {
	const char *sql;	/* owned copy */
	MYSQL_STMT *stmt;
	struct db_rows *rows;	/* NULL until it has run, and for those without a result */
	unsigned long used;
};

struct db {
	MYSQL *mysql;
	bool lost;
	/* the last error was one after which the transaction may run again */
	bool retry;
	unsigned code;		/* the last error's */
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
	case ER_CLIENT_INTERACTION_TIMEOUT:
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
	db->code = code;
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

static void
use_tls(MYSQL *mysql, const char *authorities)
{
	my_bool yes = 1;

	mysql_options(mysql, MYSQL_OPT_SSL_CA, authorities);
	mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &yes);
	mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
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
	if (*c->database_ca && !*c->database_socket) use_tls(db->mysql, c->database_ca);
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
	db_rows_close(s->rows);
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
		if (!alone || !db->retry || db_lock_timed_out(db) || try + 1 == TX_TRIES) return -1;
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
	if (execute(db, s, sql, e)) return NULL;
	/* Not before: of some statements, an EXPLAIN, MySQL tells only then which columns come. */
	if (!s->rows) s->rows = db_rows_new(s->stmt);
	return s;
}

long
db_exec(struct db *db, const char *sql, const struct db_arg *args, size_t n_args, struct err *e)
{
	struct statement *s = run(db, sql, args, n_args, e);

	if (!s) return -1;
	if (s->rows) mysql_stmt_free_result(s->stmt);
	return (long)mysql_stmt_affected_rows(s->stmt);
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
	if (db_rows_receive(s->rows)) {
		failed(db, mysql_stmt_errno(s->stmt), mysql_stmt_error(s->stmt), sql, e);
		mysql_stmt_free_result(s->stmt);
		return NULL;
	}
	s->rows->in_use = true;
	return s->rows;
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
	struct db_text columns[DB_MAX_COLUMNS];
	MYSQL_RES *rows;
	MYSQL_ROW row;
	unsigned n;
	int rc = 0;

	if (db_raw(db, sql, strlen(sql), e)) return -1;
	if (!(rows = mysql_use_result(db->mysql)))
		return failed(db, mysql_errno(db->mysql), mysql_error(db->mysql), sql, e);
	if ((n = mysql_num_fields(rows)) > DB_MAX_COLUMNS) abort();
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
	return db->code == ER_LOCK_WAIT_TIMEOUT;
}

bool
db_was_done(const struct db *db)
{
	return db->code == ER_TABLE_EXISTS_ERROR || db->code == ER_DUP_FIELDNAME ||
		db->code == ER_DUP_KEYNAME || db->code == ER_CANT_DROP_FIELD_OR_KEY ||
		db->code == ER_BAD_TABLE_ERROR;
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
