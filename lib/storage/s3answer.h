/* What an S3 server answers, as far as it is of interest. Pure, for text from outside: what is no
 * such answer is ERR_AWAY, since another try may bring one. */
#ifndef EARSHOT_STORAGE_S3ANSWER_H
#define EARSHOT_STORAGE_S3ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err;

enum { S3_UPLOAD_ID = 512, S3_UPLOADS = 16, S3_PAGE_TOKEN = 2048 };

/* A page of a list of objects. */
struct s3_page {
	/* Called for each whose key, behind `above`, is one of storage.h and begins with prefix;
	 * others may keep something in the bucket as well. Returns -1 (with *e) to stop. */
	int (*each)(void *ctx, const char *key, uint64_t size_bytes, struct err *e);
	void *ctx;
	const char *above, *prefix;

	/* What came back. */
	bool truncated;				/* there are more pages */
	char token[S3_PAGE_TOKEN];		/* of the next one; "": it has none */
};

int s3_answer_page(const struct buf *xml, struct s3_page *p, struct err *e);

/* The id of an upload that was begun, never "". */
int s3_answer_upload_id(const struct buf *xml, char id[S3_UPLOAD_ID], struct err *e);

/* The uploads of key, which stands behind `above`, that are not finished; S3_UPLOADS at most. */
struct s3_uploads {
	char ids[S3_UPLOADS][S3_UPLOAD_ID];
	int n;
};
int s3_answer_uploads(const struct buf *xml, const char *above, const char *key,
	struct s3_uploads *u, struct err *e);

/* Why it says no; "" where it does not tell. One line of text each, for logs and people. */
struct s3_refusal {
	char code[64], message[200];
};
void s3_answer_refusal(const struct buf *xml, struct s3_refusal *r);

/* Content-Range: "bytes 0-9/100". False: it is none. */
bool s3_answer_range(const char *value, uint64_t *first, uint64_t *last);

#endif
