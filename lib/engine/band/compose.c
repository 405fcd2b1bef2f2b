#include "engine/band/compose.h"

#include <stdlib.h>

#include "engine/band/play.h"
#include "engine/band/styles.h"

int
compose_plan(struct composition *c, const char *prompt, const struct cJSON *attributes,
	double duration_s, uint32_t seed, const struct style_adapter *adapter, int scale,
	struct err *e)
{
	struct style *styles = calloc(band_style_count, sizeof *styles);
	struct wish wish;
	int rc = -1;

	*c = (struct composition){0};
	if (!styles) abort();
	for (size_t i = 0; i < band_style_count; i++)
		if (style_parse(&styles[i], band_styles[i].name, band_styles[i].text, e)) goto out;
	prompt_read(prompt, attributes, styles, (int)band_style_count, &wish);
	plan_make(&c->plan, styles, (int)band_style_count, &wish, duration_s, seed, adapter,
		scale);
	rc = 0;
out:
	for (size_t i = 0; i < band_style_count; i++) style_free(&styles[i]);
	free(styles);
	return rc;
}

int
compose(struct composition *c, const char *prompt, const struct cJSON *attributes,
	double duration_s, uint32_t seed, const struct style_adapter *adapter, int scale,
	struct err *e)
{
	if (compose_plan(c, prompt, attributes, duration_s, seed, adapter, scale, e)) return -1;
	harmony_make(&c->harmony, &c->plan);
	play_all(&c->plan, &c->harmony, &c->score);
	harmony_lift(&c->harmony, &c->plan);
	return 0;
}

void
composition_free(struct composition *c)
{
	score_free(&c->score);
	harmony_free(&c->harmony);
	plan_free(&c->plan);
}
