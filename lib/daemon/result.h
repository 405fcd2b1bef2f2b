/* A worker's `done`, checked: what it says against what was asked of it. Pure; whether the storage
 * has what it names is asked in the background (background.h). */
#ifndef EARSHOT_DAEMON_RESULT_H
#define EARSHOT_DAEMON_RESULT_H

#include <cjson/cJSON.h>

#include "records/claims.h"
#include "records/samples.h"

/* Fill samples[0 … *n) and *understood (owned; NULL if there is none). *n is right in every case,
 * for samples_free(). ERR_INTERNAL when the message is not as it has to be. */
int result_read(const struct claim_work *w, const cJSON *done,
	struct sample samples[JOB_MAX_SAMPLES], int *n, char **understood, struct err *e);

#endif
