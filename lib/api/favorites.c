#include "records/favorites.h"

#include <string.h>

#include "api/answers.h"
#include "api/api.h"
#include "api/handlers.h"
#include "base/err.h"
#include "base/jtext.h"

static void
write_favorite(const struct favorite *f, struct jtext *out)
{
	jtext_begin(out, NULL, '{');
	jtext_id(out, "id", f->id);
	jtext_text(out, "target_type", favorite_type_names[f->type]);
	jtext_id(out, "target_id", f->target);
	jtext_id(out, "user_id", f->user_id);
	jtext_text(out, "note", f->note);
	jtext_text(out, "target_preview", f->preview);
	jtext_time(out, "target_created_at", f->target_created_at);
	jtext_time(out, "created_at", f->created_at);
	jtext_end(out, '}');
}

static int
answer(struct api *api, const struct request *req, struct response *res, int status,
	struct uuid id, struct err *e)
{
	struct favorite f = {0};
	int rc = favorites_get(api->db, api->who.user.id, id, &f, e);

	if (!rc) {
		struct jtext out = answer_json(res, status);

		write_favorite(&f, &out);
		answer_about(req, res, "favorites", id);
	}
	favorites_free(&f);
	return rc;
}

struct body {
	int target_type;
	bool has_type;
	struct uuid target_id;
	char note[4 * FAVORITE_NOTE_CHARS + 1];
};

static const struct json_field fields[] = {
	J_CHOICE_OPT(struct body, target_type, has_type, favorite_type_names),
	J_ID(struct body, target_id),
	J_TEXT(struct body, note, 0, FAVORITE_NOTE_CHARS),
};

static const struct json_field note_fields[] = {
	J_TEXT(struct body, note, 0, FAVORITE_NOTE_CHARS),
};

static void
need(const char *field, bool there, struct err *e)
{
	for (int i = 0; i < e->n_fields; i++)
		if (strcmp(e->fields[i].field, field) == 0) return;
	if (!there) err_field(e, field, "is missing");
}

int
api_favorites_create(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct body b = {0};
	struct uuid id;

	if (json_read(req->json, fields, NELEM(fields), "", &b, e) && !e->n_fields) return -1;
	need("target_type", b.has_type, e);
	need("target_id", !uuid_is_nil(b.target_id), e);
	if (e->n_fields || favorites_create(api->db, api->who.user.id,
		(enum favorite_type)b.target_type, b.target_id, b.note, &id, e))
		return -1;
	return answer(api, req, res, 201, id, e);
}

int
api_favorites_get(void *ctx, struct request *req, struct response *res, struct err *e)
{
	return answer(ctx, req, res, 200, req->id[0], e);
}

int
api_favorites_change(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct body b = {0};

	if (json_read(req->json, note_fields, NELEM(note_fields), "", &b, e) ||
		favorites_set_note(api->db, api->who.user.id, req->id[0], b.note, e))
		return -1;
	return answer(api, req, res, 200, req->id[0], e);
}

int
api_favorites_delete(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;

	if (favorites_delete(api->db, api->who.user.id, req->id[0], e)) return -1;
	response_empty(res);
	return 0;
}

int
api_favorites_list(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct favorite_list l = {0};
	struct paging page;
	struct jtext out = {0};
	int type = FAVORITE_TYPES, rc = -1;

	if (query_choice(&req->query, "target_type", favorite_type_names, &type, e) ||
		paging_read(&page, &req->query, PAGING_PAGE | PAGING_SHOWS_ALL, e) ||
		favorites_list(api->db, api->who.user.id, (enum favorite_type)type, page.limit,
		page.offset, &l, e))
		goto out;
	out = answer_list(res, 200);
	for (size_t i = 0; i < l.n; i++) write_favorite(&l.items[i], &out);
	answer_list_end(req, res, &page, &(struct paging_end){ l.total, l.total_is_capped,
		l.has_more, NULL }, &out);
	rc = 0;
out:
	favorites_list_free(&l);
	return rc;
}

/* The favourite of a target, or null. */
static int
check(struct api *api, struct request *req, struct response *res, enum favorite_type type,
	struct err *e)
{
	struct favorite f = {0};
	struct jtext out = {0};
	int found = favorites_find(api->db, api->who.user.id, type, req->id[0], &f, e);

	if (found >= 0) {
		out = answer_json(res, 200);
		if (found) write_favorite(&f, &out);
		else jtext_text(&out, NULL, NULL);
		response_etag(res, req);
	}
	favorites_free(&f);
	return found < 0 ? -1 : 0;
}

static int
delete_of(struct api *api, const struct request *req, struct response *res,
	enum favorite_type type, struct err *e)
{
	if (favorites_delete_of(api->db, api->who.user.id, type, req->id[0], e)) return -1;
	response_empty(res);
	return 0;
}

/* The type is a part of the address, and ids are the only parts that the router reads. */
#define OF_TYPE(name, type) \
	int \
	api_favorites_check_##name(void *ctx, struct request *req, struct response *res, \
		struct err *e) \
	{ \
		return check(ctx, req, res, type, e); \
	} \
	int \
	api_favorites_delete_##name(void *ctx, struct request *req, struct response *res, \
		struct err *e) \
	{ \
		return delete_of(ctx, req, res, type, e); \
	}

OF_TYPE(prompt, FAVORITE_PROMPT)
OF_TYPE(audio, FAVORITE_AUDIO)
OF_TYPE(template, FAVORITE_TEMPLATE)
