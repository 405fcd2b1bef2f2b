/* Samples: the takes that completed jobs made. Written only by claims_complete(). */
#ifndef EARSHOT_RECORDS_SAMPLES_H
#define EARSHOT_RECORDS_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/uuid.h"
#include "records/joblist.h"

struct db;
struct db_rows;
struct err;

/* SAMPLE_KEY: a storage key with its NUL, as storage.h bounds it; the daemon asserts that they
 * agree. */
enum { SAMPLE_TITLE = 201, SAMPLE_KEY = 191 };

struct sample {
	struct uuid id, job_id, prompt_id, adapter_id, experiment_id;	/* nil: none */
	int index;
	char model[65], format[9];
	uint32_t seed;
	char title[SAMPLE_TITLE];
	uint32_t sample_rate, channels;
	uint64_t frames, size_bytes;
	uint8_t sha256[SHA256_BYTES];
	bool silent;				/* loudness and true peak have no value */
	double loudness_lufs, true_peak_dbtp;
	char *adapter;				/* JSON, NULL for the base model; owned */
	char *params;				/* JSON: generation_params; owned */
	char storage_key[SAMPLE_KEY], peaks_key[SAMPLE_KEY],
		midi_key[SAMPLE_KEY];	/* "" : none */
	int64_t created_at;			/* µs */

	/* Of its prompt, when it was read; owned */
	char *prompt_text, *prompt_attributes;
};

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

/* ERR_NOT_FOUND when there is none. Release with samples_free() in every case (out must be zeroed).
 * */
int samples_get(struct db *db, struct uuid id, struct sample *out, struct err *e);

/* Newest first. Release with samples_list_free() in every case. */
int samples_list(struct db *db, const struct sample_filter *f, const struct sample_page *page,
	struct sample_list *out, struct err *e);

/* Those of n ids, at most ROWS_IN, into out (zeroed by the caller) in their order, by one query.
 * One that does not exist has a nil id. Release each with samples_free(). */
int samples_get_all(struct db *db, const struct uuid *ids, size_t n, struct sample *out,
	struct err *e);

void samples_free(struct sample *s);
void samples_list_free(struct sample_list *l);

#endif
