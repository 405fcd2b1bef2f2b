#include "records/prompts.h"

#include <math.h>

#include "api/answers.h"
#include "api/api.h"
#include "api/handlers.h"
#include "api/search.h"
#include "api/words.h"
#include "base/err.h"
#include "base/jtext.h"

enum { PAGES = PAGING_PAGE | PAGING_SHOWS_END | PAGING_SHOWS_CAP };

/* What a list is in the order of; a search shows the score, which is null without words. */
enum listed { LISTED, LISTED_BY_TIME, LISTED_BY_SCORE };

static void
write_members(const struct prompt *p, struct jtext *out)
{
	jtext_id(out, "id", p->id);
	jtext_text(out, "text", p->text);
	jtext_json(out, "attributes", p->attributes);
	jtext_time(out, "created_at", p->created_at);
	jtext_begin(out, "audio_sample_ids", '[');
	for (size_t i = 0; i < p->n_samples; i++) jtext_id(out, NULL, p->sample_ids[i]);
	jtext_end(out, ']');
}

static void
write_prompt(const struct prompt *p, struct jtext *out)
{
	jtext_begin(out, NULL, '{');
	write_members(p, out);
	jtext_end(out, '}');
}

struct prompt_body {
	char text[PROMPT_TEXT];
	const cJSON *attributes;
};

static const struct json_field fields[] = {
	J_TEXT_REQ(struct prompt_body, text, 1, PROMPT_CHARS),
	J_OBJECT(struct prompt_body, attributes),
};

static int
answer(struct api *api, const struct request *req, struct response *res, int status,
	struct uuid id, struct err *e)
{
	struct prompt p = {0};
	int rc = prompts_get(api->db, id, &p, e);

	if (!rc) {
		struct jtext out = answer_json(res, status);

		write_prompt(&p, &out);
		answer_about(req, res, "prompts", id);
	}
	prompts_free(&p);
	return rc;
}

int
api_prompts_create(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct prompt_body body = {0};
	struct buf attributes = {0};
	struct uuid id;
	int rc = -1;

	if (json_read(req->json, fields, NELEM(fields), "", &body, e) && !e->n_fields) goto out;
	words_check_text(body.text, "text", e);
	words_read_attributes(body.attributes, &attributes, e);
	if (!e->n_fields && !prompts_create(api->db, body.text, attributes.p, &id, e))
		rc = answer(api, req, res, 201, id, e);
out:
	buf_free(&attributes);
	return rc;
}

int
api_prompts_get(void *ctx, struct request *req, struct response *res, struct err *e)
{
	return answer(ctx, req, res, 200, req->id[0], e);
}

static void
answer_prompts(const struct request *req, struct response *res, const struct paging *page,
	const struct prompt_list *l, enum listed listed)
{
	struct jtext out = answer_list(res, 200);

	for (size_t i = 0; i < l->n; i++) {
		jtext_begin(&out, NULL, '{');
		write_members(&l->items[i], &out);
		if (listed != LISTED)
			jtext_real(&out, "score", listed == LISTED_BY_SCORE ? l->items[i].score
				: NAN);
		jtext_end(&out, '}');
	}
	answer_list_end(req, res, page, &(struct paging_end){ l->total, l->total_is_capped,
		l->has_more, NULL }, &out);
}

int
api_prompts_list(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct prompt_filter every = {0};
	struct prompt_list l = {0};
	struct paging page;
	int rc = -1;

	if (paging_read(&page, &req->query, PAGES, e) ||
		prompts_list(api->db, &every, page.limit, page.offset, &l, e))
		goto out;
	answer_prompts(req, res, &page, &l, LISTED);
	rc = 0;
out:
	prompts_list_free(&l);
	return rc;
}

static int
read_search(const struct query *q, struct search *w, struct prompt_filter *f, struct err *e)
{
	int ranked = search_want(q, "q", SEARCH_ANYWHERE, true, w, e);

	if (ranked < 0 || search_want(q, "style", SEARCH_STYLE, false, w, e) < 0 ||
		search_want(q, "mood", SEARCH_MOOD, false, w, e) < 0 ||
		query_real(q, "tempo_min", 1, 1000, &f->tempo_min, e) ||
		query_real(q, "tempo_max", 1, 1000, &f->tempo_max, e) ||
		query_time(q, "date_from", false, &f->from, e) ||
		query_time(q, "date_to", true, &f->to, e))
		return -1;
	if (w->conditions.n) f->words = buf_str(&w->conditions);
	f->best_first = ranked;
	return 0;
}

int
api_prompts_search(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct prompt_filter f = {0};
	struct prompt_list l = {0};
	struct search w = {0};
	struct paging page;
	int rc = -1;

	if (read_search(&req->query, &w, &f, e) ||
		paging_read(&page, &req->query, PAGES, e))
		goto out;
	search_catch_up(api);
	if ((!w.nothing && prompts_list(api->db, &f, page.limit, page.offset, &l, e)))
		goto out;
	answer_prompts(req, res, &page, &l, f.best_first ? LISTED_BY_SCORE : LISTED_BY_TIME);
	rc = 0;
out:
	prompts_list_free(&l);
	search_free(&w);
	return rc;
}
