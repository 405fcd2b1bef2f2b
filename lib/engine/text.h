/* A request as one text, for engines that read nothing else. Attributes, which they have no other
 * place for, are added to it in words. */
#ifndef EARSHOT_ENGINE_TEXT_H
#define EARSHOT_ENGINE_TEXT_H

#include "base/buf.h"

struct cJSON;
struct engine_request;
struct err;

/* "slow waltz, jazz, calm, in A minor, 90 bpm, with piano, double bass". attributes: as in
 * engine_request. */
void text_of(const char *prompt, const struct cJSON *attributes, struct buf *out);

/* What `understood` says of it: the text where it is not the prompt. Owned by the caller. */
struct cJSON *text_understood(const struct engine_request *q, const char *text);

/* explain() of such an engine. */
struct cJSON *text_explain(const struct engine_request *q, const char *adapter, double scale,
	struct err *e);

#endif
