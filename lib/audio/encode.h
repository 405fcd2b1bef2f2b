/* Sound files: the formats there are, and how one is written. decode.h reads them back.
 *
 * A file holds exactly the frames it was given, and decodes to exactly as many: libsndfile trims
 * the delay and the padding of Vorbis, Opus and MP3 away again, and so does ffmpeg.
 *
 * FLAC and WAV are 24 bit. A FLAC file is the master that all other formats are made from, and at
 * 24 bit rounding lies 48 dB below what 16 bit has, so that it needs no dither (random by nature,
 * where the same job shall give the same bytes), transcoding adds nothing, and an A/B test compares
 * engines and not noise floors. It costs 1.8 times the size of 16 bit. Samples are rounded to the
 * nearest step and clipped at ±1; the lossy formats take floats as they are.
 *
 * The same sound and tags give the same bytes, whatever the day and the process: libsndfile gives
 * Ogg streams a random serial number, which is replaced here by a fixed one. */
#ifndef EARSHOT_AUDIO_ENCODE_H
#define EARSHOT_AUDIO_ENCODE_H

#include <stdbool.h>
#include <stdint.h>

#include "audio/pcm.h"
#include "audio/tags.h"
#include "audio/watch.h"

struct err;

struct audio_format {
	const char *name;		/* "flac", as in requests and records */
	const char *extension;		/* with its dot */
	const char *content_type;
	bool lossless;			/* integers of 24 bit; what is read is what was written */
	int sndfile;			/* libsndfile's number for it */
	double compression;		/* for SFC_SET_COMPRESSION_LEVEL; negative: it has none */
	/* Hz, rising, ended by 0; NULL: AUDIO_MIN_RATE … PCM_MAX_RATE. A sound of another rate is
	 * brought to the next higher one. */
	const int *rates;
};

enum { AUDIO_MIN_RATE = 8000 };

/* flac wav ogg opus mp3, ended by one without a name; and the names alone, in the same order. */
extern const struct audio_format audio_formats[];
extern const char *const audio_format_names[];

/* NULL: there is no such format. */
const struct audio_format *audio_format_find(const char *name);

/* The rate of a file of this format for sound of that rate; 0: there is none. */
int audio_format_rate(const struct audio_format *f, int rate);

/* Can the format hold this? -1 with ERR_INVALID and a sentence that names format and rate. */
int audio_format_check(const struct audio_format *f, int rate, int channels, struct err *e);

/* Write the sound to a file at path, which is made or replaced; tags and w may be NULL. A full disk
 * is ERR_AWAY, a sound without frames or with samples that are not numbers is ERR_INVALID. After a
 * failure there is no file. It is not synced: that is the storage's business. */
int audio_encode(const char *path, const struct pcm *p, const struct audio_format *f,
	const struct audio_tags *tags, const struct audio_watch *w, struct err *e);

/* The same bit by bit, for a sound that is never in memory as a whole. Exactly one of close and
 * discard ends a writer; close finishes the file, and removes it when it fails. */
struct audio_writer;

struct audio_writer *audio_writer_open(const char *path, const struct audio_format *f, int rate,
	int channels, const struct audio_tags *tags, struct err *e);
int audio_writer_add(struct audio_writer *wr, const float *samples, int64_t frames, struct err *e);
int audio_writer_close(struct audio_writer *wr, struct err *e);
void audio_writer_discard(struct audio_writer *wr);	/* removes the file; NULL is fine */

#endif
