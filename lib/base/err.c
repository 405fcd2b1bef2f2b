#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A text that was cut, at its end or by "%.40s" within, must not have a part of a character
 * left: it goes into JSON, and that has to be UTF-8. */
static void
drop_parts(char *text)
{
	char *to = text;
	size_t used;

	for (const char *s = text; *s; s += used) {
		unsigned char lead = (unsigned char)*s;
		size_t n = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

		for (used = 1; used < n && ((unsigned char)s[used] & 0xc0) == 0x80;) used++;
		if (used < n) continue;
		memmove(to, s, n);
		to += n;
	}
	*to = '\0';
}

int
err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	e->kind = kind;
	e->n_fields = 0;
	e->retry_after_s = 0;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	drop_parts(e->text);
	return -1;
}

int
err_busy(struct err *e, int retry_after_s, const char *fmt, ...)
{
	char sentence[sizeof e->text];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sentence, sizeof sentence, fmt, ap);
	va_end(ap);
	err_set(e, ERR_BUSY, "%s", sentence);
	e->retry_after_s = retry_after_s;
	return -1;
}

int
err_prefix(struct err *e, const char *fmt, ...)
{
	char old[sizeof e->text];
	va_list ap;
	int n;

	memcpy(old, e->text, sizeof old);
	va_start(ap, fmt);
	n = vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof e->text - 1)
		snprintf(e->text + n, sizeof e->text - (size_t)n, ": %s", old);
	drop_parts(e->text);
	return -1;
}

int
err_field(struct err *e, const char *field, const char *fmt, ...)
{
	struct err_field *f;
	va_list ap;

	if (e->n_fields >= ERR_MAX_FIELDS) return -1;
	f = &e->fields[e->n_fields];
	snprintf(f->field, sizeof f->field, "%s", field);
	va_start(ap, fmt);
	vsnprintf(f->detail, sizeof f->detail, fmt, ap);
	va_end(ap);
	drop_parts(f->field);
	drop_parts(f->detail);
	if (e->n_fields++ == 0) {
		e->kind = ERR_INVALID;
		snprintf(e->text, sizeof e->text, "%s %s.", f->field, f->detail);
	}
	return -1;
}

int
err_refuse(struct err *e, const char *field, const char *fmt, ...)
{
	char sentence[sizeof e->text];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sentence, sizeof sentence, fmt, ap);
	va_end(ap);
	err_clear(e);
	err_field(e, field, "%s", sentence);
	e->kind = ERR_UNREADABLE;
	memcpy(e->text, sentence, sizeof sentence);
	drop_parts(e->text);
	return -1;
}

void
err_clear(struct err *e)
{
	e->kind = ERR_NONE;
	e->text[0] = '\0';
	e->n_fields = 0;
}
