/* For the tests of the band's adapters: adapters from text, compositions bent by them. */
#ifndef EARSHOT_TESTS_ENGINE_BAND_ADAPTER_H
#define EARSHOT_TESTS_ENGINE_BAND_ADAPTER_H

#include "engine/band/adapter_apply.h"
#include "engine/band/smf.h"
#include "engine_band_compose.h"

static inline struct style_adapter
adapter_from(const char *text)
{
	struct style_adapter a;
	struct err e = {0};

	if (adapter_parse(&a, text, strlen(text), &e)) fail_msg("%s", e.text);
	return a;
}

/* Only the members given, behind those that every adapter needs. */
static inline struct style_adapter
adapter_with(const char *members)
{
	char text[8192];

	snprintf(text, sizeof text,
		"{\"format\": \"earshot-style-adapter\", \"version\": 1, \"name\": \"Test\", "
		"\"base_model\": \"band\"%s%s}",
		*members ? ", " : "", members);
	return adapter_from(text);
}

static inline void
bent(struct composition *c, const char *prompt, double seconds, uint32_t seed,
	const struct style_adapter *a, double scale)
{
	struct err e = {0};

	if (compose(c, prompt, NULL, seconds, seed, a, adapter_scale(scale), &e))
		fail_msg("%s", e.text);
}

static inline void
midi_of(struct composition *c, struct buf *out)
{
	int n;
	struct event *events = score_events(&c->score, &c->plan, &n);

	smf_write(out, &c->plan, &c->score, events, n, 1, "Same");
	free(events);
}

/* Do the two compositions give the same MIDI file? Both are freed. */
static inline bool
same_midi(struct composition *a, struct composition *b)
{
	struct buf x = {0}, y = {0};
	bool same;

	midi_of(a, &x);
	midi_of(b, &y);
	same = x.n == y.n && memcmp(x.p, y.p, x.n) == 0;
	buf_free(&x);
	buf_free(&y);
	composition_free(a);
	composition_free(b);
	return same;
}

#endif
