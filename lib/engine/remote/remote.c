/* Servers elsewhere as an engine: each section [remote NAME] of the configuration is a model. What
 * they speak is in protocol.h's table, how a job goes in job.c.
 *
 * Two rules of engine.h hold only as far as the server keeps them: it is told the seed, and whether
 * the same one gives the same sound is its business. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "base/str.h"
#include "engine/engine.h"
#include "engine/remote/adapter.h"
#include "engine/remote/job.h"
#include "engine/remote/lyrics.h"
#include "engine/remote/turn.h"
#include "engine/text.h"

extern const struct engine_table remote_engine;

enum { TITLE_CHARS = 60, LYRICS_CHARS = 60 };

_Static_assert((int)ENGINE_TURN == (int)TURN_NAME, "the engine and its turns disagree on a length");

struct engine {
	const struct conf_remote *server;	/* borrowed of the configuration */
	char locks[CONF_PATH + 16];
	char adapter[REMOTE_ADAPTER];		/* "": none */
	double adapter_scale;
};

static void
models(const struct engine_env *env, struct engine_models *out)
{
	for (size_t i = 0; i < env->n_remotes; i++) {
		const struct conf_remote *r = &env->remotes[i];
		const struct remote_protocol *p = remote_protocol_find(r->protocol);
		struct engine_model m = { .max_duration_s = r->max_duration_s,
			.recommended_duration_s = r->max_duration_s < 60 ? r->max_duration_s : 60,
			.sample_rate = 48000, .channels = 2, .adapters = ADAPTERS_REMOTE,
			.at_once = (int)r->concurrency };

		if (!p) continue;
		turn_name(p, r->url, m.turn);
		if (p->shared) m.max_adapter_scale = p->shared->max_scale;
		str_copy(m.id, sizeof m.id, r->name);
		snprintf(m.display_name, sizeof m.display_name, "%s (%s)", p->title, r->name);
		snprintf(m.description, sizeof m.description,
			"Made by a server elsewhere that runs %s%s%s.", p->title,
			*r->model ? " with " : "", r->model);
		engine_models_add(out, &m);
	}
}

static const struct conf_remote *
find(const char *id, const struct engine_env *env)
{
	for (size_t i = 0; i < env->n_remotes; i++)
		if (strcmp(env->remotes[i].name, id) == 0) return &env->remotes[i];
	return NULL;
}

/* Only what is wrong here: a server that is away today costs the jobs that were meant for it their
 * attempts, and is not waited for without an end. */
static int
check(const char *model_id, const struct engine_env *env, char remedy[ENGINE_REMEDY],
	struct err *e)
{
	const struct conf_remote *r = find(model_id, env);

	(void)remedy;
	if (!r) return err_set(e, ERR_NOT_FOUND, "There is no remote %s.", model_id);
	if (*r->key_file && access(r->key_file, R_OK) != 0)
		return err_set(e, ERR_AWAY, "Its key_file cannot be read.");
	return 0;
}

static struct engine *
open_engine(const char *model_id, const struct engine_env *env, struct err *e)
{
	const struct conf_remote *r = find(model_id, env);
	struct engine *g = calloc(1, sizeof *g);

	if (!g) abort();
	g->server = r;
	if (!r) err_set(e, ERR_NOT_FOUND, "There is no remote %s.", model_id);
	else if (io_join(g->locks, sizeof g->locks, env->state_dir, "remotes", e) == 0) return g;
	free(g);
	return NULL;
}

static void
close_engine(struct engine *g)
{
	free(g);
}

static int
check_adapter(const char *model_id, const struct engine_env *env, const char *path,
	struct cJSON **about, struct err *e)
{
	struct remote_wish w = { .server = find(model_id, env), .adapter_scale = 1 };
	char name[REMOTE_ADAPTER];

	if (!w.server) return err_set(e, ERR_INVALID, "There is no remote %s.", model_id);
	w.adapter = name;
	if (remote_adapter_read(path, name, e) || remote_has_adapter(&w, e)) {
		/* Who uploads it learns what is wrong, and may try again. */
		e->kind = ERR_INVALID;
		return -1;
	}
	if (about) {
		*about = json_object();
		json_add_text(*about, "kind", "remote");
		json_add_text(*about, "adapter", name);
	}
	return 0;
}

static int
set_adapter(struct engine *g, const char *path, double scale, struct err *e)
{
	char name[REMOTE_ADAPTER] = "";

	if (path && !(scale >= 0 && scale <= 2))
		return err_set(e, ERR_INVALID, "The scale of an adapter is from 0 to 2.");
	if (path && remote_adapter_read(path, name, e)) return -1;
	/* At 0 it is the base model, to the bit: without an adapter. */
	str_copy(g->adapter, sizeof g->adapter, scale > 0 ? name : "");
	g->adapter_scale = *g->adapter ? scale : 0;
	return 0;
}

/* What a server is told in words. */
struct reading {
	struct buf text, lyrics;	/* no lyrics: an instrumental */
};

static void
add_trimmed(const char *p, size_t n, struct buf *out)
{
	while (n && strchr(" \t\r\n", p[n - 1])) n--;
	buf_add(out, p, n);
}

static void
read_request(const struct engine_request *q, struct reading *r)
{
	const char *lyrics = lyrics_of(q->prompt);
	struct buf what = {0};

	*r = (struct reading){0};
	if (lyrics) {
		add_trimmed(lyrics, strlen(lyrics), &r->lyrics);
		add_trimmed(q->prompt, (size_t)(lyrics - q->prompt), &what);
		if (!what.n) buf_adds(&what, "a song");
	}
	text_of(lyrics ? buf_str(&what) : q->prompt, q->attributes, &r->text);
	buf_free(&what);
}

static void
reading_free(struct reading *r)
{
	buf_free(&r->text);
	buf_free(&r->lyrics);
}

static struct cJSON *
understood(const struct engine_request *q, const struct reading *r)
{
	cJSON *o = text_understood(q, buf_str(&r->text));
	char words[4 * LYRICS_CHARS + 4];

	if (r->lyrics.n) {
		str_preview(words, sizeof words, buf_str(&r->lyrics), LYRICS_CHARS);
		json_add_text(o, "lyrics", words);
	}
	return o;
}

static int
generate(struct engine *g, const struct engine_request *q, const struct engine_progress *p,
	struct engine_result *out, struct err *e)
{
	const struct remote_protocol *protocol = remote_protocol_find(g->server->protocol);
	struct remote_wish w = { .server = g->server, .attributes = q->attributes,
		.seconds = q->duration_s > protocol->min_seconds ? q->duration_s
			: protocol->min_seconds,
		.seed = q->seed, .adapter = g->adapter, .adapter_scale = g->adapter_scale };
	struct reading r;
	int rc;

	read_request(q, &r);
	w.text = buf_str(&r.text);
	if (r.lyrics.n) w.lyrics = buf_str(&r.lyrics);
	rc = remote_job(&w, q->duration_s, g->locks, p, &out->pcm, e);
	if (!rc) {
		str_preview(out->title, sizeof out->title, q->prompt, TITLE_CHARS);
		out->understood = understood(q, &r);
	}
	reading_free(&r);
	return rc;
}

static struct cJSON *
explain(const struct engine_request *q, const char *adapter, double scale, struct err *e)
{
	struct reading r;
	cJSON *o;

	(void)adapter;
	(void)scale;
	(void)e;
	read_request(q, &r);
	o = understood(q, &r);
	reading_free(&r);
	return o;
}

const struct engine_table remote_engine = {
	.name = "remote",
	.version = 2,
	.parting = true,
	.models = models,
	.check = check,
	.open = open_engine,
	.check_adapter = check_adapter,
	.set_adapter = set_adapter,
	.generate = generate,
	.explain = explain,
	.close = close_engine,
};
