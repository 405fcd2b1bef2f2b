/* Deletion of jobs and of single samples, with all that hangs on them: samples, progress, feedback,
 * counters and tallies, in one transaction.
 *
 * Their objects go later. The same transaction leaves an intent for each of them, and the daemon
 * collects those that are due: so a deletion that is killed half-way has either not happened or will
 * be finished, nothing that a listener can see refers to an object that is gone, and a stream that
 * was answered in the last moment still finds its file. The intents have no owner: storage is shared
 * by all hosts, so whichever daemon comes first does it. */
#ifndef EARSHOT_RECORDS_REMOVAL_H
#define EARSHOT_RECORDS_REMOVAL_H

#include <stddef.h>

#include "base/uuid.h"
#include "records/jobs.h"
#include "records/objects.h"

struct db;
struct err;

/* REMOVAL_GRACE_S: the objects of a sample stay so long. REMOVAL_DERIVED_S: those derived from it do,
 * which someone may be making right now; longer than that takes. */
enum { REMOVAL_GRACE_S = 5, REMOVAL_DERIVED_S = 300, REMOVAL_MAX_FORMS = 32 };

/* Remove the job in whatever status it is; *was tells, and a daemon that processes it must be told.
 * forms: what may have been derived from its samples' files, ended by one without a suffix.
 * ERR_NOT_FOUND. */
int removal_job(struct db *db, struct uuid id, const struct object_form *forms,
	enum job_status *was, struct err *e);

/* Remove one sample; its job stays with what it has left. ERR_NOT_FOUND. */
int removal_sample(struct db *db, struct uuid id, const struct object_form *forms, struct err *e);

#endif
