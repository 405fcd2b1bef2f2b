/* What turns a prompt into sound. An engine is a const table of functions; engines.c lists them
 * all.
 *
 * Rules for every engine:
 *  - Deterministic: the same engine version, model, adapter, request and seed give the same PCM,
 *    bit for bit, on any host and with any number of threads.
 *  - It touches nothing but its model and adapter files: no database, no other files, and no
 *    network (the remote engines excepted).
 *  - It returns exactly round(duration × rate) frames, loudness as it comes: mastering is the
 *    caller's business unless the engine says in `mastered` that it has done it.
 *  - What it cannot honour of a prompt is no error: it is listed in `understood`. */
#ifndef EARSHOT_ENGINE_ENGINE_H
#define EARSHOT_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audio/pcm.h"
#include "base/buf.h"

struct conf_remote;
struct err;
struct cJSON;

enum engine_adapters { ADAPTERS_NONE, ADAPTERS_STYLE, ADAPTERS_LORA, ADAPTERS_REMOTE };

enum { ENGINE_MODEL_ID = 65, ENGINE_REMEDY = 256, ENGINE_TURN = 17 };

/* The model of a request that names none, where the configuration names none either. */
#define ENGINE_DEFAULT_MODEL "band"

/* One model that an engine offers: a value. Texts are UTF-8. */
struct engine_model {
	char id[ENGINE_MODEL_ID];	/* "band"; unique over all engines */
	char display_name[96];
	char description[400];
	char hf_model_id[128];		/* "" where there is none */
	double max_duration_s, recommended_duration_s;
	double vram_gb;
	int sample_rate, channels;
	enum engine_adapters adapters;
	double max_adapter_scale;	/* 0: the 2 of set_adapter() */
	bool sampling;			/* it heeds temperature, top_k, top_p and guidance_scale */
	int at_once;			/* jobs that it bears, of all hosts; 0: no limit of its own */
	/* "" : each job has its own adapter. Jobs of all models with the same one, which bear only
	 * so many at once, have one between them. */
	char turn[ENGINE_TURN];
	uint64_t stamp;			/* another one when its files have changed */
};

/* Models, as engines list them. {0} is empty. */
struct engine_models {
	struct engine_model *list;	/* owned */
	size_t n;
};

/* Adds a copy, unless there is one of that id. */
void engine_models_add(struct engine_models *l, const struct engine_model *m);
void engine_models_free(struct engine_models *l);

/* What the configuration tells the engines. Borrowed. */
struct engine_env {
	const char *soundfont;		/* "" : look in the usual places */
	const char *models_dir;		/* where model weights are: each folder in it is a model */
	const char *folder;		/* one more, see engine_folder_id(); NULL: none */
	int threads;			/* of one take, at most; 0: one a processor */
	const struct conf_remote *remotes;	/* servers elsewhere */
	size_t n_remotes;
	const char *state_dir;		/* for locks; NULL where nothing is generated */
};

/* What a request has where nobody asked for anything else, as in the API. */
#define ENGINE_TEMPERATURE 1.0
#define ENGINE_TOP_K 250
#define ENGINE_TOP_P 0.0
#define ENGINE_GUIDANCE 3.0

/* One request, already validated. All pointers are borrowed for the call. */
struct engine_request {
	const char *prompt;		/* UTF-8, 1–2000 characters */
	const struct cJSON *attributes;	/* object as in api: style, tempo, key, …; or NULL */
	double duration_s;		/* > 0, ≤ the model's limit */
	uint32_t seed;
	double temperature, top_p, guidance_scale;
	int top_k;
	bool greedy;			/* nothing is drawn: always what is most likely */
	/* So many more will be asked for next that differ in their seeds alone, the next numbers:
	 * who makes them together takes less time. Each is what it would be alone. */
	int more;
};

/* Called now and then with how far it is (0…1) and a short static word for the stage ("composing").
 * What it does of the `more` takes that come next counts, too: then it ends beyond 1, by as much
 * as those begin later than at 0. Returning false means stop: generate() then fails with
 * ERR_STOPPED as soon as it can. */
struct engine_progress {
	bool (*report)(void *ctx, double done, const char *stage);
	void *ctx;
};

/* What came out. Zero it before the call; release with engine_result_free(). */
struct engine_result {
	struct pcm pcm;			/* owned */
	bool mastered;			/* already at its final loudness */
	char title[128];		/* for the file's tags, UTF-8 */
	/* owned object: what of the prompt was understood and what ignored */
	struct cJSON *understood;
	/* a Standard MIDI File, empty where the engine has no score */
	struct buf midi;
	/* What a neural model chose, a line of numbers for each of its codebooks; empty where there
	 * is nothing of the kind. */
	struct buf codes;
};

/* What an adapter is to be learned from: files that come from outside. Borrowed. */
struct engine_training {
	const char *name, *description;	/* of the adapter; description NULL: one is made */
	const struct engine_lesson {
		const char *name;	/* of the file, for people */
		const void *bytes;
		size_t n;
	} *lessons;
	size_t n;
	/* Called for each file that nothing can be learned from, which is then left out. NULL: such
	 * a file is an error, "NAME: byte 22: …". */
	void (*skipped)(void *ctx, const char *name, const char *reason);
	void *ctx;
};

struct engine;			/* opaque: one loaded model */

struct engine_table {
	const char *name;		/* "band", "musicgen", … */
	int version;			/* raised when the same request may sound different */
	/* Who stops the process lets generate() end by progress first: it has somebody to tell. */
	bool parting;

	/* Adds those that it has, or would have if their files were there. */
	void (*models)(const struct engine_env *env, struct engine_models *out);

	/* Can this installation run the model? 0, or -1 with a sentence that says what is missing
	 * and how to get it. Where one command for a shell would do, it is in *remedy as well,
	 * which the caller has emptied: "earshot model fetch ID", say. */
	int (*check)(const char *model_id, const struct engine_env *env,
		char remedy[ENGINE_REMEDY], struct err *e);

	/* Load a model, to be used for many jobs. NULL with *e. */
	struct engine *(*open)(const char *model_id, const struct engine_env *env, struct err *e);

	/* Is this file (or a folder that pack_adapter() takes) an adapter that fits the model? 0,
	 * with what it holds in *about (an object for people, owned by the caller; may stay NULL),
	 * or -1 with ERR_INVALID and a sentence that names the tensor or field. The file comes from
	 * outside. Engines without adapters: NULL. */
	int (*check_adapter)(const char *model_id, const struct engine_env *env, const char *path,
		struct cJSON **about, struct err *e);

	/* Make one file of an adapter that others keep as a folder of several. Engines whose
	 * adapters are one file anyway: NULL. */
	int (*pack_adapter)(const char *folder, const char *out, struct err *e);

	/* Learn an adapter: its file, as check_adapter() takes it, is appended to out, and what was
	 * learnt to told, a line in plain words for each thing. The same files in any order give
	 * the same bytes. Engines that cannot: NULL. */
	int (*train)(const char *model_id, const struct engine_training *t, struct buf *out,
		struct buf *told, struct err *e);

	/* Use this adapter file (NULL: the base model) at this scale, 0 … 2, from now on. At 0 the
	 * sound is that of the base model, bit for bit. Engines without adapters: NULL. */
	int (*set_adapter)(struct engine *g, const char *path, double scale, struct err *e);

	int (*generate)(struct engine *g, const struct engine_request *q,
		const struct engine_progress *p, struct engine_result *out, struct err *e);

	/* Play a score that generate() has made: the same sound, to the bit, or one of the stems that
	 * stems names (NULL: all of it). A stem is unmastered; all stems, added in their order, are the
	 * sound of `stem` "mix", which generate() has returned. The score comes from outside:
	 * ERR_INVALID and a sentence. Engines without scores: NULL. */
	int (*render)(struct engine *g, const void *midi, size_t bytes, const char *stem,
		const struct engine_progress *p, struct engine_result *out, struct err *e);
	const char *const *stems;	/* NULL-terminated */

	/* Only what the engine would understand of the prompt, without making a sound, with the
	 * adapter of a file as set_adapter() has it (NULL: none). Owned by the caller; NULL: e. */
	struct cJSON *(*explain)(const struct engine_request *q, const char *adapter, double scale,
		struct err *e);

	void (*close)(struct engine *g);	/* NULL is fine */
};

/* All engines of this build, ended by NULL. */
extern const struct engine_table *const engines[];

/* The engine of the model with that id, which is copied to *model (NULL: not wanted); NULL when no
 * engine has it. */
const struct engine_table *engine_find(const char *model_id, const struct engine_env *env,
	struct engine_model *model);

/* What a model is called that is a folder anywhere: as the last part of its path. */
void engine_folder_id(const char *folder, char id[ENGINE_MODEL_ID]);

void engine_result_free(struct engine_result *r);

#endif
