#include "engine/band/room.h"

#include <math.h>
#include <string.h>

#include "base/wide.h"
#include "engine/band/tempo.h"

/* Primes, so that no two echoes meet soon. */
static const int lengths[ROOM_LINES] = { 1433, 1601, 1867, 2053, 2251, 2399, 2617, 2797 };
static const int diffusers[2][ROOM_DIFFUSERS] = { { 149, 263, 601 }, { 179, 233, 557 } };
static const float diffusion = 0.6f;

/* How much of the frame before is mixed in on each way through a line. */
static const float dullness = 0.12f;

/* Seconds of one turn of the matrix. */
static const double turn_s = 3.1;

/* A room whose echoes have fallen as far is silent. */
static const double rings_db = 110;

/* Keeps what fades away from sinking into denormal numbers, which are slow. */
static const float tiny = 1e-18f;

/* 6 dB fainter than music that comes in, where as much is sent as MIDI can say. */
static const double full_level = 1.1;

void
room_set(struct room *r, double seconds)
{
	double size = seconds < 1 ? 0.75 : seconds > 2.5 ? 1.15 : 0.75 + 0.4 * (seconds - 1) / 1.5;
	double length = 0, mixed = sqrt(ROOM_LINES);
	double turn = 2 * M_PI * ROOM_CHUNK / (turn_s * TEMPO_RATE);

	memset(r, 0, sizeof *r);
	for (int i = 0; i < ROOM_LINES; i++) {
		/* At most 1.15 × 2797, and odd again. */
		r->length[i] = (int)(lengths[i] * size) | 1;
		r->keep[i] = (float)(pow(10, -3.0 * r->length[i] / (seconds * TEMPO_RATE))
			/ (1 + dullness) / mixed);
		length += r->length[i];
	}
	r->wait = (int)((0.004 + 0.006 * seconds) * TEMPO_RATE);
	/* The energy of the echoes grows with the time that they take. */
	length /= ROOM_LINES;
	r->level = (float)(full_level * sqrt(length / (seconds * TEMPO_RATE)) * mixed);
	r->turn[0] = 1;
	r->step[0] = cos(turn);
	r->step[1] = sin(turn);
	r->rings = r->silence = (int)(seconds * rings_db / 60 * TEMPO_RATE / ROOM_CHUNK);
}

/* A chunk of a ring, `ago` frames before the one that is about to be written at `at`. */
static const float *
fetch(const float *ring, int size, int at, int ago)
{
	return ring + ((at - ago) & (size - 1));
}

/* To be called when the first chunk is new: it is there once more behind the end. */
static void
repeat(float *ring, int size)
{
	memcpy(ring + size, ring, ROOM_CHUNK * sizeof *ring);
}

/* Rings are as long as several chunks, and `at` is a multiple of one. */
static void
store(float *restrict ring, int size, int at, const float *restrict from)
{
	at &= size - 1;
	memcpy(ring + at, from, ROOM_CHUNK * sizeof *from);
	if (!at) repeat(ring, size);
}

/* All loops below are of one length and touch each frame by itself, so that the compiler may
 * work on several at once and the result is the same. new is what goes into the ring. */
static void
all_pass(float *restrict x, float *restrict new, const float *restrict old)
{
	for (int i = 0; i < ROOM_CHUNK; i++) {
		new[i] = x[i] - diffusion * old[i];
		x[i] = old[i] + diffusion * new[i];
	}
}

static void
diffuse(struct room *r, int side, float *x)
{
	float new[ROOM_CHUNK];

	for (int k = 0; k < ROOM_DIFFUSERS; k++) {
		float *ring = r->small[side][k];

		all_pass(x, new, fetch(ring, ROOM_SMALL_RING, r->at, diffusers[side][k]));
		store(ring, ROOM_SMALL_RING, r->at, new);
	}
}

/* A chunk of the lines. Each way through one dulls it a little. What one hears of them: half of
 * them end on each side, every other one upside down. Then every line goes into every line:
 * Hadamard's matrix, by sums and differences of two at a time, which makes what there is
 * sqrt(ROOM_LINES) times as loud. Two planes of two lines each are turned, by angles whose cosine
 * and sine move along turn[]. Each line takes in what comes from its side.
 *
 * All in one loop, so that the eight stay in registers, which takes two thirds of the time. What is
 * read of a ring is never what is written: no line is as short as a chunk, nor as long as its ring
 * less two. */
static void
run_lines(const float *const old[restrict ROOM_LINES], float *const new[restrict ROOM_LINES],
	const float keep[restrict ROOM_LINES], float level, float side[restrict 2][ROOM_CHUNK],
	float turn[restrict 2][ROOM_CHUNK], float out[restrict 2][ROOM_CHUNK])
{
	IN_ANY_ORDER
	for (int i = 0; i < ROOM_CHUNK; i++) {
		float x[ROOM_LINES];

		for (int k = 0; k < ROOM_LINES; k++)
			x[k] = keep[k] * old[k][i + 1] + keep[k] * dullness * old[k][i];
		out[0][i] += level * (x[0] - x[2] + (x[4] - x[6]));
		out[1][i] += level * (x[1] - x[3] + (x[5] - x[7]));

		float a0 = x[0] + x[1], a1 = x[0] - x[1], a2 = x[2] + x[3], a3 = x[2] - x[3],
			a4 = x[4] + x[5], a5 = x[4] - x[5], a6 = x[6] + x[7], a7 = x[6] - x[7];
		float b0 = a0 + a2, b2 = a0 - a2, b1 = a1 + a3, b3 = a1 - a3, b4 = a4 + a6,
			b6 = a4 - a6, b5 = a5 + a7, b7 = a5 - a7;
		float c0 = b0 + b4, c3 = b3 + b7, c5 = b1 - b5, c6 = b2 - b6;
		float left = side[0][i], right = side[1][i], c = turn[0][i], s = turn[1][i];

		new[0][i] = c * c0 - s * c3 + left;
		new[1][i] = b1 + b5 + right;
		new[2][i] = b2 + b6 + left;
		new[3][i] = s * c0 + c * c3 + right;
		new[4][i] = b0 - b4 + left;
		new[5][i] = c * c5 + s * c6 + right;
		new[6][i] = c * c6 - s * c5 + left;
		new[7][i] = b3 - b7 + right;
	}
}

/* From where the matrix stands to where it will stand behind this chunk, along a straight line. */
static void
turn_on(struct room *r, float turn[2][ROOM_CHUNK])
{
	double c = r->turn[0] * r->step[0] - r->turn[1] * r->step[1],
		s = r->turn[1] * r->step[0] + r->turn[0] * r->step[1];
	float from_c = (float)r->turn[0], from_s = (float)r->turn[1],
		dc = ((float)c - from_c) / ROOM_CHUNK, ds = ((float)s - from_s) / ROOM_CHUNK;

	for (int i = 0; i < ROOM_CHUNK; i++) {
		turn[0][i] = from_c + dc * (float)i;
		turn[1][i] = from_s + ds * (float)i;
	}
	r->turn[0] = c;
	r->turn[1] = s;
}

static bool
is_silent(const float in[2][ROOM_CHUNK])
{
	float any = 0;

	for (int c = 0; c < 2; c++)
		for (int i = 0; i < ROOM_CHUNK; i++) any = in[c][i] == 0 ? any : 1;
	return any == 0;
}

WIDE void
room_run(struct room *r, const float in[2][ROOM_CHUNK], float out[2][ROOM_CHUNK])
{
	float side[2][ROOM_CHUNK], turn[2][ROOM_CHUNK], *new[ROOM_LINES];
	const float *old[ROOM_LINES];

	r->silence = is_silent(in) ? r->silence + 1 : 0;
	if (r->silence > r->rings) {
		r->silence = r->rings;
		return;
	}
	for (int c = 0; c < 2; c++) {
		store(r->early[c], ROOM_RING, r->at, in[c]);
		memcpy(side[c], fetch(r->early[c], ROOM_RING, r->at, r->wait), sizeof side[c]);
		diffuse(r, c, side[c]);
		for (int i = 0; i < ROOM_CHUNK; i++) side[c][i] += tiny;
	}
	for (int k = 0; k < ROOM_LINES; k++) {
		old[k] = fetch(r->line[k], ROOM_RING, r->at, r->length[k] + 1);
		new[k] = r->line[k] + r->at;
	}
	turn_on(r, turn);
	run_lines(old, new, r->keep, r->level, side, turn, out);
	if (!r->at)
		for (int k = 0; k < ROOM_LINES; k++) repeat(r->line[k], ROOM_RING);
	r->at = (r->at + ROOM_CHUNK) & (ROOM_RING - 1);
}

/* Two voices on each side sway against each other; none of them comes round with another. */
static const double chorus_hz[4] = { 0.31, 0.47, 0.37, 0.43 };
static const float chorus_rest = 0.013f * TEMPO_RATE, chorus_depth = 0.0032f * TEMPO_RATE;
static const float chorus_level = 0.25f;

static float
voice_delay(double phase)
{
	return chorus_rest + chorus_depth * (float)sin(2 * M_PI * phase);
}

void
chorus_set(struct chorus *c)
{
	memset(c, 0, sizeof *c);
	for (int i = 0; i < 4; i++) c->delay[i] = voice_delay(c->phase[i] = i / 4.0);
}

/* Frames from … to - 1 of a chunk, which are all within the same frame of the ring's. */
static inline void
add_stretch(const float *restrict z, float delay, float step, int whole, int from, int to,
	float *restrict out)
{
	for (int i = from; i < to; i++) {
		float d = delay + step * (float)i;

		out[i] += chorus_level * (z[i + 1] + (d - (float)whole) * (z[i] - z[i + 1]));
	}
}

/* The delay of a chunk is a straight line; where it comes to another whole number of frames,
 * another stretch begins. */
static inline void
add_voice(struct chorus *c, int voice, float *out)
{
	const float *ring = c->ring[voice & 1];
	double phase = c->phase[voice] + chorus_hz[voice] * ROOM_CHUNK / TEMPO_RATE;
	float delay = c->delay[voice], to = voice_delay(phase), step = (to - delay) / ROOM_CHUNK;

	for (int from = 0, end; from < ROOM_CHUNK; from = end) {
		int whole = (int)(delay + step * (float)from);
		const float *z = fetch(ring, CHORUS_RING, c->at, whole + 1);

		end = ROOM_CHUNK;
		while ((int)(delay + step * (float)(end - 1)) != whole) end--;
		add_stretch(z, delay, step, whole, from, end, out);
	}
	c->phase[voice] = phase - floor(phase);
	c->delay[voice] = to;
}

WIDE void
chorus_run(struct chorus *c, const float in[2][ROOM_CHUNK], float out[2][ROOM_CHUNK])
{
	for (int side = 0; side < 2; side++) store(c->ring[side], CHORUS_RING, c->at, in[side]);
	for (int voice = 0; voice < 4; voice++) add_voice(c, voice, out[voice & 1]);
	c->at = (c->at + ROOM_CHUNK) & (CHORUS_RING - 1);
}
