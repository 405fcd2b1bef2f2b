/* What a score file says, as it is to be played: a Standard MIDI File, and nothing else, decides every
 * sample of a take. So the take can be made again from it, as a whole or in stems.
 *
 * MIDI has no words for stems, ducking, textures and an exact length. They stand in text events (FF 01)
 * at the beginning of a track, which other programs show or ignore, one statement each:
 *
 *   earshot score 1                 in the first track: the version of this list
 *   earshot length 2880000 frames   of the whole sound, at 48 kHz
 *   earshot seed 7                  of what is left to chance: the grains of textures
 *   earshot texture vinyl 30        percent; "texture vinyl 30 smooth": without clicks
 *   earshot stem chords             which stem the channel of this track is in
 *   earshot duck 35                 percent that each kick pushes the channel of this track down
 *
 * Files of other programs are played, too: channel 10 and basses by General MIDI have stems of their
 * own, and two seconds are left for the last notes to fade. */
#ifndef EARSHOT_ENGINE_BAND_PERFORMANCE_H
#define EARSHOT_ENGINE_BAND_PERFORMANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/band/texture.h"

struct err;

enum { PERFORMANCE_VERSION = 1, PERFORMANCE_CHANNELS = 16, PERFORMANCE_SECONDS = 1200 };

/* The mix is the sum of the stems, in this order. */
enum stem { STEM_DRUMS, STEM_BASS, STEM_CHORDS, STEM_MELODY, STEM_TEXTURE, STEM_COUNT };

extern const char *const stem_names[STEM_COUNT + 1];	/* "drums", …; NULL-terminated */

struct performance {
	int64_t frames;			/* of 48000 a second */
	uint32_t seed;
	char title[128];		/* the first track's name; may be empty */
	struct performance_event {
		int64_t frame;		/* may lie behind the end */
		uint8_t status, a, b;	/* a channel event, 0x80 … 0xef */
	} *event;			/* owned; in time, and in the file's order at one time */
	int events;
	struct performance_channel {
		bool used;
		enum stem stem;
		int duck;		/* percent, 0 … 100 */
	} channel[PERFORMANCE_CHANNELS];
	struct performance_kick {
		int64_t frame;
		int32_t quarter_frames;	/* the tempo there */
		uint8_t velocity;
	} *kick;			/* owned; in time */
	int kicks;
	int texture[TEXTURE_COUNT];	/* percent; 0: none */
	bool clicks;
};

/* Read n bytes of a Standard MIDI File into *p, which is set anew. -1 with ERR_INVALID and a sentence
 * that names the byte, or the track and its statement; *p is then empty. */
int performance_read(struct performance *p, const void *bytes, size_t n, struct err *e);

void performance_free(struct performance *p);

#endif
