/* Any text as a configuration: refused with a sentence that names the file, or values within their
 * limits. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	struct conf c;
	struct err e = {0};

	if (!text) abort();
	if (conf_parse(&c, text, "/etc/e.conf", &e)) {
		if (e.kind != ERR_INVALID || !str_starts(e.text, "/etc/e.conf:")) abort();
	} else {
		if (strlen(c.state_dir) >= sizeof c.state_dir || strlen(c.hosts) >= sizeof c.hosts)
			abort();
		if (!*c.state_dir || !*c.storage_dir || !*c.s3_dir) abort();
		if ((strcmp(c.storage, "local") != 0 && strcmp(c.storage, "s3") != 0) ||
			strcmp(c.storage, c.storage_from) == 0 || c.s3_part_mb < 5)
			abort();
		if (c.workers > 256 || c.worker_nice > 19 || c.max_attempts < 1 ||
			c.lease_ms < 300 || c.database_port > 65535)
			abort();
		if (c.n_remotes > CONF_REMOTES) abort();
		for (uint32_t i = 0; i < c.n_remotes; i++)
			if (!*c.remotes[i].name || !str_starts(c.remotes[i].url, "http") ||
				strchr(c.remotes[i].url, '@') || !c.remotes[i].concurrency)
				abort();
	}
	free(text);
	return 0;
}
