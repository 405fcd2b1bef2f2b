/* What the words of a prompt mean: a rule for each meaning of the lexicon. For prompt.c only. */
#ifndef EARSHOT_ENGINE_BAND_PROMPT_RULES_H
#define EARSHOT_ENGINE_BAND_PROMPT_RULES_H

#include <stdint.h>

#include "engine/band/lexicon.h"
#include "engine/band/prompt.h"
#include "engine/band/tokens.h"

#define PROMPT_BIT(meaning) (1u << (meaning))
_Static_assert(MEANS_COUNT <= 32, "a set of meanings is a number of 32 bits");

enum {
	PROMPT_ADJECTIVES = PROMPT_BIT(MEANS_MOOD) | PROMPT_BIT(MEANS_TEMPO)
		| PROMPT_BIT(MEANS_SIZE) | PROMPT_BIT(MEANS_DEGREE),
	PROMPT_PLAYERS = PROMPT_BIT(MEANS_INSTRUMENT) | PROMPT_BIT(MEANS_KIND)
		| PROMPT_BIT(MEANS_ROLE) | PROMPT_BIT(MEANS_DRUM),
	PROMPT_SOUNDS = PROMPT_PLAYERS | PROMPT_BIT(MEANS_TEXTURE),
	PROMPT_NOUNS = PROMPT_SOUNDS | PROMPT_BIT(MEANS_VOICE) | PROMPT_BIT(MEANS_PASSAGE)
		| PROMPT_BIT(MEANS_STYLE),
};

/* How far an adjective may stand from its noun. */
enum { PROMPT_AHEAD = 6 };

/* Where reading stands, and what still waits for its noun. */
struct prompt_reader {
	const struct token *t;
	int n, at;
	const struct lexicon *lexicon;
	bool attribute;			/* of an attribute: a single letter is a key */
	struct meaning_match found[LEXICON_MATCHES];	/* at the reader */
	int founds;

	bool negated;			/* until something was ruled out, or a mark */
	int negated_from;		/* the token behind the "no" */
	int negated_to;			/* up to this token in any case */
	unsigned negated_in;		/* only in these passages, as bits; 0: in the piece */
	bool not_so;			/* "not": an adjective itself is ruled out */
	int degree;			/* percent, of the next mood or tempo; 0: nothing said */
	int emphasis;			/* of the next instrument */
	int scope, scope_to;		/* the passage that words are said of, and to which token */
	int marked_to;			/* up to here punctuation does not end the scope */
	unsigned passages;		/* the one named last, or several joined, as bits */
	int passage_to;			/* and the token behind its name */
	int hinted_to;			/* up to here words are known at least as hints */
	int style, style_to;		/* the one named last, and the token behind it */
	int told_to;			/* behind the last words that mean something */
	int asked, asked_to;		/* the instrument asked for last, and the token behind it */
	bool solo_passage;		/* "with a guitar solo": certainly a passage */
	bool instrumental;
	struct wish *w;
};

/* What begins at a token, as lexicon_look(): the number of "jazz in 5/4" is that of a meter, and ends
 * no phrase. */
int prompt_look_at(const struct prompt_reader *r, int at, struct meaning_match *found);

/* Look up what stands at the reader. */
void prompt_look(struct prompt_reader *r);

/* Apply this one of the meanings of what stands there; its tokens, 0 if it makes no sense. */
int prompt_apply_meaning(struct prompt_reader *r, const struct meaning_match *m);

/* Apply the first meaning there that makes sense; its tokens, 0 for none. */
int prompt_apply(struct prompt_reader *r);

/* prompt_negation.c: something was ruled out, and n tokens at the reader say it. What stands with
 * it in a list of such nouns is, too. */
void prompt_rule_out(struct prompt_reader *r, int n, uint32_t nouns);

/* As that; an adjective of what may be ruled out behind it says nothing yet: "no heavy drums", but
 * "not very heavy drums". */
int prompt_rule_out_adjective(struct prompt_reader *r, int n, uint32_t nouns);

/* n tokens name who is not to play, in the whole piece or in a passage: "no drums until the
 * chorus". drum: one of the drums, a says no more; or NULL. Returns how many tokens say so. */
int prompt_rule_out_player(struct prompt_reader *r, int n, struct wish_asked a,
	const struct drum_word *drum);

/* Was that ruled out for the whole piece? */
bool prompt_is_ruled_out(const struct prompt_reader *r, const struct wish_asked *a);

/* Rules that have files of their own: prompt_negation.c, prompt_style.c. */
int prompt_negate(struct prompt_reader *r, const struct meaning_match *m);
int prompt_go_without(struct prompt_reader *r, const struct meaning_match *m);
int prompt_turn(struct prompt_reader *r, const struct meaning_match *m);
int prompt_name_style(struct prompt_reader *r, const struct meaning_match *m);

/* The token at the reader means nothing. */
void prompt_pass(struct prompt_reader *r);

/* The longest phrase at a token of one of the meanings whose bits are set: how many tokens it
 * takes, 0 if something else is longer. */
int prompt_longest(
	const struct prompt_reader *r, int at, uint32_t meanings, struct meaning_match *out);

/* "the", "une" and the like, "of" too. */
bool prompt_is_article(const struct prompt_reader *r, int at);

/* prompt_passages.c: where words describe a passage that is named behind them ("slow and quiet
 * intro"), let them be said of that. */
void prompt_describe_passage(struct prompt_reader *r);

/* Behind the name of a passage at a token: let what tells who is heard there ("with soft piano") or
 * how it is ("lente") be said of it. */
void prompt_behind_passage(struct prompt_reader *r, int passage, int at);

/* "with a guitar solo", and not "guitar solo" alone? */
bool prompt_is_part_of_more(const struct prompt_reader *r, int at);

/* Keep n tokens as they were written. */
void prompt_keep(struct wish_words *list, const struct token *t, int n);

/* Does the token at that place say the word? */
bool prompt_is(const struct prompt_reader *r, int at, const char *word);

bool prompt_same_asked(struct wish_asked a, struct wish_asked b);

/* Once only, and if there is room: its index, or -1. */
int prompt_add_asked(struct wish_asked *list, int *n, struct wish_asked a);

#endif
