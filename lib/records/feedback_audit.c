/* The sums of feedback against its rows.
 *
 * What is compared is read by one statement, so that both sides are of one moment, and what they
 * differ by stays the same while feedback comes in: it can be added later. */
#include "records/feedback.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "db/db.h"

/* A table of sums: each row's sums, by its keys, are those of the rows that `truth` gives. */
struct sums {
	const char *table, *keys;
	const char *stored;		/* the keys as they are in the table; shards become 0 */
	const char *truth;		/* SELECT keys, sums …, perhaps several rows of one key */
	const char *sums[12];		/* NULL behind the last */
};

static const struct sums tables[] = {
	{ "audio_feedback", "audio_id", "audio_id",
		"SELECT audio_id, 1 AS rating_count, rating AS rating_sum, 0 AS wins, 0 AS "
		"comparisons, 0 AS tag_count FROM ratings "
		"UNION ALL SELECT chosen_audio_id, 0, 0, 1, 1, 0 FROM preferences "
		"UNION ALL SELECT rejected_audio_id, 0, 0, 0, 1, 0 FROM preferences "
		"UNION ALL SELECT audio_id, 0, 0, 0, 0, 1 FROM tags",
		{ "rating_count", "rating_sum", "wins", "comparisons", "tag_count" } },
	{ "rating_counts", "adapter_id, criterion, rating, shard",
		"adapter_id, criterion, rating, 0",
		"SELECT adapter_id, criterion, rating, 0 AS shard, 1 AS n FROM ratings", { "n" } },
	{ "tag_counts", "tag_key, tag", "tag_key, tag_key",
		"SELECT tag_key, tag_key AS tag, 1 AS n, is_positive AS positive, 1-is_positive AS "
		"negative FROM tags", { "n", "positive", "negative" } },
	{ "compared_prompts", "prompt_id", "prompt_id",
		"SELECT prompt_id, 1 AS n FROM preferences", { "n" } },
	{ "feedback_totals", "shard", "0",
		"SELECT 0 AS shard, (SELECT COUNT(*) FROM ratings) AS ratings, (SELECT "
		"COALESCE(SUM(rating),0) FROM ratings) AS rating_sum, (SELECT COUNT(*) FROM "
		"preferences) AS preferences, (SELECT COUNT(margin) FROM preferences) AS margins, "
		"(SELECT COALESCE(SUM(margin),0) FROM preferences) AS margin_sum, (SELECT "
		"COALESCE(SUM(is_positive),0) FROM tags) AS positive_tags, (SELECT "
		"COALESCE(SUM(1-is_positive),0) FROM tags) AS negative_tags, (SELECT COUNT(*) FROM "
		"(SELECT audio_id FROM ratings UNION SELECT chosen_audio_id FROM preferences UNION "
		"SELECT audio_id FROM tags) a) AS audios, (SELECT COUNT(DISTINCT audio_id) FROM "
		"ratings) AS rated_audios, (SELECT COUNT(*) FROM (SELECT chosen_audio_id FROM "
		"preferences UNION SELECT rejected_audio_id FROM preferences) a) AS "
		"compared_audios, (SELECT COUNT(DISTINCT prompt_id) FROM preferences) AS "
		"compared_prompts",
		{ "ratings", "rating_sum", "preferences", "margins", "margin_sum",
			"positive_tags", "negative_tags", "audios", "rated_audios",
			"compared_audios", "compared_prompts" } },
};

static const struct sums of_jobs = { "jobs", "id", "id",
	"SELECT job_id AS id, 1 AS feedback_count, 1 AS rating_count, rating AS rating_sum FROM "
	"ratings UNION ALL SELECT job_id, 1, 0, 0 FROM preferences UNION ALL SELECT job_id, 1, 0, "
	"0 FROM tags", { "feedback_count", "rating_count", "rating_sum" } };

/* SELECT keys and what each sum lacks, of the rows that are wrong. */
static void
add_wrong(const struct sums *s, struct buf *sql)
{
	buf_addf(sql, "SELECT %s", s->keys);
	for (int i = 0; s->sums[i]; i++) buf_addf(sql, ", SUM(%s) AS %s", s->sums[i], s->sums[i]);
	buf_addf(sql, " FROM (%s UNION ALL SELECT %s", s->truth, s->stored);
	for (int i = 0; s->sums[i]; i++) buf_addf(sql, ", -%s", s->sums[i]);
	buf_addf(sql, " FROM %s) sides GROUP BY %s HAVING ", s->table, s->keys);
	for (int i = 0; s->sums[i]; i++) buf_addf(sql, "%sSUM(%s)<>0", i ? " OR " : "", s->sums[i]);
}

static int
count_wrong(struct db *db, const struct sums *s, int *wrong, struct err *e)
{
	struct buf sql = {0};
	int64_t n;
	int rc;

	buf_adds(&sql, "SELECT COUNT(*) FROM (");
	add_wrong(s, &sql);
	buf_adds(&sql, ") wrong");
	rc = db_one_int(db, buf_str(&sql), NULL, 0, 0, &n, e);
	buf_free(&sql);
	*wrong += rc ? 0 : (int)n;
	return rc;
}

static int
mend(struct db *db, const struct sums *s, struct err *e)
{
	struct buf sql = {0};
	int rc;

	buf_addf(&sql, "INSERT INTO %s (%s", s->table, s->keys);
	for (int i = 0; s->sums[i]; i++) buf_addf(&sql, ", %s", s->sums[i]);
	buf_adds(&sql, ") SELECT * FROM (");
	add_wrong(s, &sql);
	buf_adds(&sql, ") wrong ON DUPLICATE KEY UPDATE ");
	for (int i = 0; s->sums[i]; i++)
		buf_addf(&sql, "%s%s.%s=%s.%s+VALUES(%s)", i ? ", " : "", s->table, s->sums[i],
			s->table, s->sums[i], s->sums[i]);
	rc = db_exec(db, buf_str(&sql), NULL, 0, e) < 0 ? -1 : 0;
	buf_free(&sql);
	return rc;
}

/* Rows of jobs are there or not, and have more columns than sums. */
static int
mend_jobs(struct db *db, struct err *e)
{
	struct buf sql = {0};
	struct db_rows *r;
	int more = -1;

	add_wrong(&of_jobs, &sql);
	r = db_query(db, buf_str(&sql), NULL, 0, e);
	while (r && (more = db_next(r, e)) == 1) {
		struct db_arg a[] = { DB_INT(db_col_int(r, 1)), DB_INT(db_col_int(r, 2)),
			DB_INT(db_col_int(r, 3)), DB_UUID(db_col_uuid(r, 0)) };

		if (db_exec(db, "UPDATE jobs SET feedback_count=feedback_count+?, "
			"rating_count=rating_count+?, rating_sum=rating_sum+? WHERE id=?", a,
			NELEM(a), e) < 0) {
			more = -1;
			break;
		}
	}
	db_rows_free(r);
	buf_free(&sql);
	return more;
}

/* Feedback to what is not there. It cannot come to be on one server; on a cluster a node may die at
 * the wrong moment. */
static int
orphans(struct db *db, bool repair, int *wrong, struct err *e)
{
	static const char *const columns[][2] = { { "ratings", "audio_id" },
		{ "tags", "audio_id" }, { "preferences", "chosen_audio_id" },
		{ "preferences", "rejected_audio_id" }, { "audio_feedback", "audio_id" } };

	for (size_t i = 0; i < NELEM(columns); i++) {
		struct buf sql = {0};
		int64_t n;
		int rc;

		buf_addf(&sql, "SELECT COUNT(*) FROM %s f LEFT JOIN samples s ON s.id=f.%s WHERE "
			"s.id IS NULL", columns[i][0], columns[i][1]);
		rc = db_one_int(db, buf_str(&sql), NULL, 0, 0, &n, e);
		*wrong += rc ? 0 : (int)n;
		buf_reset(&sql);
		buf_addf(&sql, "DELETE f FROM %s f LEFT JOIN samples s ON s.id=f.%s WHERE s.id IS "
			"NULL", columns[i][0], columns[i][1]);
		if (!rc && n && repair) rc = db_exec(db, buf_str(&sql), NULL, 0, e) < 0 ? -1 : 0;
		buf_free(&sql);
		if (rc) return -1;
	}
	return 0;
}

struct audit {
	bool repair;
	int wrong;
};

static int
audit(struct db *db, void *ctx, struct err *e)
{
	struct audit *a = ctx;

	a->wrong = 0;
	if (orphans(db, a->repair, &a->wrong, e)) return -1;
	for (size_t i = 0; i < NELEM(tables); i++)
		if (count_wrong(db, &tables[i], &a->wrong, e) ||
			(a->repair && mend(db, &tables[i], e)))
			return -1;
	return count_wrong(db, &of_jobs, &a->wrong, e) || (a->repair && mend_jobs(db, e)) ? -1 : 0;
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
	if (db_transaction(db, audit, &a, e) != DB_TX_DONE) rc = -1;
	if (repair) {
		struct err unimportant;

		db_one_int(db, "SELECT RELEASE_LOCK(CONCAT('earshot.audit.', DATABASE()))", NULL,
			0, 0, &ignored, &unimportant);
	}
	*wrong = a.wrong;
	return rc;
}
