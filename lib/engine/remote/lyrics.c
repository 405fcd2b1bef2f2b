#include "engine/remote/lyrics.h"

#include <stdbool.h>
#include <string.h>

static const char blank[] = " \t\r";

static bool
is_tag(const char *line, size_t n)
{
	while (n && strchr(blank, line[n - 1])) n--;
	return n > 2 && line[0] == '[' && line[n - 1] == ']' && !memchr(line + 1, '[', n - 1) &&
		memchr(line, ']', n) == line + n - 1;
}

const char *
lyrics_of(const char *prompt)
{
	const char *line = prompt;

	for (;;) {
		size_t n = strcspn(line, "\n"), indent = strspn(line, blank);

		if (indent < n && is_tag(line + indent, n - indent)) return line + indent;
		if (!line[n]) return NULL;
		line += n + 1;
	}
}
