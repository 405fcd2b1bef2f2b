/* The prompt as words: small letters, no accents, no hyphens; numbers and letters parted ("96bpm"
 * is two), punctuation kept as tokens of its own, ends of lines too. Any bytes are allowed as
 * input. */
#ifndef EARSHOT_ENGINE_BAND_TOKENS_H
#define EARSHOT_ENGINE_BAND_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

enum { TOKEN_PLAIN = 28, TOKENS_MAX = 2048, TOKEN_VARIANTS = 8 };

struct token {
	const char *from;		/* where it stands in the text; borrowed */
	int bytes;
	char plain[TOKEN_PLAIN];	/* "" for words too long to be one of ours */
	bool mark;			/* punctuation */
	bool capital;			/* begins with a capital A … Z */
	/* What lexicon_resolve() finds: words of the lexicon that it may be. */
	struct token_variant {
		int word;
		int tokens;		/* 2: together with the next one */
		bool last;		/* a plural, which only ends a phrase */
	} variant[TOKEN_VARIANTS];
	int variants;
};

/* At most max tokens of the first len bytes of the text, which ends at a NUL before that; returns
 * how many. */
int tokens_read(const char *text, size_t len, struct token *out, int max);

#endif
