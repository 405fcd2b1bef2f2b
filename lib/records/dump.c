#include "records/dump.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "records/dump_read.h"

static const char *const bytes_types[] = { "binary", "varbinary", "tinyblob", "blob", "mediumblob",
	"longblob", "bit", NULL };

struct dump_out {
	FILE *f;
	const char *path;
	struct sha256 sum;
	struct buf line;
	uint64_t rows;
};

static void
add_field(struct buf *line, const char *p, size_t n)
{
	buf_addc(line, '\t');
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\t') buf_adds(line, "\\t");
		else if (p[i] == '\n') buf_adds(line, "\\n");
		else if (p[i] == '\\') buf_adds(line, "\\\\");
		else buf_addc(line, p[i]);
	}
}

static int
end_line(struct dump_out *o, struct err *e)
{
	size_t n;

	buf_addc(&o->line, '\n');
	n = o->line.n;
	sha256_add(&o->sum, buf_str(&o->line), n);
	if (fwrite(buf_str(&o->line), 1, n, o->f) != n)
		return err_set(e, ERR_AWAY, "write %s: %s", o->path, strerror(errno));
	buf_reset(&o->line);
	return 0;
}

static int
write_row(void *ctx, const struct db_text *columns, unsigned n, struct err *e)
{
	struct dump_out *o = ctx;

	buf_adds(&o->line, "row");
	for (unsigned i = 0; i < n; i++)
		if (columns[i].p) add_field(&o->line, columns[i].p, columns[i].n);
		else buf_adds(&o->line, "\t\\N");
	o->rows++;
	return end_line(o, e);
}

static int
write_migrations(struct db *db, struct dump_out *o, struct err *e)
{
	struct db_rows *r = db_query(db, "SELECT name, LOWER(HEX(sha256)), applied_at IS NULL FROM "
		"schema_migrations ORDER BY version", NULL, 0, e);
	int more = 0, rc = 0;

	if (!r) return -1;
	while (!rc && (more = db_next(r, e)) == 1) {
		if (db_col_int(r, 2)) {
			rc = err_set(e, ERR_CONFLICT, "migration %s was broken off; run `earshot "
				"migrate` first", db_col_text(r, 0));
			break;
		}
		buf_addf(&o->line, "migration\t%s\t%s", db_col_text(r, 0), db_col_text(r, 1));
		rc = end_line(o, e);
	}
	db_rows_free(r);
	return rc || more < 0 ? -1 : 0;
}

/* The line of a table and the query for its rows: 1; 0: there is no such table; -1. What the server
 * computes itself is left out. */
static int
describe(struct db *db, const char *table, struct dump_out *o, struct buf *query, struct err *e)
{
	struct db_arg a[] = { DB_TEXT(table) };
	struct db_rows *r = db_query(db, "SELECT column_name, LOWER(data_type) FROM "
		"information_schema.columns WHERE table_schema=DATABASE() AND table_name=? AND "
		"UPPER(extra) NOT IN ('STORED GENERATED', 'VIRTUAL GENERATED') ORDER BY "
		"ordinal_position", a, NELEM(a), e);
	int more;

	if (!r) return -1;
	buf_reset(query);
	while ((more = db_next(r, e)) == 1) {
		const char *name = db_col_text(r, 0);
		bool hex = str_index(db_col_text(r, 1), bytes_types) >= 0;

		if (!query->n) buf_addf(&o->line, "table\t%s", table);
		buf_addf(&o->line, "\t%s%s", name, hex ? DUMP_HEX : "");
		buf_addf(query, hex ? "%sLOWER(HEX(`%s`))" : "%s`%s`", query->n ? ", " : "SELECT ",
			name);
	}
	db_rows_free(r);
	if (more < 0 || !query->n) return more;
	buf_addf(query, " FROM `%s`", table);
	return end_line(o, e) ? -1 : 1;
}

static int
write_tables(struct db *db, struct dump_out *o, struct err *e)
{
	struct buf query = {0};
	int there = 0;

	for (const struct dump_table *t = dump_tables; t->name && there >= 0; t++) {
		if (t->left_out) continue;
		there = describe(db, t->name, o, &query, e);
		if (there == 1 && db_stream(db, buf_str(&query), write_row, o, e)) there = -1;
	}
	buf_free(&query);
	return there < 0 ? -1 : 0;
}

static int
write_end(struct dump_out *o, struct err *e)
{
	uint8_t sha256[SHA256_BYTES];
	char hex[SHA256_HEX];

	sha256_end(&o->sum, sha256);
	hash_hex(sha256, sizeof sha256, hex);
	buf_addf(&o->line, "end\t%llu\t%s", (unsigned long long)o->rows, hex);
	if (end_line(o, e)) return -1;
	return fflush(o->f) == 0 && fsync(fileno(o->f)) == 0 ? 0 :
		err_set(e, ERR_AWAY, "write %s: %s", o->path, strerror(errno));
}

int
dump_write(struct db *db, const char *path, uint64_t *n_rows, struct err *e)
{
	struct dump_out o = { .path = path };
	int rc = -1;

	if (!(o.f = fopen(path, "we")))
		return err_set(e, ERR_INTERNAL, "cannot write %s: %s", path, strerror(errno));
	sha256_begin(&o.sum);
	buf_adds(&o.line, DUMP_HEADER);
	if (end_line(&o, e) || write_migrations(db, &o, e) || write_tables(db, &o, e) ||
		write_end(&o, e))
		goto out;
	*n_rows = o.rows;
	rc = 0;
out:
	if (fclose(o.f) && !rc)
		rc = err_set(e, ERR_AWAY, "write %s: %s", path, strerror(errno));
	buf_free(&o.line);
	return rc;
}
