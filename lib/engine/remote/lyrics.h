/* The words that are sung. People who write for such servers put what it shall sound like first,
 * and then the lyrics with tags between their parts:
 *
 *	indie pop with a warm female voice
 *	[Verse]
 *	The last train left at ten past two …
 *
 * Pure. */
#ifndef EARSHOT_ENGINE_REMOTE_LYRICS_H
#define EARSHOT_ENGINE_REMOTE_LYRICS_H

/* Where they begin: the first line that is nothing but a tag in brackets. NULL: there are none. */
const char *lyrics_of(const char *prompt);

#endif
