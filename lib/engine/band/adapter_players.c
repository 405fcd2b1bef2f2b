/* How many play each role where an adapter says so. Nobody comes or goes at once: who is one too
 * many joins in later and later as the scale grows, until only when asked for, and who is missing,
 * earlier and earlier. */
#include <stdlib.h>
#include <string.h>

#include "engine/band/adapter_apply.h"
#include "engine/rng.h"

/* The parts of a role, those first that play most. */
static int
parts_of(const struct style *s, enum role role, int *which)
{
	int n = 0;

	for (int i = 0; i < s->parts; i++) {
		int at = n;

		if (s->part[i].role != role) continue;
		for (; at > 0 && s->part[which[at - 1]].from > s->part[i].from; at--)
			which[at] = which[at - 1];
		which[at] = i;
		n++;
	}
	return n;
}

/* 150 is two players for every other seed, at any scale. */
static int
players_of(const struct adapter_part *a, enum role role, uint32_t seed)
{
	struct rng r = rng_for(seed, "adapter players", (uint32_t)role, 0);
	int n = a->players.value / 100 + (rng_below(&r, 100) < a->players.value % 100);

	return role == ROLE_DRUMS && n > 1 ? 1 : n;
}

/* Like the others of its role, on the other side of the stage. */
static void
add_like(struct style *s, int model)
{
	struct style_part *p = &s->part[s->parts];

	*p = s->part[model];
	p->added = true;
	p->joins = p->from;
	p->from = STYLE_ON_REQUEST;
	p->pan = p->pan ? -p->pan : 24;
	p->pattern = pattern_list_copy(p->pattern, p->patterns);
	p->fill = pattern_list_copy(p->fill, p->fills);
	for (int i = 0; i < s->sections; i++)
		if (s->section[i].parts >> model & 1)
			s->section[i].parts |= (uint16_t)(1 << s->parts);
	s->parts++;
}

/* One that the style has nobody for: all that it is comes from the adapter. */
static void
add_fresh(struct style *s, const struct adapter_part *a, enum role role)
{
	struct style_part *p = &s->part[s->parts];

	if (!a->instruments) return;
	if (!a->pattern.n && role != ROLE_PAD && role != ROLE_COUNTER) return;
	style_part_init(p);
	p->role = role;
	p->from = STYLE_ON_REQUEST;
	p->added = p->fresh = true;
	memcpy(p->name, role_names[role], strlen(role_names[role]) + 1);
	for (int i = 0; i < s->sections; i++)
		s->section[i].parts |= (uint16_t)(1 << s->parts);
	s->parts++;
}

void
adapter_apply_players(const struct style_adapter *a, uint32_t seed, struct style *s)
{
	for (int role = 0; role < ROLE_COUNT; role++) {
		const struct adapter_part *part = &a->part[role];
		int which[STYLE_ALL_PARTS], n = parts_of(s, (enum role)role, which), wanted;

		if (!part->has || !part->players.has) continue;
		wanted = players_of(part, (enum role)role, seed);
		for (int i = wanted; i < n; i++)
			s->part[which[i]].surplus = true;
		for (int i = n; i < wanted && s->parts < STYLE_ALL_PARTS; i++) {
			if (n) add_like(s, which[i % n]);
			else add_fresh(s, part, (enum role)role);
		}
	}
}
