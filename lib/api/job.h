/* A job as the API shows it. */
#ifndef EARSHOT_API_JOB_H
#define EARSHOT_API_JOB_H

#include "api/api.h"
#include "base/jtext.h"
#include "records/jobs.h"

struct response;

/* Append it. For a queued job it may ask the database how long jobs take; where that fails, there
 * is no estimate. */
void job_write(struct api *api, const struct request *req, const struct job *j,
	struct jtext *out);

/* Read the job and answer with it and this status; Location when it is 201. */
int job_answer(struct api *api, struct request *req, struct response *res, int status,
	struct uuid id, struct err *e);

/* Somebody waits for a job in this state. A daemon that was killed, as hosts do with what runs for
 * long, is started again; looked for once a second at most. */
void job_attend(struct api *api, enum job_status status);

/* Seconds that a processing job will still take, from how far it is after so long: rounded up to
 * halves, so that an answer changes no more often than a person would notice. Negative: too early
 * to say. Pure. */
double job_eta_s(double progress, int64_t elapsed_us);

/* Seconds until a queued job at this position (from 1) is done, if things go on as on the last day:
 * those in work are half done on average, and then the queue goes on in its order. In halves, as
 * above. Negative: nobody can say. Pure. */
double job_queue_eta_s(const struct job_pace *p, uint32_t position);

#endif
