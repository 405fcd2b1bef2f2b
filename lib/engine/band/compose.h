/* From a prompt to a score, all in one. Pure: the same arguments give the same score everywhere. */
#ifndef EARSHOT_ENGINE_BAND_COMPOSE_H
#define EARSHOT_ENGINE_BAND_COMPOSE_H

#include "engine/band/harmony.h"
#include "engine/band/plan.h"
#include "engine/band/score.h"

struct cJSON;
struct err;

/* Do not move or copy: the parts refer to each other. */
struct composition {
	struct plan plan;
	struct harmony harmony;
	struct score score;
};

/* The adapter (NULL: none) must stay until composition_free(), which releases all that is in *c; scale
 * is of ADAPTER_ONE, 0 is the base model. -1 only if a style that is linked in has an error. */
int compose(struct composition *c, const char *prompt, const struct cJSON *attributes,
	double duration_s, uint32_t seed, const struct style_adapter *adapter, int scale,
	struct err *e);

/* Only the plan. Release in the same way. */
int compose_plan(struct composition *c, const char *prompt, const struct cJSON *attributes,
	double duration_s, uint32_t seed, const struct style_adapter *adapter, int scale,
	struct err *e);

void composition_free(struct composition *c);

#endif
