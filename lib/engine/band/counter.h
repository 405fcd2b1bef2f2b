/* Inside of the second voice: what counter.c (what it does when, answers) and counter_hold.c (its
 * long notes) share. */
#ifndef EARSHOT_ENGINE_BAND_COUNTER_H
#define EARSHOT_ENGINE_BAND_COUNTER_H

#include "engine/band/play.h"

enum { COUNTER_TONES = 24 };

/* A long note in the making. */
struct span {
	int32_t tick, ticks;
	const struct chord *chord;
	int key;
	bool held;			/* the note before is suspended into it for a beat */
	int keys[COUNTER_TONES], cost[COUNTER_TONES], from[COUNTER_TONES], n;
};

/* A time without long notes: the tune is silent there and is answered, or its phrase is followed,
 * or the voice waits until it can follow. */
struct window {
	int32_t from, to;
	int first, last;		/* notes of the phrase that is answered or followed */
	int32_t later;			/* followed: by so many ticks */
	bool waits;
};

struct second {
	const struct plan *plan;
	const struct harmony *harmony;
	const struct player *me;
	int player, last;
	struct note *tune;		/* all melodies and earlier second voices, high first */
	int tunes;
	struct window *window;
	int windows;
	struct span *span;
	int spans;
};

/* The section that a tick is in; NULL before the first one. */
const struct section *counter_section(const struct second *c, int32_t tick);

/* How loud a sign of a pattern is there. */
uint8_t counter_loudness(const struct second *c, int32_t tick, char sign);

/* A note of it. sign: how loud it is, as above; even: see struct note. */
void counter_note(struct second *c, int32_t tick, int32_t ticks, int key, char sign, bool even,
	struct score *s);

/* One span for each chord, or bar of it, that no window has; its key, and whether it is suspended.
 * tune and windows are there, span is made. */
void counter_choose_holds(struct second *c);

/* The span's note, with what leads on from it to the next one. */
void counter_write_hold(struct second *c, int i, struct score *s);

#endif
