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

/* Is this its MIDI file? The composition is freed. */
static inline bool
gives_midi(struct composition *c, const struct buf *midi)
{
	struct buf own = {0};
	bool same;

	midi_of(c, &own);
	same = own.n == midi->n && memcmp(own.p, midi->p, own.n) == 0;
	buf_free(&own);
	composition_free(c);
	return same;
}

/* Do the two compositions give the same MIDI file? Both are freed. */
static inline bool
same_midi(struct composition *a, struct composition *b)
{
	struct buf midi = {0};
	bool same;

	midi_of(a, &midi);
	same = gives_midi(b, &midi);
	buf_free(&midi);
	composition_free(a);
	return same;
}

#endif
