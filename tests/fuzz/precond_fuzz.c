/* Any entity tag list and date: a list that holds our tag strongly holds it weakly too. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/precond.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct precond_state s = { "\"a\"", 1000000, 5000000 };
	char *text = strndup((const char *)data, size);
	struct precond p = { .if_none_match = text, .if_match = text, .if_range = text };
	struct precond dates = { .if_modified_since = text, .if_unmodified_since = text };

	if (!text) abort();
	if (precond_etag_in(text, s.etag, false) && !precond_etag_in(text, s.etag, true)) abort();
	if (precond_check(&p, &s, false) == PRECOND_NOT_MODIFIED) abort();
	precond_check(&p, &s, true);
	precond_check(&dates, &s, true);
	precond_allows_range(&p, &s);
	free(text);
	return 0;
}
