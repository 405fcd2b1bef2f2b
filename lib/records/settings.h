/* Settings that are kept in the database, where all hosts see them: short texts by name. */
#ifndef EARSHOT_RECORDS_SETTINGS_H
#define EARSHOT_RECORDS_SETTINGS_H

#include <stddef.h>
#include <stdint.h>

#include "base/seal.h"

struct db;
struct err;

enum { SETTING_NAME = 65, SETTING_VALUE = 513 };	/* bytes, with the NUL */

#define SETTING_BALLOT_KEY "ballot_key"	/* secret: seals the ballots of blind tests */
#define SETTING_CLAIM "claim:"	/* and a model that has a limit: its last claim (limits.h) */
#define SETTING_MODEL "model"	/* the model of requests that name none */

/* 1: value is what was set, 0: nothing was, -1. */
int settings_get(struct db *db, const char *name, char value[SETTING_VALUE], struct err *e);

/* A secret that all hosts share: the first to ask makes it. */
int settings_secret(struct db *db, const char *name, uint8_t key[SEAL_KEY_BYTES], struct err *e);

int settings_set(struct db *db, const char *name, const char *value, struct err *e);

#endif
