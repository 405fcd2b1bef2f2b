#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/form.h"
#include "base/str.h"

#define FILE_PART(b, name, data)                                                                   \
	"--" b "\r\nContent-Disposition: form-data; name=\"files\"; "                              \
	"filename=\"" name "\"\r\nContent-Type: audio/midi\r\n\r\n" data "\r\n"

static void
the_files_of_a_form_are_found(void **state)
{
	static const char body[] =
		"preamble\r\n" FILE_PART("x-1", "a.mid", "MThd\0\r\n--x") FILE_PART("x-1",
			"b \\\"c\\\".mid", "") "--x-1  \r\ncontent-disposition: form-data; "
					       "name=note\r\n\r\nhello\r\n--x-1--\r\nepilogue";
	struct form_part p[4];
	struct err e = { 0 };

	(void)state;
	assert_int_equal(form_read(body, sizeof body - 1, "x-1", p, 4, &e), 3);
	assert_string_equal(p[0].name, "files");
	assert_string_equal(p[0].file, "a.mid");
	assert_int_equal(p[0].n, 10);
	assert_memory_equal(p[0].data, "MThd\0\r\n--x", 10);
	assert_string_equal(p[1].file, "b \"c\".mid");
	assert_int_equal(p[1].n, 0);
	assert_string_equal(p[2].name, "note");
	assert_string_equal(p[2].file, "");
	assert_memory_equal(p[2].data, "hello", p[2].n);
	assert_int_equal(form_read(body, sizeof body - 1, "x-1", p, 2, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
}

static void
whatever_stands_before_the_first_boundary_does_not_count(void **state)
{
	struct form_part p[2];
	struct err e = { 0 };

	(void)state;
	for (int n = 0; n < 8; n++) {
		char body[128];

		snprintf(body, sizeof body, "%.*s\r\n" FILE_PART("b", "a.mid", "data") "--b--\r\n",
			n,
			"........");
		assert_int_equal(form_read(body, strlen(body), "b", p, 2, &e), 1);
		assert_int_equal(p[0].n, 4);
	}
}

static void
a_form_that_was_cut_off_is_refused_wherever_that_is(void **state)
{
	static const char body[] =
		FILE_PART("b", "a.mid", "data") FILE_PART("b", "c.mid", "more") "--b--\r\n";
	struct form_part p[4];

	(void)state;
	for (size_t n = 0; n < sizeof body - 3; n++) {
		struct err e = { 0 };

		assert_int_equal(form_read(body, n, "b", p, 4, &e), -1);
		assert_true(str_starts(e.text, "byte "));
	}
}

static void
the_boundary_is_that_of_the_content_type(void **state)
{
	static const struct {
		const char *type, *boundary;
		enum err_kind kind;
	} table[] = {
		{ "multipart/form-data; boundary=abc", "abc", ERR_NONE },
		{ "Multipart/Form-Data;charset=utf-8; Boundary=\"a b:c\"", "a b:c", ERR_NONE },
		{ "multipart/form-data;boundary=abc ; x=y", "abc", ERR_NONE },
		{ NULL, NULL, ERR_UNSUPPORTED },
		{ "application/json", NULL, ERR_UNSUPPORTED },
		{ "multipart/form-database; boundary=a", NULL, ERR_UNSUPPORTED },
		{ "multipart/form-data", NULL, ERR_UNREADABLE },
		{ "multipart/form-data; boundary=", NULL, ERR_UNREADABLE },
		{ "multipart/form-data; boundary=\"a\x01\"", NULL, ERR_UNREADABLE },
		{ "multipart/form-data; boundary=\"a \"", NULL, ERR_UNREADABLE },
		{ "multipart/form-data; "
		  "boundary=0123456789012345678901234567890123456789012345678901"
		  "2345678901234567890",
			NULL, ERR_UNREADABLE },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(table); i++) {
		char b[FORM_BOUNDARY + 1] = "";
		struct err e = { 0 };
		int rc = form_boundary(table[i].type, b, &e);

		assert_int_equal(rc, table[i].boundary ? 0 : -1);
		assert_int_equal(e.kind, table[i].kind);
		if (table[i].boundary) assert_string_equal(b, table[i].boundary);
	}
}

static void
parts_of_a_mixed_body_need_no_names_and_have_types(void **state)
{
	static const char body[] = "--b\r\nContent-Type:audio/wav; "
		"rate=1\r\n\r\nRIFF\r\n--b\r\n\r\n"
		"x\r\n--b\r\nContent-Type: "
			"0123456789012345678901234567890123456789012345678901234567890"
		"123\r\n\r\n\r\n--b--";
	struct form_part p[4];
	struct err e = { 0 };
	char b[FORM_BOUNDARY + 1];

	(void)state;
	assert_int_equal(mixed_boundary("multipart/mixed; boundary=b", b, &e), 0);
	assert_int_equal(mixed_boundary("multipart/form-data; boundary=b", b, &e), -1);
	assert_int_equal(e.kind, ERR_UNSUPPORTED);
	assert_int_equal(mixed_read(body, sizeof body - 1, "b", p, 4, &e), 3);
	assert_string_equal(p[0].type, "audio/wav");
	assert_memory_equal(p[0].data, "RIFF", p[0].n);
	assert_string_equal(p[1].type, "");
	assert_int_equal(p[1].n, 1);
	assert_string_equal(p[2].type, "");
	assert_int_equal(p[2].n, 0);
	assert_int_equal(form_read(body, sizeof body - 1, "b", p, 4, &e), -1);
	assert_int_equal(mixed_read(body, sizeof body - 1, "b", p, 2, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_files_of_a_form_are_found),
		cmocka_unit_test(whatever_stands_before_the_first_boundary_does_not_count),
		cmocka_unit_test(a_form_that_was_cut_off_is_refused_wherever_that_is),
		cmocka_unit_test(the_boundary_is_that_of_the_content_type),
		cmocka_unit_test(parts_of_a_mixed_body_need_no_names_and_have_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
