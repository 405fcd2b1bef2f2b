/* The rows that a prepared statement brings: what db.c has them made by, and db_rows.c reads.
 * Everyone else asks by db.h. */
#ifndef EARSHOT_DB_DB_ROWS_H
#define EARSHOT_DB_DB_ROWS_H

#include <mysql.h>
#include <stdbool.h>
#include <stdint.h>

enum { DB_MAX_COLUMNS = 64 };

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
	struct column columns[DB_MAX_COLUMNS];
	MYSQL_BIND binds[DB_MAX_COLUMNS];
};

/* Of a statement that has run; NULL when it has no result. */
struct db_rows *db_rows_new(MYSQL_STMT *stmt);

/* A result is stored: make room for its longest values, which fetching then goes to. -1: the
 * statement tells the error. */
int db_rows_receive(struct db_rows *r);

void db_rows_close(struct db_rows *r);		/* NULL is fine; the statement stays */

#endif
