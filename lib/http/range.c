#include "http/range.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* RFC 9110 5.6.3: optional white space. */
static const char *
skip_blanks(const char *s)
{
	return s + strspn(s, " \t");
}

/* Decimal digits at *s. Numbers beyond 64 bits stay at the largest one (14.1.2: expect them). */
static bool
read_number(const char **s, uint64_t *out)
{
	const char *start = *s;
	uint64_t v = 0;

	for (; **s >= '0' && **s <= '9'; ++*s) {
		unsigned d = (unsigned)(**s - '0');

		v = v > (UINT64_MAX - d) / 10 ? UINT64_MAX : v * 10 + d;
	}
	*out = v;
	return *s > start;
}

enum spec { SPEC_MALFORMED, SPEC_OUTSIDE, SPEC_INSIDE };

/* One range-spec at *s (14.1.1, 14.1.2): `first-`, `first-last` or `-suffix`. */
static enum spec
read_spec(const char **s, uint64_t length, struct range *out)
{
	uint64_t first, last;
	bool has_first = read_number(s, &first), has_last;

	if (**s != '-') return SPEC_MALFORMED;
	++*s;
	has_last = read_number(s, &last);
	if (!has_first) {
		if (!has_last) return SPEC_MALFORMED;
		if (last == 0 || length == 0) return SPEC_OUTSIDE;
		*out = (struct range){ last < length ? length - last : 0, length - 1 };
		return SPEC_INSIDE;
	}
	if (has_last && last < first) return SPEC_MALFORMED;
	if (first >= length) return SPEC_OUTSIDE;
	*out = (struct range){ first, has_last && last < length ? last : length - 1 };
	return SPEC_INSIDE;
}

/* 14.2: "more than two overlapping ranges" is a sign of a broken or a hostile client. */
static bool
overlaps_too_much(const struct range *r, size_t n)
{
	size_t overlapping = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++)
			if (i != k && r[i].first <= r[k].last && r[k].first <= r[i].last) {
				overlapping++;
				break;
			}
	return overlapping > 2;
}

enum range_answer
range_parse(const char *header, uint64_t length, struct range out[RANGE_MAX], size_t *n)
{
	static const char unit[] = "bytes=";	/* unit names have no case: 14.1 */
	size_t asked = 0;

	*n = 0;
	if (!header || strncasecmp(header, unit, sizeof unit - 1) != 0) return RANGE_WHOLE;
	for (const char *s = header + sizeof unit - 1;; s++) {
		s = skip_blanks(s);
		if (*s && *s != ',') {		/* 5.6.1: empty elements of a list do not count */
			struct range one;
			enum spec kind = read_spec(&s, length, &one);

			if (kind == SPEC_MALFORMED || asked++ == RANGE_MAX) return RANGE_WHOLE;
			if (kind == SPEC_INSIDE) out[(*n)++] = one;
			s = skip_blanks(s);
		}
		if (!*s) break;
		if (*s != ',') return RANGE_WHOLE;
	}
	if (!asked || overlaps_too_much(out, *n)) return RANGE_WHOLE;
	return *n ? RANGE_PARTIAL : RANGE_UNSATISFIABLE;
}
