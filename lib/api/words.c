#include "api/words.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

enum { WORD = 100, MAX_INSTRUMENTS = 20, MAX_DURATION_S = 3600 };

struct attributes {
	char style[4 * WORD + 1], key[4 * WORD + 1], mood[4 * WORD + 1];
	double tempo, duration;
	bool has_tempo, has_duration;
	const cJSON *primary_instruments, *secondary_instruments;
};

static const struct json_field fields[] = {
	J_TEXT(struct attributes, style, 1, WORD),
	J_REAL_OPT(struct attributes, tempo, has_tempo, 40, 200),
	J_TEXT(struct attributes, key, 1, WORD),
	J_ARRAY(struct attributes, primary_instruments, 0, MAX_INSTRUMENTS),
	J_ARRAY(struct attributes, secondary_instruments, 0, MAX_INSTRUMENTS),
	J_TEXT(struct attributes, mood, 1, WORD),
	J_REAL_OPT(struct attributes, duration, has_duration, 1, MAX_DURATION_S),
};

static void
check_list(const cJSON *list, const char *name, struct err *e)
{
	const cJSON *word;
	int i = 0;

	cJSON_ArrayForEach(word, list) {
		char field[64];

		snprintf(field, sizeof field, "attributes.%s[%d]", name, i++);
		if (!cJSON_IsString(word)) err_field(e, field, "must be text");
		else if (!*word->valuestring || str_chars(word->valuestring) > WORD)
			err_field(e, field, "must have 1 to %d characters", WORD);
	}
}

void
words_check_text(const char *text, const char *field, struct err *e)
{
	if (*text && !text[strspn(text, " \t\r\n\v\f")]) err_field(e, field, "must not be blank");
}

void
words_read_attributes(const cJSON *attributes, struct buf *out, struct err *e)
{
	struct attributes a = {0};
	struct err mine;

	if (!attributes) return;
	json_read(attributes, fields, NELEM(fields), "attributes.", &a, &mine);
	check_list(a.primary_instruments, "primary_instruments", &mine);
	check_list(a.secondary_instruments, "secondary_instruments", &mine);
	for (int i = 0; i < mine.n_fields; i++)
		err_field(e, mine.fields[i].field, "%s", mine.fields[i].detail);
	if (!mine.n_fields) json_print(attributes, out);
}
