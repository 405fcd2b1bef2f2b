/* The band: an engine without a model. It reads the prompt, plans and writes a piece in a style,
 * and plays it with a soundfont. README.md in this folder tells how. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "engine/band/compose.h"
#include "engine/band/learn.h"
#include "engine/band/render.h"
#include "engine/band/smf.h"
#include "engine/band/title.h"
#include "engine/engine.h"

extern const struct engine_table band_engine;

struct engine {
	char soundfont[512];
	struct style_adapter adapter;	/* empty: none was set */
	char adapter_path[4096];
	struct stat adapter_file;	/* what it was when it was read */
	int scale;			/* of ADAPTER_ONE; 0: the base model */
};

static const struct engine_model band_model = {
	.id = "band",
	.display_name = "Band",
	.description = "A band that writes its music by rules and plays it with a General MIDI "
		"soundfont. Needs no model and no GPU.",
	.max_duration_s = 600,
	.recommended_duration_s = 60,
	.sample_rate = TEMPO_RATE,
	.channels = 2,
	.adapters = ADAPTERS_STYLE,
};

static void
models(const struct engine_env *env, struct engine_models *out)
{
	(void)env;
	engine_models_add(out, &band_model);
}

static int
check(const char *model_id, const struct engine_env *env, char remedy[ENGINE_REMEDY],
	struct err *e)
{
	(void)model_id;
	if (render_soundfont(env->soundfont, e)) return 0;
	/* A setting that names another file is for someone to think about. */
	if (!env->soundfont || !*env->soundfont)
		str_copy(remedy, ENGINE_REMEDY, RENDER_SOUNDFONT_COMMAND);
	return -1;
}

static struct engine *
open_band(const char *model_id, const struct engine_env *env, struct err *e)
{
	const char *soundfont = render_soundfont(env->soundfont, e);
	struct engine *g;

	(void)model_id;
	if (!soundfont) return NULL;
	g = calloc(1, sizeof *g);
	if (!g) abort();
	if (!str_copy(g->soundfont, sizeof g->soundfont, soundfont)) {
		err_set(e, ERR_INVALID, "The setting soundfont is longer than %zu bytes.",
			sizeof g->soundfont - 1);
		free(g);
		return NULL;
	}
	return g;
}

static void
close_band(struct engine *g)
{
	if (g) adapter_free(&g->adapter);
	free(g);
}

static int
check_adapter(const char *model_id, const struct engine_env *env, const char *path,
	struct cJSON **about, struct err *e)
{
	struct style_adapter a;

	(void)model_id;
	(void)env;
	if (adapter_load(&a, path, e)) return -1;
	if (about) *about = adapter_about(&a);
	adapter_free(&a);
	return 0;
}

static int
train(const char *model_id, const struct engine_training *t, struct buf *out, struct buf *told,
	struct err *e)
{
	struct learn *l = learn_new();
	int rc = -1;

	(void)model_id;
	for (size_t i = 0; i < t->n; i++) {
		const struct engine_lesson *s = &t->lessons[i];

		if (!learn_add(l, s->name, s->bytes, s->n, e)) continue;
		if (!t->skipped) {
			err_prefix(e, "%s", s->name);
			goto out;
		}
		t->skipped(t->ctx, s->name, e->text);
		err_clear(e);
	}
	if (learn_write(l, t->name, t->description, out, e)) goto out;
	learn_tell(l, told);
	rc = 0;
out:
	learn_free(l);
	return rc;
}

/* Is it the file that was read last, unchanged? */
static bool
is_loaded(const struct engine *g, const char *path, const struct stat *now)
{
	const struct stat *was = &g->adapter_file;

	return *g->adapter_path && strcmp(g->adapter_path, path) == 0 && now->st_dev == was->st_dev
		&& now->st_ino == was->st_ino && now->st_size == was->st_size
		&& now->st_mtim.tv_sec == was->st_mtim.tv_sec
		&& now->st_mtim.tv_nsec == was->st_mtim.tv_nsec;
}

/* What was set before stays in force when this fails. */
static int
set_adapter(struct engine *g, const char *path, double scale, struct err *e)
{
	struct style_adapter a;
	struct stat now;

	if (!path) {
		g->scale = 0;
		return 0;
	}
	if (!(scale >= 0 && scale <= 2))
		return err_set(e, ERR_INVALID, "The scale of an adapter is from 0 to 2.");
	if (stat(path, &now))
		return err_set(e, ERR_NOT_FOUND, "The adapter %s cannot be read.", path);
	if (!is_loaded(g, path, &now)) {
		if (adapter_load(&a, path, e)) return -1;
		adapter_free(&g->adapter);
		g->adapter = a;
		g->adapter_file = now;
		/* A path that is too long is read again each time. */
		if (!str_copy(g->adapter_path, sizeof g->adapter_path, path))
			g->adapter_path[0] = '\0';
	}
	g->scale = adapter_scale(scale);
	return 0;
}

/* What was asked for that means something to neural models only: whoever changed it should not
 * believe that it did anything here. */
static cJSON *
understood(const struct composition *c, const struct engine_request *q)
{
	cJSON *o = title_understood(&c->plan), *idle = json_array();

	if (q->temperature != ENGINE_TEMPERATURE) json_add_text(idle, NULL, "temperature");
	if (q->top_k != ENGINE_TOP_K) json_add_text(idle, NULL, "top_k");
	if (q->top_p != ENGINE_TOP_P) json_add_text(idle, NULL, "top_p");
	if (q->guidance_scale != ENGINE_GUIDANCE) json_add_text(idle, NULL, "guidance_scale");
	if (cJSON_GetArraySize(idle)) json_add(o, "without_effect", idle);
	else cJSON_Delete(idle);
	return o;
}

static int
generate(struct engine *g, const struct engine_request *q, const struct engine_progress *p,
	struct engine_result *out, struct err *e)
{
	enum { COMPOSED_PERCENT = 2 };
	struct composition c;
	struct event *events = NULL;
	struct performance perf = {0};
	struct pcm sound[RENDER_OUTPUTS];
	const char *name = strrchr(g->soundfont, '/');
	int rc = -1, n;

	if (p && p->report && !p->report(p->ctx, 0, "composing"))
		return err_set(e, ERR_STOPPED, "The generation was stopped.");
	if (compose(&c, q->prompt, q->attributes, q->duration_s, q->seed, &g->adapter, g->scale, e))
		return -1;
	events = score_events(&c.score, &c.plan, &n);
	title_write(&c.plan, out->title, sizeof out->title);
	smf_write(&out->midi, &c.plan, &c.score, events, n, llround(q->duration_s * TEMPO_RATE),
		out->title);
	/* What is heard is what the file says, so that the file is enough to hear it again. */
	if (performance_read(&perf, out->midi.p, out->midi.n, e)
		|| render(g->soundfont, &perf, 1u << RENDER_MIX, p, COMPOSED_PERCENT / 100.0,
			sound, e))
		goto out;
	out->pcm = sound[RENDER_MIX];
	out->understood = understood(&c, q);
	json_add_text(out->understood, "soundfont", name ? name + 1 : g->soundfont);
	rc = 0;
out:
	free(events);
	performance_free(&perf);
	composition_free(&c);
	return rc;
}

static int
render_score(struct engine *g, const void *midi, size_t bytes, const char *stem,
	const struct engine_progress *p, struct engine_result *out, struct err *e)
{
	int which = stem ? str_index(stem, render_names) : RENDER_MIX;
	struct pcm sound[RENDER_OUTPUTS];
	struct performance perf;

	if (which < 0) return err_set(e, ERR_INVALID, "There is no stem \"%.40s\".", stem);
	if (performance_read(&perf, midi, bytes, e)) return -1;
	str_copy(out->title, sizeof out->title, perf.title);
	if (!render(g->soundfont, &perf, 1u << which, p, 0, sound, e)) out->pcm = sound[which];
	performance_free(&perf);
	return out->pcm.data ? 0 : -1;
}

static struct cJSON *
explain(const struct engine_request *q, const char *adapter, double scale, struct err *e)
{
	struct engine g = {0};
	struct composition c;
	cJSON *o = NULL;

	if (set_adapter(&g, adapter, scale, e)) return NULL;
	if (!compose_plan(&c, q->prompt, q->attributes, q->duration_s, q->seed, &g.adapter, g.scale,
		e)) {
		o = understood(&c, q);
		composition_free(&c);
	}
	adapter_free(&g.adapter);
	return o;
}

const struct engine_table band_engine = {
	.name = "band",
	.version = 4,
	.models = models,
	.check = check,
	.open = open_band,
	.check_adapter = check_adapter,
	.train = train,
	.set_adapter = set_adapter,
	.generate = generate,
	.render = render_score,
	.stems = render_names,
	.explain = explain,
	.close = close_band,
};
