#include "daemon/workers.h"

#include "daemon/state.h"

/* What a worker has at its peak, and what it needs of processes with its threads: twice that. */
enum { WORKER_BYTES = 192 << 20, WORKER_PROCESSES = 8 };

static uint64_t
smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

int
workers_count(uint32_t asked, int processors, uint64_t memory, uint64_t processes)
{
	uint64_t n = asked;

	if (!n) n = smaller(smaller((uint64_t)processors, memory / WORKER_BYTES),
		processes / WORKER_PROCESSES);
	return n < 1 ? 1 : (int)smaller(n, MAX_WORKERS);
}
