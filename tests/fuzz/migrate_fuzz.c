/* Any text as a migration: statements lie one behind the other within the text, and the end is
 * reached. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "db/migrate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *sql = strndup((const char *)data, size);
	size_t at = 0, before = 0, start, n, length;
	int more;

	if (!sql) abort();
	length = strlen(sql);
	while ((more = migrate_next_statement(sql, &at, &start, &n)) == 1) {
		if (start < before || start + n > at || at <= before || at > length) abort();
		before = at;
	}
	if (more == 0 && at != length) abort();
	free(sql);
	return 0;
}
