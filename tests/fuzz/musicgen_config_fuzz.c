/* The configuration of a checkpoint is hostile: any bytes are refused with a sentence, or give
 * numbers that fit together. */
#include <stdint.h>

#include "engine/musicgen/config.h"
#include "engine/musicgen/t5.h"
#include "refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct musicgen_config *c)
{
	int hop = codec_hop(&c->codec);

	if (c->t5.width < 1 || c->t5.heads < 1 || c->t5.head < 1 || c->t5.layers < 1) abort();
	for (int i = -300; i <= 300; i++)
		if (t5_bucket(&c->t5, i) < 0 || t5_bucket(&c->t5, i) >= c->t5.buckets) abort();
	if (c->decoder.heads < 1 || c->decoder.width % c->decoder.heads || c->decoder.width % 2)
		abort();
	if (c->decoder.codebooks < 1 || c->decoder.codebooks > CODEBOOKS_MAX) abort();
	if (hop < 1 || codec_frame_rate(&c->codec) * hop != c->codec.rate) abort();
	if (c->codec.compress < 1 || c->codec.filters / c->codec.compress < 1) abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct musicgen_config c;
	struct err e = {0};

	if (config_parse((const char *)data, size, &c, &e) == 0) check(&c);
	else check_refusal(&e);
	return 0;
}
