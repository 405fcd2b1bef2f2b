/* Any answer of an S3 server: refused as one that another try may make good, or understood within
 * its limits. The same text is tried as each answer, and as a header. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "refusal.h"
#include "storage/s3answer.h"
#include "storage/storage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char above[] = "studio/", prefix[] = "audio/";

static int
each(void *ctx, const char *key, uint64_t size_bytes, struct err *e)
{
	size_t *n = ctx;

	if (!storage_key_ok(key) || !str_starts(key, prefix) || size_bytes > UINT64_MAX / 2)
		abort();
	/* Somebody may have had enough. */
	return ++*n < 8 ? 0 : err_set(e, ERR_STOPPED, "enough");
}

static void
refused(const struct err *e)
{
	if (e->kind != ERR_AWAY) abort();
	check_sentence(e);
}

static void
check_line(const char *text, size_t size)
{
	if (!memchr(text, '\0', size) || !str_is_utf8(text, strlen(text)) || strpbrk(text, "\r\n"))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n = 0;
	struct s3_page p = { .each = each, .ctx = &n, .above = above, .prefix = prefix };
	static struct s3_uploads u;
	struct s3_refusal r;
	char id[S3_UPLOAD_ID];
	struct buf text = {0};
	struct err e = {0};
	uint64_t first, last;

	buf_add(&text, data, size);
	if (s3_answer_page(&text, &p, &e) && e.kind != ERR_STOPPED) refused(&e);
	if (!memchr(p.token, '\0', sizeof p.token)) abort();
	if (s3_answer_upload_id(&text, id, &e)) refused(&e);
	else if (!*id || !memchr(id, '\0', sizeof id)) abort();
	if (s3_answer_uploads(&text, above, "audio/a", &u, &e)) refused(&e);
	if (u.n < 0 || u.n > S3_UPLOADS) abort();
	for (int i = 0; i < u.n; i++)
		if (!*u.ids[i] || !memchr(u.ids[i], '\0', S3_UPLOAD_ID)) abort();
	s3_answer_refusal(&text, &r);
	check_line(r.code, sizeof r.code);
	check_line(r.message, sizeof r.message);
	if (s3_answer_range(buf_str(&text), &first, &last) && first > last) abort();
	buf_free(&text);
	return 0;
}
