/* Whatever a style adapter may hold is heard, and nothing that it holds is more than music bears. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine_band_adapter.h"

static const char *const prompts[] = { "lofi", "jazz", "pop song", "house", "waltz", "piano ballad",
	"rock", "epic film score" };

enum { PIECES = 6 * NELEM(prompts) };

/* Their MIDI files without an adapter: made once, since every member is held against them. */
static struct buf plain[PIECES];

static const struct buf *
plain_midi(uint32_t i)
{
	struct composition c;

	if (!plain[i].n) {
		composed(&c, prompts[i % NELEM(prompts)], 50, i);
		midi_of(&c, &plain[i]);
		composition_free(&c);
	}
	return &plain[i];
}

static int
forget_plain_midi(void **state)
{
	(void)state;
	for (int i = 0; i < PIECES; i++) buf_free(&plain[i]);
	return 0;
}

/* Does an adapter with these members alone change a note, a controller or the tempo of anything? */
static bool
has_effect(const char *members)
{
	struct style_adapter a = adapter_with(members);
	bool found = false;

	for (uint32_t i = 0; i < PIECES && !found; i++) {
		struct composition c;

		bent(&c, prompts[i % NELEM(prompts)], 50, i, &a, 1);
		found = !gives_midi(&c, plain_midi(i));
	}
	adapter_free(&a);
	return found;
}

static void
every_member_is_heard(void **state)
{
	static const char *const members[] = {
		"\"tempo\": {\"usual\": 150, \"slowest\": 140, \"fastest\": 160}",
		"\"swing\": {\"percent\": 70, \"on\": 8}",
		"\"swing\": {\"percent\": 70, \"on\": 16}",
		"\"pulses\": [{\"tempo\": 150}]",
		"\"human\": 35",
		"\"energy\": 20",
		"\"energy\": -20",
		"\"meters\": {\"5/4\": 1}",
		"\"modes\": {\"locrian\": 1}",
		"\"keys\": {\"Db\": 1}",
		"\"endings\": {\"fade\": 1}",
		"\"harmony\": {\"parallels\": \"free\"}",
		"\"harmony\": {\"parallels\": \"avoid\"}",
		"\"harmony\": {\"progressions\": [{\"mode\": \"major\", \"bars\": \"#IV | bII\"}]}",
		"\"harmony\": {\"cadences\": [{\"mode\": \"major\", \"bars\": \"bII | I\"}]}",
		"\"harmony\": {\"transitions\": {\"modes\": {\"major\": {\"start\": "
		"{\"bVI\": 1}}}}}",
		"\"parts\": {\"melody\": {\"scale\": {\"blues\": 1}}}",
	};

	(void)state;
	for (size_t i = 0; i < NELEM(members); i++)
		if (!has_effect(members[i])) fail_msg("%s changes nothing", members[i]);
}

/* The value of a member of a part, for each role that takes it. */
static const struct {
	const char *name, *value;
	unsigned roles;
} part_members[] = {
	{ "range", "[\"C1\", \"C2\"]", 0x3e },
	{ "late_at", "[10, 30]", 0x3f },
	{ "loud_at", "[20, -20]", 0x3f },
	{ "density", "0.05", 0x17 },
	{ "players", "3", 0x3e },
	{ "intervals", "{\"7\": 1, \"-7\": 1}", 1 << ROLE_MELODY },
	{ "tones", "[1, 0, 0, 0, 0, 0, 0, 1000, 0, 0, 0, 0]", 1 << ROLE_MELODY },
	{ "density", "12", 0x17 },
	{ "pedal", "true", 0x14 },
	{ "swell", "true", 0x3e },
	{ "instruments", "{\"sitar\": 1}", 0x3e },
	{ "instruments", "{\"orchestra kit\": 1}", 0x01 },
	{ "fills", "[{\"play\": {\"guiro\": \"x|x|x|x\"}}]", 0x01 },
	{ "patterns", "[{\"play\": {\"guiro\": \"x|x|x|x\"}}]", 0x01 },
	{ "patterns", "[{\"play\": \"8|8|8|8\"}]", 0x02 },
	{ "patterns", "[{\"play\": \"2|2|2|2\"}]", 0x04 },
	{ "patterns", "[{\"play\": \"x|x|x|x\"}]", 0x10 },
};

static void
every_member_of_a_part_is_heard_in_every_role_that_takes_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEM(part_members); i++)
		for (int role = 0; role < ROLE_COUNT; role++) {
			char text[256];

			if (!(part_members[i].roles >> role & 1)) continue;
			snprintf(text, sizeof text, "\"parts\": {\"%s\": {\"%s\": %s}}",
				role_names[role], part_members[i].name, part_members[i].value);
			if (!has_effect(text)) fail_msg("%s changes nothing", text);
		}
}

static void
every_number_of_a_part_is_heard_in_every_role_that_takes_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < style_number_count; i++)
		for (int role = 0; role < ROLE_COUNT; role++) {
			const struct style_number *n = &style_numbers[i];
			char low[128], high[128];

			if (!(n->roles >> role & 1)) continue;
			snprintf(low, sizeof low, "\"parts\": {\"%s\": {\"%s\": %d}}",
				role_names[role], n->name, n->low);
			snprintf(high, sizeof high, "\"parts\": {\"%s\": {\"%s\": %d}}",
				role_names[role], n->name, n->high);
			if (!has_effect(low) && !has_effect(high))
				fail_msg("%s changes nothing", low);
		}
}

/* Any scale and the most extreme adapter: the piece keeps its length and its notes their limits. */
static void
extremes_stay_music(void **state)
{
	static const char *const extreme[] = {
		"\"tempo\": {\"usual\": 30, \"slowest\": 30, \"fastest\": 30}, \"energy\": -40, "
		"\"human\": 40, \"meters\": {\"11/8\": 1}, \"parts\": {\"bass\": {\"range\": "
		"[\"C0\", \"B0\"], \"late\": 60}, \"melody\": {\"range\": [\"C8\", \"G9\"]}}",
		"\"tempo\": {\"usual\": 300, \"slowest\": 300, \"fastest\": 300}, \"energy\": 40, "
		"\"swing\": {\"percent\": 75, \"on\": 16}, \"parts\": {\"chords\": {\"voices\": 6, "
		"\"strum\": 80, \"range\": [\"C1\", \"B1\"]}, \"melody\": {\"range\": "
		"[\"C8\", \"G9\"], \"late_at\": [-60, 60], \"loud_at\": [60, -60], \"loose\": 400, "
		"\"spread\": 40, \"accent\": 200}, \"counter\": {\"from\": 0}}",
	};
	static const double seconds[] = { 0.5, 3, 11, 40 }, scales[] = { 0.5, 1, 2 };

	(void)state;
	for (size_t i = 0; i < NELEM(extreme) * NELEM(prompts); i++) {
		struct style_adapter a = adapter_with(extreme[i % NELEM(extreme)]);

		for (size_t k = 0; k < NELEM(seconds) * NELEM(scales); k++) {
			struct composition c;

			bent(&c, prompts[i / NELEM(extreme)], seconds[k / NELEM(scales)], 7, &a,
				scales[k % NELEM(scales)]);
			assert_true(c.score.notes > 0);
			for (int n = 0; n < c.score.notes; n++) {
				const struct note *x = &c.score.note[n];

				assert_true(x->tick >= 0 && x->ticks > 0
					&& x->tick + x->ticks <= c.score.end);
				assert_true(x->velocity >= 1 && x->velocity <= 127);
				assert_true(x->key <= 127);
			}
			composition_free(&c);
		}
		adapter_free(&a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_is_heard),
		cmocka_unit_test(every_member_of_a_part_is_heard_in_every_role_that_takes_it),
		cmocka_unit_test(every_number_of_a_part_is_heard_in_every_role_that_takes_it),
		cmocka_unit_test(extremes_stay_music),
	};

	return cmocka_run_group_tests(tests, NULL, forget_plain_midi);
}
