#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine/band/reach.h"
#include "engine/band/styles.h"
#include "engine_band_tunes.h"

enum { SEEDS = 5 };

static struct pieces pieces = { .seconds = 75 };

static void
each_piece(void (*judge)(const struct composition *c))
{
	each_style(&pieces, SEEDS, judge);
}

/* The lower of two octaves at once follows the upper one. */
static bool
doubles(const struct composition *c, const struct note *n)
{
	for (int i = (int)(n - c->score.note) + 1; i < c->score.notes; i++) {
		const struct note *up = &c->score.note[i];

		if (up->tick != n->tick || up->player != n->player) return false;
		if (up->key == n->key + 12) return true;
	}
	return false;
}

static bool
is_tune(const struct composition *c, const struct note *n)
{
	return c->plan.player[n->player].role == ROLE_MELODY && !doubles(c, n);
}

static void
judge_bounds(const struct composition *c)
{
	for (int i = 0; i < c->score.notes; i++) {
		const struct note *n = &c->score.note[i];
		const struct player *y = &c->plan.player[n->player];

		assert_true(n->tick >= 0 && n->ticks > 0 && n->tick + n->ticks <= c->score.end);
		assert_true(n->velocity >= 1 && n->velocity <= 127);
		if (i) assert_true(n->tick >= n[-1].tick);
		if ((y->role == ROLE_MELODY && is_tune(c, n)) || y->role == ROLE_BASS) {
			/* A few steps beyond the range for a climax, an octave for the bass. */
			assert_true(n->key + 5 >= y->low && n->key <= y->high + 6);
		}
	}
}

static void
all_notes_lie_in_time_and_range(void **state)
{
	(void)state;
	each_piece(judge_bounds);
}

static void
judge_overlaps(const struct composition *c)
{
	static int32_t until[SCORE_CHANNELS][128];

	memset(until, 0, sizeof until);
	for (int i = 0; i < c->score.notes; i++) {
		const struct note *n = &c->score.note[i];
		int32_t *u = &until[score_channel(&c->plan, n->player)][n->key];

		assert_true(n->tick >= *u);
		*u = n->tick + n->ticks;
	}
}

static void
no_key_is_struck_while_it_sounds(void **state)
{
	(void)state;
	each_piece(judge_overlaps);
}

static int strong_notes, strong_in_chord, strong_resolved, all_notes, all_in_scale;

/* The next note of the tune that is no ornament of this one's; NULL: none. */
static const struct note *
tune_behind(const struct composition *c, const struct note *n)
{
	for (const struct note *a = n + 1; a < c->score.note + c->score.notes; a++)
		if (is_tune(c, a) && a->player == n->player && a->tick >= n->tick + n->ticks / 2)
			return a;
	return NULL;
}

static void
count_tune(const struct composition *c)
{
	for (int i = 0; i < c->score.notes; i++) {
		const struct note *n = &c->score.note[i], *next;
		int accent;
		int32_t at = written(c, n->tick, &accent);

		if (!is_tune(c, n)) continue;
		all_notes++;
		all_in_scale += theory_in(chord_at(c, n->tick)->scale, n->key)
			|| theory_in(chord_at(c, n->tick + SIXTEENTH)->scale, n->key);
		if (accent < ACCENT_STRONG) continue;
		strong_notes++;
		if (theory_in(chord_at(c, at)->mask, n->key)) {
			strong_in_chord++;
			continue;
		}
		next = tune_behind(c, n);
		strong_resolved += next && next->key != n->key && abs(next->key - n->key) <= 2;
	}
}

static void
the_tune_has_chord_tones_where_the_meter_is_strong(void **state)
{
	(void)state;
	strong_notes = strong_in_chord = strong_resolved = all_notes = all_in_scale = 0;
	each_piece(count_tune);
	assert_true(strong_notes > 2000);
	print_message("on strong beats: %.1f %% chord tones, %.1f %% resolve by step; "
		      "notes in the scale: %.1f %%\n",
		100.0 * strong_in_chord / strong_notes, 100.0 * strong_resolved / strong_notes,
		100.0 * all_in_scale / all_notes);
	assert_true(strong_in_chord * 100 >= strong_notes * 88);
	/* The others lean on the chord, or pass. */
	assert_true((strong_in_chord + strong_resolved) * 100 >= strong_notes * 98);
	/* Blue notes are outside, and meant so. */
	assert_true(all_in_scale * 100 >= all_notes * 97);
}

static int steps, moves, repeats;

static void
count_steps(const struct composition *c)
{
	const struct note *before = NULL;

	for (int i = 0; i < c->score.notes; i++) {
		const struct note *n = &c->score.note[i];
		int d;

		if (!is_tune(c, n)) continue;
		if (before) {
			d = abs(n->key - before->key);
			moves++;
			steps += d <= 4;
			repeats += d == 0;
			assert_true(d <= 19);
		}
		before = n;
	}
}

static void
the_tune_can_be_sung(void **state)
{
	(void)state;
	steps = moves = repeats = 0;
	each_piece(count_steps);
	print_message("steps of a third or less: %d %%, repeated notes: %d %%\n",
		100 * steps / moves, 100 * repeats / moves);
	assert_true(steps * 100 >= moves * 70);
	assert_true(repeats * 100 <= moves * 30);
}

static int in_octaves, single, wrong;

/* Is there a note of the same player above, at the same moment? */
static bool
has_upper_voice(const struct composition *c, int i)
{
	const struct note *n = &c->score.note[i];

	for (int k = i + 1; k < c->score.notes && c->score.note[k].tick == n->tick; k++)
		if (c->score.note[k].player == n->player && c->score.note[k].key > n->key)
			return true;
	return false;
}

/* Only tunes, and of them the upper voice: in chords an octave may be there anyway. */
static void
judge_octaves(const struct composition *c)
{
	for (int i = 0; i < c->score.notes; i++) {
		const struct note *n = &c->score.note[i];
		const struct player *y = &c->plan.player[n->player];
		const struct section *s = c->plan.section;
		bool low = false;

		if (!is_tune(c, n) || n->exact || has_upper_voice(c, i)) continue;
		while (s + 1 < c->plan.section + c->plan.sections
			&& s[1].tick <= n->tick + SIXTEENTH / 3)
			s++;
		for (int k = i - 1; k >= 0 && c->score.note[k].tick == n->tick; k--)
			low |= c->score.note[k].player == n->player
				&& c->score.note[k].key == n->key - 12;
		*(low ? &in_octaves : &single) += 1;
		wrong += low != (s->energy >= y->part->octaves && n->key - 12 >= y->instrument->low
				&& reach_of(y->instrument)->notes > 1);
	}
}

static void
a_tune_goes_in_octaves_where_its_part_wants_it(void **state)
{
	(void)state;
	in_octaves = single = wrong = 0;
	each_piece(judge_octaves);
	assert_true(in_octaves > 100 && single > 100);
	/* A pickup may lie in the section before its own. */
	assert_true(wrong * 50 < in_octaves);
}

/* Breath: the tune is silent for half a beat, give or take what hands are off by, at least once in six
 * bars that it plays. */
static void
judge_breath(const struct composition *c)
{
	int most = 6 * c->plan.meter.bar;
	int32_t from = 0, end = 0;

	for (int i = 0; i < c->score.notes; i++) {
		const struct note *n = &c->score.note[i];

		if (!is_tune(c, n) || n->exact) continue;
		if (n->tick - end > c->plan.meter.beat[0] / 2 - SIXTEENTH / 12) from = n->tick;
		if (n->tick - from > most)
			fail_msg("%s, seed %u: from %d to %d", c->plan.style.name, c->plan.seed,
				from, n->tick);
		if (n->tick + n->ticks > end) end = n->tick + n->ticks;
	}
}

static void
the_tune_breathes(void **state)
{
	(void)state;
	each_piece(judge_breath);
}

/* The tune of a section as intervals between its first notes, at their places. */
static int
opening(const struct composition *c, const struct section *s, int *out, int most)
{
	int n = 0, first = -1;

	for (int i = 0; i < c->score.notes && n < most; i++) {
		const struct note *t = &c->score.note[i];

		if (!is_tune(c, t) || t->tick < s->tick - SIXTEENTH
			|| t->tick >= s->tick + c->plan.meter.bar)
			continue;
		if (first < 0) first = t->key;
		out[n++] = t->key - first;
	}
	return n;
}

static int returned, alike;

static void
count_returns(const struct composition *c)
{
	for (int i = 0; i < c->plan.sections; i++)
		for (int k = i + 1; k < c->plan.sections; k++) {
			int a[8], b[8], na, nb;

			if (c->plan.section[i].from != c->plan.section[k].from
				|| !c->plan.section[i].from->theme)
				continue;
			na = opening(c, &c->plan.section[i], a, 8);
			nb = opening(c, &c->plan.section[k], b, 8);
			returned++;
			for (int j = 0; j < (na < nb ? na : nb) && j < 3; j++)
				alike += a[j] == b[j];
		}
}

static void
a_theme_that_returns_is_known_again(void **state)
{
	(void)state;
	returned = alike = 0;
	each_piece(count_returns);
	assert_true(returned > 50);
	assert_true(alike * 100 >= returned * 3 * 50);
}

static int ones, roots;

static void
count_roots(const struct composition *c)
{
	for (int i = 0; i < c->score.notes; i++) {
		const struct note *n = &c->score.note[i];
		int accent;
		int32_t at = written(c, n->tick, &accent);

		if (c->plan.player[n->player].role != ROLE_BASS || accent != ACCENT_BAR) continue;
		ones++;
		roots += n->key % 12 == chord_at(c, at)->bass;
	}
}

static void
the_bass_has_the_root_on_the_one(void **state)
{
	(void)state;
	ones = roots = 0;
	each_piece(count_roots);
	print_message(
		"bass notes on the one that are the chord's bass: %d %%\n", 100 * roots / ones);
	assert_true(roots * 100 >= ones * 88);
}

static void
judge_end(const struct composition *c)
{
	const struct chord *final = &c->harmony.chord[c->harmony.final];
	uint16_t have = 0;
	int home = (c->plan.tonic + c->plan.lift) % 12;

	assert_int_equal(final->root, home);
	for (int i = 0; i < c->score.notes; i++) {
		const struct note *n = &c->score.note[i];

		if (!n->exact || c->plan.player[n->player].role == ROLE_DRUMS) continue;
		assert_true(theory_in(final->mask, n->key));
		have |= (uint16_t)(1 << n->key % 12);
		if (c->plan.player[n->player].role == ROLE_BASS)
			assert_int_equal(n->key % 12, home);
	}
	assert_true(have >> home & 1);
}

static void
every_piece_ends_at_home(void **state)
{
	(void)state;
	each_piece(judge_end);
}

static bool
same_tune(const struct composition *a, const struct composition *b)
{
	int i = 0, k = 0;

	for (;;) {
		while (i < a->score.notes && !is_tune(a, &a->score.note[i])) i++;
		while (k < b->score.notes && !is_tune(b, &b->score.note[k])) k++;
		if (i == a->score.notes || k == b->score.notes)
			return i == a->score.notes && k == b->score.notes;
		if ((a->score.note[i].key - a->plan.tonic) % 12
			!= (b->score.note[k].key - b->plan.tonic) % 12)
			return false;
		i++, k++;
	}
}

static void
one_seed_is_one_piece_and_two_seeds_are_two(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 20; seed++) {
		struct composition a, b, other;

		composed(&a, "pop in C major", 30, seed);
		composed(&b, "pop in C major", 30, seed);
		composed(&other, "pop in C major", 30, seed + 1);
		assert_int_equal(a.score.notes, b.score.notes);
		assert_memory_equal(
			a.score.note, b.score.note, (size_t)a.score.notes * sizeof *a.score.note);
		assert_false(same_tune(&a, &other));
		composition_free(&a);
		composition_free(&b);
		composition_free(&other);
	}
}

static void
without_drums_nothing_is_on_the_drum_channel(void **state)
{
	(void)state;
	for (size_t i = 0; i < band_style_count; i++) {
		struct composition c;
		char prompt[128];
		struct event *e;
		int n;

		snprintf(prompt, sizeof prompt, "%s without drums", band_styles[i].name);
		composed(&c, prompt, 60, 5);
		e = score_events(&c.score, &c.plan, &n);
		for (int k = 0; k < n; k++)
			assert_int_not_equal(e[k].status & 0x0f, SCORE_DRUM_CHANNEL);
		free(e);
		composition_free(&c);
	}
}

static void
short_pieces_have_music_in_them(void **state)
{
	static const double seconds[] = { 1, 2, 3, 5 };

	(void)state;
	for (size_t i = 0; i < band_style_count; i++)
		for (size_t k = 0; k < NELEM(seconds); k++) {
			struct composition c;

			composed(&c, band_styles[i].name, seconds[k], 2);
			assert_true(c.score.notes >= 3);
			/* It begins at once. */
			assert_true(tempo_frame(&c.score.tempo, c.score.note[0].tick)
				< TEMPO_RATE / 10);
			composition_free(&c);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_notes_lie_in_time_and_range),
		cmocka_unit_test(no_key_is_struck_while_it_sounds),
		cmocka_unit_test(the_tune_has_chord_tones_where_the_meter_is_strong),
		cmocka_unit_test(the_tune_can_be_sung),
		cmocka_unit_test(a_tune_goes_in_octaves_where_its_part_wants_it),
		cmocka_unit_test(the_tune_breathes),
		cmocka_unit_test(a_theme_that_returns_is_known_again),
		cmocka_unit_test(the_bass_has_the_root_on_the_one),
		cmocka_unit_test(every_piece_ends_at_home),
		cmocka_unit_test(one_seed_is_one_piece_and_two_seeds_are_two),
		cmocka_unit_test(without_drums_nothing_is_on_the_drum_channel),
		cmocka_unit_test(short_pieces_have_music_in_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
