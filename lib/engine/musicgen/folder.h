/* The folders of checkpoints: which models they are, and what is missing in one.
 *
 * Each folder below the configured one is a model, called as the folder is; those whose names
 * begin with a dot are on their way (`earshot model fetch`). A folder has config.json,
 * tokenizer.json and the weights: model.safetensors, or its index with shards, or what was prepared
 * of these. */
#ifndef EARSHOT_ENGINE_MUSICGEN_FOLDER_H
#define EARSHOT_ENGINE_MUSICGEN_FOLDER_H

#include "engine/engine.h"
#include "engine/musicgen/config.h"

enum {
	FOLDER_PATH = 4096,		/* bytes of a path */
	FOLDER_FILE = 64,		/* of a file's name, where it has a role */
};

/* What a file of a checkpoint's folder is, by its name alone. */
enum folder_role {
	FOLDER_OTHER,			/* nothing to this engine */
	FOLDER_CONFIG, FOLDER_TOKENIZER,
	FOLDER_WEIGHTS,			/* all of them, or a part */
	FOLDER_INDEX,			/* of parts */
	FOLDER_PREPARED,		/* what `earshot model prepare` makes of the weights */
	FOLDER_MORE,			/* of a checkpoint, not needed */
};
enum folder_role folder_role_of(const char *name);

/* Checkpoints that have an id whether they are there or not; the id of the last one is NULL. */
struct folder_known {
	const char *id, *display_name, *description;
	const char *hub;		/* OWNER/NAME on the Hugging Face Hub */
};
extern const struct folder_known folder_known[];

/* NULL: it is none of these. */
const struct folder_known *folder_find_known(const char *id);

/* May a model be called so? 1–64 of A–Z a–z 0–9 . _ -, the first no dot. */
bool folder_name_ok(const char *id);

/* Where the model is, or would be. ERR_NOT_FOUND when that is no name of a model. */
int folder_of(const char *id, const struct engine_env *env, char path[FOLDER_PATH], struct err *e);

/* All models, known ones first. Broken ones are among them: folder_check() says why. */
void folder_list(const struct engine_env *env, struct engine_models *out);

/* What is there. */
struct folder_files {
	struct musicgen_config config;
	uint64_t weight_bytes;		/* of the files of the weights that are run from */
	bool prepared;			/* that is the prepared one */
	uint64_t stamp;			/* another one when a file has changed */
};

/* Is all there that a model needs? Weights are not looked into. -1 with ERR_NOT_FOUND (a file is
 * missing) or ERR_INVALID and a sentence without the folder's path. */
int folder_check(const char *path, struct folder_files *f, struct err *e);

#endif
