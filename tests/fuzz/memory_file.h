/* Bytes as a file in memory, for what reads files by their paths. */
#ifndef EARSHOT_TESTS_FUZZ_MEMORY_FILE_H
#define EARSHOT_TESTS_FUZZ_MEMORY_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct memory_file {
	int fd;				/* 0: not made yet */
	char path[40];
};

/* The path of a file that holds these bytes, until the next call with f. No one may have it
 * open. */
static inline const char *
memory_file(struct memory_file *f, const uint8_t *data, size_t size)
{
	if (!f->fd) {
		f->fd = memfd_create("input", MFD_CLOEXEC);
		if (f->fd <= 0) abort();
		snprintf(f->path, sizeof f->path, "/proc/self/fd/%d", f->fd);
	}
	if (ftruncate(f->fd, 0) != 0 || pwrite(f->fd, data, size, 0) != (ssize_t)size) abort();
	return f->path;
}

#endif
