#include "engine/musicgen/memory.h"

#include "base/err.h"
#include "engine/musicgen/windows.h"

enum {
	TEXT_TOKENS = 512,		/* of a long prompt */
	HALF = 2,			/* bytes of a cached value */
	REST = 96 << 20,		/* the program, its threads, the sound and its encoder */
};

static uint64_t
steps_of(const struct musicgen_config *c)
{
	return (uint64_t)(windows_of(c).frames + c->decoder.codebooks);
}

/* Keys and values of each step of a take, with the text and without it; those of the text. */
static uint64_t
cache_of(const struct musicgen_config *c)
{
	uint64_t width = (uint64_t)c->decoder.width, layers = (uint64_t)c->decoder.layers;

	return 2 * layers * 2 * steps_of(c) * width * HALF + layers * 2 * TEXT_TOKENS * width *
		sizeof(float);
}

int
memory_takes(const struct musicgen_config *c, int wanted, const struct host_memory *m)
{
	uint64_t room = m->now > REST ? m->now - REST : 0;
	int n = 1;

	while (n < wanted && (uint64_t)(n + 1) * cache_of(c) <= room) n++;
	return n;
}

/* What is made of a checkpoint's own files when it is opened: the codec's convolutions folded, and
 * embeddings as float32. (Where they are that already they are used as they lie; nobody looks into
 * the files to know.) */
static uint64_t
converted(const struct musicgen_config *c)
{
	const struct codec_config *k = &c->codec;
	const struct decoder_config *d = &c->decoder;
	uint64_t channels = (uint64_t)k->filters << k->n_ratios;
	uint64_t entries = (uint64_t)(d->vocabulary + 1) * (uint64_t)d->width +
		(uint64_t)k->codes * (uint64_t)k->width;
	uint64_t n = (uint64_t)c->t5.vocabulary * (uint64_t)c->t5.width +
		(uint64_t)d->codebooks * entries + channels * (uint64_t)(k->width * k->kernel);

	for (int i = 0; i < k->n_ratios; i++, channels /= 2) {
		uint64_t half = channels / 2, narrow = half / (uint64_t)k->compress;

		n += channels * half * 2 * (uint64_t)k->ratios[i] +
			half * narrow * (uint64_t)(k->residual_kernel + 1);
	}
	return (n + channels * (uint64_t)k->last_kernel) * sizeof(float);
}

uint64_t
memory_needed(const struct folder_files *f)
{
	const struct codec_config *k = &f->config.codec;
	uint64_t cache = cache_of(&f->config), steps = steps_of(&f->config);
	/* The codec works in tiles; its LSTM's signal is there as a whole, some times over. */
	uint64_t sound = 4 * steps * ((uint64_t)k->filters << k->n_ratios) * sizeof(float);

	return f->weight_bytes + (f->prepared ? 0 : converted(&f->config)) + cache + sound + REST;
}

int
memory_check(uint64_t needed, const struct host_memory *m, bool now, struct err *e)
{
	const double gb = 1e9;

	if (needed > m->most)
		return err_set(e, ERR_INVALID, "It needs about %.1f GB of memory, and %s %.1f GB.",
			(double)needed / gb, m->bound, (double)m->most / gb);
	if (now && needed > m->now)
		return err_set(e, ERR_AWAY, "It needs about %.1f GB of memory, of which %.1f GB "
			"are free now.", (double)needed / gb, (double)m->now / gb);
	return 0;
}
