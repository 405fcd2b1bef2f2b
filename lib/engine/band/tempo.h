/* The tempo of a piece: from which tick on a quarter note lasts how long. Exact in integers. */
#ifndef EARSHOT_ENGINE_BAND_TEMPO_H
#define EARSHOT_ENGINE_BAND_TEMPO_H

#include <stdint.h>

enum { TEMPO_CHANGES = 256, TEMPO_RATE = 48000 };

struct tempo {
	struct {
		int32_t tick;
		int32_t us;		/* microseconds of a quarter note */
	} change[TEMPO_CHANGES];	/* the first at tick 0, then ascending */
	int n;
};

void tempo_add(struct tempo *t, int32_t tick, int32_t us);

/* The frame (of 48000 a second) of a tick, rounded down, and the first tick at or behind a frame. */
int64_t tempo_frame(const struct tempo *t, int32_t tick);
int32_t tempo_tick(const struct tempo *t, int64_t frame);

int32_t tempo_us_at(const struct tempo *t, int32_t tick);
int32_t tempo_ticks_of_ms(const struct tempo *t, int32_t tick, int ms);

#endif
