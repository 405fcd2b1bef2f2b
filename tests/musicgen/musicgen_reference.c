/* musicgen_reference FOLDER: does the engine compute what others have computed of this checkpoint?
 *
 * FOLDER has model/ (a checkpoint), reference.safetensors (what PyTorch gave at each stage), and
 * where they are, tokens.json, lora_NAME/ (adapters) and old_names.safetensors (the same weights
 * under the names of older files). The checkpoint is also written anew, under other names, in
 * shards, in 16 bit, prepared, and must give what it did. A line for each stage and precision tells
 * the largest error, relative to the largest value, or how many values are equal; then "N passed, N
 * failed". 0 only if all hold.
 *
 * What the references were made from and are called: tests/data/musicgen/README.md. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "base/str.h"
#include "check.h"
#include "engine/musicgen/generate.h"
#include "engine/musicgen/lora.h"

/* Of values computed with keys and values in 16 bit. */
#define HALF_LIMIT 1e-2

static void
check_tokens(void)
{
	struct err e = {0};
	struct buf text = {0};
	cJSON *rows = NULL, *row;
	char path[4096];
	int good = 0, n = 0;

	if (io_join(path, sizeof path, all.folder, "tokens.json", &e) != 0 ||
		access(path, F_OK) != 0)
		return;
	if (buf_read_file(&text, path, 1 << 22, &e) != 0 ||
		!(rows = json_parse(buf_str(&text), text.n, &e))) {
		fail("tokens.json", &e);
		goto out;
	}
	cJSON_ArrayForEach(row, rows) {
		const cJSON *want = cJSON_GetObjectItemCaseSensitive(row, "ids"), *v;
		struct token_ids got = {0};
		size_t i = 0;
		bool same = tokenizer_encode(all.model->tokenizer, json_text(row, "text", ""), &got,
			&e) == 0 && (int)got.n == cJSON_GetArraySize(want);

		cJSON_ArrayForEach(v, want)
			if (!same || got.id[i++] != v->valueint) same = false;
		good += same;
		n++;
		free(got.id);
	}
	snprintf(path, sizeof path, "%d of %d texts equal", good, n);
	judge(n && good == n, "tokenizer", path);
out:
	cJSON_Delete(rows);
	buf_free(&text);
}

static void
check_t5_of(const char *what, const struct tensor *ids, const struct tensor *hidden)
{
	struct err e = {0};
	int32_t *id = numbers(ids);
	float *out = room((size_t)ids->count * (size_t)all.model->config.t5.width);

	if (t5_encode(all.model->t5, &all.hands, id, (int)ids->count, out, &e) != 0) fail(what, &e);
	else compare(what, out, hidden);
	free(id);
	free(out);
}

static void
check_t5(void)
{
	for (size_t i = 0; i < tensors_count(all.reference); i++) {
		const struct tensor *t = tensors_at(all.reference, i);
		char name[TENSOR_NAME];

		if (!str_starts(t->name, "t5_ids_")) continue;
		snprintf(name, sizeof name, "t5_hidden_%s", t->name + strlen("t5_ids_"));
		if (reference_of(name)) check_t5_of(name, t, reference_of(name));
	}
	if (reference("input_ids") && reference_of("t5_hidden"))
		check_t5_of("t5_hidden", reference("input_ids"), reference_of("t5_hidden"));
}

/* What the decoder attends to of n numbers; NULL after a failure was told. Owned by the caller. */
static float *
text_states(const int32_t *ids, int n)
{
	struct err e = {0};
	float *out = room((size_t)n * (size_t)all.model->config.decoder.width);

	if (model_text(all.model, &all.hands, ids, n, out, &e) == 0) return out;
	fail("text", &e);
	free(out);
	return NULL;
}

static float *
input_states(int *n)
{
	const struct tensor *t = reference("input_ids");
	int32_t *ids;
	float *out;

	if (!t) return NULL;
	ids = numbers(t);
	*n = (int)t->count;
	out = text_states(ids, *n);
	free(ids);
	return out;
}

static void
check_teacher(const char *what, const char *name, const float *states, int n, enum weights cache)
{
	const struct tensor *want = reference_of(name);
	size_t count;
	float *got;

	if (!reference("teacher_codes") || !want) return;
	got = teacher(all.model, &all.hands, states, n, cache, &count);
	if ((size_t)want->count != count) judge(false, what, "another number of logits");
	else compare_within(cache == WEIGHTS_F32 ? LIMIT : HALF_LIMIT, what, got, want);
	free(got);
}

static void
check_decoder(void)
{
	int n = 0;
	float *states = input_states(&n);

	if (!states) return;
	if (reference_of("enc_to_dec")) compare("enc_to_dec", states, reference_of("enc_to_dec"));
	check_teacher("teacher_logits", "teacher_logits", states, n, WEIGHTS_F32);
	check_teacher("teacher_logits, cache in 16 bit", "teacher_logits", states, n, WEIGHTS_F16);
	check_teacher("teacher_logits_uncond", "teacher_logits_uncond", NULL, 0, WEIGHTS_F32);
	free(states);
}

/* Greedy codes and their sound. */
static void
check_greedy_of(const char *name, const float *states, int n, int guidance, int tokens)
{
	const struct decoder_config *c = &all.model->config.decoder;
	struct generation g = { .tokens = tokens, .guidance = (float)guidance, .takes = 1,
		.sampling.greedy = true, .cache = WEIGHTS_F32 };
	size_t frames = (size_t)generate_frames(c, tokens), count = frames * (size_t)c->codebooks;
	const struct tensor *want = reference_of(name), *sound;
	struct err e = {0};
	int32_t *codes = calloc(count, sizeof *codes), *ids = numbers(want);
	char audio[TENSOR_NAME];

	if (!codes) abort();
	if (generate_codes(all.model, &all.hands, states, n, &g, codes, &e) != 0) fail(name, &e);
	else if ((size_t)want->count != count) judge(false, name, "another number of frames");
	else compare_codes(name, codes, ids, count);
	snprintf(audio, sizeof audio, "greedy_audio_gs%d_n%d", guidance, tokens);
	sound = reference_of(audio);
	if (sound && sound->count == (int64_t)frames * codec_hop(&all.model->config.codec)) {
		float *samples = room((size_t)sound->count);

		codec_decode(all.model->codec, &all.hands, codes, (int)frames, samples, NULL, NULL);
		compare(audio, samples, sound);
		free(samples);
	}
	free(codes);
	free(ids);
}

/* Of each guidance and number of tokens that there is. The more exact kind counts where both
 * are. */
static void
check_greedy(void)
{
	int n = 0, guidance, tokens;
	float *states = input_states(&n);

	for (size_t i = 0; states && i < tensors_count(all.reference); i++) {
		const struct tensor *t = tensors_at(all.reference, i);
		char name[TENSOR_NAME];

		if (sscanf(t->name, "greedy_codes_gs%d_n%d", &guidance, &tokens) != 2) continue;
		snprintf(name, sizeof name, "greedy_codes_gs%d_n%d", guidance, tokens);
		if (t == reference_of(name)) check_greedy_of(name, states, n, guidance, tokens);
	}
	free(states);
}

/* Each row of a padded batch gives what its text gives alone. */
static void
check_padded(void)
{
	const struct decoder_config *c = &all.model->config.decoder;
	const struct tensor *ids = reference("padded_ids"), *mask = reference("padded_mask");
	const struct tensor *want = reference_of("padded_greedy_codes_gs3_n60");
	struct generation g = { .tokens = 60, .guidance = 3, .takes = 1, .sampling.greedy = true };
	size_t count = (size_t)generate_frames(c, 60) * (size_t)c->codebooks;
	int32_t *id, *keep, *kept, *codes, *expected;

	if (!ids || !mask || !want || ids->rank != 2) return;
	id = numbers(ids);
	keep = numbers(mask);
	kept = numbers(mask);
	expected = numbers(want);
	codes = calloc(count, sizeof *codes);
	if (!codes) abort();
	for (int64_t row = 0; row < ids->shape[0]; row++) {
		struct err e = {0};
		float *states;
		char name[80];
		int n = 0;

		for (int64_t i = row * ids->shape[1]; i < (row + 1) * ids->shape[1]; i++)
			if (keep[i]) kept[n++] = id[i];
		states = text_states(kept, n);
		snprintf(name, sizeof name, "padded row %lld", (long long)row);
		if (states && generate_codes(all.model, &all.hands, states, n, &g, codes, &e) == 0)
			compare_codes(name, codes, expected + (size_t)row * count, count);
		else fail(name, &e);
		free(states);
	}
	free(id);
	free(keep);
	free(kept);
	free(expected);
	free(codes);
}

static void
check_sampling(void)
{
	const struct tensor *logits = reference("sample_logits");
	const struct tensor *noise = reference("sample_noise");

	if (!logits || !noise || logits->rank != 2) return;
	for (size_t i = 0; i < tensors_count(all.reference); i++) {
		const struct tensor *t = tensors_at(all.reference, i);
		size_t v = (size_t)logits->shape[1];
		float *row = room(2 * v);
		int top_k, tenths;
		int32_t *want, *got;

		if (sscanf(t->name, "sample_token_k%d_t%d", &top_k, &tenths) == 2) {
			struct sampling s = { .temperature = (float)tenths / 10, .top_k = top_k };

			want = numbers(t);
			got = numbers(t);
			for (int64_t k = 0; k < t->count; k++) {
				tensor_read(logits, k * (int64_t)v, (int64_t)v, row);
				tensor_read(noise, k * (int64_t)v, (int64_t)v, row + v);
				got[k] = sampler_pick(row, (int)v, &s, row + v);
			}
			compare_codes(t->name, got, want, (size_t)t->count);
			free(want);
			free(got);
		}
		free(row);
	}
}

static void
check_adapter(const char *folder, const float *states, int n)
{
	char config[4096], weights[4096], name[TENSOR_NAME];
	struct err e = {0};
	struct lora *l;

	snprintf(config, sizeof config, "%s/%s/adapter_config.json", all.folder, folder);
	snprintf(weights, sizeof weights, "%s/%s/adapter_model.safetensors", all.folder, folder);
	l = lora_open(config, weights, &all.model->config.decoder, &e);
	if (!l) {
		fail(folder, &e);
		return;
	}
	snprintf(name, sizeof name, "%.100s_teacher_logits", folder);
	lora_apply(l, all.model->decoder, 1);
	check_teacher(name, name, states, n, WEIGHTS_F32);
	lora_apply(l, all.model->decoder, 0);
	snprintf(name, sizeof name, "%.100s at scale 0: teacher_logits", folder);
	check_teacher(name, "teacher_logits", states, n, WEIGHTS_F32);
	lora_apply(NULL, all.model->decoder, 0);
	lora_close(l);
}

static int
is_adapter(const struct dirent *d)
{
	return str_starts(d->d_name, "lora_");
}

static void
check_adapters(void)
{
	struct dirent **list = NULL;
	int n = 0, found = scandir(all.folder, &list, is_adapter, alphasort);
	float *states = input_states(&n);

	for (int i = 0; i < found; i++) {
		if (states) check_adapter(list[i]->d_name, states, n);
		free(list[i]);
	}
	free(list);
	free(states);
}

static void
check_codec(const struct codec *codec, const char *about)
{
	for (size_t i = 0; i < tensors_count(all.reference); i++) {
		const struct tensor *t = tensors_at(all.reference, i), *sound;
		int n = t->rank ? (int)t->shape[t->rank - 1] : 0;
		char name[TENSOR_NAME];
		int32_t *codes;
		float *samples;

		if (!str_starts(t->name, "codec_codes_")) continue;
		snprintf(name, sizeof name, "codec_audio_%s", t->name + strlen("codec_codes_"));
		if (!(sound = reference_of(name))) continue;
		codes = numbers(t);
		samples = room((size_t)n * (size_t)codec_hop(&all.model->config.codec));
		codec_decode(codec, &all.hands, codes, n, samples, NULL, NULL);
		snprintf(name, sizeof name, "codec, %d frames%s", n, about);
		compare(name, samples, sound);
		free(codes);
		free(samples);
	}
}

static void
check_old_names(const char *model)
{
	struct err e = {0};
	struct model *old;
	char path[4096];

	if (io_join(path, sizeof path, all.folder, "old_names.safetensors", &e) != 0 ||
		access(path, F_OK) != 0)
		return;
	old = model_open(model, path, &e);
	if (!old) {
		fail("old_names.safetensors", &e);
		return;
	}
	check_codec(old->codec, ", old names");
	model_close(old);
}

int
main(int argc, char **argv)
{
	struct err e = {0};
	char model[4096], path[4096];

	if (argc != 2) {
		fprintf(stderr, "usage: musicgen_reference FOLDER\n");
		return 2;
	}
	all.folder = argv[1];
	all.hands = (struct hands){ crew_start((int)sysconf(_SC_NPROCESSORS_ONLN)),
		kernels_best() };
	if (io_join(model, sizeof model, all.folder, "model", &e) != 0 ||
		io_join(path, sizeof path, all.folder, "reference.safetensors", &e) != 0 ||
		!(all.reference = tensors_open(path, &e)) ||
		!(all.model = model_open(model, NULL, &e))) {
		fprintf(stderr, "musicgen_reference: %s\n", e.text);
		return 2;
	}
	printf("float32, kernels %s, threads %d\n", all.hands.kernels->name,
		crew_size(all.hands.crew));
	check_tokens();
	check_t5();
	check_decoder();
	check_greedy();
	check_padded();
	check_sampling();
	check_adapters();
	check_codec(all.model->codec, "");
	check_old_names(model);
	check_other_ways(model);
	printf("%d passed, %d failed\n", all.passed, all.failed);
	model_close(all.model);
	tensors_close(all.reference);
	crew_stop(all.hands.crew);
	return all.failed || !all.passed;
}
