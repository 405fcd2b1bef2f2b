/* What a style has to bring so that it can be chosen and heard again and again, and what the page
 * for those who write styles has to say. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "engine/band/prompt.h"
#include "engine/band/styles.h"
#include "engine_band_compose.h"

static const struct style *all;
static int n_all;

static int
read_styles(void **state)
{
	(void)state;
	all = all_styles();
	n_all = (int)band_style_count;
	return 0;
}

/* Enough that two pieces, and two sections of one piece, differ. Whoever comes only if asked for
 * may have fewer; a pad and a second voice need no figures. */
static void
every_part_has_several_figures(void **state)
{
	static const struct {
		int usual, on_request;
	} least[ROLE_COUNT] = {
		[ROLE_DRUMS] = { 4, 3 }, [ROLE_BASS] = { 4, 3 },
		[ROLE_CHORDS] = { 4, 3 }, [ROLE_MELODY] = { 5, 5 },
	};

	(void)state;
	for (int i = 0; i < n_all; i++)
		for (int k = 0; k < all[i].parts; k++) {
			const struct style_part *p = &all[i].part[k];
			bool asked_only = p->from >= STYLE_ON_REQUEST;
			int want = asked_only ? least[p->role].on_request : least[p->role].usual;

			if (p->patterns < want)
				fail_msg("%s: %s has %d figures, not %d", all[i].id, p->name,
					p->patterns, want);
			if (p->role == ROLE_DRUMS && p->fills < (asked_only ? 2 : 4))
				fail_msg("%s has %d fills", all[i].id, p->fills);
		}
}

static bool
same_steps(const struct pattern *a, const struct pattern *b)
{
	if (a->n != b->n || a->sections != b->sections) return false;
	for (int i = 0; i < a->n; i++)
		if (a->step[i].tick != b->step[i].tick || a->step[i].ticks != b->step[i].ticks
			|| a->step[i].drum != b->step[i].drum
			|| a->step[i].sign != b->step[i].sign)
			return false;
	return true;
}

static void
no_part_has_a_figure_twice(void **state)
{
	(void)state;
	for (int i = 0; i < n_all; i++)
		for (int k = 0; k < all[i].parts; k++) {
			const struct style_part *p = &all[i].part[k];

			for (int a = 0; a < p->patterns; a++)
				for (int b = 0; b < a; b++)
					if (p->pattern[a].low <= p->pattern[b].high
						&& p->pattern[b].low <= p->pattern[a].high
						&& same_steps(&p->pattern[a], &p->pattern[b]))
						fail_msg("%s: figures %d and %d of %s", all[i].id,
							b + 1, a + 1, p->name);
			for (int a = 0; a < p->fills; a++)
				for (int b = 0; b < a; b++)
					if (same_steps(&p->fill[a], &p->fill[b]))
						fail_msg("%s: fills %d and %d", all[i].id, b + 1,
							a + 1);
		}
}

/* Which figures and fills of each part have been of use. */
struct use {
	bool figure[STYLE_PARTS][STYLE_PATTERNS], fill[STYLE_PARTS][STYLE_PATTERNS];
};

static void
note_use(struct use *u, const struct plan *p, int player, const struct section *s)
{
	const struct style_part *part = p->player[player].part;
	int which = (int)(part - p->style.part), at = (int)(s->from - p->style.section);
	int weight[STYLE_PATTERNS];

	if (!plan_plays(p, player, s)) return;
	pattern_weigh(part->pattern, part->patterns, s->energy, at, weight);
	for (int i = 0; i < part->patterns; i++) u->figure[which][i] |= weight[i] > 0;
	pattern_weigh(part->fill, part->fills, s->energy, at, weight);
	for (int i = 0; i < part->fills; i++) u->fill[which][i] |= weight[i] > 0;
}

/* Whose figure or fill has been of no use so far, and which; NULL: none is left. */
static const struct style_part *
unused(const struct style *s, const struct use *u, const char **what, int *which)
{
	for (int k = 0; k < s->parts; k++) {
		const struct style_part *p = &s->part[k];

		if (p->from >= STYLE_ON_REQUEST) continue;
		*what = "figure";
		for (*which = 0; *which < p->patterns; ++*which)
			if (p->role != ROLE_MELODY && !u->figure[k][*which]) return p;
		*what = "fill";
		for (*which = 0; *which < p->fills; ++*which)
			if (!u->fill[k][*which]) return p;
	}
	return NULL;
}

/* In takes of ordinary length, as the style is and in the moods that move its energy. */
static void
every_figure_and_every_fill_can_be_heard(void **state)
{
	static const char *const said[] = { "", "calm ", "energetic " };
	static const int seconds[] = { 120, 60 };

	(void)state;
	for (int i = 0; i < n_all; i++) {
		const struct style_part *idle = all[i].part;
		struct use u = {0};
		const char *what;
		int which;

		for (int t = 0; t < (int)(NELEM(said) * NELEM(seconds)) && idle; t++) {
			struct composition c;
			char prompt[128];

			snprintf(prompt, sizeof prompt, "%s%.*s", said[t % 3],
				(int)strcspn(all[i].words, ","), all[i].words);
			planned(&c, prompt, NULL, seconds[t / 3], (uint32_t)t);
			for (int k = 0; k < c.plan.players; k++)
				for (int s = 0; s < c.plan.sections; s++)
					note_use(&u, &c.plan, k, &c.plan.section[s]);
			composition_free(&c);
			idle = unused(&all[i], &u, &what, &which);
		}
		if (idle)
			fail_msg("%s: nobody hears %s %d of %s", all[i].id, what, which + 1,
				idle->name);
	}
}

/* Nothing asked but the style: who need not be asked for is on stage and has something to play. */
static void
everybody_is_heard_in_a_piece_of_two_minutes(void **state)
{
	(void)state;
	for (int i = 0; i < n_all; i++) {
		int notes[STYLE_PARTS] = {0};
		struct composition c;

		composed(&c, all[i].name, 130, 2);
		for (int n = 0; n < c.score.notes; n++)
			notes[c.plan.player[c.score.note[n].player].part - c.plan.style.part]++;
		for (int k = 0; k < all[i].parts; k++)
			if (all[i].part[k].from < STYLE_ON_REQUEST && !notes[k])
				fail_msg("%s: nobody hears the part %s", all[i].id,
					all[i].part[k].name);
		composition_free(&c);
	}
}

/* Whom the style wants alone in a break may be the one that the prompt sends away. */
static void
no_section_falls_silent_where_drums_or_all_others_are_ruled_out(void **state)
{
	static const char *const without[] = { "without drums", "drums only" };

	(void)state;
	for (int i = 0; i < n_all; i++)
		for (int w = 0; w < (int)NELEM(without); w++) {
			struct composition c;
			char prompt[128];

			snprintf(prompt, sizeof prompt, "%.*s %s",
				(int)strcspn(all[i].words, ","), all[i].words, without[w]);
			planned(&c, prompt, NULL, 100, 3);
			for (int s = 0; s < c.plan.sections; s++) {
				bool sounds = false;

				for (int k = 0; k < c.plan.players; k++)
					sounds |= plan_plays(&c.plan, k, &c.plan.section[s])
						|| plan_soloist(&c.plan, &c.plan.section[s]) == k;
				if (!sounds)
					fail_msg("%s: nobody plays in %s", prompt,
						c.plan.section[s].from->name);
			}
			composition_free(&c);
		}
}

/* The page that tells musicians how a style is written. */
static char *
the_page(void)
{
	static char text[32768];
	FILE *f = fopen("lib/engine/band/styles/README.md", "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof text - 1, f);
	assert_true(n > 0 && n < sizeof text - 1);
	text[n] = '\0';
	fclose(f);
	return text;
}

static void
assert_explained(const char *page, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = page; (at = strstr(at, word)) != NULL; at++)
		if ((at == page || !isalnum((unsigned char)at[-1]))
			&& !isalnum((unsigned char)at[n]))
			return;
	fail_msg("`%s` is not explained", word);
}

/* The first word of each line of each style: keywords, and drums. */
static void
the_page_for_writers_knows_every_keyword_that_styles_use(void **state)
{
	const char *page = the_page();

	(void)state;
	for (size_t i = 0; i < band_style_count; i++) {
		const char *line = band_styles[i].text;

		for (; line; line = strchr(line, '\n')) {
			char word[32] = "";

			line += strspn(line, "\n \t");
			if (sscanf(line, "%31[a-z0-9]", word) == 1) assert_explained(page, word);
		}
	}
}

static void
the_page_for_writers_names_every_choice(void **state)
{
	const char *const *const lists[] = { role_names, ending_names, scale_names, ornament_names,
		parallel_names, harmony_names, NULL };
	const char *page = the_page();

	(void)state;
	for (int i = 0; lists[i]; i++)
		for (int k = 0; lists[i][k]; k++) assert_explained(page, lists[i][k]);
	for (size_t i = 0; i < style_number_count; i++)
		assert_explained(page, style_numbers[i].name);
	for (int key = 0; key < 128; key++)
		if (style_drum_name(key)) assert_explained(page, style_drum_name(key));
}

/* The example, without the indentation of the page. */
static void
the_example_of_the_page_for_writers_is_a_style(void **state)
{
	static char example[8192];
	char *line = strstr(the_page(), "## A whole style\n"), *end;
	struct style s;
	struct err e = {0};

	(void)state;
	assert_non_null(line);
	for (line = strchr(line, '\n') + 1; *line && *line != '#'; line = end + 1) {
		end = line + strcspn(line, "\n");
		if (strncmp(line, "    ", 4) == 0)
			strncat(example, line + 4, (size_t)(end - line) - 3);
		if (!*end) break;
	}
	if (style_parse(&s, "example", example, &e)) fail_msg("%s", e.text);
	assert_true(s.parts >= 4 && s.form_length >= 4);
	style_free(&s);
}

static void
a_form_has_four_sections_that_differ_in_energy(void **state)
{
	(void)state;
	for (int i = 0; i < n_all; i++) {
		const struct style *s = &all[i];
		unsigned used = 0;
		int low = 100, high = 0;

		for (int k = 0; k < s->form_length; k++) {
			int energy = s->section[s->form[k]].energy;

			used |= 1u << s->form[k];
			low = energy < low ? energy : low;
			high = energy > high ? energy : high;
		}
		if (__builtin_popcount(used) < 4 || high - low < 25)
			fail_msg("%s: %d sections, energies %d to %d", s->id,
				__builtin_popcount(used), low, high);
	}
}

/* Each phrase of each style, through the reader of prompts: it names that style and no other. */
static void
every_word_of_a_style_leads_to_it_alone(void **state)
{
	(void)state;
	for (int i = 0; i < n_all; i++) {
		char words[STYLE_WORDS], *next = words, *phrase;

		strcpy(words, all[i].words);
		while ((phrase = strsep(&next, ",")) != NULL) {
			struct wish w;

			phrase += strspn(phrase, " ");
			read_wish(phrase, NULL, &w);
			if (w.style != i)
				fail_msg("%s: `%s` leads to %s", all[i].id, phrase,
					w.style < 0 ? "none" : all[w.style].id);
		}
	}
}

static void
no_two_styles_claim_the_same_word(void **state)
{
	(void)state;
	for (int i = 0; i < n_all; i++)
		for (int k = 0; k < i; k++) {
			char words[STYLE_WORDS], *next = words, *phrase;

			strcpy(words, all[i].words);
			while ((phrase = strsep(&next, ",")) != NULL) {
				char alone[STYLE_WORDS + 4], theirs[STYLE_WORDS + 4];

				phrase += strspn(phrase, " ");
				snprintf(alone, sizeof alone, ", %s,", phrase);
				snprintf(theirs, sizeof theirs, ", %s,", all[k].words);
				if (strstr(theirs, alone))
					fail_msg("%s and %s claim `%s`", all[i].id, all[k].id,
						phrase);
			}
		}
}

static void
a_minute_at_its_own_tempo_is_a_piece_with_sections(void **state)
{
	(void)state;
	for (int i = 0; i < n_all; i++)
		for (uint32_t seed = 0; seed < 4; seed++) {
			struct composition c;
			double bpm;

			planned(&c, all[i].name, NULL, 60, seed);
			assert_string_equal(c.plan.style.id, all[i].id);
			bpm = 60e6 / tempo_us_at(&c.plan.tempo, 0);
			if (c.plan.meter.kind == METER_COMPOUND) bpm = bpm * 2 / 3;
			if (bpm < all[i].tempo_low * 0.97 || bpm > all[i].tempo_high * 1.03)
				fail_msg("%s at %.1f", all[i].id, bpm);
			if (c.plan.bars < 8 || c.plan.sections < 2)
				fail_msg("%s: %d bars in %d sections", all[i].id, c.plan.bars,
					c.plan.sections);
			composition_free(&c);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_part_has_several_figures),
		cmocka_unit_test(no_part_has_a_figure_twice),
		cmocka_unit_test(every_figure_and_every_fill_can_be_heard),
		cmocka_unit_test(everybody_is_heard_in_a_piece_of_two_minutes),
		cmocka_unit_test(no_section_falls_silent_where_drums_or_all_others_are_ruled_out),
		cmocka_unit_test(the_page_for_writers_knows_every_keyword_that_styles_use),
		cmocka_unit_test(the_page_for_writers_names_every_choice),
		cmocka_unit_test(the_example_of_the_page_for_writers_is_a_style),
		cmocka_unit_test(a_form_has_four_sections_that_differ_in_energy),
		cmocka_unit_test(every_word_of_a_style_leads_to_it_alone),
		cmocka_unit_test(no_two_styles_claim_the_same_word),
		cmocka_unit_test(a_minute_at_its_own_tempo_is_a_piece_with_sections),
	};

	return cmocka_run_group_tests(tests, read_styles, NULL);
}
