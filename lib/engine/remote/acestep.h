/* What the two halves of ACE-Step's protocol share: acestep.c has its jobs, acestep_lora.c its
 * adapters. */
#ifndef EARSHOT_ENGINE_REMOTE_ACESTEP_H
#define EARSHOT_ENGINE_REMOTE_ACESTEP_H

#include <cjson/cJSON.h>

struct err;
struct remote_answer;
struct remote_shared_adapter;

/* An answer that says it is one: the tree, owned by the caller, and its data, borrowed from it
 * (NULL: none). NULL with remote_refuses()'s errors. */
cJSON *acestep_open(const struct remote_answer *a, const cJSON **data, struct err *e);

extern const struct remote_shared_adapter acestep_shared_adapter;

#endif
