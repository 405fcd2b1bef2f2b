/* What submissions are compared with: `peer_insert CONF SECONDS` inserts rows of a job into the table bench_rows,
 * which is like jobs, over one connection, each durable by itself, and prints how many per second that were. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/uuid.h"
#include "db/db.h"

static int
insert(struct db *db, struct err *e)
{
	struct db_arg a[] = { DB_UUID(uuid_new()), DB_UUID(uuid_new()), DB_TEXT("A calm piano piece in D major, 70 bpm"),
		DB_TEXT("{\"seed\":1234567890,\"duration\":10,\"temperature\":1,\"top_k\":250,\"top_p\":0,\"guidance_scale\":3,"
			"\"format\":\"flac\"}") };

	return db_exec(db, "INSERT INTO bench_rows (id, status, priority, run_after, prompt_id, prompt_preview, model, "
		"num_samples, format, params, created_at) VALUES (?,'queued',5,UTC_TIMESTAMP(6),?,?,'band',1,'flac',?,"
		"UTC_TIMESTAMP(6))", a, NELEM(a), e) < 0 ? -1 : 0;
}

int
main(int argc, char **argv)
{
	static const char table[] = "CREATE TABLE IF NOT EXISTS bench_rows LIKE jobs";
	struct db *db = NULL;
	int64_t start, end;
	struct conf c;
	struct err e;
	long n = 0;

	if (argc != 3) {
		fprintf(stderr, "usage: peer_insert CONF SECONDS\n");
		return 2;
	}
	if (conf_load(&c, argv[1], &e) || !(db = db_open(&c, &e)) || db_raw(db, table, sizeof table - 1, &e)) goto fail;
	start = clock_now_ms();
	end = start + atol(argv[2]) * 1000;
	for (; clock_now_ms() < end; n++)
		if (insert(db, &e)) goto fail;
	printf("%.1f\n", (double)n * 1000 / (double)(clock_now_ms() - start));
	db_close(db);
	return 0;
fail:
	fprintf(stderr, "peer_insert: %s\n", e.text);
	db_close(db);
	return 1;
}
