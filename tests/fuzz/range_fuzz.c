/* Any Range header against any length: what comes out lies within the file. */
#include <stdlib.h>
#include <string.h>

#include "http/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct range r[RANGE_MAX];
	uint64_t length = 0;
	size_t n;
	char *header;
	enum range_answer answer;

	if (size < sizeof length) return 0;
	memcpy(&length, data, sizeof length);
	header = strndup((const char *)data + sizeof length, size - sizeof length);
	if (!header) abort();
	answer = range_parse(header, length, r, &n);
	if (answer == RANGE_PARTIAL && (n < 1 || n > RANGE_MAX)) abort();
	for (size_t i = 0; answer == RANGE_PARTIAL && i < n; i++)
		if (r[i].first > r[i].last || r[i].last >= length) abort();
	free(header);
	return 0;
}
