/* A number of places that a host has for something costly, whatever its processes: each is a lock
 * file NAME-I.lock in a folder, held by whoever has it open. */
#ifndef EARSHOT_BASE_PLACE_H
#define EARSHOT_BASE_PLACE_H

struct err;

enum { PLACE_NONE = -2 };

/* One of n places: a descriptor that holds it until it is closed; PLACE_NONE, all are taken; -1. */
int place_take(const char *dir, const char *name, int n, struct err *e);

/* The same, but wait so long for one. */
int place_wait(const char *dir, const char *name, int n, int wait_ms, struct err *e);

#endif
