/* What servers elsewhere are asked, and what is made of their answers. */
#include "engine_remote.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

/* What the JSON of a message says. */
static void
check_json(const struct remote_message *m, const char *path, const char *json)
{
	struct err e;
	cJSON *got = json_parse(buf_str(&m->json), m->json.n, &e), *want = cJSON_Parse(json);

	assert_true(m->post);
	assert_string_equal(buf_str(&m->path), path);
	if (!cJSON_Compare(got, want, true)) fail_msg("%s is not %s", buf_str(&m->json), json);
	cJSON_Delete(got);
	cJSON_Delete(want);
}

static void
a_wish_says_the_seed_and_one_take_whatever_the_server_would_do_by_itself(void **state)
{
	cJSON *attributes = cJSON_Parse("{\"tempo\":96.4,\"key\":\"A minor\",\"style\":\"waltz\"}");
	struct conf_remote s = server;
	struct remote_wish w = { .server = &s, .text = "calm", .seconds = 12.5, .seed = 4294967295,
		.adapter = "" };
	struct remote_message m = {0};

	(void)state;
	protocol("acestep")->submit(&w, &m);
	check_json(&m, "/release_task", "{\"prompt\":\"calm\",\"lyrics\":\"[Instrumental]\","
		"\"vocal_language\":\"unknown\",\"audio_duration\":12.5,"
		"\"seed\":4294967295,\"use_random_seed\":false,\"batch_size\":1,"
		"\"audio_format\":\"flac\",\"task_type\":\"text2music\",\"thinking\":false,"
		"\"use_cot_caption\":false,\"use_cot_language\":false}");
	remote_message_free(&m);
	s.steps = 32;
	s.thinking = 1;
	str_copy(s.model, sizeof s.model, "base");
	w.attributes = attributes;
	protocol("acestep")->submit(&w, &m);
	check_json(&m, "/release_task", "{\"prompt\":\"calm\",\"lyrics\":\"[Instrumental]\","
		"\"vocal_language\":\"unknown\",\"audio_duration\":12.5,"
		"\"seed\":4294967295,\"use_random_seed\":false,\"batch_size\":1,"
		"\"audio_format\":\"flac\",\"task_type\":\"text2music\",\"thinking\":true,"
		"\"use_cot_caption\":true,\"use_cot_language\":true,\"inference_steps\":32,"
		"\"model\":\"base\",\"bpm\":96,\"key_scale\":\"A minor\"}");
	remote_message_free(&m);
	w.lyrics = "[Verse]\nOne";
	protocol("acestep")->submit(&w, &m);
	assert_non_null(strstr(buf_str(&m.json), "\"lyrics\":\"[Verse]\\nOne\""));
	remote_message_free(&m);
	w.lyrics = NULL;
	w.adapter = "jazz";
	w.adapter_scale = 0.5;
	protocol("acestep.cpp")->submit(&w, &m);
	check_json(&m, "/synth", "{\"caption\":\"calm\",\"lyrics\":\"[Instrumental]\","
		"\"vocal_language\":\"unknown\",\"duration\":12.5,"
		"\"seed\":4294967295,\"output_format\":\"wav24\",\"synth_batch_size\":1,"
		"\"inference_steps\":32,\"synth_model\":\"base\",\"bpm\":96,\"keyscale\":\"A "
			"minor\","
		"\"adapter\":\"jazz\",\"adapter_scale\":0.5}");
	remote_message_free(&m);
	cJSON_Delete(attributes);
}

/* The id, or the sentence and its kind. */
static void
a_submission_answers_an_id_that_fits_a_path_or_a_refusal(void **state)
{
	static const struct {
		const char *protocol;
		long status;
		const char *body, *id, *says;
		enum err_kind kind;
	} table[] = {
		{ "acestep", 200, "{\"data\":{\"task_id\":\"5-a.B_9\"},\"code\":200}", "5-a.B_9",
			"",
			ERR_NONE },
		{ "acestep", 200, "{\"data\":{\"task_id\":\"a/b\"},\"code\":200}", NULL, "no "
			"task_id",
			ERR_AWAY },
		{ "acestep", 200, "{\"data\":{\"task_id\":7},\"code\":200}", NULL, "no task_id",
			ERR_AWAY },
		{ "acestep", 200, "{\"data\":null,\"code\":200}", NULL, "no task_id", ERR_AWAY },
		{ "acestep", 200, "{\"data\":null,\"code\":400,\"error\":\"no such\\nmodel\"}",
			NULL,
			"The server gpu refuses the request (status 400): \"no such model\".",
			ERR_INVALID },
		{ "acestep", 200, "{\"data\":null,\"code\":500,\"error\":null}", NULL,
			"The server gpu has an error of its own (status 500).", ERR_AWAY },
		{ "acestep", 200, "{}", NULL, "answers nonsense (status 0)", ERR_AWAY },
		{ "acestep", 200, "[]", NULL, "answers nonsense", ERR_AWAY },
		{ "acestep", 200, "", NULL, "no JSON", ERR_AWAY },
		{ "acestep", 401, "{\"detail\":\"Invalid API key\"}", NULL, "refuses our key "
			"(key_file)",
			ERR_INVALID },
		{ "acestep", 429, "{\"detail\":\"Server busy\"}", NULL, "has too much to do",
			ERR_AWAY },
		{ "acestep", 422, "{\"detail\":[{\"msg\":\"x\"}]}", NULL, "refuses the request "
			"(status 422).",
			ERR_INVALID },
		{ "acestep", 404, "<html>", NULL, "is its protocol right?", ERR_INVALID },
		{ "acestep", 301, "", NULL, "answers nonsense (status 301)", ERR_AWAY },
		{ "acestep.cpp", 200, "{\"id\":\"00ff\"}", "00ff", "", ERR_NONE },
		{ "acestep.cpp", 200, "{\"id\":\"\"}", NULL, "no id", ERR_AWAY },
		{ "acestep.cpp", 200, "{\"id\":\"a&cancel=1\"}", NULL, "no id", ERR_AWAY },
		{ "acestep.cpp", 400, "{\"error\":\"Caption is required\"}", NULL, "\"Caption is "
			"required\"",
			ERR_INVALID },
		{ "acestep.cpp", 501, "{\"error\":\"No synth models\"}", NULL,
			"The server gpu cannot do what it was asked for (status 501): \"No synth "
			"models\".",
			ERR_INVALID },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(table); i++) {
		struct remote_answer a = answer(table[i].status, table[i].body);
		char id[REMOTE_ID] = "";
		struct err e = {0};
		int rc = protocol(table[i].protocol)->submitted(&a, id, &e);

		assert_int_equal(rc, table[i].id ? 0 : -1);
		if (table[i].id) assert_string_equal(id, table[i].id);
		else if (!strstr(e.text, table[i].says) || e.kind != table[i].kind)
			fail_msg("%zu: %d %s", i, e.kind, e.text);
		buf_free(&a.body);
	}
}

static void
a_very_long_id_is_none(void **state)
{
	char body[200], id[REMOTE_ID];
	struct remote_answer a;
	struct err e;

	(void)state;
	snprintf(body, sizeof body, "{\"id\":\"%064d\"}", 0);
	a = answer(200, body);
	assert_int_equal(protocol("acestep.cpp")->submitted(&a, id, &e), 0);
	buf_free(&a.body);
	snprintf(body, sizeof body, "{\"id\":\"%065d\"}", 0);
	a = answer(200, body);
	assert_int_equal(protocol("acestep.cpp")->submitted(&a, id, &e), -1);
	buf_free(&a.body);
}

#define ENTRY(status, result) \
	"{\"data\":[{\"task_id\":\"other\",\"status\":2},{\"task_id\":\"t1\",\"status\":" #status \
	",\"result\":\"" result "\"}],\"code\":200}"

static void
how_a_job_is_follows_from_its_entry_in_an_ace_step_answer(void **state)
{
	static const struct {
		const char *body;
		enum remote_phase phase;
		double done;
		const char *file, *why;
	} table[] = {
		{ ENTRY(0, "[{\\\"stage\\\":\\\"queued\\\",\\\"progress\\\":0}]"), REMOTE_WAITING,
			0, "", "" },
		{ ENTRY(0, "[{\\\"stage\\\":\\\"dit\\\",\\\"progress\\\":0.25}]"), REMOTE_RUNNING,
			0.25, "", "" },
		{ ENTRY(0, "[{\\\"progress\\\":-3}]"), REMOTE_RUNNING, 0, "", "" },
		{ ENTRY(0, "[{\\\"progress\\\":1e300}]"), REMOTE_RUNNING, 1, "", "" },
		{ ENTRY(0, "[{\\\"progress\\\":\\\"half\\\"}]"), REMOTE_RUNNING, 0, "", "" },
		/* What it does not know is not done yet, and so is what it does not list. */
		{ ENTRY(0, "[]"), REMOTE_UNKNOWN, 0, "", "" },
		{ ENTRY(0, "no JSON"), REMOTE_UNKNOWN, 0, "", "" },
		{ "{\"data\":[],\"code\":200}", REMOTE_UNKNOWN, 0, "", "" },
		{ "{\"data\":[1,null,[]],\"code\":200}", REMOTE_UNKNOWN, 0, "", "" },
		{ ENTRY(1, "[{\\\"file\\\":\\\"/v1/audio?path=a\\\"},{\\\"file\\\":\\\"/b\\\"}]"),
			REMOTE_DONE, 0,
			"/v1/audio?path=a", "" },
		{ ENTRY(2, "[{\\\"error\\\":\\\"out of memory\\\"}]"), REMOTE_FAILED, 0, "", "out "
			"of memory" },
		/* Newer ones pass on all that Python has to say. */
		{ ENTRY(2, "[{\\\"error\\\":\\\"Traceback (most recent call last):\\\\n  File "
			"\\\\\\\"a.py\\\\\\\"\\\\nRuntimeError: CUDA out of memory\\\\n\\\"}]"),
			REMOTE_FAILED, 0, "", "RuntimeError: CUDA out of memory" },
		{ ENTRY(2, "[{\\\"status\\\":0,\\\"progress\\\":0.5}]"), REMOTE_FAILED, 0, "", "" },
		{ ENTRY(2, "{\\\"status\\\":0}"), REMOTE_FAILED, 0, "", "" },
		{ ENTRY(2, ""), REMOTE_FAILED, 0, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(table); i++) {
		struct remote_answer a = answer(200, table[i].body);
		struct remote_news n;
		struct err e = {0};

		if (protocol("acestep")->told(&a, "t1", &n, &e)) fail_msg("%zu: %s", i, e.text);
		assert_int_equal(n.phase, table[i].phase);
		assert_true(fabs(n.done - table[i].done) < 1e-9);
		assert_string_equal(n.file, table[i].file);
		assert_string_equal(n.why, table[i].why);
		buf_free(&a.body);
	}
}

static void
what_ace_step_cannot_mean_is_nonsense_that_may_pass(void **state)
{
	static const char *const table[] = {
		ENTRY(1, "[]"), ENTRY(1, "[{\\\"file\\\":\\\"\\\"}]"), ENTRY(1, "[{\\\"file\\\":"
			"null}]"),
		ENTRY(1, "[7]"), ENTRY(3, "[]"), ENTRY(true, "[]"), ENTRY(null, "[]"), ENTRY(0.5,
			"[]"),
		"{\"data\":{},\"code\":200}", "{\"code\":200}", "{\"data\":[],\"code\":\"200\"}",
	};

	(void)state;
	for (size_t i = 0; i < NELEM(table); i++) {
		struct remote_answer a = answer(200, table[i]);
		struct remote_news n;
		struct err e = {0};

		if (protocol("acestep")->told(&a, "t1", &n, &e) != -1) fail_msg("taken: %s",
			table[i]);
		assert_int_equal(e.kind, ERR_AWAY);
		assert_non_null(strstr(e.text, "The server gpu answers nonsense"));
		buf_free(&a.body);
	}
}

/* It takes its first model where it does not have the one that was asked for. */
static void
ace_step_says_by_which_model_it_was_made(void **state)
{
	struct remote_answer a = answer(200, ENTRY(1, "[{\\\"file\\\":\\\"/a\\\","
		"\\\"dit_model\\\":\\\"acestep-v15-turbo\\\"}]"));
	struct remote_news n;
	struct err e;

	(void)state;
	assert_int_equal(protocol("acestep")->told(&a, "t1", &n, &e), 0);
	assert_string_equal(n.model, "acestep-v15-turbo");
	buf_free(&a.body);
	a = answer(200, ENTRY(1, "[{\\\"file\\\":\\\"/a\\\",\\\"dit_model\\\":7}]"));
	assert_int_equal(protocol("acestep")->told(&a, "t1", &n, &e), 0);
	assert_string_equal(n.model, "");
	buf_free(&a.body);
}

static void
the_address_of_a_file_has_a_limit(void **state)
{
	struct remote_answer a = { .server = "gpu", .status = 200 };
	struct remote_news n;
	struct err e;

	(void)state;
	buf_addf(&a.body, "{\"data\":[{\"task_id\":\"t1\",\"status\":1,\"result\":\"[{\\\"file\\\":"
		"\\\"/%0*d\\\"}]\"}],\"code\":200}", REMOTE_FILE, 0);
	assert_int_equal(protocol("acestep")->told(&a, "t1", &n, &e), -1);
	buf_free(&a.body);
}

static void
how_a_job_is_follows_from_the_word_that_acestep_cpp_has_for_it(void **state)
{
	static const struct {
		long status;
		const char *body;
		enum remote_phase phase;
		const char *why;
	} table[] = {
		{ 200, "{\"status\":\"running\"}", REMOTE_RUNNING, "" },
		{ 200, "{\"status\":\"done\"}", REMOTE_DONE, "" },
		{ 200, "{\"status\":\"failed\"}", REMOTE_FAILED, "" },
		{ 200, "{\"status\":\"cancelled\"}", REMOTE_FAILED, "somebody has cancelled it" },
		{ 404, "{\"error\":\"Job not found\"}", REMOTE_FAILED, "it does not know the job "
			"any more" },
	};
	static const char *const nonsense[] = { "{\"status\":\"unknown\"}", "{\"status\":1}", "{}",
		"\"done\"" };
	struct remote_news n;
	struct err e;

	(void)state;
	for (size_t i = 0; i < NELEM(table); i++) {
		struct remote_answer a = answer(table[i].status, table[i].body);

		assert_int_equal(protocol("acestep.cpp")->told(&a, "t1", &n, &e), 0);
		assert_int_equal(n.phase, table[i].phase);
		assert_string_equal(n.why, table[i].why);
		buf_free(&a.body);
	}
	for (size_t i = 0; i < NELEM(nonsense); i++) {
		struct remote_answer a = answer(200, nonsense[i]);

		assert_int_equal(protocol("acestep.cpp")->told(&a, "t1", &n, &e), -1);
		assert_int_equal(e.kind, ERR_AWAY);
		buf_free(&a.body);
	}
}

static void
acestep_cpp_is_asked_for_result_and_end_of_a_job_by_its_id(void **state)
{
	const struct remote_protocol *p = protocol("acestep.cpp");
	struct remote_message m = {0};
	struct remote_news n = {0};
	struct buf where = {0};

	(void)state;
	p->ask("0f", &m);
	assert_false(m.post);
	assert_string_equal(buf_str(&m.path), "/job?id=0f");
	remote_message_free(&m);
	p->cancel("0f", &m);
	check_json(&m, "/job?id=0f&cancel=1", "{}");
	remote_message_free(&m);
	p->where("0f", &n, &where);
	assert_string_equal(buf_str(&where), "/job?id=0f&result=1");
	buf_free(&where);
	protocol("acestep")->ask("t1", &m);
	check_json(&m, "/query_result", "{\"task_id_list\":[\"t1\"]}");
	remote_message_free(&m);
	assert_null(protocol("acestep")->cancel);
}

static void
the_sound_is_the_whole_result_or_its_first_part_of_that_kind(void **state)
{
	static const struct {
		const char *type, *body, *sound;
	} table[] = {
		{ "audio/wav", "RIFF--b", "RIFF--b" },
		{ "", "RIFF", "RIFF" },
		{ "multipart/mixed; boundary=b", "--b\r\nContent-Type: "
			"audio/wav\r\n\r\nRI\r\n--bFF\r\n--b--\r\n", NULL },
		{ "multipart/mixed; boundary=b", "--b\r\nContent-Type: "
			"audio/wav\r\n\r\nRI\n--b\r\nFF\r\n--b--\r\n",
			"RI\n--b\r\nFF" },
		{ "Multipart/Mixed;boundary=\"b\"", "--b\r\ncontent-type:audio/mpeg; x=1\r\nX: "
			"y\r\n\r\nID3\r\n--b\r\n"
			"Content-Type: application/octet-stream\r\n\r\nlatent\r\n--b--", "ID3" },
		{ "multipart/mixed; boundary=b", "--b\r\nContent-Type: "
			"application/octet-stream\r\n\r\nx\r\n--b\r\n"
			"Content-Type: audio/wav\r\n\r\ny\r\n--b--\r\n", "y" },
		{ "multipart/mixed; boundary=b", "--b\r\n\r\nx\r\n--b--\r\n", NULL },
		{ "multipart/mixed; boundary=b", "--b\r\nContent-Type: audio/wav\r\n\r\nRIFF",
			NULL },
		{ "multipart/mixed; boundary=b", "", NULL },
		{ "multipart/mixed", "--b--", NULL },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(table); i++) {
		const char *sound = NULL;
		size_t n = 0;
		struct err e = {0};
		int rc = protocol("acestep.cpp")->unpack("gpu", table[i].type, table[i].body,
			strlen(table[i].body), &sound, &n, &e);

		if (rc != (table[i].sound ? 0 : -1)) fail_msg("%zu: %s", i, e.text);
		if (!table[i].sound) {
			assert_int_equal(e.kind, ERR_AWAY);
			continue;
		}
		assert_int_equal(n, strlen(table[i].sound));
		assert_memory_equal(sound, table[i].sound, n);
	}
}

static void
words_of_a_server_become_one_line_of_ours(void **state)
{
	char why[REMOTE_WHY], many[1000];

	(void)state;
	remote_words("a\r\nb\tc\x1b[31m\"", why);
	for (const char *c = why; *c; c++) assert_true((unsigned char)*c >= ' ');
	memset(many, 'x', sizeof many - 1);
	many[sizeof many - 1] = '\0';
	remote_words(many, why);
	assert_in_range(strlen(why), 50, REMOTE_WHY - 1);
	for (size_t i = 0; i + 2 < sizeof many; i += 2) memcpy(many + i, "\xc3\xa4", 2);
	remote_words(many, why);
	assert_true(str_is_utf8(why, strlen(why)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_wish_says_the_seed_and_one_take_whatever_the_server_would_do_by_itself),
		cmocka_unit_test(a_submission_answers_an_id_that_fits_a_path_or_a_refusal),
		cmocka_unit_test(a_very_long_id_is_none),
		cmocka_unit_test(how_a_job_is_follows_from_its_entry_in_an_ace_step_answer),
		cmocka_unit_test(what_ace_step_cannot_mean_is_nonsense_that_may_pass),
		cmocka_unit_test(ace_step_says_by_which_model_it_was_made),
		cmocka_unit_test(the_address_of_a_file_has_a_limit),
		cmocka_unit_test(how_a_job_is_follows_from_the_word_that_acestep_cpp_has_for_it),
		cmocka_unit_test(acestep_cpp_is_asked_for_result_and_end_of_a_job_by_its_id),
		cmocka_unit_test(the_sound_is_the_whole_result_or_its_first_part_of_that_kind),
		cmocka_unit_test(words_of_a_server_become_one_line_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
