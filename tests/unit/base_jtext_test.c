/* JSON text written straight into a buffer: it reads back as what went in. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/json.h"
#include "base/jtext.h"

static struct buf b;

static int
forget(void **state)
{
	(void)state;
	buf_free(&b);
	return 0;
}

static struct jtext
start(void)
{
	buf_reset(&b);
	return (struct jtext){ .out = &b };
}

static void
members_and_elements_are_separated_by_commas(void **state)
{
	struct jtext j = start();

	(void)state;
	jtext_begin(&j, NULL, '{');
	jtext_begin(&j, "a", '[');
	jtext_int(&j, NULL, 1);
	jtext_begin(&j, NULL, '{');
	jtext_end(&j, '}');
	jtext_int(&j, NULL, 2);
	jtext_end(&j, ']');
	jtext_bool(&j, "b", true);
	jtext_end(&j, '}');
	assert_string_equal(b.p, "{\"a\":[1,{},2],\"b\":true}");
}

static void
text_reads_back_whatever_is_in_it(void **state)
{
	static const char *const texts[] = { "", "plain", "quote \" and \\ backslash", "line\nbreak\ttab\r\x01\x1f", "caf\xc3\xa9 \xf0\x9f\x8e\xb5",
		"</script>" };

	(void)state;
	for (size_t i = 0; i < NELEM(texts); i++) {
		struct jtext j = start();
		struct err e = {0};
		cJSON *tree;

		jtext_begin(&j, NULL, '[');
		jtext_text(&j, NULL, texts[i]);
		jtext_end(&j, ']');
		tree = json_parse(b.p, b.n, &e);
		assert_non_null(tree);
		assert_string_equal(cJSON_GetArrayItem(tree, 0)->valuestring, texts[i]);
		cJSON_Delete(tree);
	}
}

static void
whole_numbers_keep_every_digit(void **state)
{
	struct jtext j = start();

	(void)state;
	jtext_begin(&j, NULL, '[');
	jtext_int(&j, NULL, 0);
	jtext_int(&j, NULL, -7);
	jtext_int(&j, NULL, INT64_MAX);
	jtext_int(&j, NULL, INT64_MIN);
	jtext_end(&j, ']');
	assert_string_equal(b.p, "[0,-7,9223372036854775807,-9223372036854775808]");
}

static void
fractions_are_short_and_exact_and_what_is_no_number_is_null(void **state)
{
	struct jtext j = start();

	(void)state;
	jtext_begin(&j, NULL, '[');
	jtext_real(&j, NULL, 0.1);
	jtext_real(&j, NULL, 10);
	jtext_real(&j, NULL, -2.5);
	jtext_real(&j, NULL, 1.0 / 3);
	jtext_real(&j, NULL, 1e300);
	jtext_real(&j, NULL, NAN);
	jtext_real(&j, NULL, INFINITY);
	jtext_end(&j, ']');
	assert_string_equal(b.p, "[0.1,10,-2.5,0.33333333333333331,1e+300,null,null]");
}

static void
names_that_are_not_ours_are_escaped_and_separated(void **state)
{
	struct jtext j = start();

	(void)state;
	jtext_begin(&j, NULL, '{');
	jtext_key(&j, "say \"so\"\\\n");
	jtext_int(&j, NULL, 1);
	jtext_key(&j, "ü");
	jtext_begin(&j, NULL, '[');
	jtext_end(&j, ']');
	jtext_int(&j, "ours", 2);
	jtext_end(&j, '}');
	assert_string_equal(buf_str(&b), "{\"say \\\"so\\\"\\\\\\u000a\":1,\"ü\":[],\"ours\":2}");
}

static void
what_is_absent_is_null(void **state)
{
	struct jtext j = start();

	(void)state;
	jtext_begin(&j, NULL, '{');
	jtext_text(&j, "text", NULL);
	jtext_id(&j, "id", (struct uuid){{0}});
	jtext_time(&j, "time", 0);
	jtext_json(&j, "json", NULL);
	jtext_end(&j, '}');
	assert_string_equal(b.p, "{\"text\":null,\"id\":null,\"time\":null,\"json\":null}");
}

static void
the_members_of_stored_json_go_among_ours(void **state)
{
	static const struct { const char *object, *text; } cases[] = {
		{ "{\"a\":1,\"b\":2}", "{\"x\":0,\"a\":1,\"b\":2,\"y\":9}" },
		{ "{}", "{\"x\":0,\"y\":9}" },
		{ NULL, "{\"x\":0,\"y\":9}" },
		{ "[1]", "{\"x\":0,\"y\":9}" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		struct jtext j = start();

		jtext_begin(&j, NULL, '{');
		jtext_int(&j, "x", 0);
		jtext_members(&j, cases[i].object);
		jtext_int(&j, "y", 9);
		jtext_end(&j, '}');
		assert_string_equal(b.p, cases[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_and_elements_are_separated_by_commas),
		cmocka_unit_test(text_reads_back_whatever_is_in_it),
		cmocka_unit_test(whole_numbers_keep_every_digit),
		cmocka_unit_test(fractions_are_short_and_exact_and_what_is_no_number_is_null),
		cmocka_unit_test(names_that_are_not_ours_are_escaped_and_separated),
		cmocka_unit_test(what_is_absent_is_null),
		cmocka_unit_test(the_members_of_stored_json_go_among_ours),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
