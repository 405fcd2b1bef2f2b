#include "engine/engine.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"

void
engine_models_add(struct engine_models *l, const struct engine_model *m)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->list[i].id, m->id) == 0) return;
	l->list = list_grow(l->list, l->n, sizeof *l->list);
	l->list[l->n++] = *m;
}

void
engine_models_free(struct engine_models *l)
{
	free(l->list);
	*l = (struct engine_models){0};
}

const struct engine_table *
engine_find(const char *model_id, const struct engine_env *env, struct engine_model *model)
{
	const struct engine_table *found = NULL;

	for (const struct engine_table *const *t = engines; *t && !found; t++) {
		struct engine_models l = {0};

		(*t)->models(env, &l);
		for (size_t i = 0; i < l.n; i++)
			if (strcmp(l.list[i].id, model_id) == 0) {
				if (model) *model = l.list[i];
				found = *t;
			}
		engine_models_free(&l);
	}
	return found;
}

void
engine_folder_id(const char *folder, char id[ENGINE_MODEL_ID])
{
	size_t end = strlen(folder), from, n = 0;

	while (end && folder[end - 1] == '/') end--;
	for (from = end; from && folder[from - 1] != '/';) from--;
	for (; from < end && n < ENGINE_MODEL_ID - 8; from++)
		id[n++] = isalnum((unsigned char)folder[from]) || strchr("._-", folder[from])
			? folder[from] : '-';
	id[n] = '\0';
	if (!n || strcmp(id, ENGINE_DEFAULT_MODEL) == 0) strcat(id, "-folder");
}

void
engine_result_free(struct engine_result *r)
{
	pcm_free(&r->pcm);
	cJSON_Delete(r->understood);
	buf_free(&r->midi);
	buf_free(&r->codes);
	*r = (struct engine_result){0};
}
