#include "http/query.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"

int
query_unescape(char *s, size_t n, size_t *out_n)
{
	size_t out = 0;

	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (c == '+') c = ' ';
		else if (c == '%') {
			char hex[3] = { 0 };

			if (n - i < 3) return -1;
			memcpy(hex, s + i + 1, 2);
			if (hash_unhex(hex, (uint8_t *)&c, 1)) return -1;
			i += 2;
		}
		s[out++] = c;
	}
	*out_n = out;
	return 0;
}

/* Decode one name or value that ends at end, and end it there. */
static const char *
decode(char *s, char *end, struct err *e)
{
	size_t n;

	if (query_unescape(s, (size_t)(end - s), &n)) {
		err_set(e, ERR_UNREADABLE, "The query has a %% that two hexadecimal digits do not "
			"follow.");
		return NULL;
	}
	if (!str_is_utf8(s, n)) {
		err_set(e, ERR_UNREADABLE, "The query is not valid UTF-8, or holds a NUL.");
		return NULL;
	}
	s[n] = '\0';
	return s;
}

int
query_parse(struct query *q, const char *raw, struct err *e)
{
	static const char empty[] = "";

	if (!raw || !*raw) return 0;
	if (strlen(raw) > QUERY_MAX_BYTES)
		return err_set(e, ERR_UNREADABLE, "The query is longer than %d bytes.",
			QUERY_MAX_BYTES);
	if (!(q->text = strdup(raw))) abort();
	for (char *at = q->text, *next; at; at = next) {
		char *end = at + strcspn(at, "&"), *eq = memchr(at, '=', (size_t)(end - at));
		struct query_param p = { NULL, empty };

		next = *end ? end + 1 : NULL;
		if (at == end) continue;
		if (q->n == QUERY_MAX_PARAMS)
			return err_set(e, ERR_UNREADABLE, "The query has more than %d parameters.",
				QUERY_MAX_PARAMS);
		if (eq && !(p.value = decode(eq + 1, end, e))) return -1;
		if (!(p.name = decode(at, eq ? eq : end, e))) return -1;
		q->param[q->n++] = p;
	}
	return 0;
}

void
query_free(struct query *q)
{
	free(q->text);
	*q = (struct query){0};
}

const char *
query_next(const struct query *q, const char *name, size_t *at)
{
	while (*at < q->n) {
		const struct query_param *p = &q->param[(*at)++];

		if (strcmp(p->name, name) == 0) return p->value;
	}
	return NULL;
}

int
query_text(const struct query *q, const char *name, const char **out, struct err *e)
{
	size_t at = 0;
	const char *value = query_next(q, name, &at);

	if (!value) return 0;
	if (query_next(q, name, &at))
		return err_set(e, ERR_UNREADABLE, "The query parameter %s is given twice.", name);
	*out = value;
	return 0;
}

/* The value, NULL and 0 when absent, NULL and -1 when given twice. */
static const char *
single(const struct query *q, const char *name, int *rc, struct err *e)
{
	const char *value = NULL;

	*rc = query_text(q, name, &value, e);
	return value;
}

int
query_u32(const struct query *q, const char *name, uint32_t min, uint32_t max, uint32_t *out,
	struct err *e)
{
	int rc;
	uint64_t v;
	const char *value = single(q, name, &rc, e);

	if (!value) return rc;
	if (!str_u64(value, min, max, &v))
		return err_set(e, ERR_UNREADABLE, "The query parameter %s must be a whole number "
			"from %lu to %lu.", name, (unsigned long)min, (unsigned long)max);
	*out = (uint32_t)v;
	return 0;
}

int
query_real(const struct query *q, const char *name, double min, double max, double *out,
	struct err *e)
{
	int rc;
	const char *value = single(q, name, &rc, e);

	if (!value) return rc;
	if (!str_real(value, min, max, out))
		return err_set(e, ERR_UNREADABLE, "The query parameter %s must be a number from %g "
			"to %g.", name, min, max);
	return 0;
}

int
query_id(const struct query *q, const char *name, struct uuid *out, struct err *e)
{
	int rc;
	const char *value = single(q, name, &rc, e);

	if (!value) return rc;
	if (!uuid_parse(value, out))
		return err_set(e, ERR_UNREADABLE, "The query parameter %s must be a UUID.", name);
	return 0;
}

int
query_time(const struct query *q, const char *name, bool last, int64_t *wall_us, struct err *e)
{
	enum { DAY_S = 24 * 60 * 60 };
	int rc;
	int64_t us;
	bool is_date;
	const char *value = single(q, name, &rc, e);

	if (!value) return rc;
	if (!clock_rfc3339_parse(value, &us, &is_date))
		return err_set(e, ERR_UNREADABLE, "The query parameter %s must be a day "
			"(2026-11-22) or an instant (2026-11-22T20:17:05Z).", name);
	*wall_us = is_date && last ? us + (int64_t)DAY_S * 1000000 - 1 : us;
	return 0;
}

int
query_bool(const struct query *q, const char *name, bool *out, struct err *e)
{
	int rc;
	const char *value = single(q, name, &rc, e);

	if (!value) return rc;
	if (strcmp(value, "true") == 0 || strcmp(value, "1") == 0) *out = true;
	else if (strcmp(value, "false") == 0 || strcmp(value, "0") == 0) *out = false;
	else
		return err_set(e, ERR_UNREADABLE, "The query parameter %s must be true or false.",
			name);
	return 0;
}

int
query_either(const struct query *q, const char *name, int *out, struct err *e)
{
	bool yes = *out > 0;

	if (query_bool(q, name, &yes, e)) return -1;
	if (query_next(q, name, &(size_t){0})) *out = yes;
	return 0;
}

int
query_choice(const struct query *q, const char *name, const char *const *choices, int *out,
	struct err *e)
{
	int rc, i;
	const char *value = single(q, name, &rc, e);
	struct buf list = {0};

	if (!value) return rc;
	if ((i = str_index(value, choices)) >= 0) {
		*out = i;
		return 0;
	}
	for (i = 0; choices[i]; i++) buf_addf(&list, "%s%s", i ? ", " : "", choices[i]);
	rc = err_set(e, ERR_UNREADABLE, "The query parameter %s must be one of %s.", name,
		buf_str(&list));
	buf_free(&list);
	return rc;
}
