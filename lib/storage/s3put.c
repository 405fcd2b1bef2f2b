/* Sending a file to a bucket (s3.h). */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "storage/s3.h"
#include "storage/s3call.h"
#include "storage/s3xml.h"

/* S3's limit, and how many uploads of one key are given up at once. */
enum { MAX_PARTS = 10000, UPLOAD_ID = 512, MAX_FORGOTTEN = 16 };

static int
put_whole(struct s3_site *s, const char *key, int fd, uint64_t bytes, struct err *e)
{
	struct s3_call c = { .method = "PUT", .key = key, .has_file = true, .fd = fd,
		.file_bytes = bytes };
	int rc = s3_call(s, &c, e);

	s3_call_free(&c);
	return rc;
}

/* The one element of an answer that is of interest. */
struct wanted {
	const char *path;
	char text[UPLOAD_ID];
};

static int
take_wanted(void *ctx, const char *path, const char *text, struct err *e)
{
	struct wanted *w = ctx;

	if (strcmp(path, w->path) != 0) return 0;
	return str_copy(w->text, sizeof w->text, text) ? 0 : err_set(e, ERR_INTERNAL,
		"storage: the S3 server sends an id that is too long");
}

/* *again: it was asked for more than once, and may be begun twice. */
static int
begin(struct s3_site *s, const char *key, char id[UPLOAD_ID], bool *again, struct err *e)
{
	static const struct sigv4_pair uploads = { "uploads", "" };
	struct wanted w = { .path = "InitiateMultipartUploadResult/UploadId" };
	struct s3_call c = { .method = "POST", .key = key, .query = &uploads, .n_query = 1 };
	int rc = s3_call(s, &c, e);

	if (!rc) rc = s3xml_read(buf_str(&c.text), c.text.n, take_wanted, &w, e);
	if (!rc && !*w.text) rc = err_set(e, ERR_AWAY, "storage: the S3 server gives no upload id");
	memcpy(id, w.text, UPLOAD_ID);
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
	char id[UPLOAD_ID];
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

/* Uploads of one key, of a list that may have those of longer keys, too. */
struct unfinished {
	const char *key;
	const char *above;				/* what stands before it in the bucket */
	char is[STORAGE_KEY], id[UPLOAD_ID];		/* of the one that is being read */
	char ids[MAX_FORGOTTEN][UPLOAD_ID];
	int n;
};

static int
take_upload(void *ctx, const char *path, const char *text, struct err *e)
{
	struct unfinished *u = ctx;

	(void)e;
	if (strcmp(path, "ListMultipartUploadsResult/Upload/Key") == 0) {
		if (!str_starts(text, u->above) ||
			!str_copy(u->is, sizeof u->is, text + strlen(u->above)))
			u->is[0] = '\0';
	} else if (strcmp(path, "ListMultipartUploadsResult/Upload/UploadId") == 0) {
		if (!str_copy(u->id, sizeof u->id, text)) u->id[0] = '\0';
	} else if (strcmp(path, "ListMultipartUploadsResult/Upload") == 0) {
		if (strcmp(u->is, u->key) == 0 && *u->id && u->n < MAX_FORGOTTEN)
			memcpy(u->ids[u->n++], u->id, UPLOAD_ID);
		u->is[0] = u->id[0] = '\0';
	}
	return 0;
}

int
s3_put_forget(struct s3_site *s, const char *key, struct err *e)
{
	char prefix[S3_PREFIX + STORAGE_KEY];
	struct sigv4_pair query[] = { { "uploads", "" }, { "prefix", prefix },
		{ "max-uploads", "100" } };
	struct unfinished u = { .key = key, .above = s->prefix };
	struct s3_call c = { .method = "GET", .query = query, .n_query = NELEM(query) };
	int rc;

	snprintf(prefix, sizeof prefix, "%s%s", s->prefix, key);
	rc = s3_call(s, &c, e);
	if (!rc) rc = s3xml_read(buf_str(&c.text), c.text.n, take_upload, &u, e);
	/* Some servers cannot tell. */
	else if (c.status == 501) rc = 0;
	for (int i = 0; !rc && i < u.n; i++) rc = give_up(s, key, u.ids[i], e);
	s3_call_free(&c);
	return rc;
}
