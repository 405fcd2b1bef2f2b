/* Keys, modes and chords. Pitch classes are 0 (C) … 11 (B), keys of notes are MIDI's (60 is middle
 * C), sets of pitch classes are masks with bit n for class n. Everything here is pure. */
#ifndef EARSHOT_ENGINE_BAND_THEORY_H
#define EARSHOT_ENGINE_BAND_THEORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum theory_mode {
	MODE_MAJOR,
	MODE_MINOR,
	MODE_DORIAN,
	MODE_PHRYGIAN,
	MODE_LYDIAN,
	MODE_MIXOLYDIAN,
	MODE_LOCRIAN,
	MODE_COUNT
};

extern const char *const mode_names[MODE_COUNT + 1];	/* "major", …, NULL */

bool mode_is_minor(enum theory_mode m);			/* is its third minor? */
int mode_step(enum theory_mode m, int degree); /* semitones of degree 0 … 6 above the tonic */
uint16_t mode_scale(int tonic, enum theory_mode m);

/* "F# minor". accidental is '#' or 'b' where someone asked for that spelling, else 0. */
void theory_key_name(int tonic, enum theory_mode m, char accidental, char *out, size_t size);

/* Sharps (above 0) or flats of the key signature, -6 … 6, and whether its third makes it minor. */
int theory_key_signature(int tonic, enum theory_mode m, bool *minor);

/* A note name such as C, F#, Bb at the start of s: its class, or -1; *used is how long it is. */
int theory_note_class(const char *s, int *used, char *accidental);

/* "C#4" and the like to 0 … 127, or -1. C4 is 60. */
int theory_note_key(const char *s);

/* A chord in Roman numerals, relative to the mode: `I`, `ii7`, `bVII`, `V7/ii`, `IV/5` … */
struct numeral {
	int8_t degree;		/* 0 … 6 */
	int8_t alter;		/* -1, 0, 1 semitones */
	bool lower;		/* written small: minor */
	int8_t quality;		/* index into the table of theory.c */
	int8_t of;		/* degree that it is the dominant (or so) of; -1: none */
	bool of_lower;
	int8_t bass;		/* 0: root, 1: third, 2: fifth, 3: seventh */
};

int theory_numeral(const char *s, struct numeral *out, struct err *e);

/* The same for text that stands in the program: what is wrong there is a bug. */
struct numeral theory_known(const char *s);

enum { CHORD_MAX_TONES = 6 };

struct chord {
	int32_t tick, ticks;
	int8_t root, bass;			/* pitch classes */
	int8_t tone[CHORD_MAX_TONES];		/* classes: root, third, fifth, seventh … */
	int8_t tones;
	uint16_t mask;				/* of its tones */
	uint16_t scale;				/* what a melody may use over it */
	int16_t section;
};

/* What the numeral means in a key. written is the mode that it was written for: in another mode the
 * chord is built anew, by thirds from that mode's own scale. Ticks and section are left 0. */
struct chord theory_chord(
	const struct numeral *n, int tonic, enum theory_mode mode, enum theory_mode written);

/* Is the key's class in the set? Keys a little below 0 are fine: searches look there. */
static inline bool
theory_in(uint16_t mask, int key)
{
	return mask >> ((key + 120) % 12) & 1;
}

#endif
