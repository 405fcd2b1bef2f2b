#include "engine/text.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "engine/engine.h"

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
text_of(const char *prompt, const cJSON *attributes, struct buf *out)
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

cJSON *
text_understood(const struct engine_request *q, const char *text)
{
	cJSON *o = json_object();

	if (strcmp(text, q->prompt) != 0) json_add_text(o, "text", text);
	return o;
}

cJSON *
text_explain(const struct engine_request *q, const char *adapter, double scale, struct err *e)
{
	struct buf text = {0};
	cJSON *o;

	(void)adapter;
	(void)scale;
	(void)e;
	text_of(q->prompt, q->attributes, &text);
	o = text_understood(q, buf_str(&text));
	buf_free(&text);
	return o;
}
