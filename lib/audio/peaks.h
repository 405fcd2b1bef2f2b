/* The waveform of a sound at a glance, for drawing: the lowest and the highest sample of each
 * stretch.
 *
 * Stored as audiowaveform's binary format, version 2, 8 bit, one channel; sent as its JSON format:
 *
 *   github.com/bbc/audiowaveform, doc/DataFormat.md: little-endian int32 version = 2, uint32 flags
 *   (bit 0: 8 bit), int32 sample_rate, int32 samples_per_pixel, uint32 length, int32 channels; then
 *   length pairs of int8, min before max.
 *
 * Stereo becomes one channel by the lower minimum and the higher maximum, so that nothing which is
 * heard is missing in the picture. -1 … 1 becomes -128 … 127, cut towards 0 as audiowaveform
 * does. */
#ifndef EARSHOT_AUDIO_PEAKS_H
#define EARSHOT_AUDIO_PEAKS_H

#include <stddef.h>
#include <stdint.h>

#include "audio/pcm.h"
#include "base/buf.h"

struct err;

enum {
	PEAKS_FRAMES_PER_POINT = 256,
	PEAKS_HEADER = 24,
	PEAKS_MAX_POINTS = PCM_MAX_SECONDS * (PCM_MAX_RATE / PEAKS_FRAMES_PER_POINT),
	PEAKS_MAX_BYTES = PEAKS_HEADER + 2 * PEAKS_MAX_POINTS,
};

struct peaks {
	int rate;		/* Hz */
	int frames_per_point;
	uint32_t points;
	int8_t *data;		/* 2 × points, min before max; owned */
};

/* At PEAKS_FRAMES_PER_POINT. The last point covers what is left. Release with peaks_free(). */
struct peaks peaks_of(const struct pcm *p);
void peaks_free(struct peaks *k);

/* Append the binary format. */
void peaks_write(const struct peaks *k, struct buf *out);

/* Read it back. Exactly what peaks_write() makes is taken; all else is ERR_UNREADABLE, and out is
 * as it was. */
int peaks_parse(const void *bytes, size_t n, struct peaks *out, struct err *e);

/* At most max_points points (> 0) for the same time, from whole points of k: the frames of a point
 * grow to the least whole number that does it, so that times stay exact. Fewer than asked when k
 * has no more. A new value, to be freed. */
struct peaks peaks_resample(const struct peaks *k, uint32_t max_points);

/* Append the JSON format: {"version":2,"channels":1,"sample_rate":48000,"samples_per_pixel":256,
 * "bits":8,"length":2,"data":[-31,63,0,0]}. */
void peaks_json(const struct peaks *k, struct buf *out);

#endif
