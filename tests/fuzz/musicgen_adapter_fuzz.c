/* Adapters are hostile: a configuration, a NUL and a file of tensors; without a configuration it is
 * in the file's metadata. Any bytes are refused with a sentence, or give an adapter that changes a
 * layer; the decoder takes it, and without it again gives the same as before. */
#include "engine/musicgen/lora.h"
#include "engine/musicgen/model.h"
#include "memory_file.h"
#include "refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct model *model;
static struct hands hands;
static float *before, *now;
static size_t n_logits;

/* The logits of a first step. */
static void
step(float *logits)
{
	struct decoder_run *r = decoder_begin(model->decoder, &hands, 1, 1, WEIGHTS_F32);
	int32_t codes[CODEBOOKS_MAX];

	for (int k = 0; k < CODEBOOKS_MAX; k++) codes[k] = model->config.decoder.vocabulary;
	decoder_step(r, codes, logits);
	decoder_end(r);
}

static void
make(void)
{
	struct err e = {0};

	model = model_open("tests/data/musicgen/model", NULL, &e);
	if (!model) abort();
	hands = (struct hands){ crew_start(1), kernels_best() };
	n_logits = (size_t)model->config.decoder.codebooks *
		(size_t)model->config.decoder.vocabulary;
	before = calloc(n_logits, sizeof *before);
	now = calloc(n_logits, sizeof *now);
	if (!before || !now) abort();
	step(before);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct memory_file config, weights;
	const uint8_t *end = memchr(data, 0, size);
	size_t n = end ? (size_t)(end - data) : size, rest = end ? size - n - 1 : 0;
	struct err e = {0};
	struct lora *l;

	if (!model) make();
	l = lora_open(n ? memory_file(&config, data, n) : NULL,
		memory_file(&weights, data + size - rest, rest), &model->config.decoder, &e);
	if (!l) {
		check_refusal(&e);
		return 0;
	}
	if (lora_layers(l) < 1) abort();
	lora_apply(l, model->decoder, 2);
	step(now);
	lora_apply(NULL, model->decoder, 0);
	step(now);
	if (memcmp(now, before, n_logits * sizeof *now) != 0) abort();
	lora_close(l);
	return 0;
}
