#include "storage/s3xml.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct reader {
	const char *at, *end;
	char path[S3XML_PATH];			/* of the element that is open */
	size_t starts[S3XML_DEPTH];		/* where the name of each open one begins in it */
	int depth;
	struct buf text;			/* since the last tag */
	int (*each)(void *ctx, const char *path, const char *text, struct err *e);
	void *ctx;
};

static int
broken(struct err *e, const char *what)
{
	return err_set(e, ERR_UNREADABLE, "the answer is no XML as S3 writes it: %s", what);
}

/* Behind the next occurrence of text; NULL: there is none. */
static const char *
behind(const struct reader *r, const char *text)
{
	const char *found = memmem(r->at, (size_t)(r->end - r->at), text, strlen(text));

	return found ? found + strlen(text) : NULL;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Behind the ">" that ends a tag, whatever its attributes hold; NULL: it does not end. */
static const char *
tag_end(const struct reader *r)
{
	char quote = '\0';

	for (const char *p = r->at; p < r->end; p++) {
		if (quote) quote = *p == quote ? '\0' : quote;
		else if (*p == '"' || *p == '\'') quote = *p;
		else if (*p == '>') return p + 1;
		else if (*p == '<') return NULL;
	}
	return NULL;
}

static bool
is_name_char(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 || c == '_' || c == '-' ||
		c == '.' || c == ':';
}

static void
add_character(uint32_t c, struct buf *out)
{
	if (c < 0x80) {
		buf_addc(out, (char)c);
		return;
	}
	if (c >= 0x10000) {
		buf_addc(out, (char)(0xf0 | c >> 18));
		buf_addc(out, (char)(0x80 | (c >> 12 & 0x3f)));
	} else if (c >= 0x800) {
		buf_addc(out, (char)(0xe0 | c >> 12));
	} else {
		buf_addc(out, (char)(0xc0 | c >> 6));
		buf_addc(out, (char)(0x80 | (c & 0x3f)));
		return;
	}
	buf_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
	buf_addc(out, (char)(0x80 | (c & 0x3f)));
}

/* &#60; and &#x3C; without & and ;. */
static bool
add_reference(const char *name, struct buf *out)
{
	uint32_t c = 0, base = name[1] == 'x' ? 16 : 10;
	const char *p = name + (base == 16 ? 2 : 1);

	if (!*p) return false;
	for (; *p; p++) {
		if (base == 16 ? !isxdigit((unsigned char)*p) : !isdigit((unsigned char)*p))
			return false;
		c = c * base + (uint32_t)(isdigit((unsigned char)*p) ? *p - '0'
			: (*p | 0x20) - 'a' + 10);
		if (c > 0x10ffff) return false;
	}
	if (!c || (c >= 0xd800 && c <= 0xdfff)) return false;
	add_character(c, out);
	return true;
}

static int
read_entity(struct reader *r, struct err *e)
{
	static const struct { const char *name; char c; } entities[] = {
		{ "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' }, { "apos", '\'' },
	};
	char name[12];
	size_t n = 0;

	for (r->at++; r->at < r->end && *r->at != ';'; r->at++) {
		if (n + 1 == sizeof name) return broken(e, "an entity does not end");
		name[n++] = *r->at;
	}
	if (r->at == r->end) return broken(e, "an entity does not end");
	r->at++;
	name[n] = '\0';
	if (name[0] == '#') return add_reference(name, &r->text) ? 0 : broken(e, "a character");
	for (size_t i = 0; i < NELEM(entities); i++)
		if (strcmp(entities[i].name, name) == 0) {
			buf_addc(&r->text, entities[i].c);
			return 0;
		}
	return broken(e, "an entity that XML does not know");
}

/* The name of a tag, without its prefix, from r->at on. */
static int
read_name(struct reader *r, const char **name, size_t *n, struct err *e)
{
	*name = r->at;
	for (; r->at < r->end && is_name_char(*r->at); r->at++)
		if (*r->at == ':') *name = r->at + 1;
	*n = (size_t)(r->at - *name);
	return *n ? 0 : broken(e, "a tag without a name");
}

static int
close_element(struct reader *r, struct err *e)
{
	size_t start = r->starts[r->depth - 1];
	int rc;

	while (r->text.n && is_blank(r->text.p[r->text.n - 1])) r->text.p[--r->text.n] = '\0';
	if (!str_is_utf8(buf_str(&r->text), r->text.n) || !str_is_utf8(r->path, strlen(r->path)))
		return broken(e, "it is no UTF-8");
	rc = r->each(r->ctx, r->path, buf_str(&r->text), e);
	buf_reset(&r->text);
	r->path[start ? start - 1 : 0] = '\0';
	r->depth--;
	return rc;
}

static int
open_tag(struct reader *r, struct err *e)
{
	size_t path = strlen(r->path), n;
	const char *name, *end;

	if (read_name(r, &name, &n, e)) return -1;
	if (!(end = tag_end(r))) return broken(e, "a tag does not end");
	if (r->depth == S3XML_DEPTH || path + n + 2 > sizeof r->path)
		return broken(e, "it is too deep");
	if (path) r->path[path++] = '/';
	memcpy(r->path + path, name, n);
	r->path[path + n] = '\0';
	r->starts[r->depth++] = path;
	buf_reset(&r->text);
	r->at = end;
	return end[-2] == '/' ? close_element(r, e) : 0;
}

static int
close_tag(struct reader *r, struct err *e)
{
	const char *name, *open;
	size_t n;

	r->at++;
	if (read_name(r, &name, &n, e)) return -1;
	while (r->at < r->end && is_blank(*r->at)) r->at++;
	if (r->at == r->end || *r->at++ != '>') return broken(e, "a tag does not end");
	if (!r->depth) return broken(e, "an end without a beginning");
	open = r->path + r->starts[r->depth - 1];
	if (strlen(open) != n || memcmp(open, name, n) != 0)
		return broken(e, "an element ends within another");
	return close_element(r, e);
}

static int
read_tag(struct reader *r, struct err *e)
{
	static const struct { const char *begin, *end; } skipped[] = {
		{ "<?", "?>" }, { "<!--", "-->" },
	};

	for (size_t i = 0; i < NELEM(skipped); i++) {
		size_t n = strlen(skipped[i].begin);

		if ((size_t)(r->end - r->at) < n || memcmp(r->at, skipped[i].begin, n) != 0)
			continue;
		r->at += n;
		return (r->at = behind(r, skipped[i].end)) ? 0 : broken(e, "a comment does not "
			"end");
	}
	if (++r->at == r->end) return broken(e, "a tag does not end");
	return *r->at == '/' ? close_tag(r, e) : open_tag(r, e);
}

int
s3xml_read(const char *xml, size_t n, int (*each)(void *ctx, const char *path, const char *text,
	struct err *e), void *ctx, struct err *e)
{
	struct reader r = { .at = xml, .end = xml + n, .each = each, .ctx = ctx };
	int rc = 0;

	while (!rc && r.at < r.end) {
		if (*r.at == '<') rc = read_tag(&r, e);
		else if (*r.at == '&') rc = read_entity(&r, e);
		else if (is_blank(*r.at) && !r.text.n) r.at++;
		else buf_addc(&r.text, *r.at++);
		if (!rc && r.text.n > S3XML_TEXT) rc = broken(e, "a text is too long");
		if (!rc && r.text.n && !r.depth) rc = broken(e, "text outside of all elements");
	}
	if (!rc && r.depth) rc = broken(e, "it ends too early");
	buf_free(&r.text);
	return rc;
}
