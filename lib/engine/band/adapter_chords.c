/* Progressions drawn from the transitions that an adapter has. */
#include "engine/band/adapter_apply.h"
#include "engine/rng.h"

const int adapter_length_halves[ADAPTER_LENGTHS] = { 1, 2, 4, 8 };

static const struct adapter_chain *
chain_for(const struct style_adapter *a, enum theory_mode mode, enum theory_mode *written)
{
	*written = mode;
	if (a->chain[mode]) return a->chain[mode];
	for (int m = 0; m < MODE_COUNT; m++) {
		*written = (enum theory_mode)m;
		if (a->chain[m] && mode_is_minor(*written) == mode_is_minor(mode))
			return a->chain[m];
	}
	return NULL;
}

/* Where nothing is known to follow, it begins anew. */
static int
next_state(const struct adapter_chain *c, int state, struct rng *r)
{
	const struct adapter_state *s = &c->state[c->state[state].n ? state : 0];

	return s->next[rng_pick(r, s->weight, s->n)];
}

bool
adapter_draw_chords(const struct style_adapter *a, enum theory_mode mode, struct rng *r,
	struct progression *out)
{
	enum theory_mode written;
	const struct adapter_chain *c = chain_for(a, mode, &written);
	int state = 0, left = 0;

	if (!c) return false;
	*out = (struct progression){ .mode = written, .weight = 1, .bars = a->chain_bars };
	/* Chords begin with a bar or in its middle; longer ones than half a bar with a bar only. */
	for (int half = 0; half < 2 * a->chain_bars; half++, left--) {
		struct progression_chord *last = &out->chord[out->n - (out->n > 0)];

		if (left <= 0) {
			state = next_state(c, state, r);
			left = half % 2 ? 1
				: adapter_length_halves[rng_pick(
					r, a->length_weight, ADAPTER_LENGTHS)];
		} else if (half % 2)
			continue;
		if (half % 2) last->of = 2;
		out->chord[out->n++] = (struct progression_chord){
			.numeral = c->state[state].numeral,
			.bar = (uint8_t)(half / 2),
			.place = half % 2,
			.of = half % 2 ? 2 : 1,
		};
	}
	return true;
}
