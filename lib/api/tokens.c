#include "records/tokens.h"

#include <stdio.h>
#include <string.h>

#include "api/answers.h"
#include "api/api.h"
#include "api/handlers.h"
#include "api/words.h"
#include "base/err.h"
#include "base/str.h"

/* secret: NULL but for the one answer that has it. */
static void
write_token(const struct token *t, const char *secret, struct jtext *out)
{
	jtext_begin(out, NULL, '{');
	jtext_id(out, "id", t->id);
	jtext_text(out, "name", t->name);
	jtext_text(out, "prefix", t->prefix);
	jtext_begin(out, "scopes", '[');
	for (int i = 0; user_right_names[i]; i++)
		if (t->scopes >> i & 1) jtext_text(out, NULL, user_right_names[i]);
	jtext_end(out, ']');
	jtext_time(out, "created_at", t->created_at);
	jtext_time(out, "last_used_at", t->last_used_at);
	jtext_time(out, "expires_at", t->expires_at);
	if (secret) jtext_text(out, "token", secret);
	jtext_end(out, '}');
}

int
api_tokens_list(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct token_list l = {0};
	struct paging page;
	struct paging_end end;
	struct jtext out = {0};
	int rc = -1;

	if (paging_read(&page, &req->query, PAGING_PAGE | PAGING_SHOWS_END, e) ||
		tokens_list(api->db, api->who.user.id, page.limit, page.offset, &l, e))
		goto out;
	out = answer_list(res, 200);
	for (size_t i = 0; i < l.n; i++) write_token(&l.items[i], NULL, &out);
	end = paging_known(&page, l.n, l.total);
	answer_list_end(req, res, &page, &end, &out);
	rc = 0;
out:
	tokens_list_free(&l);
	return rc;
}

struct body {
	char name[4 * TOKEN_NAME_CHARS + 1];
	const cJSON *scopes;
	int64_t expires_in_days;
};

static const struct json_field fields[] = {
	J_TEXT_REQ(struct body, name, 1, TOKEN_NAME_CHARS),
	J_ARRAY_REQ(struct body, scopes, 1, 4),
	J_INT(struct body, expires_in_days, 1, TOKEN_MAX_DAYS, TOKEN_DAYS),
};

/* The scopes of a request as bits: known, each once, and within what the user may. */
static unsigned
read_scopes(const cJSON *list, const struct user *u, struct err *e)
{
	unsigned scopes = 0;
	const cJSON *v;
	int i = 0;

	cJSON_ArrayForEach(v, list) {
		int right = cJSON_IsString(v) ? str_index(v->valuestring, user_right_names) : -1;
		char field[32];

		snprintf(field, sizeof field, "scopes[%d]", i++);
		if (right < 0) err_field(e, field, "must be read, vote, create or admin");
		else if (scopes >> right & 1) err_field(e, field, "is there twice");
		else if (!(user_role_rights[u->role] >> right & 1))
			err_field(e, field, "is more than the role %s may",
				user_role_names[u->role]);
		else scopes |= 1u << right;
	}
	return scopes;
}

int
api_tokens_create(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	char secret[SECRET_TOKEN];
	struct body b = {0};
	struct jtext out = {0};
	struct token t;
	struct uuid id;
	unsigned scopes;

	if (json_read(req->json, fields, NELEM(fields), "", &b, e) && !e->n_fields) return -1;
	words_check_text(b.name, "name", e);
	scopes = read_scopes(b.scopes, &api->who.user, e);
	if (e->n_fields || tokens_create(api->db, api->who.user.id, b.name, scopes,
		(uint32_t)b.expires_in_days, secret, &id, e) ||
		tokens_get(api->db, api->who.user.id, id, &t, e))
		return -1;
	out = answer_json(res, 201);
	write_token(&t, secret, &out);
	return 0;
}

int
api_tokens_revoke(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;

	if (tokens_revoke(api->db, api->who.user.id, req->id[0], e)) return -1;
	answer_status(res, "revoked", "id", req->id[0]);
	return 0;
}
