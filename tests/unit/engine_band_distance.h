/* How far one set of pieces is from another, by statistics of their notes: for the tests of
 * learning. They know nothing of roles or figures, only what is in MIDI files. */
#ifndef EARSHOT_TESTS_ENGINE_BAND_DISTANCE_H
#define EARSHOT_TESTS_ENGINE_BAND_DISTANCE_H

#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "engine/band/learn_piece.h"

/* Histograms, each over all notes (or steps) of a piece; then means. */
enum {
	DIST_CLASSES, /* pitch classes above the tonic, by duration */
	DIST_ONSETS,
	DIST_DRUM_ONSETS, /* sixteenths of the bar */
	DIST_DRUMS,       /* which drum */
	DIST_PROGRAMS,
	DIST_REGISTER,
	DIST_VELOCITY,
	DIST_DURATION,
	DIST_GAPS,   /* between the notes of a channel, in twelfths of a beat */
	DIST_CHORDS, /* from root to root of the chords */
	DIST_HISTOGRAMS,
	DIST_BINS = 160,
	DIST_TEMPO = 0,
	DIST_NOTES,
	DIST_DRUM_NOTES,
	DIST_LOUD,
	DIST_LENGTH,
	DIST_MEANS
};

struct statistics {
	double bin[DIST_HISTOGRAMS][DIST_BINS];
	double mean[DIST_MEANS];
	int pieces;
};

static void
distance_note(const struct learn_piece *p, const struct learn_note *n, double h[][DIST_BINS],
	int32_t *last)
{
	const struct learn_part *t = &p->part[n->part];
	int place = (n->tick - p->bar[n->bar].tick + SIXTEENTH / 2) / SIXTEENTH;

	place = place < 0 ? 0 : place % 32;
	h[DIST_VELOCITY][n->velocity / 8]++;
	if (t->role == ROLE_DRUMS) {
		h[DIST_DRUM_ONSETS][place]++;
		h[DIST_DRUMS][n->key]++;
		return;
	}
	h[DIST_CLASSES][(n->key - p->tonic + 120) % 12] += n->ticks > 3840 ? 3840 : n->ticks;
	h[DIST_ONSETS][place]++;
	h[DIST_PROGRAMS][t->program]++;
	h[DIST_REGISTER][n->key / 6]++;
	h[DIST_DURATION][n->ticks < 60 ? 0 : (int)(2 * log2(n->ticks / 60.0))]++;
	if (last[n->part] >= 0 && n->tick - last[n->part] > LEARN_TOGETHER) {
		int gap = (n->tick - last[n->part] + 40) / 80;

		h[DIST_GAPS][gap < 48 ? gap : 48]++;
	}
	last[n->part] = n->tick;
}

/* Add one piece; each counts the same. */
static void
distance_add(struct statistics *s, const void *bytes, size_t n)
{
	double h[DIST_HISTOGRAMS][DIST_BINS] = { { 0 } }, beats;
	int32_t last[LEARN_PARTS];
	struct learn_piece p;
	struct smf smf;
	struct err e = { 0 };
	int drums = 0;
	int64_t loud = 0, length = 0;

	if (smf_read(&smf, bytes, n, &e)) abort();
	learn_piece_make(&p, &smf);
	learn_roles(&p);
	learn_time(&p);
	learn_key(&p);
	learn_chords(&p);
	for (int i = 0; i < LEARN_PARTS; i++)
		last[i] = -1;
	for (int i = 0; i < p.notes; i++) {
		distance_note(&p, &p.note[i], h, last);
		drums += p.part[p.note[i].part].role == ROLE_DRUMS;
		loud += p.note[i].velocity;
		if (p.part[p.note[i].part].role != ROLE_DRUMS) length += p.note[i].ticks;
	}
	for (int i = 1; i < p.chords; i++)
		h[DIST_CHORDS][(p.chord[i - 1].root - p.tonic + 12) % 12 * 12 +
			       (p.chord[i].root - p.tonic + 12) % 12]++;
	for (int k = 0; k < DIST_HISTOGRAMS; k++) {
		double sum = 0;

		for (int i = 0; i < DIST_BINS; i++)
			sum += h[k][i];
		for (int i = 0; i < DIST_BINS && sum > 0; i++)
			s->bin[k][i] += h[k][i] / sum;
	}
	beats = p.bars * p.meter.beats;
	s->mean[DIST_TEMPO] += p.bpm;
	s->mean[DIST_NOTES] += (p.notes - drums) / beats;
	s->mean[DIST_DRUM_NOTES] += drums / beats;
	s->mean[DIST_LOUD] += (double)loud / p.notes;
	s->mean[DIST_LENGTH] += p.notes > drums ? (double)length / (p.notes - drums) : 0;
	s->pieces++;
	learn_piece_free(&p);
	smf_free(&smf);
}

/* 0 … 1: the mean over all statistics. Of histograms the share that lies elsewhere; of means the
 * difference by their sum. */
static double
distance_between(const struct statistics *a, const struct statistics *b)
{
	double sum = 0;

	for (int k = 0; k < DIST_HISTOGRAMS; k++) {
		double all_a = 0, all_b = 0, off = 0;

		for (int i = 0; i < DIST_BINS; i++)
			all_a += a->bin[k][i], all_b += b->bin[k][i];
		if (all_a <= 0 || all_b <= 0) {
			sum += (all_a > 0) != (all_b > 0);
			continue;
		}
		for (int i = 0; i < DIST_BINS; i++)
			off += fabs(a->bin[k][i] / all_a - b->bin[k][i] / all_b);
		sum += off / 2;
	}
	for (int k = 0; k < DIST_MEANS; k++) {
		double x = a->mean[k] / a->pieces, y = b->mean[k] / b->pieces;

		sum += x + y > 0 ? fabs(x - y) / (x + y) : 0;
	}
	return sum / (DIST_HISTOGRAMS + DIST_MEANS);
}

#endif
