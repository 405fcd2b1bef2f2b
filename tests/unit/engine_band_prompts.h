/* For the tests of the prompt reader: what was understood of a prompt as a list of short sentences, such
 * as "style waltz", "tempo 96", "plays prominent piano", "without drums", "ignored kazoo". */
#ifndef EARSHOT_TESTS_ENGINE_BAND_PROMPTS_H
#define EARSHOT_TESTS_ENGINE_BAND_PROMPTS_H

#include "base/json.h"
#include "engine/band/title.h"
#include "engine_band_compose.h"

struct facts {
	char text[80][96];
	int n;
};

static inline void
add_fact(struct facts *f, const char *what, const char *value)
{
	if (f->n == 80) fail_msg("there are more facts than expected");
	snprintf(f->text[f->n++], sizeof f->text[0], "%s %s", what, value);
}

/* A list of the object, or one text. */
static inline void
add_facts(struct facts *f, const char *what, const cJSON *v)
{
	const cJSON *item;

	if (cJSON_IsString(v)) add_fact(f, what, v->valuestring);
	cJSON_ArrayForEach(item, v) add_fact(f, what, item->valuestring);
}

static inline const char *
asked_name(const struct wish_asked *a, char out[64])
{
	const char *words = a->instrument ? a->instrument->name
		: a->kind ? a->kind->words : role_words[a->role];

	snprintf(out, 64, "%.*s", (int)strcspn(words, ","), words);
	return out;
}

/* What prompt_read() made of a prompt. */
static inline void
facts_of(const struct wish *w, const struct style *styles, struct facts *f)
{
	struct plan bare = { .wish = *w, .tonic = w->tonic < 0 ? 0 : w->tonic, .mode = w->mode,
		.accidental = w->accidental, .meter = w->meter };
	const cJSON *said, *tempo;
	cJSON *o;
	char text[64];

	tempo_add(&bare.tempo, 0, 500000);
	o = title_understood(&bare);
	said = cJSON_GetObjectItemCaseSensitive(o, "said");
	tempo = cJSON_GetObjectItemCaseSensitive(said, "tempo");
	if (w->style >= 0) add_fact(f, "style", styles[w->style].id);
	if (w->second >= 0) add_fact(f, "second", styles[w->second].id);
	snprintf(text, sizeof text, "%g", cJSON_IsNumber(tempo) ? tempo->valuedouble : 0);
	if (cJSON_IsNumber(tempo)) add_fact(f, "tempo", text);
	else add_facts(f, "tempo", tempo);
	add_facts(f, "key", cJSON_GetObjectItemCaseSensitive(said, "key"));
	add_facts(f, "meter", cJSON_GetObjectItemCaseSensitive(said, "meter"));
	add_facts(f, "mood", cJSON_GetObjectItemCaseSensitive(said, "mood"));
	add_facts(f, "plays", cJSON_GetObjectItemCaseSensitive(said, "instruments"));
	for (int i = 0; i < w->n_excluded; i++)
		add_fact(f, "without", asked_name(&w->excluded[i], text));
	if (w->solo) add_fact(f, "solo", "");
	for (int i = 0; i < TEXTURE_COUNT; i++)
		if (w->texture[i])
			add_fact(f, w->texture[i] < 0 ? "no texture" : "texture", textures[i].name);
	add_facts(f, "section", cJSON_GetObjectItemCaseSensitive(o, "sections"));
	add_facts(f, "shape", cJSON_GetObjectItemCaseSensitive(o, "shape"));
	add_facts(f, "feel", cJSON_GetObjectItemCaseSensitive(o, "feel"));
	add_facts(f, "ending", cJSON_GetObjectItemCaseSensitive(o, "ending"));
	for (int i = 0; i < w->ignored.n; i++) add_fact(f, "ignored", w->ignored.text[i]);
	cJSON_Delete(o);
}

#endif
