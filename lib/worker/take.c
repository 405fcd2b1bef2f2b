#include "worker/take.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio/encode.h"
#include "audio/master.h"
#include "audio/peaks.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/host.h"
#include "base/json.h"
#include "base/str.h"

/* All processors, shared among the workers unless the configuration says how many. */
static int
threads(const struct conf *c)
{
	int all = host_processors(""), workers = c->workers ? (int)c->workers : all;

	if (c->worker_threads) return (int)c->worker_threads;
	return all > workers ? all / workers : 1;
}

void
maker_init(struct maker *m, const struct conf *c)
{
	*m = (struct maker){ .env = { .soundfont = c->soundfont, .models_dir = c->models_dir,
		.threads = threads(c), .remotes = c->remotes, .n_remotes = c->n_remotes,
		.state_dir = c->state_dir } };
}

void
maker_close(struct maker *m)
{
	if (m->engine) m->table->close(m->engine);
	m->engine = NULL;
	free(m->adapter);
	m->adapter = NULL;
}

static void
remember_adapter(struct maker *m, const char *path, double scale)
{
	if (!(m->adapter = strdup(path))) abort();
	m->adapter_scale = scale;
}

/* The engine for this model, loaded. */
static int
load(struct maker *m, const char *model_id, struct err *e)
{
	struct engine_model model;
	const struct engine_table *table = engine_find(model_id, &m->env, &model);

	if (!table)
		return err_set(e, ERR_INVALID, "There is no model \"%s\" here.", model_id);
	if (m->engine && m->table == table && strcmp(m->model.id, model_id) == 0 &&
		m->model.stamp == model.stamp)
		return 0;
	maker_close(m);
	m->table = table;
	m->model = model;
	m->engine = table->open(model_id, &m->env, e);
	if (!m->engine) return -1;
	remember_adapter(m, "", 0);
	return 0;
}

bool
maker_parts(const struct maker *m, const char *model_id)
{
	const struct engine_table *t = engine_find(model_id, &m->env, NULL);

	return t && t->parting;
}

static int
no_adapters(const struct engine_model *m, struct err *e)
{
	return err_set(e, ERR_INVALID, "The model %s takes no adapters.", m->id);
}

/* Let the engine have the adapter of this take. At scale 0 that is none, whatever the engine thinks
 * of it. */
static int
set_adapter(struct maker *m, const struct take_spec *s, struct err *e)
{
	const char *path = s->adapter && s->adapter_scale > 0 ? s->adapter : "";
	double scale = *path ? s->adapter_scale : 0;

	if (!m->table->set_adapter)
		return s->adapter ? no_adapters(&m->model, e) : 0;
	if (m->adapter && strcmp(m->adapter, path) == 0 && m->adapter_scale == scale) return 0;
	free(m->adapter);
	m->adapter = NULL;
	if (m->table->set_adapter(m->engine, *path ? path : NULL, scale, e)) return -1;
	remember_adapter(m, path, scale);
	return 0;
}

/* The stages of a take and where each begins; rendering is most of the time. */
static const struct stage {
	double from, to;
	const char *name;		/* NULL: the engine says */
} stages[] = {
	{ 0.00, 0.82, NULL },
	{ 0.82, 0.93, "mastering" },
	{ 0.93, 1.00, "encoding" },
};
enum { STAGE_ENGINE, STAGE_MASTER, STAGE_ENCODE };

struct watcher {
	const struct take_progress *p;
	int stage;
	double ahead;			/* what the engine has done of the takes that come next */
};

static bool
pass_on(void *ctx, double done, const char *name)
{
	struct watcher *w = ctx;
	const struct stage *s = &stages[w->stage];
	double whole = s->from + (s->to - s->from) * done;

	if (!w->p) return true;
	if (w->stage == STAGE_ENGINE) w->ahead = whole > s->to ? whole - s->to : 0;
	else whole += w->ahead;
	return w->p->report(w->p->ctx, whole, s->name ? s->name : name);
}

static bool
watch(void *ctx, double done)
{
	return pass_on(ctx, done, "");
}

static struct engine_request
request(const struct take_spec *s)
{
	return (struct engine_request){
		.prompt = s->prompt,
		.attributes = s->attributes,
		.duration_s = json_real(s->params, "duration", 10),
		.seed = s->seed,
		.temperature = json_real(s->params, "temperature", ENGINE_TEMPERATURE),
		.top_k = (int)json_real(s->params, "top_k", ENGINE_TOP_K),
		.top_p = json_real(s->params, "top_p", ENGINE_TOP_P),
		.guidance_scale = json_real(s->params, "guidance_scale", ENGINE_GUIDANCE),
		.greedy = s->greedy,
		.more = s->more,
	};
}

static int
check_duration(const struct engine_model *m, double duration_s, struct err *e)
{
	return duration_s > 0 && duration_s <= m->max_duration_s ? 0 : err_set(e, ERR_INVALID,
		"duration is %g s, but %s makes at most %g s.", duration_s, m->id,
		m->max_duration_s);
}

static int
encode(const char *format, const char *path, const struct pcm *pcm, const struct audio_tags *tags,
	struct watcher *w, struct err *e)
{
	const struct audio_format *f = audio_format_find(format);
	struct audio_watch aw = { watch, w };

	if (!f) return err_set(e, ERR_INVALID, "There is no format \"%s\".", format);
	w->stage = STAGE_ENCODE;
	return audio_encode(path, pcm, f, tags, &aw, e);
}

static int
encode_take(const struct maker *m, const struct take_spec *s, const struct engine_result *r,
	struct watcher *w, struct err *e)
{
	char seed[16];
	struct audio_tags tags = { .title = r->title, .prompt = s->prompt, .model = m->model.id,
		.adapter = s->adapter ? s->adapter_label : NULL, .seed = seed };

	snprintf(seed, sizeof seed, "%u", s->seed);
	return encode(s->format, s->path, &r->pcm, &tags, w, e);
}

/* To the loudness that all takes have, or only measured. */
static int
master(struct engine_result *r, bool as_it_is, struct take *out, struct watcher *w, struct err *e)
{
	struct audio_watch aw = { watch, w };
	struct master_report report;

	w->stage = STAGE_MASTER;
	if (as_it_is) return loudness_measure(&r->pcm, &out->loudness, &aw, e);
	if (master_run(&r->pcm, &master_default, &report, &aw, e)) return -1;
	out->loudness = report.after;
	return 0;
}

static void
describe_sound(const struct maker *m, const struct engine_result *r, struct take *out)
{
	out->sample_rate = r->pcm.rate;
	out->channels = r->pcm.channels;
	out->frames = r->pcm.frames;
	str_copy(out->title, sizeof out->title, r->title);
	out->table = m->table;
}

int
take_make(struct maker *m, const struct take_spec *s, const struct take_progress *p,
	struct take *out, struct err *e)
{
	struct engine_request q = request(s);
	struct engine_result r = {0};
	struct watcher w = { .p = p, .stage = STAGE_ENGINE };
	struct engine_progress ep = { pass_on, &w };
	struct peaks peaks = {0};
	int rc = -1;

	if (load(m, s->model, e)) goto out;
	if (check_duration(&m->model, q.duration_s, e) || set_adapter(m, s, e)) goto out;
	if (m->table->generate(m->engine, &q, &ep, &r, e) ||
		master(&r, s->raw || r.mastered, out, &w, e))
		goto out;
	if (encode_take(m, s, &r, &w, e)) goto out;
	peaks = peaks_of(&r.pcm);
	peaks_write(&peaks, &out->peaks);
	describe_sound(m, &r, out);
	out->midi = r.midi;
	out->codes = r.codes;
	out->understood = r.understood;
	r.midi = r.codes = (struct buf){0};
	r.understood = NULL;
	rc = 0;
out:
	peaks_free(&peaks);
	engine_result_free(&r);
	return rc;
}

int
take_render(struct maker *m, const struct render_spec *s, const struct take_progress *p,
	struct take *out, struct err *e)
{
	struct engine_result r = {0};
	struct watcher w = { .p = p, .stage = STAGE_ENGINE };
	struct engine_progress ep = { pass_on, &w };
	struct audio_tags titled = { .title = r.title };
	int rc = -1;

	if (load(m, s->model, e)) goto out;
	if (!m->table->render) {
		err_set(e, ERR_INVALID, "The model %s plays no scores.", m->model.id);
		goto out;
	}
	if (m->table->render(m->engine, s->midi, s->midi_bytes, s->stem, &ep, &r, e)) goto out;
	if (!s->stem && master(&r, r.mastered, out, &w, e)) goto out;
	if (encode(s->format, s->path, &r.pcm, s->tags ? s->tags : &titled, &w, e)) goto out;
	describe_sound(m, &r, out);
	rc = 0;
out:
	engine_result_free(&r);
	return rc;
}

void
take_free(struct take *t)
{
	buf_free(&t->midi);
	buf_free(&t->codes);
	buf_free(&t->peaks);
	cJSON_Delete(t->understood);
	*t = (struct take){0};
}

int
take_explain(const struct maker *m, const struct take_spec *s, cJSON **understood, struct err *e)
{
	struct engine_model model;
	const struct engine_table *table = engine_find(s->model, &m->env, &model);
	struct engine_request q = request(s);

	*understood = NULL;
	if (!table || !table->explain) return 0;
	if (check_duration(&model, q.duration_s, e)) return -1;
	if (s->adapter && !table->set_adapter) return no_adapters(&model, e);
	*understood = table->explain(&q, s->adapter_scale > 0 ? s->adapter : NULL, s->adapter_scale,
		e);
	return *understood ? 0 : -1;
}

static cJSON *
describe(const struct engine_table *t, const struct engine_model *m)
{
	static const char *const adapters[] = { [ADAPTERS_NONE] = "none",
		[ADAPTERS_STYLE] = "style", [ADAPTERS_LORA] = "lora",
		[ADAPTERS_REMOTE] = "remote" };
	cJSON *o = json_object();

	json_add_text(o, "display_name", m->display_name);
	json_add_text(o, "engine", t->name);
	json_add_text(o, "hf_model_id", *m->hf_model_id ? m->hf_model_id : NULL);
	json_add_real(o, "max_duration_seconds", m->max_duration_s);
	json_add_real(o, "recommended_duration_seconds", m->recommended_duration_s);
	json_add_real(o, "vram_requirement_gb", m->vram_gb);
	json_add_int(o, "sample_rate", m->sample_rate);
	json_add_int(o, "channels", m->channels);
	json_add_text(o, "description", m->description);
	json_add_text(o, "adapters", adapters[m->adapters]);
	if (m->adapters != ADAPTERS_NONE)
		json_add_real(o, "max_adapter_scale",
			m->max_adapter_scale > 0 ? m->max_adapter_scale : 2);
	json_add_bool(o, "sampling", m->sampling);
	return o;
}

cJSON *
maker_models(const struct maker *m)
{
	cJSON *list = json_array();

	for (const struct engine_table *const *t = engines; *t; t++) {
		struct engine_models l = {0};

		(*t)->models(&m->env, &l);
		for (size_t i = 0; i < l.n; i++) {
			cJSON *o = json_object();
			char remedy[ENGINE_REMEDY] = "";
			struct err why;
			bool can = (*t)->check(l.list[i].id, &m->env, remedy, &why) == 0;

			json_add_text(o, "id", l.list[i].id);
			json_add(o, "description", describe(*t, &l.list[i]));
			json_add_text(o, "reason", can ? NULL : why.text);
			json_add_text(o, "remedy", can || !*remedy ? NULL : remedy);
			if (l.list[i].at_once) json_add_int(o, "at_once", l.list[i].at_once);
			if (*l.list[i].turn) json_add_text(o, "turn", l.list[i].turn);
			json_add(list, "", o);
		}
		engine_models_free(&l);
	}
	return list;
}
