/* Lists of jobs, for all of them and for those of something. */
#ifndef EARSHOT_API_JOBS_H
#define EARSHOT_API_JOBS_H

#include "api/api.h"
#include "records/joblist.h"

struct err;
struct request;
struct response;

/* Answer with the part of the list that the query asks for, narrowed by the query's filters and by
 * `fixed` (ids only; NULL: nothing). A filter of the query that `fixed` sets already must say the
 * same. */
int jobs_answer_list(struct api *api, struct request *req, struct response *res,
	const struct job_filter *fixed, struct err *e);

#endif
