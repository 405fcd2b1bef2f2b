#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine/band/adapter_apply.h"
#include "engine/band/smf.h"
#include "engine/band/title.h"
#include "engine/engine.h"
#include "engine_band_compose.h"
#include "temp.h"

/* An adapter that has an opinion about everything. */
static const char full[] =
	"{\"format\": \"earshot-style-adapter\", \"version\": 1, \"name\": \"Full\", "
	"\"description\": \"All that there is\", \"base_model\": \"band\", "
	"\"made_from\": {\"text\": \"By hand\", \"files\": [\"a.mid\", \"b.mid\"], "
	"\"notes\": 1200, \"bars\": 64}, "
	"\"tempo\": {\"usual\": 150, \"slowest\": 140, \"fastest\": 160}, "
	"\"swing\": {\"percent\": 62.5, \"on\": 16}, \"human\": 20, \"energy\": 12, "
	"\"meters\": {\"6/8\": 3, \"4/4\": 1}, \"modes\": {\"dorian\": 3, \"phrygian\": 1}, "
	"\"keys\": {\"F#\": 2, \"Bb\": 1}, \"endings\": {\"stop\": 1}, "
	"\"harmony\": {\"parallels\": \"avoid\", "
	"\"progressions\": [{\"mode\": \"dorian\", \"weight\": 2, \"bars\": \"i9 | IV9\"}, "
	"{\"mode\": \"major\", \"bars\": \"I | IV\", \"section\": \"B\"}], "
	"\"cadences\": [{\"mode\": \"dorian\", \"bars\": \"IV9 | i9\"}], "
	"\"transitions\": {\"weight\": 4, \"bars\": 4, \"lengths\": {\"1/2\": 1, \"2\": 1}, "
	"\"modes\": {\"minor\": {\"start\": {\"i\": 1}, \"i\": {\"VI\": 2, \"iv\": 1}}}}}, "
	"\"parts\": {"
	"\"drums\": {\"instruments\": {\"808 kit\": 2, \"room kit\": 1}, \"from\": 10, "
	"\"loud\": 90, \"crash\": 20, \"late_at\": [0, 8, 0, 8], \"density\": 4, "
	"\"patterns\": [{\"weight\": 3, \"energy\": [0, 60], "
	"\"play\": {\"kick\": \"X|.|x|.\", \"snare\": \".|x|.|x\"}}, "
	"{\"meter\": \"6/8\", \"play\": {\"rim\": \"x..|x..\"}}], "
	"\"fills\": [{\"play\": {\"tom1\": \"x.|xx|x|xxxx\"}}]}, "
	"\"bass\": {\"instruments\": {\"synth bass\": 1}, \"range\": [\"C2\", \"C4\"], "
	"\"hold\": 40, \"loud_at\": [9, -9], \"patterns\": [{\"play\": \"R-|R-|8-|R-\"}]}, "
	"\"chords\": {\"voices\": 3, \"strum\": 30, \"pedal\": true, "
	"\"patterns\": [{\"play\": \"x.x.|x.x.|x.x.|x.x.\"}]}, "
	"\"pad\": {\"from\": 101, \"swell\": true}, "
	"\"melody\": {\"scale\": {\"blues\": 1}, \"leap\": 90, \"rest\": 5, \"spread\": 12, "
	"\"accent\": 150, \"loose\": 200, \"patterns\": [{\"play\": \"xx|xx|xx|xx\"}]}, "
	"\"counter\": {\"from\": 30, \"pan\": 40, \"reverb\": 90, \"chorus\": 20, "
	"\"level\": 60, \"late\": 12, \"duck\": 30}}}";

static struct style_adapter
adapter_from(const char *text)
{
	struct style_adapter a;
	struct err e = {0};

	if (adapter_parse(&a, text, strlen(text), &e)) fail_msg("%s", e.text);
	return a;
}

/* Only the members given, behind those that every adapter needs. */
static struct style_adapter
adapter_with(const char *members)
{
	char text[8192];

	snprintf(text, sizeof text,
		"{\"format\": \"earshot-style-adapter\", \"version\": 1, \"name\": \"Test\", "
		"\"base_model\": \"band\"%s%s}",
		*members ? ", " : "", members);
	return adapter_from(text);
}

static void
bent(struct composition *c, const char *prompt, double seconds, uint32_t seed,
	const struct style_adapter *a, double scale)
{
	struct err e = {0};

	if (compose(c, prompt, NULL, seconds, seed, a, adapter_scale(scale), &e))
		fail_msg("%s", e.text);
}

static void
midi_of(struct composition *c, struct buf *out)
{
	int n;
	struct event *events = score_events(&c->score, &c->plan, &n);

	smf_write(out, &c->plan, &c->score, events, n, "Same");
	free(events);
}

static const char *const prompts[] = { "lofi", "jazz", "pop song", "house", "waltz", "ambient",
	"rock, no drums", "epic film score", "reggae in D minor at 80 bpm", "chiptune" };

static void
scale_0_is_the_base_model_to_the_bit(void **state)
{
	struct style_adapter a = adapter_from(full);

	(void)state;
	for (size_t i = 0; i < NELEM(prompts); i++)
		for (uint32_t seed = 0; seed < 6; seed++) {
			struct composition base, c, other;
			struct buf x = {0}, y = {0}, z = {0};

			composed(&base, prompts[i], 40, seed);
			bent(&c, prompts[i], 40, seed, &a, 0);
			bent(&other, prompts[i], 40, seed, &a, 1);
			midi_of(&base, &x);
			midi_of(&c, &y);
			midi_of(&other, &z);
			assert_int_equal(x.n, y.n);
			assert_memory_equal(x.p, y.p, x.n);
			assert_true(z.n != x.n || memcmp(z.p, x.p, x.n) != 0);
			buf_free(&x);
			buf_free(&y);
			buf_free(&z);
			composition_free(&base);
			composition_free(&c);
			composition_free(&other);
		}
	adapter_free(&a);
}

static void
an_adapter_without_opinions_changes_nothing_at_any_scale(void **state)
{
	struct style_adapter a = adapter_with("");

	(void)state;
	for (size_t i = 0; i < NELEM(prompts); i++) {
		struct composition base, c;
		struct buf x = {0}, y = {0};

		composed(&base, prompts[i], 40, 3);
		bent(&c, prompts[i], 40, 3, &a, 2);
		midi_of(&base, &x);
		midi_of(&c, &y);
		assert_int_equal(x.n, y.n);
		assert_memory_equal(x.p, y.p, x.n);
		buf_free(&x);
		buf_free(&y);
		composition_free(&base);
		composition_free(&c);
	}
	adapter_free(&a);
}

static const struct engine_table *
band(void)
{
	const struct engine_model *m;
	const struct engine_table *t = engine_find("band", &m);

	assert_non_null(t);
	assert_int_equal(m->adapters, ADAPTERS_STYLE);
	return t;
}

static void
write_file(const char *path, const char *text, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static struct engine_result
generated(struct engine *g)
{
	struct engine_request q = { .prompt = "lofi", .duration_s = 6, .seed = 4 };
	struct engine_result r = {0};
	struct err e = {0};

	if (band()->generate(g, &q, NULL, &r, &e)) fail_msg("%s", e.text);
	return r;
}

static void
the_engine_plays_by_the_adapter_that_is_set_until_another_one_is(void **state)
{
	static const struct engine_env env = { .soundfont = "", .models_dir = "" };
	struct err e = {0};
	struct engine *g = band()->open("band", &env, &e);
	struct engine_result r[5];
	size_t n;

	(void)state;
	if (!g) fail_msg("%s", e.text);
	write_file(TEMP("full.json"), full, strlen(full));
	r[0] = generated(g);
	n = (size_t)r[0].pcm.frames * 2 * sizeof(float);
	assert_int_equal(band()->set_adapter(g, TEMP("full.json"), 1, &e), 0);
	r[1] = generated(g);
	assert_int_equal(band()->set_adapter(g, TEMP("full.json"), 0, &e), 0);
	r[2] = generated(g);
	assert_int_equal(band()->set_adapter(g, TEMP("full.json"), 1, &e), 0);
	r[3] = generated(g);
	assert_int_equal(band()->set_adapter(g, NULL, 1, &e), 0);
	r[4] = generated(g);
	assert_memory_not_equal(r[0].pcm.data, r[1].pcm.data, n);
	assert_memory_equal(r[0].pcm.data, r[2].pcm.data, n);
	assert_memory_equal(r[1].pcm.data, r[3].pcm.data, n);
	assert_memory_equal(r[0].pcm.data, r[4].pcm.data, n);
	assert_int_equal(r[0].midi.n, r[2].midi.n);
	assert_memory_equal(r[0].midi.p, r[2].midi.p, r[0].midi.n);
	assert_null(cJSON_GetObjectItem(r[0].understood, "adapter"));
	assert_string_equal(json_text(cJSON_GetObjectItem(r[1].understood, "adapter"), "name", ""),
		"Full");
	for (int i = 0; i < 5; i++) engine_result_free(&r[i]);
	band()->close(g);
}

static void
a_file_that_is_no_adapter_is_refused_and_the_one_before_stays(void **state)
{
	static const struct engine_env env = { .soundfont = "", .models_dir = "" };
	static char large[ADAPTER_BYTES + 2];
	struct err e = {0};
	struct engine *g = band()->open("band", &env, &e);
	struct engine_result before, after;

	(void)state;
	write_file(TEMP("full.json"), full, strlen(full));
	write_file(TEMP("bad.json"), "{\"format\": \"other\"}", 19);
	memset(large, ' ', sizeof large);
	memcpy(large, full, strlen(full));
	write_file(TEMP("large.json"), large, ADAPTER_BYTES + 1);
	write_file(TEMP("largest.json"), large, ADAPTER_BYTES);
	assert_int_equal(band()->set_adapter(g, TEMP("full.json"), 1, &e), 0);
	before = generated(g);
	assert_int_equal(band()->set_adapter(g, TEMP("bad.json"), 1, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
	assert_string_equal(e.text, "format must be \"earshot-style-adapter\".");
	assert_int_equal(band()->set_adapter(g, TEMP("none.json"), 1, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_int_equal(band()->set_adapter(g, TEMP("large.json"), 1, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
	assert_string_equal(e.text, "The adapter is larger than 1048576 bytes.");
	assert_int_equal(band()->set_adapter(g, TEMP("full.json"), 2.5, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
	after = generated(g);
	assert_memory_equal(
		before.pcm.data, after.pcm.data, (size_t)before.pcm.frames * 2 * sizeof(float));
	assert_int_equal(band()->check_adapter("band", TEMP("largest.json"), NULL, &e), 0);
	engine_result_free(&before);
	engine_result_free(&after);
	band()->close(g);
}

static void
a_file_that_has_changed_is_read_again(void **state)
{
	static const struct engine_env env = { .soundfont = "", .models_dir = "" };
	struct err e = {0};
	struct engine *g = band()->open("band", &env, &e);
	struct engine_result before, after;
	char *other = strdup(full), *name = strstr(other, "Full");

	(void)state;
	write_file(TEMP("a.json"), full, strlen(full));
	assert_int_equal(band()->set_adapter(g, TEMP("a.json"), 1, &e), 0);
	before = generated(g);
	memcpy(name, "Next", 4);
	write_file(TEMP("b.json"), other, strlen(other));
	assert_int_equal(rename(TEMP("b.json"), TEMP("a.json")), 0);
	assert_int_equal(band()->set_adapter(g, TEMP("a.json"), 1, &e), 0);
	after = generated(g);
	assert_string_equal(json_text(cJSON_GetObjectItem(before.understood, "adapter"), "name",
		""), "Full");
	assert_string_equal(json_text(cJSON_GetObjectItem(after.understood, "adapter"), "name", ""),
		"Next");
	engine_result_free(&before);
	engine_result_free(&after);
	band()->close(g);
	free(other);
}

static void
people_are_told_what_an_adapter_holds(void **state)
{
	struct err e = {0};
	cJSON *about = NULL;
	struct buf text = {0};

	(void)state;
	write_file(TEMP("full.json"), full, strlen(full));
	assert_int_equal(band()->check_adapter("band", TEMP("full.json"), &about, &e), 0);
	json_print(about, &text);
	assert_string_equal(buf_str(&text),
		"{\"kind\":\"style\",\"name\":\"Full\",\"description\":\"All that there is\","
		"\"made_from\":{\"text\":\"By hand\",\"files\":[\"a.mid\",\"b.mid\"],"
		"\"notes\":1200,\"bars\":64},\"tempo\":150,\"swing\":62.5,"
		"\"modes\":[\"dorian\",\"phrygian\"],\"progressions\":2,\"cadences\":1,"
		"\"transitions\":3,\"parts\":{"
		"\"drums\":{\"instruments\":[\"808 kit\",\"room kit\"],\"patterns\":2,"
		"\"fills\":1},\"bass\":{\"instruments\":[\"synth bass\"],\"patterns\":1},"
		"\"chords\":{\"instruments\":[],\"patterns\":1},\"pad\":{\"instruments\":[]},"
		"\"melody\":{\"instruments\":[],\"patterns\":1},"
		"\"counter\":{\"instruments\":[]}}}");
	buf_free(&text);
	cJSON_Delete(about);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scale_0_is_the_base_model_to_the_bit),
		cmocka_unit_test(an_adapter_without_opinions_changes_nothing_at_any_scale),
		cmocka_unit_test(the_engine_plays_by_the_adapter_that_is_set_until_another_one_is),
		cmocka_unit_test(a_file_that_is_no_adapter_is_refused_and_the_one_before_stays),
		cmocka_unit_test(a_file_that_has_changed_is_read_again),
		cmocka_unit_test(people_are_told_what_an_adapter_holds),
	};

	return cmocka_run_group_tests(tests, temp_make, temp_remove);
}
