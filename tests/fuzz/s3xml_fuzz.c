/* Any answer of an S3 server: refused with a sentence, or elements within their limits. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "storage/s3xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
each(void *ctx, const char *path, const char *text, struct err *e)
{
	size_t *n = ctx, depth = 1;

	(void)e;
	++*n;
	if (!*path || strlen(path) >= S3XML_PATH || strlen(text) > S3XML_TEXT) abort();
	for (const char *p = path; *p; p++) depth += *p == '/';
	if (depth > S3XML_DEPTH || *path == '/' || path[strlen(path) - 1] == '/') abort();
	if (!str_is_utf8(path, strlen(path)) || !str_is_utf8(text, strlen(text))) abort();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = {0};
	size_t n = 0;

	if (s3xml_read((const char *)data, size, each, &n, &e)) {
		if (e.kind != ERR_UNREADABLE || !*e.text) abort();
	} else if (n > size) abort();
	return 0;
}
