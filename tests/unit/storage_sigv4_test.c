/* What requests to S3 are signed with, by the examples that AWS has published: "Signature
 * Calculations for the Authorization Header" and "Authenticating Requests: Using Query Parameters"
 * in the Amazon S3 API Reference, and the signature version 4 test suite. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "storage/sigv4.h"

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define S3_DATE "20130524T000000Z"
#define SUITE_DATE "20150830T123600Z"

static const struct sigv4_key s3_key = { "AKIAIOSFODNN7EXAMPLE",
	"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1", "s3" };
static const struct sigv4_key suite_key = { "AKIDEXAMPLE",
	"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", "service" };

struct example {
	const char *title, *method, *path;
	struct sigv4_pair query[4], headers[6];		/* up to one without a name */
	const char *payload, *names, *signature;
};

#define S3_HOST { "host", "examplebucket.s3.amazonaws.com" }
#define SUITE_HOST { "host", "example.amazonaws.com" }

static const struct example s3_examples[] = {
	{ "GET Object", "GET", "/test.txt", {{0}}, { S3_HOST, { "range", "bytes=0-9" },
		{ "x-amz-content-sha256", EMPTY }, { "x-amz-date", S3_DATE } }, EMPTY,
		"host;range;x-amz-content-sha256;x-amz-date",
		"f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41" },
	{ "PUT Object", "PUT", "/test$file.text", {{0}}, {
		{ "x-amz-storage-class", "REDUCED_REDUNDANCY" }, { "x-amz-date", S3_DATE },
		{ "date", "Fri, 24 May 2013 00:00:00 GMT" }, S3_HOST, { "x-amz-content-sha256",
		"44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072" } },
		"44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
		"date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
		"98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd" },
	{ "GET Bucket Lifecycle", "GET", "/", { { "lifecycle", "" } }, { S3_HOST,
		{ "x-amz-content-sha256", EMPTY }, { "x-amz-date", S3_DATE } }, EMPTY,
		"host;x-amz-content-sha256;x-amz-date",
		"fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543" },
	{ "Get Bucket (List Objects)", "GET", "/", { { "prefix", "J" }, { "max-keys", "2" } },
		{ S3_HOST, { "x-amz-content-sha256", EMPTY }, { "x-amz-date", S3_DATE } }, EMPTY,
		"host;x-amz-content-sha256;x-amz-date",
		"34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7" },
};

static const struct example suite_examples[] = {
	{ "get-vanilla", "GET", "/", {{0}}, { SUITE_HOST, { "x-amz-date", SUITE_DATE } }, EMPTY,
		"host;x-amz-date",
		"5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
	{ "get-vanilla-query-order-key-case", "GET", "/", { { "Param2", "value2" },
		{ "Param1", "value1" } }, { { "x-amz-date", SUITE_DATE }, SUITE_HOST }, EMPTY,
		"host;x-amz-date",
		"b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500" },
	{ "get-utf8", "GET", "/\u1234", {{0}}, { SUITE_HOST, { "x-amz-date", SUITE_DATE } }, EMPTY,
		"host;x-amz-date",
		"8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85" },
	{ "post-vanilla", "POST", "/", {{0}}, { SUITE_HOST, { "x-amz-date", SUITE_DATE } }, EMPTY,
		"host;x-amz-date",
		"5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b" },
	{ "post-sts-header-before", "POST", "/", {{0}}, { SUITE_HOST, { "x-amz-date", SUITE_DATE },
		{ "x-amz-security-token", "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HI"
		"Z8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmG"
		"deehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQc"
		"HNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSY"
		"vKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==" } }, EMPTY,
		"host;x-amz-date;x-amz-security-token",
		"85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead" },
};

static size_t
count(const struct sigv4_pair *p, size_t most)
{
	size_t n = 0;

	while (n < most && p[n].name) n++;
	return n;
}

static void
check(const struct example *x, const struct sigv4_key *k, const char *date)
{
	struct sigv4_request r = { x->method, x->path, x->query, count(x->query, NELEM(x->query)),
		x->headers, count(x->headers, NELEM(x->headers)), x->payload, date };
	struct buf got = {0}, want = {0};

	buf_addf(&want, "AWS4-HMAC-SHA256 Credential=%s/%.8s/us-east-1/%s/aws4_request,"
		"SignedHeaders=%s,Signature=%s", k->access, date, k->service, x->names,
		x->signature);
	sigv4_authorize(k, &r, &got);
	if (strcmp(buf_str(&got), buf_str(&want)) != 0)
		fail_msg("%s: %s, not %s", x->title, buf_str(&got), buf_str(&want));
	buf_free(&got);
	buf_free(&want);
}

static void
the_examples_for_s3_get_the_published_signatures(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEM(s3_examples); i++) check(&s3_examples[i], &s3_key, S3_DATE);
}

static void
the_test_suite_gets_the_published_signatures(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEM(suite_examples); i++)
		check(&suite_examples[i], &suite_key, SUITE_DATE);
}

static void
the_example_of_a_signed_url_is_the_published_one(void **state)
{
	static const struct sigv4_pair host = { "host", "examplebucket.s3.amazonaws.com" };
	struct sigv4_request r = { "GET", "/test.txt", NULL, 0, &host, 1, "UNSIGNED-PAYLOAD",
		S3_DATE };
	struct buf got = {0};

	(void)state;
	sigv4_presign(&s3_key, &r, 86400, &got);
	assert_string_equal(buf_str(&got), "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
		"AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date="
		"20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
		"aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
	buf_free(&got);
}

static void
the_query_of_a_request_is_signed_with_its_url(void **state)
{
	static const struct sigv4_pair host = { "host", "b.example" },
		name = { "response-content-disposition", "attachment; filename=\"a b.flac\"" };
	struct sigv4_request r = { "GET", "/a", &name, 1, &host, 1, "UNSIGNED-PAYLOAD", S3_DATE };
	struct buf with = {0}, without = {0};

	(void)state;
	sigv4_presign(&s3_key, &r, 60, &with);
	r.n_query = 0;
	sigv4_presign(&s3_key, &r, 60, &without);
	assert_non_null(strstr(buf_str(&with), "&response-content-disposition="
		"attachment%3B%20filename%3D%22a%20b.flac%22&X-Amz-Signature="));
	assert_string_not_equal(strstr(buf_str(&with), "&X-Amz-Signature="),
		strstr(buf_str(&without), "&X-Amz-Signature="));
	buf_free(&with);
	buf_free(&without);
}

static void
a_query_is_sorted_and_encoded_as_it_must_be_sent(void **state)
{
	static const struct sigv4_pair query[] = { { "uploads", "" }, { "prefix", "a/b c+d~ü" },
		{ "A", "2" }, { "A", "1" }, { "list-type", "2" } };
	struct buf got = {0};

	(void)state;
	sigv4_query(query, NELEM(query), &got);
	assert_string_equal(buf_str(&got),
		"A=1&A=2&list-type=2&prefix=a%2Fb%20c%2Bd~%C3%BC&uploads=");
	buf_reset(&got);
	sigv4_path("/bucket/a b/c%d", &got);
	assert_string_equal(buf_str(&got), "/bucket/a%20b/c%25d");
	buf_free(&got);
}

static void
a_date_is_written_as_aws_writes_it(void **state)
{
	static const struct { int64_t s; const char *text; } dates[] = {
		{ 0, "19700101T000000Z" }, { 1369353600, S3_DATE }, { 1440938160, SUITE_DATE },
		{ 4102444799, "20991231T235959Z" },
	};
	char got[SIGV4_DATE];

	(void)state;
	for (size_t i = 0; i < NELEM(dates); i++) {
		sigv4_date(dates[i].s, got);
		assert_string_equal(got, dates[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_for_s3_get_the_published_signatures),
		cmocka_unit_test(the_test_suite_gets_the_published_signatures),
		cmocka_unit_test(the_example_of_a_signed_url_is_the_published_one),
		cmocka_unit_test(the_query_of_a_request_is_signed_with_its_url),
		cmocka_unit_test(a_query_is_sorted_and_encoded_as_it_must_be_sent),
		cmocka_unit_test(a_date_is_written_as_aws_writes_it),
	};

	return cmocka_run_group_tests_name("sigv4", tests, NULL, NULL);
}
