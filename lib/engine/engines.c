#include "engine/engine.h"

#include <cjson/cJSON.h>
#include <string.h>

extern const struct engine_table band_engine;

const struct engine_table *const engines[] = {
	&band_engine,
	NULL,
};

const struct engine_table *
engine_find(const char *model_id, const struct engine_model **model)
{
	for (const struct engine_table *const *t = engines; *t; t++) {
		size_t n;
		const struct engine_model *m = (*t)->models(&n);

		for (size_t i = 0; i < n; i++)
			if (strcmp(m[i].id, model_id) == 0) {
				if (model) *model = &m[i];
				return *t;
			}
	}
	return NULL;
}

void
engine_result_free(struct engine_result *r)
{
	pcm_free(&r->pcm);
	cJSON_Delete(r->understood);
	buf_free(&r->midi);
	*r = (struct engine_result){0};
}
