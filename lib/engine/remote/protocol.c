#include "engine/remote/protocol.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

extern const struct remote_protocol remote_acestep, remote_acestepcpp;

const struct remote_protocol *const remote_protocols[] = {
	&remote_acestep,
	&remote_acestepcpp,
	NULL,
};

const struct remote_protocol *
remote_protocol_find(const char *name)
{
	for (const struct remote_protocol *const *p = remote_protocols; *p; p++)
		if (strcmp((*p)->name, name) == 0) return *p;
	return NULL;
}

void
remote_message_free(struct remote_message *m)
{
	buf_free(&m->path);
	buf_free(&m->json);
	*m = (struct remote_message){0};
}

void
remote_get(struct remote_message *m, const char *path)
{
	m->post = false;
	buf_adds(&m->path, path);
}

void
remote_post(struct remote_message *m, const char *path, struct cJSON *json)
{
	m->post = true;
	buf_adds(&m->path, path);
	if (json) json_print(json, &m->json);
	else buf_adds(&m->json, "{}");
	cJSON_Delete(json);
}

void
remote_words(const char *said, char why[REMOTE_WHY])
{
	str_preview(why, REMOTE_WHY, said, REMOTE_WHY / 4 - 2);
}

int
remote_nonsense(const char *server, const char *what, struct err *e)
{
	return err_set(e, ERR_AWAY, "The server %s answers nonsense: %s.", server, what);
}

struct cJSON *
remote_wish(const struct remote_wish *w, const struct remote_fields *f)
{
	cJSON *o = json_object();
	double tempo = json_real(w->attributes, "tempo", 0);
	const char *key = json_text(w->attributes, "key", "");

	json_add_text(o, f->text, w->text);
	json_add_text(o, "lyrics", w->lyrics ? w->lyrics : "[Instrumental]");
	json_add_text(o, "vocal_language", "unknown");	/* that of the lyrics; English otherwise */
	json_add_real(o, f->seconds, w->seconds);
	json_add_int(o, "seed", w->seed);
	if (w->server->steps) json_add_int(o, "inference_steps", w->server->steps);
	if (*w->server->model) json_add_text(o, f->model, w->server->model);
	if (tempo >= 30 && tempo <= 300) json_add_int(o, "bpm", llround(tempo));
	if (*key) json_add_text(o, f->key, key);
	return o;
}

int
remote_take_id(const char *server, const struct cJSON *o, const char *name, char id[REMOTE_ID],
	struct err *e)
{
	char what[32];

	if (remote_id(json_text(o, name, ""), id)) return 0;
	snprintf(what, sizeof what, "no %s", name);
	return remote_nonsense(server, what, e);
}

struct cJSON *
remote_json(const struct remote_answer *a, struct err *e)
{
	cJSON *tree = json_parse(buf_str(&a->body), a->body.n, e);

	if (!tree) remote_nonsense(a->server, "no JSON", e);
	return tree;
}

/* What a status means for us. */
static const struct refusal {
	long from, to;
	enum err_kind kind;
	const char *says;
} refusals[] = {
	{ 401, 401, ERR_INVALID, "refuses our key (key_file)" },
	{ 403, 403, ERR_INVALID, "refuses our key (key_file)" },
	{ 404, 405, ERR_INVALID, "does not know what it was asked for; is its protocol right?" },
	{ 408, 408, ERR_AWAY, "was too slow" },
	{ 429, 429, ERR_AWAY, "has too much to do" },
	{ 400, 499, ERR_INVALID, "refuses the request" },
	{ 501, 501, ERR_INVALID, "cannot do what it was asked for" },
	{ 500, 599, ERR_AWAY, "has an error of its own" },
	{ 0, 0, ERR_AWAY, "answers nonsense" },
};

int
remote_refuses(const char *server, long status, const char *why, struct err *e)
{
	const struct refusal *r = refusals;
	char words[REMOTE_WHY];

	while (r->to && (status < r->from || status > r->to)) r++;
	remote_words(why, words);
	if (*words)
		return err_set(e, r->kind, "The server %s %s (status %ld): \"%s\".", server,
			r->says, status, words);
	return err_set(e, r->kind, "The server %s %s (status %ld).", server, r->says, status);
}

bool
remote_id(const char *said, char id[REMOTE_ID])
{
	if (!*said || !str_copy(id, REMOTE_ID, said)) return false;
	for (; *said; said++)
		if (!isascii((unsigned char)*said) ||
			(!isalnum((unsigned char)*said) && !strchr("._-", *said)))
			return false;
	return true;
}
