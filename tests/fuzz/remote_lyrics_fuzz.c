/* Lyrics, where a prompt has some, are its end, begin with a tag, and begin a line. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/remote/lyrics.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *prompt = strndup((const char *)data, size);
	const char *lyrics, *before;

	if (!prompt) abort();
	if ((lyrics = lyrics_of(prompt))) {
		if (lyrics < prompt || *lyrics != '[' || !strchr(lyrics, ']')) abort();
		if (lyrics_of(lyrics) != lyrics) abort();
		for (before = lyrics; before > prompt && before[-1] != '\n'; before--)
			if (!strchr(" \t\r", before[-1])) abort();
	}
	free(prompt);
	return 0;
}
