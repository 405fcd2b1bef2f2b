#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "engine/band/style.h"
#include "engine/band/styles.h"

/* The smallest style there is; tests change a line of it. */
static const char small[] =
	"style Test\n"
	"words test, try-out\n"
	"tempo 100 from 80 to 120   # beats a minute\n"
	"meter 4/4\n"
	"modes major 2, minor\n"
	"chords A major 2 I | V7 I\n"
	"chords A minor i | V7 i\n"
	"close major V | I\n"
	"close minor V | i\n"
	"harmony secondary 20, turn  40\n"
	"cadence half minor 2 iv | V\n"
	"part drums\n"
	"plays drums\n"
	"instrument drum kit\n"
	"pattern 3 energy 10-90\n"
	"kick x|.|x|.\n"
	"snare .|x|.|x\n"
	"part keys\n"
	"plays chords\n"
	"instrument piano 3, electric piano\n"
	"range C3 to C5\n"
	"pattern X---|----|x---|----\n"
	"section A 8 bars, energy 60, without drums\n"
	"form A A\n"
	"texture tape 30\n";

/* The small style with one line in place of another. */
static char *
changed(const char *line, const char *instead)
{
	static char text[4096];
	const char *at = strstr(small, line);

	assert_non_null(at);
	snprintf(text, sizeof text, "%.*s%s%s", (int)(at - small), small, instead,
		at + strlen(line));
	return text;
}

static void
a_comment_stands_between_blanks_so_that_sharps_can_be_written(void **state)
{
	struct style s;
	struct err e = {0};
	const char *text = changed("chords A major 2 I | V7 I", "chords A major 2 I | #ivo7 I # | V");

	(void)state;
	if (style_parse(&s, "test", text, &e)) fail_msg("%s", e.text);
	assert_int_equal(s.progression[0].n, 3);
	assert_int_equal(s.progression[0].chord[1].numeral.alter, 1);
	style_free(&s);
}

static void
a_style_file_says_what_a_musician_means(void **state)
{
	struct style s;
	struct err e = {0};

	(void)state;
	if (style_parse(&s, "test", small, &e)) fail_msg("%s", e.text);
	assert_string_equal(s.name, "Test");
	assert_string_equal(s.words, "test, try out");
	assert_int_equal(s.tempo, 100);
	assert_int_equal(s.mode_weight[MODE_MAJOR], 2);
	assert_int_equal(s.mode_weight[MODE_MINOR], 1);
	assert_int_equal(s.progression[0].bars, 2);
	assert_int_equal(s.progression[0].n, 3);
	assert_int_equal(s.progression[0].weight, 2);
	assert_int_equal(s.harmony[HARMONY_SECONDARY], 20);
	assert_int_equal(s.harmony[HARMONY_TURN], 40);
	assert_int_equal(s.harmony[HARMONY_CADENCE], 0);
	assert_int_equal(s.progression[4].letter, PROGRESSION_HALF);
	assert_int_equal(s.progression[4].bars, 2);
	assert_int_equal(s.parts, 2);
	assert_int_equal(s.part[0].pattern[0].weight, 3);
	assert_int_equal(s.part[0].pattern[0].low, 10);
	assert_int_equal(s.part[0].pattern[0].n, 4);
	assert_int_equal(s.part[1].instrument_weight[0], 3);
	assert_string_equal(s.part[1].instrument[1]->name, "electric piano");
	assert_int_equal(s.part[1].low, 48);
	assert_int_equal(s.section[0].parts & 3, 2);
	assert_int_equal(s.form_length, 2);
	assert_int_equal(s.texture[TEXTURE_TAPE], 30);
	assert_int_equal(s.texture[TEXTURE_RAIN], 0);
	style_free(&s);
}

static void
a_tune_has_ornaments_and_a_section_may_be_a_solo(void **state)
{
	struct style s;
	struct err e = {0};

	(void)state;
	if (style_parse(&s, "test",
		    changed("plays chords\n",
			    "plays melody\nornament grace 20, trill 10\nscale blues\n"), &e))
		fail_msg("%s", e.text);
	assert_int_equal(s.part[1].ornament[ORNAMENT_GRACE], 20);
	assert_int_equal(s.part[1].ornament[ORNAMENT_TRILL], 10);
	assert_int_equal(s.part[1].ornament[ORNAMENT_TURN], 0);
	assert_false(s.section[0].solo);
	style_free(&s);
	if (style_parse(&s, "test", changed("energy 60", "theme solo"), &e))
		fail_msg("%s", e.text);
	assert_true(s.section[0].solo);
	assert_int_equal(s.section[0].theme, 'A');
	style_free(&s);
}

static const struct {
	const char *line, *instead, *error;
} errors[] = {
	{ "tempo 100", "tempo fast", "test.style:3: the tempo must be a whole number" },
	{ "from 80", "from 110", "test.style:3: the slowest tempo" },
	{ "meter 4/4", "meter 4/5", "test.style:4: the band knows no 4/5" },
	{ "meter 4/4", "kin Jazz swing", "test.style:4: `Jazz swing` is no name" },
	{ "meter 4/4", "kin", "test.style:4: `` is no name of a style's file" },
	{ "modes major 2", "modes major 0", "test.style:5: a weight" },
	{ "modes major 2", "modes merry", "test.style:5: `merry` is no mode" },
	{ "V7 I\n", "V7 Q\n", "test.style:6: `Q` does not begin" },
	{ "| V7 I\n", "|\n", "test.style:6: bar 2 has no chord" },
	{ "secondary 20", "primary 20", "test.style:10: `primary` is no art of harmony" },
	{ "turn  40", "turn", "test.style:10: turn must be a whole number" },
	{ "turn  40", "turn 101", "test.style:10: turn must be" },
	{ "half minor", "sudden minor", "test.style:11: `sudden` is no cadence" },
	{ "half minor", "half merry", "test.style:11: `merry` is no mode" },
	{ "plays drums", "plays jokes", "test.style:13: `jokes` is no role" },
	{ "drum kit", "bathtub", "test.style:14: `bathtub` is no instrument" },
	{ "energy 10-90", "energy 90-10", "test.style:15: energy must be" },
	{ "kick x|.|x|.", "kick x|.|x", "test.style:16: bar 1 does not have 4 beats" },
	{ "snare .|x|.|x", "spoon .|x|.|x", "test.style:17: `spoon` is no keyword" },
	{ "snare .|x|.|x", "snare .|z|.|x", "test.style:17: bar 1, beat 2: `z` is none of" },
	{ "C3 to C5", "C3 to D3", "test.style:21: a range" },
	{ "plays chords\n", "plays chords\nornament grace 20\n",
		"test.style:20: ornaments belong to a part that plays melody" },
	{ "plays chords\n", "plays melody\nornament wiggle 20\n",
		"test.style:20: `wiggle` is no ornament" },
	{ "plays chords\n", "plays melody\nornament grace 20, trill 101\n",
		"test.style:20: trill must be a whole number from 0 to 100" },
	{ "plays chords\n", "plays counter\nimitate 101\n",
		"test.style:20: imitate must be a whole number from 0 to 100" },
	{ "energy 60", "theme duet", "test.style:23: `theme` is not energy" },
	{ "section A 8", "section A many", "test.style:23: the section's bars" },
	{ "energy 60", "energy high", "test.style:23: energy must be" },
	{ "without drums", "without violins",
		"test.style:23: no part above is called `violins`" },
	{ "texture tape", "texture felt", "test.style:25: `felt` is no texture" },
	{ "texture tape 30", "texture tape", "test.style:25: a texture's percent" },
	{ "texture tape 30", "texture tape 101", "test.style:25: a texture's percent" },
	{ "form A A", "form A B", "test.style: the form names no section `B`" },
	{ "form A A", "", "test.style: it needs a form" },
	{ "close minor V | i\n", "", "test.style: there is no close for minor keys" },
	{ "chords A minor i | V7 i\n", "",
		"test.style: there are no chords A for minor keys" },
	{ "instrument drum kit\n", "", "test.style: part drums has no instrument" },
	{ "drum kit", "piano", "test.style: part drums: piano cannot play drums" },
	{ "pattern X---|----|x---|----\n", "", "test.style: part keys has no pattern" },
	{ "part keys", "part drums", "test.style:18: a part needs a name of its own" },
	{ "energy 10-90", "in , A", "test.style:15: it reads `in build, drop`" },
	{ "energy 10-90", "in A,", "test.style:15: it reads `in build, drop`" },
	{ "energy 10-90", "in a_name_that_is_long", "test.style:15: it reads `in build" },
	{ "energy 10-90", "in a, b, c, d, e, f, g, h, i, j, k, l, m",
		"test.style:15: it reads `in build, drop`, with no more than 12" },
	{ "energy 10-90", "in A, chorus", "test.style: a pattern is for no section `chorus`" },
	{ "plays chords", "plays melody\npattern in A x|x|x|x",
		"test.style:20: a tune follows its theme" },
};

static void
an_error_names_file_and_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEM(errors); i++) {
		struct style s;
		struct err e = {0};

		assert_int_equal(
			style_parse(&s, "test", changed(errors[i].line, errors[i].instead), &e), -1);
		assert_int_equal(e.kind, ERR_INVALID);
		if (strncmp(e.text, errors[i].error, strlen(errors[i].error)))
			fail_msg("%s\n  not %s", e.text, errors[i].error);
		assert_int_equal(s.parts, 0);
	}
}

static void
a_pattern_may_be_for_some_sections_only(void **state)
{
	char text[2048];
	struct style s;
	struct err e = {0};

	(void)state;
	snprintf(text, sizeof text,
		"%spart more\nplays bass\ninstrument electric bass\n"
		"pattern 2 energy 10-60 in B, A R|R|R|R\npattern in B R|.|R|.\n"
		"pattern R|.|.|.\nsection B 4 bars, chords A\n", small);
	if (style_parse(&s, "test", text, &e)) fail_msg("%s", e.text);
	assert_int_equal(s.part[2].pattern[0].sections, 1 << 1 | 1 << 0);
	assert_int_equal(s.part[2].pattern[0].weight, 2);
	assert_int_equal(s.part[2].pattern[0].high, 60);
	assert_int_equal(s.part[2].pattern[0].n, 4);
	assert_int_equal(s.part[2].pattern[1].sections, 1 << 1);
	assert_int_equal(s.part[2].pattern[2].sections, 0);
	style_free(&s);
}

static void
every_style_that_is_linked_in_is_valid(void **state)
{
	(void)state;
	assert_true(band_style_count >= 10);
	for (size_t i = 0; i < band_style_count; i++) {
		struct style s;
		struct err e = {0};

		if (style_parse(&s, band_styles[i].name, band_styles[i].text, &e))
			fail_msg("%s", e.text);
		style_free(&s);
	}
}

static bool
has_role(const struct style *s, enum role role)
{
	for (int i = 0; i < s->parts; i++)
		if (s->part[i].role == role) return true;
	return false;
}

/* A style's kin is another one, in another meter. */
static void
kin_are_styles_in_other_meters(void **state)
{
	int kin = 0;

	(void)state;
	for (size_t i = 0; i < band_style_count; i++) {
		struct style s, other;
		struct err e;

		assert_int_equal(style_parse(&s, band_styles[i].name, band_styles[i].text, &e), 0);
		for (size_t k = 0; s.kin[0] && k < band_style_count; k++) {
			if (strcmp(band_styles[k].name, s.kin) != 0) continue;
			kin++;
			assert_int_equal(style_parse(&other, band_styles[k].name,
				band_styles[k].text, &e), 0);
			assert_false(s.meter.num == other.meter.num
				&& s.meter.den == other.meter.den);
			style_free(&other);
			s.kin[0] = '\0';
		}
		if (s.kin[0]) fail_msg("%s: there is no %s.style", s.id, s.kin);
		style_free(&s);
	}
	assert_true(kin > 0);
}

/* So that a prompt may ask any style for drums, strings or a second voice. */
static void
every_style_has_somebody_for_each_role(void **state)
{
	(void)state;
	for (size_t i = 0; i < band_style_count; i++) {
		struct style s;
		struct err e;

		assert_int_equal(style_parse(&s, band_styles[i].name, band_styles[i].text, &e), 0);
		for (int role = 0; role < ROLE_COUNT; role++)
			if (!has_role(&s, (enum role)role))
				fail_msg("%s has no %s", s.id, role_names[role]);
		style_free(&s);
	}
}

/* What a drummer plays, as text: where each drum falls, whatever the tempo. */
static void
rhythm_of(const struct style *s, char *out, size_t size)
{
	size_t n = 0;

	for (int i = 0; i < s->parts; i++)
		for (int k = 0; k < s->part[i].patterns; k++)
			for (int j = 0; j < s->part[i].pattern[k].n && n + 32 < size; j++)
				n += (size_t)snprintf(out + n, size - n, "%d:%d:%d ", i,
					s->part[i].pattern[k].step[j].drum,
					s->part[i].pattern[k].step[j].tick);
}

static void
no_two_styles_share_their_figures_or_their_chords(void **state)
{
	static struct style s[64];
	static char rhythm[64][65536];
	struct err e;

	(void)state;
	for (size_t i = 0; i < band_style_count; i++) {
		assert_int_equal(
			style_parse(&s[i], band_styles[i].name, band_styles[i].text, &e), 0);
		rhythm_of(&s[i], rhythm[i], sizeof rhythm[i]);
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(rhythm[i], rhythm[k]);
			assert_string_not_equal(s[i].name, s[k].name);
			assert_memory_not_equal(
				s[i].progression, s[k].progression, sizeof s[i].progression);
		}
	}
	for (size_t i = 0; i < band_style_count; i++) style_free(&s[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_style_file_says_what_a_musician_means),
		cmocka_unit_test(a_tune_has_ornaments_and_a_section_may_be_a_solo),
		cmocka_unit_test(a_comment_stands_between_blanks_so_that_sharps_can_be_written),
		cmocka_unit_test(an_error_names_file_and_line),
		cmocka_unit_test(a_pattern_may_be_for_some_sections_only),
		cmocka_unit_test(every_style_that_is_linked_in_is_valid),
		cmocka_unit_test(kin_are_styles_in_other_meters),
		cmocka_unit_test(every_style_has_somebody_for_each_role),
		cmocka_unit_test(no_two_styles_share_their_figures_or_their_chords),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
