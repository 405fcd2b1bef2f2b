/* Sound in memory: interleaved float32 frames, nominally within ±1, at one sample rate.
 *
 * A frame is one sample for each channel; frame counts, never sample counts, are passed around. */
#ifndef EARSHOT_AUDIO_PCM_H
#define EARSHOT_AUDIO_PCM_H

#include <stdint.h>

struct pcm {
	float *data;		/* frames × channels, interleaved; owned */
	int64_t frames;
	int channels;		/* 1 or 2 */
	int rate;		/* Hz */
};

enum {
	PCM_MAX_CHANNELS = 2,
	PCM_MAX_RATE = 192000,
	PCM_MAX_SECONDS = 3600,		/* what any reader or engine here may hold in memory */
};

/* Zeroed frames; aborts when out of memory. */
struct pcm pcm_new(int64_t frames, int channels, int rate);
void pcm_free(struct pcm *p);

static inline double
pcm_seconds(const struct pcm *p)
{
	return p->rate ? (double)p->frames / p->rate : 0;
}

#endif
