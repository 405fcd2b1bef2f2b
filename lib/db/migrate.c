#include "db/migrate.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/str.h"
#include "db/db.h"
#include "db/version.h"

enum { MAX_MIGRATIONS = 512, MAX_FILE_BYTES = 4 << 20, LOCK_SECONDS = 60, LOCK_STEP_SECONDS = 5 };

struct migration {
	uint32_t version;
	char name[128];			/* file name */
	uint8_t sha256[SHA256_BYTES];
	struct buf sql;
	bool known, complete;		/* has a row; all its statements ran */
	int64_t statements_done;
};

struct plan {
	struct migration m[MAX_MIGRATIONS];
	size_t n;
};

static void
plan_free(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++) buf_free(&p->m[i].sql);
	free(p);
}

enum { NO_END = -1 };

/* Behind a quoted text that begins at i, or NO_END. */
static size_t
skip_quoted(const char *s, size_t i)
{
	char q = s[i++];

	for (; s[i]; i++) {
		if (s[i] == '\\' && q != '`' && s[i + 1]) i++;
		else if (s[i] == q) return i + 1;
	}
	return (size_t)NO_END;
}

/* Behind the comment or blank that begins at i; i itself when there is none; NO_END when a comment
 * does not end. */
static size_t
skip_space(const char *s, size_t i)
{
	if (isspace((unsigned char)s[i])) return i + 1;
	if ((s[i] == '-' && s[i + 1] == '-' && (!s[i + 2] || isspace((unsigned char)s[i + 2]))) ||
		s[i] == '#')
		return i + strcspn(s + i, "\n");
	if (s[i] == '/' && s[i + 1] == '*') {
		const char *end = strstr(s + i + 2, "*/");

		return end ? (size_t)(end - s) + 2 : (size_t)NO_END;
	}
	return i;
}

int
migrate_next_statement(const char *sql, size_t *at, size_t *start, size_t *n)
{
	size_t i = *at, next;

	while (sql[i] && (next = skip_space(sql, i)) != i) {
		if (next == (size_t)NO_END) return -1;
		i = next;
	}
	*start = i;
	while (sql[i] && sql[i] != ';') {
		if (sql[i] == '\'' || sql[i] == '"' || sql[i] == '`') next = skip_quoted(sql, i);
		else if ((next = skip_space(sql, i)) == i) next = i + 1;
		if (next == (size_t)NO_END) return -1;
		i = next;
	}
	*n = i - *start;
	*at = sql[i] ? i + 1 : i;
	return *n || sql[i] ? 1 : 0;
}

static int
by_version(const void *a, const void *b)
{
	const struct migration *x = a, *y = b;

	return (x->version > y->version) - (x->version < y->version);
}

static int
add_file(struct plan *p, const char *dir, const char *name, struct err *e)
{
	struct migration *m = &p->m[p->n];
	char path[1024], number[8] = "";
	uint64_t version;

	if (p->n == MAX_MIGRATIONS)
		return err_set(e, ERR_INTERNAL, "more than %d migrations in %s", MAX_MIGRATIONS,
			dir);
	memcpy(number, name, strnlen(name, 4));
	if (!str_u64(number, 1, 9999, &version) || name[4] != '-' ||
		!str_copy(m->name, sizeof m->name, name))
		return err_set(e, ERR_INVALID, "%s/%s is not named NNNN-name.sql", dir, name);
	m->version = (uint32_t)version;
	p->n++;
	if (io_join(path, sizeof path, dir, name, e) || buf_read_file(&m->sql, path, MAX_FILE_BYTES,
		e))
		return -1;
	if (!str_is_utf8(buf_str(&m->sql), m->sql.n))
		return err_set(e, ERR_INVALID, "%s is not UTF-8 text", path);
	hash_sha256(buf_str(&m->sql), m->sql.n, m->sha256);
	return 0;
}

static int
read_files(struct plan *p, const char *dir, struct err *e)
{
	DIR *d = opendir(dir);
	struct dirent *f;
	int rc = 0;

	if (!d)
		return err_set(e, ERR_NOT_FOUND, "cannot read the schema folder %s: %s", dir,
			strerror(errno));
	while (!rc && (f = readdir(d))) {
		size_t n = strlen(f->d_name);

		if (n > 4 && f->d_name[0] != '.' && strcmp(f->d_name + n - 4, ".sql") == 0)
			rc = add_file(p, dir, f->d_name, e);
	}
	closedir(d);
	if (rc) return -1;
	qsort(p->m, p->n, sizeof *p->m, by_version);
	for (size_t i = 1; i < p->n; i++)
		if (p->m[i].version == p->m[i - 1].version)
			return err_set(e, ERR_INVALID, "two migrations have the number %04u: %s "
				"and %s", p->m[i].version, p->m[i - 1].name, p->m[i].name);
	return 0;
}

/* Compare one recorded migration with the files. */
static int
match_row(struct plan *p, struct db_rows *r, struct err *e)
{
	uint32_t version = (uint32_t)db_col_int(r, 0);
	size_t n;

	for (size_t i = 0; i < p->n; i++) {
		struct migration *m = &p->m[i];
		const void *sha = db_col_bytes(r, 2, &n);

		if (m->version != version) continue;
		if (n != SHA256_BYTES || memcmp(sha, m->sha256, n) != 0)
			return err_set(e, ERR_CONFLICT, "migration %s was edited after it had been "
				"applied; restore it and add a new one", m->name);
		m->known = true;
		m->statements_done = db_col_int(r, 3);
		m->complete = !db_col_null(r, 4);
		return 0;
	}
	return err_set(e, ERR_CONFLICT, "the database has migration %s, which this copy of Earshot "
		"does not know; it is newer", db_col_text(r, 1));
}

static int
match_recorded(struct plan *p, struct db *db, struct err *e)
{
	struct db_rows *r = db_query(db, "SELECT version, name, sha256, statements_done, "
		"applied_at FROM schema_migrations ORDER BY version", NULL, 0, e);
	int rc = -1, more;

	if (!r) return -1;
	while ((more = db_next(r, e)) == 1)
		if (match_row(p, r, e)) goto out;
	if (more < 0) goto out;
	rc = 0;
	for (size_t i = 1; i < p->n; i++)
		if (p->m[i].known && !p->m[i - 1].known)
			rc = err_set(e, ERR_CONFLICT, "migration %s is new but older ones than %s "
				"cannot be added", p->m[i - 1].name, p->m[i].name);
out:
	db_rows_free(r);
	return rc;
}

static int
apply(struct db *db, struct migration *m, struct err *e)
{
	struct db_arg row[] = { DB_INT(m->version), DB_TEXT(m->name),
		DB_BYTES(m->sha256, SHA256_BYTES) };
	struct db_arg step[] = { DB_INT(m->version) };
	size_t at = 0, start, n;
	int64_t i = 0;
	int more;

	if (!m->known && db_exec(db, "INSERT INTO schema_migrations (version, name, sha256, "
		"statements_done) VALUES (?,?,?,0)",
			row, NELEM(row), e) < 0)
		return -1;
	while ((more = migrate_next_statement(buf_str(&m->sql), &at, &start, &n)) == 1) {
		if (i++ < m->statements_done || !n) continue;
		/* Its effect is there already where we were killed between it and its record. */
		if (db_raw(db, buf_str(&m->sql) + start, n, e) &&
			!(m->known && i == m->statements_done + 1 && db_was_done(db)))
			return err_prefix(e, "migration %s, statement %lld", m->name, (long long)i);
		if (db_exec(db, "UPDATE schema_migrations SET statements_done=statements_done+1 "
			"WHERE version=?", step, NELEM(step),
				e) < 0)
			return -1;
	}
	if (more < 0)
		return err_set(e, ERR_INVALID, "migration %s: a string or comment does not end",
			m->name);
	return db_exec(db, "UPDATE schema_migrations SET applied_at=UTC_TIMESTAMP(6) WHERE "
		"version=?", step, NELEM(step), e) < 0
		? -1 : 0;
}

static const char table_sql[] =
	"CREATE TABLE IF NOT EXISTS schema_migrations (version INT UNSIGNED NOT NULL PRIMARY KEY, "
	"name VARCHAR(128) NOT NULL, sha256 BINARY(32) NOT NULL, statements_done INT UNSIGNED NOT "
	"NULL, applied_at DATETIME(6) NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";

/* In steps, because a server that is silent for longer than the connection's time-out is taken for
 * lost. The lock is named after the database: one server may serve several installations. */
static bool
take_lock(struct db *db, struct err *e)
{
	struct db_arg step[] = { DB_INT(LOCK_STEP_SECONDS) };
	int64_t locked = 0;

	for (int waited = 0; waited < LOCK_SECONDS && !locked; waited += LOCK_STEP_SECONDS)
		if (db_one_int(db, "SELECT GET_LOCK(CONCAT('earshot.migrate.', DATABASE()), ?)",
			step, NELEM(step), 0, &locked, e))
			return false;
	if (!locked)
		err_set(e, ERR_AWAY, "another process has been migrating the database for more "
			"than %d seconds", LOCK_SECONDS);
	return locked;
}

int
migrate_up_to(struct db *db, const char *dir, uint32_t last, int *n_applied, struct err *e)
{
	struct plan *p = calloc(1, sizeof *p);
	bool locked = false;
	struct err ignored;
	int64_t released;
	int rc = -1;

	if (!p) abort();
	*n_applied = 0;
	if (db_server_check(db, e) || read_files(p, dir, e) || !(locked = take_lock(db, e)))
		goto out;
	if (db_raw(db, table_sql, sizeof table_sql - 1, e) || match_recorded(p, db, e)) goto out;
	for (size_t i = 0; i < p->n; i++) {
		if (p->m[i].complete || p->m[i].version > last) continue;
		if (apply(db, &p->m[i], e)) goto out;
		++*n_applied;
	}
	rc = 0;
out:
	if (locked)
		db_one_int(db, "SELECT RELEASE_LOCK(CONCAT('earshot.migrate.', DATABASE()))", NULL,
			0, 0, &released, &ignored);
	plan_free(p);
	return rc;
}

int
migrate_run(struct db *db, const char *dir, int *n_applied, struct err *e)
{
	return migrate_up_to(db, dir, UINT32_MAX, n_applied, e);
}

int
migrate_compare(const char *dir, const struct migrate_applied *applied, size_t n, uint32_t *last,
	struct err *e)
{
	struct plan *p = calloc(1, sizeof *p);
	int rc = -1;

	if (!p) abort();
	*last = 0;
	if (read_files(p, dir, e)) goto out;
	for (size_t i = 0; i < n; i++) {
		if (i == p->n || strcmp(p->m[i].name, applied[i].name) != 0) {
			err_set(e, ERR_CONFLICT, "there is no migration %s in %s; it comes from "
				"another version of Earshot", applied[i].name, dir);
			goto out;
		}
		if (memcmp(p->m[i].sha256, applied[i].sha256, SHA256_BYTES) != 0) {
			err_set(e, ERR_CONFLICT, "migration %s in %s is not the one that was "
				"applied", applied[i].name, dir);
			goto out;
		}
		*last = p->m[i].version;
	}
	rc = 0;
out:
	plan_free(p);
	return rc;
}
