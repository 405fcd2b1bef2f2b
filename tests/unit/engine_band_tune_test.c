/* The tune by what listeners would notice: over every style and some seeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine/band/theme.h"
#include "engine_band_adapter.h"
#include "engine_band_tunes.h"

static void
strong_beats_have_chord_tones_or_what_resolves_into_them(void **state)
{
	struct heard h = {0};
	int strong = 0, inside = 0, outside = 0, resolved = 0;

	(void)state;
	while (heard_next(&h))
		for (int k = h.first; k < h.end; k++) {
			const struct note *n = h.tune.note[k];
			int accent;
			int32_t at = written(h.c, n->tick, &accent);

			if (accent < ACCENT_STRONG) continue;
			strong++;
			if (theory_in(chord_at(h.c, at)->mask, n->key)) {
				inside++;
			} else if (k + 1 < h.tune.n) {
				outside++;
				resolved += abs(h.tune.note[k + 1]->key - n->key) <= 2;
			}
		}
	print_message("%d strong notes: %d %% chord tones, %d %% of the others go on by step\n",
		strong, 100 * inside / strong, outside ? 100 * resolved / outside : 0);
	assert_true(strong > 20 * sung.n);
	assert_true(inside * 100 >= strong * 85);
	/* Tension is wanted, too. */
	assert_true(outside * 100 >= strong);
	assert_true(resolved * 100 >= outside * 90);
}

/* Is it an upbeat to the theme of the next section? */
static bool
leads_on(const struct heard *h, const struct note *n)
{
	const struct meter *m = &h->c->plan.meter;
	bool next = h->section < h->c->plan.sections && h->sec[1].from->theme;

	return next && n->tick >= h->sec->tick + h->sec->bars * m->bar - m->beat[m->beats - 1];
}

static void
a_theme_spans_what_a_voice_can_sing(void **state)
{
	static struct theme theme;
	struct heard h = {0};
	int themes = 0, tenths = 0;

	(void)state;
	while (heard_next(&h)) {
		int low = 127, high = 0;

		for (int k = h.first; k < h.end; k++) {
			int key = h.tune.note[k]->key;

			if (leads_on(&h, h.tune.note[k])) continue;
			if (key < low) low = key;
			if (key > high) high = key;
		}
		themes++;
		theme_make(&theme, &h.c->plan, h.tune.note[0]->player, h.sec);
		assert_true(theme.high - theme.low <= 9);
		tenths += high - low <= 16;
		assert_true(high - low <= 22);
	}
	print_message("%d %% of %d themes span a tenth at most\n", 100 * tenths / themes, themes);
	assert_true(themes > 2 * sung.n && tenths * 100 >= themes * 85);
}

static void
leaps_are_singable_and_turn_back(void **state)
{
	struct heard h = {0};
	int moves = 0, steps = 0, leaps = 0, back = 0;

	(void)state;
	while (heard_next(&h))
		for (int k = h.first; k + 1 < h.end; k++) {
			const struct note **t = h.tune.note + k;
			int move = t[1]->key - t[0]->key;

			/* Only inside of phrases. */
			if (t[1]->tick - t[0]->tick - t[0]->ticks > EIGHTH) continue;
			moves++;
			steps += abs(move) <= 4;
			assert_true(abs(move) <= 16);
			if (abs(move) < 7 || k + 2 >= h.tune.n) continue;
			leaps++;
			back += (t[2]->key - t[1]->key) * move <= 0;
		}
	print_message("%d %% of the moves are thirds or less; %d %% of %d leaps turn back\n",
		100 * steps / moves, 100 * back / leaps, leaps);
	assert_true(steps * 100 >= moves * 75);
	assert_true(back * 100 >= leaps * 75);
}

static void
nobody_plays_longer_than_breath_lasts(void **state)
{
	static struct line l;

	(void)state;
	for (int i = 0; i < sung.n; i++) {
		const struct composition *c = sung.list[i];
		int most = 0;
		int32_t from, end;

		line_of(&l, c, ROLE_MELODY);
		from = end = l.n ? l.note[0]->tick : 0;
		for (int k = 0; k < c->plan.players && !most; k++)
			if (c->plan.player[k].role == ROLE_MELODY)
				most = theme_breath_ms(&c->plan.player[k]);
		for (int k = 0; k < l.n; k++) {
			const struct note *n = l.note[k];

			if (ms_between(c, end, n->tick) >= 110) from = n->tick;
			if (n->tick + n->ticks > end) end = n->tick + n->ticks;
			if (ms_between(c, from, end) > most + 400)
				fail_msg("%s, seed %u: %d ms in bar %d", c->plan.style.id,
					c->plan.seed, ms_between(c, from, end),
					n->tick / c->plan.meter.bar + 1);
		}
	}
}

static void
phrases_end_on_stable_tones(void **state)
{
	struct heard h = {0};
	int ends = 0, inside = 0, last = 0, home = 0;

	(void)state;
	while (heard_next(&h)) {
		int beat = h.c->plan.meter.beat[0], third = mode_step(h.c->plan.mode, 2);

		for (int k = h.first; k < h.end; k++) {
			const struct note *n = h.tune.note[k];
			const struct chord *chord = chord_at(h.c, n->tick + SIXTEENTH / 2);
			int degree = (n->key - h.c->plan.tonic + 120) % 12;

			if (n->ticks < beat || (k + 1 < h.tune.n
				&& h.tune.note[k + 1]->tick - n->tick - n->ticks < beat * 3 / 4))
				continue;
			ends++;
			inside += theory_in(chord->mask, n->key);
			/* Where the chord lets it, the section's last note is home. */
			if (k + 1 < h.end || !theory_in(chord->mask, h.c->plan.tonic)) continue;
			last++;
			home += degree == 0 || degree == third;
		}
	}
	print_message("%d phrases: %d %% end in the chord; %d %% of %d sections end at home\n",
		ends, 100 * inside / ends, 100 * home / last, last);
	assert_true(ends > 4 * sung.n && inside * 100 >= ends * 93);
	assert_true(last > sung.n / 2 && home * 100 >= last * 80);
}

static void
a_theme_has_its_climax_once_and_late(void **state)
{
	struct heard h = {0};
	int themes = 0, late = 0, once = 0;

	(void)state;
	while (heard_next(&h)) {
		int high = 0, count = 0;
		int32_t at = 0, length = h.sec->bars * h.c->plan.meter.bar;

		if (h.sec->bars < 8 || h.end - h.first < 8) continue;
		for (int k = h.first; k < h.end; k++) {
			const struct note *n = h.tune.note[k];

			if (n->key > high) count = 0;
			if (n->key < high) continue;
			high = n->key;
			at = n->tick - h.sec->tick;
			count++;
		}
		themes++;
		once += count == 1;
		late += at > length * 3 / 5;
	}
	print_message("of %d themes %d %% are highest in the last two fifths, %d %% only once\n",
		themes, 100 * late / themes, 100 * once / themes);
	assert_true(late * 100 >= themes * 75);
	assert_true(once * 100 >= themes * 50);
}

static void
a_motif_comes_again_but_not_in_every_bar(void **state)
{
	struct heard h = {0};
	int bars = 0, again = 0, same = 0;

	(void)state;
	while (heard_next(&h)) {
		int bar = h.c->plan.meter.bar;
		uint32_t rhythm[64];

		if (h.sec->bars < 8) continue;
		for (int b = 0; b < h.sec->bars && b < 64; b++) {
			bool known = false;

			rhythm[b] = rhythm_of(&h.tune, h.sec->tick + b * bar, bar);
			for (int k = 0; k < b; k++) known |= rhythm[k] == rhythm[b];
			if (!b || !rhythm[b]) continue;
			bars++;
			again += known;
			same += rhythm[b] == rhythm[b - 1];
		}
	}
	print_message(
		"%d %% of the bars have a rhythm heard before, %d %% that of the bar before\n",
		100 * again / bars, 100 * same / bars);
	assert_true(again * 100 >= bars * 50);
	assert_true(same * 100 >= bars * 15 && same * 100 <= bars * 40);
}

/* The first key of a section's tune that is no pickup. */
static int
first_key(const struct line *l, const struct section *sec)
{
	for (int k = 0; k < l->n; k++)
		if (l->note[k]->tick + SIXTEENTH / 2 >= sec->tick) return l->note[k]->key;
	return 0;
}

static void
a_theme_that_returns_begins_as_it_did(void **state)
{
	struct heard h = {0};
	int returns = 0, alike = 0, changed = 0, keys = 0;

	(void)state;
	while (heard_next(&h)) {
		const struct section *first = theme_origin(&h.c->plan, h.sec);
		int length = h.c->plan.meter.bar;
		bool differs = false;

		if (!h.sec->times || first->from != h.sec->from || first->bars != h.sec->bars)
			continue;
		returns++;
		keys += first_key(&h.tune, h.sec) % 12 == first_key(&h.tune, first) % 12;
		for (int b = 0; b < h.sec->bars; b++) {
			bool same = rhythm_of(&h.tune, h.sec->tick + b * length, length)
				== rhythm_of(&h.tune, first->tick + b * length, length);

			if (b) differs |= !same;
			else alike += same;
		}
		changed += differs;
	}
	print_message("of %d returns %d %% begin alike, %d %% on the same key; %d %% vary later\n",
		returns, 100 * alike / returns, 100 * keys / returns, 100 * changed / returns);
	assert_true(returns > sung.n / 2 && alike * 100 >= returns * 85);
	assert_true(keys * 100 >= returns * 85);
	assert_true(changed * 100 >= returns * 50);
}

static void
the_tune_is_silent_where_the_style_has_none(void **state)
{
	static struct line l;

	(void)state;
	for (int i = 0; i < sung.n; i++) {
		const struct composition *c = sung.list[i];

		line_of(&l, c, ROLE_MELODY);
		for (int k = 0; k < l.n; k++) {
			const struct section *sec = section_of(c, l.note[k]->tick);

			/* But the next section's tune may be led into. */
			if (!sec || sec->from->theme) continue;
			assert_true(l.note[k]->tick + c->plan.meter.bar / 2 + SIXTEENTH
				>= sec->tick + sec->bars * c->plan.meter.bar);
		}
	}
}

/* Interval and place of each note of the first eight bars, as one number each. */
static int
head_of(const struct composition *c, int *out, int most)
{
	static struct line l;
	int count = 0;
	int32_t from;

	line_of(&l, c, ROLE_MELODY);
	from = l.n ? l.note[0]->tick / c->plan.meter.bar * c->plan.meter.bar : 0;
	for (int k = 1; k < l.n && count < most; k++) {
		if (l.note[k]->tick >= from + 8 * c->plan.meter.bar) break;
		out[count++] = (l.note[k]->key - l.note[k - 1]->key + 64) * 64
			+ (l.note[k]->tick + SIXTEENTH / 2 - from) % c->plan.meter.bar / SIXTEENTH;
	}
	return count;
}

/* How many notes two heads have in common, in order. */
static int
in_common(const int *a, int n, const int *b, int m)
{
	static int most[129][129];

	for (int i = 1; i <= n; i++)
		for (int k = 1; k <= m; k++) {
			int one = most[i - 1][k] > most[i][k - 1] ? most[i - 1][k] : most[i][k - 1];

			most[i][k] = a[i - 1] == b[k - 1] && most[i - 1][k - 1] >= one
					     ? most[i - 1][k - 1] + 1
					     : one;
		}
	return most[n][m];
}

static void
two_seeds_have_two_melodies(void **state)
{
	static const char *const prompts[] = { "pop", "folk", "jazz swing", "ballad", "lofi" };
	int pairs = 0, far = 0, common = 0;

	(void)state;
	for (uint32_t i = 0; i < 200; i++) {
		struct composition a, b;
		int x[128], y[128], n, m, same;

		composed(&a, prompts[i % NELEM(prompts)], 45, 2 * i);
		composed(&b, prompts[i % NELEM(prompts)], 45, 2 * i + 1);
		n = head_of(&a, x, 128);
		m = head_of(&b, y, 128);
		same = 100 * in_common(x, n, y, m) / (n > m ? n : m);
		pairs++;
		common += same;
		far += same <= 30;
		composition_free(&a);
		composition_free(&b);
	}
	print_message("two seeds have %d %% of a tune in common; %d of %d differ by 70 %%\n",
		common / pairs, far, pairs);
	assert_true(common <= 30 * pairs);
	assert_true(far * 100 >= pairs * 80);
}

/* Percent of the notes of a rock tune that have the key of the one before, with an adapter. */
static int
repeats_with(const char *members)
{
	struct style_adapter a = adapter_with(members);
	int repeats = 0, moves = 0;

	for (uint32_t seed = 0; seed < 12; seed++) {
		struct composition c;
		struct line l;

		bent(&c, "rock song", 40, seed, &a, 1);
		line_of(&l, &c, ROLE_MELODY);
		for (int i = 1; i < l.n; i++) repeats += l.note[i]->key == l.note[i - 1]->key;
		moves += l.n - 1;
		composition_free(&c);
	}
	adapter_free(&a);
	return 100 * repeats / moves;
}

static void
a_tune_stays_on_its_keys_as_often_as_its_adapter_says(void **state)
{
	/* Not more often because staying is what is most usual; a tune's other wishes count, too. */
	int some = repeats_with("\"parts\": {\"melody\": {\"intervals\": {\"0\": 24, \"1\": 8, "
		"\"-1\": 8, \"2\": 14, \"-2\": 14, \"3\": 10, \"-3\": 10, \"5\": 6, \"-5\": 6}}}");
	int many = repeats_with("\"parts\": {\"melody\": {\"intervals\": {\"0\": 70, \"1\": 5, "
		"\"-1\": 5, \"2\": 10, \"-2\": 10}}}");

	(void)state;
	print_message("%d %% of 24, %d %% of 70\n", some, many);
	assert_in_range(some, 12, 30);
	assert_in_range(many, 50, 76);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strong_beats_have_chord_tones_or_what_resolves_into_them),
		cmocka_unit_test(a_theme_spans_what_a_voice_can_sing),
		cmocka_unit_test(leaps_are_singable_and_turn_back),
		cmocka_unit_test(nobody_plays_longer_than_breath_lasts),
		cmocka_unit_test(phrases_end_on_stable_tones),
		cmocka_unit_test(a_theme_has_its_climax_once_and_late),
		cmocka_unit_test(a_motif_comes_again_but_not_in_every_bar),
		cmocka_unit_test(a_theme_that_returns_begins_as_it_did),
		cmocka_unit_test(the_tune_is_silent_where_the_style_has_none),
		cmocka_unit_test(two_seeds_have_two_melodies),
		cmocka_unit_test(a_tune_stays_on_its_keys_as_often_as_its_adapter_says),
	};

	return cmocka_run_group_tests(tests, sung_compose, NULL);
}
