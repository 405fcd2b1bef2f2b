#include "records/jobrow.h"

#include <string.h>

#include "base/str.h"
#include "db/db.h"
#include "records/rows.h"

void
jobrow_read(const struct db_rows *r, void *out)
{
	struct job *j = out;
	const uint8_t *ids;
	size_t n;

	*j = (struct job){ .id = db_col_uuid(r, 0),
		.status = (enum job_status)str_index(db_col_text(r, 1), job_status_names),
			.priority = (int)db_col_int(r, 2), .attempt = (uint32_t)db_col_int(r, 3),
			.failures = (uint32_t)db_col_int(r, 4),
		.prompt_id = db_col_uuid(r, 5), .adapter_id = db_col_uuid(r, 6),
		.experiment_id = db_col_uuid(r, 7), .ab_test_id = db_col_uuid(r, 8),
		.retry_of = db_col_uuid(r, 9), .prompt_preview = rows_text(r, 10),
		.model = rows_text(r, 11), .format = rows_text(r, 12),
		.adapter_name = rows_text_or_null(r, 13), .params = rows_text(r, 14),
		.understood = rows_text_or_null(r, 15), .error = rows_text_or_null(r, 16),
		.error_code = rows_text_or_null(r, 17), .num_samples = (int)db_col_int(r, 18),
		.audio_ms = db_col_int(r, 20), .created_at = db_col_int(r, 21),
		.run_after = db_col_int(r, 22), .started_at = db_col_int(r, 23),
		.completed_at = db_col_int(r, 24), .now = db_col_int(r, 25),
		.adapter = rows_text_or_null(r, 26), .adapter_key = rows_text_or_null(r, 27),
		.feedback_count = db_col_int(r, 28), .rating_count = db_col_int(r, 29),
		.rating_sum = db_col_int(r, 30), .user_id = db_col_uuid(r, 31) };
	ids = db_col_bytes(r, 19, &n);
	for (size_t i = 0; i < n / 16 && i < JOB_MAX_SAMPLES; i++)
		memcpy(j->sample_ids[j->n_sample_ids++].b, ids + 16 * i, 16);
}

void
jobrow_read_with_progress(const struct db_rows *r, void *out)
{
	struct job *j = out;

	jobrow_read(r, j);
	j->progress = db_col_real(r, 32);
	str_copy(j->stage, sizeof j->stage, db_col_text(r, 33));
}
