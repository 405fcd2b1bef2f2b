#include "db/db_rows.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "db/db.h"

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

struct db_rows *
db_rows_new(MYSQL_STMT *stmt)
{
	MYSQL_RES *meta = mysql_stmt_result_metadata(stmt);
	struct db_rows *r;

	if (!meta) return NULL;
	r = calloc(1, sizeof *r);
	if (!r || mysql_num_fields(meta) > DB_MAX_COLUMNS) abort();
	r->stmt = stmt;
	r->n_columns = mysql_num_fields(meta);
	for (unsigned i = 0; i < r->n_columns; i++)
		r->columns[i].type = column_type(mysql_fetch_field_direct(meta, i)->type);
	mysql_free_result(meta);
	return r;
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

int
db_rows_receive(struct db_rows *r)
{
	rows_make_room(r);
	return rows_bind(r);
}

void
db_rows_close(struct db_rows *r)
{
	if (!r) return;
	for (unsigned i = 0; i < r->n_columns; i++) free(r->columns[i].p);
	free(r);
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

static int64_t
time_to_us(const MYSQL_TIME *t)
{
	struct tm tm = { .tm_year = (int)t->year - 1900, .tm_mon = (int)t->month - 1,
		.tm_mday = (int)t->day, .tm_hour = (int)t->hour, .tm_min = (int)t->minute,
		.tm_sec = (int)t->second };

	return (int64_t)timegm(&tm) * 1000000 + (int64_t)t->second_part;
}

unsigned
db_columns(const struct db_rows *r)
{
	return r->n_columns;
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
