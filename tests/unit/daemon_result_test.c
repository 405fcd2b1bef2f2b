/* What a worker says of its result is believed only as far as it was asked for. */
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
#include "base/str.h"
#include "daemon/result.h"

#define JOB "01234567-89ab-7def-bedc-ba9876543210"
#define OTHER "01234567-89ab-7def-bedc-ba9876543211"
#define SHA "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

/* Two samples of attempt 3. */
static struct claim_work work;

static int
begin(void **state)
{
	static char model[] = "band", format[] = "flac";

	(void)state;
	work = (struct claim_work){ .claim.attempt = 3, .prompt_id = {{7}}, .model = model,
		.format = format, .num_samples = 2 };
	return uuid_parse(JOB, &work.claim.job) ? 0 : -1;
}

/* A good answer, which the tests then spoil. */
static cJSON *
answer(void)
{
	cJSON *m = json_object(), *list = json_array();

	json_add_text(m, "op", "done");
	json_add(m, "samples", list);
	json_add(m, "understood", cJSON_Parse("{\"key\":\"A minor\"}"));
	for (int i = 0; i < 2; i++) {
		cJSON *o = json_object();
		char key[SAMPLE_KEY];

		snprintf(key, sizeof key, "audio/10/%s-3-%d.flac", JOB, i);
		json_add_text(o, "storage_key", key);
		snprintf(key, sizeof key, "audio/10/%s-3-%d.peaks", JOB, i);
		json_add_text(o, "peaks_key", key);
		snprintf(key, sizeof key, "audio/10/%s-3-%d.mid", JOB, i);
		json_add_text(o, "midi_key", i ? NULL : key);
		json_add_text(o, "title", "A slow waltz");
		json_add_text(o, "sha256", SHA);
		json_add_int(o, "seed", 4294967295 - i);
		json_add_int(o, "sample_rate", 48000);
		json_add_int(o, "channels", 2);
		json_add_int(o, "frames", 480000);
		json_add_int(o, "size_bytes", 10);
		json_add_real(o, "loudness_lufs", -14.25);
		json_add_real(o, "true_peak_dbtp", -1.5);
		json_add(o, "params", cJSON_Parse("{\"seed\":1}"));
		json_add(list, "", o);
	}
	return m;
}

/* Read it; what was filled in is released, unless wanted. Frees m. */
static int
read_answer(cJSON *m, struct sample samples[JOB_MAX_SAMPLES], char **understood, struct err *e)
{
	struct sample local[JOB_MAX_SAMPLES] = {0};
	char *text = NULL;
	int n, rc = result_read(&work, m, local, &n, &text, e);

	cJSON_Delete(m);
	assert_in_range(n, 0, JOB_MAX_SAMPLES);
	if (rc == 0 && samples) {
		memcpy(samples, local, sizeof local);
		*understood = text;
		return n;
	}
	for (int i = 0; i < n; i++) samples_free(&local[i]);
	free(text);
	return rc;
}

/* A good answer but for one member of its first sample: value as JSON, NULL to leave it out. */
static void
check_spoiled(const char *member, const char *value, enum err_kind kind)
{
	cJSON *m = answer(), *o = cJSON_GetArrayItem(cJSON_GetObjectItem(m, "samples"), 0);
	struct err e;

	cJSON_DeleteItemFromObjectCaseSensitive(o, member);
	if (value) json_add(o, member, cJSON_Parse(value));
	if (read_answer(m, NULL, NULL, &e) != -1)
		fail_msg("taken: %s = %s", member, value ? value : "nothing");
	if (e.kind != kind)
		fail_msg("%s = %s: kind %d, %s", member, value ? value : "nothing", (int)e.kind,
			e.text);
	assert_true(e.text[0]);
}

static void
a_true_answer_is_read_whole(void **state)
{
	struct sample s[JOB_MAX_SAMPLES];
	char *understood;
	struct err e;

	(void)state;
	assert_int_equal(read_answer(answer(), s, &understood, &e), 2);
	assert_string_equal(understood, "{\"key\":\"A minor\"}");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(s[i].index, i);
		assert_true(uuid_eq(s[i].job_id, work.claim.job));
		assert_true(uuid_eq(s[i].prompt_id, work.prompt_id));
		assert_string_equal(s[i].model, "band");
		assert_string_equal(s[i].format, "flac");
		assert_string_equal(s[i].title, "A slow waltz");
		assert_true(s[i].seed == 4294967295u - (uint32_t)i);
		assert_int_equal(s[i].sample_rate, 48000);
		assert_int_equal(s[i].channels, 2);
		assert_int_equal(s[i].frames, 480000);
		assert_int_equal(s[i].size_bytes, 10);
		assert_int_equal(s[i].sha256[0], 0xba);
		assert_false(s[i].silent);
		assert_true(s[i].loudness_lufs == -14.25 && s[i].true_peak_dbtp == -1.5);
		assert_string_equal(s[i].params, "{\"seed\":1}");
		assert_string_equal(s[i].midi_key, i ? "" : "audio/10/" JOB "-3-0.mid");
		samples_free(&s[i]);
	}
	free(understood);
}

static void
the_adapter_is_the_one_of_the_job_whatever_the_worker_says(void **state)
{
	static char adapter[] = "{\"name\":\"Lo-fi\",\"scale\":0.5}";
	struct uuid id = {{9}};
	struct sample s[JOB_MAX_SAMPLES];
	char *understood;
	struct err e;

	(void)state;
	for (int with = 0; with < 2; with++) {
		cJSON *m = answer(), *o = cJSON_GetObjectItem(m, "samples")->child;

		json_add_id(o, "adapter_id", (struct uuid){{8}});
		json_add(o, "adapter", cJSON_Parse("{\"name\":\"Hi-fi\"}"));
		work.adapter_id = with ? id : (struct uuid){{0}};
		work.adapter = with ? adapter : NULL;
		assert_int_equal(read_answer(m, s, &understood, &e), 2);
		for (int k = 0; k < 2; k++) {
			assert_true(uuid_eq(s[k].adapter_id, work.adapter_id));
			if (with) assert_string_equal(s[k].adapter, adapter);
			else assert_null(s[k].adapter);
			samples_free(&s[k]);
		}
		free(understood);
	}
	work.adapter_id = (struct uuid){{0}};
	work.adapter = NULL;
}

static void
silence_has_no_loudness(void **state)
{
	cJSON *m = answer();
	struct sample s[JOB_MAX_SAMPLES];
	char *understood;
	struct err e;

	(void)state;
	cJSON_ReplaceItemInObject(cJSON_GetArrayItem(cJSON_GetObjectItem(m, "samples"), 1),
		"loudness_lufs", cJSON_CreateNull());
	assert_int_equal(read_answer(m, s, &understood, &e), 2);
	assert_false(s[0].silent);
	assert_true(s[1].silent);
	for (int i = 0; i < 2; i++) samples_free(&s[i]);
	free(understood);
}

static void
what_was_understood_may_be_nothing(void **state)
{
	static const char *const values[] = { "null", "\"text\"", "[1]", "5" };

	(void)state;
	for (size_t i = 0; i < NELEM(values); i++) {
		cJSON *m = answer();
		struct sample s[JOB_MAX_SAMPLES];
		char *understood;
		struct err e;

		cJSON_ReplaceItemInObject(m, "understood", cJSON_Parse(values[i]));
		assert_int_equal(read_answer(m, s, &understood, &e), 2);
		assert_null(understood);
		for (int k = 0; k < 2; k++) samples_free(&s[k]);
	}
}

static void
a_title_is_cut_to_one_short_line(void **state)
{
	cJSON *m = answer();
	char title[1000] = "a\nb";
	struct sample s[JOB_MAX_SAMPLES];
	char *understood;
	struct err e;

	(void)state;
	memset(title + 3, 'x', 900);
	cJSON_ReplaceItemInObject(cJSON_GetArrayItem(cJSON_GetObjectItem(m, "samples"), 0), "title",
		cJSON_CreateString(title));
	assert_int_equal(read_answer(m, s, &understood, &e), 2);
	assert_memory_equal(s[0].title, "a bxxx", 6);
	assert_in_range(str_chars(s[0].title), 10, 60);
	for (int k = 0; k < 2; k++) samples_free(&s[k]);
	free(understood);
}

static void
as_many_samples_as_were_asked_for_must_come(void **state)
{
	cJSON *m = answer(), *list;
	struct err e;

	(void)state;
	cJSON_DeleteItemFromArray(cJSON_GetObjectItem(m, "samples"), 1);
	assert_int_equal(read_answer(m, NULL, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_INTERNAL);
	m = answer();
	list = cJSON_GetObjectItem(m, "samples");
	for (int i = 0; i < 100; i++) json_add(list, "", cJSON_Duplicate(list->child, true));
	assert_int_equal(read_answer(m, NULL, NULL, &e), -1);
	assert_int_equal(read_answer(json_object(), NULL, NULL, &e), -1);
	m = answer();
	cJSON_ReplaceItemInObject(m, "samples", cJSON_Parse("\"two\""));
	assert_int_equal(read_answer(m, NULL, NULL, &e), -1);
	m = answer();
	cJSON_ReplaceItemInObject(m, "samples", cJSON_Parse("[1,null]"));
	assert_int_equal(read_answer(m, NULL, NULL, &e), -1);
	m = answer();
	cJSON_ReplaceItemInObject(m, "samples", cJSON_Parse("[{},{}]"));
	assert_int_equal(read_answer(m, NULL, NULL, &e), -1);
}

static void
numbers_are_whole_and_possible(void **state)
{
	static const struct {
		const char *member, *values[12];
	} bad[] = {
		{ "seed", { "-1", "1.5", "4294967296", "\"1\"", "null" } },
		{ "sample_rate", { "0", "-48000", "44100.5", "1e9", "null", "true" } },
		{ "channels", { "0", "-1", "9", "1.5", "[]" } },
		{ "frames", { "0", "-1", "0.5", "1e13", "1e300", "{}" } },
		{ "size_bytes", { "0", "-1", "10.5", "1e300", "null" } },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		check_spoiled(bad[i].member, NULL, ERR_INTERNAL);
		for (int k = 0; bad[i].values[k]; k++)
			check_spoiled(bad[i].member, bad[i].values[k], ERR_INTERNAL);
	}
}

static void
a_hash_and_params_must_be_what_they_are_called(void **state)
{
	(void)state;
	check_spoiled("sha256", NULL, ERR_INTERNAL);
	check_spoiled("sha256", "\"\"", ERR_INTERNAL);
	check_spoiled("sha256", "\"ba78\"", ERR_INTERNAL);
	check_spoiled("sha256", "\"" SHA "00\"", ERR_INTERNAL);
	check_spoiled("sha256", "5", ERR_INTERNAL);
	check_spoiled("params", NULL, ERR_INTERNAL);
	check_spoiled("params", "[]", ERR_INTERNAL);
	check_spoiled("params", "\"{}\"", ERR_INTERNAL);
}

static void
only_keys_that_this_claim_was_given_are_taken(void **state)
{
	static const char *const bad[] = { "null", "\"\"", "5", "\"audio/11/" OTHER "-3-0.flac\"",
		"\"audio/10/" JOB "-2-0.flac\"", "\"audio/10/" JOB "-3-1.flac\"",
		"\"audio/10/" JOB "-3-0\"", "\"/etc/passwd\"", "\"../" JOB "-3-0.flac\"",
		"\"audio/10/../10/" JOB "-3-0.flac\"", "\"audio//" JOB "-3-0.flac\"",
		"\"audio/10/" JOB "-3-0.flac \"", "\"" JOB "-3-0.flac\"" };
	static const char *const members[] = { "storage_key", "peaks_key" };
	char long_key[400] = "\"audio/";

	(void)state;
	for (size_t m = 0; m < NELEM(members); m++) {
		check_spoiled(members[m], NULL, ERR_INTERNAL);
		for (size_t i = 0; i < NELEM(bad); i++)
			check_spoiled(members[m], bad[i], ERR_INTERNAL);
	}
	for (size_t i = 3; i < NELEM(bad); i++) check_spoiled("midi_key", bad[i], ERR_INTERNAL);
	memset(long_key + 7, 'k', 300);
	strcpy(long_key + 307, "/" JOB "-3-0.flac\"");
	check_spoiled("storage_key", long_key, ERR_INTERNAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_true_answer_is_read_whole),
		cmocka_unit_test(the_adapter_is_the_one_of_the_job_whatever_the_worker_says),
		cmocka_unit_test(silence_has_no_loudness),
		cmocka_unit_test(what_was_understood_may_be_nothing),
		cmocka_unit_test(a_title_is_cut_to_one_short_line),
		cmocka_unit_test(as_many_samples_as_were_asked_for_must_come),
		cmocka_unit_test(numbers_are_whole_and_possible),
		cmocka_unit_test(a_hash_and_params_must_be_what_they_are_called),
		cmocka_unit_test(only_keys_that_this_claim_was_given_are_taken),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
