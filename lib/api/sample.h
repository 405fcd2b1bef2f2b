/* A sample as the API shows it. */
#ifndef EARSHOT_API_SAMPLE_H
#define EARSHOT_API_SAMPLE_H

#include "base/jtext.h"
#include "records/samples.h"

struct request;

/* Append it, with its feedback, which must have been read; label ("A") is how an answer with
 * several calls it, or NULL. */
void sample_write(const struct request *req, const struct sample *s, const char *label,
	struct jtext *out);

#endif
