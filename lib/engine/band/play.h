/* The musicians: each function writes what one player plays in the whole piece. They share the ways
 * to go through a section's patterns and to choose how hard a note is struck. */
#ifndef EARSHOT_ENGINE_BAND_PLAY_H
#define EARSHOT_ENGINE_BAND_PLAY_H

#include "engine/band/harmony.h"
#include "engine/band/plan.h"
#include "engine/band/score.h"

/* Everything; score is filled and finished. */
void play_all(const struct plan *p, const struct harmony *h, struct score *s);

void drums_play(const struct plan *p, const struct harmony *h, int player, struct score *s);
void bass_play(const struct plan *p, const struct harmony *h, int player, struct score *s);
void chords_play(const struct plan *p, const struct harmony *h, int player, struct score *s);
void pad_play(const struct plan *p, const struct harmony *h, int player, struct score *s);
void melody_play(const struct plan *p, const struct harmony *h, int player, struct score *s);
void counter_play(const struct plan *p, const struct harmony *h, int player,
	struct score *s);

/* One sign of a pattern where it falls in the piece. */
struct hit {
	int32_t tick, ticks;
	int bar;			/* of its section */
	int in_bar;			/* ticks from the bar's start */
	char sign;
	uint8_t drum;
	bool even;
	int8_t lean;			/* so much harder than its sign says */
	uint8_t loud;			/* velocity, whatever its sign says; 0: by the sign */
};

/* Goes through a section bar by bar: one pattern for all of it, another one now and then at the end
 * of four bars. `struct groove g = groove_start(…); while (groove_next(&g, &hit)) …` */
struct groove {
	const struct plan *plan;
	const struct section *section;
	const struct pattern *usual, *other, *now;
	int player, bar, step;
};

struct groove groove_start(const struct plan *p, int player, const struct section *s);
bool groove_next(struct groove *g, struct hit *out);

/* The hits of a whole section, for who looks ahead and changes some of them. */
struct hits {
	struct hit *list;		/* owned, by tick */
	int n;
};

struct hits hits_of(const struct plan *p, int player, const struct section *s);
void hits_free(struct hits *h);

/* The first hit of bar number `bar` or later; h->n for none. */
int hits_from(const struct hits *h, int bar);

/* Take away n hits from the one at `at` on. */
void hits_cut(struct hits *h, int at, int n);

/* Add one; its bar and place are worked out from its tick. */
void hits_add(struct hits *h, const struct plan *p, const struct section *s, struct hit hit);

/* Without those before the player's entry and after it has left; what sounds then ends. */
void hits_keep(struct hits *h, const struct section *s, int player);

/* Push: where a chord begins on a hit, in so many percent of the cases that hit comes an eighth
 * early (a sixteenth where those swing) and is tied over. Chance goes by the bar, so that all who
 * push there do it together. */
void hits_push(struct hits *h, const struct plan *p, const struct harmony *harmony,
	const struct section *s, int percent);

/* comping.c: change the hits of a section as an accompanist would, by the part's `vary`; heard has
 * the tune already. */
void comping_vary(const struct plan *p, int player, const struct section *s,
	const struct score *heard, struct hits *hits);

/* Does a tune or a second voice sound between these ticks? Of a score that already has them. */
bool play_is_sung(const struct plan *p, const struct score *s, int32_t from, int32_t to);

enum { NO_KEY = -1 };

/* Of n notes in the order of their ticks: the key of the last one that began by this tick, and
 * within so many ticks before it; NO_KEY: there is none. */
int play_tune_at(const struct note *tune, int n, int32_t tick, int32_t within);

/* The velocity for a sign (X x o g) at this place of this section; every note differs a little. */
uint8_t play_velocity(
	const struct plan *p, int player, const struct section *s, const struct hit *hit);

/* How long a note of written length sounds: the part's `hold`. */
int32_t play_hold(const struct player *y, int32_t ticks);

/* Double a single note an octave lower: from the part's `octaves` on, if the instrument has it. False:
 * nothing was written. */
bool play_octave(
	const struct plan *p, const struct section *s, struct note n, struct score *score);

/* The key of that pitch class in low … high that is nearest to near; ties go to the lower one. */
int play_nearest(int pitch_class, int near, int low, int high);

/* What a tune in that scale may use over a chord; the scale itself where chord is NULL. */
uint16_t play_scale(const struct plan *p, enum scale scale, const struct chord *c);

/* The key so many steps of the set of pitch classes above key (below 0: below it). */
int play_step(uint16_t set, int key, int steps);

/* What singers find hard, for searches: the cost of a move by so many semitones, 0 … 60. */
int play_leap_cost(int semitones);

/* A voice below a tune's note: a third or a sixth that fits the chord, near to the key that it had
 * before (0: none); any third of the scale where the note is not strong. */
int play_below(const struct chord *c, int key, bool strong, int before);

/* touch.c: phrases, accents and ties of each player; the order of notes changes. Before
 * timing_apply(). */
void touch_apply(const struct plan *p, struct score *s);

/* timing.c: swing, each hand's lateness and unevenness. Before score_finish(). */
void timing_apply(const struct plan *p, struct score *s);

/* expression.c: swells and the fade at the end, vibrato, filters, pedals. After timing_apply();
 * the order of notes changes. */
void expression_apply(const struct plan *p, const struct harmony *h, struct score *s);

#endif
