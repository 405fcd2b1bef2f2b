/* What is taken from the answers of an S3 server, as AWS documents and as Swift writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "storage/s3answer.h"

static struct buf
xml(const char *text)
{
	struct buf b = {0};

	buf_addf(&b, "<?xml version='1.0' encoding='UTF-8'?>\n%s", text);
	return b;
}

static int
note(void *ctx, const char *key, uint64_t size_bytes, struct err *e)
{
	if (strcmp(key, "audio/enough") == 0) return err_set(e, ERR_STOPPED, "enough");
	buf_addf(ctx, "%s=%llu ", key, (unsigned long long)size_bytes);
	return 0;
}

/* What a page has behind "studio/" that begins with "audio/". */
static int
read_page(const char *text, struct s3_page *p, struct buf *keys, struct err *e)
{
	struct buf b = xml(text);
	int rc;

	*p = (struct s3_page){ .each = note, .ctx = keys, .above = "studio/", .prefix = "audio/" };
	buf_reset(keys);
	rc = s3_answer_page(&b, p, e);
	buf_free(&b);
	return rc;
}

#define OBJECT(key, size) "<Contents><Key>" key "</Key><LastModified>x</LastModified>" \
	"<Size>" size "</Size></Contents>"

static void
a_page_names_our_objects_and_the_next_page(void **state)
{
	struct buf keys = {0};
	struct s3_page p;
	struct err e;

	(void)state;
	assert_int_equal(read_page("<ListBucketResult "
		"xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><IsTruncated>true</IsTruncated>"
		"<NextContinuationToken>a&amp;b</NextContinuationToken>"
		OBJECT("studio/audio/ab/1.flac", "12") OBJECT("studio/audio/empty", "0")
		OBJECT("studio/other/2", "1") OBJECT("studio2/audio/3", "1") OBJECT("audio/4", "1")
		OBJECT("studio/audio/../5", "1") OBJECT("studio/audio/a b", "1")
		OBJECT("studio/audio/6", "-1") OBJECT("studio/audio/7", "")
		OBJECT("studio/audio/8", "99999999999999999999")
		"<Contents><Size>1</Size></Contents>"
		"<Contents><Key>studio/audio/9</Key></Contents></ListBucketResult>", &p, &keys,
		&e), 0);
	assert_string_equal(buf_str(&keys), "audio/ab/1.flac=12 audio/empty=0 ");
	assert_true(p.truncated);
	assert_string_equal(p.token, "a&b");
	assert_int_equal(read_page("<ListBucketResult><IsTruncated>false</IsTruncated>"
		"</ListBucketResult>", &p, &keys, &e), 0);
	assert_false(p.truncated || *p.token);
	buf_free(&keys);
}

static void
a_page_that_is_none_may_be_one_at_the_next_try(void **state)
{
	static const char *const none[] = { "", "Not Found", "<ListBucketResult>", "<a>&b;</a>",
		"<html><body>Sign in here</body></html>" };
	struct buf keys = {0};
	struct s3_page p;
	struct err e;

	(void)state;
	for (size_t i = 0; i < NELEM(none); i++) {
		assert_int_equal(read_page(none[i], &p, &keys, &e), -1);
		assert_int_equal(e.kind, ERR_AWAY);
		assert_memory_equal(e.text, "storage: ", 9);
	}
	assert_int_equal(read_page("<ListBucketResult>" OBJECT("studio/audio/enough", "1")
		"</ListBucketResult>", &p, &keys, &e), -1);
	assert_int_equal(e.kind, ERR_STOPPED);
	buf_free(&keys);
}

static void
an_upload_has_an_id(void **state)
{
	struct buf b = xml("<InitiateMultipartUploadResult><Key>a</Key><UploadId>x/+=</UploadId>"
		"</InitiateMultipartUploadResult>"), without = xml("<InitiateMultipartUploadResult>"
		"<UploadId> </UploadId></InitiateMultipartUploadResult>"), large = {0};
	char id[S3_UPLOAD_ID];
	struct err e;

	(void)state;
	assert_int_equal(s3_answer_upload_id(&b, id, &e), 0);
	assert_string_equal(id, "x/+=");
	assert_int_equal(s3_answer_upload_id(&without, id, &e), -1);
	assert_int_equal(e.kind, ERR_AWAY);
	buf_addf(&large, "<InitiateMultipartUploadResult><UploadId>%0*d</UploadId>"
		"</InitiateMultipartUploadResult>", S3_UPLOAD_ID, 0);
	assert_int_equal(s3_answer_upload_id(&large, id, &e), -1);
	assert_int_equal(e.kind, ERR_AWAY);
	buf_free(&b);
	buf_free(&without);
	buf_free(&large);
}

static void
uploads_are_those_of_one_key(void **state)
{
	struct buf b = {0};
	struct s3_uploads u;
	struct err e;

	(void)state;
	buf_adds(&b, "<ListMultipartUploadsResult><Upload><Key>studio/a.flac</Key>"
		"<UploadId>1</UploadId></Upload><Upload><Key>studio/a.flac.more</Key>"
		"<UploadId>2</UploadId></Upload>"
		"<Upload><Key>a.flac</Key><UploadId>3</UploadId></Upload>"
		"<Upload><UploadId>4</UploadId></Upload><Upload><Key>studio/a.flac</Key></Upload>"
		"<Upload><UploadId>5</UploadId><Key>studio/a.flac</Key></Upload>");
	assert_int_equal(s3_answer_uploads(&b, "studio/", "a.flac", &u, &e), -1);
	buf_adds(&b, "</ListMultipartUploadsResult>");
	assert_int_equal(s3_answer_uploads(&b, "studio/", "a.flac", &u, &e), 0);
	assert_int_equal(u.n, 2);
	assert_string_equal(u.ids[0], "1");
	assert_string_equal(u.ids[1], "5");
	buf_reset(&b);
	buf_adds(&b, "<ListMultipartUploadsResult>");
	for (int i = 0; i < 50; i++)
		buf_addf(&b, "<Upload><Key>a</Key><UploadId>%d</UploadId></Upload>", i);
	buf_adds(&b, "</ListMultipartUploadsResult>");
	assert_int_equal(s3_answer_uploads(&b, "", "a", &u, &e), 0);
	assert_int_equal(u.n, S3_UPLOADS);
	buf_free(&b);
}

static void
a_refusal_says_why_if_it_can(void **state)
{
	struct buf b = xml("<Error><Code>SlowDown</Code>"
		"<Message>Please\nreduce &lt;it&gt;.</Message><Resource>/secret</Resource>"
		"</Error>");
	struct buf page = xml("<html><body>502</body></html>");
	struct s3_refusal r;

	(void)state;
	s3_answer_refusal(&b, &r);
	assert_string_equal(r.code, "SlowDown");
	assert_string_equal(r.message, "Please reduce <it>.");
	s3_answer_refusal(&page, &r);
	assert_string_equal(r.code, "");
	assert_string_equal(r.message, "");
	buf_free(&b);
	buf_free(&page);
}

static void
a_content_range_is_read_strictly(void **state)
{
	static const char *const none[] = { "", "bytes", "bytes 5-", "bytes 5-9", "bytes -9/100",
		"bytes 9-5/100", "bytes 5 - 9/100", "bytes +5-9/100",
		"bytes 5-99999999999999999999/*", "bytes */100", "items 5-9/100",
		"bytes 000000000000000000000000000005-9/100" };
	uint64_t first, last;

	(void)state;
	assert_true(s3_answer_range(" bytes 5-9/100", &first, &last));
	assert_true(first == 5 && last == 9);
	assert_true(s3_answer_range("bytes 0-18446744073709551615/*", &first, &last));
	assert_true(first == 0 && last == UINT64_MAX);
	for (size_t i = 0; i < NELEM(none); i++)
		if (s3_answer_range(none[i], &first, &last)) fail_msg("taken: %s", none[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_names_our_objects_and_the_next_page),
		cmocka_unit_test(a_page_that_is_none_may_be_one_at_the_next_try),
		cmocka_unit_test(an_upload_has_an_id),
		cmocka_unit_test(uploads_are_those_of_one_key),
		cmocka_unit_test(a_refusal_says_why_if_it_can),
		cmocka_unit_test(a_content_range_is_read_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
