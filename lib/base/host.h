/* What this process may use of its host, by the machine, by its control groups (a container's
 * limits, version 1 and 2) and by its own limits. The kernel's files are looked for below `root`:
 * "", but for tests. What cannot be read is no limit. */
#ifndef EARSHOT_BASE_HOST_H
#define EARSHOT_BASE_HOST_H

#include <stdint.h>

/* Processors that it may run on, no more than its share of time is worth: ≥ 1. */
int host_processors(const char *root);

struct host_memory {
	uint64_t most;			/* bytes that it may have; UINT64_MAX: nobody knows */
	const char *bound;		/* what says so: "this machine has", static */
	uint64_t now;			/* bytes to be had now, beyond what it has */
};

/* The limit of address space (RLIMIT_AS) counts for both numbers. */
void host_memory(const char *root, struct host_memory *m);

#endif
