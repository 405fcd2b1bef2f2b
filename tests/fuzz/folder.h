/* A folder for a fuzz target, removed with all that is in it when the program ends: temp_dir, and
 * TEMP(name) for a path in it. */
#ifndef EARSHOT_TESTS_FUZZ_FOLDER_H
#define EARSHOT_TESTS_FUZZ_FOLDER_H

#include "../unit/temp.h"

static inline void
folder_remove(void)
{
	temp_remove(NULL);
}

static inline void
folder_make(void)
{
	if (temp_make(NULL) != 0) abort();
	atexit(folder_remove);
}

#endif
