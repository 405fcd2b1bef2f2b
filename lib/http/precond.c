#include "http/precond.h"

#include <stddef.h>
#include <string.h>

#include "base/clock.h"

/* One entity tag in place: the opaque part with its quotes, and whether W/ stands before it. */
struct etag {
	const char *quoted;
	size_t n;
	bool weak;
};

/* Read an entity tag (8.8.3: W/ is case-sensitive) and return what is behind it; NULL: there is
 * none. */
static const char *
read_etag(const char *s, struct etag *out)
{
	out->weak = s[0] == 'W' && s[1] == '/';
	if (out->weak) s += 2;
	if (*s != '"') return NULL;
	out->quoted = s++;
	while (*s && *s != '"') {
		unsigned char c = (unsigned char)*s++;

		if (c <= 0x20 || c == 0x7f) return NULL;
	}
	if (!*s) return NULL;
	out->n = (size_t)(++s - out->quoted);
	return s;
}

static bool
same(const struct etag *a, const struct etag *b, bool weak)
{
	if (!weak && (a->weak || b->weak)) return false;
	return a->n == b->n && memcmp(a->quoted, b->quoted, a->n) == 0;
}

bool
precond_etag_in(const char *list, const char *etag, bool weak)
{
	struct etag mine, one;

	list += strspn(list, " \t");
	if (*list == '*' && list[1 + strspn(list + 1, " \t")] == '\0') return true;
	if (!etag || !read_etag(etag, &mine)) return false;
	for (;;) {
		list += strspn(list, " \t,");
		if (!*list || !(list = read_etag(list, &one))) return false;
		if (same(&one, &mine, weak)) return true;
		list += strspn(list, " \t");
		if (*list && *list != ',') return false;
	}
}

enum { SECOND_US = 1000000 };

enum precond_answer
precond_check(const struct precond *p, const struct precond_state *s, bool read)
{
	int64_t modified = s->modified_us / SECOND_US, date;

	if (p->if_match) {
		if (!precond_etag_in(p->if_match, s->etag, false)) return PRECOND_FAILED;
	} else if (p->if_unmodified_since && s->modified_us) {
		date = clock_http_parse(p->if_unmodified_since);
		if (date >= 0 && modified > date / SECOND_US) return PRECOND_FAILED;
	}
	if (p->if_none_match) {
		if (precond_etag_in(p->if_none_match, s->etag, true))
			return read ? PRECOND_NOT_MODIFIED : PRECOND_FAILED;
	} else if (p->if_modified_since && s->modified_us && read) {
		date = clock_http_parse(p->if_modified_since);
		if (date >= 0 && modified <= date / SECOND_US) return PRECOND_NOT_MODIFIED;
	}
	return PRECOND_GO_ON;
}

bool
precond_allows_range(const struct precond *p, const struct precond_state *s)
{
	int64_t modified = s->modified_us / SECOND_US, date;
	struct etag asked, mine;
	const char *behind;

	if (!p->if_range) return true;
	if ((behind = read_etag(p->if_range, &asked)))
		return !*behind && s->etag && read_etag(s->etag, &mine) &&
			same(&asked, &mine, false);
	date = clock_http_parse(p->if_range);
	return date >= 0 && s->modified_us && date / SECOND_US == modified &&
		modified < s->now_us / SECOND_US;
}
