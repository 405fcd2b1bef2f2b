#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "engine/band/harmony.h"
#include "engine/band/theory.h"

static struct chord
chord(const char *numeral, int tonic, enum theory_mode mode, enum theory_mode written)
{
	struct numeral n;
	struct err e;

	assert_int_equal(theory_numeral(numeral, &n, &e), 0);
	return theory_chord(&n, tonic, mode, written);
}

static uint16_t
notes(const char *names)
{
	uint16_t mask = 0;

	while (*names) {
		int used;
		char accidental;

		mask |= (uint16_t)(1 << theory_note_class(names, &used, &accidental));
		names += used;
		if (*names == ' ') names++;
	}
	return mask;
}

static void
numerals_are_the_chords_that_musicians_mean(void **state)
{
	static const struct {
		const char *numeral;
		int tonic;
		enum theory_mode mode;
		const char *notes;
		int bass;
	} table[] = {
		{ "I", 0, MODE_MAJOR, "C E G", 0 },
		{ "V7", 0, MODE_MAJOR, "G B D F", 7 },
		{ "ii7", 0, MODE_MAJOR, "D F A C", 2 },
		{ "IVmaj7", 5, MODE_MAJOR, "Bb D F A", 10 },
		{ "vi/3", 0, MODE_MAJOR, "A C E", 0 },
		{ "bVII", 0, MODE_MAJOR, "Bb D F", 10 },
		{ "V7/ii", 0, MODE_MAJOR, "A C# E G", 9 },
		{ "V7/V", 7, MODE_MAJOR, "A C# E G", 9 },
		{ "iih7", 9, MODE_MINOR, "B D F A", 11 },
		{ "V7", 9, MODE_MINOR, "E G# B D", 4 },
		{ "VI", 9, MODE_MINOR, "F A C", 5 },
		{ "i5", 4, MODE_MINOR, "E B", 4 },
		{ "V7sus4", 0, MODE_MAJOR, "G C D F", 7 },
		{ "io7", 0, MODE_MAJOR, "C Eb F# A", 0 },
		{ "I69", 0, MODE_MAJOR, "C E G A D", 0 },
		{ "IV", 2, MODE_DORIAN, "G B D", 7 },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(table); i++) {
		struct chord c = chord(
			table[i].numeral, table[i].tonic, table[i].mode, table[i].mode);

		if (c.mask != notes(table[i].notes)) fail_msg("%s: %03x", table[i].numeral, c.mask);
		assert_int_equal(c.bass, table[i].bass);
		/* Every tone of a chord may be sung over it. */
		assert_int_equal(c.mask & ~c.scale, 0);
	}
}

static void
a_scale_bends_to_a_foreign_chord(void **state)
{
	(void)state;
	/* The raised leading note takes the place of the seventh, the flat one that of the leading
	 * note. */
	assert_int_equal(chord("V7", 9, MODE_MINOR, MODE_MINOR).scale, notes("A B C D E F G#"));
	assert_int_equal(chord("bVII", 0, MODE_MAJOR, MODE_MAJOR).scale, notes("C D E F G A Bb"));
	assert_int_equal(chord("iv", 0, MODE_MAJOR, MODE_MAJOR).scale, notes("C D E F G Ab B"));
	assert_int_equal(chord("V7/V", 0, MODE_MAJOR, MODE_MAJOR).scale, notes("C D E F# G A B"));
	assert_int_equal(chord("I", 0, MODE_MAJOR, MODE_MAJOR).scale, notes("C D E F G A B"));
}

static void
chords_of_another_mode_are_built_from_its_own_scale(void **state)
{
	(void)state;
	assert_int_equal(chord("iv", 2, MODE_DORIAN, MODE_MINOR).mask, notes("G B D"));
	assert_int_equal(chord("VII", 0, MODE_MIXOLYDIAN, MODE_MAJOR).mask, notes("Bb D F"));
}

static void
what_is_no_chord_is_refused(void **state)
{
	static const char *const bad[] = { "", "VIII", "X", "Vq", "I/", "I/9", "iv7/x", "vI", "bb",
		"7" };

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		struct numeral n;
		struct err e;

		if (theory_numeral(bad[i], &n, &e) != -1) fail_msg("%s", bad[i]);
		assert_int_equal(e.kind, ERR_INVALID);
	}
}

static void
keys_have_the_signatures_of_the_circle_of_fifths(void **state)
{
	static const struct {
		int tonic;
		enum theory_mode mode;
		int sharps;
		const char *name;
	} table[] = {
		{ 0, MODE_MAJOR, 0, "C major" },
		{ 9, MODE_MINOR, 0, "A minor" },
		{ 7, MODE_MAJOR, 1, "G major" },
		{ 5, MODE_MAJOR, -1, "F major" },
		{ 10, MODE_MAJOR, -2, "Bb major" },
		{ 6, MODE_MAJOR, 6, "F# major" },
		{ 3, MODE_MINOR, -6, "Eb minor" },
		{ 1, MODE_MINOR, 4, "C# minor" },
		{ 2, MODE_DORIAN, 0, "D dorian" },
		{ 8, MODE_MAJOR, -4, "Ab major" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(table); i++) {
		char name[32];
		bool minor;

		theory_key_name(table[i].tonic, table[i].mode, 0, name, sizeof name);
		assert_string_equal(name, table[i].name);
		assert_int_equal(theory_key_signature(table[i].tonic, table[i].mode, &minor),
			table[i].sharps);
		assert_int_equal(minor, mode_is_minor(table[i].mode));
	}
}

static void
note_names_are_midi_keys(void **state)
{
	(void)state;
	assert_int_equal(theory_note_key("C4"), 60);
	assert_int_equal(theory_note_key("A4"), 69);
	assert_int_equal(theory_note_key("E1"), 28);
	assert_int_equal(theory_note_key("Cb4"), 59);
	assert_int_equal(theory_note_key("B#3"), 60);
	assert_int_equal(theory_note_key("H4"), -1);
	assert_int_equal(theory_note_key("C"), -1);
	assert_int_equal(theory_note_key("C10"), -1);
}

static void
a_note_that_sounds_longer_behind_the_change_belongs_to_the_next_chord(void **state)
{
	struct chord bars[2] = { { .tick = 0, .ticks = 4 * QUARTER },
		{ .tick = 4 * QUARTER, .ticks = 4 * QUARTER } };
	struct harmony h = { .chord = bars, .n = 2 };
	static const struct {
		int tick, ticks, chord;
	} notes[] = {
		{ 0, 8 * QUARTER, 0 },					/* where a chord begins */
		{ 3 * QUARTER, QUARTER, 0 },
		{ 3 * QUARTER, 2 * QUARTER, 0 },
		{ 3 * QUARTER, 2 * QUARTER + EIGHTH, 1 },		/* a tumbao's four */
		{ 3 * QUARTER - EIGHTH, 4 * QUARTER, 0 },
		{ 4 * QUARTER - EIGHTH, EIGHTH, 0 },
		{ 4 * QUARTER - EIGHTH, EIGHTH + SIXTEENTH, 0 },
		{ 4 * QUARTER - EIGHTH, QUARTER, 1 },			/* an eighth tied over */
		{ 4 * QUARTER, SIXTEENTH, 1 },
		{ 7 * QUARTER, 8 * QUARTER, 1 },			/* behind it is nothing */
	};

	(void)state;
	for (size_t i = 0; i < NELEM(notes); i++)
		assert_int_equal(harmony_at(&h, notes[i].tick, notes[i].ticks), notes[i].chord);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_note_that_sounds_longer_behind_the_change_belongs_to_the_next_chord),
		cmocka_unit_test(numerals_are_the_chords_that_musicians_mean),
		cmocka_unit_test(a_scale_bends_to_a_foreign_chord),
		cmocka_unit_test(chords_of_another_mode_are_built_from_its_own_scale),
		cmocka_unit_test(what_is_no_chord_is_refused),
		cmocka_unit_test(keys_have_the_signatures_of_the_circle_of_fifths),
		cmocka_unit_test(note_names_are_midi_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
