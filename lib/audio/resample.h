/* Sound at a higher sample rate, for formats that have not every one: interpolated by windowed
 * sines (Smith, "Digital audio resampling", ccrma.stanford.edu/~jos/resample), a table of them
 * for each phase that occurs. What was there up to 0.92 of half the old rate stays, with an error
 * below −80 dB. */
#ifndef EARSHOT_AUDIO_RESAMPLE_H
#define EARSHOT_AUDIO_RESAMPLE_H

#include <stdint.h>

struct resampler;

/* from < to, both up to PCM_MAX_RATE. */
struct resampler *resampler_new(int from, int to, int channels);
void resampler_free(struct resampler *r);	/* NULL is fine */

/* More of the sound, interleaved; NULL: that was all of it. What can be told by now, *n frames of
 * it, until the next call. All in all there are as many frames as the sound has at the new rate,
 * rounded up. */
const float *resampler_add(struct resampler *r, const float *samples, int64_t frames, int64_t *n);

#endif
