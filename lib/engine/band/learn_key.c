/* The key of a piece, by the algorithm of Krumhansl and Schmuckler with the profiles of Krumhansl
 * and Kessler (C. L. Krumhansl, "Cognitive Foundations of Musical Pitch", 1990, chapters 2 and 4):
 * the key whose profile correlates best with how long each pitch class sounds. The bass counts
 * double, and the notes that a piece begins and ends with once more: profiles alone mistake a key
 * for its relative.
 *
 * The other modes have the profile of major or minor in which one tone, by which they are known,
 * changes places with its neighbour. */
#include "engine/band/learn_piece.h"

#include <math.h>

static const int profile[2][12] = {
	{ 635, 223, 348, 233, 438, 409, 252, 519, 239, 366, 229, 288 },
	{ 633, 268, 352, 538, 260, 353, 254, 475, 398, 269, 334, 317 },
};

static void
weigh_classes(const struct learn_piece *p, double *weight)
{
	for (int i = 0; i < p->notes; i++) {
		const struct learn_note *n = &p->note[i];
		enum role role = p->part[n->part].role;
		int32_t ticks = n->ticks > 4 * QUARTER ? 4 * QUARTER : n->ticks;

		if (role == ROLE_DRUMS || role == ROLE_COUNT) continue;
		weight[n->key % 12] += ticks * (role == ROLE_BASS ? 2 : 1);
	}
}

/* The pitch classes of the first and of the last low note. */
static void
find_ends(const struct learn_piece *p, int *first, int *last)
{
	int32_t latest = -1;
	int lowest = 128, low = 128;

	*first = *last = -1;
	for (int i = 0; i < p->notes; i++) {
		const struct learn_note *n = &p->note[i];
		enum role role = p->part[n->part].role;

		if (role == ROLE_DRUMS || role == ROLE_COUNT) continue;
		if (n->tick < p->bar[0].meter.bar && n->key < low) low = n->key, *first = low % 12;
		/* What begins in the piece's last two beats belongs together. */
		if (n->tick > latest + QUARTER) lowest = 128;
		if (n->tick >= latest) latest = n->tick;
		if (n->key < lowest) lowest = n->key, *last = lowest % 12;
	}
}

/* Pearson's correlation of the weights from a tonic on with a profile. */
static double
correlation(const double *weight, int tonic, const int *of)
{
	double mean_w = 0, mean_p = 0, both = 0, ww = 0, pp = 0;

	for (int i = 0; i < 12; i++)
		mean_w += weight[i] / 12, mean_p += of[i] / 12.0;
	for (int i = 0; i < 12; i++) {
		double w = weight[(tonic + i) % 12] - mean_w, q = of[i] - mean_p;

		both += w * q;
		ww += w * w;
		pp += q * q;
	}
	return ww > 0 ? both / sqrt(ww * pp) : 0;
}

/* Semitones above the tonic that change places, and what a mode must gain to be believed. */
static const struct {
	enum theory_mode mode;
	int minor, own, instead;
	double price;
} modes[] = {
	{ MODE_MAJOR, 0, 0, 0, 0 },
	{ MODE_MINOR, 1, 0, 0, 0 },
	{ MODE_MIXOLYDIAN, 0, 10, 11, 0.02 },
	{ MODE_DORIAN, 1, 9, 8, 0.02 },
	{ MODE_PHRYGIAN, 1, 1, 2, 0.08 },
	{ MODE_LYDIAN, 0, 6, 5, 0.08 },
};

void
learn_key(struct learn_piece *p)
{
	double weight[12] = { 0 }, best = -2;
	int first, last;

	weigh_classes(p, weight);
	find_ends(p, &first, &last);
	for (size_t m = 0; m < sizeof modes / sizeof modes[0]; m++) {
		int of[12];

		for (int i = 0; i < 12; i++)
			of[i] = profile[modes[m].minor][i];
		of[modes[m].own] = profile[modes[m].minor][modes[m].instead];
		of[modes[m].instead] = profile[modes[m].minor][modes[m].own];
		for (int tonic = 0; tonic < 12; tonic++) {
			double r = correlation(weight, tonic, of) - modes[m].price;

			r += (tonic == first ? 0.06 : 0) + (tonic == last ? 0.12 : 0);
			if (r > best) best = r, p->tonic = tonic, p->mode = modes[m].mode;
		}
	}
}
