/* Rows of samples as struct sample, for the files that read them: samples.c and samplelist.c. */
#ifndef EARSHOT_RECORDS_SAMPLEROW_H
#define EARSHOT_RECORDS_SAMPLEROW_H

#include "records/samples.h"

struct db_rows;

/* For a SELECT from samples s and this join; the id comes first. */
#define SAMPLEROW_COLUMNS \
	"s.id, s.job_id, s.idx, s.prompt_id, s.model, s.adapter_id, s.adapter, s.seed, s.title, " \
	"s.format, s.sample_rate, s.channels, s.frames, s.size_bytes, s.sha256, s.loudness_lufs, " \
	"s.true_peak_dbtp, s.params, s.storage_key, s.peaks_key, s.midi_key, s.created_at, " \
	"s.experiment_id, p.text, p.attributes, (SELECT j.user_id FROM jobs j WHERE j.id=s.job_id)"
#define SAMPLEROW_JOIN " LEFT JOIN prompts p ON p.id=s.prompt_id "

/* Into a struct sample. */
void samplerow_read(const struct db_rows *r, void *out);

#endif
