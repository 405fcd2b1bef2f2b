/* What happens to a stem between the synthesizer and the mix: the push of the kick, what vinyl
 * and tape do to the music, and an end without a click. Each stem is treated on its own, so
 * that the sum of the stems is the mix. */
#ifndef EARSHOT_ENGINE_BAND_BUS_H
#define EARSHOT_ENGINE_BAND_BUS_H

#include "audio/biquad.h"
#include "engine/band/performance.h"

enum { BUS_FRAMES = 2048 };		/* most in one call of duck_curve() */

/* How far the kick pushes others down, 0 … 1: it is there when the kick sounds, since the score
 * is known ahead, and lets go within three quarters of a beat. */
struct duck {
	const struct performance *perf;
	int next;			/* the first kick that is not over */
};

/* For frames at … at + n; calls must go forward. */
void duck_curve(struct duck *d, int64_t at, int n, float *push);

/* The sway of a record or a tape: one delay for all stems. */
struct sway {
	double phase[3], step[3], depth[3];	/* of full turns; frames */
	double rest;
};

enum { BUS_CHUNK = 64 };		/* frames: most in one call of sway_curve() and bus_run() */

/* For each frame a place between frames that are past: the weights of four, the first of which came
 * `ago` frames before the present one. */
struct sway_taps {
	int ago[BUS_CHUNK];
	float weight[4][BUS_CHUNK];
};

struct sway sway_start(const struct performance *perf);
void sway_curve(struct sway *s, int n, struct sway_taps *taps);

/* More than any delay. The first chunk is there once more behind the end. */
enum { BUS_RING = 512 };

enum { BUS_APART = 4 };			/* frames that are computed side by side */

/* What came last into a filter of one pole, and what left it. */
struct bus_pole {
	double in[BUS_APART - 1], out[BUS_APART];
};

struct bus {
	float ring[2][BUS_RING + BUS_CHUNK];
	int at;				/* frames so far, modulo BUS_RING: whole chunks */
	double last[2];			/* of the saturation */
	struct bus_pole soft[2], high[2];	/* of the low-pass and the high-pass */
	double last_in[2];		/* of the high-pass */
	frame_pair box[2];		/* of the dip of drums */
};

/* What all stems of a take have in common. */
struct bus_way {
	bool sways;
	double drive;			/* of the saturation; 0: none */
	float dull;			/* of the low-pass: how much of a new frame is let in; 1: all */
	int64_t frames;			/* of the take */
};

struct bus_way bus_way(const struct performance *perf);

/* Drums only, before bus_run(): kicks are hollowed out where they would stand in the way of the
 * bass's overtones and of low chords, and where their own pitch would be heard as a note of the
 * piece. */
void bus_hollow(struct bus *b, int n, float *left, float *right);

/* Treat n frames from frame `at` on, in place: whole chunks but for the last. taps:
 * sway_curve()'s of these frames. */
void bus_run(struct bus *b, const struct bus_way *w, const struct sway_taps *taps, int64_t at,
	int n, float *left, float *right);

#endif
