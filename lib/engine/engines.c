#include "engine/engine.h"

extern const struct engine_table band_engine, musicgen_engine, remote_engine;

const struct engine_table *const engines[] = {
	&band_engine,
	&musicgen_engine,
	&remote_engine,
	NULL,
};
