#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "check.h"
#include "engine/musicgen/prepare.h"
#include "engine/musicgen/quality.h"
#include "variants.h"

/* Of predictions with prepared weights in fewer bits: what only broken ones go beyond, since how
 * much they change is a matter of the checkpoint. (Ordinary ones are within 1e-4 and 99.5 %.) */
#define KEPT_DIVERGENCE 0.05
#define KEPT_SAME 0.9

enum { VARIANT_BYTES = 256 << 20 };	/* of a checkpoint that is written anew, at most */

/* All that a model makes of the reference's text and codes, one after the other: what the decoder
 * attends to, the logits, and the sound of the longest codes. NULL after a failure was told. */
static float *
outcome(const struct model *m, const struct hands *h, const char *what, size_t *count)
{
	const struct tensor *ids = reference("input_ids"), *codes = NULL;
	size_t n = (size_t)ids->count, text = n * (size_t)m->config.decoder.width;
	size_t logits, sound = 0;
	int32_t *id = numbers(ids), *code;
	struct err e = {0};
	float *out = room(text), *more;

	if (model_text(m, h, id, (int)n, out, &e) != 0) {
		fail(what, &e);
		free(out);
		out = NULL;
		goto out;
	}
	more = teacher(m, h, out, (int)n, WEIGHTS_F32, &logits);
	for (size_t i = 0; i < tensors_count(all.reference); i++) {
		const struct tensor *t = tensors_at(all.reference, i);

		if (!str_starts(t->name, "codec_codes_")) continue;
		if (!codes || t->count > codes->count) codes = t;
	}
	if (codes) sound = (size_t)codes->count / (size_t)m->config.decoder.codebooks *
		(size_t)codec_hop(&m->config.codec);
	*count = text + logits + sound;
	out = realloc(out, *count * sizeof *out);
	if (!out) abort();
	memcpy(out + text, more, logits * sizeof *out);
	free(more);
	if (codes) {
		code = numbers(codes);
		codec_decode(m->codec, h, code, (int)(sound / (size_t)codec_hop(&m->config.codec)),
			out + text + logits, NULL, NULL);
		free(code);
	}
out:
	free(id);
	return out;
}

static void
compare_bits(const char *what, const float *got, const float *want, size_t n)
{
	size_t same = 0;
	char text[80];

	for (size_t i = 0; i < n; i++) same += memcmp(&got[i], &want[i], sizeof *got) == 0;
	snprintf(text, sizeof text, "%zu of %zu values equal", same, n);
	judge(same == n, what, text);
}

/* What a variant of the model gives; NULL after a failure was told. */
static float *
variant_outcome(const char *folder, const char *model, enum variant v, size_t *count)
{
	struct model *m = NULL;
	struct err e = {0};
	float *out = NULL;

	if (variant_make(folder, model, all.model->tensors, v, &e) != 0 ||
		!(m = model_open(folder, NULL, &e)))
		fail(variant_names[v], &e);
	else
		out = outcome(m, &all.hands, variant_names[v], count);
	model_close(m);
	variant_remove(folder);
	return out;
}

/* What only names, divides or places the weights in another way gives the same bits; what rounds
 * them, the bits of the rounded ones in float32. */
static void
check_variants(const char *folder, const char *model, const float *plain)
{
	float *got, *rounded = NULL;
	size_t n;

	for (int v = VARIANTS - 1; v >= 0; v--) {
		bool half = v == AS_F16 || v == AS_BF16;

		got = variant_outcome(folder, model, (enum variant)v, &n);
		if (v == ROUNDED_TO_F16 || v == ROUNDED_TO_BF16) {
			rounded = got;
			continue;
		}
		if (got && (!half || rounded))
			compare_bits(variant_names[v], got, half ? rounded : plain, n);
		if (half) free(rounded);
		free(got);
	}
}

/* The model of a folder as it is prepared at a level; NULL after a failure was told. */
static struct model *
prepared(const char *folder, const char *level)
{
	struct prepare_report report;
	struct model *m = NULL;
	struct err e = {0};

	if (prepare_write(folder, level, NULL, NULL, &report, &e) != 0 ||
		!(m = model_open_prepared(folder, &e)))
		fail(level, &e);
	return m;
}

/* Prepared, float32 stays what it is, to the bit; fewer bits change few predictions. */
static void
check_prepared(const char *folder, const char *model, const float *plain)
{
	struct err e = {0};
	struct quality q = {0};
	struct model *m;
	char text[80];
	float *got;
	size_t n;

	if (variant_make(folder, model, all.model->tensors, IN_SHARDS, &e) != 0) {
		fail("prepared", &e);
		goto out;
	}
	if ((m = prepared(folder, "f32")) && (got = outcome(m, &all.hands, "f32", &n))) {
		compare_bits("prepared, f32", got, plain, n);
		free(got);
	}
	model_close(m);
	if ((m = prepared(folder, PREPARE_LEVEL))) {
		if (quality_measure(all.model, m, &all.hands, 8, 48, 1, &q, &e) != 0)
			fail("prepared", &e);
		snprintf(text, sizeof text, "divergence %.1e, %.2f %% of %ld predictions equal",
			q.divergence, 100 * q.same, q.predictions);
		judge(q.predictions && q.divergence < KEPT_DIVERGENCE && q.same > KEPT_SAME,
			"prepared, " PREPARE_LEVEL, text);
	}
	model_close(m);
out:
	variant_remove(folder);
}

/* Every kernel of this processor, and any number of threads. */
static void
check_hands(const float *plain)
{
	const struct kernels *const *kernels = kernels_all();

	for (int i = 0; kernels[i]; i++) {
		struct hands h = { crew_start(i % 2 + 1), kernels[i] };
		char name[80];
		float *got;
		size_t n;

		snprintf(name, sizeof name, "kernels %s, threads %d", h.kernels->name,
			crew_size(h.crew));
		got = outcome(all.model, &h, name, &n);
		if (got) compare_bits(name, got, plain, n);
		free(got);
		crew_stop(h.crew);
	}
}

void
check_other_ways(const char *model)
{
	const char *temp = getenv("TMPDIR");
	char folder[4096];
	size_t bytes = 0, n;
	float *plain;

	if (!reference("input_ids") || !reference("teacher_codes")) return;
	plain = outcome(all.model, &all.hands, "float32", &n);
	for (size_t i = 0; i < tensors_count(all.model->tensors); i++) {
		const struct tensor *t = tensors_at(all.model->tensors, i);

		bytes += (size_t)t->count * tensor_type_size(t->type);
	}
	if (plain) check_hands(plain);
	if (bytes > VARIANT_BYTES) {
		printf("# %zu MB are too much to be written in other ways\n", bytes >> 20);
	} else {
		snprintf(folder, sizeof folder, "%.4000s/musicgen-XXXXXX",
			temp && *temp ? temp : "/tmp");
		if (!mkdtemp(folder)) judge(false, folder, "it cannot be made");
		else if (plain) {
			check_variants(folder, model, plain);
			check_prepared(folder, model, plain);
		}
		rmdir(folder);
	}
	free(plain);
}
