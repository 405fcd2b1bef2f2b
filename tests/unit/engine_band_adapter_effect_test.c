/* How a style adapter moves a piece, from nothing over its own style to beyond it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine/rng.h"
#include "engine_band_adapter.h"

/* What is measured of a piece at one scale; each is a sum over many seeds. */
enum measure {
	TEMPO, SWING, COWBELLS, HARPSICHORDS, DORIAN, IN_FIVE, FADES, FOREIGN_CHORDS, LOUDNESS,
	HEIGHT, DRUMLESS, LATENESS, MEASURES
};

static void
measure(const struct composition *c, double *m)
{
	const struct plan *p = &c->plan;
	int drums = 0, cowbells = 0;
	double height = 0, loudness = 0, late = 0;

	for (int i = 0; i < c->score.notes; i++) {
		const struct note *n = &c->score.note[i];
		const struct player *y = &p->player[n->player];

		loudness += n->velocity;
		if (y->role == ROLE_DRUMS) drums++, cowbells += n->key == 56;
		/* As written: instruments that end lower play it an octave down. */
		if (y->role == ROLE_MELODY) height = y->part->low + y->part->high;
		if (y->role == ROLE_BASS) late = y->part->late_ms;
	}
	m[TEMPO] += p->bpm;
	m[SWING] += p->swing_8;
	m[COWBELLS] += drums ? (double)cowbells / drums : 0;
	m[HARPSICHORDS] += plays(p, "harpsichord");
	m[DORIAN] += p->mode == MODE_DORIAN;
	m[IN_FIVE] += p->meter.num == 5;
	m[FADES] += p->ending == ENDING_FADE;
	m[FOREIGN_CHORDS] += c->harmony.chord[0].root == (p->tonic + 6) % 12;
	m[LOUDNESS] += loudness / c->score.notes;
	m[HEIGHT] += height;
	m[DRUMLESS] += !plays_role(p, ROLE_DRUMS);
	m[LATENESS] += late;
}

static const char moving[] =
	"\"tempo\": {\"usual\": 90, \"slowest\": 84, \"fastest\": 96}, "
	"\"swing\": {\"percent\": 66, \"on\": 8}, "
	"\"modes\": {\"dorian\": 1}, \"meters\": {\"5/4\": 1}, \"endings\": {\"fade\": 1}, "
	"\"harmony\": {\"progressions\": [{\"mode\": \"major\", \"bars\": \"#IV\"}, "
	"{\"mode\": \"minor\", \"bars\": \"#IV\"}, {\"mode\": \"dorian\", \"bars\": \"#IV\"}]}, "
	"\"parts\": {\"drums\": {\"loud\": 98, \"patterns\": [{\"play\": "
	"{\"cowbell\": \"xx|xx|xx|xx\"}}]}, "
	"\"bass\": {\"late\": 40, \"loud\": 98}, "
	"\"chords\": {\"instruments\": {\"harpsichord\": 1}, \"loud\": 98}, "
	"\"melody\": {\"loud\": 98, \"range\": [\"B4\", \"G6\"]}}";

enum { STEPS = 9, SEEDS = 40 };

/* From the base over the adapter's style and beyond, in steps of a quarter. */
static void
measure_all(const char *members, const char *prompt, double m[STEPS][MEASURES])
{
	struct style_adapter a = adapter_with(members);

	memset(m, 0, sizeof(double[STEPS][MEASURES]));
	for (int step = 0; step < STEPS; step++)
		for (uint32_t seed = 0; seed < SEEDS; seed++) {
			struct composition c;

			bent(&c, prompt, 40, seed, &a, step / 4.0);
			measure(&c, m[step]);
			composition_free(&c);
		}
	adapter_free(&a);
}

static void
what_is_heard_moves_steadily_from_base_to_style_and_beyond(void **state)
{
	static const struct {
		enum measure what;
		const char *name;
		int way;		/* up or down */
		bool beyond;		/* goes on behind scale 1 */
		double slack;		/* of a step against the way, per piece */
	} expected[] = {
		{ TEMPO, "tempo", -1, true, 0 },
		{ SWING, "swing", 1, true, 0 },
		{ COWBELLS, "cowbells", 1, false, 0.05 },	/* among fills and cymbals */
		{ HARPSICHORDS, "harpsichords", 1, false, 0 },
		{ DORIAN, "dorian", 1, false, 0 },
		{ IN_FIVE, "in five", 1, false, 0 },
		{ FADES, "fades", 1, false, 0 },
		{ FOREIGN_CHORDS, "foreign chords", 1, false, 0.03 },
		{ LOUDNESS, "loudness", 1, true, 0 },
		{ HEIGHT, "height", 1, true, 0 },
		{ LATENESS, "lateness", 1, true, 0 },
	};
	static double m[STEPS][MEASURES];

	(void)state;
	measure_all(moving, "pop song", m);
	for (size_t i = 0; i < NELEM(expected); i++) {
		enum measure what = expected[i].what;
		int way = expected[i].way;

		for (int step = 1; step < STEPS; step++)
			if (way * (m[step][what] - m[step - 1][what])
				< -expected[i].slack * SEEDS - 1e-9)
				fail_msg("%s at %.2f: %g after %g", expected[i].name, step / 4.0,
					m[step][what], m[step - 1][what]);
		/* Half way is between, and not by a jump at one end. */
		assert_true(way * (m[2][what] - m[0][what]) > 0);
		assert_true(way * (m[4][what] - m[2][what]) > 0);
		if (expected[i].beyond) assert_true(way * (m[8][what] - m[4][what]) > 0);
	}
	/* At scale 1 nothing of the style is left where the adapter has a choice of its own. */
	for (int step = 4; step < STEPS; step++) {
		assert_float_equal(m[step][HARPSICHORDS], SEEDS, 0.1);
		assert_float_equal(m[step][DORIAN], SEEDS, 0.1);
		assert_float_equal(m[step][IN_FIVE], SEEDS, 0.1);
		assert_float_equal(m[step][FADES], SEEDS, 0.1);
		assert_float_equal(m[step][FOREIGN_CHORDS], SEEDS, 0.1);
	}
	assert_float_equal(m[0][IN_FIVE], 0, 0.1);
	assert_float_equal(m[0][COWBELLS], 0, 0.01);
}

static void
a_part_that_the_style_has_leaves_by_and_by(void **state)
{
	static double m[STEPS][MEASURES];

	(void)state;
	measure_all("\"parts\": {\"drums\": {\"from\": 101}}", "pop song", m);
	assert_float_equal(m[0][DRUMLESS], 0, 0.1);
	assert_float_equal(m[4][DRUMLESS], SEEDS, 0.1);
	for (int step = 1; step < STEPS; step++)
		assert_true(m[step][DRUMLESS] >= m[step - 1][DRUMLESS]);
}

/* "*" stands for what the style would choose: half of it stays at scale 1, none at 2. */
static void
an_adapter_may_keep_a_share_of_what_the_style_does(void **state)
{
	static double m[STEPS][MEASURES];
	static const char half[] =
		"\"modes\": {\"*\": 1, \"dorian\": 1}, \"meters\": {\"*\": 1, \"5/4\": 1}, "
		"\"endings\": {\"*\": 1, \"fade\": 1}, "
		"\"harmony\": {\"progressions\": [{\"bars\": \"*\", \"weight\": 2}, "
		"{\"mode\": \"major\", \"weight\": 2, \"bars\": \"#IV\"}, "
		"{\"mode\": \"minor\", \"weight\": 2, \"bars\": \"#IV\"}, "
		"{\"mode\": \"dorian\", \"weight\": 2, \"bars\": \"#IV\"}]}, "
		"\"parts\": {\"drums\": {\"patterns\": [{\"play\": \"*\"}, {\"play\": "
		"{\"cowbell\": \"xx|xx|xx|xx\"}}]}, "
		"\"melody\": {\"instruments\": {\"*\": 1, \"harpsichord\": 1}}}";
	static const enum measure shares[] = { DORIAN, IN_FIVE, FADES, FOREIGN_CHORDS,
		HARPSICHORDS };

	(void)state;
	measure_all(half, "pop song", m);
	for (size_t i = 0; i < NELEM(shares); i++) {
		assert_true(m[4][shares[i]] > SEEDS * 0.25 && m[4][shares[i]] < SEEDS * 0.75);
		assert_float_equal(m[8][shares[i]], SEEDS, 0.1);
	}
	assert_true(m[4][COWBELLS] > SEEDS * 0.2 && m[4][COWBELLS] < SEEDS * 0.7);
	assert_true(m[8][COWBELLS] > m[4][COWBELLS] * 1.2);
}

static void
a_little_of_an_adapter_changes_little(void **state)
{
	struct style_adapter a = adapter_with(moving);
	int same = 0;

	(void)state;
	/* At a thousandth no number has moved and hardly a choice has changed. */
	for (uint32_t seed = 0; seed < SEEDS; seed++) {
		struct composition base, c;

		composed(&base, "pop song", 40, seed);
		bent(&c, "pop song", 40, seed, &a, 0.001);
		same += same_midi(&base, &c);
	}
	assert_true(same > SEEDS * 3 / 4);
	adapter_free(&a);
}

static void
chords_follow_the_transitions(void **state)
{
	/* I goes to V or to bVI, both go back: nothing else is to be heard before the cadence. */
	struct style_adapter a = adapter_with(
		"\"modes\": {\"major\": 1}, \"harmony\": {\"transitions\": {\"bars\": 4, "
		"\"modes\": "
		"{\"major\": {\"start\": {\"I\": 1}, \"I\": {\"V\": 1, \"bVI\": 3}, "
		"\"V\": {\"I\": 1}}}}}");
	int v = 0, six = 0;

	(void)state;
	for (uint32_t seed = 0; seed < 30; seed++) {
		struct composition c;

		bent(&c, "rock", 60, seed, &a, 1);
		for (int i = 0; c.harmony.chord[i].tick < 8 * c.plan.meter.bar; i++) {
			int step = (c.harmony.chord[i].root - c.plan.tonic + 12) % 12;

			/* Behind a chord of which nothing is known it begins anew. */
			if (i % 2 == 0) assert_int_equal(step, 0);
			else assert_true(step == 7 || step == 8);
			v += step == 7;
			six += step == 8;
		}
		composition_free(&c);
	}
	assert_true(v > 0 && six > v);
	adapter_free(&a);
}

static void
chords_last_as_long_as_the_transitions_say(void **state)
{
	static const struct {
		const char *length;
		int per_8_bars;
	} lengths[] = { { "1/2", 16 }, { "1", 8 }, { "2", 4 }, { "4", 2 } };

	(void)state;
	for (size_t i = 0; i < NELEM(lengths); i++) {
		char members[512];
		struct style_adapter a;
		struct progression p;
		int changes = 1;
		struct rng r = { 0 };

		snprintf(members, sizeof members,
			"\"harmony\": {\"transitions\": {\"bars\": 8, \"lengths\": {\"%s\": 1}, "
			"\"modes\": {\"major\": {\"start\": {\"I\": 1}, \"I\": {\"V\": 1}, "
			"\"V\": {\"I\": 1}}}}}", lengths[i].length);
		a = adapter_with(members);
		assert_true(adapter_draw_chords(&a, MODE_LYDIAN, &r, &p));
		assert_false(adapter_draw_chords(&a, MODE_MINOR, &r, &p));
		assert_true(adapter_draw_chords(&a, MODE_MAJOR, &r, &p));
		assert_int_equal(p.bars, 8);
		for (int k = 1; k < p.n; k++) {
			changes += p.chord[k].numeral.degree != p.chord[k - 1].numeral.degree;
			assert_true(p.chord[k].place < p.chord[k].of);
		}
		assert_int_equal(changes, lengths[i].per_8_bars);
		adapter_free(&a);
	}
}

static void
patterns_in_the_meter_of_the_piece_go_before_others(void **state)
{
	struct style_adapter a = adapter_with(
		"\"parts\": {\"drums\": {\"from\": 0, \"patterns\": [{\"play\": {\"cowbell\": "
		"\"x|x|x|x\"}}, {\"meter\": \"3/4\", \"play\": {\"claves\": \"x|x|x\"}}]}}");

	(void)state;
	for (uint32_t seed = 0; seed < 10; seed++)
		for (int three = 0; three < 2; three++) {
			struct composition c;
			int cowbells = 0, claves = 0;

			bent(&c, three ? "rock in 3/4" : "rock", 40, seed, &a, 1);
			for (int i = 0; i < c.score.notes; i++) {
				const struct note *n = &c.score.note[i];

				if (c.plan.player[n->player].role != ROLE_DRUMS) continue;
				cowbells += n->key == 56;
				claves += n->key == 75;
			}
			assert_true(three ? claves && !cowbells : cowbells && !claves);
			composition_free(&c);
		}
	adapter_free(&a);
}

static void
beyond_the_style_a_tempo_goes_on_by_a_quarter_at_most(void **state)
{
	struct style_adapter a = adapter_with(
		"\"tempo\": {\"usual\": 80, \"slowest\": 80, \"fastest\": 80}");
	struct composition c;

	(void)state;
	/* House is played at 124: the straight line leads to 36. */
	bent(&c, "house", 40, 1, &a, 2);
	assert_int_equal(c.plan.bpm, 60);
	composition_free(&c);
	adapter_free(&a);
}

/* A fast three that swings and a slow straight four: never a mean of both. */
static void
tempo_meter_and_swing_go_together_as_pulses_say(void **state)
{
	struct style_adapter a = adapter_with("\"meters\": {\"3/4\": 1, \"4/4\": 3}, "
		"\"pulses\": [{\"tempo\": 84, \"meter\": \"4/4\"}, "
		"{\"tempo\": 120, \"meter\": \"4/4\", \"swing\": 60, \"on\": 16}, "
		"{\"tempo\": 170, \"meter\": \"3/4\", \"swing\": 66}]");
	int slow = 0, threes = 0, in_four = 0;

	(void)state;
	for (uint32_t seed = 0; seed < 40; seed++) {
		struct composition c;
		const struct plan *p = &c.plan;

		bent(&c, "music", 30, seed, &a, 1);
		/* Beats stretch a little for the length of a piece. */
		if (p->meter.num == 3) {
			threes++;
			assert_true(abs(p->bpm - 170) < 12 && p->swing_8 == 660);
		} else if (p->bpm < 100) {
			slow++;
			assert_true(p->bpm > 76 && p->swing_8 == 500 && p->swing_16 == 500);
		} else {
			assert_true(abs(p->bpm - 120) < 9 && p->swing_16 == 600);
		}
		in_four += p->meter.num == 4;
		composition_free(&c);
		/* Where none is in the meter that is asked for, any serves. */
		bent(&c, "music in 5/4", 30, seed, &a, 1);
		assert_int_equal(p->meter.num, 5);
		assert_true(abs(p->bpm - 84) < 7 || abs(p->bpm - 120) < 9
			|| abs(p->bpm - 170) < 12);
		composition_free(&c);
	}
	assert_int_equal(threes + in_four, 40);
	assert_true(threes > 4);
	/* Seeds in a row go through them evenly. */
	assert_true(slow * 3 > in_four && slow * 3 < in_four * 2);
	adapter_free(&a);
}

static void
parts_of_one_role_share_an_adapters_instruments_out(void **state)
{
	struct style_adapter a = adapter_with(
		"\"parts\": {\"chords\": {\"from\": 0, \"instruments\": {\"harp\": 9, "
		"\"banjo\": 1, "
		"\"celesta\": 1}}}");

	(void)state;
	for (uint32_t seed = 0; seed < 20; seed++) {
		struct composition c;

		/* Three parts of funk play chords. */
		bent(&c, "funk", 40, seed, &a, 1);
		assert_true(plays(&c.plan, "harp"));
		assert_true(plays(&c.plan, "banjo"));
		assert_true(plays(&c.plan, "celesta"));
		composition_free(&c);
	}
	adapter_free(&a);
}

/* Everything that a prompt can ask for outright. */
static void
what_the_prompt_asks_for_wins(void **state)
{
	struct style_adapter a = adapter_with(
		"\"tempo\": {\"usual\": 180, \"slowest\": 170, \"fastest\": 190}, "
		"\"meters\": {\"6/8\": 1}, \"modes\": {\"phrygian\": 1}, \"keys\": {\"C\": 1}, "
		"\"endings\": {\"stop\": 1}, "
		"\"parts\": {\"drums\": {\"from\": 0}, "
		"\"melody\": {\"instruments\": {\"sitar\": 1}}, "
		"\"chords\": {\"instruments\": {\"banjo\": 1, \"piano\": 9}}}");
	static const double scales[] = { 0.3, 1, 2 };

	(void)state;
	for (size_t i = 0; i < NELEM(scales); i++)
		for (uint32_t seed = 0; seed < 10; seed++) {
			struct composition c;

			bent(&c, "rock at 93 bpm in 5/4 in F# major with flute, no drums, no piano",
				40, seed, &a, scales[i]);
			assert_int_equal(c.plan.bpm, 93);
			assert_int_equal(c.plan.meter.num, 5);
			assert_int_equal(c.plan.tonic, 6);
			assert_int_equal(c.plan.mode, MODE_MAJOR);
			assert_true(plays(&c.plan, "flute"));
			assert_false(plays(&c.plan, "piano"));
			assert_false(plays_role(&c.plan, ROLE_DRUMS));
			composition_free(&c);
			bent(&c, "pop song that fades out", 40, seed, &a, scales[i]);
			assert_int_equal(c.plan.ending, ENDING_FADE);
			composition_free(&c);
			bent(&c, "viennese waltz", 40, seed, &a, scales[i]);
			assert_int_equal(c.plan.meter.num, 3);
			composition_free(&c);
		}
	adapter_free(&a);
}

static void
what_was_understood_says_what_the_adapter_changed_and_what_it_could_not(void **state)
{
	struct style_adapter a = adapter_with(
		"\"tempo\": {\"usual\": 180, \"slowest\": 170, \"fastest\": 190}, "
		"\"swing\": {\"percent\": 60}, \"keys\": {\"C\": 1}, "
		"\"parts\": {\"drums\": {\"loud\": 90}, \"bass\": {\"loud\": 90}}");
	struct composition c;
	struct buf text = {0};
	cJSON *o;

	(void)state;
	bent(&c, "rock at 93 bpm, no drums", 40, 1, &a, 0.5);
	o = adapter_understood(&c.plan);
	json_print(o, &text);
	assert_string_equal(buf_str(&text),
		"{\"name\":\"Test\",\"scale\":0.5,\"changed\":[\"swing\",\"key\"],"
		"\"players\":[\"bass\"],\"asked_otherwise\":[\"tempo\"]}");
	cJSON_Delete(o);
	buf_free(&text);
	composition_free(&c);
	adapter_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_heard_moves_steadily_from_base_to_style_and_beyond),
		cmocka_unit_test(a_part_that_the_style_has_leaves_by_and_by),
		cmocka_unit_test(an_adapter_may_keep_a_share_of_what_the_style_does),
		cmocka_unit_test(a_little_of_an_adapter_changes_little),
		cmocka_unit_test(chords_follow_the_transitions),
		cmocka_unit_test(chords_last_as_long_as_the_transitions_say),
		cmocka_unit_test(patterns_in_the_meter_of_the_piece_go_before_others),
		cmocka_unit_test(beyond_the_style_a_tempo_goes_on_by_a_quarter_at_most),
		cmocka_unit_test(tempo_meter_and_swing_go_together_as_pulses_say),
		cmocka_unit_test(parts_of_one_role_share_an_adapters_instruments_out),
		cmocka_unit_test(what_the_prompt_asks_for_wins),
		cmocka_unit_test(
			what_was_understood_says_what_the_adapter_changed_and_what_it_could_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
