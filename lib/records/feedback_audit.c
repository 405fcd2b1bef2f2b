/* The sums of feedback against its rows.
 *
 * What is compared is read by one statement, so that both sides are of one moment, and what they
 * differ by stays the same while feedback comes in: it can be added later. Tables that grow with
 * the samples are compared in parts by their ids, since no statement should take longer than a
 * client waits for the database. */
#include "records/feedback.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "db/db.h"

enum { PART = 20000, MAX_RANGES = 5 };

/* A table of sums: each row's sums, by its keys, are those of the rows that `truth` gives. */
struct sums {
	const char *table, *keys;
	const char *stored;		/* the keys as they are in the table; shards become 0 */
	const char *truth;		/* SELECT keys, sums …, perhaps several rows of one key */
	const char *sums[12];		/* NULL behind the last */
	/* Where it is compared in parts: the column with the ids, what chooses a part of the table,
	 * and how often "id>? AND id<=?" occurs in this and in the truth. */
	const char *part_by, *part;
	size_t n_ranges;
	const char *fill;		/* gives new rows of a part what is no sum; NULL: nothing */
};

/* In this order: the later ones are compared with the earlier. */
static const struct sums tables[] = {
	{ "audio_feedback", "audio_id", "audio_id",
		"SELECT audio_id, 1 AS rating_count, rating AS rating_sum, 0 AS wins, 0 AS "
		"comparisons, 0 AS tag_count FROM ratings WHERE audio_id>? AND audio_id<=? "
		"UNION ALL SELECT chosen_audio_id, 0, 0, 1, 1, 0 FROM preferences WHERE "
		"chosen_audio_id>? AND chosen_audio_id<=? "
		"UNION ALL SELECT rejected_audio_id, 0, 0, 0, 1, 0 FROM preferences WHERE "
		"rejected_audio_id>? AND rejected_audio_id<=? "
		"UNION ALL SELECT audio_id, 0, 0, 0, 0, 1 FROM tags WHERE audio_id>? AND "
		"audio_id<=?",
		{ "rating_count", "rating_sum", "wins", "comparisons", "tag_count" },
		"audio_id", " WHERE audio_id>? AND audio_id<=?", 5,
		"UPDATE audio_feedback f JOIN samples s ON s.id=f.audio_id SET "
		"f.audio_created_at=s.created_at WHERE f.audio_created_at IS NULL AND "
		"f.audio_id>? AND f.audio_id<=?" },
	{ "compared_prompts", "prompt_id", "prompt_id",
		"SELECT prompt_id, 1 AS n FROM preferences WHERE prompt_id>? AND prompt_id<=?",
		{ "n" }, "prompt_id", " WHERE prompt_id>? AND prompt_id<=?", 2, NULL },
	{ "rating_counts", "adapter_id, criterion, rating, shard",
		"adapter_id, criterion, rating, 0",
		"SELECT adapter_id, criterion, rating, 0 AS shard, COUNT(*) AS n FROM ratings "
		"GROUP BY adapter_id, criterion, rating", { "n" }, NULL, "", 0, NULL },
	{ "tag_counts", "tag_key, tag", "tag_key, tag_key",
		"SELECT tag_key, tag_key AS tag, COUNT(*) AS n, SUM(is_positive) AS positive, "
		"SUM(1-is_positive) AS negative FROM tags GROUP BY tag_key",
		{ "n", "positive", "negative" }, NULL, "", 0, NULL },
	{ "feedback_totals", "shard", "0",
		"SELECT 0 AS shard, (SELECT COUNT(*) FROM ratings) AS ratings, (SELECT "
		"COALESCE(SUM(rating),0) FROM ratings) AS rating_sum, (SELECT COUNT(*) FROM "
		"preferences) AS preferences, (SELECT COUNT(margin) FROM preferences) AS margins, "
		"(SELECT COALESCE(SUM(margin),0) FROM preferences) AS margin_sum, (SELECT "
		"COALESCE(SUM(is_positive),0) FROM tags) AS positive_tags, (SELECT "
		"COALESCE(SUM(1-is_positive),0) FROM tags) AS negative_tags, (SELECT COUNT(*) FROM "
		"audio_feedback WHERE rating_count+wins+tag_count<>0) AS audios, (SELECT COUNT(*) "
		"FROM audio_feedback WHERE rating_count<>0) AS rated_audios, (SELECT COUNT(*) FROM "
		"audio_feedback WHERE comparisons<>0) AS compared_audios, (SELECT COUNT(*) FROM "
		"compared_prompts WHERE n<>0) AS compared_prompts",
		{ "ratings", "rating_sum", "preferences", "margins", "margin_sum",
			"positive_tags", "negative_tags", "audios", "rated_audios",
			"compared_audios", "compared_prompts" }, NULL, "", 0, NULL },
	{ "jobs", "id", "id",
		"SELECT s.job_id AS id, f.rating_count+f.wins+f.tag_count AS feedback_count, "
		"f.rating_count AS rating_count, f.rating_sum AS rating_sum FROM samples s JOIN "
		"audio_feedback f ON f.audio_id=s.id WHERE s.job_id>? AND s.job_id<=?",
		{ "feedback_count", "rating_count", "rating_sum" },
		"id", " WHERE id>? AND id<=? AND (feedback_count<>0 OR rating_count<>0 OR "
		"rating_sum<>0)", 2, NULL },
};

struct audit {
	bool repair;
	int wrong;
	const struct sums *s;
	struct uuid after, last;	/* the part, in the order of the ids */
};

/* SELECT keys and what each sum lacks, of the rows that are wrong. Returns how many args it has. */
static size_t
add_wrong(const struct audit *a, struct buf *sql, struct db_arg args[2 * MAX_RANGES])
{
	const struct sums *s = a->s;

	buf_addf(sql, "SELECT %s", s->keys);
	for (int i = 0; s->sums[i]; i++) buf_addf(sql, ", SUM(%s) AS %s", s->sums[i], s->sums[i]);
	buf_addf(sql, " FROM (%s UNION ALL SELECT %s", s->truth, s->stored);
	for (int i = 0; s->sums[i]; i++) buf_addf(sql, ", -%s", s->sums[i]);
	buf_addf(sql, " FROM %s%s) sides GROUP BY %s HAVING ", s->table, s->part, s->keys);
	for (int i = 0; s->sums[i]; i++)
		buf_addf(sql, "%sSUM(%s)<>0", i ? " OR " : "", s->sums[i]);
	for (size_t i = 0; i < s->n_ranges; i++) {
		args[2 * i] = (struct db_arg)DB_UUID(a->after);
		args[2 * i + 1] = (struct db_arg)DB_UUID(a->last);
	}
	return 2 * s->n_ranges;
}

static int
count_wrong(struct db *db, const struct audit *a, int64_t *n, struct err *e)
{
	struct db_arg args[2 * MAX_RANGES];
	struct buf sql = {0};
	size_t n_args;
	int rc;

	buf_adds(&sql, "SELECT COUNT(*) FROM (");
	n_args = add_wrong(a, &sql, args);
	buf_adds(&sql, ") wrong");
	rc = db_one_int(db, buf_str(&sql), args, n_args, 0, n, e);
	buf_free(&sql);
	return rc;
}

static int
mend_sums(struct db *db, const struct audit *a, struct err *e)
{
	const struct sums *s = a->s;
	struct db_arg args[2 * MAX_RANGES];
	struct buf sql = {0};
	size_t n_args;
	int rc;

	buf_addf(&sql, "INSERT INTO %s (%s", s->table, s->keys);
	for (int i = 0; s->sums[i]; i++) buf_addf(&sql, ", %s", s->sums[i]);
	buf_adds(&sql, ") SELECT * FROM (");
	n_args = add_wrong(a, &sql, args);
	buf_adds(&sql, ") wrong ON DUPLICATE KEY UPDATE ");
	for (int i = 0; s->sums[i]; i++)
		buf_addf(&sql, "%s%s.%s=%s.%s+VALUES(%s)", i ? ", " : "", s->table, s->sums[i],
			s->table, s->sums[i], s->sums[i]);
	rc = db_exec(db, buf_str(&sql), args, n_args, e) < 0 ||
		(s->fill && db_exec(db, s->fill, args, 2, e) < 0) ? -1 : 0;
	buf_free(&sql);
	return rc;
}

/* Rows of jobs are there or not, and have more columns than sums. */
static int
mend_jobs(struct db *db, const struct audit *a, struct err *e)
{
	struct db_arg args[2 * MAX_RANGES];
	struct buf sql = {0};
	struct db_rows *r;
	int more = -1;
	size_t n_args = add_wrong(a, &sql, args);

	r = db_query(db, buf_str(&sql), args, n_args, e);
	while (r && (more = db_next(r, e)) == 1) {
		struct db_arg lacks[] = { DB_INT(db_col_int(r, 1)), DB_INT(db_col_int(r, 2)),
			DB_INT(db_col_int(r, 3)), DB_UUID(db_col_uuid(r, 0)) };

		if (db_exec(db, "UPDATE jobs SET feedback_count=feedback_count+?, "
			"rating_count=rating_count+?, rating_sum=rating_sum+? WHERE id=?", lacks,
			NELEM(lacks), e) < 0) {
			more = -1;
			break;
		}
	}
	db_rows_free(r);
	buf_free(&sql);
	return more;
}

static int
audit_part(struct db *db, void *ctx, struct err *e)
{
	struct audit *a = ctx;
	int64_t n;

	if (count_wrong(db, a, &n, e)) return -1;
	if (n && a->repair &&
		(strcmp(a->s->table, "jobs") == 0 ? mend_jobs(db, a, e) : mend_sums(db, a, e)))
		return -1;
	a->wrong += (int)n;
	return 0;
}

/* Where the part that begins behind a->after ends: at the highest id, nobody's, when it is the
 * last. 1: more follow, 0, -1. */
static int
find_end(struct db *db, struct audit *a, struct err *e)
{
	struct db_arg args[] = { DB_UUID(a->after), DB_INT(PART - 1) };
	struct buf sql = {0};
	struct db_rows *r;
	int more;

	memset(a->last.b, 0xff, sizeof a->last.b);
	buf_addf(&sql, "SELECT %s FROM %s WHERE %s>? ORDER BY %s LIMIT 1 OFFSET ?", a->s->part_by,
		a->s->table, a->s->part_by, a->s->part_by);
	r = db_query(db, buf_str(&sql), args, NELEM(args), e);
	buf_free(&sql);
	if (!r) return -1;
	if ((more = db_next(r, e)) == 1) a->last = db_col_uuid(r, 0);
	db_rows_free(r);
	return more;
}

static int
audit_sums(struct db *db, const struct sums *s, struct audit *a, struct err *e)
{
	int more = 0;

	a->s = s;
	a->after = (struct uuid){{0}};
	do {
		if (s->part_by && (more = find_end(db, a, e)) < 0) return -1;
		if (db_transaction(db, audit_part, a, e) != DB_TX_DONE) return -1;
		a->after = a->last;
	} while (more);
	return 0;
}

/* Adds to *all what the first statement counts; the second one mends it. Releases both. */
static int
count_and_mend(struct db *db, const struct audit *a, struct buf *count, struct buf *mend,
	int64_t *all, struct err *e)
{
	int64_t n;
	int rc = db_one_int(db, buf_str(count), NULL, 0, 0, &n, e);

	if (!rc) *all += n;
	if (!rc && n && a->repair) rc = db_exec(db, buf_str(mend), NULL, 0, e) < 0 ? -1 : 0;
	buf_free(count);
	buf_free(mend);
	return rc;
}

/* Feedback to what is not there. It cannot come to be on one server; on a cluster a node may die at
 * the wrong moment. */
static int
audit_orphans(struct db *db, void *ctx, struct err *e)
{
	static const char *const columns[][2] = { { "ratings", "audio_id" },
		{ "tags", "audio_id" }, { "preferences", "chosen_audio_id" },
		{ "preferences", "rejected_audio_id" }, { "audio_feedback", "audio_id" } };
	struct audit *a = ctx;
	int64_t all = 0;

	for (size_t i = 0; i < NELEM(columns); i++) {
		struct buf rows = {0}, count = {0}, mend = {0};

		buf_addf(&rows, "FROM %s f LEFT JOIN samples s ON s.id=f.%s WHERE s.id IS NULL",
			columns[i][0], columns[i][1]);
		buf_addf(&count, "SELECT COUNT(*) %s", buf_str(&rows));
		buf_addf(&mend, "DELETE f %s", buf_str(&rows));
		buf_free(&rows);
		if (count_and_mend(db, a, &count, &mend, &all, e)) return -1;
	}
	a->wrong += (int)all;
	return 0;
}

/* The created_at of samples that stands beside what lists find them by. A program from before there
 * was one leaves it empty. */
static int
audit_places(struct db *db, void *ctx, struct err *e)
{
	static const char *const columns[][3] = { { "tags", "audio_id", "audio_created_at" },
		{ "audio_feedback", "audio_id", "audio_created_at" },
		{ "favorites", "target_id", "target_created_at" } };
	struct audit *a = ctx;
	int64_t all = 0;

	for (size_t i = 0; i < NELEM(columns); i++) {
		const char *table = columns[i][0], *id = columns[i][1], *at = columns[i][2];
		struct buf count = {0}, mend = {0};

		buf_addf(&count, "SELECT COUNT(*) FROM %s f JOIN samples s ON s.id=f.%s WHERE NOT "
			"(f.%s<=>s.created_at)", table, id, at);
		buf_addf(&mend, "UPDATE %s f JOIN samples s ON s.id=f.%s SET f.%s=s.created_at "
			"WHERE NOT (f.%s<=>s.created_at)", table, id, at, at);
		if (count_and_mend(db, a, &count, &mend, &all, e)) return -1;
	}
	a->wrong += (int)all;
	return 0;
}

int
feedback_audit(struct db *db, bool repair, int *wrong, struct err *e)
{
	struct audit a = { .repair = repair };
	int64_t locked = 1, ignored;
	int rc = 0;

	/* Two repairs at once would add what is missing twice. */
	*wrong = 0;
	if (repair && db_one_int(db, "SELECT GET_LOCK(CONCAT('earshot.audit.', DATABASE()), 25)",
		NULL, 0, 0, &locked, e))
		return -1;
	if (!locked) return err_set(e, ERR_CONFLICT, "another audit is repairing; try again later");
	if (db_transaction(db, audit_orphans, &a, e) != DB_TX_DONE ||
		db_transaction(db, audit_places, &a, e) != DB_TX_DONE)
		rc = -1;
	for (size_t i = 0; !rc && i < NELEM(tables); i++) rc = audit_sums(db, &tables[i], &a, e);
	if (repair) {
		struct err unimportant;

		db_one_int(db, "SELECT RELEASE_LOCK(CONCAT('earshot.audit.', DATABASE()))", NULL,
			0, 0, &ignored, &unimportant);
	}
	*wrong = a.wrong;
	return rc;
}
