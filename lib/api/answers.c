#include "api/answers.h"

struct jtext
answer_json(struct response *res, int status)
{
	return (struct jtext){ .out = response_text(res, status, "application/json") };
}

static bool
reads(const struct request *req)
{
	return request_is(req, "GET") || request_is(req, "HEAD");
}

void
answer_about(const struct request *req, struct response *res, const char *collection,
	struct uuid id)
{
	if (res->status == 201)
		response_header(res, "Location", "%s/api/%s/%s", req->base_path, collection,
			UUID_STR(id));
	else if (reads(req)) response_etag(res, req);
}

struct jtext
answer_list(struct response *res, int status)
{
	struct jtext out = answer_json(res, status);

	jtext_begin(&out, NULL, '{');
	jtext_begin(&out, "items", '[');
	return out;
}

void
answer_list_end(const struct request *req, struct response *res, const struct paging *page,
	const struct paging_end *end, struct jtext *out)
{
	jtext_end(out, ']');
	paging_write(page, end, out);
	jtext_end(out, '}');
	if (reads(req)) response_etag(res, req);
}

void
answer_status(struct response *res, const char *status, const char *name, struct uuid id)
{
	struct jtext out = answer_json(res, 200);

	jtext_begin(&out, NULL, '{');
	jtext_text(&out, "status", status);
	jtext_id(&out, name, id);
	jtext_end(&out, '}');
}
