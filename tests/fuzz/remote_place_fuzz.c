/* Addresses that a server elsewhere names: what we would ask is asked of that server, or refused.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/remote/place.h"
#include "refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char url[] = "http://gpu.example:8001/ace";
	char *said = strndup((const char *)data, size);
	struct buf out = {0};
	struct err e = {0};

	if (!said) abort();
	if (place_of("gpu", url, said, &out, &e)) {
		if (e.kind != ERR_UNREADABLE || out.n) abort();
		check_sentence(&e);
	} else if (!str_starts(buf_str(&out), url) && !place_same_host(url, buf_str(&out))) {
		abort();
	}
	buf_free(&out);
	free(said);
	return 0;
}
