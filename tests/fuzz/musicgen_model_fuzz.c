/* A whole checkpoint is hostile: config.json, a NUL, tokenizer.json, a NUL and
 * model.safetensors. Any bytes are refused with a sentence, or a model that a text can be given,
 * and that makes sound. */
#include "engine/musicgen/generate.h"
#include "folder.h"
#include "memory_file.h"
#include "refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TOKENS = 7 };

/* In the folder they are links to these in memory. */
static const char *const names[] = { "config.json", "tokenizer.json", "model.safetensors" };
static struct memory_file files[NELEM(names)];
static struct hands hands;

static void
make(void)
{
	folder_make();
	for (size_t i = 0; i < NELEM(names); i++)
		if (symlink(memory_file(&files[i], NULL, 0), TEMP(names[i])) != 0) abort();
	hands = (struct hands){ crew_start(1), kernels_best() };
}

static void
play(const struct model *m)
{
	const struct musicgen_config *c = &m->config;
	struct generation g = { .tokens = TOKENS, .guidance = 3, .takes = 1, .cache = WEIGHTS_F16,
		.sampling = { .temperature = 1, .top_k = 250 }, .seeds = { 7 } };
	int frames = generate_frames(&c->decoder, TOKENS);
	struct token_ids ids = {0};
	struct err e = {0};
	float *states, *samples;
	int32_t *codes;

	if (tokenizer_encode(m->tokenizer, "lo-fi ﬁ", &ids, &e) != 0) abort();
	if (!ids.n) goto out;
	states = calloc(ids.n * (size_t)c->decoder.width, sizeof *states);
	codes = calloc((size_t)frames * (size_t)c->decoder.codebooks, sizeof *codes);
	samples = calloc((size_t)frames * (size_t)codec_hop(&c->codec), sizeof *samples);
	if (!states || !codes || !samples) abort();
	if (model_text(m, &hands, ids.id, (int)ids.n, states, &e) != 0 ||
		generate_codes(m, &hands, states, (int)ids.n, &g, codes, &e) != 0)
		abort();
	for (int i = 0; i < frames * c->decoder.codebooks; i++)
		if (codes[i] < 0 || codes[i] >= c->codec.codes) abort();
	codec_decode(m->codec, &hands, codes, frames, samples, NULL, NULL);
	free(states);
	free(codes);
	free(samples);
out:
	free(ids.id);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = {0};
	struct model *m;

	if (!hands.crew) make();
	for (size_t i = 0; i < NELEM(names); i++) {
		const uint8_t *end = i + 1 < NELEM(names) && size ? memchr(data, 0, size) : NULL;
		size_t n = end ? (size_t)(end - data) : size;

		memory_file(&files[i], data, n);
		data += n + (end != NULL);
		size -= n + (end != NULL);
	}
	m = model_open(temp_dir, NULL, &e);
	if (m) play(m);
	else check_refusal(&e);
	model_close(m);
	return 0;
}
