#include "base/place.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"

enum { LOOK_US = 10000 };

int
place_take(const char *dir, const char *name, int n, struct err *e)
{
	for (int i = 0; i < n; i++) {
		char file[64], path[PATH_MAX];
		int fd;

		snprintf(file, sizeof file, "%s-%d.lock", name, i);
		if (io_join(path, sizeof path, dir, file, e)) return -1;
		if ((fd = io_lock_file(path, e)) >= 0) return fd;
		if (e->kind != ERR_CONFLICT) return -1;
	}
	return PLACE_NONE;
}

int
place_wait(const char *dir, const char *name, int n, int wait_ms, struct err *e)
{
	int64_t until_ms = clock_now_ms() + wait_ms;
	int fd;

	while ((fd = place_take(dir, name, n, e)) == PLACE_NONE && clock_now_ms() < until_ms)
		usleep(LOOK_US);
	return fd;
}
