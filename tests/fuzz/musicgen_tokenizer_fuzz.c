/* Tokenizer files are hostile, and so are prompts: a text, a NUL and a file. Any bytes are refused
 * with a sentence, or give numbers that the tokenizer says it has. */
#include <stdint.h>

#include "engine/musicgen/tokenizer.h"
#include "refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, 0, size);
	size_t n = end ? (size_t)(end - data) + 1 : 0;
	struct token_ids ids = {0};
	struct err e = {0};
	struct tokenizer *t = tokenizer_parse((const char *)data + n, size - n, &e);

	if (!t) {
		check_refusal(&e);
		return 0;
	}
	if (tokenizer_size(t) < 1) abort();
	if (tokenizer_encode(t, n ? (const char *)data : "", &ids, &e) != 0) check_refusal(&e);
	for (size_t i = 0; i < ids.n; i++)
		if (ids.id[i] < 0 || ids.id[i] >= tokenizer_size(t)) abort();
	free(ids.id);
	tokenizer_close(t);
	return 0;
}
