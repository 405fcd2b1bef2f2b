/* For the tests of the band: a composition from a prompt, or the test fails. */
#ifndef EARSHOT_TESTS_ENGINE_BAND_COMPOSE_H
#define EARSHOT_TESTS_ENGINE_BAND_COMPOSE_H

#include "base/err.h"
#include "base/json.h"
#include "engine/band/compose.h"
#include "engine/band/styles.h"

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

/* Each style by the first of its words, so many seeds, through a judge. */
static inline void
each_style(void (*judge)(const struct composition *c), uint32_t seeds, double seconds)
{
	for (size_t i = 0; i < band_style_count; i++) {
		const char *words = strstr(band_styles[i].text, "\nwords") + 6;
		char prompt[128];

		words += strspn(words, " ");
		snprintf(prompt, sizeof prompt, "%.*s", (int)strcspn(words, ",\n"), words);
		for (uint32_t seed = 0; seed < seeds; seed++) {
			struct composition c;

			composed(&c, prompt, seconds, seed);
			judge(&c);
			composition_free(&c);
		}
	}
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
