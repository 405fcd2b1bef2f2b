/* The tables of the API against what they must agree with, and its pure functions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <cmocka.h>

#include "api/formats.h"
#include "api/job.h"
#include "api/openapi.h"
#include "api/routes.h"
#include "api/transcode.h"
#include "api/words.h"
#include "audio/encode.h"
#include "base/err.h"
#include "base/json.h"
#include "engine/engine.h"

static cJSON *
openapi(void)
{
	struct err e = {0};
	cJSON *tree = json_parse(openapi_json, openapi_bytes(), &e);

	if (!tree) print_error("openapi.json: %s\n", e.text);
	assert_non_null(tree);
	return tree;
}

static void
no_route_is_there_twice_or_cannot_work(void **state)
{
	struct err e = {0};

	(void)state;
	if (router_check(api_routes, api_n_routes, &e)) fail_msg("%s", e.text);
}

/* As openapi.json has it. */
static const char *
path_of(const struct route *r)
{
	return r->pattern + strlen(API_PREFIX);
}

static const cJSON *
described(const cJSON *paths, const struct route *r)
{
	const cJSON *path = cJSON_GetObjectItemCaseSensitive(paths, path_of(r));
	char method[16] = "";

	for (size_t i = 0; r->method[i] && i < sizeof method - 1; i++)
		method[i] = (char)(r->method[i] | 0x20);
	return cJSON_GetObjectItemCaseSensitive(path, method);
}

static void
every_route_is_described_in_openapi(void **state)
{
	cJSON *tree = openapi();
	const cJSON *paths = cJSON_GetObjectItemCaseSensitive(tree, "paths");

	(void)state;
	for (size_t i = 0; i < api_n_routes; i++) {
		const struct route *r = &api_routes[i];
		const cJSON *op = described(paths, r);

		if (!op) fail_msg("www/openapi.json lacks %s %s", r->method, r->pattern);
		assert_int_equal(cJSON_HasObjectItem(op, "requestBody"),
			(r->flags & (ROUTE_JSON | ROUTE_BODY)) != 0);
	}
	cJSON_Delete(tree);
}

/* In the words of openapi.json; NULL: a route has none of them, or several. */
static const char *
policy_of(const struct route *r)
{
	switch (r->flags & MAY_ALL) {
	case MAY_READ: return "read";
	case MAY_VOTE: return "vote";
	case MAY_CREATE: return "create";
	case MAY_ADMIN: return "admin";
	case MAY_SIGNED_IN: return "signed_in";
	case MAY_ANYONE: return "anyone";
	default: return NULL;
	}
}

static void
every_route_says_who_may_and_so_does_openapi(void **state)
{
	cJSON *tree = openapi();
	const cJSON *paths = cJSON_GetObjectItemCaseSensitive(tree, "paths");

	(void)state;
	for (size_t i = 0; i < api_n_routes; i++) {
		const struct route *r = &api_routes[i];
		const char *policy = policy_of(r);
		const char *told = json_text(described(paths, r), "x-right", "nobody");

		if (!policy) fail_msg("%s %s has no policy, or several", r->method, r->pattern);
		if (strcmp(policy, told) != 0)
			fail_msg("%s %s takes %s, and openapi.json says %s", r->method, r->pattern,
				policy, told);
	}
	cJSON_Delete(tree);
}

static void
what_is_somebodys_is_named_by_the_path_and_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < api_n_routes; i++) {
		const struct route *r = &api_routes[i];

		if (ROUTE_OWNED(r->flags) == OWNED_NOTHING) continue;
		assert_true(ROUTE_OWNED(r->flags) < OWNED_KINDS);
		assert_non_null(strstr(r->pattern, "{id}"));
		assert_true(r->flags & ROUTE_DB);
		assert_string_not_equal(r->method, "GET");
	}
}

static void
every_operation_of_openapi_is_a_route(void **state)
{
	cJSON *tree = openapi();
	const cJSON *path, *op;

	(void)state;
	cJSON_ArrayForEach(path, cJSON_GetObjectItemCaseSensitive(tree, "paths"))
		cJSON_ArrayForEach(op, path) {
			size_t i = 0;

			while (i < api_n_routes &&
				(strcasecmp(api_routes[i].method, op->string) != 0 ||
				strcmp(path_of(&api_routes[i]), path->string) != 0))
				i++;
			if (i == api_n_routes)
				fail_msg("no route for %s %s of www/openapi.json", op->string,
					path->string);
		}
	cJSON_Delete(tree);
}

static void
check_references(const cJSON *root, const cJSON *at)
{
	const cJSON *child;

	cJSON_ArrayForEach(child, at) {
		if (child->string && strcmp(child->string, "$ref") == 0) {
			char path[128], *part, *rest = path;
			const cJSON *found = root;

			snprintf(path, sizeof path, "%s", child->valuestring + 2);
			while ((part = strsep(&rest, "/")))
				found = cJSON_GetObjectItemCaseSensitive(found, part);
			if (!found)
				fail_msg("www/openapi.json refers to %s, which is not there",
					child->valuestring);
		}
		check_references(root, child);
	}
}

static void
what_openapi_refers_to_is_there(void **state)
{
	cJSON *tree = openapi();

	(void)state;
	check_references(tree, tree);
	cJSON_Delete(tree);
}

static void
the_formats_are_those_of_the_encoder(void **state)
{
	size_t i = 0;

	(void)state;
	for (; formats[i].name; i++) {
		assert_non_null(audio_formats[i].name);
		assert_string_equal(formats[i].name, audio_formats[i].name);
		assert_string_equal(formats[i].extension, audio_formats[i].extension);
		assert_string_equal(formats[i].content_type, audio_formats[i].content_type);
		assert_string_equal(format_names[i], formats[i].name);
	}
	assert_null(audio_formats[i].name);
	assert_null(format_names[i]);
}

static void
the_stems_are_those_of_the_band(void **state)
{
	const struct engine_env env = {0};
	const struct engine_table *t = engine_find("band", &env, NULL);
	size_t i = 0;

	(void)state;
	for (; t->stems[i]; i++) assert_string_equal(format_stems[i], t->stems[i]);
	assert_null(format_stems[i]);
}

/* Deletion goes by this list, so nothing that is made may be missing in it. */
static void
whatever_may_be_derived_is_listed_once(void **state)
{
	const struct object_form *forms = transcode_forms();
	int stems = 0, others = 0;

	(void)state;
	for (const struct object_form *f = forms; f->suffix; f++) {
		char key[SAMPLE_KEY];

		objects_derived_key("audio/ab/0190a6a0-1-0.flac", f, key);
		assert_true(storage_key_ok(key));
		for (const struct object_form *g = forms; g < f; g++)
			assert_false(strcmp(f->prefix, g->prefix) == 0 &&
				strcmp(f->suffix, g->suffix) == 0);
		if (f->of_score) stems++;
		else others++;
	}
	assert_int_equal(stems, 12);
	assert_int_equal(others, 6);
}

static void
a_derived_object_has_a_key_of_its_own(void **state)
{
	char key[STORAGE_KEY];

	(void)state;
	transcode_key("audio/ab/0190a6a0-1-0.flac", formats_find("mp3"), key);
	assert_string_equal(key, "derived/ab/0190a6a0-1-0.mp3");
	assert_true(storage_key_ok(key));
}

static void
what_is_left_follows_from_what_is_done(void **state)
{
	(void)state;
	assert_true(job_eta_s(0.5, 10000000) == 10);
	assert_true(job_eta_s(0.9, 9000000) == 1);
	assert_true(job_eta_s(1, 9000000) == 0);
	assert_true(job_eta_s(0.3, 1000000) == 2.5);
}

static void
what_waits_comes_after_what_runs_and_what_is_before_it(void **state)
{
	static const struct { struct job_pace pace; uint32_t position; double seconds; } cases[] = {
		{ { 4000, 2, 0 }, 1, 4 }, { { 4000, 2, 0 }, 2, 4 }, { { 4000, 2, 0 }, 3, 5 },
		{ { 4000, 1, 1 }, 1, 6 }, { { 4000, 1, 1 }, 2, 10 }, { { 4000, 2, 2 }, 1, 5 },
		{ { 4000, 2, 1 }, 1, 4 }, { { 4000, 2, 9 }, 2, 7 }, { { 1, 1, 0 }, 1, 0.5 },
		/* nothing known, nobody there, too far behind to be counted */
		{ { 0, 2, 0 }, 1, -1 }, { { 4000, 0, 0 }, 1, -1 }, { { 4000, 2, 0 }, 0, -1 },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		double is = job_queue_eta_s(&cases[i].pace, cases[i].position);

		if (is != cases[i].seconds) fail_msg("case %zu: %g", i, is);
	}
}

static void
all_that_can_be_derived_from_a_sample_is_known_to_deletion(void **state)
{
	const struct object_form *forms = transcode_forms();
	size_t n = 0;

	(void)state;
	for (const struct format *f = formats; f->name; f++, n++) {
		char derived[STORAGE_KEY], key[STORAGE_KEY];

		transcode_key("audio/ab/0190a6a0-1-0.wav", f, derived);
		objects_derived_key("audio/ab/0190a6a0-1-0.wav", &forms[n], key);
		assert_string_equal(key, derived);
	}
}

static void
too_early_there_is_no_estimate(void **state)
{
	(void)state;
	assert_true(job_eta_s(0, 1000000) < 0);
	assert_true(job_eta_s(0.04, 1000000) < 0);
	assert_true(job_eta_s(0.5, -1) < 0);
}

/* The fields that attributes are refused for, "" when they are fine. */
static const char *
refused(const char *json)
{
	static char names[1024];
	struct err e = {0};
	struct buf out = {0};
	cJSON *tree = cJSON_Parse(json);

	assert_non_null(tree);
	words_read_attributes(tree, &out, &e);
	names[0] = '\0';
	for (int i = 0; i < e.n_fields; i++) {
		strcat(names, i ? " " : "");
		strcat(names, e.fields[i].field);
	}
	if (!e.n_fields) assert_string_equal(buf_str(&out), json);
	else assert_int_equal(out.n, 0);
	cJSON_Delete(tree);
	buf_free(&out);
	return names;
}

static void
good_attributes_are_kept_as_they_came(void **state)
{
	(void)state;
	assert_string_equal(refused("{}"), "");
	assert_string_equal(refused("{\"style\":\"jazz\",\"tempo\":120,\"primary_instruments\":"
		"[\"piano\"],\"duration\":30}"), "");
	assert_string_equal(refused("{\"tempo\":40}"), "");
	assert_string_equal(refused("{\"tempo\":200}"), "");
}

static void
every_wrong_attribute_is_named(void **state)
{
	(void)state;
	assert_string_equal(refused("{\"tempo\":39,\"mood\":5,\"colour\":\"red\"}"),
		"attributes.tempo attributes.mood attributes.colour");
	assert_string_equal(refused("{\"tempo\":201}"), "attributes.tempo");
	assert_string_equal(refused("{\"primary_instruments\":[\"a\",\"\",3]}"),
		"attributes.primary_instruments[1] attributes.primary_instruments[2]");
}

static void
a_blind_test_comes_at_one_loudness_unless_peaks_forbid_it(void **state)
{
	static const struct { double lufs, peak, gain; bool silent; } cases[] = {
		{ -14, -1.8, -9, false }, { -18.5, -6, -4.5, false }, { -23, -9, 0, false },
		{ -27, -12, 4, false }, { -30, -5, 4, false }, { -40, -0.5, 0, false },
		{ 0, 0, 0, true },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		struct sample s = { .loudness_lufs = cases[i].lufs, .true_peak_dbtp = cases[i].peak,
			.silent = cases[i].silent };

		assert_float_equal(transcode_blind_gain(&s), cases[i].gain, 1e-9);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_route_is_there_twice_or_cannot_work),
		cmocka_unit_test(every_route_is_described_in_openapi),
		cmocka_unit_test(every_route_says_who_may_and_so_does_openapi),
		cmocka_unit_test(what_is_somebodys_is_named_by_the_path_and_known),
		cmocka_unit_test(every_operation_of_openapi_is_a_route),
		cmocka_unit_test(what_openapi_refers_to_is_there),
		cmocka_unit_test(the_formats_are_those_of_the_encoder),
		cmocka_unit_test(the_stems_are_those_of_the_band),
		cmocka_unit_test(whatever_may_be_derived_is_listed_once),
		cmocka_unit_test(a_derived_object_has_a_key_of_its_own),
		cmocka_unit_test(what_is_left_follows_from_what_is_done),
		cmocka_unit_test(what_waits_comes_after_what_runs_and_what_is_before_it),
		cmocka_unit_test(all_that_can_be_derived_from_a_sample_is_known_to_deletion),
		cmocka_unit_test(too_early_there_is_no_estimate),
		cmocka_unit_test(good_attributes_are_kept_as_they_came),
		cmocka_unit_test(every_wrong_attribute_is_named),
		cmocka_unit_test(a_blind_test_comes_at_one_loudness_unless_peaks_forbid_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
