/* Files that name an adapter of a server elsewhere: refused in a sentence, or a name without
 * anything that leads upwards or breaks a line. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/remote/adapter.h"
#include "refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[REMOTE_ADAPTER];
	struct err e = {0};

	if (remote_adapter_parse((const char *)data, size, name, &e)) check_refusal(&e);
	else if (!*name || !str_is_utf8(name, strlen(name)) || strpbrk(name, "\r\n\t\"\\") ||
		strstr(name, "/../"))
		abort();
	return 0;
}
