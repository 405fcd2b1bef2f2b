/* MusicGen as an engine: its models are folders of checkpoints (folder.h), its adapters LoRA files
 * (lora.h), its takes a text's states, codes window after window, and the sound that these decode
 * to. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "base/str.h"
#include "engine/engine.h"
#include "engine/musicgen/folder.h"
#include "engine/musicgen/lora.h"
#include "engine/musicgen/lora_pack.h"
#include "engine/musicgen/memory.h"
#include "engine/musicgen/model.h"
#include "engine/musicgen/windows.h"
#include "engine/text.h"

extern const struct engine_table musicgen_engine;

enum { TITLE_CHARS = 60 };

/* Codes of takes that were made beside another, and will be asked for. */
struct ahead {
	struct buf request;		/* what all of them are of, with all that decides */
	uint32_t seed;			/* of the first one */
	int n;
	int32_t *codes;			/* [n][codebooks][frames], owned */
};

struct engine {
	struct model *model;
	struct crew *crew;
	struct hands hands;
	struct lora *lora;		/* the one that was set last, in force or not */
	char lora_path[FOLDER_PATH];	/* "": none */
	struct stat lora_file;		/* what it was when it was read */
	struct ahead ahead;
};

static void
models(const struct engine_env *env, struct engine_models *out)
{
	folder_list(env, out);
}

/* What is there of a model. */
static int
look(const char *model_id, const struct engine_env *env, char path[FOLDER_PATH],
	struct folder_files *f, struct err *e)
{
	return folder_of(model_id, env, path, e) != 0 || folder_check(path, f, e) != 0 ? -1 : 0;
}

/* Does it fit into memory: ever, or now? */
static int
check_size(const struct folder_files *f, bool now, struct err *e)
{
	struct host_memory memory;

	host_memory("", &memory);
	return memory_check(memory_needed(f), &memory, now, e);
}

static int
check(const char *model_id, const struct engine_env *env, char remedy[ENGINE_REMEDY],
	struct err *e)
{
	char path[FOLDER_PATH];
	struct folder_files f;

	if (look(model_id, env, path, &f, e) != 0) {
		if (e->kind == ERR_NOT_FOUND && folder_find_known(model_id))
			snprintf(remedy, ENGINE_REMEDY, "earshot model fetch %s", model_id);
		return -1;
	}
	if (check_size(&f, false, e) == 0) return 0;
	if (!f.prepared) snprintf(remedy, ENGINE_REMEDY, "earshot model prepare %s", model_id);
	return -1;
}

static void
full_stop(struct err *e)
{
	size_t n = strlen(e->text);

	if (n && n + 1 < sizeof e->text && e->text[n - 1] != '.') strcpy(e->text + n, ".");
}

/* Sentences name files by their paths, which are nobody's business: cut to what is behind `path`, a
 * folder or a file. */
static void
without_path(const char *path, struct err *e)
{
	size_t n = strlen(path);
	const char *rest = e->text;

	while (n && str_starts(rest, path) && (rest[n] == '/' || rest[n] == ':')) {
		rest += n + 1;
		rest += strspn(rest, " ");
	}
	memmove(e->text, rest, strlen(rest) + 1);
}

static void
cannot_be_used(const char *model_id, struct err *e)
{
	char why[sizeof e->text];

	str_copy(why, sizeof why, e->text);
	err_set(e, e->kind == ERR_NOT_FOUND ? ERR_AWAY : e->kind, "The model %s cannot be used. %s",
		model_id, why);
	full_stop(e);
}

static void
forget_ahead(struct ahead *a)
{
	buf_reset(&a->request);
	free(a->codes);
	a->codes = NULL;
	a->n = 0;
}

static void
close_engine(struct engine *g)
{
	if (!g) return;
	forget_ahead(&g->ahead);
	buf_free(&g->ahead.request);
	if (g->model) lora_apply(NULL, g->model->decoder, 0);
	lora_close(g->lora);
	model_close(g->model);
	crew_stop(g->crew);
	free(g);
}

static struct engine *
open_engine(const char *model_id, const struct engine_env *env, struct err *e)
{
	struct engine *g = calloc(1, sizeof *g);
	char path[FOLDER_PATH] = "";
	struct folder_files f;

	if (!g) abort();
	if (look(model_id, env, path, &f, e) != 0 || check_size(&f, true, e) != 0 ||
		!(g->model = model_open_prepared(path, e))) {
		without_path(path, e);
		cannot_be_used(model_id, e);
		close_engine(g);
		return NULL;
	}
	g->crew = crew_start(env->threads ? env->threads : host_processors(""));
	g->hands = (struct hands){ g->crew, kernels_best() };
	return g;
}

/* An adapter is a file that has its configuration in its metadata, or a folder of two. */
static struct lora *
open_adapter(const char *path, const struct decoder_config *c, struct err *e)
{
	char config[FOLDER_PATH], weights[FOLDER_PATH];
	struct lora *l;
	struct stat st;

	if (stat(path, &st) != 0) {
		err_set(e, ERR_NOT_FOUND, "cannot read %s: %s", path, strerror(errno));
		return NULL;
	}
	if (!S_ISDIR(st.st_mode)) {
		if (!(l = lora_open(NULL, path, c, e))) without_path(path, e);
		return l;
	}
	if (io_join(config, sizeof config, path, "adapter_config.json", e) != 0 ||
		io_join(weights, sizeof weights, path, "adapter_model.safetensors", e) != 0)
		return NULL;
	return lora_open(config, weights, c, e);
}

static int
check_adapter(const char *model_id, const struct engine_env *env, const char *path,
	struct cJSON **about, struct err *e)
{
	char folder[FOLDER_PATH];
	struct folder_files f;
	struct lora *l;

	if (folder_of(model_id, env, folder, e) != 0) return -1;
	if (folder_check(folder, &f, e) != 0) {
		char why[sizeof e->text];

		str_copy(why, sizeof why, e->text);
		return err_set(e, ERR_INVALID, "The adapter cannot be checked against the model "
			"%s, which cannot be used. %s", model_id, why);
	}
	if (!(l = open_adapter(path, &f.config.decoder, e))) {
		if (e->kind == ERR_UNREADABLE) e->kind = ERR_INVALID;
		full_stop(e);
		return -1;
	}
	if (about) *about = lora_about(l);
	lora_close(l);
	return 0;
}

/* Is it the one that was read last, unchanged? */
static bool
is_loaded(const struct engine *g, const char *path, const struct stat *now)
{
	const struct stat *was = &g->lora_file;

	return g->lora && strcmp(g->lora_path, path) == 0 && now->st_dev == was->st_dev &&
		now->st_ino == was->st_ino && now->st_size == was->st_size &&
		now->st_mtim.tv_sec == was->st_mtim.tv_sec &&
		now->st_mtim.tv_nsec == was->st_mtim.tv_nsec;
}

/* What was set before stays in force when this fails. */
static int
set_adapter(struct engine *g, const char *path, double scale, struct err *e)
{
	struct lora *l, *before = NULL;
	struct stat now;

	forget_ahead(&g->ahead);
	if (!path) {
		lora_apply(NULL, g->model->decoder, 0);
		return 0;
	}
	if (!(scale >= 0 && scale <= 2))
		return err_set(e, ERR_INVALID, "The scale of an adapter is from 0 to 2.");
	if (stat(path, &now) != 0)
		return err_set(e, ERR_NOT_FOUND, "The adapter %s cannot be read.", path);
	if (!is_loaded(g, path, &now)) {
		if (!(l = open_adapter(path, &g->model->config.decoder, e))) {
			full_stop(e);
			return -1;
		}
		before = g->lora;
		g->lora = l;
		g->lora_file = now;
		/* A path that is too long is read again each time. */
		if (!str_copy(g->lora_path, sizeof g->lora_path, path)) *g->lora_path = '\0';
	}
	lora_apply(g->lora, g->model->decoder, scale);
	lora_close(before);
	return 0;
}

/* The stages of a take and where each begins. */
static const struct stage {
	double from, to;
	const char *name;
} stages[] = { { 0, 0.01, "reading" }, { 0.01, 0.92, "generating" }, { 0.92, 1, "decoding" } };
enum { READING, GENERATING, DECODING };

struct take {
	struct engine *g;
	const struct engine_request *q;
	const struct engine_progress *p;
	int stage;
	int ahead;			/* takes that come next whose codes are, or will be, there */
	int frames;			/* of codes */
	int64_t samples;
	struct buf text;		/* what the model reads */
	float *states;			/* [n][decoder's width] */
	int n;
	int32_t *codes;			/* [codebooks][frames] */
	struct buf request;		/* all that decides but the seed */
};

static bool
step(void *ctx, int done, int of)
{
	const struct take *t = ctx;
	const struct stage *s = &stages[t->stage], *codes = &stages[GENERATING];
	double part = (double)done / of, all = s->from + (s->to - s->from) * part;

	if (t->stage >= GENERATING)
		all += t->ahead * (codes->to - codes->from) * (s == codes ? part : 1);
	return !t->p || !t->p->report || t->p->report(t->p->ctx, all, s->name);
}

static int
begin(struct take *t, int stage, struct err *e)
{
	t->stage = stage;
	return step(t, 0, 1) ? 0 : err_set(e, ERR_STOPPED, "The generation was stopped.");
}

static int
read_text(struct take *t, struct err *e)
{
	const struct model *m = t->g->model;
	struct token_ids ids = {0};
	int rc = -1;

	if (begin(t, READING, e) != 0) return -1;
	if (tokenizer_encode(m->tokenizer, buf_str(&t->text), &ids, e) == 0) {
		t->n = (int)ids.n;
		t->states = floats_new(ids.n * (size_t)m->config.decoder.width);
		rc = model_text(m, &t->g->hands, ids.id, t->n, t->states, e);
	}
	free(ids.id);
	return rc;
}

static size_t
values_of_take(const struct take *t)
{
	return (size_t)t->g->model->config.decoder.codebooks * (size_t)t->frames;
}

/* The codes of this take, if they were made with those of another one. */
static bool
find_ahead(struct take *t)
{
	struct ahead *a = &t->g->ahead;
	const struct engine_request *q = t->q;
	uint32_t which = q->seed - a->seed;
	size_t bytes = values_of_take(t) * sizeof *t->codes;

	buf_addf(&t->request, "%d %.17g %d %.17g %.17g %d %s", t->frames, q->temperature, q->top_k,
		q->top_p, q->guidance_scale, q->greedy, buf_str(&t->text));
	if (which >= (uint32_t)a->n || strcmp(buf_str(&a->request), t->request.p) != 0) return false;
	t->codes = malloc(bytes);
	if (!t->codes) abort();
	memcpy(t->codes, a->codes + which * values_of_take(t), bytes);
	t->ahead = a->n - 1 - (int)which;
	return true;
}

/* What was made beside this take is kept for those who come next. */
static void
keep_ahead(struct take *t)
{
	struct ahead *a = &t->g->ahead;
	size_t n = (size_t)t->ahead * values_of_take(t);

	forget_ahead(a);
	if (!n) return;
	buf_addf(&a->request, "%s", t->request.p);
	a->seed = t->q->seed + 1;
	a->n = t->ahead;
	a->codes = malloc(n * sizeof *a->codes);
	if (!a->codes) abort();
	memcpy(a->codes, t->codes + values_of_take(t), n * sizeof *a->codes);
}

static int
takes_at_once(const struct take *t)
{
	int wanted = 1 + t->q->more;
	struct host_memory m;

	if (wanted > GENERATE_TAKES) wanted = GENERATE_TAKES;
	if (wanted < 2) return 1;
	host_memory("", &m);
	return memory_takes(&t->g->model->config, wanted, &m);
}

static int
make_codes(struct take *t, struct err *e)
{
	const struct model *m = t->g->model;
	const struct engine_request *q = t->q;
	struct generation one = { .guidance = (float)q->guidance_scale,
		.sampling = { .greedy = q->greedy, .temperature = (float)q->temperature,
			.top_k = q->top_k, .top_p = (float)q->top_p },
		.step = step, .ctx = t,
		/* Who asks for what is most likely compares it with others'. */
		.cache = q->greedy ? WEIGHTS_F32 : WEIGHTS_F16 };

	one.takes = takes_at_once(t);
	t->ahead = one.takes - 1;
	if (begin(t, GENERATING, e) != 0) return -1;
	for (int i = 0; i < one.takes; i++) one.seeds[i] = q->seed + (uint32_t)i;
	t->codes = malloc((size_t)one.takes * values_of_take(t) * sizeof *t->codes);
	if (!t->codes) abort();
	if (windows_codes(m, &t->g->hands, t->states, t->n, &one, t->frames, t->codes, e) != 0)
		return -1;
	keep_ahead(t);
	return 0;
}

/* Codes make whole frames; the sound ends where it was asked to. */
static int
make_sound(struct take *t, struct pcm *out, struct err *e)
{
	const struct model *m = t->g->model;
	int64_t all = (int64_t)t->frames * codec_hop(&m->config.codec);

	if (begin(t, DECODING, e) != 0) return -1;
	*out = pcm_new(all, 1, m->config.codec.rate);
	out->frames = t->samples;
	if (codec_decode(m->codec, &t->g->hands, t->codes, t->frames, out->data, step, t) != 0)
		return err_set(e, ERR_STOPPED, "The generation was stopped.");
	model_rest(m, MODEL_CODEC);
	return 0;
}

static void
write_codes(const struct take *t, struct buf *out)
{
	int books = t->g->model->config.decoder.codebooks;

	for (int k = 0; k < books; k++)
		for (int i = 0; i < t->frames; i++)
			buf_addf(out, "%d%c", t->codes[(size_t)k * (size_t)t->frames + (size_t)i],
				i + 1 < t->frames ? ' ' : '\n');
}

static int
generate(struct engine *g, const struct engine_request *q, const struct engine_progress *p,
	struct engine_result *out, struct err *e)
{
	const struct musicgen_config *c = &g->model->config;
	struct take t = { .g = g, .q = q, .p = p };
	struct windows w = windows_of(c);
	int hop = codec_hop(&c->codec), rc = -1;

	t.samples = llround(q->duration_s * c->codec.rate);
	t.frames = (int)((t.samples + hop - 1) / hop);
	text_of(q->prompt, q->attributes, &t.text);
	if (!find_ahead(&t) && (read_text(&t, e) != 0 || make_codes(&t, e) != 0)) goto out;
	if (make_sound(&t, &out->pcm, e) != 0) goto out;
	write_codes(&t, &out->codes);
	str_preview(out->title, sizeof out->title, q->prompt, TITLE_CHARS);
	out->understood = text_understood(q, buf_str(&t.text));
	if (windows_count(&w, t.frames) > 1)
		json_add_int(out->understood, "windows", windows_count(&w, t.frames));
	rc = 0;
out:
	buf_free(&t.text);
	buf_free(&t.request);
	free(t.states);
	free(t.codes);
	return rc;
}

const struct engine_table musicgen_engine = {
	.name = "musicgen",
	.version = 1,
	.models = models,
	.check = check,
	.open = open_engine,
	.check_adapter = check_adapter,
	.pack_adapter = lora_pack,
	.set_adapter = set_adapter,
	.generate = generate,
	.explain = text_explain,
	.close = close_engine,
};
