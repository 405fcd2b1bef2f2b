#include "storage/s3answer.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "storage/s3xml.h"
#include "storage/storage.h"

static int
read_xml(const struct buf *xml, int (*each)(void *ctx, const char *path, const char *text,
	struct err *e), void *ctx, struct err *e)
{
	int rc = s3xml_read(buf_str(xml), xml->n, each, ctx, e);

	if (!rc || e->kind != ERR_UNREADABLE) return rc;
	e->kind = ERR_AWAY;
	return err_prefix(e, "storage");
}

/* A list must have been read to its end: what is none says nothing of what there is. */
static int
check_whole(bool whole, struct err *e)
{
	return whole ? 0 : err_set(e, ERR_AWAY, "storage: the S3 server answers with something "
		"else than a list");
}

/* out := text, if it stands behind `above` and there is room for it; else "". */
static void
take_key(char *out, size_t size, const char *text, const char *above)
{
	if (!str_starts(text, above) || !str_copy(out, size, text + strlen(above))) out[0] = '\0';
}

struct page_reader {
	struct s3_page *page;
	char key[STORAGE_KEY];			/* of the object that is being read; "": not ours */
	uint64_t size;
	bool has_size, whole;
};

static int
take_entry(void *ctx, const char *path, const char *text, struct err *e)
{
	struct page_reader *r = ctx;
	struct s3_page *p = r->page;

	if (strcmp(path, "ListBucketResult/Contents/Key") == 0) {
		take_key(r->key, sizeof r->key, text, p->above);
	} else if (strcmp(path, "ListBucketResult/Contents/Size") == 0) {
		r->has_size = str_u64(text, 0, UINT64_MAX / 2, &r->size);
	} else if (strcmp(path, "ListBucketResult/NextContinuationToken") == 0) {
		if (!str_copy(p->token, sizeof p->token, text)) p->token[0] = '\0';
	} else if (strcmp(path, "ListBucketResult/IsTruncated") == 0) {
		p->truncated = strcmp(text, "true") == 0;
	} else if (strcmp(path, "ListBucketResult/Contents") == 0) {
		bool ours = r->has_size && storage_key_ok(r->key) && str_starts(r->key, p->prefix);

		if (ours && p->each(p->ctx, r->key, r->size, e)) return -1;
		r->has_size = false;
		r->key[0] = '\0';
	} else if (strcmp(path, "ListBucketResult") == 0) {
		r->whole = true;
	}
	return 0;
}

int
s3_answer_page(const struct buf *xml, struct s3_page *p, struct err *e)
{
	struct page_reader r = { .page = p };

	p->truncated = false;
	p->token[0] = '\0';
	return read_xml(xml, take_entry, &r, e) ? -1 : check_whole(r.whole, e);
}

static int
take_upload_id(void *ctx, const char *path, const char *text, struct err *e)
{
	(void)e;
	if (strcmp(path, "InitiateMultipartUploadResult/UploadId") == 0 &&
		!str_copy(ctx, S3_UPLOAD_ID, text))
		*(char *)ctx = '\0';
	return 0;
}

int
s3_answer_upload_id(const struct buf *xml, char id[S3_UPLOAD_ID], struct err *e)
{
	id[0] = '\0';
	if (read_xml(xml, take_upload_id, id, e)) return -1;
	return *id ? 0 : err_set(e, ERR_AWAY, "storage: the S3 server gives no upload id");
}

struct uploads_reader {
	struct s3_uploads *uploads;
	const char *above, *key;
	char is[STORAGE_KEY], id[S3_UPLOAD_ID];		/* of the one that is being read */
	bool whole;
};

static int
take_upload(void *ctx, const char *path, const char *text, struct err *e)
{
	struct uploads_reader *r = ctx;
	struct s3_uploads *u = r->uploads;

	(void)e;
	if (strcmp(path, "ListMultipartUploadsResult/Upload/Key") == 0) {
		take_key(r->is, sizeof r->is, text, r->above);
	} else if (strcmp(path, "ListMultipartUploadsResult/Upload/UploadId") == 0) {
		if (!str_copy(r->id, sizeof r->id, text)) r->id[0] = '\0';
	} else if (strcmp(path, "ListMultipartUploadsResult/Upload") == 0) {
		/* There may be those of longer keys, too. */
		if (strcmp(r->is, r->key) == 0 && *r->id && u->n < S3_UPLOADS)
			memcpy(u->ids[u->n++], r->id, S3_UPLOAD_ID);
		r->is[0] = r->id[0] = '\0';
	} else if (strcmp(path, "ListMultipartUploadsResult") == 0) {
		r->whole = true;
	}
	return 0;
}

int
s3_answer_uploads(const struct buf *xml, const char *above, const char *key, struct s3_uploads *u,
	struct err *e)
{
	struct uploads_reader r = { .uploads = u, .above = above, .key = key };

	u->n = 0;
	return read_xml(xml, take_upload, &r, e) ? -1 : check_whole(r.whole, e);
}

static int
take_refusal(void *ctx, const char *path, const char *text, struct err *e)
{
	struct s3_refusal *r = ctx;

	(void)e;
	if (strcmp(path, "Error/Code") == 0) str_preview(r->code, sizeof r->code, text, 60);
	if (strcmp(path, "Error/Message") == 0)
		str_preview(r->message, sizeof r->message, text, 150);
	return 0;
}

void
s3_answer_refusal(const struct buf *xml, struct s3_refusal *r)
{
	struct err ignored;

	*r = (struct s3_refusal){0};
	read_xml(xml, take_refusal, r, &ignored);
}

bool
s3_answer_range(const char *value, uint64_t *first, uint64_t *last)
{
	char number[24];
	const char *dash, *slash;

	value += strspn(value, " \t");
	if (!str_starts(value, "bytes ")) return false;
	value += strlen("bytes ");
	dash = strchr(value, '-');
	slash = dash ? strchr(dash, '/') : NULL;
	if (!slash || dash - value >= (int)sizeof number || slash - dash > (int)sizeof number)
		return false;
	memcpy(number, value, (size_t)(dash - value));
	number[dash - value] = '\0';
	if (!str_u64(number, 0, UINT64_MAX, first)) return false;
	memcpy(number, dash + 1, (size_t)(slash - dash - 1));
	number[slash - dash - 1] = '\0';
	return str_u64(number, *first, UINT64_MAX, last);
}
