/* Which servers can hold the records: by what they call themselves. */
#ifndef EARSHOT_DB_VERSION_H
#define EARSHOT_DB_VERSION_H

struct db;
struct err;

/* Will do, by the answer to SELECT VERSION()? 0, or -1 with ERR_CONFLICT and a sentence that says
 * what the server is and what is needed. Whatever is not MariaDB is held to be what it claims
 * to be, MySQL of that version. */
int db_version_check(const char *version, struct err *e);

/* The same of the server of this connection; before anything is changed there. */
int db_server_check(struct db *db, struct err *e);

#endif
