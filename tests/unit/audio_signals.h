/* Sounds whose loudness, peaks and length are known, for the tests of lib/audio. */
#ifndef EARSHOT_TESTS_AUDIO_SIGNALS_H
#define EARSHOT_TESTS_AUDIO_SIGNALS_H

#include <math.h>
#include <stdint.h>

#include "audio/pcm.h"

/* xorshift32; the same numbers in every run. The state must not be 0. */
static inline uint32_t
signal_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	return *state ^= *state << 5;
}

/* -1 … 1 */
static inline double
signal_noise(uint32_t *state)
{
	return signal_random(state) / 2147483648.0 - 1;
}

/* The same sine in all channels; phase in turns. */
static inline struct pcm
signal_sine(int64_t frames, int channels, int rate, double hz, double amplitude, double phase)
{
	struct pcm p = pcm_new(frames, channels, rate);

	for (int64_t i = 0; i < frames; i++)
		for (int c = 0; c < channels; c++)
			p.data[i * channels + c] = (float)(amplitude
				* sin(2 * M_PI * (hz * (double)i / rate + phase)));
	return p;
}

/* Something like a band: chords that change, and a drum of dying noise on every beat. The seed
 * picks level, tempo, chords and how hard the drum is against the chords; level 1 peaks around
 * 1. */
static inline struct pcm
signal_band(double seconds, int channels, int rate, uint32_t seed)
{
	struct pcm p = pcm_new((int64_t)(seconds * rate), channels, rate);
	uint32_t r = seed * 2654435761u + 1;
	int64_t beat = rate / 4 + signal_random(&r) % (unsigned)rate / 2;
	double drum = 0.2 + 0.6 * fabs(signal_noise(&r)), chord = 0.3 * (1 - drum), hz[3] = {0};

	for (int64_t i = 0; i < p.frames; i++) {
		double t = (double)(i % beat) / rate;
		double hit = drum * exp(-t * 25) * signal_noise(&r);

		if (i % beat == 0)
			for (int k = 0; k < 3; k++)
				hz[k] = 110 * exp2((signal_random(&r) % 36) / 12.0);
		for (int c = 0; c < channels; c++) {
			double y = hit;

			for (int k = 0; k < 3; k++)
				y += chord * exp(-2 * t)
					* sin(2 * M_PI * hz[k] * (double)i / rate + k + c);
			p.data[i * channels + c] = (float)y;
		}
	}
	return p;
}

#endif
