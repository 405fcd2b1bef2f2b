/* What writing a dump (dump.c), reading it (dump_read.c) and loading it (dump_load.c) share. Not
 * for anyone else. */
#ifndef EARSHOT_RECORDS_DUMP_READ_H
#define EARSHOT_RECORDS_DUMP_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define DUMP_HEADER "earshot-records\t1"
#define DUMP_HEX ":hex"				/* behind the name of a column of bytes */

/* Every table that any version of Earshot has made, in the order of a dump: jobs are the last, so
 * that no daemon begins before all is there. Ends with a name that is NULL. Others may have tables
 * in the same database, which are neither kept nor touched. */
struct dump_table {
	const char *name;
	bool left_out;				/* no dump has it */
};
extern const struct dump_table dump_tables[];

/* The place of a table among them, or -1. */
int dump_table_index(const char *name);

enum { DUMP_COLUMNS = 65, DUMP_FIELDS = DUMP_COLUMNS + 1 };

/* A line that was read. Text is UTF-8 and ends in a NUL; bytes are bytes. */
struct dump_line {
	const char *path;
	uint64_t number;
	const char *table;			/* that rows are of; "": none yet */
	unsigned n_columns;			/* of the table */
	bool hex[DUMP_COLUMNS];			/* are they bytes? */
	unsigned n;
	struct { char *p; size_t n; } fields[DUMP_FIELDS];	/* p is NULL for NULL */
};

/* ERR_INVALID: what, with file and line in front. Returns -1. */
int dump_refuse(const struct dump_line *l, struct err *e, const char *what);

/* What somebody wants to know of a file; NULL: nothing. Lines are checked before: a migration has
 * a name and a hash; the columns of a table are fields[2] and those behind it, each a name and
 * nothing else; the values of a row are fields[1] and those behind it, as many as columns. -1 (with
 * *e) stops. */
struct dump_wanted {
	int (*migration)(const struct dump_line *l, void *ctx, struct err *e);
	int (*table)(const struct dump_line *l, void *ctx, struct err *e);
	int (*row)(const struct dump_line *l, void *ctx, struct err *e);
	void *ctx;
};

/* Read a file from its first line to its last, which says whether it is whole. ERR_NOT_FOUND,
 * ERR_INVALID. */
int dump_read(const char *path, const struct dump_wanted *w, uint64_t *rows, struct err *e);

#endif
