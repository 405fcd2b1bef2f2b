/* A folder for one test program, made by its group setup and removed with all that is in it. */
#ifndef EARSHOT_TESTS_UNIT_TEMP_H
#define EARSHOT_TESTS_UNIT_TEMP_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static char temp_dir[128];

static int
temp_make(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	snprintf(temp_dir, sizeof temp_dir, "%s/earshot-unit-XXXXXX",
		base && *base ? base : "/tmp");
	return mkdtemp(temp_dir) ? 0 : -1;
}

static int
temp_remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static int
temp_remove(void **state)
{
	(void)state;
	return nftw(temp_dir, temp_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A path in it; valid until the end of the calling block. */
#define TEMP(name) temp_path(name, (char[600]){0})
static inline const char *
temp_path(const char *name, char *out)
{
	snprintf(out, 600, "%s/%s", temp_dir, name);
	return out;
}

#endif
