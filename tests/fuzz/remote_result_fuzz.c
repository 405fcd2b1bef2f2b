/* A result in parts: the sound that is found lies in it, whatever the parts are. The first line is
 * the Content-Type. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/remote/protocol.h"
#include "refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *line = memchr(text, '\n', size), *sound;
	const struct remote_protocol *p = remote_protocol_find("acestep.cpp");
	const char *body = line + 1, *end = text + size;
	struct err e = {0};
	size_t n;
	char *type;

	if (!line) return 0;
	if (!(type = strndup(text, (size_t)(line - text)))) abort();
	if (p->unpack("gpu", type, body, (size_t)(end - body), &sound, &n, &e)) {
		if (e.kind != ERR_AWAY) abort();
		check_sentence(&e);
	} else if (sound < body || n > (size_t)(end - sound)) {
		abort();
	}
	free(type);
	return 0;
}
