/* MusicGen as an engine for one test program: a folder of models with `tiny` in it, a small checkpoint
 * with random weights. engine_begin() is the group setup, temp_remove() its teardown. */
#ifndef EARSHOT_TESTS_UNIT_ENGINE_MUSICGEN_ENGINE_H
#define EARSHOT_TESTS_UNIT_ENGINE_MUSICGEN_ENGINE_H

#include "../musicgen/checkpoint.h"
#include "base/err.h"
#include "base/io.h"
#include "engine/engine.h"
#include "temp.h"

static const struct engine_table *table;
static struct engine_env env;

/* A checkpoint of this shape in the folder of models. */
static inline void
put_model(const char *id, const struct musicgen_config *c)
{
	struct err e;

	assert_int_equal(io_mkdirs(TEMP(id), 0755, &e), 0);
	assert_int_equal(checkpoint_make(TEMP(id), c), 0);
}

static inline int
engine_begin(void **state)
{
	if (temp_make(state) != 0) return -1;
	env = (struct engine_env){ .models_dir = temp_dir, .soundfont = "", .threads = 1 };
	put_model("tiny", &checkpoint_tiny);
	table = engine_find("tiny", &env, NULL);
	return table ? 0 : -1;
}

#endif
