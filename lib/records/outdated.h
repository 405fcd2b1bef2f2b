/* What nobody asks for any more: days of users whose quota is long over, and tokens that expired long
 * ago. Sessions and tries to sign in go with the next sign-in. */
#ifndef EARSHOT_RECORDS_OUTDATED_H
#define EARSHOT_RECORDS_OUTDATED_H

#include <stdbool.h>

struct db;
struct err;

/* A token that has expired stays in the list of its user until then. */
enum { OUTDATED_DAYS = 30 };

/* Remove the oldest, a batch of each kind at most; *more: there may be others. */
int outdated_remove(struct db *db, bool *more, struct err *e);

#endif
