/* The figures that are played, bar by bar, in the notation of patterns: whatever comes often is
 * worth learning. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "engine/band/learn_sums.h"

enum {
	DRUM_ROWS = 12, /* in a bar; rarer drums are left out */
	FIGURE_TEXT = 4000,
	MOST_CELLS = 12,
	CRASH = 49,
	CRASH2 = 57,
	TOMS_LOW = 41,
	TOMS_HIGH = 50,
};

/* The notes of one part in one bar. */
struct bar_notes {
	const struct learn_piece *piece;
	const struct learn_bar *bar;
	const struct learn_part *part;
	const struct learn_note *const *note; /* by `at` */
	int n;
	int32_t sounds; /* until then a note from before the bar does */
};

char
learn_sign(int above, bool drums)
{
	if (drums && above <= -26) return 'g';
	return above >= 7 ? 'X' : above <= -8 ? 'o' : 'x';
}

int
learn_sign_velocity(char sign)
{
	return sign == 'X' ? 13 : sign == 'o' ? -16 : sign == 'g' ? -36 : 0;
}

/* Into how many cells the bar's notes divide that beat. */
static int
cells_of(const struct bar_notes *b, int32_t start, int32_t end)
{
	int cells = end - start == 3 * EIGHTH ? 6 : 4;

	for (int i = 0; i < b->n; i++)
		if (b->note[i]->at >= start && b->note[i]->at < end) cells = b->note[i]->cells;
	return cells < MOST_CELLS ? cells : MOST_CELLS;
}

/* A row of signs. sign_at(ctx, from, to) is that of what begins in from … to-1, or 0; *until is set
 * to where it ends. hold: `-` while it sounds. */
static void
write_row(const struct bar_notes *b, bool hold,
	char (*sign_at)(
		const struct bar_notes *b, int what, int32_t from, int32_t to, int32_t *until),
	int what, struct buf *out)
{
	const struct meter *m = &b->bar->meter;
	int32_t sounds = b->sounds, start = b->bar->tick;

	for (int beat = 0; beat < m->beats; start += m->beat[beat++]) {
		int cells = cells_of(b, start, start + m->beat[beat]);

		if (beat) buf_addc(out, '|');
		for (int c = 0; c < cells; c++) {
			int32_t from = start + c * m->beat[beat] / cells;
			int32_t to = start + (c + 1) * m->beat[beat] / cells, until = 0;
			char sign = sign_at(b, what, from, to, &until);

			if (sign) sounds = until;
			buf_addc(out, sign ? sign : hold && from < sounds ? '-' : '.');
		}
	}
}

static char
drum_sign(const struct bar_notes *b, int drum, int32_t from, int32_t to, int32_t *until)
{
	int loudest = -1;

	*until = to;
	for (int i = 0; i < b->n; i++)
		if (b->note[i]->key == drum && b->note[i]->at >= from && b->note[i]->at < to &&
			b->note[i]->velocity > loudest)
			loudest = b->note[i]->velocity;
	return loudest < 0 ? 0 : learn_sign(loudest - b->part->loud, true);
}

/* Rows by drum, each behind its name: "kick X...|….;hat x.x.|…"; of many drums the most played. */
static void
write_drums(const struct bar_notes *b, struct buf *out)
{
	int count[128] = { 0 }, rows = 0;
	bool chosen[128] = { false };

	for (int i = 0; i < b->n; i++)
		if (style_drum_name(b->note[i]->key)) count[b->note[i]->key]++;
	for (; rows < DRUM_ROWS; rows++) {
		int best = 0;

		for (int k = 1; k < 128; k++)
			if (!chosen[k] && count[k] > count[best]) best = k;
		if (!best) break;
		chosen[best] = true;
	}
	for (int k = 1; k < 128; k++) {
		if (!chosen[k]) continue;
		buf_addf(out, "%s ", style_drum_name(k));
		write_row(b, false, drum_sign, k, out);
		if (--rows) buf_addc(out, ';');
	}
	if (!out->n || out->p[out->n - 1] == ' ') buf_reset(out); /* no drum with a name */
}

/* What begins in from … to-1: how many notes, which is the lowest, the loudest, where they end. */
static int
struck(const struct bar_notes *b, int32_t from, int32_t to, const struct learn_note **lowest,
	int *loud, int32_t *until)
{
	int n = 0;

	*lowest = NULL;
	*loud = 0;
	*until = 0;
	for (int i = 0; i < b->n; i++) {
		const struct learn_note *v = b->note[i];

		if (v->at < from || v->at >= to) continue;
		if (!*lowest || v->key < (*lowest)->key) *lowest = v;
		if (v->velocity > *loud) *loud = v->velocity;
		if (v->at + v->length > *until) *until = v->at + v->length;
		n++;
	}
	return n;
}

static char
melody_sign(const struct bar_notes *b, int what, int32_t from, int32_t to, int32_t *until)
{
	const struct learn_note *low;
	int loud;

	(void)what;
	if (!struck(b, from, to, &low, &loud, until)) return 0;
	return learn_sign(loud - b->part->loud, false);
}

/* Roots, thirds, fifths and sevenths of the chord, its octave, what leads to the next chord by a
 * step, and all else as a walk. */
static char
bass_sign(const struct bar_notes *b, int what, int32_t from, int32_t to, int32_t *until)
{
	const struct learn_note *n;
	const struct learn_chord *c, *next;
	int loud, above, low = 128;

	(void)what;
	if (!struck(b, from, to, &n, &loud, until)) return 0;
	c = learn_chord_at(b->piece, n->at);
	if (!c) return 'R';
	if (n->key % 12 == c->bass) {
		for (int i = 0; i < b->n; i++)
			if (b->note[i]->key % 12 == c->bass && b->note[i]->key < low)
				low = b->note[i]->key;
		return n->key >= low + 12 ? '8' : 'R';
	}
	next = c + 1 < b->piece->chord + b->piece->chords ? c + 1 : NULL;
	if (next && next->tick - n->at <= QUARTER && next->tick > n->at) {
		int step = (n->key - next->bass + 144) % 12;

		if (step == 1 || step == 2 || step == 10 || step == 11) return 'a';
	}
	above = (n->key - c->root + 144) % 12;
	return above == 0                 ? 'R'
	       : above >= 3 && above <= 4 ? '3'
	       : above == 7               ? '5'
	       : above >= 9               ? '7'
					  : 'w';
}

/* Several notes are the chord; one alone is its bass, or that voice of those that the bar has. */
static char
chords_sign(const struct bar_notes *b, int what, int32_t from, int32_t to, int32_t *until)
{
	const struct learn_note *n;
	const struct learn_chord *c;
	int loud, count = struck(b, from, to, &n, &loud, until), below = 0, next = 128;
	bool seen[128] = { false };

	(void)what;
	if (!count) return 0;
	if (count > 1) return learn_sign(loud - b->part->loud, false);
	c = learn_chord_at(b->piece, n->at);
	for (int i = 0; i < b->n; i++) {
		int key = b->note[i]->key;

		if (key < n->key && !seen[key]) below++;
		if (key > n->key && key < next) next = key;
		seen[key] = true;
	}
	if (!below && c && n->key % 12 == c->bass && next < 128 && next - n->key >= 5) return 'b';
	return (char)('1' + (below < 8 ? below : 8));
}

/* The bar as text; nothing for a role that has no figures. */
static void
write_figure(const struct bar_notes *b, enum role role, struct buf *out)
{
	buf_addf(out, "%d/%d ", b->bar->meter.num, b->bar->meter.den);
	switch (role) {
	case ROLE_DRUMS:
		write_drums(b, out);
		break;
	case ROLE_BASS:
		write_row(b, true, bass_sign, 0, out);
		break;
	case ROLE_CHORDS:
		write_row(b, true, chords_sign, 0, out);
		break;
	case ROLE_MELODY:
		write_row(b, true, melody_sign, 0, out);
		break;
	default:
		buf_reset(out);
	}
}

static int
by_at(const void *va, const void *vb)
{
	const struct learn_note *a = *(const struct learn_note *const *)va,
				*b = *(const struct learn_note *const *)vb;

	if (a->at != b->at) return a->at < b->at ? -1 : 1;
	if (a->key != b->key) return a->key < b->key ? -1 : 1;
	return (a->velocity > b->velocity) - (a->velocity < b->velocity);
}

/* Does the drummer leave his groove here, for what comes? Toms and rolls where the bars around have
 * none, before a cymbal or at the end of four bars. */
static bool
is_fill(char *const *figure, int bars, int bar, const bool *cymbal, const int *busy)
{
	bool ends = bar % 4 == 3 || (bar + 1 < bars && cymbal[bar + 1]);

	if (!ends || bar < 2 || !figure[bar] || !figure[bar - 1]) return false;
	if (strcmp(figure[bar], figure[bar - 1]) == 0) return false;
	return busy[bar] >= 3 && busy[bar] > busy[bar - 1] && busy[bar] > busy[bar - 2];
}

/* The row of a bar without a note. */
static void
add_silence(struct buf *out, const struct meter *m)
{
	for (int beat = 0; beat < m->beats; beat++)
		buf_adds(out, beat ? "|." : ".");
}

/* A bar's row; what it holds from the bar before is silence where nothing holds there. */
static void
add_row(struct buf *out, const char *row, size_t n, bool held)
{
	size_t lead = held ? 0 : strspn(row, "-|");

	for (size_t i = 0; i < n; i++)
		buf_addc(out, i < lead && row[i] == '-' ? '.' : row[i]);
}

/* One row over several bars: those where its drum (or the part) is silent are written out. */
static void
join_row(struct buf *out, char *const *figure, const struct learn_bar *bar, int n, const char *drum)
{
	size_t len = drum ? strlen(drum) : 0;

	for (int i = 0; i < n; i++) {
		const char *row = figure[i] ? strchr(figure[i], ' ') + 1 : NULL;

		while (row && drum && (strncmp(row, drum, len) != 0 || row[len] != ' ')) {
			row = strchr(row, ';');
			if (row) row++;
		}
		if (i) buf_addc(out, ' ');
		if (!row) add_silence(out, &bar[i].meter);
		else if (drum) add_row(out, row + len + 1, strcspn(row + len + 1, ";"), false);
		else add_row(out, row, strlen(row), i && figure[i - 1]);
	}
}

/* Bars from `bar` on as one figure of n bars; false where the meter changes or all are silent. */
static bool
join_bars(struct buf *out, char *const *figure, const struct learn_bar *bar, int n, bool drums)
{
	int rows = 0, sounding = 0;

	buf_reset(out);
	for (int i = 0; i < n; i++) {
		sounding += figure[i] != NULL;
		if (bar[i].meter.num != bar[0].meter.num || bar[i].meter.den != bar[0].meter.den)
			return false;
	}
	if (!sounding) return false;
	buf_addf(out, "%d/%d ", bar[0].meter.num, bar[0].meter.den);
	if (!drums) {
		join_row(out, figure, bar, n, NULL);
		return true;
	}
	for (int k = 1; k < 128 && rows < DRUM_ROWS; k++) {
		const char *name = style_drum_name(k);
		bool played = false;

		for (int i = 0; i < n && name && !played; i++) {
			const char *at = figure[i] ? strchr(figure[i], ' ') : NULL;

			while (at && !played) {
				size_t len = strlen(name);

				played = strncmp(at + 1, name, len) == 0 && at[1 + len] == ' ';
				at = strchr(at + 1, ';');
			}
		}
		if (!played) continue;
		if (rows++) buf_addc(out, ';');
		buf_addf(out, "%s ", name);
		join_row(out, figure, bar, n, name);
	}
	return true;
}

/* As it was played, phrase by phrase: four bars of the others, two of a tune, whose motifs are so
 * long. A drummer's fill is counted on its own as well. */
static void
count_figures(struct learn_role *r, enum role role, const struct learn_piece *p,
	char *const *figure, const bool *cymbal, const int *busy, const int *notes)
{
	int n = role == ROLE_MELODY ? 2 : 4;
	struct buf text = { 0 };

	for (int i = 0; i < p->bars; i++)
		if (role == ROLE_DRUMS && figure[i] && is_fill(figure, p->bars, i, cymbal, busy))
			counts_add(&r->fills, figure[i], 1, p->bar[i].energy);
	for (int i = 0; i < p->bars; i += n) {
		int left = p->bars - i < n ? p->bars - i : n, energy = 0, all = 0;

		for (int k = 0; k < left; k++)
			all += notes[i + k];
		if (all > PATTERN_MAX_STEPS) continue;
		if (!join_bars(&text, figure + i, p->bar + i, left, role == ROLE_DRUMS)) continue;
		for (int k = 0; k < left; k++)
			energy += p->bar[i + k].energy;
		if (text.n <= FIGURE_TEXT) counts_add(&r->figures, text.p, 1, energy / left);
	}
	buf_free(&text);
}

static void
add_part(struct learn *l, const struct learn_piece *p, int which)
{
	const struct learn_part *t = &p->part[which];
	struct learn_role *r = &l->role[t->role];
	char **figure = calloc((size_t)p->bars + 1, sizeof *figure);
	bool *cymbal = calloc((size_t)p->bars + 1, sizeof *cymbal);
	int *busy = calloc((size_t)p->bars + 1, sizeof *busy), n = 0;
	int *notes = calloc((size_t)p->bars + 1, sizeof *notes);
	const struct learn_note **own = calloc((size_t)t->notes + 1, sizeof *own);
	int32_t sounds = 0;

	if (!figure || !cymbal || !busy || !notes || !own) abort();
	for (int i = 0; i < p->notes; i++)
		if (p->note[i].part == which) own[n++] = &p->note[i];
	qsort(own, (size_t)n, sizeof *own, by_at);
	for (int from = 0, to; from < n; from = to) {
		int bar = own[from]->bar;
		const struct learn_bar *at = &p->bar[bar];
		struct bar_notes b = { p, at, t, own + from, 0, sounds };
		struct buf text = { 0 };

		for (to = from; to < n && own[to]->bar == bar; to++) {
			int key = own[to]->key, into = own[to]->at - at->tick;

			b.n++;
			cymbal[bar] |= into == 0 && (key == CRASH || key == CRASH2);
			busy[bar] += into >= at->meter.bar / 2 &&
				     (key == 38 || key == 40 ||
					     (key >= TOMS_LOW && key <= TOMS_HIGH && key != 42 &&
						     key != 44 && key != 46 && key != CRASH));
		}
		write_figure(&b, t->role, &text);
		if (text.n) figure[bar] = strdup(text.p);
		buf_free(&text);
		notes[bar] = b.n;
		sounds = own[to - 1]->at + own[to - 1]->length;
	}
	count_figures(r, t->role, p, figure, cymbal, busy, notes);
	for (int i = 0; i < p->bars; i++)
		free(figure[i]);
	free(figure);
	free(cymbal);
	free(busy);
	free(notes);
	free(own);
}

void
learn_add_figures(struct learn *l, const struct learn_piece *p)
{
	for (int i = 0; i < p->parts; i++)
		if (p->part[i].role != ROLE_COUNT && p->part[i].notes) add_part(l, p, i);
}
