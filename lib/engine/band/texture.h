/* Textures: what surrounds the music and no soundfont has. A style, or the prompt, says which and how
 * loud; the score carries that, and the renderer makes them. */
#ifndef EARSHOT_ENGINE_BAND_TEXTURE_H
#define EARSHOT_ENGINE_BAND_TEXTURE_H

#include <stdbool.h>

enum texture {
	TEXTURE_VINYL,		/* crackle and the noise of the groove; the music sways at 33 rpm */
	TEXTURE_TAPE,		/* hiss; the music is saturated a little, with wow and flutter */
	TEXTURE_RAIN,
	TEXTURE_WAVES,		/* of the sea, one every some seconds */
	TEXTURE_WIND,
	TEXTURE_COUNT
};

/* What a prompt that asks for one without a number means, and the most that a number can be: percent
 * of the loudness that still leaves the music in front. */
enum { TEXTURE_USUAL = 45, TEXTURE_MOST = 100 };

struct texture_kind {
	const char *name;		/* as in style files; also one of its words */
	const char *words;		/* a list as in words.h */
	bool percussive;		/* it has clicks, which are left out where drums are */
};

extern const struct texture_kind textures[TEXTURE_COUNT];

int texture_find(const char *name);	/* -1: there is none of that name */

#endif
