/* A style: everything that makes a bossa nova different from a march, read from one text file.
 *
 * styles/README.md documents the format for musicians. The parser checks all that it can, so that
 * whoever composes from a style need not: every style has a section, a form of known sections,
 * chords for every letter that a section names and a close, each for major and for minor keys, and
 * every part has what its role needs. */
#ifndef EARSHOT_ENGINE_BAND_STYLE_H
#define EARSHOT_ENGINE_BAND_STYLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/band/meter.h"
#include "engine/band/pattern.h"
#include "engine/band/texture.h"
#include "engine/band/theory.h"
#include "engine/band/words.h"

struct err;
struct rng;

enum {
	STYLE_NAME = 48, STYLE_WORDS = 1024,
	STYLE_PARTS = 10,
	STYLE_ALL_PARTS = 12,		/* with those that an adapter adds; PLAN_PLAYERS at most */
	STYLE_CHOICES = 8, STYLE_SECTIONS = 12, STYLE_FORM = 24,
	STYLE_DERIVED = 10,		/* sections that a plan may add for what a prompt asks for */
	STYLE_PROGRESSIONS = 64, STYLE_CHORDS = 64, STYLE_MOODS = 16,
	STYLE_ON_REQUEST = 101,		/* "from" of a part that plays only if asked for */
	STYLE_MIXED = 24,		/* instruments of a part, those of an adapter included */
	STYLE_PATTERNS = 64,		/* of a part; an adapter may bring as many */
	STYLE_PLACES = 32,		/* sixteenths of a bar */
	STYLE_LEAP = 12,		/* semitones; what is wider counts as an octave */
	STYLE_INTERVALS = 2 * STYLE_LEAP + 1,
};

enum ending { ENDING_RING, ENDING_RITARD, ENDING_STOP, ENDING_FADE, ENDING_COUNT };

enum scale { SCALE_MODE, SCALE_PENTATONIC, SCALE_BLUES, SCALE_COUNT };

/* What a player adds to a note of the tune without changing it. */
enum ornament {
	ORNAMENT_GRACE,			/* the step above, for a moment before it */
	ORNAMENT_SLIDE,			/* the semitone below, likewise */
	ORNAMENT_MORDENT,		/* the note, the step above, the note */
	ORNAMENT_TURN,			/* the step above, the note, the step below, the note */
	ORNAMENT_TRILL,			/* a long note and the step above it by turns */
	ORNAMENT_COUNT
};

/* As they are written, NULL-terminated. The last: are parallel fifths and octaves avoided? */
extern const char *const ending_names[], *const scale_names[],
	*const ornament_names[], *const parallel_names[];

struct style_part {
	char name[16];
	enum role role;
	const struct instrument *instrument[STYLE_MIXED];
	int instrument_weight[STYLE_MIXED];
	int instruments;
	int low, high;			/* keys */
	int voices;			/* notes of a chord */
	int level, pan, reverb, chorus;	/* controllers 7, 10 (-63 … 63), 91, 93 */
	int from;			/* energy at which the part joins in */
	int loud;			/* velocity at energy 50 */
	int hold;			/* percent of its written length that a note sounds */
	int strum_ms, late_ms;
	int loose;			/* percent of the style's unevenness */
	int spread;			/* by how much velocities differ by chance */
	int accent;			/* percent of the usual step between accents and others */
	int duck;			/* percent that every kick pushes it down */
	int crash; /* drums: percent of loudness for a cymbal where a section begins */
	bool pedal, swell;
	enum scale scale;
	int vary;			/* percent: how freely a figure is changed bar by bar */
	int push;			/* percent of new chords that are played before the beat */
	int lock;			/* percent of bars in which a bass goes with the kick */
	int octaves; /* energy from which single notes are doubled an octave lower */
	int imitate;			/* counter: percent of phrases that it follows as a canon */
	int leap, rest;			/* melody: freedom to leap and to rest, in percent */
	int ornament[ORNAMENT_COUNT];	/* melody: percent of the notes that allow it */
	struct pattern *pattern, *fill;	/* owned */
	int patterns, fills;
	/* From an adapter only (adapter.h); all zero without one. */
	int bent;			/* the adapter's scale, of ADAPTER_ONE; 0: none */
	bool added;			/* it is none of the style's */
	bool fresh;			/* nor has the style anybody of this role */
	int joins;			/* an added one's `from` where the adapter says none */
	bool surplus;			/* the adapter has fewer of this role */
	int own_patterns, own_fills;	/* so many first ones are the style's */
	int pattern_keep, fill_keep;	/* the weight that the adapter gives to those */
	int density;			/* hundredths of notes a beat that it would like; 0: any */
	int late_at[STYLE_PLACES], late_places;	/* ms, by the sixteenth of the bar; repeats */
	int loud_at[STYLE_PLACES], loud_places;	/* velocity, likewise */
	/* Melody: what each interval down or up (index STYLE_LEAP: none) and each tone above the
	 * tonic costs where a line is looked for; 100 in `drawn` is all that decides. */
	int interval_cost[STYLE_INTERVALS], tone_cost[12];
	int drawn_intervals, drawn_tones;	/* percent */
	int repeats;			/* percent of an adapter's notes with the key of the one before */
};

/* A part's settings that are one whole number. */
struct style_number {
	const char *name;		/* its keyword */
	size_t offset;			/* of an int in struct style_part */
	int low, high;
	unsigned roles;			/* bit n: a part of role n makes use of it */
};

extern const struct style_number style_numbers[];
extern const size_t style_number_count;

/* The signs that patterns of a role are written with; NULL for roles without. Those of drums. */
const char *style_signs(enum role role);
extern const char style_drum_signs[];

/* What a style's harmony does with the chords that are written, each in percent of the places where
 * it can (grammar.h); the last one of the pieces. */
enum harmony_art {
	HARMONY_CADENCE,		/* phrases that ask end half, those that answer end at home */
	HARMONY_TURN,			/* the end of a section leads back to the next one */
	HARMONY_QUICKEN,		/* two chords in the bar before a cadence */
	HARMONY_SECONDARY,		/* a dominant of its own in front of a chord */
	HARMONY_MIXTURE,		/* chords borrowed from the parallel mode */
	HARMONY_BACKDOOR,		/* the chord a whole tone below the tonic for its dominant */
	HARMONY_TRITONE,		/* the dominant a tritone away */
	HARMONY_SUSPENSION,		/* a fourth that falls into the dominant's third */
	HARMONY_PASSING,		/* diminished chords between roots a whole tone apart */
	HARMONY_INVERSION,		/* thirds in the bass where they make it move by step */
	HARMONY_PEDAL,			/* the tonic stays in the bass while there is no tune */
	HARMONY_LIFT,			/* the last chorus rises by a half-step or a step */
	HARMONY_COUNT
};

extern const char *const harmony_names[];	/* as written, NULL-terminated */

/* What a progression is for: chords of sections have the letter that the sections ask for; the
 * others end a phrase or the piece. */
enum {
	PROGRESSION_CLOSE = '\0', PROGRESSION_HALF = 'h', PROGRESSION_FULL = 'f',
	PROGRESSION_DECEPTIVE = 'd', PROGRESSION_TURN = 't',
};

struct progression {
	char letter;			/* A … Z, or one of those above */
	enum theory_mode mode;
	int weight, bars, n;
	struct progression_chord {
		struct numeral numeral;
		uint8_t bar, place, of;	/* the place-th of `of` chords in its bar */
	} chord[STYLE_CHORDS];
};

struct style_section {
	char name[16];
	int bars, energy;
	char chords, theme;		/* letters; theme '\0': no melody */
	bool solo;			/* the tune is made up over the chords */
	uint16_t parts;			/* bit n: part n may play */
};

struct style {
	char id[32];			/* the file's name */
	char name[STYLE_NAME];
	char words[STYLE_WORDS], hints[STYLE_WORDS];
	char kin[STYLE_NAME];		/* asked for in this one's meter, that one means this one */
	int mood[STYLE_MOODS], mood_weight[STYLE_MOODS], n_moods;	/* indices into moods[] */
	int tempo, tempo_low, tempo_high;				/* beats a minute */
	int tempo_spread;		/* by how many it varies; 0: as far as the range lets it */
	struct meter meter;
	int swing; /* percent of a pair that its first half takes; 0: by tempo, 50: straight */
	int swing_on;			/* 8 or 16 */
	int human_ms;
	int texture[TEXTURE_COUNT];	/* percent; 0: none */
	int energy;			/* added to that of every section; 0 in style files */
	int key_weight[12];
	int mode_weight[MODE_COUNT];
	int mode_unit;			/* what a weight of 1 counts there */
	enum ending ending;
	bool avoid_parallels;
	int harmony[HARMONY_COUNT];	/* percent */
	struct style_section section[STYLE_SECTIONS + STYLE_DERIVED];
	int sections;
	uint8_t form[STYLE_FORM];	/* indices into section[] */
	int form_length;
	struct progression progression[STYLE_PROGRESSIONS];
	int progressions;
	struct style_part part[STYLE_ALL_PARTS];
	int parts;
};

/* Read text into *s, which is zeroed first. -1 with ERR_INVALID "id.style:12: …"; *s is then empty.
 * Release with style_free(). */
int style_parse(struct style *s, const char *id, const char *text, struct err *e);

void style_free(struct style *s);

/* *to is overwritten; release it, too. */
void style_copy(struct style *to, const struct style *from);

/* What a part is that nothing was said about. */
void style_part_init(struct style_part *p);

/* Rewrite all patterns for another meter. */
void style_fit(struct style *s, const struct meter *to);

/* A pattern (or fill) of the part for that energy in that section of the style (-1: none in
 * particular), by weight; NULL where it has none. */
const struct pattern *style_pick(
	const struct style_part *p, bool fill, int energy, int section, struct rng *r);

/* Bars of chords such as `ii7 V7 | I` behind those that p has; text is changed. */
int style_read_bars(struct progression *p, char *text, struct err *e);

/* The drum of the kit with that name ("kick"), as its MIDI key; 0 for none. */
int style_drum(const char *name);

/* What style files call that key of the drum kit; NULL for one without a name. */
const char *style_drum_name(int key);

#endif
