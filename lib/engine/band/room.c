#include "engine/band/room.h"

#include <math.h>
#include <string.h>

#include "engine/band/tempo.h"

/* Primes, so that no two echoes meet soon. */
static const int lengths[ROOM_LINES] = { 1433, 1601, 1867, 2053, 2251, 2399, 2617, 2797 };
static const int diffusers[2][ROOM_DIFFUSERS] = { { 149, 263, 601 }, { 179, 233, 557 } };
static const float diffusion = 0.6f;

/* Seconds of one turn of the matrix. */
static const double turn_s = 3.1;

/* Keeps what fades away from sinking into denormal numbers, which are slow. */
static const float tiny = 1e-18f;

/* As loud as its input where as much is sent as MIDI can say. */
static const double full_level = 1.1;

void
room_set(struct room *r, double seconds)
{
	double size = seconds < 1 ? 0.75 : seconds > 2.5 ? 1.15 : 0.75 + 0.4 * (seconds - 1) / 1.5;
	double length = 0;

	memset(r, 0, sizeof *r);
	for (int i = 0; i < ROOM_LINES; i++) {
		/* At most 1.15 × 2797, and odd again. */
		r->length[i] = (int)(lengths[i] * size) | 1;
		r->keep[i] = (float)pow(10, -3.0 * r->length[i] / (seconds * TEMPO_RATE));
		length += r->length[i];
	}
	r->dull = 0.12f;
	r->wait = (int)((0.004 + 0.006 * seconds) * TEMPO_RATE);
	/* The energy of the echoes grows with the time that they take. */
	length /= ROOM_LINES;
	r->level = (float)(full_level * sqrt(length / (seconds * TEMPO_RATE)));
}

/* A chunk of a ring, `ago` frames before the one that is about to be written at `at`. */
static const float *
fetch(const float *ring, int size, int at, int ago)
{
	return ring + ((at - ago) & (size - 1));
}

/* Rings are as long as several chunks, and `at` is a multiple of one. */
static void
store(float *restrict ring, int size, int at, const float *restrict from)
{
	at &= size - 1;
	memcpy(ring + at, from, ROOM_CHUNK * sizeof *from);
	if (!at) memcpy(ring + size, from, ROOM_CHUNK * sizeof *from);
}

/* Both at once; new is what goes into the ring. */
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

static void
sum_and_difference(float *restrict x, float *restrict y)
{
	const float half = 0.70710678f;

	for (int i = 0; i < ROOM_CHUNK; i++) {
		float a = x[i], b = y[i];

		x[i] = half * (a + b);
		y[i] = half * (a - b);
	}
}

/* Every line into every line, no louder and no softer: Hadamard's matrix, by sums and differences of
 * two lines each. */
static void
mix_lines(float x[ROOM_LINES][ROOM_CHUNK])
{
	for (int step = 1; step < ROOM_LINES; step *= 2)
		for (int k = 0; k < ROOM_LINES; k++)
			if (!(k & step)) sum_and_difference(x[k], x[k + step]);
}

/* Turn the plane of two lines by an angle that moves from one frame to the next. */
static void
turn_lines(float *restrict a, float *restrict b, double from, double to)
{
	float c = (float)cos(from), s = (float)sin(from);
	float dc = ((float)cos(to) - c) / ROOM_CHUNK, ds = ((float)sin(to) - s) / ROOM_CHUNK;

	for (int i = 0; i < ROOM_CHUNK; i++) {
		float x = a[i], y = b[i], ci = c + dc * (float)i, si = s + ds * (float)i;

		a[i] = ci * x - si * y;
		b[i] = si * x + ci * y;
	}
}

static void
dull(float *restrict x, const float *restrict line, float keep, float rest)
{
	for (int i = 0; i < ROOM_CHUNK; i++) x[i] = keep * line[i + 1] + rest * line[i] + tiny;
}

static void
add(float *restrict sum, const float *restrict x, float much)
{
	for (int i = 0; i < ROOM_CHUNK; i++) sum[i] += much * x[i];
}

void
room_run(struct room *r, float *const in[2], float *const out[2])
{
	float x[ROOM_LINES][ROOM_CHUNK], side[2][ROOM_CHUNK];
	double to = r->turn + ROOM_CHUNK / (turn_s * TEMPO_RATE);

	for (int c = 0; c < 2; c++) {
		store(r->early[c], ROOM_RING, r->at, in[c]);
		memcpy(side[c], fetch(r->early[c], ROOM_RING, r->at, r->wait), sizeof side[c]);
		diffuse(r, c, side[c]);
	}
	/* Each way through a line dulls it a little. */
	for (int k = 0; k < ROOM_LINES; k++) {
		float keep = r->keep[k] / (1 + r->dull);

		dull(x[k], fetch(r->line[k], ROOM_RING, r->at, r->length[k] + 1), keep,
			keep * r->dull);
		add(out[k & 1], x[k], k & 2 ? -r->level : r->level);
	}
	mix_lines(x);
	turn_lines(x[0], x[3], 2 * M_PI * r->turn, 2 * M_PI * to);
	turn_lines(x[5], x[6], -2 * M_PI * r->turn, -2 * M_PI * to);
	for (int k = 0; k < ROOM_LINES; k++) {
		add(x[k], side[k & 1], 1);
		store(r->line[k], ROOM_RING, r->at, x[k]);
	}
	r->turn = to - floor(to);
	r->at = (r->at + ROOM_CHUNK) & (ROOM_RING - 1);
}

/* Two voices on each side sway against each other; none of them comes round with another. */
static const double chorus_hz[4] = { 0.31, 0.47, 0.37, 0.43 };
static const float chorus_rest = 0.013f * TEMPO_RATE, chorus_depth = 0.0032f * TEMPO_RATE;
static const float chorus_level = 0.25f;

void
chorus_set(struct chorus *c)
{
	memset(c, 0, sizeof *c);
	for (int i = 0; i < 4; i++) c->phase[i] = i / 4.0;
}

static void
add_voice(struct chorus *c, int voice, float *restrict out)
{
	const float *ring = c->ring[voice & 1];
	double from = c->phase[voice], to = from + chorus_hz[voice] * ROOM_CHUNK / TEMPO_RATE;
	float delay = chorus_rest + chorus_depth * (float)sin(2 * M_PI * from),
		step = (chorus_rest + chorus_depth * (float)sin(2 * M_PI * to) - delay) / ROOM_CHUNK;

	for (int i = 0; i < ROOM_CHUNK; i++, delay += step) {
		int whole = (int)delay, at = c->at + i - whole + CHORUS_RING;
		float part = delay - (float)whole, a = ring[at & (CHORUS_RING - 1)],
			b = ring[(at - 1) & (CHORUS_RING - 1)];

		out[i] += chorus_level * (a + part * (b - a));
	}
	c->phase[voice] = to - floor(to);
}

void
chorus_run(struct chorus *c, float *const in[2], float *const out[2])
{
	for (int side = 0; side < 2; side++) store(c->ring[side], CHORUS_RING, c->at, in[side]);
	for (int voice = 0; voice < 4; voice++) add_voice(c, voice, out[voice & 1]);
	c->at = (c->at + ROOM_CHUNK) & (CHORUS_RING - 1);
}
