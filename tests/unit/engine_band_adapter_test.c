#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine/engine.h"
#include "engine_band_adapter.h"
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

static const char *const prompts[] = { "lofi", "jazz", "pop song", "house", "waltz", "ambient",
	"rock, no drums", "epic film score", "reggae in D minor at 80 bpm", "chiptune" };

static void
scale_0_is_the_base_model_to_the_bit(void **state)
{
	struct style_adapter a = adapter_from(full);

	(void)state;
	for (size_t i = 0; i < NELEM(prompts); i++)
		for (uint32_t seed = 0; seed < 6; seed++) {
			struct composition base, c;

			composed(&base, prompts[i], 40, seed);
			bent(&c, prompts[i], 40, seed, &a, 0);
			assert_true(same_midi(&base, &c));
			composed(&base, prompts[i], 40, seed);
			bent(&c, prompts[i], 40, seed, &a, 1);
			assert_false(same_midi(&base, &c));
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

		composed(&base, prompts[i], 40, 3);
		bent(&c, prompts[i], 40, 3, &a, 2);
		assert_true(same_midi(&base, &c));
	}
	adapter_free(&a);
}

/* What is refused, and the sentence. The members stand behind those that every adapter needs. */
static const struct {
	const char *members, *error;
} bad[] = {
	{ "\"colour\": 1", "colour is not a known field." },
	{ "\"energy\": 50", "energy must be from -40 to 40, not 50." },
	{ "\"human\": 1.5", "human must be a whole number." },
	{ "\"tempo\": 100", "tempo must be an object." },
	{ "\"tempo\": {\"usual\": 100}", "tempo must have usual, slowest and fastest." },
	{ "\"tempo\": {\"usual\": 100, \"slowest\": 20, \"fastest\": 120}",
		"tempo.slowest must be from 30 to 300, not 20." },
	{ "\"tempo\": {\"usual\": 100, \"slowest\": 110, \"fastest\": 120}",
		"tempo must go up from slowest over usual to fastest." },
	{ "\"swing\": {\"on\": 8}", "swing.percent is missing." },
	{ "\"swing\": {\"percent\": 80}", "swing.percent must be from 50 to 75, not 80." },
	{ "\"swing\": {\"percent\": 60, \"on\": 12}", "swing.on must be 8 or 16." },
	{ "\"pulses\": []", "pulses must have 1 to 64 elements." },
	{ "\"pulses\": [90]", "pulses[0] must be an object." },
	{ "\"pulses\": [{\"tempo\": 90}, {\"swing\": 60}]", "pulses[1].tempo is missing." },
	{ "\"pulses\": [{\"tempo\": 20}]", "pulses[0].tempo must be from 30 to 300, not 20." },
	{ "\"pulses\": [{\"tempo\": 90, \"on\": 9}]", "pulses[0].on must be 8 or 16." },
	{ "\"pulses\": [{\"tempo\": 90, \"meter\": \"4/5\"}]",
		"pulses[0].meter is no meter that the band knows, such as 4/4 or 6/8." },
	{ "\"meters\": {\"4/5\": 1}",
		"meters.4/5 is no meter that the band knows, such as 4/4 or 6/8." },
	{ "\"meters\": {\"4/4 \": 1}",
		"meters.4/4  is no meter that the band knows, such as 4/4 or 6/8." },
	{ "\"meters\": {\"4/4\": 0}", "meters.4/4 must be a whole number from 1 to 1000." },
	{ "\"meters\": {\"4/4\": 1, \"2/2\": 1}", "meters.2/2 is given twice." },
	{ "\"meters\": {}", "meters must not be empty." },
	{ "\"modes\": {\"*\": 1}", "modes must not be empty." },
	{ "\"modes\": {\"merry\": 1}", "modes.merry is no mode." },
	{ "\"modes\": {\"minor\": \"1\"}",
		"modes.minor must be a whole number from 1 to 1000." },
	{ "\"modes\": {\"minor\": 1, \"minor\": 2}", "modes.minor is given twice." },
	{ "\"keys\": {\"H\": 1}", "keys.H is no key such as C, F# or Bb." },
	{ "\"keys\": {\"F#\": 1, \"Gb\": 1}", "keys.Gb is given twice." },
	{ "\"endings\": {\"bang\": 1}", "endings.bang is no ending." },
	{ "\"made_from\": {\"files\": [1]}",
		"made_from.files[0] must be text of 255 characters at most." },
	{ "\"made_from\": {\"hours\": 1}", "made_from.hours is not a known field." },
	{ "\"harmony\": {\"parallels\": \"some\"}",
		"harmony.parallels must be one of free, avoid." },
	{ "\"harmony\": {\"progressions\": []}",
		"harmony.progressions must have 1 to 64 elements." },
	{ "\"harmony\": {\"progressions\": [3]}",
		"harmony.progressions[0] must be an object." },
	{ "\"harmony\": {\"progressions\": [{\"bars\": \"*\"}]}",
		"harmony.progressions has nothing but \"*\"." },
	{ "\"harmony\": {\"progressions\": [{\"bars\": \"*\", \"mode\": \"minor\"}]}",
		"harmony.progressions[0].bars is \"*\", which has a weight and nothing else." },
	{ "\"harmony\": {\"progressions\": [{\"bars\": \"I\"}]}",
		"harmony.progressions[0].mode is missing." },
	{ "\"harmony\": {\"progressions\": [{\"mode\": \"major\", \"bars\": \"I | Q\"}]}",
		"harmony.progressions[0].bars: `Q` does not begin with a Roman numeral from I to "
		"VII." },
	{ "\"harmony\": {\"progressions\": [{\"mode\": \"major\", \"bars\": \"I | | V\"}]}",
		"harmony.progressions[0].bars: bar 2 has no chord." },
	{ "\"harmony\": {\"progressions\": [{\"mode\": \"major\", \"bars\": \"I\", "
		"\"section\": \"a\"}]}",
		"harmony.progressions[0].section must be a letter from A to Z." },
	{ "\"harmony\": {\"cadences\": [{\"mode\": \"major\", \"bars\": \"I\"}]}",
		"harmony.cadences[0].bars must be two at least: what leads to the last chord, and "
		"that chord." },
	{ "\"harmony\": {\"cadences\": [{\"mode\": \"major\", \"bars\": \"V | I\", "
		"\"section\": \"A\"}]}",
		"harmony.cadences[0].section is not a known field." },
	{ "\"harmony\": {\"transitions\": {}}",
		"harmony.transitions.modes is missing or empty." },
	{ "\"harmony\": {\"transitions\": {\"modes\": {\"minor\": {\"i\": {\"V\": 1}}}}}",
		"harmony.transitions.modes.minor must say with which chords to start, in "
		"\"start\"." },
	{ "\"harmony\": {\"transitions\": {\"modes\": {\"minor\": {\"start\": "
		"{\"k\": 1}}}}}",
		"harmony.transitions.modes.minor.start.k: `k` does not begin with a Roman numeral "
		"from I to VII." },
	{ "\"harmony\": {\"transitions\": {\"lengths\": {\"3\": 1}, \"modes\": {\"minor\": "
		"{\"start\": {\"i\": 1}}}}}",
		"harmony.transitions.lengths.3 is no length (1/2, 1, 2 or 4 bars)." },
	{ "\"harmony\": {\"transitions\": {\"bars\": 17}}",
		"harmony.transitions.bars must be from 2 to 16, not 17." },
	{ "\"parts\": {\"choir\": {}}", "parts.choir is no role." },
	{ "\"parts\": {\"bass\": 3}", "parts.bass must be an object." },
	{ "\"parts\": {\"bass\": {\"fills\": []}}",
		"parts.bass.fills has no effect on bass." },
	{ "\"parts\": {\"pad\": {\"patterns\": []}}",
		"parts.pad.patterns has no effect on pad." },
	{ "\"parts\": {\"drums\": {\"hold\": 50}}",
		"parts.drums.hold has no effect on drums." },
	{ "\"parts\": {\"bass\": {\"wobble\": 3}}",
		"parts.bass.wobble is not a known field." },
	{ "\"parts\": {\"bass\": {\"hold\": 5}}",
		"parts.bass.hold must be a whole number from 10 to 120." },
	{ "\"parts\": {\"bass\": {\"hold\": 50, \"hold\": 60}}",
		"parts.bass.hold is given twice." },
	{ "\"parts\": {\"bass\": {\"instruments\": {\"bathtub\": 1}}}",
		"parts.bass.instruments.bathtub is no instrument of the band." },
	{ "\"parts\": {\"bass\": {\"instruments\": {\"808 kit\": 1}}}",
		"parts.bass.instruments.808 kit cannot play bass." },
	{ "\"parts\": {\"bass\": {\"instruments\": [\"tuba\"]}}",
		"parts.bass.instruments must be an object of names and their weights." },
	{ "\"parts\": {\"bass\": {\"range\": [\"C3\", \"D3\"]}}",
		"parts.bass.range must be two notes such as \"C3\" and \"C5\", at least a seventh "
		"apart." },
	{ "\"parts\": {\"bass\": {\"density\": 0}}",
		"parts.bass.density must be from 0.05 to 16 notes a beat." },
	{ "\"parts\": {\"pad\": {\"players\": 4.5}}", "parts.pad.players must be from 0 to 4." },
	{ "\"parts\": {\"bass\": {\"intervals\": {\"2\": 1}}}",
		"parts.bass.intervals has no effect on bass." },
	{ "\"parts\": {\"melody\": {\"intervals\": {\"13\": 1}}}",
		"parts.melody.intervals.13 is no interval from -12 to 12 semitones." },
	{ "\"parts\": {\"melody\": {\"tones\": [1, 2, 3]}}",
		"parts.melody.tones must be an array of 12 weights." },
	{ "\"parts\": {\"melody\": {\"tones\": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]}}",
		"parts.melody.tones must not be 0 throughout." },
	{ "\"made_from\": {\"sha256s\": [\"ab\"]}",
		"made_from.sha256s[0] must be 64 hexadecimal digits." },
	{ "\"parts\": {\"bass\": {\"late_at\": [1, 99]}}",
		"parts.bass.late_at[1] must be a whole number from -60 to 60." },
	{ "\"parts\": {\"bass\": {\"loud_at\": []}}",
		"parts.bass.loud_at must be an array of 1 to 32 numbers, one a sixteenth." },
	{ "\"parts\": {\"melody\": {\"scale\": {\"whole\": 1}}}",
		"parts.melody.scale.whole is no scale." },
	{ "\"parts\": {\"melody\": {\"pedal\": 1}}",
		"parts.melody.pedal must be true or false." },
	{ "\"parts\": {\"bass\": {\"patterns\": []}}",
		"parts.bass.patterns must be an array of 1 to 64 patterns." },
	{ "\"parts\": {\"bass\": {\"patterns\": [{\"play\": \"*\"}]}}",
		"parts.bass.patterns has nothing but \"*\"." },
	{ "\"parts\": {\"bass\": {\"patterns\": [{\"play\": \"*\", \"meter\": \"3/4\"}]}}",
		"parts.bass.patterns[0].meter is not a known field." },
	{ "\"parts\": {\"bass\": {\"patterns\": [{\"play\": \"R|z|R|R\"}]}}",
		"parts.bass.patterns[0].play: bar 1, beat 2: `z` is none of the signs "
		"R3578Law.-." },
	{ "\"parts\": {\"bass\": {\"patterns\": [{\"play\": \"R|R|R\"}]}}",
		"parts.bass.patterns[0].play: bar 1 does not have 4 beats." },
	{ "\"parts\": {\"bass\": {\"patterns\": [{\"play\": \".|.|.|.\"}]}}",
		"parts.bass.patterns[0].play has no note." },
	{ "\"parts\": {\"bass\": {\"patterns\": [{\"play\": \"R|R\", \"meter\": \"4/2\"}]}}",
		"parts.bass.patterns[0].meter is no meter that the band knows, such as 4/4 or "
		"6/8." },
	{ "\"parts\": {\"bass\": {\"patterns\": [{\"play\": \"R|R|R|R\", \"energy\": "
		"[60, 40]}]}}",
		"parts.bass.patterns[0].energy[1] must be a whole number from 60 to 100." },
	{ "\"parts\": {\"bass\": {\"patterns\": [{\"play\": {}}]}}",
		"parts.bass.patterns[0].play must be text." },
	{ "\"parts\": {\"drums\": {\"patterns\": [{\"play\": \"x|x|x|x\"}]}}",
		"parts.drums.patterns[0].play must be an object." },
	{ "\"parts\": {\"drums\": {\"patterns\": [{\"play\": {\"spoon\": \"x|x|x|x\"}}]}}",
		"parts.drums.patterns[0].play.spoon is no drum." },
	{ "\"parts\": {\"drums\": {\"fills\": [{\"play\": {\"kick\": \"x|x|x|D\"}}]}}",
		"parts.drums.fills[0].play.kick: bar 1, beat 4: `D` is none of the signs "
		"Xxog?.-." },
	{ "\"parts\": {\"drums\": {\"patterns\": [{\"play\": {}}]}}",
		"parts.drums.patterns[0].play has no note." },
};

static void
what_the_format_does_not_know_is_refused_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		char text[2048];
		struct style_adapter a;
		struct err e = {0};

		snprintf(text, sizeof text,
			"{\"format\": \"earshot-style-adapter\", \"version\": 1, "
			"\"name\": \"Test\", \"base_model\": \"band\", %s}", bad[i].members);
		if (adapter_parse(&a, text, strlen(text), &e) != -1)
			fail_msg("%s was taken", bad[i].members);
		assert_int_equal(e.kind, ERR_INVALID);
		if (strcmp(e.text, bad[i].error)) fail_msg("%s\n  not %s", e.text, bad[i].error);
		assert_null(a.progression);
		assert_null(a.part[ROLE_BASS].pattern.list);
	}
}

static void
what_is_no_adapter_at_all_is_told_so_first(void **state)
{
	static const struct {
		const char *text, *error;
	} wrong[] = {
		{ "", "The JSON has an error at byte 0." },
		{ "MThd", "The JSON has an error at byte 0." },
		{ "[]", "A style adapter is a JSON object." },
		{ "{}", "format must be \"earshot-style-adapter\"." },
		{ "{\"format\": \"earshot-style-adapter\", \"colour\": 1}",
			"version must be 1, the only one that there is." },
		{ "{\"format\": \"earshot-style-adapter\", \"version\": 2}",
			"version must be 1, the only one that there is." },
		{ "{\"format\": \"earshot-style-adapter\", \"version\": 1, "
			"\"base_model\": \"musicgen\"}", "base_model must be \"band\"." },
		{ "{\"format\": \"earshot-style-adapter\", \"version\": 1, "
			"\"base_model\": \"band\"}", "name is missing." },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(wrong); i++) {
		struct style_adapter a;
		struct err e = {0};

		assert_int_equal(
			adapter_parse(&a, wrong[i].text, strlen(wrong[i].text), &e), -1);
		assert_int_equal(e.kind, ERR_INVALID);
		if (strncmp(e.text, wrong[i].error, strlen(wrong[i].error) - 2))
			fail_msg("%s\n  not %s", e.text, wrong[i].error);
	}
}

/* So that no member, however long, breaks a reader: the full adapter cut off at every byte, and
 * with every byte replaced. */
static void
a_damaged_file_is_refused_or_read_but_never_more(void **state)
{
	size_t n = strlen(full);
	char *text = strdup(full);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		static const char with[] = "\"{}[],:0-~\\";
		struct style_adapter a;
		struct err e = {0};

		assert_int_equal(adapter_parse(&a, full, i, &e), -1);
		text[i] = with[i % (sizeof with - 1)];
		if (adapter_parse(&a, text, n, &e) == 0) adapter_free(&a);
		else assert_true(*e.text);
		text[i] = full[i];
	}
	free(text);
}

static const struct engine_env env = { .soundfont = "", .models_dir = "" };

static const struct engine_table *
band(void)
{
	struct engine_model m;
	const struct engine_table *t = engine_find("band", &env, &m);

	assert_non_null(t);
	assert_int_equal(m.adapters, ADAPTERS_STYLE);
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
	assert_int_equal(band()->check_adapter("band", &env, TEMP("largest.json"), NULL, &e), 0);
	engine_result_free(&before);
	engine_result_free(&after);
	band()->close(g);
}

static void
a_file_that_has_changed_is_read_again(void **state)
{
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
	assert_int_equal(band()->check_adapter("band", &env, TEMP("full.json"), &about, &e), 0);
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
		cmocka_unit_test(what_the_format_does_not_know_is_refused_with_its_place),
		cmocka_unit_test(what_is_no_adapter_at_all_is_told_so_first),
		cmocka_unit_test(a_damaged_file_is_refused_or_read_but_never_more),
		cmocka_unit_test(the_engine_plays_by_the_adapter_that_is_set_until_another_one_is),
		cmocka_unit_test(a_file_that_is_no_adapter_is_refused_and_the_one_before_stays),
		cmocka_unit_test(a_file_that_has_changed_is_read_again),
		cmocka_unit_test(people_are_told_what_an_adapter_holds),
	};

	return cmocka_run_group_tests(tests, temp_make, temp_remove);
}
