/* How tunes move: from note to note, over which tones of the key, and when they rest. */
#include <stdlib.h>

#include "engine/band/learn_sums.h"

/* The upper line of the part: of notes that begin together the highest. */
static void
add_part(struct learn *l, const struct learn_piece *p, int which)
{
	struct learn_role *r = &l->role[p->part[which].role];
	int32_t at = -1, end = 0;
	int key = -1, before = -1, bar = -1;

	for (int i = 0; i <= p->notes; i++) {
		const struct learn_note *n = &p->note[i];

		if (i < p->notes && n->part != which) continue;
		if (i < p->notes && n->at == at) {
			if (n->key > key) key = n->key;
			continue;
		}
		/* The note before is known now. */
		if (key >= 0) {
			r->tone[(key - p->tonic + 12) % 12]++;
			if (before >= 0) {
				int step = key - before;

				step = step > LEARN_INTERVAL    ? LEARN_INTERVAL
				       : step < -LEARN_INTERVAL ? -LEARN_INTERVAL
								: step;
				r->interval[step + LEARN_INTERVAL]++;
			}
		}
		if (i == p->notes) break;
		/* Behind a long silence it begins anew. */
		before = key >= 0 && n->at - end <= p->bar[n->bar].meter.bar ? key : -1;
		if (bar >= 0 && n->bar > bar + 1) r->rests += n->bar - bar - 1;
		key = n->key;
		at = n->at;
		end = n->at + n->length;
		bar = n->bar;
	}
}

void
learn_add_line(struct learn *l, const struct learn_piece *p)
{
	for (int i = 0; i < p->parts; i++)
		if (p->part[i].role == ROLE_MELODY) add_part(l, p, i);
}
