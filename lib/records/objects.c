#include "records/objects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"

enum { PAGE = 500 };

/* audio/ab/JOB-ATTEMPT-INDEX.ext → the job, which is indexed where keys are not. */
static bool
job_of(const char *key, struct uuid *job)
{
	const char *name = strrchr(key, '/');
	char id[UUID_TEXT] = "";

	if (!name || strlen(name + 1) < 36) return false;
	memcpy(id, name + 1, 36);
	return uuid_parse(id, job);
}

/* adapters/ab/ID: weights, also those that another file has replaced. */
static int
weights_known(struct db *db, const char *key, struct err *e)
{
	struct db_arg a[] = { DB_TEXT(key), DB_TEXT(key) };
	int64_t known;

	return db_one_int(db, "SELECT 1 FROM adapter_weights WHERE storage_key=? UNION ALL SELECT "
		"1 FROM intents WHERE storage_key=? LIMIT 1", a, NELEM(a), 0, &known,
		e) ? -1 : (int)known;
}

int
objects_known(struct db *db, const char *key, struct err *e)
{
	char object[SAMPLE_KEY];
	struct uuid job;
	int64_t known;

	if (!str_copy(object, sizeof object, key)) return 0;
	if (strlen(object) > 5 && strcmp(object + strlen(object) - 5, ".part") == 0)
		object[strlen(object) - 5] = '\0';
	if (str_starts(object, "adapters/")) return weights_known(db, object, e);
	if (!job_of(object, &job)) return 0;
	struct db_arg a[] = { DB_UUID(job), DB_TEXT(object), DB_TEXT(object), DB_TEXT(object),
		DB_TEXT(object) };

	return db_one_int(db, "SELECT 1 FROM samples WHERE job_id=? AND (storage_key=? OR "
		"peaks_key=? OR midi_key=?) UNION ALL SELECT 1 FROM intents WHERE storage_key=? "
		"LIMIT 1", a, NELEM(a), 0, &known, e) ? -1 : (int)known;
}

/* The hash of a row; bytes that are none leave it zero, which no file has. */
static void
read_sha256(const struct db_rows *r, unsigned column, uint8_t out[SHA256_BYTES])
{
	size_t n;
	const void *p = db_col_bytes(r, column, &n);

	memset(out, 0, SHA256_BYTES);
	if (n == SHA256_BYTES) memcpy(out, p, n);
}

int
objects_look(struct db *db, const char *key, uint8_t sha256[SHA256_BYTES], bool *has_sha256,
	struct err *e)
{
	static const char samples[] = "SELECT sha256, storage_key=? FROM samples WHERE job_id=? "
		"AND (storage_key=? OR peaks_key=? OR midi_key=?) LIMIT 1",
		weights[] = "SELECT sha256, 1 FROM adapter_weights WHERE storage_key=? LIMIT 1";
	bool is_weights = str_starts(key, "adapters/");
	struct uuid job = {{0}};
	struct db_rows *r;
	int found;

	*has_sha256 = false;
	if (!is_weights && !job_of(key, &job)) return 0;
	struct db_arg a[] = { DB_TEXT(key), DB_UUID(job), DB_TEXT(key), DB_TEXT(key),
		DB_TEXT(key) };

	if (!(r = db_query(db, is_weights ? weights : samples, a, is_weights ? 1 : NELEM(a), e)))
		return -1;
	if ((found = db_next(r, e)) == 1 && (*has_sha256 = db_col_int(r, 1) != 0))
		read_sha256(r, 0, sha256);
	db_rows_free(r);
	return found;
}

struct page {
	struct { char key[3][SAMPLE_KEY]; uint64_t size; uint8_t sha256[SHA256_BYTES]; } rows[PAGE];
	struct uuid last_job;
	int last_index, n;
};

static int
read_page(struct db *db, struct page *p, struct err *e)
{
	struct db_arg a[] = { DB_UUID(p->last_job), DB_UUID(p->last_job), DB_INT(p->last_index),
		DB_INT(PAGE) };
	struct db_rows *r = db_query(db, "SELECT job_id, idx, size_bytes, sha256, storage_key, "
		"peaks_key, midi_key FROM samples WHERE job_id>=? AND (job_id>? OR idx>?) ORDER BY "
		"job_id, idx LIMIT ?", a, NELEM(a), e);
	int more = 0;

	p->n = 0;
	if (!r) return -1;
	while (p->n < PAGE && (more = db_next(r, e)) == 1) {
		p->last_job = db_col_uuid(r, 0);
		p->last_index = (int)db_col_int(r, 1);
		p->rows[p->n].size = (uint64_t)db_col_int(r, 2);
		read_sha256(r, 3, p->rows[p->n].sha256);
		for (unsigned k = 0; k < 3; k++)
			str_copy(p->rows[p->n].key[k], SAMPLE_KEY, db_col_text(r, 4 + k));
		p->n++;
	}
	db_rows_free(r);
	return more < 0 ? -1 : 0;
}

static int
each_sample(struct db *db, int (*each)(void *ctx, const struct object_ref *o, struct err *e),
	void *ctx, long *bad, struct err *e)
{
	struct page *p = calloc(1, sizeof *p);
	int rc = -1;

	if (!p) abort();
	p->last_index = -1;
	do {
		if (read_page(db, p, e)) goto out;
		for (int i = 0; i < p->n; i++)
			for (int k = 0; k < 3; k++) {
				struct object_ref o = { .key = p->rows[i].key[k] };
				int one;

				if (!*o.key) continue;
				if (!k) o.size_bytes = p->rows[i].size;
				if (!k) o.sha256 = p->rows[i].sha256;
				if ((one = each(ctx, &o, e)) < 0) goto out;
				*bad += one;
			}
	} while (p->n == PAGE);
	rc = 0;
out:
	free(p);
	return rc;
}

/* Adapters are few next to what they make. */
static int
each_weights(struct db *db, int (*each)(void *ctx, const struct object_ref *o, struct err *e),
	void *ctx, long *bad, struct err *e)
{
	struct db_rows *r = db_query(db, "SELECT storage_key, size_bytes, sha256 FROM "
		"adapter_weights ORDER BY id", NULL, 0, e);
	int more = 0, one = 0;

	if (!r) return -1;
	while (one >= 0 && (more = db_next(r, e)) == 1) {
		uint8_t sha256[SHA256_BYTES];
		struct object_ref o = { db_col_text(r, 0), (uint64_t)db_col_int(r, 1), sha256 };

		read_sha256(r, 2, sha256);
		one = each(ctx, &o, e);
		if (one > 0) *bad += one;
	}
	db_rows_free(r);
	return more < 0 || one < 0 ? -1 : 0;
}

int
objects_each(struct db *db, int (*each)(void *ctx, const struct object_ref *o, struct err *e),
	void *ctx, long *bad, struct err *e)
{
	*bad = 0;
	return each_sample(db, each, ctx, bad, e) || each_weights(db, each, ctx, bad, e) ? -1 : 0;
}

void
objects_derived_key(const char *key, const struct object_form *form, char out[SAMPLE_KEY])
{
	const char *name = strchr(key, '/'), *dot = strrchr(key, '.');

	name = name ? name : key;
	snprintf(out, SAMPLE_KEY, "%s%.*s%s", form->prefix, (int)(dot ? dot - name
		: (ptrdiff_t)strlen(name)), name, form->suffix);
}
