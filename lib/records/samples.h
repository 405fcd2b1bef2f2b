/* Samples: the takes that completed jobs made. Written only by claims_complete(). Lists of them are
 * samplelist.h. */
#ifndef EARSHOT_RECORDS_SAMPLES_H
#define EARSHOT_RECORDS_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/uuid.h"

struct db;
struct err;

/* SAMPLE_KEY: a storage key with its NUL, as storage.h bounds it; the daemon asserts that they
 * agree. */
enum { SAMPLE_TITLE = 201, SAMPLE_KEY = 191 };

/* SAMPLE_TAGS: the most tags that are read of one sample, the first that were given. */
enum { SAMPLE_TAGS = 100 };

/* What listeners say of a sample, in short. */
struct sample_feedback {
	int64_t ratings, rating_sum;	/* of all criteria, as those of its job */
	struct uuid favorite_id;	/* the user's favourite; nil: it is none */
	struct uuid rating_id;		/* the user's own, overall; nil: none, or no accounts */
	int rating;
	struct sample_tag {
		char *tag;		/* owned */
		bool is_positive;
	} *tags;			/* each once, whoever gave it; owned */
	size_t n_tags;
};

struct sample {
	struct uuid id, job_id, prompt_id, adapter_id, experiment_id;	/* nil: none */
	struct uuid user_id;		/* who submitted its job; nil: there were no accounts */
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

	struct sample_feedback feedback;	/* empty until samples_read_feedback() */
};

/* ERR_NOT_FOUND when there is none. Release with samples_free() in every case (out must be
 * zeroed). */
int samples_get(struct db *db, struct uuid id, struct sample *out, struct err *e);

/* Those of n ids, at most ROWS_IN, into out (zeroed by the caller) in their order, by one query.
 * One that does not exist has a nil id. Release each with samples_free(). */
int samples_get_all(struct db *db, const struct uuid *ids, size_t n, struct sample *out,
	struct err *e);

/* Read the feedback of n samples, at most ROWS_IN: by two queries, however many they are. */
int samples_read_feedback(struct db *db, struct uuid user, struct sample *samples, size_t n,
	struct err *e);

void samples_free(struct sample *s);

#endif
