/* For the tests of the band: a composition from a prompt, or the test fails. */
#ifndef EARSHOT_TESTS_ENGINE_BAND_COMPOSE_H
#define EARSHOT_TESTS_ENGINE_BAND_COMPOSE_H

#include "base/err.h"
#include "base/json.h"
#include "engine/band/compose.h"

static inline void
composed(struct composition *c, const char *prompt, double seconds, uint32_t seed)
{
	struct err e = {0};

	if (compose(c, prompt, NULL, seconds, seed, NULL, 0, &e)) fail_msg("%s", e.text);
}

/* With attributes in JSON, plan only. */
static inline void
planned(struct composition *c, const char *prompt, const char *attributes, double seconds,
	uint32_t seed)
{
	struct err e = {0};
	cJSON *tree = attributes ? json_parse(attributes, strlen(attributes), &e) : NULL;

	if (attributes && !tree) fail_msg("%s: %s", attributes, e.text);
	if (compose_plan(c, prompt, tree, seconds, seed, NULL, 0, &e)) fail_msg("%s", e.text);
	cJSON_Delete(tree);
}

static inline bool
plays(const struct plan *p, const char *instrument)
{
	for (int i = 0; i < p->players; i++)
		if (strcmp(p->player[i].instrument->name, instrument) == 0) return true;
	return false;
}

static inline bool
plays_role(const struct plan *p, enum role role)
{
	for (int i = 0; i < p->players; i++)
		if (p->player[i].role == role) return true;
	return false;
}

#endif
