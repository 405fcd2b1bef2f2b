/* The prompt as words: small letters, no accents, no hyphens; numbers and letters parted ("96bpm"
 * is two), punctuation kept as tokens of its own. Any bytes are allowed as input. */
#ifndef EARSHOT_ENGINE_BAND_TOKENS_H
#define EARSHOT_ENGINE_BAND_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

enum { TOKEN_PLAIN = 28, TOKENS_MAX = 2048 };

struct token {
	const char *from;		/* where it stands in the text; borrowed */
	int bytes;
	char plain[TOKEN_PLAIN];	/* "" for words too long to be one of ours */
	bool mark;			/* punctuation */
	bool capital;			/* begins with a capital A … Z */
};

/* At most max tokens of the text; returns how many. */
int tokens_read(const char *text, struct token *out, int max);

/* The longest phrase of the list ("one, another one") that the n tokens begin with: how many tokens
 * it takes, 0 when none does. A plural s on the token's side does not matter. */
int tokens_match(const struct token *t, int n, const char *phrases);

#endif
