/* Signing in, signing out, and who one is. */
#include "records/sessions.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "api/answers.h"
#include "api/api.h"
#include "api/handlers.h"
#include "api/session.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/place.h"
#include "base/str.h"
#include "records/sign_ins.h"

/* Each takes 19 MiB, and a processor for some 30 ms. */
enum { HASHING_AT_ONCE = 2, HASHING_WAIT_MS = 1500 };

static void
write_limit(const char *name, int64_t used, int64_t limit, struct jtext *out)
{
	jtext_begin(out, name, '{');
	jtext_int(out, "used", used);
	if (limit) jtext_int(out, "limit", limit);
	else jtext_json(out, "limit", NULL);
	jtext_end(out, '}');
}

static void
write_user(const struct user *u, struct jtext *out)
{
	jtext_begin(out, "user", '{');
	jtext_id(out, "id", u->id);
	jtext_text(out, "login", u->login);
	jtext_text(out, "role", user_role_names[u->role]);
	jtext_time(out, "created_at", u->created_at);
	jtext_end(out, '}');
}

static int
answer(struct api *api, struct response *res, int status, struct err *e)
{
	const struct who *who = &api->who;
	struct quota usual = access_quota(api->conf);
	struct quota_use use = {0};
	struct jtext out = {0};

	if (who->by != BY_NOTHING && quotas_read(api->db, who->user.id, &usual, &use, e)) return -1;
	out = answer_json(res, status);
	jtext_begin(&out, NULL, '{');
	jtext_text(&out, "access", api->conf->access);
	if (who->by == BY_NOTHING) {
		jtext_json(&out, "user", NULL);
		jtext_json(&out, "expires_at", NULL);
		jtext_json(&out, "limits", NULL);
	} else {
		write_user(&who->user, &out);
		jtext_time(&out, "expires_at", who->by == BY_SESSION ? who->session.expires_at : 0);
		jtext_begin(&out, "limits", '{');
		write_limit("queued_jobs", use.queued_jobs, use.limit.queued_jobs, &out);
		write_limit("audio_seconds_today", (use.audio_ms + 999) / 1000, use.limit.audio_s,
			&out);
		jtext_end(&out, '}');
	}
	jtext_end(&out, '}');
	return 0;
}

int
api_session_get(void *ctx, struct request *req, struct response *res, struct err *e)
{
	(void)req;
	return answer(ctx, res, 200, e);
}

struct sign_in {
	char login[4 * 200 + 1], password[PASSWORD_TEXT];
};

static const struct json_field fields[] = {
	J_TEXT_REQ(struct sign_in, login, 1, 200),
	J_TEXT_REQ(struct sign_in, password, 1, PASSWORD_MAX_CHARS),
};

/* The turn of this process to hash: a descriptor to close; -1: ERR_BUSY, there are too many at
 * it. */
static int
take_turn(struct api *api, struct err *e)
{
	int fd = place_wait(api->conf->state_dir, "password", HASHING_AT_ONCE, HASHING_WAIT_MS, e);

	return fd != PLACE_NONE ? fd : err_busy(e, 2, "Too many are signing in at this moment; try "
		"again shortly.");
}

/* Is the password right, and the user there and not disabled? 1, 0, -1; as long for each of
 * them. */
static int
check_password(struct api *api, const char *login, const char *password, struct user *u,
	struct err *e)
{
	char hash[PASSWORD_HASH], fresh[PASSWORD_HASH];
	int there = users_find(api->db, login, u, hash, e), turn;
	struct err ignored;
	bool right;

	if (there < 0 || (turn = take_turn(api, e)) < 0) return -1;
	right = password_matches(password, there ? hash : NULL) && !u->disabled;
	/* It is known now, and only now, in clear. */
	if (right && password_is_dated(hash) && !password_hash(password, fresh, &ignored) &&
		users_rehash(api->db, u->id, fresh, &ignored))
		log_error("rehash a password: %s", ignored.text);
	close(turn);
	return right;
}

/* The address as the limit counts it: of IPv6 what one customer has, a /64. */
static void
read_address(const struct request *req, char *out, size_t size)
{
	const char *from = http_io_env(req->io, "REMOTE_ADDR");
	uint8_t v6[16];

	if (!from) from = "";
	if (inet_pton(AF_INET6, from, v6) == 1 && !str_starts(from, "::ffff:")) {
		memset(v6 + 8, 0, 8);
		inet_ntop(AF_INET6, v6, out, (socklen_t)size);
	} else str_copy(out, size, from);
}

static int
sign_in(struct api *api, const struct request *req, struct sign_in *s, struct user *u,
	struct err *e)
{
	struct sign_in_limits limits = { api->conf->sign_in_tries,
		api->conf->sign_in_tries_per_address };
	char login[USER_LOGIN], address[64];
	struct err ignored;
	int wait_s, right;

	/* What cannot be a login is that of nobody. */
	if (users_read_login(s->login, login, &ignored)) str_copy(login, sizeof login, "?");
	read_address(req, address, sizeof address);
	if ((wait_s = sign_ins_try(api->db, login, address, &limits, e)) < 0) return -1;
	if (wait_s) {
		log_info("too many sign-ins from %s", address);
		return err_busy(e, wait_s, "There were too many sign-ins that failed; try again in "
			"%d minutes.", (wait_s + 59) / 60);
	}
	if ((right = check_password(api, login, s->password, u, e)) < 0) return -1;
	if (right) return sign_ins_succeeded(api->db, login, address, e);
	log_info("a sign-in from %s failed", address);
	return err_set(e, ERR_UNAUTHORIZED, "There is no such login, or the password is another "
		"one.");
}

int
api_session_begin(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct session_limits limits;
	struct api *api = ctx;
	struct sign_in s = {0};
	char secret[SECRET_SESSION];
	struct who who = { .by = BY_SESSION };
	int rc = -1;

	limits = access_session_limits(api->conf);
	if (json_read(req->json, fields, NELEM(fields), "", &s, e) ||
		sign_in(api, req, &s, &who.user, e))
		goto out;
	/* What the browser had before is nothing any more. */
	if (api->who.by == BY_SESSION && sessions_end(api->db, api->who.session.sha256,
		e)) goto out;
	if (sessions_begin(api->db, who.user.id, &limits, secret, &who.session, e)) goto out;
	api->who = who;
	if (answer(api, res, 201, e)) goto out;
	access_set_cookie(api, req, res, secret);
	rc = 0;
out:
	password_forget(&s, sizeof s);
	return rc;
}

int
api_session_end(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct jtext out = {0};

	if (api->who.by == BY_SESSION && sessions_end(api->db, api->who.session.sha256,
		e)) return -1;
	out = answer_json(res, 200);
	jtext_begin(&out, NULL, '{');
	jtext_text(&out, "status", "signed_out");
	jtext_end(&out, '}');
	access_set_cookie(api, req, res, NULL);
	/* Takes may be kept for an hour; the next at this browser need not have them. */
	response_header(res, "Clear-Site-Data", "\"cache\"");
	return 0;
}

struct new_password {
	char current_password[PASSWORD_TEXT], new_password[PASSWORD_TEXT];
};

static const struct json_field password_fields[] = {
	J_TEXT_REQ(struct new_password, current_password, 1, PASSWORD_MAX_CHARS),
	J_TEXT_REQ(struct new_password, new_password, PASSWORD_MIN_CHARS, PASSWORD_MAX_CHARS),
};

int
session_hash(struct api *api, const char *password, char hash[PASSWORD_HASH], struct err *e)
{
	int turn = take_turn(api, e), rc;

	if (turn < 0) return -1;
	rc = password_hash(password, hash, e);
	close(turn);
	return rc;
}

int
api_session_password(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct new_password p = {0};
	struct sign_in s = {0};
	char hash[PASSWORD_HASH];
	struct user u;
	int rc = -1;

	if (json_read(req->json, password_fields, NELEM(password_fields), "", &p, e)) goto out;
	str_copy(s.login, sizeof s.login, api->who.user.login);
	str_copy(s.password, sizeof s.password, p.current_password);
	/* Counted as any other try, so that who finds a browser open does not learn the
	 * password. */
	if (sign_in(api, req, &s, &u, e)) {
		if (e->kind == ERR_UNAUTHORIZED) {
			err_clear(e);
			err_field(e, "current_password", "is not your password");
		}
		goto out;
	}
	if (session_hash(api, p.new_password, hash, e) || users_change(api->db, u.id,
		&(struct user_change){ .hash = hash, .keep = api->who.session.sha256 }, e))
		goto out;
	rc = answer(api, res, 200, e);
out:
	password_forget(&p, sizeof p);
	password_forget(&s, sizeof s);
	return rc;
}
