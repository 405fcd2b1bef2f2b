/* What the words of a prompt mean: a rule for tempos, one for keys, and so on. For prompt.c only. */
#ifndef EARSHOT_ENGINE_BAND_PROMPT_RULES_H
#define EARSHOT_ENGINE_BAND_PROMPT_RULES_H

#include "engine/band/prompt.h"
#include "engine/band/tokens.h"

/* Where reading stands. */
struct prompt_reader {
	const struct token *t;
	int n, at;
	const struct style *styles;
	int n_styles;
	bool negated;
	bool attribute;			/* of an attribute: a single letter is a key */
	struct wish *w;
};

/* Try the rules where the reader stands; how many tokens the one that fits has used, 0 for none. */
int prompt_apply_rules(struct prompt_reader *r);

/* Count the styles that the words here point to without naming them; the tokens of the longest
 * hint. Such words may mean something else as well. */
int prompt_hint_styles(struct prompt_reader *r);

/* The longest name of an instrument, a kind of them or a role here; its tokens, 0 for none. */
int prompt_find_instrument(struct prompt_reader *r, struct wish_asked *found);

/* tokens_match() where the reader stands. */
int prompt_match(const struct prompt_reader *r, const char *phrases);

/* Keep n tokens as they were written. */
void prompt_keep(struct wish_words *list, const struct token *t, int n);

bool prompt_same_asked(struct wish_asked a, struct wish_asked b);
void prompt_add_asked(
	struct wish_asked *list, int *n, struct wish_asked a); /* once only, and if there is room */

#endif
