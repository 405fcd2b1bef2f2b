/* The tune and what answers it, by what listeners would notice: over every style and some seeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine/band/ornament.h"
#include "engine/band/play.h"
#include "engine/band/theme.h"
#include "engine/rng.h"
#include "engine_band_compose.h"

enum { SEEDS = 4, MOST = 4096 };

/* Composed once for all tests. */
static struct composition *piece;
static int pieces;

static int
compose_all(void **state)
{
	(void)state;
	piece = calloc(band_style_count * SEEDS, sizeof *piece);
	for (size_t i = 0; i < band_style_count; i++)
		for (uint32_t seed = 0; seed < SEEDS; seed++) {
			char prompt[128];
			const char *words = strstr(band_styles[i].text, "\nwords") + 6;

			words += strspn(words, " ");
			/* A second voice is asked for, so that every style has one to judge. */
			snprintf(prompt, sizeof prompt, "%.*s with counter melody",
				(int)strcspn(words, ",\n"), words);
			composed(&piece[pieces++], prompt, 80, seed);
		}
	return 0;
}

static int
free_all(void **state)
{
	(void)state;
	for (int i = 0; i < pieces; i++)
		composition_free(&piece[i]);
	free(piece);
	return 0;
}

/* The notes of the player that leads, as one line: without ornaments and second voices. */
static int
line_of(const struct composition *c, enum role role, const struct note **out)
{
	int n = 0, who = -1;

	for (int i = 0; i < c->plan.players && who < 0; i++)
		if (c->plan.player[i].role == role) who = i;
	for (int i = 0; i < c->score.notes && n < MOST; i++) {
		const struct note *a = &c->score.note[i];

		if (a->player != who || a->with || a->exact) continue;
		if (n && abs(a->tick - out[n - 1]->tick) < SIXTEENTH / 3) {
			if (a->key > out[n - 1]->key) out[n - 1] = a;
			continue;
		}
		out[n++] = a;
	}
	return n;
}

static const struct chord *
chord_at(const struct composition *c, int32_t tick)
{
	return &c->harmony.chord[harmony_at(&c->harmony, tick, 1)];
}

/* Where a note was written: hands are off by less than a third of a sixteenth. */
static int32_t
written(const struct composition *c, int32_t tick, int *accent)
{
	const struct meter *m = &c->plan.meter;
	int into, beat = meter_beat_at(m, (tick + SIXTEENTH / 3) % m->bar, &into);

	*accent = into > SIXTEENTH / 2 + 40 ? ACCENT_NONE
					    : meter_accent(m, meter_beat_start(m, beat));
	return tick + SIXTEENTH / 3 - into;
}

static const struct section *
section_of(const struct composition *c, int32_t tick)
{
	for (int i = c->plan.sections - 1; i >= 0; i--)
		if (c->plan.section[i].tick <= tick + SIXTEENTH / 2) return &c->plan.section[i];
	return NULL;
}

static int
ms_between(const struct composition *c, int32_t from, int32_t to)
{
	return (int)((tempo_frame(&c->score.tempo, to) - tempo_frame(&c->score.tempo, from)) /
		     (TEMPO_RATE / 1000));
}

static void
strong_beats_have_chord_tones_or_what_resolves_into_them(void **state)
{
	static const struct note *t[MOST];
	int strong = 0, inside = 0, outside = 0, resolved = 0;

	(void)state;
	for (int i = 0; i < pieces; i++) {
		const struct composition *c = &piece[i];
		int n = line_of(c, ROLE_MELODY, t);

		for (int k = 0; k < n; k++) {
			int accent;
			int32_t at = written(c, t[k]->tick, &accent);
			const struct section *sec = section_of(c, at);

			if (accent < ACCENT_STRONG || !sec || sec->solo) continue;
			strong++;
			if (theory_in(chord_at(c, at)->mask, t[k]->key)) {
				inside++;
			} else if (k + 1 < n) {
				outside++;
				resolved += abs(t[k + 1]->key - t[k]->key) <= 2;
			}
		}
	}
	print_message("%d strong notes: %d %% chord tones, %d %% of the others go on by step\n",
		strong, 100 * inside / strong, outside ? 100 * resolved / outside : 0);
	assert_true(strong > 20 * pieces);
	assert_true(inside * 100 >= strong * 85);
	/* Tension is wanted, too. */
	assert_true(outside * 100 >= strong);
	assert_true(resolved * 100 >= outside * 90);
}

static void
a_theme_spans_what_a_voice_can_sing(void **state)
{
	static const struct note *t[MOST];
	static struct theme written_theme;
	int themes = 0, tenths = 0;

	(void)state;
	for (int i = 0; i < pieces; i++) {
		const struct composition *c = &piece[i];
		int n = line_of(c, ROLE_MELODY, t);

		for (int s = 0; s < c->plan.sections; s++) {
			const struct section *sec = &c->plan.section[s];
			int low = 127, high = 0;

			if (!sec->from->theme || sec->solo) continue;
			for (int k = 0; k < n; k++) {
				if (section_of(c, t[k]->tick) != sec) continue;
				if (t[k]->key < low) low = t[k]->key;
				if (t[k]->key > high) high = t[k]->key;
			}
			if (low > high) continue;
			themes++;
			theme_make(&written_theme, &c->plan, t[0]->player, sec);
			assert_true(written_theme.high - written_theme.low <= 9);
			tenths += high - low <= 16;
			assert_true(high - low <= 22);
		}
	}
	print_message("%d %% of %d themes span a tenth at most\n", 100 * tenths / themes, themes);
	assert_true(themes > 2 * pieces && tenths * 100 >= themes * 85);
}

static void
leaps_are_singable_and_turn_back(void **state)
{
	static const struct note *t[MOST];
	int moves = 0, steps = 0, leaps = 0, back = 0;

	(void)state;
	for (int i = 0; i < pieces; i++) {
		const struct composition *c = &piece[i];
		int n = line_of(c, ROLE_MELODY, t);

		for (int k = 0; k + 1 < n; k++) {
			int move = t[k + 1]->key - t[k]->key, next;
			const struct section *sec = section_of(c, t[k]->tick);

			/* Only inside of phrases, of themes. */
			if (t[k + 1]->tick - t[k]->tick - t[k]->ticks > EIGHTH || !sec ||
				sec->solo || section_of(c, t[k + 1]->tick) != sec)
				continue;
			moves++;
			steps += abs(move) <= 4;
			assert_true(abs(move) <= 16);
			if (abs(move) < 7 || k + 2 >= n) continue;
			next = t[k + 2]->key - t[k + 1]->key;
			leaps++;
			back += next * move <= 0;
		}
	}
	print_message("%d %% of the moves are thirds or less; %d %% of %d leaps turn back\n",
		100 * steps / moves, 100 * back / leaps, leaps);
	assert_true(steps * 100 >= moves * 75);
	assert_true(back * 100 >= leaps * 75);
}

static void
nobody_plays_longer_than_breath_lasts(void **state)
{
	static const struct note *t[MOST];

	(void)state;
	for (int i = 0; i < pieces; i++) {
		const struct composition *c = &piece[i];
		int n = line_of(c, ROLE_MELODY, t), most = 0;
		int32_t from = n ? t[0]->tick : 0, end = from;

		for (int k = 0; k < c->plan.players && !most; k++)
			if (c->plan.player[k].role == ROLE_MELODY)
				most = theme_breath_ms(&c->plan.player[k]);
		for (int k = 0; k < n; k++) {
			if (ms_between(c, end, t[k]->tick) >= 110) from = t[k]->tick;
			if (t[k]->tick + t[k]->ticks > end) end = t[k]->tick + t[k]->ticks;
			if (ms_between(c, from, end) > most + 400)
				fail_msg("%s, seed %u: %d ms in bar %d", c->plan.style.id,
					c->plan.seed, ms_between(c, from, end),
					t[k]->tick / c->plan.meter.bar + 1);
		}
	}
}

static void
phrases_end_on_stable_tones(void **state)
{
	static const struct note *t[MOST];
	int ends = 0, inside = 0, last = 0, home = 0;

	(void)state;
	for (int i = 0; i < pieces; i++) {
		const struct composition *c = &piece[i];
		int n = line_of(c, ROLE_MELODY, t), third = mode_step(c->plan.mode, 2);

		for (int k = 0; k < n; k++) {
			int32_t end = t[k]->tick + t[k]->ticks;
			const struct section *sec = section_of(c, t[k]->tick);
			const struct chord *chord = chord_at(c, t[k]->tick + SIXTEENTH / 2);
			int degree = (t[k]->key - c->plan.tonic + 120) % 12;

			if (!sec || sec->solo || t[k]->ticks < c->plan.meter.beat[0] ||
				(k + 1 < n && t[k + 1]->tick - end < c->plan.meter.beat[0] * 3 / 4))
				continue;
			ends++;
			inside += theory_in(chord->mask, t[k]->key);
			if (k + 1 < n && section_of(c, t[k + 1]->tick) == sec) continue;
			/* Where the chord lets it, the section's last note is home. */
			if (!theory_in(chord->mask, c->plan.tonic)) continue;
			last++;
			home += degree == 0 || degree == third;
		}
	}
	print_message("%d phrases: %d %% end in the chord; %d %% of %d sections end at home\n",
		ends, 100 * inside / ends, 100 * home / last, last);
	assert_true(ends > 4 * pieces && inside * 100 >= ends * 93);
	assert_true(last > pieces / 2 && home * 100 >= last * 70);
}

static void
a_theme_has_its_climax_once_and_late(void **state)
{
	static const struct note *t[MOST];
	int themes = 0, late = 0, once = 0;

	(void)state;
	for (int i = 0; i < pieces; i++) {
		const struct composition *c = &piece[i];
		int n = line_of(c, ROLE_MELODY, t);

		for (int s = 0; s < c->plan.sections; s++) {
			const struct section *sec = &c->plan.section[s];
			int high = 0, count = 0, notes = 0;
			int32_t at = 0, length = sec->bars * c->plan.meter.bar;

			if (!sec->from->theme || sec->solo || sec->bars < 8) continue;
			for (int k = 0; k < n; k++) {
				if (section_of(c, t[k]->tick) != sec) continue;
				notes++;
				if (t[k]->key > high) count = 0;
				if (t[k]->key >= high) {
					high = t[k]->key;
					at = t[k]->tick - sec->tick;
					count++;
				}
			}
			if (notes < 8) continue;
			themes++;
			once += count == 1;
			late += at > length * 3 / 5;
		}
	}
	print_message("of %d themes %d %% are highest in the last two fifths, %d %% only once\n",
		themes, 100 * late / themes, 100 * once / themes);
	assert_true(late * 100 >= themes * 75);
	assert_true(once * 100 >= themes * 45);
}

/* Onsets of a bar as a set of sixteenths. */
static uint32_t
rhythm_of(const struct note **t, int n, int32_t bar, int length)
{
	uint32_t set = 0;

	for (int k = 0; k < n; k++)
		if (t[k]->tick + SIXTEENTH / 2 >= bar && t[k]->tick + SIXTEENTH / 2 < bar + length)
			set |= 1u << (t[k]->tick + SIXTEENTH / 2 - bar) / SIXTEENTH % 32;
	return set;
}

static void
a_motif_comes_again_but_not_in_every_bar(void **state)
{
	static const struct note *t[MOST];
	int bars = 0, again = 0, same = 0;

	(void)state;
	for (int i = 0; i < pieces; i++) {
		const struct composition *c = &piece[i];
		int n = line_of(c, ROLE_MELODY, t);

		for (int s = 0; s < c->plan.sections; s++) {
			const struct section *sec = &c->plan.section[s];
			uint32_t rhythm[64];

			if (!sec->from->theme || sec->solo || sec->bars < 8) continue;
			for (int b = 0; b < sec->bars && b < 64; b++) {
				bool known = false;

				rhythm[b] = rhythm_of(
					t, n, sec->tick + b * c->plan.meter.bar, c->plan.meter.bar);
				for (int k = 0; k < b; k++)
					known |= rhythm[k] == rhythm[b];
				if (!b || !rhythm[b]) continue;
				bars++;
				again += known;
				same += rhythm[b] == rhythm[b - 1];
			}
		}
	}
	print_message(
		"%d %% of the bars have a rhythm heard before, %d %% that of the bar before\n",
		100 * again / bars, 100 * same / bars);
	assert_true(again * 100 >= bars * 40);
	assert_true(same * 100 <= bars * 40);
}

/* The first key of a section's tune that is no pickup. */
static int
first_key(const struct note **t, int n, const struct section *sec)
{
	for (int k = 0; k < n; k++)
		if (t[k]->tick + SIXTEENTH / 2 >= sec->tick) return t[k]->key;
	return 0;
}

static void
a_theme_that_returns_begins_as_it_did(void **state)
{
	static const struct note *t[MOST];
	int returns = 0, alike = 0, changed = 0, keys = 0;

	(void)state;
	for (int i = 0; i < pieces; i++) {
		const struct composition *c = &piece[i];
		int n = line_of(c, ROLE_MELODY, t);

		for (int s = 0; s < c->plan.sections; s++) {
			const struct section *sec = &c->plan.section[s], *first;
			int length = c->plan.meter.bar;
			bool differs = false;

			if (!sec->from->theme || sec->solo || !sec->times) continue;
			first = theme_origin(&c->plan, sec);
			if (first->from != sec->from || first->bars != sec->bars) continue;
			returns++;
			alike += rhythm_of(t, n, sec->tick, length) ==
				 rhythm_of(t, n, first->tick, length);
			keys += first_key(t, n, sec) % 12 == first_key(t, n, first) % 12;
			for (int b = 1; b < sec->bars; b++)
				differs |= rhythm_of(t, n, sec->tick + b * length, length) !=
					   rhythm_of(t, n, first->tick + b * length, length);
			changed += differs;
		}
	}
	print_message("of %d returns %d %% begin alike, %d %% on the same key; %d %% vary later\n",
		returns,
		100 * alike / returns, 100 * keys / returns, 100 * changed / returns);
	assert_true(returns > pieces / 2 && alike * 100 >= returns * 85);
	assert_true(keys * 100 >= returns * 85);
	assert_true(changed * 100 >= returns * 50);
}

static void
the_tune_is_silent_where_the_style_has_none(void **state)
{
	static const struct note *t[MOST];

	(void)state;
	for (int i = 0; i < pieces; i++) {
		const struct composition *c = &piece[i];
		int n = line_of(c, ROLE_MELODY, t);

		for (int k = 0; k < n; k++) {
			const struct section *sec = section_of(c, t[k]->tick);

			/* But the next section's tune may be led into. */
			if (!sec || sec->from->theme) continue;
			assert_true(t[k]->tick + c->plan.meter.bar / 2 + SIXTEENTH >=
				    sec->tick + sec->bars * c->plan.meter.bar);
		}
	}
}

static void
the_second_voice_keeps_out_of_the_way(void **state)
{
	static const struct note *t[MOST], *v[MOST];
	int together = 0, clashes = 0, moves = 0, contrary = 0, parallel = 0, held = 0, guides = 0;

	(void)state;
	for (int i = 0; i < pieces; i++) {
		const struct composition *c = &piece[i];
		int n = line_of(c, ROLE_MELODY, t), m = line_of(c, ROLE_COUNTER, v), before = -1;

		for (int k = 0; k < m; k++) {
			int sounding = -1;
			const struct section *sec = section_of(c, v[k]->tick);

			if (sec && (theme_is_finale(&c->plan, sec) || sec->solo)) continue;
			if (v[k]->ticks >= c->plan.meter.bar * 2 / 3) {
				const struct chord *chord = chord_at(c, v[k]->tick + SIXTEENTH / 2);

				held++;
				guides += v[k]->key % 12 == chord->tone[1]
					|| (chord->tones > 3 && v[k]->key % 12 == chord->tone[3]);
			}
			for (int j = 0; j < n; j++) {
				int accent;

				written(c, t[j]->tick, &accent);
				if (t[j]->tick >= v[k]->tick + v[k]->ticks - 60 ||
					t[j]->tick + t[j]->ticks <= v[k]->tick + 60)
					continue;
				if (sounding < 0) sounding = j;
				if (accent == ACCENT_NONE && t[j]->ticks < c->plan.meter.beat[0])
					continue;
				together++;
				clashes += abs(t[j]->key - v[k]->key) <= 2;
			}
			if (sounding >= 0 && before >= 0 && k) {
				int a = t[sounding]->key - t[before]->key,
				    b = v[k]->key - v[k - 1]->key;
				int was = abs(t[before]->key - v[k - 1]->key) % 12,
				    is = abs(t[sounding]->key - v[k]->key) % 12;

				moves += a && b;
				contrary += a * b < 0;
				parallel += a * b > 0 && was == is && (is == 0 || is == 7);
			}
			before = sounding;
		}
	}
	print_message("%d beats together, %.1f %% seconds or unisons; %d %% contrary motion, "
		      "%.1f %% parallels\n",
		together, 100.0 * clashes / together, 100 * contrary / moves,
		100.0 * parallel / moves);
	assert_true(together > 20 * pieces && clashes * 1000 <= together * 15);
	print_message("%d %% of %d held notes are thirds or sevenths\n", 100 * guides / held, held);
	assert_true(guides * 100 >= held * 50);
	assert_true(contrary * 100 >= moves * 50);
	assert_true(parallel * 100 <= moves * 4);
}

static void
the_second_voice_answers_where_the_tune_rests(void **state)
{
	static const struct note *t[MOST], *v[MOST];
	int rests = 0, answered = 0;

	(void)state;
	for (int i = 0; i < pieces; i++) {
		const struct composition *c = &piece[i];
		int n = line_of(c, ROLE_MELODY, t), m = line_of(c, ROLE_COUNTER, v);

		for (int k = 1; k + 1 < n; k++) {
			int32_t from = t[k]->tick + t[k]->ticks, to = t[k + 1]->tick;
			const struct section *sec = section_of(c, t[k]->tick);
			int notes = 0;

			if (!sec || section_of(c, to) != sec || sec->solo ||
				theme_is_finale(&c->plan, sec) || to - from < c->plan.meter.bar)
				continue;
			for (int j = 0; j < m; j++)
				notes += v[j]->tick + SIXTEENTH >= from && v[j]->tick < to;
			rests++;
			answered += notes >= 2;
		}
	}
	print_message("%d of %d rests of a bar are answered\n", answered, rests);
	assert_true(rests > pieces / 3 && answered * 100 >= rests * 60);
}

static void
at_last_the_hook_has_a_second_voice(void **state)
{
	int finales = 0, doubled = 0;

	(void)state;
	for (int i = 0; i < pieces; i++) {
		const struct composition *c = &piece[i];
		static const struct note *t[MOST], *v[MOST];
		int n = line_of(c, ROLE_MELODY, t), m = line_of(c, ROLE_COUNTER, v);

		for (int s = 0; s < c->plan.sections; s++) {
			const struct section *sec = &c->plan.section[s];
			int notes = 0, with = 0;

			if (!theme_is_finale(&c->plan, sec)) continue;
			for (int k = 0; k < n; k++) {
				if (section_of(c, t[k]->tick) != sec) continue;
				notes++;
				for (int j = 0; j < m; j++) {
					int below = t[k]->key - v[j]->key;

					if (abs(t[k]->tick - v[j]->tick) > SIXTEENTH / 2) continue;
					with += below > 2 && below % 12 != 0 && below % 12 != 1 &&
						below % 12 != 2;
				}
			}
			finales += notes > 0;
			doubled += notes && with * 100 >= notes * 70;
		}
	}
	print_message("%d of %d finales are sung in thirds and sixths\n", doubled, finales);
	assert_true(finales > pieces / 6 && doubled * 100 >= finales * 80);
}

static void
a_solo_is_made_up_over_the_chords(void **state)
{
	static const struct note *t[MOST];
	int solos = 0, strong = 0, inside = 0, played = 0, twice = 0, same = 0, foreign = 0,
	    led = 0, moves = 0, steps = 0;
	int64_t themed = 0, theme_bars = 0, solo_bars = 0;

	(void)state;
	for (uint32_t seed = 0; seed < 32; seed++) {
		struct composition c;
		int n;
		uint32_t before = 0;

		composed(&c, "jazz swing", 150, seed);
		n = line_of(&c, ROLE_MELODY, t);
		for (int s = 0; s < c.plan.sections; s++) {
			const struct section *sec = &c.plan.section[s];
			uint32_t heard = 0;

			if (sec->from->theme && !sec->solo) theme_bars += sec->bars;
			if (sec->solo) solo_bars += sec->bars;
			for (int k = 0; k < n; k++) {
				int accent;
				int32_t at = written(&c, t[k]->tick, &accent);

				if (section_of(&c, t[k]->tick) != sec) continue;
				if (!sec->solo) {
					themed++;
					continue;
				}
				played++;
				if (k && section_of(&c, t[k - 1]->tick) == sec) {
					int move = abs(t[k]->key - t[k - 1]->key);

					moves++;
					steps += move && move <= 4;
				}
				heard = heard * 31 + t[k]->key;
				assert_true(t[k]->key + 1 >= c.plan.player[t[k]->player].low &&
					    t[k]->key <= c.plan.player[t[k]->player].high + 1);
				if (!theory_in(chord_at(&c, t[k]->tick)->scale, t[k]->key) &&
					!theory_in(chord_at(&c, t[k]->tick + EIGHTH)->scale,
						t[k]->key) &&
					k + 1 < n) {
					foreign++;
					led += abs(t[k + 1]->key - t[k]->key) <= 2;
				}
				if (accent < ACCENT_STRONG) continue;
				strong++;
				inside += theory_in(chord_at(&c, at)->mask, t[k]->key);
			}
			if (!sec->solo) continue;
			solos++;
			twice += before != 0;
			same += before && heard == before;
			before = heard;
		}
		composition_free(&c);
	}
	print_message("%d solos: %.1f notes a bar (themes: %.1f), %d %% chord tones when strong, "
		      "%d of %d foreign notes lead on by step, %d %% of the moves are small\n",
		solos, (double)played / (double)solo_bars, (double)themed / (double)theme_bars,
		100 * inside / strong, led, foreign,
		100 * steps / moves);
	assert_true(solos >= 16 && twice > 0 && same == 0);
	assert_true(inside * 100 >= strong * 75);
	assert_true(played * theme_bars > themed * solo_bars);
	/* Lines run. */
	assert_true(steps * 100 >= moves * 65);
	/* Some notes are outside of the scale and lead on by a semitone. */
	assert_true(foreign * 100 >= played * 2 && led * 100 >= foreign * 75);
}

/* Whoever the plan names plays it, and nothing else meanwhile; who leads is silent. */
static void
a_solo_may_be_given_to_another_player(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 8; seed++) {
		struct composition c;
		struct section *solo = NULL;
		int who = 0, leader = 0, notes = 0, others = 0;

		composed(&c, "jazz swing with piano and tenor sax", 150, seed);
		while (c.plan.player[who].role != ROLE_BASS) who++;
		while (c.plan.player[leader].role != ROLE_MELODY) leader++;
		for (int i = 0; i < c.plan.sections && !solo; i++)
			if (c.plan.section[i].solo) solo = &c.plan.section[i];
		assert_non_null(solo);
		assert_int_equal(plan_soloist(&c.plan, solo), leader);
		solo->soloist = c.plan.player[who].instrument;
		assert_int_equal(plan_soloist(&c.plan, solo), who);
		assert_false(plan_plays(&c.plan, leader, solo));
		assert_false(plan_plays(&c.plan, who, solo));
		score_free(&c.score);
		play_all(&c.plan, &c.harmony, &c.score);
		for (int i = 0; i < c.score.notes; i++) {
			const struct note *n = &c.score.note[i];

			if (n->tick < solo->tick + SIXTEENTH
				|| n->tick >= solo->tick + (solo->bars - 1) * c.plan.meter.bar)
				continue;
			notes += n->player == who;
			others += n->player == leader;
		}
		assert_true(notes > 2 * solo->bars && others == 0);
		composition_free(&c);
	}
}

/* Interval and place of each note of the first eight bars, as one number each. */
static int
head_of(const struct composition *c, int *out, int most)
{
	static const struct note *t[MOST];
	int n = line_of(c, ROLE_MELODY, t), count = 0;
	int32_t from = n ? t[0]->tick / c->plan.meter.bar * c->plan.meter.bar : 0;

	for (int k = 1; k < n && count < most; k++) {
		if (t[k]->tick >= from + 8 * c->plan.meter.bar) break;
		out[count++] = (t[k]->key - t[k - 1]->key + 64) * 64 +
			       (t[k]->tick + SIXTEENTH / 2 - from) % c->plan.meter.bar / SIXTEENTH;
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

/* One note with every ornament in turn. */
static void
ornaments_adorn_the_note_and_keep_its_time(void **state)
{
	static const int keys[ORNAMENT_COUNT][4] = { [ORNAMENT_GRACE] = { 74, 72 },
		[ORNAMENT_SLIDE] = { 71, 72 },
		[ORNAMENT_MORDENT] = { 72, 74, 72 },
		[ORNAMENT_TURN] = { 74, 72, 71, 72 },
		[ORNAMENT_TRILL] = { 74, 72, 74, 72 } };
	struct composition c;
	int player = 0;

	(void)state;
	composed(&c, "folk in C major at 100 bpm", 20, 1);
	while (c.plan.player[player].role != ROLE_MELODY)
		player++;
	for (int what = 0; what < ORNAMENT_COUNT; what++) {
		struct style_part *part =
			&c.plan.style.part[c.plan.player[player].part - c.plan.style.part];
		struct rng r = rng_for(1, "test", 0, 0);
		struct note n = { .tick = 960,
			.ticks = 1920,
			.player = (uint8_t)player,
			.key = 72,
			.velocity = 80 },
			    last;
		struct score s = { 0 };

		memset(part->ornament, 0, sizeof part->ornament);
		part->ornament[what] = 100;
		ornament_note(&s, &c.plan, &n, mode_scale(0, MODE_MAJOR), &r);
		assert_true(s.notes >= 2);
		for (int i = 0; i < 4 && keys[what][i]; i++)
			assert_int_equal(s.note[i].key, keys[what][i]);
		last = s.note[s.notes - 1];
		assert_int_equal(last.key, 72);
		assert_int_equal(last.tick + last.ticks, 960 + 1920);
		assert_int_equal(
			s.note[0].tick < 960, what == ORNAMENT_GRACE || what == ORNAMENT_SLIDE);
		for (int i = 1; i < s.notes; i++)
			assert_int_equal(s.note[i].tick, s.note[i - 1].tick + s.note[i - 1].ticks);
		/* Together with the note that they adorn. */
		for (int i = 0; i < s.notes; i++)
			assert_int_equal(s.note[i].tick - s.note[i].with, 960);
		score_free(&s);
		/* A short note has no time for it. */
		n.ticks = 120;
		ornament_note(&s, &c.plan, &n, mode_scale(0, MODE_MAJOR), &r);
		assert_int_equal(s.notes, 1);
		score_free(&s);
	}
	composition_free(&c);
}

static void
a_motif_can_be_turned_chopped_and_stretched(void **state)
{
	struct meter four;
	struct motif m = { .n = 3 }, was;

	(void)state;
	assert_true(meter_make(4, 4, &four));
	m.note[0] = (struct theme_note){ .tick = 0, .ticks = QUARTER, .step = 1 };
	m.note[1] = (struct theme_note){ .tick = QUARTER, .ticks = QUARTER, .step = 3 };
	m.note[2] = (struct theme_note){ .tick = four.bar, .ticks = four.bar, .step = 0 };
	was = m;
	motif_invert(&m);
	assert_int_equal(m.note[1].step, -1);
	assert_int_equal(m.note[2].step, 2);
	m = was;
	assert_true(motif_chop(&m, &four, 1));
	assert_int_equal(m.n, 4);
	assert_int_equal(m.note[2].tick, four.bar);
	assert_int_equal(m.note[3].step, 4);
	m = was;
	assert_true(motif_widen(&m, &four));
	assert_int_equal(m.n, 2);
	assert_int_equal(m.note[1].tick, 2 * QUARTER);
	assert_int_equal(m.note[1].ticks, 2 * QUARTER);
	m = was;
	assert_true(motif_narrow(&m, &four));
	assert_int_equal(m.n, 6);
	assert_int_equal(m.note[2].tick, four.bar / 2);
	assert_int_equal(m.note[3].tick, four.bar);
	/* Notes that are too short already stay. */
	m = was;
	m.note[0].ticks = SIXTEENTH;
	assert_false(motif_narrow(&m, &four));
	assert_int_equal(m.n, 3);
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
		cmocka_unit_test(the_second_voice_keeps_out_of_the_way),
		cmocka_unit_test(the_second_voice_answers_where_the_tune_rests),
		cmocka_unit_test(at_last_the_hook_has_a_second_voice),
		cmocka_unit_test(a_solo_is_made_up_over_the_chords),
		cmocka_unit_test(a_solo_may_be_given_to_another_player),
		cmocka_unit_test(two_seeds_have_two_melodies),
		cmocka_unit_test(ornaments_adorn_the_note_and_keep_its_time),
		cmocka_unit_test(a_motif_can_be_turned_chopped_and_stretched),
	};

	return cmocka_run_group_tests(tests, compose_all, free_all);
}
