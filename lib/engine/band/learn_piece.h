/* One piece of the music that an adapter is learned from: a MIDI file on the band's grid of time,
 * with bars, players, and what is found out about it question by question. For the learn_*.c only.
 *
 * learn_piece_make() lays it out; then in this order: learn_roles() who does what, learn_time()
 * swing and what was written, learn_key(), learn_chords(). All are functions of the piece alone. */
#ifndef EARSHOT_ENGINE_BAND_LEARN_PIECE_H
#define EARSHOT_ENGINE_BAND_LEARN_PIECE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/band/meter.h"
#include "engine/band/smf_read.h"
#include "engine/band/theory.h"
#include "engine/band/words.h"

enum {
	LEARN_PARTS = 64,
	LEARN_CHORD_NAME = 16,
	LEARN_TOGETHER = 60, /* ticks within which notes are struck as one */
};

struct learn_note {
	int32_t tick, ticks; /* as played, 960 a quarter note */
	int32_t at, length;  /* as written: learn_time() */
	int32_t bar;         /* that `at` lies in */
	uint8_t part, key, velocity;
	uint8_t cells; /* into so many places its beat is divided */
};

struct learn_bar {
	int32_t tick;
	struct meter meter;
	int notes, energy; /* 0 … 100: where it stands among the piece's bars */
};

/* The notes of one track on one channel; all drums are one part. */
struct learn_part {
	char name[SMF_NAME];
	uint16_t track;
	uint8_t channel, program; /* the program that most of its notes have */
	enum role role;           /* ROLE_COUNT: none that the band has */
	int notes, bars;          /* bars in which it plays */
	int loud;                 /* mean velocity */
	int key;                  /* mean, in tenths of a semitone */
	int voices;               /* that sound when a note begins, in hundredths */
	int length;               /* mean of its notes, in ticks */
	int step;                 /* mean size of its intervals, in tenths of a semitone */
	int strikes;              /* groups of notes that begin together */
};

/* A chord from its tick to the next one's. */
struct learn_chord {
	int32_t tick;
	int8_t root, bass;           /* pitch classes */
	char name[LEARN_CHORD_NAME]; /* numeral as theory_numeral() reads it; "": none is heard */
};

struct learn_piece {
	struct learn_note *note; /* owned; by tick, part and key */
	int notes;
	struct learn_bar *bar; /* owned; the last one ends at `end` */
	int bars;
	int32_t end;
	struct learn_part part[LEARN_PARTS];
	int parts;
	struct meter meter;    /* of most bars */
	int bpm;               /* beats a minute, for most of its time */
	bool slows;            /* toward its end */
	int swing_8, swing_16; /* permille, 500: straight; learn_time() */
	int tonic;             /* learn_key() */
	enum theory_mode mode;
	struct learn_chord *chord; /* owned; learn_chords() */
	int chords;
	const struct smf *smf; /* borrowed */
};

/* Release with learn_piece_free(). A file without a note gives a piece without bars. */
void learn_piece_make(struct learn_piece *p, const struct smf *smf);
void learn_piece_free(struct learn_piece *p);

/* The bar of a tick: the last one that begins at or before it. */
int learn_bar_at(const struct learn_piece *p, int32_t tick);

/* Microseconds of a quarter note at a tick of the piece. */
int32_t learn_us_at(const struct learn_piece *p, int32_t tick);

/* Count anew what the parts have: after notes have changed hands. */
void learn_measure(struct learn_piece *p);

void learn_roles(struct learn_piece *p);
void learn_time(struct learn_piece *p);
void learn_key(struct learn_piece *p);
void learn_chords(struct learn_piece *p);

/* The chord that sounds at a tick, the first before it; NULL: there are none. */
const struct learn_chord *learn_chord_at(const struct learn_piece *p, int32_t tick);

#endif
