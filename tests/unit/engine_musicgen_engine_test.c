/* MusicGen as an engine: which models an installation has, what is missing in them, what is too
 * large; takes of any length, at once, and cancelled; prompts. On small checkpoints with random
 * weights. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../musicgen/checkpoint.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "engine/engine.h"
#include "engine/musicgen/folder.h"
#include "engine/musicgen/memory.h"
#include "engine/musicgen/prepare.h"
#include "engine/musicgen/windows.h"
#include "engine/text.h"
#include "temp.h"

static const struct engine_table *table;
static struct engine_env env;

/* A checkpoint of this shape in the folder of models. */
static void
put_model(const char *id, const struct musicgen_config *c)
{
	struct err e;

	assert_int_equal(io_mkdirs(TEMP(id), 0755, &e), 0);
	assert_int_equal(checkpoint_make(TEMP(id), c), 0);
}

static int
begin(void **state)
{
	if (temp_make(state) != 0) return -1;
	env = (struct engine_env){ .models_dir = temp_dir, .soundfont = "", .threads = 1 };
	put_model("tiny", &checkpoint_tiny);
	table = engine_find("tiny", &env, NULL);
	return table ? 0 : -1;
}

static void
assert_check(const char *id, const char *want, const char *want_remedy)
{
	char remedy[ENGINE_REMEDY] = "";
	struct err e = {0};

	assert_int_equal(table->check(id, &env, remedy, &e), *want ? -1 : 0);
	if (*want) assert_string_equal(e.text, want);
	assert_string_equal(remedy, want_remedy);
}

/* ---- models ---- */

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

/* ---- memory ---- */

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

/* ---- takes ---- */

struct watch {
	int calls;
	double last, stop_at;
	bool back;
	char stages[200];
};

static bool
watching(void *ctx, double done, const char *stage)
{
	struct watch *w = ctx;

	w->calls++;
	if (done < w->last) w->back = true;
	w->last = done;
	if (!strstr(w->stages, stage)) strcat(w->stages, stage);
	return done < w->stop_at;
}

static struct engine *
opened(void)
{
	struct err e = {0};
	struct engine *g = table->open("tiny", &env, &e);

	if (!g) fail_msg("%s", e.text);
	return g;
}

static struct engine_request
request(double seconds)
{
	return (struct engine_request){ .prompt = "abc", .duration_s = seconds, .seed = 7,
		.temperature = 1, .top_k = 50, .guidance_scale = 3 };
}

static struct engine_result
made(struct engine *g, const struct engine_request *q)
{
	struct engine_result r = {0};
	struct err e = {0};

	if (table->generate(g, q, NULL, &r, &e) != 0) fail_msg("%s", e.text);
	return r;
}

static void
a_take_has_its_length_and_is_the_same_again(void **state)
{
	static const double lengths[] = { 0.02, 0.07, 0.333, 1 };
	struct engine *g = opened();

	(void)state;
	for (size_t i = 0; i < NELEM(lengths); i++) {
		struct engine_request q = request(lengths[i]);
		struct engine_result a = made(g, &q), b = made(g, &q);

		assert_int_equal(a.pcm.frames, llround(lengths[i] * checkpoint_tiny.codec.rate));
		assert_int_equal(a.pcm.channels, 1);
		assert_int_equal(a.pcm.rate, checkpoint_tiny.codec.rate);
		assert_memory_equal(a.pcm.data, b.pcm.data, (size_t)a.pcm.frames * sizeof(float));
		assert_string_equal(a.codes.p, b.codes.p);
		assert_false(a.mastered);
		assert_string_equal(a.title, "abc");
		engine_result_free(&b);
		q.seed++;
		b = made(g, &q);
		if (i) assert_string_not_equal(a.codes.p, b.codes.p);
		engine_result_free(&a);
		engine_result_free(&b);
	}
	table->close(g);
}

/* How often generate() asks whether to go on tells whether it made the codes now. */
static void
takes_of_a_job_are_made_at_once_and_are_what_they_are_alone(void **state)
{
	struct engine *g = opened(), *alone = opened();
	struct engine_request q = request(0.5);
	int calls[5];

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct watch w = { .stop_at = 9 };
		const struct engine_progress p = { watching, &w };
		struct engine_result a = {0}, b;
		struct err e;

		q.seed = 7 + (uint32_t)i;
		q.more = 4 - i;
		assert_int_equal(table->generate(g, &q, &p, &a, &e), 0);
		calls[i] = w.calls;
		q.more = 0;
		b = made(alone, &q);
		assert_string_equal(a.codes.p, b.codes.p);
		assert_memory_equal(a.pcm.data, b.pcm.data, (size_t)a.pcm.frames * sizeof(float));
		engine_result_free(&a);
		engine_result_free(&b);
	}
	/* Four at once, and the fifth again by itself. */
	assert_true(calls[0] > 25 && calls[4] > 25);
	for (int i = 1; i < 4; i++) assert_true(calls[i] < 25);
	table->close(g);
	table->close(alone);
}

/* How far a job is: takes that are done, and how far this one is, which those that come next are begun with. */
static void
progress_counts_what_is_made_of_the_takes_that_come_next(void **state)
{
	struct engine *g = opened();
	struct engine_request q = request(0.5);
	double job = 0;

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct watch w = { .last = job - i, .stop_at = 9 };
		const struct engine_progress p = { watching, &w };
		struct engine_result r = {0};
		struct err e;

		q.seed = 7 + (uint32_t)i;
		q.more = 4 - i;
		assert_int_equal(table->generate(g, &q, &p, &r, &e), 0);
		assert_false(w.back);
		job = i + w.last;
		/* Most of a take is the choice of its codes, which was made for four at once. */
		if (i == 0) assert_true(job > 3.5 && job < 4);
		if (i >= 3) assert_true(fabs(job - (i + 1)) < 1e-9);
		engine_result_free(&r);
	}
	table->close(g);
}

/* Whatever else changes is another take. */
static void
what_was_made_ahead_is_for_the_same_request_alone(void **state)
{
	struct engine *g = opened();
	struct engine_request q = request(0.5), other;
	struct engine_result r, s;

	(void)state;
	for (int change = 0; change < 4; change++) {
		q.more = 1;
		q.seed = 7;
		r = made(g, &q);
		engine_result_free(&r);
		other = q;
		other.seed = 8;
		other.more = 0;
		if (change == 0) other.temperature = 0.5;
		if (change == 1) other.top_k = 1;
		if (change == 2) other.prompt = "cba";
		if (change == 3) other.guidance_scale = 1;
		r = made(g, &other);
		s = made(g, &other);
		assert_string_equal(r.codes.p, s.codes.p);
		engine_result_free(&s);
		q.seed = 8;
		q.more = 0;
		s = made(g, &q);
		assert_string_not_equal(r.codes.p, s.codes.p);
		engine_result_free(&r);
		engine_result_free(&s);
	}
	table->close(g);
}

/* The codes of a take, which are the caller's. */
static char *
codes_of(struct engine *g)
{
	struct engine_request q = request(0.5);
	struct engine_result r = made(g, &q);
	char *codes = r.codes.p;

	r.codes = (struct buf){0};
	engine_result_free(&r);
	return codes;
}

static void
adapters_follow_each_other_and_one_that_fails_changes_nothing(void **state)
{
	static const char *const adapters[] = { NULL, "tests/data/musicgen/lora_decoder",
		"tests/data/musicgen/lora_attention" };
	enum { N = NELEM(adapters) };
	struct engine_env other = { .folder = "tests/data/musicgen/model", .models_dir = temp_dir,
		.soundfont = "", .threads = 1 };
	struct err e = {0};
	struct engine *g = table->open("model", &other, &e);
	char *codes[2 * N + 1];

	(void)state;
	assert_non_null(g);
	for (size_t i = 0; i < 2 * N; i++) {
		assert_int_equal(table->set_adapter(g, adapters[i % N], 1, &e), 0);
		codes[i] = codes_of(g);
		for (size_t k = 0; k < i; k++)
			assert_int_equal(strcmp(codes[i], codes[k]) == 0, k + N == i);
	}
	/* What is wrong with a file is told without its path. */
	assert_int_equal(table->set_adapter(g, TEMP("tiny/model.safetensors"), 1, &e), -1);
	assert_int_equal(strncmp(e.text, "it has no adapter_config", 24), 0);
	assert_null(strstr(e.text, temp_dir));
	codes[2 * N] = codes_of(g);
	assert_string_equal(codes[2 * N], codes[N - 1]);
	for (size_t i = 0; i < NELEM(codes); i++) free(codes[i]);
	table->close(g);
}

static void
progress_never_goes_back_and_a_take_stops_within_a_step(void **state)
{
	struct engine *g = opened();
	struct engine_request q = request(1);
	struct watch all = { .stop_at = 2 }, some = { .stop_at = 0.3 };
	const struct engine_progress to_all = { watching, &all }, to_some = { watching, &some };
	struct engine_result r = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(table->generate(g, &q, &to_all, &r, &e), 0);
	assert_false(all.back);
	assert_string_equal(all.stages, "readinggeneratingdecoding");
	assert_true(all.calls > codec_frame_rate(&checkpoint_tiny.codec));
	engine_result_free(&r);
	assert_int_equal(table->generate(g, &q, &to_some, &r, &e), -1);
	assert_int_equal(e.kind, ERR_STOPPED);
	assert_true(some.last >= 0.3 && some.last < 0.35);
	some = (struct watch){ .stop_at = 0.95 };
	assert_int_equal(table->generate(g, &q, &to_some, &r, &e), -1);
	assert_int_equal(e.kind, ERR_STOPPED);
	assert_true(some.last >= 0.95 && some.last < 1);
	engine_result_free(&r);
	table->close(g);
}

enum { WINDOW = 50, OVERLAP = 20, LONGER = 100 };	/* frames */

/* The states of a text of one place. */
static const float window_text[256];

/* Codes of as many windows as it takes, without guidance. Owned by the caller. */
static int32_t *
window_codes(const struct model *m, int frames, int takes, uint32_t seed)
{
	const struct hands h = { crew_start(1), kernels_best() };
	struct generation g = { .guidance = 1, .takes = takes, .cache = WEIGHTS_F32,
		.sampling = { .temperature = 1 }, .seeds = { seed, seed + 1 } };
	int32_t *codes = calloc((size_t)(takes * m->config.decoder.codebooks * frames),
		sizeof *codes);
	struct err e;

	assert_non_null(codes);
	assert_int_equal(windows_codes(m, &h, window_text, 1, &g, frames, codes, &e), 0);
	crew_stop(h.crew);
	return codes;
}

/* A model of so few steps that a window is a second. */
static struct model *
short_model(void)
{
	struct musicgen_config c = checkpoint_tiny;
	struct err e = {0};
	struct model *m;

	c.decoder.positions = WINDOW + c.decoder.codebooks;
	put_model("short", &c);
	m = model_open(TEMP("short"), NULL, &e);
	if (!m) fail_msg("%s", e.text);
	return m;
}

static void
windows_overlap_by_two_fifths(void **state)
{
	struct model *m = short_model();
	struct windows w = windows_of(&m->config);

	(void)state;
	assert_int_equal(w.frames, WINDOW);
	assert_int_equal(w.overlap, OVERLAP);
	assert_int_equal(windows_count(&w, 50), 1);
	assert_int_equal(windows_count(&w, 51), 2);
	assert_int_equal(windows_count(&w, 80), 2);
	assert_int_equal(windows_count(&w, 81), 3);
	model_close(m);
}

/* By hand: what the second window makes of the end of the first one. */
static void
what_is_longer_than_a_window_goes_on_from_its_end(void **state)
{
	const struct hands h = { crew_start(1), kernels_best() };
	struct model *m = short_model();
	int32_t *both = window_codes(m, LONGER, 1, 1), *one = window_codes(m, WINDOW, 1, 1);
	int32_t start[OVERLAP * CODEBOOKS_MAX], next[(WINDOW + CODEBOOKS_MAX) * CODEBOOKS_MAX];
	int books = m->config.decoder.codebooks, n;
	struct rng r = rng_for(1, "window", 1, 0);
	struct generation g = { .tokens = generate_tokens(&m->config.decoder, WINDOW),
		.guidance = 1, .takes = 1, .cache = WEIGHTS_F32, .sampling = { .temperature = 1 },
		.start = start, .start_frames = OVERLAP, .seeds = { (uint32_t)rng_next(&r) } };
	struct err e;

	(void)state;
	n = generate_frames(&m->config.decoder, g.tokens);
	for (int k = 0; k < books; k++) {
		const int32_t *row = one + k * WINDOW;

		assert_memory_equal(both + k * LONGER, row, WINDOW * sizeof *row);
		memcpy(start + k * OVERLAP, row + WINDOW - OVERLAP, OVERLAP * sizeof *row);
	}
	assert_int_equal(generate_codes(m, &h, window_text, 1, &g, next, &e), 0);
	for (int k = 0; k < books; k++)
		assert_memory_equal(both + k * LONGER + WINDOW, next + k * n + OVERLAP,
			(WINDOW - OVERLAP) * sizeof *next);
	free(both);
	free(one);
	model_close(m);
	crew_stop(h.crew);
}

static void
takes_of_several_windows_are_what_they_are_alone(void **state)
{
	struct model *m = short_model();
	int32_t *both = window_codes(m, LONGER, 2, 1), *first = window_codes(m, LONGER, 1, 1),
		*second = window_codes(m, LONGER, 1, 2);
	size_t n = (size_t)(m->config.decoder.codebooks * LONGER);

	(void)state;
	assert_memory_equal(both, first, n * sizeof *both);
	assert_memory_equal(both + n, second, n * sizeof *both);
	free(both);
	free(first);
	free(second);
	model_close(m);
}

/* ---- the prompt ---- */

static void
attributes_are_read_as_words_behind_the_prompt(void **state)
{
	struct buf text = {0};
	cJSON *a = cJSON_Parse("{\"style\":\"jazz\",\"tempo\":90,\"key\":\"A minor\","
		"\"mood\":\"calm\",\"primary_instruments\":[\"piano\"],"
		"\"secondary_instruments\":[\"bass\",\"drums\"],\"duration\":12}");

	(void)state;
	text_of("slow waltz", NULL, &text);
	assert_string_equal(text.p, "slow waltz");
	buf_reset(&text);
	text_of("slow waltz", a, &text);
	assert_string_equal(text.p, "slow waltz, jazz, calm, in A minor, 90 bpm, "
		"with piano, bass, drums");
	buf_free(&text);
	cJSON_Delete(a);
}

static void
what_is_understood_is_told_without_a_model(void **state)
{
	cJSON *a = cJSON_Parse("{\"mood\":\"calm\"}"), *o;
	struct engine_request q = { .prompt = "waltz", .attributes = a };
	struct err e;

	(void)state;
	o = table->explain(&q, NULL, 0, &e);
	assert_string_equal(json_text(o, "text", ""), "waltz, calm");
	cJSON_Delete(o);
	q.attributes = NULL;
	o = table->explain(&q, NULL, 0, &e);
	assert_int_equal(cJSON_GetArraySize(o), 0);
	cJSON_Delete(o);
	cJSON_Delete(a);
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
		cmocka_unit_test(a_take_has_its_length_and_is_the_same_again),
		cmocka_unit_test(takes_of_a_job_are_made_at_once_and_are_what_they_are_alone),
		cmocka_unit_test(what_was_made_ahead_is_for_the_same_request_alone),
		cmocka_unit_test(progress_counts_what_is_made_of_the_takes_that_come_next),
		cmocka_unit_test(adapters_follow_each_other_and_one_that_fails_changes_nothing),
		cmocka_unit_test(progress_never_goes_back_and_a_take_stops_within_a_step),
		cmocka_unit_test(windows_overlap_by_two_fifths),
		cmocka_unit_test(what_is_longer_than_a_window_goes_on_from_its_end),
		cmocka_unit_test(takes_of_several_windows_are_what_they_are_alone),
		cmocka_unit_test(attributes_are_read_as_words_behind_the_prompt),
		cmocka_unit_test(what_is_understood_is_told_without_a_model),
	};

	return cmocka_run_group_tests(tests, begin, temp_remove);
}
