/* Sending a file to a bucket (s3.h). */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "storage/s3.h"
#include "storage/s3answer.h"
#include "storage/s3call.h"
#include "storage/storage.h"

/* S3's limit. */
enum { MAX_PARTS = 10000 };

static int
put_whole(struct s3_site *s, const char *key, int fd, uint64_t bytes, struct err *e)
{
	struct s3_call c = { .method = "PUT", .key = key, .has_file = true, .fd = fd,
		.file_bytes = bytes };
	int rc = s3_call(s, &c, e);

	s3_call_free(&c);
	return rc;
}

/* *again: it was asked for more than once, and may be begun twice. */
static int
begin(struct s3_site *s, const char *key, char id[S3_UPLOAD_ID], bool *again, struct err *e)
{
	static const struct sigv4_pair uploads = { "uploads", "" };
	struct s3_call c = { .method = "POST", .key = key, .query = &uploads, .n_query = 1 };
	int rc = s3_call(s, &c, e) || s3_answer_upload_id(&c.text, id, e) ? -1 : 0;

	*again = c.tries > 1;
	s3_call_free(&c);
	return rc;
}

/* Send one part and add it to the list that ends the upload. */
static int
put_part(struct s3_site *s, const char *key, const char *id, unsigned number, int fd,
	uint64_t offset, uint64_t bytes, struct buf *list, struct err *e)
{
	char text[16];
	struct sigv4_pair query[] = { { "partNumber", text }, { "uploadId", id } };
	struct s3_call c = { .method = "PUT", .key = key, .query = query, .n_query = NELEM(query),
		.has_file = true, .fd = fd, .file_offset = offset, .file_bytes = bytes };
	int rc;

	snprintf(text, sizeof text, "%u", number);
	rc = s3_call(s, &c, e);
	if (!rc && (!*c.etag || strpbrk(c.etag, "<>&")))
		rc = err_set(e, ERR_AWAY, "storage: the S3 server does not name the part it got");
	buf_addf(list, "<Part><PartNumber>%u</PartNumber><ETag>%s</ETag></Part>", number, c.etag);
	s3_call_free(&c);
	return rc;
}

/* Is the object there with this length? */
static int
check_size(struct s3_site *s, const char *key, uint64_t bytes, struct err *e)
{
	struct s3_call c = { .method = "HEAD", .key = key };
	int rc = s3_call(s, &c, e);

	s3_call_free(&c);
	if (!rc && (c.length < 0 || (uint64_t)c.length != bytes))
		rc = err_set(e, ERR_AWAY, "storage: %s arrived with %lld bytes, not %llu", key,
			(long long)c.length, (unsigned long long)bytes);
	return rc;
}

/* The server may take long, and then answer 200 with an error in it; or have done it when the
 * answer was lost, and know no such upload when it is asked again. */
static int
finish(struct s3_site *s, const char *key, const char *id, const struct buf *list, uint64_t bytes,
	struct err *e)
{
	struct sigv4_pair query = { "uploadId", id };
	struct s3_call c = { .method = "POST", .key = key, .query = &query, .n_query = 1,
		.body = list, .slow = true };
	int rc = s3_call(s, &c, e);

	s3_call_free(&c);
	if (rc && e->kind != ERR_NOT_FOUND && e->kind != ERR_AWAY) return -1;
	return check_size(s, key, bytes, e);
}

static int
give_up(struct s3_site *s, const char *key, const char *id, struct err *e)
{
	struct sigv4_pair query = { "uploadId", id };
	struct s3_call c = { .method = "DELETE", .key = key, .query = &query, .n_query = 1 };
	int rc = s3_call(s, &c, e);

	s3_call_free(&c);
	return rc && e->kind != ERR_NOT_FOUND ? -1 : 0;
}

static int
put_parts(struct s3_site *s, const char *key, int fd, uint64_t bytes, uint64_t part_bytes,
	struct err *e)
{
	struct buf list = {0};
	char id[S3_UPLOAD_ID];
	struct err ignored;
	unsigned n = 0;
	bool again;
	int rc;

	if (part_bytes < bytes / MAX_PARTS + 1) part_bytes = bytes / MAX_PARTS + 1;
	if (begin(s, key, id, &again, e)) return -1;
	buf_adds(&list, "<CompleteMultipartUpload>");
	rc = 0;
	for (uint64_t at = 0; !rc && at < bytes; at += part_bytes)
		rc = put_part(s, key, id, ++n, fd, at, bytes - at < part_bytes ? bytes - at
			: part_bytes, &list, e);
	buf_adds(&list, "</CompleteMultipartUpload>");
	if (!rc) rc = finish(s, key, id, &list, bytes, e);
	if (rc) give_up(s, key, id, &ignored);
	if (again) s3_put_forget(s, key, &ignored);
	buf_free(&list);
	return rc;
}

int
s3_put_file(struct s3_site *s, const char *key, int fd, uint64_t bytes, uint64_t part_bytes,
	struct err *e)
{
	int rc = bytes > part_bytes ? put_parts(s, key, fd, bytes, part_bytes, e)
		: put_whole(s, key, fd, bytes, e);

	/* A bucket that is not there is not an object that is not there. */
	if (rc && e->kind == ERR_NOT_FOUND) e->kind = ERR_AWAY;
	return rc;
}

int
s3_put_forget(struct s3_site *s, const char *key, struct err *e)
{
	char prefix[S3_PREFIX + STORAGE_KEY];
	struct sigv4_pair query[] = { { "uploads", "" }, { "prefix", prefix },
		{ "max-uploads", "100" } };
	struct s3_call c = { .method = "GET", .query = query, .n_query = NELEM(query) };
	struct s3_uploads u = { .n = 0 };
	int rc;

	snprintf(prefix, sizeof prefix, "%s%s", s->prefix, key);
	rc = s3_call(s, &c, e);
	if (!rc) rc = s3_answer_uploads(&c.text, s->prefix, key, &u, e);
	/* Some servers cannot tell. */
	else if (c.status == 501) rc = 0;
	for (int i = 0; !rc && i < u.n; i++) rc = give_up(s, key, u.ids[i], e);
	s3_call_free(&c);
	return rc;
}
