/* What a style has to bring so that it can be chosen and heard again and again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine/band/prompt.h"
#include "engine/band/styles.h"
#include "engine_band_compose.h"

static struct style all[WISH_STYLES];
static int n_all;

static int
read_styles(void **state)
{
	(void)state;
	for (size_t i = 0; i < band_style_count; i++) {
		struct err e = {0};

		if (style_parse(&all[i], band_styles[i].name, band_styles[i].text, &e))
			fail_msg("%s", e.text);
		n_all++;
	}
	return 0;
}

static int
free_styles(void **state)
{
	(void)state;
	for (int i = 0; i < n_all; i++) style_free(&all[i]);
	return 0;
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
			prompt_read(phrase, NULL, all, n_all, &w);
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
		cmocka_unit_test(a_form_has_four_sections_that_differ_in_energy),
		cmocka_unit_test(every_word_of_a_style_leads_to_it_alone),
		cmocka_unit_test(no_two_styles_claim_the_same_word),
		cmocka_unit_test(a_minute_at_its_own_tempo_is_a_piece_with_sections),
	};

	return cmocka_run_group_tests(tests, read_styles, free_styles);
}
