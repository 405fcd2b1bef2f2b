#include "engine/musicgen/prompt.h"

#include <cjson/cJSON.h>

#include "base/err.h"
#include "base/json.h"

/* Words of an array behind "with", a comma between them. */
static void
add_list(const cJSON *list, const char **before, struct buf *out)
{
	const cJSON *word;

	cJSON_ArrayForEach(word, list) {
		if (!cJSON_IsString(word)) continue;
		buf_adds(out, *before);
		buf_adds(out, word->valuestring);
		*before = ", ";
	}
}

void
prompt_text(const char *prompt, const cJSON *attributes, struct buf *out)
{
	static const struct {
		const char *name, *before;
	} words[] = { { "style", ", " }, { "mood", ", " }, { "key", ", in " } };
	const char *with = ", with ";
	double tempo = json_real(attributes, "tempo", 0);

	buf_adds(out, prompt);
	for (size_t i = 0; i < NELEM(words); i++) {
		const char *word = json_text(attributes, words[i].name, "");

		if (*word) buf_addf(out, "%s%s", words[i].before, word);
	}
	if (tempo > 0) buf_addf(out, ", %.0f bpm", tempo);
	add_list(cJSON_GetObjectItemCaseSensitive(attributes, "primary_instruments"), &with, out);
	add_list(cJSON_GetObjectItemCaseSensitive(attributes, "secondary_instruments"), &with, out);
}
