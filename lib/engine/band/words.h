/* What the band knows by name besides its styles: instruments, moods, words for tempo, fillers.
 *
 * Tables of plain data. A list of words is one string, phrases parted by commas, all small letters
 * without accents and hyphens, as tokens_read() leaves the prompt's. */
#ifndef EARSHOT_ENGINE_BAND_WORDS_H
#define EARSHOT_ENGINE_BAND_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum family {
	FAMILY_NONE,
	FAMILY_KEYS,
	FAMILY_MALLETS,
	FAMILY_ORGAN,
	FAMILY_GUITAR,
	FAMILY_BASS,
	FAMILY_STRINGS,
	FAMILY_VOICE,
	FAMILY_BRASS,
	FAMILY_WIND,
	FAMILY_SYNTH,
	FAMILY_PAD,
	FAMILY_FOLK,
	FAMILY_DRUMS,
};

/* One program of General MIDI, or one of its drum kits. */
struct instrument {
	const char *name;		/* as a person calls it; also one of its words */
	const char *words;
	uint8_t program;
	uint8_t family;
	uint8_t low, high;		/* keys between which it sounds like itself */
	uint8_t lead, chord, pad,
		bass; /* how well it plays a tune, chords, long chords, a bass: 0 … 3 */
	bool decays;			/* a held note dies away by itself */
	uint8_t trim; /* percent of controller 7 that makes it as loud as the others */
};

extern const struct instrument instruments[];
extern const size_t instrument_count;

const struct instrument *instrument_find(const char *name);	/* NULL: none of that name */

/* A word for several instruments ("guitar"), and the one meant where the style has no wish. */
struct kind_word {
	const char *words;
	uint8_t family, family2;	/* FAMILY_NONE: those that have part in their name */
	const char *part;
	const char *instrument;
};

extern const struct kind_word kind_words[];
extern const size_t kind_word_count;

bool instrument_is(const struct instrument *i, const struct kind_word *kind);

/* What a mood does to a piece. */
struct mood {
	const char *name, *words;
	int8_t minor;		/* -100: surely major … 100: surely minor */
	int8_t tempo;		/* percent faster */
	int8_t energy;		/* added to the energy of every section */
	int8_t height;		/* semitones that the tune lies higher */
	int8_t space;		/* added to the reverb sends */
};

extern const struct mood moods[];
extern const size_t mood_count;

struct tempo_word {
	const char *words;
	int bpm;		/* beats a minute, or 0 */
	int place; /* percent of the way from the style's slowest to its fastest tempo */
};

extern const struct tempo_word tempo_words[];
extern const size_t tempo_word_count;

/* Parts by what they do, for "no drums", "without bass". */
enum role { ROLE_DRUMS, ROLE_BASS, ROLE_CHORDS, ROLE_PAD, ROLE_MELODY, ROLE_COUNTER, ROLE_COUNT };

extern const char *const role_names[ROLE_COUNT + 1]; /* as in style files; NULL-terminated */
extern const char *const role_words[ROLE_COUNT];

extern const char words_negation[], words_joining[], words_solo[], words_fade[], words_voice[],
	words_filler[];

#endif
