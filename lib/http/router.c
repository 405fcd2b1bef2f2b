#include "http/router.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

static const char *const methods[] = { "GET", "POST", "PUT", "PATCH", "DELETE", NULL };

/* Bytes up to the next slash or the end. */
static size_t
part_bytes(const char *s)
{
	return strcspn(s, "/");
}

static bool
part_is_id(const char *part, size_t n)
{
	return n > 2 && part[0] == '{' && part[n - 1] == '}';
}

static bool
read_id(const char *part, size_t n, struct uuid *out)
{
	char text[UUID_TEXT];

	if (n != UUID_TEXT - 1) return false;
	memcpy(text, part, n);
	text[n] = '\0';
	return uuid_parse(text, out);
}

static bool
path_matches(const char *pattern, const char *path, struct uuid *ids)
{
	int n_ids = 0;

	while (*pattern == '/' && *path == '/') {
		size_t n = part_bytes(++pattern), m = part_bytes(++path);

		if (part_is_id(pattern, n)) {
			if (n_ids == REQUEST_MAX_IDS || !read_id(path, m, &ids[n_ids++]))
				return false;
		} else if (n != m || strncmp(pattern, path, n) != 0) return false;
		pattern += n;
		path += m;
	}
	return !*pattern && !*path;
}

static void
allow_add(char allow[ROUTER_ALLOW], const char *method)
{
	size_t n = strlen(allow);

	if (n) str_copy(allow + n, ROUTER_ALLOW - n, ", "), n += 2;
	str_copy(allow + n, ROUTER_ALLOW - n, method);
}

struct router_match
router_find(const struct route *table, size_t n, const char *method, const char *path,
	struct uuid *ids)
{
	const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
	struct router_match found = {0};

	for (size_t i = 0; i < n; i++) {
		struct uuid here[REQUEST_MAX_IDS] = {0};

		if (!path_matches(table[i].pattern, path, here)) continue;
		allow_add(found.allow, table[i].method);
		if (strcmp(table[i].method, "GET") == 0) allow_add(found.allow, "HEAD");
		if (strcmp(table[i].method, wanted) != 0) continue;
		found.route = &table[i];
		memcpy(ids, here, sizeof here);
	}
	if (*found.allow) allow_add(found.allow, "OPTIONS");
	return found;
}

/* Would some path match both? Ids match only UUIDs, and no literal part is one. */
static bool
same_shape(const char *a, const char *b)
{
	while (*a == '/' && *b == '/') {
		size_t n = part_bytes(++a), m = part_bytes(++b);

		if (part_is_id(a, n) != part_is_id(b, m)) return false;
		if (!part_is_id(a, n) && (n != m || strncmp(a, b, n) != 0)) return false;
		a += n;
		b += m;
	}
	return !*a && !*b;
}

static int
check_route(const struct route *r, struct err *e)
{
	int ids = 0;

	if (str_index(r->method, methods) < 0)
		return err_set(e, ERR_INTERNAL, "route %s %s: unknown method", r->method,
			r->pattern);
	if (!r->handle)
		return err_set(e, ERR_INTERNAL, "route %s %s: no handler", r->method, r->pattern);
	if (*r->pattern != '/')
		return err_set(e, ERR_INTERNAL, "route %s %s: not an absolute path", r->method,
			r->pattern);
	for (const char *at = r->pattern; *at == '/'; at += part_bytes(at)) {
		at++;
		ids += part_is_id(at, part_bytes(at));
	}
	if (ids > REQUEST_MAX_IDS)
		return err_set(e, ERR_INTERNAL, "route %s %s: more than %d ids", r->method,
			r->pattern, REQUEST_MAX_IDS);
	return 0;
}

int
router_check(const struct route *table, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		if (check_route(&table[i], e)) return -1;
		for (size_t k = 0; k < i; k++)
			if (strcmp(table[i].method, table[k].method) == 0 &&
				same_shape(table[i].pattern, table[k].pattern))
				return err_set(e, ERR_INTERNAL, "route %s %s is there twice",
				table[i].method, table[i].pattern);
	}
	return 0;
}
