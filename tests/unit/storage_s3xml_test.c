/* The XML that S3 answers with, as AWS documents it and as Swift writes it, and what is no such
 * text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "storage/s3xml.h"

static int
note(void *ctx, const char *path, const char *text, struct err *e)
{
	(void)e;
	buf_addf(ctx, "%s=%s\n", path, text);
	return 0;
}

static void
check(const char *xml, const char *want)
{
	struct buf got = {0};
	struct err e = {0};

	if (s3xml_read(xml, strlen(xml), note, &got, &e)) fail_msg("%s: %s", xml, e.text);
	assert_string_equal(buf_str(&got), want);
	buf_free(&got);
}

static void
each_element_comes_with_its_path_and_text_when_it_ends(void **state)
{
	(void)state;
	check("<?xml version='1.0' encoding='UTF-8'?>\n<ListBucketResult "
		"xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name><Prefix/>"
		"<IsTruncated>true</IsTruncated>\n  <Contents><Key>a/b.flac</Key>"
		"<ETag>&quot;d41d&quot;</ETag><Size>12</Size></Contents></ListBucketResult>\n",
		"ListBucketResult/Name=b\nListBucketResult/Prefix=\n"
		"ListBucketResult/IsTruncated=true\nListBucketResult/Contents/Key=a/b.flac\n"
		"ListBucketResult/Contents/ETag=\"d41d\"\nListBucketResult/Contents/Size=12\n"
		"ListBucketResult/Contents=\nListBucketResult=\n");
	check("<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>"
		"</Error>", "Error/Code=NoSuchKey\n"
		"Error/Message=The specified key does not exist.\nError=\n");
}

static void
prefixes_attributes_comments_and_references_are_what_xml_says(void **state)
{
	(void)state;
	check("<s3:A xmlns:s3='x>y' b=\"<'\"><!-- <B> --><s3:K>  a&amp;b &lt;&gt;&apos; "
		"&#252;&#x1F3B9;\n</s3:K ></s3:A>", "A/K=a&b <>' ü🎹\nA=\n");
}

static void
what_is_no_such_text_is_refused(void **state)
{
	static const char *const wrong[] = {
		"<A>", "<A><B></A></B>", "</A>", "<A></B>", "<A", "<", "<A>&nbsp;</A>",
		"<A>&amp</A>", "<A>&#0;</A>", "<A>&#xD800;</A>", "<A>&#x110000;</A>", "<A>&#;</A>",
		"<A>&#12a;</A>",
		"<!DOCTYPE a [<!ENTITY b \"c\">]><A/>", "<!-- ", "<?xml", "text", "<A/>text", "<>",
		"<A b='></A>", "<A>\xff</A>", "<A <B></B></A>",
		"<a><a><a><a><a><a><a><a><a></a></a></a></a></a></a></a></a></a>",
	};
	struct buf got = {0};
	struct err e;

	(void)state;
	for (size_t i = 0; i < NELEM(wrong); i++) {
		if (!s3xml_read(wrong[i], strlen(wrong[i]), note, &got, &e))
			fail_msg("%s was taken", wrong[i]);
		assert_int_equal(e.kind, ERR_UNREADABLE);
	}
	buf_free(&got);
}

static void
a_text_longer_than_s3_writes_is_refused(void **state)
{
	struct buf xml = {0}, got = {0};
	struct err e;

	(void)state;
	buf_adds(&xml, "<A>");
	for (int i = 0; i < S3XML_TEXT + 1; i++) buf_addc(&xml, 'x');
	buf_adds(&xml, "</A>");
	assert_int_equal(s3xml_read(xml.p, xml.n, note, &got, &e), -1);
	assert_int_equal(e.kind, ERR_UNREADABLE);
	buf_free(&xml);
	buf_free(&got);
}

static int
stop_at_b(void *ctx, const char *path, const char *text, struct err *e)
{
	int *n = ctx;

	(void)text;
	++*n;
	return strcmp(path, "A/B") == 0 ? err_set(e, ERR_STOPPED, "enough") : 0;
}

static void
whoever_reads_may_stop(void **state)
{
	static const char xml[] = "<A><X/><B>1</B><B>2</B></A>";
	struct err e;
	int n = 0;

	(void)state;
	assert_int_equal(s3xml_read(xml, sizeof xml - 1, stop_at_b, &n, &e), -1);
	assert_int_equal(e.kind, ERR_STOPPED);
	assert_int_equal(n, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_element_comes_with_its_path_and_text_when_it_ends),
		cmocka_unit_test(prefixes_attributes_comments_and_references_are_what_xml_says),
		cmocka_unit_test(what_is_no_such_text_is_refused),
		cmocka_unit_test(a_text_longer_than_s3_writes_is_refused),
		cmocka_unit_test(whoever_reads_may_stop),
	};

	return cmocka_run_group_tests_name("s3xml", tests, NULL, NULL);
}
