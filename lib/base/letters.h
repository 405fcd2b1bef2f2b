/* What a character is to a search for words, and what it is written as, so that what looks alike is
 * found alike: "Ünïcode" as "unicode", "ＡＢＣ" as "abc", "Ёлка" as "елка", "ピアノ" as "ぴあの".
 *
 * Not all of Unicode: the scripts in which people are likely to ask for music. Letters that are in
 * no table are letters, in the case in which they come. Pure. */
#ifndef EARSHOT_BASE_LETTERS_H
#define EARSHOT_BASE_LETTERS_H

#include <stdint.h>

enum letter {
	LETTER_NONE,	/* between words: blanks, punctuation, symbols, emoji */
	LETTER_JOINS,	/* within a word, perhaps: hyphens, apostrophes, "&" */
	LETTER_SILENT,	/* counts for nothing: combining accents, joiners without width */
	LETTER_OF_WORD,	/* letters and digits */
	LETTER_ALONE,	/* a word by itself, in scripts that put no blanks between words */
};

/* c is what the first character of a text is; *folded (two code points, the second often 0) is what
 * it is written as when it is a letter. Returns the bytes that it takes, 0 at the end of the text.
 * What is no UTF-8 is LETTER_NONE, byte by byte. */
unsigned letters_next(const char *text, enum letter *c, uint32_t folded[2]);

#endif
