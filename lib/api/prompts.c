#include "records/prompts.h"

#include "api/api.h"
#include "api/handlers.h"
#include "api/words.h"
#include "base/err.h"
#include "base/jtext.h"
#include "http/paging.h"
#include "http/response.h"

static void
write_prompt(const struct prompt *p, struct jtext *out)
{
	jtext_begin(out, NULL, '{');
	jtext_id(out, "id", p->id);
	jtext_text(out, "text", p->text);
	jtext_json(out, "attributes", p->attributes);
	jtext_time(out, "created_at", p->created_at);
	jtext_begin(out, "audio_sample_ids", '[');
	for (size_t i = 0; i < p->n_samples; i++) jtext_id(out, NULL, p->sample_ids[i]);
	jtext_end(out, ']');
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

int
api_prompts_create(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct prompt_body body = {0};
	struct buf attributes = {0};
	struct prompt p = {0};
	struct jtext out = {0};
	struct uuid id;
	int rc = -1;

	if (json_read(req->json, fields, NELEM(fields), "", &body, e) && !e->n_fields) goto out;
	words_check_text(body.text, "text", e);
	words_read_attributes(body.attributes, &attributes, e);
	if (e->n_fields) goto out;
	if (prompts_create(api->db, body.text, attributes.p, &id, e) ||
		prompts_get(api->db, id, &p, e))
		goto out;
	response_header(res, "Location", "%s/api/prompts/%s", req->base_path, UUID_STR(id));
	out.out = response_text(res, 201, "application/json");
	write_prompt(&p, &out);
	rc = 0;
out:
	prompts_free(&p);
	buf_free(&attributes);
	return rc;
}

int
api_prompts_get(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct prompt p = {0};
	int rc = prompts_get(api->db, req->id[0], &p, e);

	if (!rc) {
		struct jtext out = { .out = response_text(res, 200, "application/json") };

		write_prompt(&p, &out);
		response_etag(res, req);
	}
	prompts_free(&p);
	return rc;
}

int
api_prompts_list(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct prompt_list l = {0};
	struct paging page;
	struct jtext out = {0};
	int rc = -1;

	if (paging_read(&page, &req->query, PAGING_PAGE, e) ||
		prompts_list(api->db, page.limit, page.offset, &l, e))
		goto out;
	out.out = response_text(res, 200, "application/json");
	jtext_begin(&out, NULL, '{');
	jtext_begin(&out, "items", '[');
	for (size_t i = 0; i < l.n; i++) write_prompt(&l.items[i], &out);
	jtext_end(&out, ']');
	paging_write(&page, l.n, l.total, NULL, &out);
	jtext_end(&out, '}');
	response_etag(res, req);
	rc = 0;
out:
	prompts_list_free(&l);
	return rc;
}
