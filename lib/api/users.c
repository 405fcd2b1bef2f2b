#include "records/users.h"

#include "api/answers.h"
#include "api/api.h"
#include "api/handlers.h"
#include "api/session.h"
#include "base/err.h"

static void
write_quota(const char *name, int64_t limit, struct jtext *out)
{
	if (limit < 0) jtext_json(out, name, NULL);
	else jtext_int(out, name, limit);
}

static void
write_user(const struct user *u, struct jtext *out)
{
	jtext_begin(out, NULL, '{');
	jtext_id(out, "id", u->id);
	jtext_text(out, "login", u->login);
	jtext_text(out, "role", user_role_names[u->role]);
	jtext_bool(out, "disabled", u->disabled);
	write_quota("max_queued_jobs", u->max_queued_jobs, out);
	write_quota("max_audio_seconds_per_day", u->max_audio_seconds_per_day, out);
	jtext_time(out, "created_at", u->created_at);
	jtext_time(out, "last_sign_in_at", u->last_sign_in_at);
	jtext_end(out, '}');
}

static int
answer(struct api *api, const struct request *req, struct response *res, int status,
	struct uuid id, struct err *e)
{
	struct jtext out = {0};
	struct user u;

	if (users_get(api->db, id, &u, e)) return -1;
	out = answer_json(res, status);
	write_user(&u, &out);
	answer_about(req, res, "users", id);
	return 0;
}

int
api_users_list(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct user_list l = {0};
	struct paging page;
	struct paging_end end;
	struct jtext out = {0};
	int rc = -1;

	if (paging_read(&page, &req->query, PAGING_PAGE | PAGING_SHOWS_END, e) ||
		users_list(api->db, page.limit, page.offset, &l, e))
		goto out;
	out = answer_list(res, 200);
	for (size_t i = 0; i < l.n; i++) write_user(&l.items[i], &out);
	end = paging_known(&page, l.n, l.total);
	answer_list_end(req, res, &page, &end, &out);
	rc = 0;
out:
	users_list_free(&l);
	return rc;
}

int
api_users_get(void *ctx, struct request *req, struct response *res, struct err *e)
{
	return answer(ctx, req, res, 200, req->id[0], e);
}

struct body {
	char login[4 * USER_LOGIN_CHARS + 1], password[PASSWORD_TEXT];
	int role;
};

static const struct json_field fields[] = {
	J_TEXT_REQ(struct body, login, 1, USER_LOGIN_CHARS),
	J_TEXT_REQ(struct body, password, PASSWORD_MIN_CHARS, PASSWORD_MAX_CHARS),
	J_CHOICE_REQ(struct body, role, user_role_names),
};

static void
check_login(const char *text, char login[USER_LOGIN], struct err *e)
{
	struct err why;

	if (*text && users_read_login(text, login, &why))
		err_field(e, "login", "must be letters (a-z), digits or characters of ._@+- and "
			"begin with a letter or digit");
}

int
api_users_create(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	char login[USER_LOGIN], hash[PASSWORD_HASH];
	struct body b = {0};
	struct uuid id;
	int rc = -1;

	if (json_read(req->json, fields, NELEM(fields), "", &b, e) && !e->n_fields) goto out;
	check_login(b.login, login, e);
	if (e->n_fields || session_hash(api, b.password, hash, e) ||
		users_create(api->db, login, hash, (enum role)b.role, &id, e))
		goto out;
	rc = answer(api, req, res, 201, id, e);
out:
	password_forget(&b, sizeof b);
	return rc;
}

struct change {
	char password[PASSWORD_TEXT];
	bool has_password, has_role, has_disabled, has_queued, has_audio;
	int role;
	bool disabled;
	int64_t max_queued_jobs, max_audio_seconds_per_day;
};

static const struct json_field change_fields[] = {
	J_TEXT_OPT(struct change, password, has_password, PASSWORD_MIN_CHARS, PASSWORD_MAX_CHARS),
	J_CHOICE_OPT(struct change, role, has_role, user_role_names),
	J_BOOL_OPT(struct change, disabled, has_disabled),
	J_INT_OPT(struct change, max_queued_jobs, has_queued, 0, USER_MAX_QUOTA),
	J_INT_OPT(struct change, max_audio_seconds_per_day, has_audio, 0, USER_MAX_QUOTA),
};

/* Null is no absence here but a value: as the settings say. */
static void
read_null(const cJSON *body, const char *name, bool *has, int64_t *limit)
{
	if (!cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(body, name))) return;
	*has = true;
	*limit = -1;
}

int
api_users_change(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	char hash[PASSWORD_HASH];
	struct change c = {0};
	int rc = -1;

	if (json_read(req->json, change_fields, NELEM(change_fields), "", &c, e) ||
		(c.has_password && session_hash(api, c.password, hash, e)))
		goto out;
	read_null(req->json, "max_queued_jobs", &c.has_queued, &c.max_queued_jobs);
	read_null(req->json, "max_audio_seconds_per_day", &c.has_audio,
		&c.max_audio_seconds_per_day);
	struct user_change to = { .has_role = c.has_role, .role = (enum role)c.role,
		.has_disabled = c.has_disabled, .disabled = c.disabled, .has_queued = c.has_queued,
		.max_queued_jobs = c.max_queued_jobs, .has_audio = c.has_audio,
		.max_audio_seconds_per_day = c.max_audio_seconds_per_day,
		.hash = c.has_password ? hash : NULL };

	if (!users_change(api->db, req->id[0], &to, e)) rc = answer(api, req, res, 200, req->id[0],
		e);
out:
	password_forget(&c, sizeof c);
	return rc;
}
