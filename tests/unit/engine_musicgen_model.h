/* For the tests of MusicGen's networks: a model that is open as long as the program runs, and hands
 * to compute with. */
#ifndef EARSHOT_TESTS_UNIT_ENGINE_MUSICGEN_MODEL_H
#define EARSHOT_TESTS_UNIT_ENGINE_MUSICGEN_MODEL_H

#include "base/err.h"
#include "engine/musicgen/model.h"

/* A small checkpoint with random weights, and what others computed of it: its README. */
#define MUSICGEN_DATA "tests/data/musicgen/"

static struct model *model;
static struct hands hands;

/* Open the checkpoint in a folder: 0, or -1, as group setups return it. */
static inline int
model_begin(const char *folder)
{
	struct err e = {0};

	hands = (struct hands){ crew_start(2), kernels_best() };
	if (!(model = model_open(folder, NULL, &e))) print_error("%s\n", e.text);
	return model ? 0 : -1;
}

/* Group setup: the checkpoint of MUSICGEN_DATA. */
static inline int
model_setup(void **state)
{
	(void)state;
	return model_begin(MUSICGEN_DATA "model");
}

/* Group teardown. */
static inline int
model_teardown(void **state)
{
	(void)state;
	model_close(model);
	crew_stop(hands.crew);
	return 0;
}

#endif
