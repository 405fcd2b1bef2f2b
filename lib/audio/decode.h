/* Sound files read back: what encode.h writes, and what other programs wrote in the same formats.
 *
 * Files are hostile until read: only WAV, FLAC, Ogg Vorbis, Opus and MPEG audio are opened, only
 * regular files, of at most PCM_MAX_CHANNELS channels and PCM_MAX_RATE Hz; memory grows with what
 * was really decoded, never with what a header promises. Of a broken MP3 file libmpg123 complains
 * on stderr, which libsndfile gives no way to prevent. */
#ifndef EARSHOT_AUDIO_DECODE_H
#define EARSHOT_AUDIO_DECODE_H

#include "audio/encode.h"
#include "audio/pcm.h"
#include "audio/tags.h"
#include "audio/watch.h"

struct err;

/* Decode the whole file. out is the caller's to free; tags may be NULL. Lossy formats may come out
 * a little beyond ±1. ERR_NOT_FOUND; ERR_UNSUPPORTED: none of the formats, too many channels or too
 * high a rate; ERR_TOO_LARGE: longer than max_seconds (at most PCM_MAX_SECONDS count);
 * ERR_UNREADABLE: damaged, empty, cut short, or with samples that are not numbers. */
int audio_read(const char *path, double max_seconds, struct pcm *out, struct audio_tags_read *tags,
	struct err *e);

/* Only what it says about itself. The errors of audio_read, as far as the beginning shows them. */
int audio_read_tags(const char *path, struct audio_tags_read *tags, struct err *e);

/* What else may change on the way to another file. Zeroed: nothing. */
struct audio_change {
	double gain_db;			/* at most 0 keeps any sound within ±1 */
	int64_t frames;			/* exactly so many, cut or with silence behind; 0: all */
	bool untagged;			/* but for the name of this program */
};

/* Make a file of another format, in little memory, with the same tags and the same sound but for
 * what c says (NULL: nothing); dst must not be src. The errors of audio_read and audio_encode; after
 * a failure there is no file at dst. */
int audio_transcode(const char *src, const char *dst, const struct audio_format *f,
	const struct audio_change *c, const struct audio_watch *w, struct err *e);

#endif
