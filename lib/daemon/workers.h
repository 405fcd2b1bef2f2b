/* How many workers a host has. Pure. */
#ifndef EARSHOT_DAEMON_WORKERS_H
#define EARSHOT_DAEMON_WORKERS_H

#include <stdint.h>

/* asked: the setting; 0: as many as there are processors, but no more than this host lets us have,
 * since on a shared one the processors are everybody's. memory: bytes; processes: RLIMIT_NPROC. */
int workers_count(uint32_t asked, int processors, uint64_t memory, uint64_t processes);

#endif
