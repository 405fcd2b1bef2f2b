/* Lists of jobs, newest first, narrowed in any combination.
 *
 * Each way to narrow has two indexes: one in the order of the list, one that is by status first.
 * They hold what the other filters look at, so that a page is chosen in one index alone, and only
 * its rows are read whole. Which one a list uses is decided here (plans in joblist.c), by the tallies,
 * and not by the server's guess. tests/bench has the times at ten million jobs. */
#ifndef EARSHOT_RECORDS_JOBLIST_H
#define EARSHOT_RECORDS_JOBLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"
#include "records/jobs.h"

struct buf;
struct db;
struct err;

/* All that is set must hold. All zero: every job. */
struct job_filter {
	unsigned statuses;		/* 1u << JOB_QUEUED | …; 0: any */
	bool base_model;		/* only jobs without an adapter; not beside adapter_id */
	struct uuid adapter_id, experiment_id, ab_test_id;	/* nil: any */
	bool no_ab_test;		/* only jobs of no A/B test; not beside ab_test_id. No index has
					 * it: the jobs of tests in front of a page are read whole. */
	const char *model;		/* NULL: any; borrowed */
	int64_t from, to;		/* created_at in µs, both included; 0: open */
};

/* The place of a job in the list. */
struct job_cursor {
	int64_t created_at;		/* µs; 0: the beginning */
	struct uuid id;
};

/* As text that nobody has to understand, and back (false: it is no such text). Pure. */
enum { JOB_CURSOR_TEXT = 49 };
void job_cursor_format(const struct job_cursor *c, char out[JOB_CURSOR_TEXT]);
bool job_cursor_parse(const char *text, struct job_cursor *out);

/* Which part of the list. */
struct job_page {
	uint32_t limit, offset;
	struct job_cursor after;	/* begin behind this one */
};

enum { JOB_LIST_COUNTED = 10000 };

struct job_list {
	struct job *items;		/* owned */
	size_t n;
	bool has_more;			/* behind these */

	/* Of the whole list, wherever the page begins. Where neither the counters nor the page itself
	 * tell, it is counted, but no further than JOB_LIST_COUNTED: then it is capped, and there are
	 * at least so many. */
	uint64_t total;
	bool total_is_capped;
};

/* Release with jobs_list_free() in every case. */
int jobs_list(struct db *db, const struct job_filter *f, const struct job_page *page,
	struct job_list *out, struct err *e);
void jobs_list_free(struct job_list *l);

/* What the server makes of the statements of such a list, page and count: a line for each table, with
 * its type of access, its index, the rows expected and the rest. For tests and measurements. */
int jobs_list_explain(struct db *db, const struct job_filter *f, const struct job_page *page,
	struct buf *out, struct err *e);

#endif
