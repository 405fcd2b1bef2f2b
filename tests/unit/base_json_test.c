/* JSON from outside: what is not RFC 8259 is refused, what is not in the table is named. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/json.h"

static cJSON *
parse(const char *text, struct err *e)
{
	return json_parse(text, strlen(text), e);
}

static void
check_refused(const char *text, size_t n)
{
	struct err e;
	/* Of exactly that size, so that a sanitizer sees whoever reads on. */
	char *copy = malloc(n ? n : 1);
	cJSON *tree;

	if (!copy) abort();
	memcpy(copy, text, n);
	if ((tree = json_parse(copy, n, &e))) fail_msg("taken: %.*s", (int)(n < 60 ? n : 60), text);
	assert_int_equal(e.kind, ERR_UNREADABLE);
	assert_true(e.text[0]);
	free(copy);
}

static void
every_kind_of_value_is_read(void **state)
{
	static const char text[] = " {\"a\" : [1, -2.5e3, 0, 1E+2, 0.0],\r\n\t\"b\": "
		"{\"c\":null,\"d\":true,\"e\":false}, "
		"\"f\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83c\\udfb5\"} ";
	struct buf out = {0};
	struct err e;
	cJSON *tree = parse(text, &e);

	(void)state;
	assert_non_null(tree);
	json_print(tree, &out);
	assert_string_equal(buf_str(&out), "{\"a\":[1,-2500,0,100,0],"
		"\"b\":{\"c\":null,\"d\":true,\"e\":false},"
		"\"f\":\"\\\"\\\\/\\b\\f\\n\\r\\t\xc3\xa9\xf0\x9f\x8e\xb5\"}");
	cJSON_Delete(tree);
	buf_free(&out);
}

static void
a_value_alone_is_json_too(void **state)
{
	static const char *const good[] = { "1", "-0", "\"\"", "null", "true", "[]", "{}",
		" 0.5e-3 " };

	(void)state;
	for (size_t i = 0; i < NELEM(good); i++) {
		struct err e;
		cJSON *tree = parse(good[i], &e);

		if (!tree) fail_msg("%s: %s", good[i], e.text);
		cJSON_Delete(tree);
	}
}

static void
what_is_not_the_grammar_is_refused(void **state)
{
	static const char *const bad[] = { "", " ", "{", "}", "[1,2", "[1,]", "{\"a\":1,}",
		"{\"a\"}", "{a:1}", "{'a':1}", "[1 2]", "[,1]", "nul", "True", "nan", "Infinity",
		"undefined", "\"abc", "\"\\x41\"", "\"\\u12\"", "\"\\u12g4\"", "// c\n1",
		"/* c */1", "1 2", "{}{}", "[]]", "{\"a\":1}x", "\"a\" \"b\"", "{\"a\":}", "{:1}",
		"{\"a\":1 \"b\":2}", "\\", "\"\\", "[\"\\\"]" };

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) check_refused(bad[i], strlen(bad[i]));
}

static void
numbers_are_those_of_the_grammar(void **state)
{
	static const char *const bad[] = { "01", "-01", "00", "1.", "-1.", ".5", "-.5", "1.e5",
		"1e", "1e+", "1e1.5", "+1", "-", "--1", "1-1", "0x10", "1_000", "1,5", "[1.]",
		"{\"a\":01}", "[1,02]", "1e5e5", "1.2.3" };

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) check_refused(bad[i], strlen(bad[i]));
}

static void
a_number_too_large_to_be_held_is_refused(void **state)
{
	(void)state;
	check_refused("1e999", 5);
	check_refused("{\"a\":[{\"b\":-1e400}]}", 20);
}

static void
control_characters_and_nul_are_refused_plain_and_escaped(void **state)
{
	(void)state;
	check_refused("\"a\nb\"", 5);
	check_refused("\"a\x01" "b\"", 5);
	check_refused("\"\x1f\"", 3);
	check_refused("\x01{}", 3);
	check_refused("{\x0b}", 3);
	check_refused("{}\0", 3);
	check_refused("\"a\0b\"", 5);
	check_refused("\"\\u0000\"", 8);
	check_refused("{\"\\u0000\":1}", 12);
	check_refused("\"\\\\\\u0000\"", 10);
}

static void
a_backslash_that_is_escaped_begins_no_nul(void **state)
{
	struct err e;
	cJSON *tree = parse("\"\\\\u0000\"", &e);

	(void)state;
	assert_non_null(tree);
	assert_string_equal(tree->valuestring, "\\u0000");
	cJSON_Delete(tree);
}

static void
text_that_is_not_utf8_is_refused_plain_and_escaped(void **state)
{
	static const char *const bad[] = { "\"\xff\"", "\"\xc3\"", "\"\xed\xa0\x80\"",
		"\"\xc0\xaf\"", "\xef\xbb\xbf{}", "\"\\ud83c\"", "\"\\udfb5\\ud83c\"",
		"\"\\ud83cx\"", "\"\\ud83c\\u0041\"", "\xc2\xa0{}" };

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) check_refused(bad[i], strlen(bad[i]));
}

static void
depth_has_a_limit_that_brackets_in_text_do_not_count_for(void **state)
{
	char text[2 * 100000 + 1];
	struct err e;
	cJSON *tree;

	(void)state;
	memset(text, '[', JSON_MAX_DEPTH);
	memset(text + JSON_MAX_DEPTH, ']', JSON_MAX_DEPTH);
	assert_non_null(tree = json_parse(text, 2 * JSON_MAX_DEPTH, &e));
	cJSON_Delete(tree);
	memset(text, '[', JSON_MAX_DEPTH + 1);
	memset(text + JSON_MAX_DEPTH + 1, ']', JSON_MAX_DEPTH + 1);
	check_refused(text, 2 * JSON_MAX_DEPTH + 2);
	memset(text, '[', sizeof text);
	check_refused(text, sizeof text);
	for (size_t i = 0; i + 6 < sizeof text; i += 5) memcpy(text + i, "{\"a\":", 6);
	check_refused(text, 100000);
	/* Closing first must not make room for more. */
	memset(text, ']', 100000);
	memset(text + 100000, '[', 100000);
	check_refused(text, 200000);
	memset(text, '[', 1000);
	text[0] = text[999] = '"';
	assert_non_null(tree = json_parse(text, 1000, &e));
	cJSON_Delete(tree);
}

static void
every_beginning_of_good_json_is_refused_without_reading_on(void **state)
{
	static const char text[] = "{\"a\":[1,-2.5e3,\"\\u00e9\\\\\\\"\"],"
		"\"b\":{\"c\":null,\"d\":true,\"e\":\"\xf0\x9f\x8e\xb5\"}}";

	(void)state;
	for (size_t n = 0; n + 1 < sizeof text; n++) check_refused(text, n);
}

/* Four bytes, one character. */
#define NOTE "\xf0\x9f\x8e\xb5"

static const char *const fruit[] = { "apple", "pear", NULL };

struct order {
	char name[4 * 10 + 1];
	int64_t n;
	bool has_n;
	double r;
	bool b;
	int choice;
	struct uuid id;
	const cJSON *object, *array;
	char note[4 * 5 + 1];
};

static const struct json_field fields[] = {
	J_TEXT_REQ(struct order, name, 2, 10),
	J_INT_OPT(struct order, n, has_n, -5, 5),
	J_REAL(struct order, r, 0, 2, 0.5),
	J_BOOL(struct order, b, true),
	J_CHOICE(struct order, choice, fruit, 1),
	J_ID(struct order, id),
	J_OBJECT(struct order, object),
	J_ARRAY(struct order, array, 1, 2),
	J_TEXT(struct order, note, 0, 5),
};

/* The wrong fields as text: "n must be …; x is not a known field", or "" if there is none. */
static void
check_fields(const char *text, const char *prefix, const char *expected)
{
	struct order o = {0};
	char got[2048] = "";
	struct err e;
	cJSON *tree = parse(text, &e);
	int rc;

	if (!tree) fail_msg("%s: %s", text, e.text);
	rc = json_read(tree, fields, NELEM(fields), prefix, &o, &e);
	assert_int_equal(rc, e.n_fields ? -1 : 0);
	if (rc) assert_int_equal(e.kind, ERR_INVALID);
	for (int i = 0; i < e.n_fields; i++) {
		if (i) strcat(got, "; ");
		strcat(strcat(strcat(got, e.fields[i].field), " "), e.fields[i].detail);
	}
	assert_string_equal(got, expected);
	cJSON_Delete(tree);
}

static void
a_table_fills_a_struct(void **state)
{
	static const char text[] = "{\"name\":\"\xc3\xa9l\xc3\xa8ve\",\"n\":-5,\"r\":2,\"b\":false,"
		"\"choice\":\"apple\",\"id\":\"01234567-89ab-cdef-fedc-ba9876543210\","
		"\"object\":{\"x\":1},\"array\":[1,2],\"note\":\"\"}";
	struct order o = {0};
	struct err e;
	cJSON *tree = parse(text, &e);

	(void)state;
	assert_int_equal(json_read(tree, fields, NELEM(fields), "", &o, &e), 0);
	assert_string_equal(o.name, "\xc3\xa9l\xc3\xa8ve");
	assert_true(o.has_n && o.n == -5);
	assert_true(o.r == 2);
	assert_false(o.b);
	assert_int_equal(o.choice, 0);
	assert_string_equal(UUID_STR(o.id), "01234567-89ab-cdef-fedc-ba9876543210");
	assert_int_equal(json_real(o.object, "x", 0), 1);
	assert_int_equal(cJSON_GetArraySize(o.array), 2);
	cJSON_Delete(tree);
}

static void
what_is_absent_or_null_has_its_default(void **state)
{
	static const char *const texts[] = { "{\"name\":\"ab\"}",
		"{\"name\":\"ab\",\"n\":null,\"r\":null,\"b\":null,\"choice\":null,\"id\":null,"
		"\"object\":null,\"array\":null,\"note\":null}" };

	(void)state;
	for (size_t i = 0; i < NELEM(texts); i++) {
		struct order o = {0};
		struct err e;
		cJSON *tree = parse(texts[i], &e);

		assert_int_equal(json_read(tree, fields, NELEM(fields), "", &o, &e), 0);
		assert_false(o.has_n);
		assert_true(o.r == 0.5 && o.b && o.choice == 1);
		assert_true(uuid_is_nil(o.id));
		assert_null(o.object);
		assert_null(o.array);
		assert_string_equal(o.note, "");
		cJSON_Delete(tree);
	}
}

static void
every_wrong_field_is_named_at_once(void **state)
{
	(void)state;
	check_fields("{\"name\":5,\"n\":1.5,\"r\":\"x\",\"b\":1,\"choice\":\"plum\",\"id\":\"x\","
		"\"object\":[],\"array\":{},\"note\":true,\"more\":1}", "",
		"name must be text; n must be a whole number; r must be a number; "
		"b must be true or false; choice must be one of apple, pear; id must be a UUID; "
		"object must be an object; array must be an array; note must be text; "
		"more is not a known field");
	check_fields("{}", "", "name is missing");
	check_fields("{\"name\":null}", "", "name is missing");
	check_fields("{\"Name\":\"ab\",\"name\":\"ab\"}", "", "Name is not a known field");
}

static void
limits_are_told_with_the_value(void **state)
{
	(void)state;
	check_fields("{\"name\":\"a\"}", "", "name must have 2 to 10 characters, not 1");
	check_fields("{\"name\":\"" NOTE NOTE NOTE NOTE NOTE NOTE NOTE NOTE NOTE NOTE "\"}", "",
		"");
	check_fields("{\"name\":\"12345678901\"}", "", "name must have 2 to 10 characters, not 11");
	check_fields("{\"name\":\"ab\",\"n\":6}", "", "n must be from -5 to 5, not 6");
	check_fields("{\"name\":\"ab\",\"n\":-1e300}", "", "n must be from -5 to 5, not -1e+300");
	check_fields("{\"name\":\"ab\",\"r\":2.5}", "", "r must be from 0 to 2, not 2.5");
	check_fields("{\"name\":\"ab\",\"array\":[]}", "", "array must have 1 to 2 elements");
	check_fields("{\"name\":\"ab\",\"array\":[1,2,3]}", "", "array must have 1 to 2 elements");
}

static void
a_field_given_twice_is_refused(void **state)
{
	(void)state;
	check_fields("{\"name\":\"ab\",\"n\":1,\"n\":2}", "", "n is given twice");
	check_fields("{\"name\":\"ab\",\"x\":1,\"x\":2}", "",
		"x is not a known field; x is not a known field");
}

static void
names_bear_the_prefix_of_the_object_that_they_are_in(void **state)
{
	(void)state;
	check_fields("{\"n\":6,\"x\":1}", "attributes.", "attributes.name is missing; "
		"attributes.n must be from -5 to 5, not 6; attributes.x is not a known field");
}

static void
a_name_from_outside_is_shown_short_and_in_one_line(void **state)
{
	char text[400] = "{\"name\":\"ab\",\"a\\n\\u001b", expected[200] = "a  ";

	(void)state;
	memset(text + strlen(text), 'x', 300);
	strcpy(text + strlen(text), "\":1}");
	memset(expected + 3, 'x', 37);
	strcpy(expected + 40, "\xe2\x80\xa6 is not a known field");
	check_fields(text, "", expected);
}

static void
more_wrong_fields_than_can_be_told_are_still_an_error(void **state)
{
	char text[2000] = "{\"name\":\"ab\"";
	struct order o = {0};
	struct err e;
	cJSON *tree;

	(void)state;
	for (int i = 0; i < 100; i++) sprintf(text + strlen(text), ",\"x%d\":1", i);
	strcat(text, "}");
	tree = parse(text, &e);
	assert_int_equal(json_read(tree, fields, NELEM(fields), "", &o, &e), -1);
	assert_int_equal(e.n_fields, ERR_MAX_FIELDS);
	cJSON_Delete(tree);
}

static void
what_is_no_object_is_named_too(void **state)
{
	struct order o = {0};
	struct err e;
	cJSON *tree = parse("[1]", &e);

	(void)state;
	assert_int_equal(json_read(tree, fields, NELEM(fields), "", &o, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
	assert_string_equal(e.text, "The body must be a JSON object.");
	assert_int_equal(json_read(tree, fields, NELEM(fields), "attributes", &o, &e), -1);
	assert_string_equal(e.fields[0].field, "attributes");
	cJSON_Delete(tree);
}

static void
what_is_built_prints_as_json(void **state)
{
	cJSON *o = json_object(), *a = json_array();
	struct buf out = {0};

	(void)state;
	json_add_text(o, "t", "\"\n\xc3\xa9");
	json_add_text(o, "no_text", NULL);
	json_add_int(o, "i", 4294967295);
	json_add_real(o, "r", 0.1);
	json_add_real(o, "nan", NAN);
	json_add_real(o, "inf", INFINITY);
	json_add_bool(o, "b", false);
	json_add_id(o, "nil", (struct uuid){{0}});
	json_add(a, "", NULL);
	json_add(o, "a", a);
	json_print(o, &out);
	assert_string_equal(buf_str(&out), "{\"t\":\"\\\"\\n\xc3\xa9\",\"no_text\":null,"
		"\"i\":4294967295,\"r\":0.1,\"nan\":null,\"inf\":null,\"b\":false,\"nil\":null,"
		"\"a\":[null]}");
	assert_string_equal(json_text(o, "i", "none"), "none");
	assert_string_equal(json_text(o, "missing", "none"), "none");
	assert_true(json_real(o, "t", 7) == 7);
	assert_true(json_real(NULL, "t", 7) == 7);
	cJSON_Delete(o);
	buf_free(&out);
}

static void
ids_of_an_array_are_read_and_wrong_ones_named(void **state)
{
	static const char text[] = "[\"0190a6a0-0000-7000-8000-000000000001\", 7, "
		"\"0190A6A0-0000-7000-8000-000000000001\", \"\", "
		"\"0190a6a0-0000-7000-8000-000000000002\", null]";
	struct uuid ids[8], wanted;
	struct err e;
	cJSON *array = json_parse(text, strlen(text), &e);

	(void)state;
	assert_non_null(array);
	err_clear(&e);
	assert_int_equal(json_read_ids(array, "audio_ids", ids, 8, &e), 2);
	assert_true(uuid_parse("0190a6a0-0000-7000-8000-000000000002", &wanted));
	assert_true(uuid_eq(ids[1], wanted));
	assert_int_equal(e.kind, ERR_INVALID);
	assert_int_equal(e.n_fields, 4);
	assert_string_equal(e.fields[0].field, "audio_ids[1]");
	assert_string_equal(e.fields[0].detail, "must be a UUID");
	assert_string_equal(e.fields[1].field, "audio_ids[2]");
	assert_string_equal(e.fields[1].detail, "is given twice");
	assert_string_equal(e.fields[2].field, "audio_ids[3]");
	assert_string_equal(e.fields[3].field, "audio_ids[5]");
	cJSON_Delete(array);
}

static void
ids_of_an_array_stay_within_their_place(void **state)
{
	static const char text[] = "[\"0190a6a0-0000-7000-8000-000000000001\", "
		"\"0190a6a0-0000-7000-8000-000000000002\", "
		"\"0190a6a0-0000-7000-8000-000000000003\"]";
	struct uuid ids[3] = {0};
	struct err e;
	cJSON *array = json_parse(text, strlen(text), &e);

	(void)state;
	err_clear(&e);
	assert_int_equal(json_read_ids(array, "ids", ids, 2, &e), 2);
	assert_true(uuid_is_nil(ids[2]));
	assert_int_equal(e.kind, ERR_NONE);
	assert_int_equal(json_read_ids(NULL, "ids", ids, 2, &e), 0);
	assert_int_equal(e.kind, ERR_NONE);
	cJSON_Delete(array);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_value_is_read),
		cmocka_unit_test(a_value_alone_is_json_too),
		cmocka_unit_test(what_is_not_the_grammar_is_refused),
		cmocka_unit_test(numbers_are_those_of_the_grammar),
		cmocka_unit_test(a_number_too_large_to_be_held_is_refused),
		cmocka_unit_test(control_characters_and_nul_are_refused_plain_and_escaped),
		cmocka_unit_test(a_backslash_that_is_escaped_begins_no_nul),
		cmocka_unit_test(text_that_is_not_utf8_is_refused_plain_and_escaped),
		cmocka_unit_test(depth_has_a_limit_that_brackets_in_text_do_not_count_for),
		cmocka_unit_test(every_beginning_of_good_json_is_refused_without_reading_on),
		cmocka_unit_test(a_table_fills_a_struct),
		cmocka_unit_test(what_is_absent_or_null_has_its_default),
		cmocka_unit_test(every_wrong_field_is_named_at_once),
		cmocka_unit_test(limits_are_told_with_the_value),
		cmocka_unit_test(a_field_given_twice_is_refused),
		cmocka_unit_test(names_bear_the_prefix_of_the_object_that_they_are_in),
		cmocka_unit_test(a_name_from_outside_is_shown_short_and_in_one_line),
		cmocka_unit_test(more_wrong_fields_than_can_be_told_are_still_an_error),
		cmocka_unit_test(what_is_no_object_is_named_too),
		cmocka_unit_test(what_is_built_prints_as_json),
		cmocka_unit_test(ids_of_an_array_are_read_and_wrong_ones_named),
		cmocka_unit_test(ids_of_an_array_stay_within_their_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
