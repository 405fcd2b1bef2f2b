/* Adapter files are hostile: any bytes are refused with a sentence or read, and what was read can be
 * told and played by at any scale. The first bytes choose prompt, seed and scale. */
#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/band/adapter_apply.h"
#include "engine/band/compose.h"
#include "engine/band/title.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 3 };

static const char *const prompts[] = { "lofi", "jazz", "waltz, no drums", "rock in 7/8",
	"ambient in 6/8", "film score", "funk with sitar" };

static void
play(const struct style_adapter *a, const uint8_t *head)
{
	struct composition c;
	struct err e;
	int scale = head[2] * ADAPTER_MOST / 255;

	if (compose(&c, prompts[head[0] % NELEM(prompts)], NULL, 1 + head[1] % 40, head[1], a,
		    scale, &e))
		abort();
	for (int i = 0; i < c.score.notes; i++) {
		const struct note *n = &c.score.note[i];

		if (n->tick < 0 || n->ticks < 1 || n->tick + n->ticks > c.score.end
			|| n->velocity < 1 || n->velocity > 127 || n->key > 127)
			abort();
	}
	cJSON_Delete(title_understood(&c.plan));
	composition_free(&c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct style_adapter a;
	struct err e = {0};

	if (size < HEAD) return 0;
	if (adapter_parse(&a, (const char *)data + HEAD, size - HEAD, &e)) {
		if (e.kind != ERR_INVALID || !*e.text || !str_is_utf8(e.text, strlen(e.text)))
			abort();
		return 0;
	}
	cJSON_Delete(adapter_about(&a));
	play(&a, data);
	adapter_free(&a);
	return 0;
}
