/* Lists of samples, newest first, narrowed in any combination. */
#ifndef EARSHOT_RECORDS_SAMPLELIST_H
#define EARSHOT_RECORDS_SAMPLELIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"
#include "records/joblist.h"
#include "records/samples.h"

struct db;
struct err;

/* All that is set must hold. All zero: every sample. */
struct sample_filter {
	struct uuid job_id, prompt_id, experiment_id, adapter_id;	/* nil: any */
	bool base_model;			/* made without an adapter; not beside adapter_id */
};

/* Which part of a list: the samples behind one of them, and of those from offset on. */
struct sample_page {
	uint32_t limit, offset;
	struct job_cursor after;
};

struct sample_list {
	struct sample *items;			/* owned */
	size_t n;
	bool has_more;				/* behind these */
	uint64_t total;				/* at least so many when it is capped */
	bool total_is_capped;
};

/* Newest first. Release with samples_list_free() in every case. */
int samples_list(struct db *db, const struct sample_filter *f, const struct sample_page *page,
	struct sample_list *out, struct err *e);
void samples_list_free(struct sample_list *l);

#endif
