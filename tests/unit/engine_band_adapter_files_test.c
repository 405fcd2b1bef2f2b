#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>

#include "engine/engine.h"
#include "engine_band_adapter.h"

/* Unlike each other, and none of them like any of the adapters. */
static const char *const styles[] = { "jazz", "pop song", "house", "waltz", "rock", "bossa nova" };

enum { SEEDS = 24, SECONDS = 45 };

static struct style_adapter
shipped(const char *name)
{
	char path[128];
	struct style_adapter a;
	struct err e = {0};

	snprintf(path, sizeof path, "lib/engine/band/adapters/%s.json", name);
	if (adapter_load(&a, path, &e)) fail_msg("%s: %s", path, e.text);
	return a;
}

/* Means over the pieces of one style. */
struct features {
	double tempo, swing, bass_notes, tune_notes, chord_tones, changes, velocity, late_snare;
	double drummers, minor, in_own;	/* shares of pieces; of players in families */
};

static void
add_players(const struct plan *p, const enum family *own, struct features *f)
{
	int players = 0, found = 0;

	for (int i = 0; i < p->players; i++) {
		players++;
		for (const enum family *w = own; *w; w++)
			found += p->player[i].instrument->family == *w;
	}
	f->in_own += (double)found / players / SEEDS;
}

/* Milliseconds from where a backbeat is written to where it is played, if there is any. */
static double
snare_lateness(const struct composition *c)
{
	const struct plan *p = &c->plan;
	double sum = 0;
	int n = 0;

	for (int i = 0; i < c->score.notes; i++) {
		const struct note *x = &c->score.note[i];
		int32_t in_beat = (x->tick + SIXTEENTH / 2) % p->meter.beat[0] - SIXTEENTH / 2;

		if (p->player[x->player].role != ROLE_DRUMS || (x->key != 38 && x->key != 37)
			|| in_beat > SIXTEENTH / 2)
			continue;
		sum += (double)in_beat * tempo_us_at(&c->score.tempo, x->tick) / QUARTER / 1000;
		n++;
	}
	return n ? sum / n : 0;
}

static struct features
features_of(const char *prompt, const struct style_adapter *a, const enum family *own)
{
	struct features f = {0};

	for (uint32_t seed = 0; seed < SEEDS; seed++) {
		struct composition c;
		int tones = 0, velocity = 0, bass = 0, tune = 0;

		bent(&c, prompt, SECONDS, seed, a, 1);
		for (int i = 0; i < c.score.notes; i++) {
			enum role role = c.plan.player[c.score.note[i].player].role;

			bass += role == ROLE_BASS;
			tune += role == ROLE_MELODY;
			velocity += c.score.note[i].velocity;
		}
		for (int i = 0; i < c.harmony.n; i++) tones += c.harmony.chord[i].tones;
		f.tempo += (double)c.plan.bpm / SEEDS;
		f.swing += (c.plan.swing_8 + c.plan.swing_16 - 1000) / (10.0 * SEEDS);
		f.bass_notes += (double)bass / SECONDS / SEEDS;
		f.tune_notes += (double)tune / SECONDS / SEEDS;
		f.chord_tones += (double)tones / c.harmony.n / SEEDS;
		f.changes += (double)c.harmony.n / c.plan.bars / SEEDS;
		f.velocity += (double)velocity / c.score.notes / SEEDS;
		f.late_snare += snare_lateness(&c) / SEEDS;
		f.drummers += plays_role(&c.plan, ROLE_DRUMS) / (double)SEEDS;
		f.minor += mode_is_minor(c.plan.mode) / (double)SEEDS;
		add_players(&c.plan, own, &f);
		composition_free(&c);
	}
	return f;
}

static void
every_shipped_file_says_who_it_is_and_has_something_for_most_players(void **state)
{
	static const char *const names[][2] = { { "dusty-tape", "Dusty tape" },
		{ "night-drive", "Night drive" }, { "chamber-strings", "Chamber strings" } };

	(void)state;
	for (size_t i = 0; i < NELEM(names); i++) {
		struct style_adapter a = shipped(names[i][0]);
		int parts = 0;

		assert_string_equal(a.name, names[i][1]);
		assert_true(strlen(a.description) > 40);
		assert_true(a.tempo.has && a.swing.has && a.human_ms.has);
		assert_true(a.progressions >= 6 && a.cadences >= 3 && a.chain_weight);
		for (int role = 0; role < ROLE_COUNT; role++) parts += a.part[role].has;
		assert_true(parts >= 5);
		adapter_free(&a);
	}
}

static void
dusty_tape_is_slow_late_sparse_and_rich_in_chords(void **state)
{
	static const enum family own[] = { FAMILY_KEYS, FAMILY_MALLETS, FAMILY_NONE };
	struct style_adapter a = shipped("dusty-tape");

	(void)state;
	for (size_t i = 0; i < NELEM(styles); i++) {
		struct features base = features_of(styles[i], NULL, own),
				f = features_of(styles[i], &a, own);

		assert_true(f.tempo > 60 && f.tempo < 84 && f.tempo < base.tempo - 15);
		assert_float_equal(f.swing, 14, 0.01);
		assert_true(f.bass_notes < 0.8 * base.bass_notes || f.bass_notes < 1.2);
		assert_true(f.tune_notes < 0.7 * base.tune_notes);
		assert_true(f.chord_tones > 4.1 && f.chord_tones > base.chord_tones + 0.3);
		assert_true(f.late_snare > 12 && f.late_snare > base.late_snare + 8);
		assert_true(f.in_own > 0.3);
	}
	adapter_free(&a);
}

static void
night_drive_is_fast_straight_dense_and_dark(void **state)
{
	static const enum family own[] = { FAMILY_SYNTH, FAMILY_PAD, FAMILY_NONE };
	struct style_adapter a = shipped("night-drive");

	(void)state;
	for (size_t i = 0; i < NELEM(styles); i++) {
		struct features base = features_of(styles[i], NULL, own),
				f = features_of(styles[i], &a, own);

		assert_true(f.tempo > 114 && f.tempo < 130);
		assert_float_equal(f.swing, 0, 0.01);
		assert_true(f.bass_notes > 1.5 * base.bass_notes && f.bass_notes > 4);
		assert_true(f.velocity > 80);
		assert_true(f.minor > 0.7 && f.minor >= base.minor);
		assert_true(f.drummers > 0.99);
		assert_true(f.in_own > 0.25 && f.in_own > base.in_own + 0.1);
	}
	adapter_free(&a);
}

static void
chamber_strings_have_no_drums_and_change_slowly(void **state)
{
	static const enum family own[] = { FAMILY_STRINGS, FAMILY_WIND, FAMILY_BRASS, FAMILY_FOLK,
		FAMILY_NONE };
	struct style_adapter a = shipped("chamber-strings");

	(void)state;
	for (size_t i = 0; i < NELEM(styles); i++) {
		struct features base = features_of(styles[i], NULL, own),
				f = features_of(styles[i], &a, own);

		assert_true(f.tempo > 70 && f.tempo < 94 && f.tempo < base.tempo - 10);
		assert_float_equal(f.drummers, 0, 0.01);
		assert_true(f.in_own > 0.85 && f.in_own > base.in_own + 0.2);
		assert_true(f.velocity < base.velocity);
		assert_true(f.bass_notes < base.bass_notes);
		assert_float_equal(f.swing, 0, 0.01);
	}
	adapter_free(&a);
}

static void
a_shipped_adapter_leaves_the_prompt_its_say(void **state)
{
	static const char *const names[] = { "dusty-tape", "night-drive", "chamber-strings" };

	(void)state;
	/* The same seed in different styles: not the same piece each time. */
	for (size_t i = 0; i < NELEM(names); i++) {
		struct style_adapter a = shipped(names[i]);

		for (size_t k = 0; k < NELEM(styles); k++)
			for (size_t j = 0; j < k; j++) {
				struct composition x, y;

				bent(&x, styles[j], SECONDS, 5, &a, 1);
				bent(&y, styles[k], SECONDS, 5, &a, 1);
				assert_false(same_midi(&x, &y));
			}
		adapter_free(&a);
	}
}

static void
what_a_shipped_adapter_makes_sounds_without_gaps_or_clipping(void **state)
{
	static const char *const names[] = { "dusty-tape", "night-drive", "chamber-strings" };
	static const struct engine_env env = { .soundfont = "", .models_dir = "" };
	const struct engine_table *band = engine_find("band", &env, NULL);
	struct err e = {0};
	struct engine *g = band->open("band", &env, &e);

	(void)state;
	if (!g) fail_msg("%s", e.text);
	for (size_t i = 0; i < NELEM(names) * 2; i++) {
		struct engine_request q = { .prompt = styles[i], .duration_s = 12, .seed = 8 };
		struct engine_result r = {0};
		int64_t silent = 0, longest = 0;
		double peak = 0;
		char path[128];

		snprintf(path, sizeof path, "lib/engine/band/adapters/%s.json", names[i / 2]);
		assert_int_equal(band->set_adapter(g, path, 1 + (double)(i % 2), &e), 0);
		assert_int_equal(band->generate(g, &q, NULL, &r, &e), 0);
		for (int64_t k = 0; k < 2 * r.pcm.frames; k++) {
			double v = fabs(r.pcm.data[k]);

			assert_true(isfinite(v));
			if (v > peak) peak = v;
			silent = v > 1e-4 ? 0 : silent + 1;
			if (silent > longest) longest = silent;
		}
		assert_true(peak > 0.05 && peak < 1);
		assert_true(longest < 48000);
		engine_result_free(&r);
	}
	band->close(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			every_shipped_file_says_who_it_is_and_has_something_for_most_players),
		cmocka_unit_test(dusty_tape_is_slow_late_sparse_and_rich_in_chords),
		cmocka_unit_test(night_drive_is_fast_straight_dense_and_dark),
		cmocka_unit_test(chamber_strings_have_no_drums_and_change_slowly),
		cmocka_unit_test(a_shipped_adapter_leaves_the_prompt_its_say),
		cmocka_unit_test(what_a_shipped_adapter_makes_sounds_without_gaps_or_clipping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
