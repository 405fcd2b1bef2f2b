/* Samples: the takes that completed jobs made. Written only by claims_complete(). */
#ifndef EARSHOT_RECORDS_SAMPLES_H
#define EARSHOT_RECORDS_SAMPLES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/uuid.h"

struct db;
struct db_rows;
struct err;

/* SAMPLE_KEY: a storage key with its NUL, as storage.h bounds it; the daemon asserts that they
 * agree. */
enum { SAMPLE_TITLE = 201, SAMPLE_KEY = 191 };

struct sample {
	struct uuid id, job_id, prompt_id, adapter_id;
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
};

/* ERR_NOT_FOUND when there is none. Release with samples_free() in every case (out must be zeroed).
 * */
int samples_get(struct db *db, struct uuid id, struct sample *out, struct err *e);

void samples_free(struct sample *s);

#endif
