#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

struct check all;

void
judge(bool good, const char *what, const char *how)
{
	printf("%s %-44s %s\n", good ? "ok    " : "not ok", what, how);
	good ? all.passed++ : all.failed++;
}

void
fail(const char *what, const struct err *e)
{
	judge(false, what, e->text);
}

float *
room(size_t n)
{
	float *p = calloc(n ? n : 1, sizeof *p);

	if (!p) abort();
	return p;
}

const struct tensor *
reference(const char *name)
{
	return tensors_find(all.reference, name);
}

const struct tensor *
reference_of(const char *name)
{
	char text[TENSOR_NAME];
	const struct tensor *t;

	snprintf(text, sizeof text, "%s.f64", name);
	if ((t = reference(text))) return t;
	snprintf(text, sizeof text, "%s.f32", name);
	return reference(text);
}

int32_t *
numbers(const struct tensor *t)
{
	int32_t *p = malloc((size_t)t->count * sizeof *p + 1);
	int64_t wide;

	if (!p || (t->type != TENSOR_I32 && t->type != TENSOR_I64)) abort();
	for (int64_t i = 0; i < t->count; i++) {
		if (t->type == TENSOR_I32) {
			memcpy(p + i, (const char *)t->data + 4 * i, 4);
			continue;
		}
		memcpy(&wide, (const char *)t->data + 8 * i, 8);
		p[i] = (int32_t)wide;
	}
	return p;
}

void
compare_within(double limit, const char *what, const float *got, const struct tensor *t)
{
	float *want = room((size_t)t->count);
	double most = 0, error = 0;
	char text[80];

	tensor_read(t, 0, t->count, want);
	for (int64_t i = 0; i < t->count; i++) {
		double d = fabs((double)got[i] - want[i]);

		/* Once it is no number it stays so. */
		if (!(d <= error) && error == error) error = d;
		if (fabs(want[i]) > most) most = fabs(want[i]);
	}
	free(want);
	snprintf(text, sizeof text, "error %.1e of %.3g", error / most, most);
	judge(error <= limit * most, what, text);
}

void
compare(const char *what, const float *got, const struct tensor *t)
{
	compare_within(LIMIT, what, got, t);
}

void
compare_codes(const char *what, const int32_t *got, const int32_t *want, size_t n)
{
	size_t same = 0;
	char text[80];

	for (size_t i = 0; i < n; i++) same += got[i] == want[i];
	snprintf(text, sizeof text, "%zu of %zu tokens equal", same, n);
	judge(same == n, what, text);
}

float *
teacher(const struct model *m, const struct hands *h, const float *states, int n,
	enum weights cache, size_t *count)
{
	const struct decoder_config *c = &m->config.decoder;
	const struct tensor *codes = reference("teacher_codes");
	size_t books = (size_t)c->codebooks, v = (size_t)c->vocabulary;
	size_t steps = (size_t)codes->count / books;
	int32_t *code = numbers(codes), now[CODEBOOKS_MAX];
	float *logits = room(books * v), *out = room(books * steps * v);
	struct decoder_run *run = decoder_begin(m->decoder, h, 1, (int)steps, cache);

	if (states) decoder_text(run, 0, 1, states, n);
	for (size_t t = 0; t < steps; t++) {
		for (size_t k = 0; k < books; k++) now[k] = code[k * steps + t];
		decoder_step(run, now, logits);
		for (size_t k = 0; k < books; k++)
			memcpy(out + (k * steps + t) * v, logits + k * v, v * sizeof *out);
	}
	decoder_end(run);
	free(code);
	free(logits);
	*count = books * steps * v;
	return out;
}
