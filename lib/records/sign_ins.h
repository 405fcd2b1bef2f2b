/* Tries to sign in, counted by account and by address on all hosts together: who guesses passwords
 * has to wait. A try is counted before the password is looked at, so that many at one moment are no
 * way around; one that succeeds was none. */
#ifndef EARSHOT_RECORDS_SIGN_INS_H
#define EARSHOT_RECORDS_SIGN_INS_H

#include <stdint.h>

struct db;
struct err;

enum { SIGN_INS_WINDOW_S = 15 * 60 };

struct sign_in_limits {
	uint32_t account, address;	/* tries in a window */
};

/* Count a try: 0, it may go on; n > 0: not before n seconds have passed; -1. login as it was given,
 * whether or not there is such a user. */
int sign_ins_try(struct db *db, const char *login, const char *address,
	const struct sign_in_limits *l, struct err *e);

/* The try was right: the account begins anew, the address has one less. */
int sign_ins_succeeded(struct db *db, const char *login, const char *address, struct err *e);

#endif
