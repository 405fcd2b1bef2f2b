/* Any query string: either an error with a sentence, or parameters that are text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "http/paging.h"
#include "http/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct query q = {0};
	struct paging p;
	struct err e = {0};
	char *raw = strndup((const char *)data, size);

	if (!raw) abort();
	if (query_parse(&q, raw, &e)) {
		if (e.kind != ERR_UNREADABLE || !*e.text) abort();
	} else {
		for (size_t i = 0; i < q.n; i++)
			if (!str_is_utf8(q.param[i].name, strlen(q.param[i].name)) ||
				!str_is_utf8(q.param[i].value, strlen(q.param[i].value)))
				abort();
		if (!paging_read(&p, &q, PAGING_PAGE | PAGING_CURSOR, &e) && (p.limit > PAGING_MAX_LIMIT || p.offset > PAGING_MAX_OFFSET)) abort();
	}
	query_free(&q);
	free(raw);
	return 0;
}
