#include "records/feedback_sums.h"

#include <string.h>

#include "base/err.h"
#include "db/db.h"
#include "records/rows.h"

int
feedback_shard(struct uuid id)
{
	return id.b[15] % FEEDBACK_SHARDS;
}

static void
read_row(const struct db_rows *r, void *out)
{
	*(struct feedback_audio *)out = (struct feedback_audio){ db_col_uuid(r, 0),
		db_col_uuid(r, 1), db_col_uuid(r, 2), db_col_uuid(r, 3) };
}

static int
read_audio(struct db *db, struct uuid id, struct feedback_audio *out, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };

	return rows_found(rows_first(db, "SELECT id, job_id, prompt_id, adapter_id FROM samples "
		"WHERE id=?", a, NELEM(a), read_row, out, e), "audio", id, e);
}

static int
lock_job(struct db *db, struct uuid job, struct err *e)
{
	struct db_arg a[] = { DB_UUID(job) };
	int64_t there;

	return db_one_int(db, "SELECT 1 FROM jobs WHERE id=? FOR UPDATE", a, NELEM(a), 0, &there,
		e);
}

int
feedback_hold(struct db *db, const struct uuid *ids, size_t n, struct feedback_audio *out,
	struct err *e)
{
	size_t first = 0;

	for (size_t i = 0; i < n; i++)
		if (read_audio(db, ids[i], &out[i], e)) return -1;
	/* The lower job first, so that two that want the same two do not wait for each other. */
	if (n == 2 && memcmp(out[1].job_id.b, out[0].job_id.b, sizeof out[0].job_id.b) < 0)
		first = 1;
	for (size_t i = 0; i < n; i++)
		if (lock_job(db, out[i ^ first].job_id, e)) return -1;
	/* What was removed while we waited is seen only now. */
	for (size_t i = 0; i < n; i++)
		if (read_audio(db, ids[i], &out[i], e)) return -1;
	return 0;
}

/* 1 when a sum has left zero, -1 when it has come back to it. */
static int
crossed(int64_t after, int64_t change)
{
	return (after != 0) - (after - change != 0);
}

/* The sums of the sample as they are now, and with them what changed for everything together. The
 * row is locked since it was written. */
static int
count_crossings(struct db *db, const struct feedback_change *c, struct feedback_totals *t,
	struct err *e)
{
	struct db_arg a[] = { DB_UUID(c->audio) };
	int64_t tags = c->positive_tags + c->negative_tags, pieces = c->ratings + c->wins + tags;
	int64_t after[3];
	int there = rows_numbers(db, "SELECT rating_count, comparisons, "
		"rating_count+wins+tag_count FROM audio_feedback WHERE audio_id=?", a, NELEM(a),
		after, NELEM(after), e);

	if (there <= 0) return there;
	t->rated_audios += crossed(after[0], c->ratings);
	t->compared_audios += crossed(after[1], c->comparisons);
	t->audios += crossed(after[2], pieces);
	return 0;
}

int
feedback_apply(struct db *db, const struct feedback_change *c, struct feedback_totals *t,
	struct err *e)
{
	int64_t tags = c->positive_tags + c->negative_tags, pieces = c->ratings + c->wins + tags;
	struct db_arg sample[] = { DB_UUID(c->audio), DB_INT(c->ratings), DB_INT(c->rating_sum),
		DB_INT(c->wins), DB_INT(c->comparisons), DB_INT(tags), DB_UUID(c->audio) };
	struct db_arg job[] = { DB_INT(pieces), DB_INT(c->ratings), DB_INT(c->rating_sum),
		DB_UUID(c->job) };

	t->ratings += c->ratings;
	t->rating_sum += c->rating_sum;
	t->positive_tags += c->positive_tags;
	t->negative_tags += c->negative_tags;
	if (db_exec(db, "INSERT INTO audio_feedback (audio_id, rating_count, rating_sum, wins, "
		"comparisons, tag_count, audio_created_at) VALUES (?,?,?,?,?,?,(SELECT created_at "
		"FROM samples WHERE id=?)) ON DUPLICATE KEY UPDATE "
		"rating_count=rating_count+VALUES(rating_count), "
		"rating_sum=rating_sum+VALUES(rating_sum), wins=wins+VALUES(wins), "
		"comparisons=comparisons+VALUES(comparisons), "
		"tag_count=tag_count+VALUES(tag_count)", sample, NELEM(sample), e) < 0 ||
		count_crossings(db, c, t, e))
		return -1;
	if (!pieces && !c->ratings && !c->rating_sum) return 0;
	return db_exec(db, "UPDATE jobs SET feedback_count=feedback_count+?, "
		"rating_count=rating_count+?, rating_sum=rating_sum+? WHERE id=?", job, NELEM(job),
		e) < 0 ? -1 : 0;
}

int
feedback_add(struct db *db, struct uuid shard, const struct feedback_totals *t, struct err *e)
{
	struct db_arg a[] = { DB_INT(feedback_shard(shard)), DB_INT(t->ratings),
		DB_INT(t->rating_sum), DB_INT(t->preferences), DB_INT(t->margins),
		DB_INT(t->margin_sum), DB_INT(t->positive_tags), DB_INT(t->negative_tags),
		DB_INT(t->audios), DB_INT(t->rated_audios), DB_INT(t->compared_audios),
		DB_INT(t->compared_prompts) };

	return db_exec(db, "INSERT INTO feedback_totals (shard, ratings, rating_sum, preferences, "
		"margins, margin_sum, positive_tags, negative_tags, audios, rated_audios, "
		"compared_audios, compared_prompts) VALUES (?,?,?,?,?,?,?,?,?,?,?,?) ON DUPLICATE "
		"KEY UPDATE ratings=ratings+VALUES(ratings), "
		"rating_sum=rating_sum+VALUES(rating_sum), "
		"preferences=preferences+VALUES(preferences), margins=margins+VALUES(margins), "
		"margin_sum=margin_sum+VALUES(margin_sum), "
		"positive_tags=positive_tags+VALUES(positive_tags), "
		"negative_tags=negative_tags+VALUES(negative_tags), audios=audios+VALUES(audios), "
		"rated_audios=rated_audios+VALUES(rated_audios), "
		"compared_audios=compared_audios+VALUES(compared_audios), "
		"compared_prompts=compared_prompts+VALUES(compared_prompts)", a, NELEM(a), e) < 0
		? -1 : 0;
}
