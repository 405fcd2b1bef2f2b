/* What MusicGen reads of a request: one text. Attributes, which it has no other place for, are
 * added to it in words. */
#ifndef EARSHOT_ENGINE_MUSICGEN_PROMPT_H
#define EARSHOT_ENGINE_MUSICGEN_PROMPT_H

#include "base/buf.h"

struct cJSON;

/* "slow waltz, jazz, calm, in A minor, 90 bpm, with piano and double bass". attributes: as in
 * engine_request. */
void prompt_text(const char *prompt, const struct cJSON *attributes, struct buf *out);

#endif
