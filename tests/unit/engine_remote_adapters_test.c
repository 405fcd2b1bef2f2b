/* Which models and adapters servers elsewhere have, and how ACE-Step gets another adapter. */
#include "engine_remote.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is asked beforehand, and what follows from the answer. */
static void
check_listed(const char *name, const struct remote_wish *w, long status, const char *body,
	enum err_kind kind, const char *says)
{
	struct remote_answer a = answer(status, body);
	struct remote_message m = {0};
	struct err e = {0};

	assert_true(protocol(name)->list(w, &m));
	assert_false(m.post);
	remote_message_free(&m);
	if (protocol(name)->listed(w, &a, &e) != (kind == ERR_NONE ? 0 : -1) || e.kind != kind ||
		!strstr(e.text, says))
		fail_msg("%s: %d %s", body, e.kind, e.text);
	buf_free(&a.body);
}

static void
acestep_cpp_lists_the_adapters_and_models_that_it_has(void **state)
{
	struct conf_remote with = server;
	struct remote_wish w = { .server = &with, .adapter = "jazz" };
	struct remote_message m = {0};

	(void)state;
	check_listed("acestep.cpp", &w, 200, "{\"adapters\":[\"dub\",7,\"jazz\"]}", ERR_NONE, "");
	check_listed("acestep.cpp", &w, 200, "{\"adapters\":[\"Jazz\"]}", ERR_INVALID,
		"The server gpu has no adapter \"jazz\".");
	check_listed("acestep.cpp", &w, 200, "{\"adapters\":[]}", ERR_INVALID, "no adapter");
	check_listed("acestep.cpp", &w, 200, "{\"adapters\":{\"jazz\":1}}", ERR_AWAY,
		"no list of adapters");
	check_listed("acestep.cpp", &w, 200, "{}", ERR_AWAY, "no list of adapters");
	str_copy(with.model, sizeof with.model, "turbo.gguf");
	check_listed("acestep.cpp", &w, 200, "{\"adapters\":[\"jazz\"]}", ERR_AWAY,
		"no list of models");
	check_listed("acestep.cpp", &w, 200, "{\"adapters\":[\"jazz\"],\"models\":"
		"{\"dit\":[\"sft.gguf\"],\"lm\":[\"turbo.gguf\"]}}", ERR_INVALID,
		"The server gpu has no model \"turbo.gguf\".");
	w.adapter = "";
	check_listed("acestep.cpp", &w, 200, "{\"models\":{\"dit\":[\"turbo.gguf\"]}}", ERR_NONE,
		"");
	with.model[0] = '\0';
	assert_false(protocol("acestep.cpp")->list(&w, &m));
}

/* A job of another one would be made without, and nothing would say so. */
static void
ace_step_has_adapters_for_its_first_model_alone(void **state)
{
	struct conf_remote with = server;
	struct remote_wish w = { .server = &with, .adapter = "/loras/jazz" };
	struct remote_message m = {0};

	(void)state;
	assert_false(protocol("acestep")->list(&w, &m));
	str_copy(with.model, sizeof with.model, "base");
	check_listed("acestep", &w, 200, "{\"data\":{\"default_model\":\"base\"},\"code\":200}",
		ERR_NONE, "");
	check_listed("acestep", &w, 200, "{\"data\":{\"default_model\":\"turbo\"},\"code\":200}",
		ERR_INVALID, "The server gpu takes adapters for its first model alone, which is "
		"\"turbo\" and not base.");
	/* None is loaded yet, or it is too old to tell. */
	check_listed("acestep", &w, 200, "{\"data\":{\"default_model\":null},\"code\":200}",
		ERR_NONE, "");
	check_listed("acestep", &w, 404, "{\"detail\":\"Not Found\"}", ERR_NONE, "");
	check_listed("acestep", &w, 200, "{\"data\":null,\"code\":500,\"error\":\"x\"}", ERR_AWAY,
		"has an error");
	w.adapter = "";
	assert_false(protocol("acestep")->list(&w, &m));
}

static void
which_adapter_an_ace_step_server_has_is_what_its_status_says(void **state)
{
	static const struct {
		long status;
		const char *body;
		int rc;
		bool loaded;
		const char *name;
		double scale;
	} table[] = {
		{ 200, "{\"data\":{\"lora_loaded\":true,\"use_lora\":true,\"lora_scale\":0.5,"
			"\"active_adapter\":\"x\"},"
			"\"code\":200}", 1, true, "x", 0.5 },
		/* Loaded, but not in force. */
		{ 200, "{\"data\":{\"lora_loaded\":true,\"use_lora\":false,\"lora_scale\":1,"
			"\"active_adapter\":\"x\"},"
			"\"code\":200}", 1, true, "", 1 },
		/* Its own scale, not that of another one which was set last. */
		{ 200, "{\"data\":{\"lora_loaded\":true,\"use_lora\":true,\"lora_scale\":1,"
			"\"active_adapter\":\"x\",\"scales\":{\"x\":0.25,\"y\":1}},\"code\":200}",
			1, true, "x", 0.25 },
		{ 200, "{\"data\":{\"lora_loaded\":false},\"code\":200}", 1, false, "", 1 },
		/* A server without a model yet, and one that knows no adapters. */
		{ 500, "{\"detail\":\"Model not initialized\"}", 1, false, "", 0 },
		{ 500, "{\"detail\":\"Internal Server Error\"}", -1, false, "", 0 },
		{ 500, "", -1, false, "", 0 },
		{ 404, "{\"detail\":\"Not Found\"}", 0, false, "", 0 },
		{ 405, "", 0, false, "", 0 },
		{ 200, "{\"code\":500,\"error\":\"x\"}", -1, false, "", 0 },
		{ 401, "{}", -1, false, "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(table); i++) {
		struct remote_answer a = answer(table[i].status, table[i].body);
		struct remote_lora now;
		struct err e = {0};

		assert_int_equal(protocol("acestep")->shared->seen(&a, &now, &e), table[i].rc);
		assert_int_equal(now.loaded, table[i].loaded);
		assert_string_equal(now.name, table[i].name);
		if (table[i].rc == 1) assert_true(fabs(now.scale - table[i].scale) < 1e-9);
		buf_free(&a.body);
	}
}

static void
a_change_unloads_what_is_there_then_loads_turns_on_and_scales(void **state)
{
	const struct remote_shared_adapter *s = protocol("acestep")->shared;
	struct remote_wish w = { .server = &server, .adapter = "/loras/jazz",
		.adapter_scale = 0.75 };
	static const char *const paths[] = { "/v1/lora/unload", "/v1/lora/load", "/v1/lora/toggle",
		"/v1/lora/scale" };
	struct remote_lora now = { .loaded = true };
	char name[REMOTE_ADAPTER], other[REMOTE_ADAPTER];
	struct remote_message m = {0};

	(void)state;
	s->called(&w, name);
	assert_true(str_starts(name, "earshot-"));
	for (int step = 0; step < 4; step++) {
		assert_true(s->change(&w, &now, step, &m));
		assert_string_equal(buf_str(&m.path), paths[step]);
		if (step == 1) assert_non_null(strstr(buf_str(&m.json), "\"lora_path\":"
			"\"/loras/jazz\""));
		if (step == 3) assert_non_null(strstr(buf_str(&m.json), "\"scale\":0.75"));
		if (step & 1) assert_non_null(strstr(buf_str(&m.json), name));
		remote_message_free(&m);
	}
	assert_false(s->change(&w, &now, 4, &m));
	now.loaded = false;
	assert_true(s->change(&w, &now, 0, &m));
	assert_string_equal(buf_str(&m.path), "/v1/lora/load");
	remote_message_free(&m);
	assert_false(s->change(&w, &now, 3, &m));
	/* The base model: nothing but away with what is there. */
	w.adapter = "";
	assert_false(s->change(&w, &now, 0, &m));
	now.loaded = true;
	assert_true(s->change(&w, &now, 0, &m));
	remote_message_free(&m);
	assert_false(s->change(&w, &now, 1, &m));
	w.adapter = "/loras/dub";
	s->called(&w, other);
	assert_string_not_equal(name, other);
}

static void
a_change_without_effect_is_none(void **state)
{
	struct remote_wish w = { .server = &server, .adapter = "/loras/jazz",
		.adapter_scale = 0.75 };
	static const struct {
		long status;
		const char *body;
		enum err_kind kind;
		const char *says;
	} table[] = {
		{ 200, "{\"data\":{\"message\":\"\u2705 x\",\"scale\":0.75},\"code\":200}",
			ERR_NONE, "" },
		{ 200, "{\"data\":{\"message\":\"\u26a0\ufe0f Scale set to 0.75 (no modules "
			"found)\",\"scale\":0.75},\"code\":200}", ERR_INVALID,
			"The server gpu cannot scale the adapter: " },
		/* There was nothing to unload. */
		{ 200, "{\"data\":{\"message\":\"\u26a0\ufe0f No LoRA\"},\"code\":200}",
			ERR_NONE, "" },
		{ 400, "{\"detail\":\"LoRA path not found\"}", ERR_INVALID, "LoRA path not found" },
		{ 200, "{\"data\":null,\"code\":400,\"error\":\"No LoRA\"}", ERR_INVALID,
			"No LoRA" },
		{ 500, "{\"detail\":\"Model not initialized\"}", ERR_AWAY, "not initialized" },
	};
	struct remote_answer a;
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < NELEM(table); i++) {
		int rc;

		a = answer(table[i].status, table[i].body);
		e.kind = ERR_NONE;
		rc = protocol("acestep")->shared->changed(&w, &a, &e);

		if (rc != (table[i].kind == ERR_NONE ? 0 : -1) || e.kind != table[i].kind ||
			!strstr(e.text, table[i].says))
			fail_msg("%zu: %d %s", i, e.kind, e.text);
		buf_free(&a.body);
	}
	/* At 1 it sounds as it was loaded. */
	w.adapter_scale = 1;
	a = answer(200, table[1].body);
	assert_int_equal(protocol("acestep")->shared->changed(&w, &a, &e), 0);
	buf_free(&a.body);
}

static void
the_jobs_of_a_server_are_those_that_wait_and_those_in_work(void **state)
{
	static const struct {
		const char *body;
		int64_t jobs;		/* -1: nonsense */
	} table[] = {
		{ "{\"data\":{\"jobs\":{\"queued\":2,\"running\":1,\"succeeded\":9}},\"code\":200}",
			3 },
		{ "{\"data\":{\"jobs\":{\"queued\":0,\"running\":0}},\"code\":200}", 0 },
		/* A submission that was turned away is "queued" for ever. */
		{ "{\"data\":{\"jobs\":{\"queued\":7,\"running\":0},\"queue_size\":0},"
			"\"code\":200}", 0 },
		{ "{\"data\":{\"jobs\":{\"queued\":0,\"running\":1},\"queue_size\":2},"
			"\"code\":200}", 3 },
		{ "{\"data\":{\"jobs\":{\"queued\":0}},\"code\":200}", -1 },
		{ "{\"data\":{\"jobs\":{\"queued\":1}},\"code\":200}", -1 },
		{ "{\"data\":{\"jobs\":{\"queued\":1e300,\"running\":0}},\"code\":200}", -1 },
		{ "{\"data\":{},\"code\":200}", -1 },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(table); i++) {
		struct remote_answer a = answer(200, table[i].body);
		int64_t jobs = 0;
		struct err e = {0};
		int rc = protocol("acestep")->shared->counted(&a, &jobs, &e);

		assert_int_equal(rc, table[i].jobs < 0 ? -1 : 0);
		if (!rc) assert_int_equal(jobs, table[i].jobs);
		buf_free(&a.body);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(acestep_cpp_lists_the_adapters_and_models_that_it_has),
		cmocka_unit_test(ace_step_has_adapters_for_its_first_model_alone),
		cmocka_unit_test(which_adapter_an_ace_step_server_has_is_what_its_status_says),
		cmocka_unit_test(a_change_unloads_what_is_there_then_loads_turns_on_and_scales),
		cmocka_unit_test(a_change_without_effect_is_none),
		cmocka_unit_test(the_jobs_of_a_server_are_those_that_wait_and_those_in_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
