/* What the band does without: "no drums" in its many wordings, for all of a piece or for a
 * passage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine_band_compose.h"

static void
what_is_ruled_out_by_a_list_does_not_play(void **state)
{
	static const char *const prompts[] = { "jazz without drums, bass or piano",
		"drumless jazz, no bass, no piano", "Jazz ohne Schlagzeug, Bass oder Klavier",
		"jazz sans batterie ni basse, sans piano", "jazz sin batería, bajo o piano",
		"jazz sem bateria, baixo ou piano" };

	(void)state;
	for (size_t i = 0; i < NELEM(prompts); i++)
		for (uint32_t seed = 0; seed < 6; seed++) {
			struct composition c;

			planned(&c, prompts[i], NULL, 60, seed);
			if (plays_role(&c.plan, ROLE_DRUMS) || plays_role(&c.plan, ROLE_BASS)
				|| plays(&c.plan, "piano"))
				fail_msg("%s", prompts[i]);
			assert_true(c.plan.players > 0);
			composition_free(&c);
		}
}

/* However it is said, nobody drums, and nothing else that strikes is heard. */
static void
no_wording_of_no_drums_lets_one_in(void **state)
{
	static const char *const said[] = {
		"no drums", "NO DRUMS!", "without drums", "w/o drums", "drumless", "beatless", "no beat",
		"without any percussion", "no percussion or bass", "no drum kit", "no hand drums",
		"minus the drums", "drums: none", "drums: no", "drums off", "drum free", "drums-free",
		"never any drums", "zero drums", "percussionless", "non-percussive", "no rhythm section",
		"not a trace of drums", "no kick, no snare", "mute the drums", "leave the drums out",
		"I hate drums", "exclude: vocals, drums", "negative prompt: drums, noise",
		"neither drums nor vocals", "no vocals, no drums", "instrumental, no vocals or drums",
		"no drums, light shaker", "triangle and claps, but no drums", "absolutely no percussion",
		"I do not want any drums", "there should be no drums", "free of percussion",
		"kein Schlagzeug", "ohne Schlagzeug", "ohne Drums", "ohne jegliches Schlagzeug",
		"ohne Bass und ohne Schlagzeug", "schlagzeugfrei", "weder Schlagzeug noch Gesang",
		"nicht mit Schlagzeug", "keine Trommeln", "ohne Beat", "sans batterie",
		"sans percussions", "pas de batterie", "ni batterie ni basse", "aucune percussion",
		"sans rythme", "sin batería", "sin percusión", "nada de batería",
		"sin voces ni percusión", "sin ritmo", "ninguna percusión", "sem bateria",
		"sem percussão", "sem nenhum tipo de percussão", "nem bateria nem baixo",
	};

	(void)state;
	for (size_t i = 0; i < 2 * NELEM(said); i++) {
		const char *words = said[i / 2];
		struct composition c;
		char prompt[128];

		snprintf(prompt, sizeof prompt, i % 2 ? "lofi, %s" : "%s, orchestral", words);
		planned(&c, prompt, NULL, 60, (uint32_t)i);
		assert_true(c.plan.players > 0);
		for (int k = 0; k < c.plan.players; k++)
			if (instrument_is_percussion(c.plan.player[k].instrument))
				fail_msg("%s: %s", prompt, c.plan.player[k].instrument->name);
		if (c.plan.clicks) fail_msg("%s: vinyl clicks", prompt);
		composition_free(&c);
	}
}

/* "No drums until the chorus": they come in then. */
static void
what_is_ruled_out_of_a_passage_plays_in_the_others(void **state)
{
	static const char *const said[] = { "rock, no drums until the chorus",
		"intro and verse without drums, then a rock chorus", "Rock, kein Schlagzeug im Intro",
		"[Intro] no drums [Verse] drums, rock" };

	(void)state;
	for (size_t i = 0; i < NELEM(said); i++) {
		struct composition c;
		bool silent = false, heard = false;

		planned(&c, said[i], NULL, 90, 1);
		for (int s = 0; s < c.plan.sections; s++)
			for (int k = 0; k < c.plan.players; k++) {
				const struct section *section = &c.plan.section[s];
				bool plays = plan_plays(&c.plan, k, section);

				if (c.plan.player[k].role != ROLE_DRUMS) continue;
				if (section->passage == PASSAGE_INTRO && plays)
					fail_msg("%s: drums in the intro", said[i]);
				silent |= section->passage == PASSAGE_INTRO;
				heard |= plays;
			}
		if (!silent || !heard) fail_msg("%s: %d %d", said[i], silent, heard);
		composition_free(&c);
	}
}

/* Of a drum kit some may be unwanted; without kick and snare it is none. */
static void
single_drums_are_left_out_of_the_kit(void **state)
{
	struct composition c;
	int others = 0, early = 0, late = 0;

	(void)state;
	composed(&c, "house without claps and hi-hats", 30, 1);
	for (int i = 0; i < c.score.notes; i++) {
		int key = c.score.note[i].key;

		if (c.plan.player[c.score.note[i].player].role != ROLE_DRUMS) continue;
		if (key == 39 || key == 42 || key == 44 || key == 46) fail_msg("%d", key);
		others++;
	}
	assert_true(others > 20);
	composition_free(&c);
	composed(&c, "rock, no snare until the chorus", 90, 1);
	for (int i = 0; i < c.score.notes; i++) {
		const struct note *n = &c.score.note[i];
		int s = 0;

		if (c.plan.player[n->player].role != ROLE_DRUMS || n->key != 38) continue;
		while (s + 1 < c.plan.sections && c.plan.section[s + 1].tick <= n->tick) s++;
		early += c.plan.section[s].passage == PASSAGE_VERSE;
		late += c.plan.section[s].passage == PASSAGE_CHORUS;
	}
	assert_int_equal(early, 0);
	assert_true(late > 4);
	composition_free(&c);
	planned(&c, "rock, no kick, no snare", NULL, 60, 1);
	assert_false(plays_role(&c.plan, ROLE_DRUMS));
	composition_free(&c);
}

/* "No harp" is nothing against harpsichords. */
static void
an_instrument_is_ruled_out_by_its_whole_name(void **state)
{
	struct wish w;

	(void)state;
	read_wish("no harp, no organ", NULL, &w);
	assert_true(wish_excludes(&w, instrument_find("harp"), ROLE_CHORDS));
	assert_false(wish_excludes(&w, instrument_find("harpsichord"), ROLE_CHORDS));
	assert_true(wish_excludes(&w, instrument_find("church organ"), ROLE_CHORDS));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_ruled_out_by_a_list_does_not_play),
		cmocka_unit_test(no_wording_of_no_drums_lets_one_in),
		cmocka_unit_test(what_is_ruled_out_of_a_passage_plays_in_the_others),
		cmocka_unit_test(single_drums_are_left_out_of_the_kit),
		cmocka_unit_test(an_instrument_is_ruled_out_by_its_whole_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
