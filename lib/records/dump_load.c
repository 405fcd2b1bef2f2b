#include "records/dump.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "records/dump_read.h"

#define UNFINISHED "restore_unfinished"		/* a table that is there while one restores */

enum { ROWS_AT_ONCE = 500 };

struct loading {
	struct db *db;
	struct buf insert;
	unsigned n;		/* rows that are not committed */
};

static int
say(struct db *db, const char *sql, struct err *e)
{
	return db_raw(db, sql, strlen(sql), e);
}

static int
commit_rows(struct loading *l, struct err *e)
{
	if (!l->n) return 0;
	l->n = 0;
	return say(l->db, "COMMIT", e);
}

static int
begin_table(const struct dump_line *line, void *ctx, struct err *e)
{
	struct loading *l = ctx;

	if (commit_rows(l, e)) return -1;
	buf_reset(&l->insert);
	buf_addf(&l->insert, "DELETE FROM `%s`", line->table);
	if (say(l->db, buf_str(&l->insert), e)) return err_prefix(e, "table %s", line->table);
	buf_reset(&l->insert);
	buf_addf(&l->insert, "INSERT INTO `%s` (", line->table);
	for (unsigned i = 0; i < line->n_columns; i++)
		buf_addf(&l->insert, "%s`%s`", i ? "," : "", line->fields[i + 2].p);
	buf_adds(&l->insert, ") VALUES (");
	for (unsigned i = 0; i < line->n_columns; i++) buf_adds(&l->insert, i ? ",?" : "?");
	buf_addc(&l->insert, ')');
	return 0;
}

static int
insert_row(const struct dump_line *line, void *ctx, struct err *e)
{
	struct loading *l = ctx;
	struct db_arg a[DUMP_COLUMNS];

	for (unsigned i = 0; i < line->n_columns; i++) {
		const char *p = line->fields[i + 1].p;

		if (!p) a[i] = (struct db_arg)DB_NULL;
		else if (line->hex[i]) a[i] = (struct db_arg)DB_BYTES(p, line->fields[i + 1].n);
		else a[i] = (struct db_arg)DB_TEXT(p);
	}
	if (!l->n++ && say(l->db, "START TRANSACTION", e)) return -1;
	if (db_exec(l->db, buf_str(&l->insert), a, line->n_columns, e) < 0)
		return err_prefix(e, "%s:%llu", line->path, (unsigned long long)line->number);
	return l->n < ROWS_AT_ONCE ? 0 : commit_rows(l, e);
}

int
dump_load(struct db *db, const struct dump *d, struct err *e)
{
	struct loading l = { .db = db };
	const struct dump_wanted w = { .table = begin_table, .row = insert_row, .ctx = &l };
	struct err ignored;
	uint64_t rows;
	int rc = dump_read(d->path, &w, &rows, e);

	if (!rc) rc = commit_rows(&l, e);
	else if (l.n) say(db, "ROLLBACK", &ignored);
	buf_free(&l.insert);
	return rc;
}

int
dump_revoke_tokens(struct db *db, long *n, struct err *e)
{
	*n = db_exec(db, "DELETE FROM tokens", NULL, 0, e);
	return *n < 0 ? -1 : 0;
}

/* Is this table there? */
static int
has_table(struct db *db, const char *name, bool *there, struct err *e)
{
	struct db_arg a[] = { DB_TEXT(name) };
	int64_t n;

	if (db_one_int(db, "SELECT COUNT(*) FROM information_schema.tables WHERE "
		"table_schema=DATABASE() AND table_name=?", a, NELEM(a), 0, &n, e))
		return -1;
	*there = n > 0;
	return 0;
}

int
dump_target(struct db *db, bool *tables, bool *unfinished, struct err *e)
{
	*tables = false;
	for (const struct dump_table *t = dump_tables; t->name && !*tables; t++)
		if (has_table(db, t->name, tables, e)) return -1;
	return has_table(db, UNFINISHED, unfinished, e);
}

int
dump_daemon_at_work(struct db *db, char name[201], struct err *e)
{
	struct db_rows *r;
	bool there;
	int more;

	if (has_table(db, "hosts", &there, e)) return -1;
	if (!there) return 0;
	r = db_query(db, "SELECT name FROM hosts WHERE seen_at > UTC_TIMESTAMP(6) - INTERVAL 30 "
		"SECOND LIMIT 1", NULL, 0, e);
	if (!r) return -1;
	if ((more = db_next(r, e)) == 1) str_copy(name, 201, db_col_text(r, 0));
	db_rows_free(r);
	return more;
}

int
dump_begin(struct db *db, struct err *e)
{
	char drop[100];

	/* Seconds; less than the connection waits for an answer. */
	if (say(db, "SET lock_wait_timeout=5", e) ||
		say(db, "CREATE TABLE IF NOT EXISTS " UNFINISHED " (since DATETIME NOT NULL "
		"PRIMARY KEY) ENGINE=InnoDB", e))
		return -1;
	for (const struct dump_table *t = dump_tables; t->name; t++) {
		snprintf(drop, sizeof drop, "DROP TABLE IF EXISTS `%s`", t->name);
		if (say(db, drop, e) == 0) continue;
		return !db_lock_timed_out(db) ? -1 : err_set(e, ERR_CONFLICT, "somebody is at work "
			"with the table %s; stop daemon and web server on every host, and try "
			"again", t->name);
	}
	return 0;
}

int
dump_finish(struct db *db, struct err *e)
{
	return say(db, "DROP TABLE " UNFINISHED, e);
}
