/* From text to what the full-text index holds, and from a search to what it is asked. Pure.
 *
 * The index of MariaDB and MySQL leaves out words that are short or on a list, cuts where it thinks
 * fit, and on a shared host nobody can set it otherwise. So it never sees words as people write
 * them: they are found here, and each is written as a token of small ASCII letters and digits that
 * begins with three letters, by which it is neither short nor on any list. Those letters also say
 * where the word stands, so that one index answers for all fields.
 *
 * Words are runs of letters and digits as letters.h has them, without case and accents; a Chinese,
 * Japanese or Thai character is a word by itself. What a hyphen, an apostrophe or "&" joins is
 * found by its parts and as one: "lo-fi" as lo, fi and lofi. */
#ifndef EARSHOT_RECORDS_SEARCH_WORDS_H
#define EARSHOT_RECORDS_SEARCH_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

enum search_field { SEARCH_ANYWHERE, SEARCH_STYLE, SEARCH_MOOD };

/* Whoever changes what the same text gives adds a migration that sets prompts.unindexed to 1. */

/* Append the tokens of text, a blank before each but the first of out. */
void search_words(const char *text, enum search_field field, struct buf *out);

/* Append the condition that all words of text are there, in the language of AGAINST (… IN BOOLEAN
 * MODE). with_beginning: of the last word the beginning is enough, as for one who still types,
 * once that has two letters.
 * False when text has no word; then nothing is appended. */
bool search_condition(const char *text, enum search_field field, bool with_beginning,
	struct buf *out);

/* The same as a regular expression, for tokens that are read one text after another. */
bool search_pattern(const char *text, enum search_field field, bool with_beginning,
	struct buf *out);

#endif
