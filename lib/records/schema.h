/* Whether the tables of the database are those that this build was made for. */
#ifndef EARSHOT_RECORDS_SCHEMA_H
#define EARSHOT_RECORDS_SCHEMA_H

struct db;
struct err;

enum schema_age {
	SCHEMA_FITS,
	/* or there are none, or what a restore left that was broken off: `earshot migrate` */
	SCHEMA_OLDER,
	SCHEMA_NEWER,		/* another version of Earshot has been here */
};

int schema_age(struct db *db, enum schema_age *out, struct err *e);

#endif
