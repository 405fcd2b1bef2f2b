#include "records/dump.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "records/dump_format.h"

/* MAX_LINE: a row of which several columns are as long as a TEXT may be, all of it escaped. */
enum { MAX_LINE = 64 << 20, MAX_FIELDS = 66, MAX_COLUMNS = MAX_FIELDS - 1, MAX_MIGRATIONS = 512,
	ROWS_AT_ONCE = 500 };

struct field {
	char *p;		/* NULL: NULL */
	size_t n;
};

struct reader {
	FILE *f;
	const char *path;
	struct sha256 sum;	/* of the lines before this one */
	struct buf line;
	struct field fields[MAX_FIELDS];
	unsigned n_fields;
	uint64_t line_no, rows;

	char table[65];		/* "": before the first */
	unsigned n_columns;
	bool hex[MAX_COLUMNS];
};

static int
bad(const struct reader *r, struct err *e, const char *what)
{
	return err_set(e, ERR_INVALID, "%s:%llu: %s", r->path, (unsigned long long)r->line_no,
		what);
}

/* In place: it only becomes shorter. false: not as it should be. */
static bool
unescape(struct field *x)
{
	char *to = x->p;

	if (strcmp(x->p, "\\N") == 0) {
		x->p = NULL;
		return true;
	}
	for (const char *at = x->p; *at; at++) {
		if (*at != '\\') *to++ = *at;
		else if (*++at == 't') *to++ = '\t';
		else if (*at == 'n') *to++ = '\n';
		else if (*at == '\\') *to++ = '\\';
		else return false;
	}
	*to = '\0';
	x->n = (size_t)(to - x->p);
	return true;
}

static int
split(struct reader *r, struct err *e)
{
	char *at = r->line.p;

	r->n_fields = 0;
	for (char *tab = at; tab; at = tab + 1) {
		struct field *x = &r->fields[r->n_fields];

		if (r->n_fields == MAX_FIELDS) return bad(r, e, "too many fields");
		if ((tab = strchr(at, '\t'))) *tab = '\0';
		*x = (struct field){ .p = at, .n = strlen(at) };
		if (!unescape(x)) return bad(r, e, "an escape that is none");
		r->n_fields++;
	}
	return r->fields[0].p ? 0 : bad(r, e, "not a line of a dump");
}

/* The next line, in fields. Its bytes go into the sum, unless it is the last one. */
static int
next_line(struct reader *r, struct err *e)
{
	char part[65536];

	buf_reset(&r->line);
	r->line_no++;
	do {
		if (!fgets(part, sizeof part, r->f))
			return ferror(r->f) ? err_set(e, ERR_INTERNAL, "read %s: %s", r->path,
				strerror(errno)) : bad(r, e, "the file ends too early");
		buf_adds(&r->line, part);
		if (r->line.n > MAX_LINE) return bad(r, e, "the line is too long");
	} while (!r->line.n || r->line.p[r->line.n - 1] != '\n');
	if (!str_starts(r->line.p, "end\t")) sha256_add(&r->sum, r->line.p, r->line.n);
	r->line.p[--r->line.n] = '\0';
	return split(r, e);
}

static bool
is_identifier(const char *s, size_t n)
{
	if (!n || n > 64) return false;
	for (size_t i = 0; i < n; i++)
		if (!isascii((unsigned char)s[i]) || (!isalnum((unsigned char)s[i]) && s[i] != '_'))
			return false;
	return true;
}

/* "table": its columns' names lose what says how their values stand there. */
static int
read_table(struct reader *r, struct err *e)
{
	static const size_t suffix = sizeof DUMP_HEX - 1;

	if (r->n_fields < 3) return bad(r, e, "a table needs a name and columns");
	r->n_columns = r->n_fields - 2;
	for (unsigned i = 1; i < r->n_fields; i++) {
		struct field *x = &r->fields[i];

		if (!x->p) return bad(r, e, "a name is missing");
		if (i >= 2) {
			r->hex[i - 2] = x->n > suffix &&
				strcmp(x->p + x->n - suffix, DUMP_HEX) == 0;
			if (r->hex[i - 2]) x->p[x->n -= suffix] = '\0';
		}
		if (!is_identifier(x->p, x->n)) return bad(r, e, "not a name of a table or column");
	}
	str_copy(r->table, sizeof r->table, r->fields[1].p);
	return str_index(r->table, dump_left_out) < 0 ? 0
		: bad(r, e, "no dump has this table");
}

/* "row": hexadecimal becomes bytes. */
static int
read_row(struct reader *r, struct err *e)
{
	if (!*r->table || r->n_fields != r->n_columns + 1)
		return bad(r, e, "not a row of the table");
	for (unsigned i = 0; i < r->n_columns; i++) {
		struct field *x = &r->fields[i + 1];

		if (!r->hex[i] || !x->p) continue;
		/* hash_unhex() reads two digits before it writes their byte. */
		if (x->n % 2 || hash_unhex(x->p, (uint8_t *)x->p, x->n / 2))
			return bad(r, e, "not hexadecimal");
		x->n /= 2;
	}
	r->rows++;
	return 0;
}

static int
read_end(struct reader *r, struct err *e)
{
	uint8_t sha256[SHA256_BYTES];
	char hex[SHA256_HEX], rows[24];

	sha256_end(&r->sum, sha256);
	hash_hex(sha256, sizeof sha256, hex);
	snprintf(rows, sizeof rows, "%llu", (unsigned long long)r->rows);
	if (r->n_fields != 3 || !r->fields[1].p || !r->fields[2].p ||
		strcmp(r->fields[1].p, rows) != 0 || strcmp(r->fields[2].p, hex) != 0)
		return bad(r, e, "the file is damaged: what was written is not what is here");
	return getc(r->f) == EOF ? 0 : bad(r, e, "there is something behind the end");
}

/* What somebody wants to know of lines that were read; NULL: nothing. */
struct wanted {
	int (*migration)(struct reader *r, void *ctx, struct err *e);
	int (*table)(struct reader *r, void *ctx, struct err *e);
	int (*row)(struct reader *r, void *ctx, struct err *e);
	void *ctx;
};

static int
read_body(struct reader *r, const struct wanted *w, struct err *e)
{
	for (;;) {
		const char *word;

		if (next_line(r, e)) return -1;
		word = r->fields[0].p;
		if (strcmp(word, "end") == 0) return read_end(r, e);
		if (strcmp(word, "migration") == 0) {
			if (*r->table || r->n_fields != 3 || !r->fields[1].p || !r->fields[2].p)
				return bad(r, e, "not a migration");
			if (w->migration && w->migration(r, w->ctx, e)) return -1;
		} else if (strcmp(word, "table") == 0) {
			if (read_table(r, e) || (w->table && w->table(r, w->ctx, e))) return -1;
		} else if (strcmp(word, "row") == 0) {
			if (read_row(r, e) || (w->row && w->row(r, w->ctx, e))) return -1;
		} else return bad(r, e, "not a line of a dump");
	}
}

static int
read_file(const char *path, const struct wanted *w, uint64_t *rows, struct err *e)
{
	struct reader *r = calloc(1, sizeof *r);
	int rc = -1;

	if (!r) abort();
	r->path = path;
	if (!(r->f = fopen(path, "re"))) {
		err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_INTERNAL, "cannot read %s: %s",
			path, strerror(errno));
		goto out;
	}
	sha256_begin(&r->sum);
	if (next_line(r, e)) goto out;
	if (r->n_fields != 2 || !r->fields[1].p || strcmp(r->fields[0].p, "earshot-records") != 0 ||
		strcmp(r->fields[1].p, "1") != 0) {
		bad(r, e, "not the records of a backup, or those of a newer Earshot");
		goto out;
	}
	rc = read_body(r, w, e);
	*rows = r->rows;
out:
	if (r->f) fclose(r->f);
	buf_free(&r->line);
	free(r);
	return rc;
}

static int
note_migration(struct reader *r, void *ctx, struct err *e)
{
	struct dump *d = ctx;
	struct migrate_applied *m;

	if (d->n_migrations == MAX_MIGRATIONS) return bad(r, e, "too many migrations");
	m = realloc(d->migrations, (d->n_migrations + 1) * sizeof *m);
	if (!m) abort();
	d->migrations = m;
	m += d->n_migrations;
	if (!str_copy(m->name, sizeof m->name, r->fields[1].p) ||
		hash_unhex(r->fields[2].p, m->sha256, sizeof m->sha256))
		return bad(r, e, "not a migration");
	d->n_migrations++;
	return 0;
}

int
dump_check(struct dump *d, const char *path, struct err *e)
{
	const struct wanted w = { .migration = note_migration, .ctx = d };

	*d = (struct dump){0};
	if (!str_copy(d->path, sizeof d->path, path))
		return err_set(e, ERR_INVALID, "the path is too long: %.60s…", path);
	return read_file(path, &w, &d->rows, e);
}

void
dump_free(struct dump *d)
{
	free(d->migrations);
	*d = (struct dump){0};
}

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
begin_table(struct reader *r, void *ctx, struct err *e)
{
	struct loading *l = ctx;

	if (commit_rows(l, e)) return -1;
	buf_reset(&l->insert);
	buf_addf(&l->insert, "DELETE FROM `%s`", r->table);
	if (say(l->db, buf_str(&l->insert), e)) return err_prefix(e, "table %s", r->table);
	buf_reset(&l->insert);
	buf_addf(&l->insert, "INSERT INTO `%s` (", r->table);
	for (unsigned i = 0; i < r->n_columns; i++)
		buf_addf(&l->insert, "%s`%s`", i ? "," : "", r->fields[i + 2].p);
	buf_adds(&l->insert, ") VALUES (");
	for (unsigned i = 0; i < r->n_columns; i++) buf_adds(&l->insert, i ? ",?" : "?");
	buf_addc(&l->insert, ')');
	return 0;
}

static int
insert_row(struct reader *r, void *ctx, struct err *e)
{
	struct loading *l = ctx;
	struct db_arg a[MAX_COLUMNS];

	for (unsigned i = 0; i < r->n_columns; i++) {
		const struct field *x = &r->fields[i + 1];

		if (!x->p) a[i] = (struct db_arg)DB_NULL;
		else if (r->hex[i]) a[i] = (struct db_arg)DB_BYTES(x->p, x->n);
		else a[i] = (struct db_arg)DB_TEXT(x->p);
	}
	if (!l->n++ && say(l->db, "START TRANSACTION", e)) return -1;
	if (db_exec(l->db, buf_str(&l->insert), a, r->n_columns, e) < 0)
		return err_prefix(e, "%s:%llu", r->path, (unsigned long long)r->line_no);
	return l->n < ROWS_AT_ONCE ? 0 : commit_rows(l, e);
}

int
dump_load(struct db *db, const struct dump *d, struct err *e)
{
	struct loading l = { .db = db };
	const struct wanted w = { .table = begin_table, .row = insert_row, .ctx = &l };
	struct err ignored;
	uint64_t rows;
	int rc = read_file(d->path, &w, &rows, e);

	if (!rc) rc = commit_rows(&l, e);
	else if (l.n) say(db, "ROLLBACK", &ignored);
	buf_free(&l.insert);
	return rc;
}

int
dump_target(struct db *db, bool *tables, bool *unfinished, struct err *e)
{
	int64_t n, marks;

	if (db_one_int(db, "SELECT COUNT(*) FROM information_schema.tables WHERE "
		"table_schema=DATABASE()", NULL, 0, 0, &n, e) ||
		db_one_int(db, "SELECT COUNT(*) FROM information_schema.tables WHERE "
		"table_schema=DATABASE() AND table_name='" DUMP_UNFINISHED "'", NULL, 0, 0, &marks,
		e))
		return -1;
	*tables = n > 0;
	*unfinished = marks > 0;
	return 0;
}

int
dump_daemon_at_work(struct db *db, char name[201], struct err *e)
{
	struct db_rows *r;
	int64_t there;
	int more;

	if (db_one_int(db, "SELECT COUNT(*) FROM information_schema.tables WHERE "
		"table_schema=DATABASE() AND table_name='hosts'", NULL, 0, 0, &there, e))
		return -1;
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
	struct db_rows *r;
	struct buf drop = {0};
	int more = 0, rc = 0;

	if (say(db, "CREATE TABLE IF NOT EXISTS " DUMP_UNFINISHED " (since DATETIME NOT NULL "
		"PRIMARY KEY) ENGINE=InnoDB", e))
		return -1;
	r = db_query(db, "SELECT table_name FROM information_schema.tables WHERE "
		"table_schema=DATABASE() AND table_name<>'" DUMP_UNFINISHED "'", NULL, 0, e);
	if (!r) return -1;
	while (!rc && (more = db_next(r, e)) == 1) {
		buf_reset(&drop);
		buf_addf(&drop, "DROP TABLE `%s`", db_col_text(r, 0));
		rc = say(db, buf_str(&drop), e);
	}
	db_rows_free(r);
	buf_free(&drop);
	return rc || more < 0 ? -1 : 0;
}

int
dump_finish(struct db *db, struct err *e)
{
	return say(db, "DROP TABLE " DUMP_UNFINISHED, e);
}
