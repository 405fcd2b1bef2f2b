#include "base/jtext.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* What stands in front of a value: a comma, its name. */
static void
lead_in(struct jtext *j, const char *name)
{
	if (j->comma) buf_addc(j->out, ',');
	j->comma = true;
	if (!name) return;
	buf_addc(j->out, '"');
	buf_adds(j->out, name);
	buf_add(j->out, "\":", 2);
}

void
jtext_begin(struct jtext *j, const char *name, char bracket)
{
	lead_in(j, name);
	buf_addc(j->out, bracket);
	j->comma = false;
}

void
jtext_end(struct jtext *j, char bracket)
{
	buf_addc(j->out, bracket);
	j->comma = true;
}

void
jtext_json(struct jtext *j, const char *name, const char *json)
{
	lead_in(j, name);
	buf_adds(j->out, json ? json : "null");
}

/* RFC 8259 section 7: quotes, backslashes and control characters. */
static void
add_escaped(struct buf *out, const char *s)
{
	for (;;) {
		size_t plain = 0;

		while ((unsigned char)s[plain] >= 0x20 && s[plain] != '"' &&
			s[plain] != '\\') plain++;
		buf_add(out, s, plain);
		s += plain;
		if (!*s) return;
		if (*s == '"' || *s == '\\') buf_addc(out, '\\'), buf_addc(out, *s);
		else buf_addf(out, "\\u%04x", (unsigned)*s);
		s++;
	}
}

void
jtext_text(struct jtext *j, const char *name, const char *text)
{
	if (!text) {
		jtext_json(j, name, NULL);
		return;
	}
	lead_in(j, name);
	buf_addc(j->out, '"');
	add_escaped(j->out, text);
	buf_addc(j->out, '"');
}

void
jtext_key(struct jtext *j, const char *name)
{
	jtext_text(j, NULL, name);
	buf_addc(j->out, ':');
	j->comma = false;
}

void
jtext_int(struct jtext *j, const char *name, int64_t v)
{
	char digits[24], *p = digits + sizeof digits;
	uint64_t rest = v < 0 ? -(uint64_t)v : (uint64_t)v;

	*--p = '\0';
	do *--p = (char)('0' + rest % 10);
	while (rest /= 10);
	if (v < 0) *--p = '-';
	jtext_json(j, name, p);
}

void
jtext_real(struct jtext *j, const char *name, double v)
{
	char text[40];

	if (!isfinite(v)) jtext_json(j, name, NULL);
	else if (v == floor(v) && fabs(v) < 1e15) jtext_int(j, name, (int64_t)v);
	else {
		snprintf(text, sizeof text, "%.15g", v);
		if (strtod(text, NULL) != v) snprintf(text, sizeof text, "%.17g", v);
		jtext_json(j, name, text);
	}
}

void
jtext_bool(struct jtext *j, const char *name, bool v)
{
	jtext_json(j, name, v ? "true" : "false");
}

void
jtext_id(struct jtext *j, const char *name, struct uuid id)
{
	jtext_text(j, name, uuid_is_nil(id) ? NULL : UUID_STR(id));
}

void
jtext_time(struct jtext *j, const char *name, int64_t wall_us)
{
	char text[CLOCK_TEXT];

	if (wall_us) clock_rfc3339(wall_us, text);
	jtext_text(j, name, wall_us ? text : NULL);
}

void
jtext_members(struct jtext *j, const char *object)
{
	size_t n = object ? strlen(object) : 0;

	if (n <= 2 || object[0] != '{' || object[n - 1] != '}') return;
	lead_in(j, NULL);
	buf_add(j->out, object + 1, n - 2);
}
