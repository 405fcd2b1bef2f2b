/* How loud a sound is, and how high it peaks.
 *
 * Integrated loudness by libebur128 (EBU R 128, ITU-R BS.1770): K-weighted, gated, all channels
 * together; a mono sound counts as one loudspeaker, as ffmpeg's ebur128 does it. True peak by
 * truepeak.h.
 *
 * A sound without any block of 400 ms above -70 LUFS (silence, or shorter than 400 ms) has no
 * loudness, and digital silence has no peak: both are -INFINITY then, which base/json.h prints as
 * null. */
#ifndef EARSHOT_AUDIO_LOUDNESS_H
#define EARSHOT_AUDIO_LOUDNESS_H

#include <stdint.h>

#include "audio/pcm.h"
#include "audio/watch.h"

struct err;

struct loudness {
	double lufs;			/* integrated */
	double true_peak_dbtp;
};

/* Works in blocks; beside the sound it needs little memory. ERR_STOPPED by w, which may be NULL. */
int loudness_measure(const struct pcm *p, struct loudness *out, const struct audio_watch *w,
	struct err *e);

/* The same for integrated loudness only, fed piece by piece. */
struct loudness_meter;

struct loudness_meter *loudness_open(int rate, int channels);
void loudness_add(struct loudness_meter *m, const float *samples, int64_t frames);
double loudness_lufs(const struct loudness_meter *m);
void loudness_close(struct loudness_meter *m);		/* NULL is fine */

/* 20 log10(x), -INFINITY for 0; and its inverse. */
double loudness_db(double factor);
double loudness_factor(double db);

#endif
