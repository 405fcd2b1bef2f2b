#include "base/form.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/str.h"

/* RFC 2046 5.1.1: bchars, and no blank at the end. */
static int
check_boundary(const char *s, struct err *e)
{
	static const char others[] = "'()+_,-./:=? ";
	size_t n = strlen(s);

	for (size_t i = 0; i < n; i++)
		if (!(s[i] >= '0' && s[i] <= '9') && !((s[i] | 32) >= 'a' && (s[i] | 32) <= 'z') &&
			!strchr(others, s[i]))
			n = 0;
	if (n && s[n - 1] != ' ') return 0;
	return err_set(e, ERR_UNREADABLE, "The boundary of the form is none.");
}

/* A parameter `name=token` or `name="…"` of a header's value, which begins behind a `;`. In quoted
 * text a backslash takes the next character as it is. False: it is not there, or does not fit. */
static bool
parameter(const char *s, const char *end, const char *name, char *out, size_t size)
{
	size_t len = strlen(name), n = 0;
	bool quoted = false;

	for (; s < end; s++) {
		if (*s == '\\' && quoted && s + 1 < end) s++;
		else if (*s == '"') quoted = !quoted;
		else if (*s == ';' && !quoted) {
			const char *at = s + 1;

			while (at < end && (*at == ' ' || *at == '\t'))
				at++;
			if ((size_t)(end - at) <= len || strncasecmp(at, name, len) != 0 ||
				at[len] != '=')
				continue;
			at += len + 1;
			quoted = at < end && *at == '"';
			for (at += quoted; at < end && (quoted ? *at != '"' : *at != ';'); at++) {
				if (quoted && *at == '\\' && at + 1 < end) at++;
				if (n + 1 == size) return false;
				out[n++] = *at;
			}
			while (!quoted && n && (out[n - 1] == ' ' || out[n - 1] == '\t'))
				n--;
			out[n] = '\0';
			return n > 0;
		}
	}
	return false;
}

static int
read_boundary(const char *kind, const char *content_type, char boundary[FORM_BOUNDARY + 1],
	struct err *e)
{
	size_t n = strlen(kind);

	if (!content_type || strncasecmp(content_type, kind, n) != 0 ||
		!strchr("; \t", content_type[n]))
		return err_set(e, ERR_UNSUPPORTED, "The body must be %s.", kind);
	if (!parameter(content_type + n, content_type + strlen(content_type), "boundary", boundary,
		    FORM_BOUNDARY + 1))
		return err_set(e, ERR_UNREADABLE, "The boundary of the form is missing.");
	return check_boundary(boundary, e);
}

int
form_boundary(const char *content_type, char boundary[FORM_BOUNDARY + 1], struct err *e)
{
	return read_boundary("multipart/form-data", content_type, boundary, e);
}

int
mixed_boundary(const char *content_type, char boundary[FORM_BOUNDARY + 1], struct err *e)
{
	return read_boundary("multipart/mixed", content_type, boundary, e);
}

/* What follows this header's name in the line; NULL: it is another header. */
static const char *
header(const char *line, const char *stop, const char *name)
{
	size_t n = strlen(name);

	return (size_t)(stop - line) > n && strncasecmp(line, name, n) == 0 ? line + n : NULL;
}

static void
read_type(const char *s, const char *end, char type[FORM_TYPE])
{
	size_t n = 0;

	while (s < end && (*s == ' ' || *s == '\t')) s++;
	while (s + n < end && !strchr("; \t\r", s[n])) n++;
	if (n >= FORM_TYPE) n = 0;
	memcpy(type, s, n);
	type[n] = '\0';
}

/* The header lines of a part, up to the empty one; *s moves behind it. */
static int
read_headers(
	const char *body, const char **s, const char *end, struct form_part *part, struct err *e)
{
	const char *at;

	for (;;) {
		const char *line = *s, *stop = memchr(line, '\n', (size_t)(end - line));

		if (!stop || stop == line || stop[-1] != '\r')
			return err_set(e, ERR_UNREADABLE,
				"byte %zu: a header line of a part was expected",
				(size_t)(line - body));
		*s = stop + 1;
		if (stop - 1 == line) return 0;
		if ((at = header(line, stop, "Content-Type:")))
			read_type(at, stop - 1, part->type);
		if ((at = header(line, stop, "Content-Disposition:")) &&
			(at = memchr(at, ';', (size_t)(stop - at)))) {
			parameter(at, stop - 1, "name", part->name, sizeof part->name);
			parameter(at, stop - 1, "filename", part->file, sizeof part->file);
		}
	}
}

static int
read_parts(const char *body, size_t n, const char *boundary, bool named, struct form_part *parts,
	int max, struct err *e)
{
	char mark[FORM_BOUNDARY + 8] = "\r\n--";
	const char *s, *end = body + n;
	size_t len;
	int count = 0;

	strncat(mark, boundary, FORM_BOUNDARY);
	len = strlen(mark);
	/* The first one may stand at the very beginning, without a line end. */
	if (n >= len - 2 && memcmp(body, mark + 2, len - 2) == 0) s = body + len - 2;
	else if ((s = memmem(body, n, mark, len))) s += len;
	else return err_set(e, ERR_UNREADABLE, "byte 0: the boundary of the form was expected");
	while (end - s < 2 || memcmp(s, "--", 2) != 0) {
		const char *next;

		while (s < end && (*s == ' ' || *s == '\t'))
			s++;
		if (end - s < 2 || memcmp(s, "\r\n", 2) != 0)
			return err_set(e, ERR_UNREADABLE,
				"byte %zu: a line end was expected behind the boundary",
				(size_t)(s - body));
		s += 2;
		if (count == max)
			return err_set(e, ERR_INVALID, "The form has more than %d parts.", max);
		parts[count] = (struct form_part){ 0 };
		if (read_headers(body, &s, end, &parts[count], e)) return -1;
		if (named && !*parts[count].name)
			return err_set(e, ERR_UNREADABLE,
				"byte %zu: the part before it has no name", (size_t)(s - body));
		/* An empty part's line end is the one behind its headers. */
		next = memmem(s - 2, (size_t)(end - s) + 2, mark, len);
		if (!next)
			return err_set(e, ERR_UNREADABLE,
				"byte %zu: the boundary of the form was expected, but it ends", n);
		parts[count].data = s;
		parts[count++].n = next < s ? 0 : (size_t)(next - s);
		s = next + len;
	}
	return count;
}

int
form_read(const char *body, size_t n, const char *boundary, struct form_part *parts, int max,
	struct err *e)
{
	return read_parts(body, n, boundary, true, parts, max, e);
}

int
mixed_read(const char *body, size_t n, const char *boundary, struct form_part *parts, int max,
	struct err *e)
{
	return read_parts(body, n, boundary, false, parts, max, e);
}
