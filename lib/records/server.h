/* What the database server lets our login do, and what time it is there. */
#ifndef EARSHOT_RECORDS_SERVER_H
#define EARSHOT_RECORDS_SERVER_H

#include <stdint.h>

struct db;
struct err;

/* Try all that Earshot needs on a table of its own, earshot_doctor, which is gone afterwards.
 * *missing: the privilege that the server refused, with its words in *e and -1; NULL where it was
 * something else. */
int server_rights(struct db *db, const char **missing, struct err *e);

/* Its clock, in microseconds since 1970. */
int server_time(struct db *db, int64_t *us, struct err *e);

#endif
