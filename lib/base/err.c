#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	e->kind = kind;
	e->n_fields = 0;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
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
	if (e->n_fields++ == 0) {
		e->kind = ERR_INVALID;
		snprintf(e->text, sizeof e->text, "%s %s.", f->field, f->detail);
	}
	return -1;
}

void
err_clear(struct err *e)
{
	e->kind = ERR_NONE;
	e->text[0] = '\0';
	e->n_fields = 0;
}
