#include "engine/band/learn_counts.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a (Fowler, Noll, Vo). */
static uint32_t
hash_of(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

static uint32_t
slot_of(const struct counts *t, const char *name)
{
	uint32_t at = hash_of(name) & (t->slots - 1);

	while (t->slot[at] && strcmp(t->item[t->slot[at] - 1].name, name) != 0)
		at = (at + 1) & (t->slots - 1);
	return at;
}

static void
make_room(struct counts *t)
{
	t->slots = t->slots ? 2 * t->slots : 64;
	free(t->slot);
	t->slot = calloc(t->slots, sizeof *t->slot);
	t->item = realloc(t->item, t->slots / 2 * sizeof *t->item);
	if (!t->slot || !t->item) abort();
	for (int i = 0; i < t->n; i++)
		t->slot[slot_of(t, t->item[i].name)] = (uint32_t)i + 1;
}

void
counts_add(struct counts *t, const char *name, int64_t count, int64_t sum)
{
	uint32_t at;

	if ((uint32_t)t->n + 1 > t->slots / 2) make_room(t);
	at = slot_of(t, name);
	if (!t->slot[at]) {
		char *own = strdup(name);

		if (!own) abort();
		t->item[t->n] = (struct counts_item){ .name = own };
		t->slot[at] = (uint32_t)++t->n;
	}
	t->item[t->slot[at] - 1].count += count;
	t->item[t->slot[at] - 1].sum += sum;
}

/* Of equally frequent ones no kind goes before another, as it would in alphabetical order. */
static int
by_count(const void *va, const void *vb)
{
	const struct counts_item *a = va, *b = vb;
	uint32_t ha = hash_of(a->name), hb = hash_of(b->name);

	if (a->count != b->count) return a->count > b->count ? -1 : 1;
	if (ha != hb) return ha < hb ? -1 : 1;
	return strcmp(a->name, b->name);
}

void
counts_sort(struct counts *t)
{
	if (t->n) qsort(t->item, (size_t)t->n, sizeof *t->item, by_count);
}

int64_t
counts_total(const struct counts *t)
{
	int64_t sum = 0;

	for (int i = 0; i < t->n; i++)
		sum += t->item[i].count;
	return sum;
}

void
counts_free(struct counts *t)
{
	for (int i = 0; i < t->n; i++)
		free(t->item[i].name);
	free(t->item);
	free(t->slot);
	*t = (struct counts){ 0 };
}
