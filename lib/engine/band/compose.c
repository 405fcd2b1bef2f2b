#include "engine/band/compose.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/err.h"
#include "engine/band/play.h"
#include "engine/band/styles.h"

/* All styles, read when the first piece is planned; they never change. */
static struct style *styles;
static struct err trouble;

static void
read_styles(void)
{
	struct style *list = calloc(band_style_count, sizeof *list);
	size_t n = 0;

	if (!list) abort();
	while (n < band_style_count
		&& !style_parse(&list[n], band_styles[n].name, band_styles[n].text, &trouble))
		n++;
	if (n == band_style_count) {
		styles = list;
		return;
	}
	while (n-- > 0) style_free(&list[n]);
	free(list);
}

int
compose_plan(struct composition *c, const char *prompt, const struct cJSON *attributes,
	double duration_s, uint32_t seed, const struct style_adapter *adapter, int scale,
	struct err *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct wish wish;

	*c = (struct composition){0};
	pthread_once(&once, read_styles);
	if (!styles) {
		*e = trouble;
		return -1;
	}
	prompt_read(prompt, attributes, styles, (int)band_style_count, &wish);
	plan_make(&c->plan, styles, (int)band_style_count, &wish, duration_s, seed, adapter,
		scale);
	return 0;
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
