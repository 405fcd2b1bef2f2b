/* Prompts are hostile: any bytes must be understood somehow and composed. The first bytes choose
 * seed,
 * duration and whether the rest also serves as attributes. */
#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "engine/band/compose.h"
#include "engine/band/title.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 2 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct composition c;
	struct err e;
	char *text;
	const char *brace;
	cJSON *attributes = NULL;
	double seconds;

	if (size < HEAD || size > 8000) return 0;
	text = malloc(size - HEAD + 1);
	if (!text) abort();
	memcpy(text, data + HEAD, size - HEAD);
	text[size - HEAD] = '\0';
	brace = strchr(text, '{');
	if (brace) attributes = json_parse(brace, strlen(brace), &e);
	seconds = 0.1 + data[1] * data[1] / 300.0;
	if (compose(&c, text, attributes, seconds, data[0], NULL, 0, &e)) abort();
	for (int i = 0; i < c.score.notes; i++)
		if (c.score.note[i].tick < 0
			|| c.score.note[i].tick + c.score.note[i].ticks > c.score.end) abort();
	cJSON_Delete(title_understood(&c.plan));
	composition_free(&c);
	cJSON_Delete(attributes);
	free(text);
	return 0;
}
