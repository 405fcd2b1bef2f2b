#include "records/samplerow.h"

#include <string.h>

#include "base/str.h"
#include "db/db.h"
#include "records/rows.h"

void
samplerow_read(const struct db_rows *r, void *out)
{
	struct sample *s = out;
	const void *sha;
	size_t n;

	s->id = db_col_uuid(r, 0);
	s->job_id = db_col_uuid(r, 1);
	s->index = (int)db_col_int(r, 2);
	s->prompt_id = db_col_uuid(r, 3);
	str_copy(s->model, sizeof s->model, db_col_text(r, 4));
	s->adapter_id = db_col_uuid(r, 5);
	s->adapter = rows_text_or_null(r, 6);
	s->seed = (uint32_t)db_col_int(r, 7);
	str_copy(s->title, sizeof s->title, db_col_text(r, 8));
	str_copy(s->format, sizeof s->format, db_col_text(r, 9));
	s->sample_rate = (uint32_t)db_col_int(r, 10);
	s->channels = (uint32_t)db_col_int(r, 11);
	s->frames = (uint64_t)db_col_int(r, 12);
	s->size_bytes = (uint64_t)db_col_int(r, 13);
	sha = db_col_bytes(r, 14, &n);
	if (n == SHA256_BYTES) memcpy(s->sha256, sha, n);
	s->silent = db_col_null(r, 15);
	s->loudness_lufs = db_col_real(r, 15);
	s->true_peak_dbtp = db_col_real(r, 16);
	s->params = rows_text(r, 17);
	str_copy(s->storage_key, sizeof s->storage_key, db_col_text(r, 18));
	str_copy(s->peaks_key, sizeof s->peaks_key, db_col_text(r, 19));
	str_copy(s->midi_key, sizeof s->midi_key, db_col_text(r, 20));
	s->created_at = db_col_int(r, 21);
	s->experiment_id = db_col_uuid(r, 22);
	s->prompt_text = rows_text(r, 23);
	s->prompt_attributes = rows_text_or_null(r, 24);
	s->user_id = db_col_uuid(r, 25);
}
