#include "api/search.h"

#include "api/api.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "http/query.h"
#include "records/prompt_index.h"

/* MAX_BATCHES: of prompts that a search indexes itself; more wait for the daemon. */
enum { MAX_CHARS = 200, MAX_BATCHES = 5 };

int
search_want(const struct query *q, const char *name, enum search_field field, bool with_beginning,
	struct search *s, struct err *e)
{
	const char *text = NULL;

	if (query_text(q, name, &text, e)) return -1;
	if (!text) return 0;
	if (str_chars(text) > MAX_CHARS)
		return err_set(e, ERR_UNREADABLE, "The query parameter %s must have at most %d "
			"characters.", name, MAX_CHARS);
	if (!*text) return 0;
	if (!search_condition(text, field, with_beginning, &s->conditions)) s->nothing = true;
	search_pattern(text, field, with_beginning, &s->pattern);
	return 1;
}

void
search_free(struct search *s)
{
	buf_free(&s->conditions);
	buf_free(&s->pattern);
}

void
search_catch_up(struct api *api)
{
	uint32_t n = PROMPT_INDEX_BATCH;
	struct err e;

	for (int i = 0; i < MAX_BATCHES && n == PROMPT_INDEX_BATCH; i++)
		if (prompt_index_batch(api->db, &n, &e)) {
			log_error("index prompts: %s", e.text);
			return;
		}
}
