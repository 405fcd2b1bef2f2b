#include "base/json.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

static size_t
digits(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] >= '0' && p[i] <= '9') i++;
	return i;
}

/* Length of the number (RFC 8259 section 6) at p; 0 when that is none, or is followed by more of
 * its kind. */
static size_t
number_length(const char *p, size_t n)
{
	size_t i = n && p[0] == '-', d = digits(p + i, n - i);

	if (!d || (d > 1 && p[i] == '0')) return 0;
	i += d;
	if (i < n && p[i] == '.') {
		if (!(d = digits(p + i + 1, n - i - 1))) return 0;
		i += 1 + d;
	}
	if (i < n && (p[i] == 'e' || p[i] == 'E')) {
		i++;
		if (i < n && (p[i] == '+' || p[i] == '-')) i++;
		if (!(d = digits(p + i, n - i))) return 0;
		i += d;
	}
	return i < n && strchr("+-.eE0123456789", p[i]) ? 0 : i;
}

/* Is this what may stand behind "\u"? Not 0000, where cJSON would end the string, nor less than
 * four digits, which it takes for 0000. */
static bool
is_code_unit(const char *p, size_t n)
{
	if (n < 4 || memcmp(p, "0000", 4) == 0) return false;
	for (int i = 0; i < 4; i++)
		if (!isxdigit((unsigned char)p[i])) return false;
	return true;
}

/* Length of the string whose opening quote is at p, quotes included; 0 when it does not end, or
 * holds what it must not. */
static size_t
string_length(const char *p, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (p[i] == '"') return i + 1;
		if ((unsigned char)p[i] < 0x20) return 0;
		if (p[i] == '\\' && ++i < n && p[i] == 'u' && !is_code_unit(p + i + 1, n - i - 1))
			return 0;
	}
	return 0;
}

/* What cJSON is too kind to or recurses into without end: numbers such as 01, control characters, a
 * byte order mark, depth. The rest of the grammar is its own. Returns where it is wrong, or n. */
static size_t
scan(const char *p, size_t n, bool *too_deep)
{
	int depth = 0;

	*too_deep = false;
	for (size_t i = 0, length = 1; i < n; i += length) {
		length = 1;
		if (p[i] == '"') length = string_length(p + i, n - i);
		else if (p[i] == '-' || (p[i] >= '0' && p[i] <= '9'))
			length = number_length(p + i, n - i);
		else if (p[i] == '[' || p[i] == '{') *too_deep = ++depth > JSON_MAX_DEPTH;
		else if (p[i] == ']' || p[i] == '}') depth--;
		else if (((unsigned char)p[i] < 0x20 && !strchr("\t\r\n", p[i])) ||
			(unsigned char)p[i] >= 0x80)
			length = 0;
		if (!length || *too_deep) return i;
	}
	return n;
}

/* 1e999 is JSON, but no number that we could hold. */
static bool
all_finite(const cJSON *tree)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, tree)
		if (!all_finite(v)) return false;
	return !cJSON_IsNumber(tree) || isfinite(tree->valuedouble);
}

cJSON *
json_parse(const char *p, size_t n, struct err *e)
{
	const char *end = NULL;
	bool too_deep;
	cJSON *tree;
	size_t at;

	if (!str_is_utf8(p, n)) {
		err_set(e, ERR_UNREADABLE, "The JSON is not valid UTF-8, or holds a NUL.");
		return NULL;
	}
	if ((at = scan(p, n, &too_deep)) < n) {
		if (too_deep)
			err_set(e, ERR_UNREADABLE, "The JSON is nested deeper than %d levels.",
				JSON_MAX_DEPTH);
		else err_set(e, ERR_UNREADABLE, "The JSON has an error at byte %zu.", at);
		return NULL;
	}
	tree = cJSON_ParseWithLengthOpts(p, n, &end, false);
	while (tree && end < p + n && strchr(" \t\r\n", *end)) end++;
	if (!tree || end != p + n) {
		err_set(e, ERR_UNREADABLE, "The JSON has an error at byte %zu.",
			end ? (size_t)(end - p) : (size_t)0);
		cJSON_Delete(tree);
		return NULL;
	}
	if (!all_finite(tree)) {
		err_set(e, ERR_UNREADABLE, "The JSON holds a number that is too large.");
		cJSON_Delete(tree);
		return NULL;
	}
	return tree;
}

static void
set_default(const struct json_field *f, void *out)
{
	char *at = (char *)out + f->offset;

	switch (f->type) {
	case JSON_TEXT: *at = '\0'; break;
	case JSON_INT: *(int64_t *)(void *)at = (int64_t)f->dflt; break;
	case JSON_REAL: *(double *)(void *)at = f->dflt; break;
	case JSON_BOOL: *(bool *)at = f->dflt != 0; break;
	case JSON_CHOICE: *(int *)(void *)at = (int)f->dflt; break;
	case JSON_ID: *(struct uuid *)at = (struct uuid){{0}}; break;
	case JSON_OBJECT:
	case JSON_ARRAY: *(const cJSON **)(void *)at = NULL; break;
	}
}

static void
read_text(const struct json_field *f, const cJSON *v, const char *name, char *at, struct err *e)
{
	size_t chars;

	if (!cJSON_IsString(v)) { err_field(e, name, "must be text"); return; }
	chars = str_chars(v->valuestring);
	if (chars < (size_t)f->min || chars > (size_t)f->max)
		err_field(e, name, "must have %.0f to %.0f characters, not %zu", f->min, f->max,
			chars);
	else
		memcpy(at, v->valuestring, strlen(v->valuestring) + 1);
}

static void
read_number(const struct json_field *f, const cJSON *v, const char *name, char *at, struct err *e)
{
	double d = v->valuedouble;

	if (!cJSON_IsNumber(v) || !isfinite(d)) err_field(e, name, "must be a number");
	else if (f->type == JSON_INT && d != floor(d)) err_field(e, name, "must be a whole number");
	else if (d < f->min || d > f->max)
		err_field(e, name, "must be from %.15g to %.15g, not %.15g", f->min, f->max, d);
	else if (f->type == JSON_INT) *(int64_t *)(void *)at = (int64_t)d;
	else *(double *)(void *)at = d;
}

static void
read_choice(const struct json_field *f, const cJSON *v, const char *name, char *at, struct err *e)
{
	struct buf list = {0};
	int i = cJSON_IsString(v) ? str_index(v->valuestring, f->choices) : -1;

	if (i >= 0) {
		*(int *)(void *)at = i;
		return;
	}
	for (i = 0; f->choices[i]; i++) buf_addf(&list, "%s%s", i ? ", " : "", f->choices[i]);
	err_field(e, name, "must be one of %s", buf_str(&list));
	buf_free(&list);
}

static void
read_one(const struct json_field *f, const cJSON *v, const char *name, void *out, struct err *e)
{
	char *at = (char *)out + f->offset;

	switch (f->type) {
	case JSON_TEXT: read_text(f, v, name, at, e); break;
	case JSON_INT:
	case JSON_REAL: read_number(f, v, name, at, e); break;
	case JSON_BOOL:
		if (!cJSON_IsBool(v)) err_field(e, name, "must be true or false");
		else *(bool *)at = cJSON_IsTrue(v);
		break;
	case JSON_CHOICE: read_choice(f, v, name, at, e); break;
	case JSON_ID:
		if (!cJSON_IsString(v) || !uuid_parse(v->valuestring, (struct uuid *)at))
			err_field(e, name, "must be a UUID");
		break;
	case JSON_OBJECT:
		if (!cJSON_IsObject(v)) err_field(e, name, "must be an object");
		else *(const cJSON **)(void *)at = v;
		break;
	case JSON_ARRAY:
		if (!cJSON_IsArray(v)) err_field(e, name, "must be an array");
		else if (cJSON_GetArraySize(v) < (int)f->min || cJSON_GetArraySize(v) > (int)f->max)
			err_field(e, name, "must have %.0f to %.0f elements", f->min, f->max);
		else *(const cJSON **)(void *)at = v;
		break;
	}
}

static void
refuse_unknown(const cJSON *object, const struct json_field *fields, size_t n, const char *prefix,
	struct err *e)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, object) {
		char name[64];
		size_t i = 0;

		while (i < n && strcmp(fields[i].name, v->string) != 0) i++;
		str_preview(name, sizeof name - strlen(prefix) % 32, v->string, 40);
		if (i == n) {
			char full[64];

			str_copy(full, sizeof full, prefix);
			str_copy(full + strlen(full), sizeof full - strlen(full), name);
			err_field(e, full, "is not a known field");
		} else if (cJSON_GetObjectItemCaseSensitive(object, v->string) != v)
			err_field(e, fields[i].name, "is given twice");
	}
}

int
json_read(const cJSON *object, const struct json_field *fields, size_t n_fields, const char *prefix,
	void *out, struct err *e)
{
	err_clear(e);
	if (!cJSON_IsObject(object)) {
		size_t n = strlen(prefix);	/* of what the names are in: without the full stop */
		char name[64];

		str_copy(name, sizeof name, prefix);
		if (n && n < sizeof name && name[n - 1] == '.') name[n - 1] = '\0';
		if (n) return err_field(e, name, "must be an object");
		return err_set(e, ERR_INVALID, "The body must be a JSON object.");
	}
	for (size_t i = 0; i < n_fields; i++) {
		const struct json_field *f = &fields[i];
		const cJSON *v = cJSON_GetObjectItemCaseSensitive(object, f->name);
		bool there = v && !cJSON_IsNull(v);
		char name[64];

		str_copy(name, sizeof name, prefix);
		str_copy(name + strlen(name), sizeof name - strlen(name), f->name);
		set_default(f, out);
		if (f->has_offset) *(bool *)((char *)out + f->has_offset) = there;
		if (there) read_one(f, v, name, out, e);
		else if (f->required) err_field(e, name, "is missing");
	}
	refuse_unknown(object, fields, n_fields, prefix, e);
	return e->n_fields ? -1 : 0;
}

size_t
json_read_ids(const cJSON *array, const char *field, struct uuid *ids, size_t max, struct err *e)
{
	const cJSON *v;
	size_t n = 0;
	int i = 0;

	cJSON_ArrayForEach(v, array) {
		char name[64];
		size_t k = 0;

		snprintf(name, sizeof name, "%.48s[%d]", field, i++);
		if (n == max) break;
		if (!cJSON_IsString(v) || !uuid_parse(v->valuestring, &ids[n])) {
			err_field(e, name, "must be a UUID");
			continue;
		}
		while (k < n && !uuid_eq(ids[k], ids[n])) k++;
		if (k < n) err_field(e, name, "is given twice");
		else n++;
	}
	return n;
}

void
json_print_field(const cJSON *tree, const char *field, size_t max_bytes, struct buf *out,
	struct err *e)
{
	size_t before = out->n;

	if (tree) json_print(tree, out);
	if (out->n - before > max_bytes)
		err_field(e, field, "must have at most %zu bytes as JSON, not %zu", max_bytes,
			out->n - before);
}

void
json_print(const cJSON *tree, struct buf *out)
{
	char *text = cJSON_PrintUnformatted(tree);

	if (!text) abort();
	buf_adds(out, text);
	cJSON_free(text);
}

static cJSON *
made(cJSON *item)
{
	if (!item) abort();
	return item;
}

cJSON *json_object(void) { return made(cJSON_CreateObject()); }
cJSON *json_array(void) { return made(cJSON_CreateArray()); }

void
json_add(cJSON *o, const char *name, cJSON *item)
{
	if (!item) item = made(cJSON_CreateNull());
	if (cJSON_IsArray(o) ? !cJSON_AddItemToArray(o, item) : !cJSON_AddItemToObject(o, name,
		item))
		abort();
}

void
json_add_text(cJSON *o, const char *name, const char *text)
{
	json_add(o, name, made(text ? cJSON_CreateString(text) : cJSON_CreateNull()));
}

void
json_add_int(cJSON *o, const char *name, int64_t v)
{
	json_add(o, name, made(cJSON_CreateNumber((double)v)));
}

void
json_add_real(cJSON *o, const char *name, double v)
{
	json_add(o, name, made(isfinite(v) ? cJSON_CreateNumber(v) : cJSON_CreateNull()));
}

void
json_add_bool(cJSON *o, const char *name, bool v)
{
	json_add(o, name, made(cJSON_CreateBool(v)));
}

void
json_add_id(cJSON *o, const char *name, struct uuid id)
{
	json_add_text(o, name, uuid_is_nil(id) ? NULL : UUID_STR(id));
}

const char *
json_text(const cJSON *o, const char *name, const char *dflt)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);

	return cJSON_IsString(v) ? v->valuestring : dflt;
}

double
json_real(const cJSON *o, const char *name, double dflt)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);

	return cJSON_IsNumber(v) ? v->valuedouble : dflt;
}
