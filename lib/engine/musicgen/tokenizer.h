/* Text to the numbers that T5 reads: the Unigram tokenizer of a tokenizer.json.
 *
 * In this order, as Hugging Face's tokenizers do it (v0.22, whose results the tests hold):
 *  1. Special strings ("</s>") are cut out of the text as it stands; each is its own token.
 *  2. The rest is normalized by the map that the file brings (nmt_nfkc, from sentencepiece): a
 *     grapheme of less than 6 bytes by the shortest entry that it begins with, else each of its
 *     characters by itself; what has no entry stays.
 *  3. It is split at white space; each word gets a "▁" in front, and is split before each "▁".
 *  4. Each piece becomes those tokens whose scores have the largest sum (Viterbi). A character that
 *     begins no token costs the lowest score less 10; neighbours of that kind are one "<unk>".
 *  5. What the template says comes behind: "</s>". */
#ifndef EARSHOT_ENGINE_MUSICGEN_TOKENIZER_H
#define EARSHOT_ENGINE_MUSICGEN_TOKENIZER_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct tokenizer;

/* A text as numbers. Zero it first; `id` is the caller's to free(). */
struct token_ids {
	int32_t *id;
	size_t n;
};

/* The file comes from outside: ERR_INVALID and a sentence that names the part which is wrong or of a
 * kind that is not known here; ERR_NOT_FOUND when there is none. */
struct tokenizer *tokenizer_open(const char *path, struct err *e);

/* The same from its text. */
struct tokenizer *tokenizer_parse(const char *json, size_t bytes, struct err *e);

void tokenizer_close(struct tokenizer *t);	/* NULL is fine */

/* How many numbers there are: each is below this. */
int32_t tokenizer_size(const struct tokenizer *t);

/* Appends to *out. -1 with ERR_INVALID when the text is not UTF-8. */
int tokenizer_encode(const struct tokenizer *t, const char *text, struct token_ids *out,
	struct err *e);

#endif
