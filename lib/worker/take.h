/* One take: generate, master, encode. What a worker does for a job and `earshot generate` does for
 * a file. */
#ifndef EARSHOT_WORKER_TAKE_H
#define EARSHOT_WORKER_TAKE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "audio/loudness.h"
#include "base/buf.h"
#include "engine/engine.h"

struct audio_tags;
struct conf;
struct err;

/* Keeps the last model loaded for the next take of the same model. */
struct maker {
	struct engine_env env;
	const struct engine_table *table;
	struct engine_model model;
	struct engine *engine;		/* owned; NULL before the first take */
	/* What the engine has been set to: a file, or "" for the base model. Owned; NULL: nobody
	 * knows, since the last change of it failed. */
	char *adapter;
	double adapter_scale;
};

/* What to make. All borrowed. */
struct take_spec {
	const char *model;		/* id */
	const char *prompt;
	const cJSON *attributes;	/* NULL: none */
	/* duration, temperature, …; absent ones take the API's defaults */
	const cJSON *params;
	uint32_t seed;
	/* Of the adapter: its file, NULL for the base model; how strong it is, where 0 is the base
	 * model bit for bit; and what the tags call it. */
	const char *adapter;
	double adapter_scale;		/* 0 … 2 */
	const char *adapter_label;
	const char *format;
	const char *path;		/* file to write the sound to */
	bool greedy;			/* nothing is drawn (engine.h) */
	int more;			/* takes of this kind that come next (engine.h) */
	bool raw;			/* as the engine made it, unmastered */
};

/* What was made. Zero it before; take_free(). */
struct take {
	struct buf midi;		/* empty where the engine has no score */
	struct buf codes;		/* as engine_result has them */
	struct buf peaks;		/* peaks.h's bytes */
	cJSON *understood;		/* owned; may be NULL */
	char title[128];
	int sample_rate, channels;
	int64_t frames;
	struct loudness loudness;
	const struct engine_table *table;
};

/* done goes from 0 to 1 over the whole take, and beyond by what was done of the next ones (engine.h);
 * returning false stops it (ERR_STOPPED). */
struct take_progress {
	bool (*report)(void *ctx, double done, const char *stage);
	void *ctx;
};

void maker_init(struct maker *m, const struct conf *c);
void maker_close(struct maker *m);

/* ERR_INVALID: will not work however often it is tried; ERR_AWAY: disk full, model missing now. */
int take_make(struct maker *m, const struct take_spec *s, const struct take_progress *p,
	struct take *out, struct err *e);
void take_free(struct take *t);

/* A take made again from its score. */
struct render_spec {
	const char *model;
	const void *midi;		/* a Standard MIDI File */
	size_t midi_bytes;
	const char *stem;		/* unmastered, or "mix" for all of them; NULL: a mastered take */
	const struct audio_tags *tags;	/* NULL: only the score's title */
	const char *format, *path;
};

/* As take_make(), but out gets neither score, peaks nor what was understood, and for a stem no
 * loudness. ERR_INVALID also for a score that cannot be read. */
int take_render(struct maker *m, const struct render_spec *s, const struct take_progress *p,
	struct take *out, struct err *e);

/* Only what the engine would understand of it, without making a sound: an object that the caller
 * owns, NULL where the engine does not tell, or this build has no such model. Neither format
 * nor path count. ERR_INVALID as above. */
int take_explain(const struct maker *m, const struct take_spec *s, cJSON **understood,
	struct err *e);

/* engine_table's `parting` of the model. */
bool maker_parts(const struct maker *m, const char *model_id);

/* All models of this installation as PROTOCOL.md's `models`; owned by the caller. */
cJSON *maker_models(const struct maker *m);

#endif
