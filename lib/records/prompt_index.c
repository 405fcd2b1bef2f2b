#include "records/prompt_index.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "db/db.h"
#include "records/search_words.h"

struct entry {
	struct uuid id;
	int64_t created_at;
	double tempo;		/* NAN: none */
	struct buf words;
};

struct batch {
	struct entry entries[PROMPT_INDEX_BATCH];
	size_t n;
};

static void
add_words(const cJSON *value, enum search_field field, struct buf *words)
{
	const cJSON *element;

	if (cJSON_IsString(value)) search_words(value->valuestring, field, words);
	if (cJSON_IsArray(value))
		cJSON_ArrayForEach(element, value) add_words(element, field, words);
}

/* All words of the text and of the attributes, and those of style and mood once more as such. */
static void
fill(struct entry *x, const char *text, const char *attributes)
{
	struct err ignored;
	cJSON *tree = json_parse(attributes, strlen(attributes), &ignored);
	const cJSON *a;

	x->tempo = NAN;
	search_words(text, SEARCH_ANYWHERE, &x->words);
	cJSON_ArrayForEach(a, tree) {
		add_words(a, SEARCH_ANYWHERE, &x->words);
		if (strcmp(a->string, "style") == 0) add_words(a, SEARCH_STYLE, &x->words);
		if (strcmp(a->string, "mood") == 0) add_words(a, SEARCH_MOOD, &x->words);
		if (strcmp(a->string, "tempo") == 0 && cJSON_IsNumber(a)) x->tempo = a->valuedouble;
	}
	cJSON_Delete(tree);
}

static void
forget(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) buf_free(&b->entries[i].words);
	b->n = 0;
}

/* Locked, so that another who indexes waits and then finds others. */
static int
read_waiting(struct db *db, struct batch *b, struct err *e)
{
	struct db_arg a[] = { DB_INT(PROMPT_INDEX_BATCH) };
	struct db_rows *r = db_query(db, "SELECT id, text, COALESCE(attributes, 'null'), "
		"created_at FROM prompts WHERE unindexed=1 ORDER BY id DESC LIMIT ? FOR UPDATE", a,
		NELEM(a), e);
	int more;

	if (!r) return -1;
	while ((more = db_next(r, e)) == 1 && b->n < PROMPT_INDEX_BATCH) {
		struct entry *x = &b->entries[b->n++];

		*x = (struct entry){ .id = db_col_uuid(r, 0), .created_at = db_col_int(r, 3) };
		fill(x, db_col_text(r, 1), db_col_text(r, 2));
	}
	db_rows_free(r);
	return more < 0 ? -1 : 0;
}

static int
write_entry(struct db *db, const struct entry *x, struct err *e)
{
	struct db_arg none = DB_NULL, real = DB_REAL(x->tempo);
	struct db_arg tempo = isnan(x->tempo) ? none : real;
	struct db_arg entry[] = { DB_UUID(x->id), tempo, DB_TIME(x->created_at),
		DB_TEXT(buf_str(&x->words)) };
	struct db_arg prompt[] = { tempo, DB_UUID(x->id) };

	return db_exec(db, "INSERT INTO prompt_search (id, tempo, created_at, words) VALUES "
		"(?,?,?,?) ON DUPLICATE KEY UPDATE tempo=VALUES(tempo), words=VALUES(words)", entry,
		NELEM(entry), e) < 0 ||
		db_exec(db, "UPDATE prompts SET tempo=?, unindexed=NULL WHERE id=?", prompt,
		NELEM(prompt), e) < 0 ? -1 : 0;
}

static int
index_batch(struct db *db, void *ctx, struct err *e)
{
	struct batch *b = ctx;

	forget(b);
	if (read_waiting(db, b, e)) return -1;
	for (size_t i = 0; i < b->n; i++)
		if (write_entry(db, &b->entries[i], e)) return -1;
	return 0;
}

int
prompt_index_batch(struct db *db, uint32_t *n, struct err *e)
{
	struct batch *b = calloc(1, sizeof *b);
	int rc;

	if (!b) abort();
	/* Whatever became of it at COMMIT: what is still waiting is indexed the next time. */
	rc = db_transaction(db, index_batch, b, e) == DB_TX_DONE ? 0 : -1;
	*n = (uint32_t)b->n;
	forget(b);
	free(b);
	return rc;
}
