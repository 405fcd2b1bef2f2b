/* Lists of jobs, for all of them and for those of something. */
#ifndef EARSHOT_API_JOBS_H
#define EARSHOT_API_JOBS_H

#include "api/api.h"
#include "http/paging.h"
#include "records/joblist.h"

struct err;
struct request;
struct response;

/* Answer with the part of the list that the query asks for, narrowed by the query's filters and by
 * `fixed` (ids only; NULL: nothing). A filter of the query that `fixed` sets already must say the
 * same. */
int jobs_answer_list(struct api *api, struct request *req, struct response *res,
	const struct job_filter *fixed, struct err *e);

/* What lists of other things that jobs make read from a query as well: adapter_id, a UUID or none
 * for the base model; and offset or cursor, in which a list of anything that has an id and a
 * created_at can go on. */
int jobs_read_adapter(const struct query *q, struct uuid *adapter, bool *base_model,
	struct err *e);
int jobs_read_place(const struct query *q, struct paging *paging, struct job_cursor *after,
	struct err *e);

#endif
