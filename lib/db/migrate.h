/* The schema, from the files of a folder: NNNN-name.sql, applied in order, each once, under a lock.
 *
 * schema_migrations records number, name, SHA-256 and how many of its statements ran, since DDL
 * cannot be rolled back: a migration that was cut off goes on at the statement where it stopped. An
 * applied file that was edited, is missing, or has a number twice is refused before anything
 * changes. */
#ifndef EARSHOT_DB_MIGRATE_H
#define EARSHOT_DB_MIGRATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

struct db;
struct err;

/* Apply what is missing; *n_applied tells how many files that were. Waits up to a minute for
 * another that does it. */
int migrate_run(struct db *db, const char *dir, int *n_applied, struct err *e);

/* The same, but nothing beyond number `last`. */
int migrate_up_to(struct db *db, const char *dir, uint32_t last, int *n_applied, struct err *e);

/* One that was applied somewhere, as it is recorded there. */
struct migrate_applied {
	char name[128];
	uint8_t sha256[SHA256_BYTES];
};

/* Are these n the first n files of this folder? *last is then the number of the last of them.
 * ERR_CONFLICT: the folder is older than they are, or a file was edited. */
int migrate_compare(const char *dir, const struct migrate_applied *applied, size_t n,
	uint32_t *last, struct err *e);

/* The next statement of SQL text from *at on: its start and length without the semicolon; *at moves
 * behind it. 1: there is one, 0: the end, -1: a string or comment does not end. Pure. */
int migrate_next_statement(const char *sql, size_t *at, size_t *start, size_t *n);

#endif
