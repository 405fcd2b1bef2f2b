/* Folders as models of MusicGen: which there are, what is missing in them, what is too large. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "engine/musicgen/folder.h"
#include "engine/musicgen/memory.h"
#include "engine/musicgen/prepare.h"
#include "engine_musicgen_engine.h"

static void
assert_check(const char *id, const char *want, const char *want_remedy)
{
	char remedy[ENGINE_REMEDY] = "";
	struct err e = {0};

	assert_int_equal(table->check(id, &env, remedy, &e), *want ? -1 : 0);
	if (*want) assert_string_equal(e.text, want);
	assert_string_equal(remedy, want_remedy);
}

static void
each_folder_is_a_model_beside_those_that_might_be_there(void **state)
{
	static const char *const want[] = { "musicgen-small", "musicgen-medium", "musicgen-large",
		"tiny" };
	struct engine_models l = {0};
	struct engine_model m;
	struct err e;

	(void)state;
	assert_int_equal(io_mkdirs(TEMP(".fetch-x"), 0755, &e), 0);
	assert_int_equal(io_mkdirs(TEMP("a name with blanks"), 0755, &e), 0);
	fclose(fopen(TEMP("a-file"), "w"));
	table->models(&env, &l);
	assert_int_equal(l.n, NELEM(want));
	for (size_t i = 0; i < l.n; i++) assert_string_equal(l.list[i].id, want[i]);
	assert_string_equal(l.list[0].hf_model_id, "facebook/musicgen-small");
	assert_string_equal(l.list[3].hf_model_id, "");
	assert_int_equal(l.list[3].channels, 1);
	assert_int_equal(l.list[3].sample_rate, checkpoint_tiny.codec.rate);
	engine_models_free(&l);
	assert_null(engine_find("nobody", &env, NULL));
	assert_string_equal(engine_find("band", &env, &m)->name, "band");
	assert_string_equal(engine_find("musicgen-large", &env, &m)->name, "musicgen");
}

static void
a_folder_anywhere_is_a_model_under_its_last_part(void **state)
{
	struct engine_env other = { .models_dir = "/nowhere", .folder = TEMP("tiny/") };
	char id[ENGINE_MODEL_ID], remedy[ENGINE_REMEDY] = "";
	struct engine_model m;
	struct err e;

	(void)state;
	engine_folder_id(other.folder, id);
	assert_string_equal(id, "tiny");
	assert_ptr_equal(engine_find(id, &other, &m), table);
	assert_int_equal(table->check(id, &other, remedy, &e), 0);
	engine_folder_id("/a/band", id);
	assert_string_equal(id, "band-folder");
	engine_folder_id("../a b/ü", id);
	assert_string_equal(id, "--");
}

static void
what_is_missing_is_said_with_the_command_that_brings_it(void **state)
{
	struct err e;

	(void)state;
	assert_check("tiny", "", "");
	assert_check("musicgen-medium", "It is not here.", "earshot model fetch musicgen-medium");
	assert_check("..", "\"..\" is no name of a model.", "");
	assert_check("a/b", "\"a/b\" is no name of a model.", "");
	assert_int_equal(io_mkdirs(TEMP("half"), 0755, &e), 0);
	assert_check("half", "It has no config.json.", "");
	put_model("half", &checkpoint_tiny);
	assert_int_equal(unlink(TEMP("half/model.safetensors")), 0);
	assert_check("half", "It has no model.safetensors.", "");
	fclose(fopen(TEMP("half/model-00001-of-00003.safetensors"), "w"));
	fclose(fopen(TEMP("half/model-00003-of-00003.safetensors"), "w"));
	assert_check("half", "It has no model.safetensors.index.json.", "");
	fclose(fopen(TEMP("half/model.safetensors.index.json"), "w"));
	assert_check("half", "Of its weights, 2 of 3 files are here.", "");
	fclose(fopen(TEMP("half/model-00002-of-00003.safetensors"), "w"));
	assert_check("half", "", "");
	assert_int_equal(unlink(TEMP("half/tokenizer.json")), 0);
	assert_check("half", "It has no tokenizer.json.", "");
}

static void
a_stereo_checkpoint_is_refused_in_a_sentence(void **state)
{
	(void)state;
	put_model("stereo", &checkpoint_tiny);
	assert_int_equal(checkpoint_edit(TEMP("stereo"), "config.json", "\"decoder\":{",
		"\"decoder\":{\"audio_channels\":2,"), 0);
	assert_check("stereo", "Its config.json: decoder.audio_channels: only mono checkpoints are "
		"supported, and this one is stereo.", "");
}

static void
another_file_makes_another_stamp(void **state)
{
	struct engine_model before, after;

	(void)state;
	put_model("changed", &checkpoint_tiny);
	engine_find("changed", &env, &before);
	engine_find("changed", &env, &after);
	assert_true(before.stamp == after.stamp);
	put_model("changed", &checkpoint_tiny);
	engine_find("changed", &env, &after);
	assert_true(before.stamp != after.stamp);
}

static void
a_model_that_is_too_large_is_refused_before_it_is_loaded(void **state)
{
	struct folder_files f = { .config = checkpoint_small, .weight_bytes = 2360000000 };
	uint64_t needed = memory_needed(&f);
	struct host_memory m = { .most = needed, .bound = "its container allows", .now = needed };
	struct err e = {0};

	(void)state;
	/* The weights, 0.3 GB of keys and values, and something for the sound. */
	assert_in_range(needed, 2360000000 + 295000000, 2360000000 + 2000000000ull);
	assert_int_equal(memory_check(needed, &m, true, &e), 0);
	m.now = 1000000000;
	assert_int_equal(memory_check(needed, &m, false, &e), 0);
	assert_int_equal(memory_check(needed, &m, true, &e), -1);
	assert_int_equal(e.kind, ERR_AWAY);
	assert_non_null(strstr(e.text, "1.0 GB are free now."));
	/* Each further take has keys and values of its own. */
	assert_int_equal(memory_takes(&f.config, 4, &m), 2);
	m.now = 5000000000;
	assert_int_equal(memory_takes(&f.config, 4, &m), 4);
	m.now = 0;
	assert_int_equal(memory_takes(&f.config, 4, &m), 1);
	m.most = 2000000000;
	assert_int_equal(memory_check(needed, &m, false, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
	assert_non_null(strstr(e.text, "and its container allows 2.0 GB."));
}

/* Matrices are used where they lie; what is not is there once more. */
static void
what_is_made_of_weights_that_were_not_prepared_counts(void **state)
{
	struct folder_files f = { .config = checkpoint_small, .weight_bytes = 1180000000 }, g = f;
	const uint64_t embeddings = 32128 * 768 + 4 * (2049 * 1024 + 2048 * 128);
	uint64_t convolutions = 1024 * 128 * 7 + 64 * 7, channels = 1024;

	(void)state;
	for (int i = 0; i < 4; i++, channels /= 2) {
		const uint64_t ratios[] = { 8, 5, 4, 4 }, half = channels / 2;

		convolutions += channels * half * 2 * ratios[i] + half * half / 2 * (3 + 1);
	}
	g.prepared = true;
	assert_true(memory_needed(&f) - memory_needed(&g) == 4 * (embeddings + convolutions));
}

static void
weights_larger_than_memory_make_a_model_unavailable(void **state)
{
	char remedy[ENGINE_REMEDY] = "";
	struct err e = {0};

	(void)state;
	put_model("huge", &checkpoint_tiny);
	/* Without values: only its length is looked at. */
	assert_int_equal(truncate(TEMP("huge/model.safetensors"), (off_t)1 << 43), 0);
	assert_int_equal(table->check("huge", &env, remedy, &e), -1);
	assert_non_null(strstr(e.text, "It needs about 8796."));
	assert_string_equal(remedy, "earshot model prepare huge");
	assert_null(table->open("huge", &env, &e));
	assert_non_null(strstr(e.text, "The model huge cannot be used. It needs about 8796."));
	assert_int_equal(e.kind, ERR_INVALID);
	/* What was prepared of it counts instead, and is enough alone. */
	fclose(fopen(TEMP("huge/prepared.safetensors"), "w"));
	assert_check("huge", "", "");
	unlink(TEMP("huge/model.safetensors"));
	assert_check("huge", "", "");
	assert_null(table->open("huge", &env, &e));
	assert_non_null(strstr(e.text, "used. " PREPARE_FILE ": it is too short"));
	assert_null(strstr(e.text, temp_dir));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_folder_is_a_model_beside_those_that_might_be_there),
		cmocka_unit_test(a_folder_anywhere_is_a_model_under_its_last_part),
		cmocka_unit_test(what_is_missing_is_said_with_the_command_that_brings_it),
		cmocka_unit_test(a_stereo_checkpoint_is_refused_in_a_sentence),
		cmocka_unit_test(another_file_makes_another_stamp),
		cmocka_unit_test(a_model_that_is_too_large_is_refused_before_it_is_loaded),
		cmocka_unit_test(what_is_made_of_weights_that_were_not_prepared_counts),
		cmocka_unit_test(weights_larger_than_memory_make_a_model_unavailable),
	};

	return cmocka_run_group_tests(tests, engine_begin, temp_remove);
}
