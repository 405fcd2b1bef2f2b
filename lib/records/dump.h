/* All records as lines of text, and back again into tables that may have changed since.
 *
 * Every line is fields between tabs, the first of which says what it is:
 *
 *	earshot-records	1
 *	migration	NAME	SHA256		each that was applied, in order
 *	table	NAME	COLUMN	COLUMN:hex …	what the rows that follow are of
 *	row	VALUE	VALUE …
 *	end	ROWS	SHA256			of every byte before this line
 *
 * \N is NULL; \\ \t \n stand for those characters; columns of bytes are in hexadecimal, all others
 * as the server writes them, in UTF-8. Nothing in it is SQL. What hosts tell of themselves at every
 * moment is left out, and so are sign-ins: nobody is to be signed in again by a backup. Tables of
 * others in the same database are neither kept nor touched. */
#ifndef EARSHOT_RECORDS_DUMP_H
#define EARSHOT_RECORDS_DUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "db/migrate.h"

struct db;
struct err;

/* Write all that db sees to path, which is made, whole and on the disk when it returns; db is in a
 * snapshot. ERR_CONFLICT: a migration was broken off. */
int dump_write(struct db *db, const char *path, uint64_t *n_rows, struct err *e);

struct dump {
	char path[1024];
	struct migrate_applied *migrations;	/* owned */
	uint32_t n_migrations;
	uint64_t rows;
};

/* Read all of a file that may come from anyone: that it is whole, and nothing else than the above.
 * ERR_NOT_FOUND, or ERR_INVALID with the number of the line. dump_free() in every case. */
int dump_check(struct dump *d, const char *path, struct err *e);

/* Put the rows of a dump that was checked into the tables, which must be those of its migrations,
 * in place of what is there. jobs come last, so that no daemon begins before all is there. Rows are
 * committed as they come: a restore that was broken off is begun anew. */
int dump_load(struct db *db, const struct dump *d, struct err *e);
void dump_free(struct dump *d);

/* None of the tokens of a backup is to count: *n of them are gone. */
int dump_revoke_tokens(struct db *db, long *n, struct err *e);

/* Whether there are tables of Earshot, and whether a restore was broken off. */
int dump_target(struct db *db, bool *tables, bool *unfinished, struct err *e);

/* A host that said within the last half a minute that its daemon runs: 1 with its name, 0, -1. */
int dump_daemon_at_work(struct db *db, char name[201], struct err *e);

/* Remove every table of Earshot; from here to dump_finish() they are unfinished, for schema_age()
 * as well. ERR_CONFLICT: somebody is in a transaction with one of them. */
int dump_begin(struct db *db, struct err *e);
int dump_finish(struct db *db, struct err *e);

#endif
