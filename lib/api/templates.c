#include "records/templates.h"

#include "api/answers.h"
#include "api/api.h"
#include "api/handlers.h"
#include "api/words.h"
#include "base/err.h"
#include "base/jtext.h"
#include "records/prompts.h"

static void
write_template(const struct template *t, struct jtext *out)
{
	jtext_begin(out, NULL, '{');
	jtext_id(out, "id", t->id);
	jtext_text(out, "name", t->name);
	jtext_text(out, "description", t->description);
	jtext_text(out, "text", t->text);
	jtext_json(out, "attributes", t->attributes);
	jtext_text(out, "category", t->category);
	jtext_bool(out, "is_system", t->is_system);
	jtext_id(out, "user_id", t->user_id);
	jtext_time(out, "created_at", t->created_at);
	jtext_time(out, "updated_at", t->updated_at);
	jtext_end(out, '}');
}

static int
answer(struct api *api, const struct request *req, struct response *res, int status,
	struct uuid id, struct err *e)
{
	struct template t = {0};
	int rc = templates_get(api->db, id, &t, e);

	if (!rc) {
		struct jtext out = answer_json(res, status);

		write_template(&t, &out);
		answer_about(req, res, "templates", id);
	}
	templates_free(&t);
	return rc;
}

struct body {
	char name[4 * TEMPLATE_NAME_CHARS + 1];
	char description[4 * TEMPLATE_DESCRIPTION_CHARS + 1];
	char text[PROMPT_TEXT];
	char category[4 * TEMPLATE_CATEGORY_CHARS + 1];
	bool has_name, has_description, has_text, has_category;
	const cJSON *attributes;
};

static const struct json_field fields[] = {
	J_TEXT_OPT(struct body, name, has_name, 1, TEMPLATE_NAME_CHARS),
	J_TEXT_OPT(struct body, description, has_description, 0, TEMPLATE_DESCRIPTION_CHARS),
	J_TEXT_OPT(struct body, text, has_text, 1, PROMPT_CHARS),
	J_OBJECT(struct body, attributes),
	J_TEXT_OPT(struct body, category, has_category, 1, TEMPLATE_CATEGORY_CHARS),
};

/* The change that the body asks for; it borrows from b and attributes. */
static int
read_change(const struct request *req, struct body *b, struct buf *attributes,
	struct template_change *c, struct err *e)
{
	if (json_read(req->json, fields, NELEM(fields), "", b, e) && !e->n_fields) return -1;
	words_check_text(b->name, "name", e);
	words_check_text(b->text, "text", e);
	words_check_text(b->category, "category", e);
	words_read_attributes(b->attributes, attributes, e);
	*c = (struct template_change){ .name = b->has_name ? b->name : NULL,
		.description = b->has_description ? b->description : NULL,
		.text = b->has_text ? b->text : NULL,
		.category = b->has_category ? b->category : NULL,
		.attributes = b->attributes ? buf_str(attributes) : NULL };
	return e->n_fields ? -1 : 0;
}

int
api_templates_create(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct template_change c;
	struct body b = {0};
	struct buf attributes = {0};
	struct uuid id;
	int rc = -1;

	if (read_change(req, &b, &attributes, &c, e) && !e->n_fields) goto out;
	if (!b.has_name) err_field(e, "name", "is missing");
	if (!b.has_text) err_field(e, "text", "is missing");
	if (!c.category) c.category = "custom";
	if (e->n_fields || templates_create(api->db, api->who.user.id, &c, &id, e)) goto out;
	rc = answer(api, req, res, 201, id, e);
out:
	buf_free(&attributes);
	return rc;
}

int
api_templates_get(void *ctx, struct request *req, struct response *res, struct err *e)
{
	return answer(ctx, req, res, 200, req->id[0], e);
}

int
api_templates_change(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct template_change c;
	struct body b = {0};
	struct buf attributes = {0};
	int rc = -1;

	if (!read_change(req, &b, &attributes, &c, e) &&
		!templates_change(api->db, req->id[0], &c, e))
		rc = answer(api, req, res, 200, req->id[0], e);
	buf_free(&attributes);
	return rc;
}

int
api_templates_delete(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;

	if (templates_delete(api->db, req->id[0], e)) return -1;
	response_empty(res);
	return 0;
}

int
api_templates_list(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct template_filter f = { .is_system = -1 };
	struct template_list l = {0};
	struct paging page;
	struct jtext out = {0};
	int rc = -1;

	if (query_text(&req->query, "category", &f.category, e) ||
		query_either(&req->query, "is_system", &f.is_system, e) ||
		paging_read(&page, &req->query, PAGING_PAGE | PAGING_SHOWS_ALL, e) ||
		templates_list(api->db, &f, page.limit, page.offset, &l, e))
		goto out;
	out = answer_list(res, 200);
	for (size_t i = 0; i < l.n; i++) write_template(&l.items[i], &out);
	answer_list_end(req, res, &page, &(struct paging_end){ l.total, l.total_is_capped,
		l.has_more, NULL }, &out);
	rc = 0;
out:
	templates_list_free(&l);
	return rc;
}

static void
write_category(void *ctx, const char *category)
{
	jtext_text(ctx, NULL, category);
}

int
api_templates_categories(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct buf list = {0};
	struct jtext out = { .out = &list };
	int rc;

	jtext_begin(&out, NULL, '[');
	rc = templates_categories(api->db, write_category, &out, e);
	jtext_end(&out, ']');
	if (!rc) {
		buf_add(response_text(res, 200, "application/json"), list.p, list.n);
		response_etag(res, req);
	}
	buf_free(&list);
	return rc;
}
