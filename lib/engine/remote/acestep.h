/* What the two halves of ACE-Step's protocol share: acestep.c has its jobs, acestep_lora.c its
 * adapters. */
#ifndef EARSHOT_ENGINE_REMOTE_ACESTEP_H
#define EARSHOT_ENGINE_REMOTE_ACESTEP_H

#include <cjson/cJSON.h>
#include <stdint.h>

struct err;
struct remote_answer;
struct remote_message;
struct remote_shared_adapter;

/* An answer that says it is one: the tree, owned by the caller, and its data, borrowed from it
 * (NULL: none). NULL with remote_refuses()'s errors. */
cJSON *acestep_open(const struct remote_answer *a, const cJSON **data, struct err *e);

/* How many jobs it has: what it is asked, and -1 with *e where it answers something else. */
void acestep_count(struct remote_message *m);
int acestep_counted(const struct remote_answer *a, int64_t *jobs, struct err *e);

extern const struct remote_shared_adapter acestep_shared_adapter;

#endif
