/* What this process finds on its host and may use of it, by the machine, by its control groups (a container's
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

/* Bytes of address space that this process may still take; UINT64_MAX: as many as there are. */
uint64_t host_address_space(const char *root);

/* What hosts allow their users (ulimit), and groups of processes; UINT64_MAX: there is no limit. */
struct host_limits {
	uint64_t processes;		/* threads are counted as processes are */
	uint64_t running;		/* of these now */
	uint64_t files;			/* that a process may have open */
	uint64_t file_bytes;		/* of a file */
	uint64_t address_bytes;		/* of a process */
};

void host_limits(const char *root, struct host_limits *l);

/* The file of the certificates that this system trusts, which distributions have in different
 * places, so that a program that was made on one of them (`make bundle`) finds it on another.
 * Static; NULL: there is none, and libcurl may know better. */
const char *host_certificates(const char *root);

#endif
