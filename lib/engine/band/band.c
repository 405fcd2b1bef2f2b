/* The band: an engine without a model. It reads the prompt, plans and writes a piece in a style,
 * and plays it with a soundfont. README.md in this folder tells how. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "engine/band/compose.h"
#include "engine/band/render.h"
#include "engine/band/smf.h"
#include "engine/band/title.h"
#include "engine/engine.h"

extern const struct engine_table band_engine;

struct engine {
	char soundfont[512];
};

static const struct engine_model band_models[] = {
	{
		.id = "band",
		.display_name = "Band",
		.description = "A band that writes its music by rules and plays it with a "
			"General MIDI soundfont. Needs no model and no GPU.",
		.max_duration_s = 600,
		.recommended_duration_s = 60,
		.sample_rate = TEMPO_RATE,
		.channels = 2,
		.adapters = ADAPTERS_NONE,
	},
};

static const struct engine_model *
models(size_t *n)
{
	*n = NELEM(band_models);
	return band_models;
}

static int
check(const char *model_id, const struct engine_env *env, struct err *e)
{
	(void)model_id;
	return render_soundfont(env->soundfont, e) ? 0 : -1;
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
	free(g);
}

static int
generate(struct engine *g, const struct engine_request *q, const struct engine_progress *p,
	struct engine_result *out, struct err *e)
{
	enum { COMPOSED_PERCENT = 2 };
	struct composition c;
	struct event *events = NULL;
	const char *name = strrchr(g->soundfont, '/');
	int rc = -1, n;

	if (p && p->report && !p->report(p->ctx, 0, "composing"))
		return err_set(e, ERR_STOPPED, "The generation was stopped.");
	if (compose(&c, q->prompt, q->attributes, q->duration_s, q->seed, e)) return -1;
	events = score_events(&c.score, &c.plan, &n);
	if (render(g->soundfont, events, n, &c.score.tempo, llround(q->duration_s * TEMPO_RATE), p,
		COMPOSED_PERCENT / 100.0, &out->pcm, e)) goto out;
	title_write(&c.plan, out->title, sizeof out->title);
	smf_write(&out->midi, &c.plan, &c.score, events, n, out->title);
	out->understood = title_understood(&c.plan);
	json_add_text(out->understood, "soundfont", name ? name + 1 : g->soundfont);
	rc = 0;
out:
	free(events);
	composition_free(&c);
	return rc;
}

static struct cJSON *
explain(const struct engine_request *q)
{
	struct composition c;
	struct err e;
	cJSON *o;

	if (compose_plan(&c, q->prompt, q->attributes, q->duration_s, q->seed, &e)) return NULL;
	o = title_understood(&c.plan);
	composition_free(&c);
	return o;
}

const struct engine_table band_engine = {
	.name = "band",
	.version = 1,
	.models = models,
	.check = check,
	.open = open_band,
	.check_adapter = NULL,
	.set_adapter = NULL,
	.generate = generate,
	.explain = explain,
	.close = close_band,
};
