/* Any bytes as the SHA256SUMS of a backup: every line that is taken names the records, or an object
 * by a key that leads nowhere else; all others are refused. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/sums.h"
#include "memory_file.h"
#include "refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct memory_file file;
	FILE *list = fopen(memory_file(&file, data, size), "re");
	char key[STORAGE_KEY];
	uint8_t sha256[SHA256_BYTES];
	struct err e = {0};
	size_t lines = 0;
	int more;

	if (!list) abort();
	while ((more = sums_next(list, key, sha256, &e)) == 1) {
		if (*key && (!storage_key_ok(key) || *key == '/' || str_starts(key, "../") ||
			strstr(key, "/../")))
			abort();
		lines++;
	}
	if (more < 0) check_refusal(&e);
	/* A line is no shorter than that of the records. */
	else if (lines * (SHA256_HEX + 2 + strlen("records.tsv")) > size) abort();
	fclose(list);
	return 0;
}
