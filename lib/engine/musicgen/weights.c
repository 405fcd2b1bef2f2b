#include "engine/musicgen/weights.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/list.h"

enum { SMALL = 1 << 16 };	/* values that cost nothing to look at */

/* What was converted, but for the first n. */
static void
forget_behind(struct weights_source *s, size_t n)
{
	while (s->n_own > n) free(s->own[--s->n_own]);
}

void
weights_free(struct weights_source *s)
{
	forget_behind(s, 0);
	free(s->own);
	s->own = NULL;
}

void
weights_list_free(struct weights_list *l)
{
	for (size_t i = 0; i < l->n; i++) free(l->items[i].name);
	free(l->items);
	*l = (struct weights_list){0};
}

/* n floats that live as long as s, zeroed. */
static float *
room(struct weights_source *s, size_t n)
{
	float *p = calloc(n ? n : 1, sizeof *p);

	if (!p) abort();
	s->own = list_grow(s->own, s->n_own, sizeof *s->own);
	s->own[s->n_own++] = p;
	return p;
}

static void
take(struct weights_source *s, struct weights_taken t, const char *name)
{
	if (!s->list) return;
	t.name = strdup(name);
	if (!t.name) abort();
	s->list->items = list_grow(s->list->items, s->list->n, sizeof t);
	s->list->items[s->list->n++] = t;
}

const struct tensor *
weights_find(const struct weights_source *s, const char *name, ...)
{
	char text[TENSOR_NAME];
	va_list ap;

	va_start(ap, name);
	vsnprintf(text, sizeof text, name, ap);
	va_end(ap);
	return tensors_find(s->tensors, text);
}

/* Of this shape? */
static int
check_shape(const struct tensor *t, const int *shape, struct err *e)
{
	struct tensor want = { .count = 1 };
	char has[96], needs[96];

	for (; shape[want.rank]; want.rank++) want.shape[want.rank] = shape[want.rank];
	for (int i = 0; i < TENSOR_RANK; i++)
		if (t->rank != want.rank || (i < want.rank && t->shape[i] != want.shape[i]))
			return err_set(e, ERR_INVALID, "%s: its shape is %s, the configuration "
				"asks for %s", t->name, tensor_shape_text(t, has, sizeof has),
				tensor_shape_text(&want, needs, sizeof needs));
	return 0;
}

/* There, of this shape, and of a kind that can be read? */
static int
check(const struct tensor *t, const char *name, const int *shape, struct err *e)
{
	if (!t) return err_set(e, ERR_INVALID, "%s: the weights lack it", name);
	if (!tensor_is_real(t))
		return err_set(e, ERR_INVALID, "%s: values of %s are not supported", t->name,
			tensor_type_name(t->type));
	return check_shape(t, shape, e);
}

int
weights_check_finite(const struct tensor *t, struct err *e)
{
	float some[1024];

	for (int64_t at = 0; at < t->count;) {
		int64_t n = t->count - at < (int64_t)NELEM(some) ? t->count - at :
			(int64_t)NELEM(some);
		float sum = 0;

		/* Times 0 all are 0 but what is not finite. */
		tensor_read(t, at, n, some);
		for (int64_t i = 0; i < n; i++) sum += some[i] * 0;
		for (int64_t i = 0; sum != 0 && i < n; i++)
			if (!isfinite(some[i]))
				return err_set(e, ERR_INVALID, "%s: value %lld is not finite",
					t->name, (long long)(at + i));
		at += n;
	}
	return 0;
}

/* Its values as floats, in place where they are. */
static const float *
floats(struct weights_source *s, const struct tensor *t)
{
	float *own;

	if (t->type == TENSOR_F32 && tensor_aligned(t)) return t->data;
	own = room(s, (size_t)t->count);
	tensor_read(t, 0, t->count, own);
	return own;
}

int
weights_floats(struct weights_source *s, const int *shape, const float **out, struct err *e,
	const char *name, ...)
{
	char text[TENSOR_NAME];
	const struct tensor *t;
	va_list ap;

	va_start(ap, name);
	vsnprintf(text, sizeof text, name, ap);
	va_end(ap);
	t = tensors_find(s->tensors, text);
	if (check(t, text, shape, e) != 0) return -1;
	if ((!s->prepared || t->count <= SMALL) && weights_check_finite(t, e) != 0) return -1;
	take(s, (struct weights_taken){ .tensor = t }, text);
	*out = s->list ? NULL : floats(s, t);
	return 0;
}

/* Whole numbers and their factors. */
static int
integers(struct weights_source *s, const struct tensor *t, struct rows *out, struct err *e)
{
	int n = out->n, cols = out->cols;
	bool twelve = t->type == TENSOR_U8;
	const int shape[] = { n, twelve ? cols / 2 * 3 : cols, 0 };
	const struct tensor *scale = weights_find(s, "%s.scale", t->name);
	int groups = scale && scale->rank == 2 && scale->shape[1] > 0 && scale->shape[1] <= cols ?
		(int)scale->shape[1] : 1;
	const int scale_shape[] = { n, groups, 0 };

	if (check_shape(t, shape, e) != 0) return -1;
	if (!scale || scale->type != TENSOR_F32 || !tensor_aligned(scale))
		return err_set(e, ERR_INVALID, "%s: its factors are not there as float32", t->name);
	if (check_shape(scale, scale_shape, e) != 0) return -1;
	if (cols % groups || cols / groups % 64 || n % WHOLE_ROWS)
		return err_set(e, ERR_INVALID, "%s: %d factors a row do not fit %d rows of %d values",
			scale->name, groups, n, cols);
	out->kind = twelve ? WEIGHTS_I12 : WEIGHTS_I8;
	out->w = t->data;
	out->scale = scale->data;
	out->group = cols / groups;
	return 0;
}

static int
reals(struct weights_source *s, const struct tensor *t, struct rows *out, struct err *e)
{
	if (s->list) return 0;
	if (!s->prepared && weights_check_finite(t, e) != 0) return -1;
	if (t->type == TENSOR_F32 || !tensor_aligned(t)) {
		out->w = floats(s, t);
		return 0;
	}
	out->kind = t->type == TENSOR_F16 ? WEIGHTS_F16 : WEIGHTS_BF16;
	out->w = t->data;
	return 0;
}

static int
rows(struct weights_source *s, struct rows *out, struct err *e, const char *name)
{
	const struct tensor *t = tensors_find(s->tensors, name);
	const int shape[] = { out->n, out->cols, 0 };

	if (t && s->prepared && (t->type == TENSOR_I8 || t->type == TENSOR_U8))
		return integers(s, t, out, e);
	if (check(t, name, shape, e) != 0) return -1;
	take(s, (struct weights_taken){ .matrix = true, .n = out->n, .cols = out->cols,
		.tensor = t }, name);
	return reals(s, t, out, e);
}

int
weights_rows(struct weights_source *s, int n, int cols, struct rows *out, struct err *e,
	const char *name, ...)
{
	char text[TENSOR_NAME];
	va_list ap;

	va_start(ap, name);
	vsnprintf(text, sizeof text, name, ap);
	va_end(ap);
	*out = (struct rows){ .n = n, .cols = cols, .stride = (size_t)cols };
	return rows(s, out, e, text);
}

/* Of all tensors together. */
static int64_t
values(const struct weights_source *s)
{
	int64_t n = 0;

	for (size_t i = 0; i < tensors_count(s->tensors); i++)
		n += tensors_at(s->tensors, i)->count;
	return n;
}

/* Into p, by make(), for which tensors have values whether or not they are written down; none of
 * them is needed again. */
static int
made_into(struct weights_source *s, int (*make)(struct weights_source *s, void *ctx, float *out,
	struct err *e), void *ctx, float *p, struct err *e)
{
	struct weights_list *list = s->list;
	size_t n_own = s->n_own;
	int rc;

	s->list = NULL;
	rc = make(s, ctx, p, e);
	s->list = list;
	forget_behind(s, n_own);
	return rc;
}

int
weights_made(struct weights_source *s, int n, int cols,
	int (*make)(struct weights_source *s, void *ctx, float *out, struct err *e), void *ctx,
	struct rows *out, struct err *e, const char *name, ...)
{
	char text[TENSOR_NAME];
	float *p;
	va_list ap;

	va_start(ap, name);
	vsnprintf(text, sizeof text, name, ap);
	va_end(ap);
	*out = (struct rows){ .n = n, .cols = cols, .stride = (size_t)cols };
	if (s->prepared) return rows(s, out, e, text);
	if ((int64_t)n * cols > values(s))
		return err_set(e, ERR_INVALID, "%s: the configuration asks for %d × %d values, "
			"more than all weights together", text, n, cols);
	p = room(s, (size_t)n * (size_t)cols);
	if (made_into(s, make, ctx, p, e) != 0) return -1;
	take(s, (struct weights_taken){ .matrix = true, .n = n, .cols = cols, .made = p }, text);
	out->w = p;
	return 0;
}
