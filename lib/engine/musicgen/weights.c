#include "engine/musicgen/weights.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/list.h"

void
weights_free(struct weights_source *s)
{
	for (size_t i = 0; i < s->n_own; i++) free(s->own[i]);
	free(s->own);
	s->own = NULL;
	s->n_own = 0;
}

float *
weights_room(struct weights_source *s, size_t n)
{
	float *p = calloc(n ? n : 1, sizeof *p);

	if (!p) abort();
	s->own = list_grow(s->own, s->n_own, sizeof *s->own);
	s->own[s->n_own++] = p;
	return p;
}

static const struct tensor *
find(const struct weights_source *s, const char *name, va_list ap)
{
	char text[TENSOR_NAME];

	vsnprintf(text, sizeof text, name, ap);
	return tensors_find(s->tensors, text);
}

const struct tensor *
weights_find(const struct weights_source *s, const char *name, ...)
{
	const struct tensor *t;
	va_list ap;

	va_start(ap, name);
	t = find(s, name, ap);
	va_end(ap);
	return t;
}

/* Of this shape and of a kind that can be read? name: for the sentence about one that is missing. */
static int
check(const struct tensor *t, const int *shape, struct err *e, const char *name, va_list ap)
{
	char text[TENSOR_NAME];
	struct tensor want = { .count = 1 };

	for (; shape[want.rank]; want.rank++) want.shape[want.rank] = shape[want.rank];
	if (!t) {
		vsnprintf(text, sizeof text, name, ap);
		return err_set(e, ERR_INVALID, "%s: the weights lack it", text);
	}
	if (!tensor_is_real(t))
		return err_set(e, ERR_INVALID, "%s: values of %s are not supported", t->name,
			tensor_type_name(t->type));
	for (int i = 0; i < TENSOR_RANK; i++) {
		char has[96], needs[96];

		if (t->rank == want.rank && (i >= want.rank || t->shape[i] == want.shape[i])) continue;
		return err_set(e, ERR_INVALID, "%s: its shape is %s, the configuration asks for %s",
			t->name, tensor_shape_text(t, has, sizeof has),
			tensor_shape_text(&want, needs, sizeof needs));
	}
	return 0;
}

static int
check_finite(const struct tensor *t, const float *p, struct err *e)
{
	for (int64_t i = 0; i < t->count; i++)
		if (!isfinite(p[i]))
			return err_set(e, ERR_INVALID, "%s: value %lld is not finite", t->name,
				(long long)i);
	return 0;
}

/* Its values as floats, in place where they are. */
static const float *
floats(struct weights_source *s, const struct tensor *t, struct err *e)
{
	const float *p = t->data;

	if (t->type != TENSOR_F32 || !tensor_aligned(t)) {
		float *own = weights_room(s, (size_t)t->count);

		tensor_read(t, 0, t->count, own);
		p = own;
	}
	return check_finite(t, p, e) == 0 ? p : NULL;
}

int
weights_floats(struct weights_source *s, const int *shape, const float **out, struct err *e,
	const char *name, ...)
{
	const struct tensor *t;
	va_list ap, again;
	int rc;

	va_start(ap, name);
	va_copy(again, ap);
	t = find(s, name, ap);
	rc = check(t, shape, e, name, again);
	va_end(again);
	va_end(ap);
	if (rc != 0) return -1;
	*out = floats(s, t, e);
	return *out ? 0 : -1;
}

int
weights_rows(struct weights_source *s, int n, int cols, struct rows *out, struct err *e,
	const char *name, ...)
{
	const struct tensor *t;
	const int shape[] = { n, cols, 0 };
	va_list ap, again;
	int rc;

	va_start(ap, name);
	va_copy(again, ap);
	t = find(s, name, ap);
	rc = check(t, shape, e, name, again);
	va_end(again);
	va_end(ap);
	if (rc != 0) return -1;
	*out = (struct rows){ .kind = WEIGHTS_F32, .n = n, .cols = cols, .stride = (size_t)cols,
		.w = floats(s, t, e) };
	return out->w ? 0 : -1;
}
