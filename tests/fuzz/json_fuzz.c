/* Any bytes as JSON: refused with a sentence, or a tree whose text reads back as the same tree; and
 * a table reads any tree. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const colours[] = { "red", "green", NULL };

struct body {
	char text[4 * 20 + 1];
	int64_t n;
	bool has_n;
	double r;
	bool b;
	int c;
	struct uuid id;
	const cJSON *object, *array;
};

static const struct json_field fields[] = {
	J_TEXT_REQ(struct body, text, 1, 20),
	J_INT_OPT(struct body, n, has_n, -10, 10),
	J_REAL(struct body, r, 0, 1, 0.5),
	J_BOOL(struct body, b, true),
	J_CHOICE(struct body, c, colours, 1),
	J_ID(struct body, id),
	J_OBJECT(struct body, object),
	J_ARRAY(struct body, array, 0, 3),
};

static void
read_by_table(const cJSON *tree)
{
	struct body b = {0};
	struct err e;

	if (json_read(tree, fields, NELEM(fields), "", &b, &e)) {
		check_refusal(&e);
		for (int i = 0; i < e.n_fields; i++)
			if (!str_is_utf8(e.fields[i].field, strlen(e.fields[i].field))) abort();
		return;
	}
	if (!*b.text || str_chars(b.text) > 20 || b.n < -10 || b.n > 10 ||
		!(b.r >= 0 && b.r <= 1) || b.c < 0 || b.c > 1)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf once = {0}, twice = {0};
	struct err e = {0};
	cJSON *tree = json_parse((const char *)data, size, &e), *again;

	if (!tree) {
		if (e.kind != ERR_UNREADABLE || !*e.text) abort();
		return 0;
	}
	read_by_table(tree);
	json_print(tree, &once);
	if (!(again = json_parse(once.p, once.n, &e))) abort();
	json_print(again, &twice);
	if (once.n != twice.n || memcmp(once.p, twice.p, once.n) != 0) abort();
	cJSON_Delete(tree);
	cJSON_Delete(again);
	buf_free(&once);
	buf_free(&twice);
	return 0;
}
