#include "audio/truepeak.h"

#include <math.h>
#include <string.h>

#include "base/wide.h"

enum { TAPS = 12, BEFORE = 5, AFTER = 6, SPAN = TRUEPEAK_CHUNK + BEFORE + AFTER };

/* Weights of the frames -5 … +6 for the places ¼ and ½ of the way to the next frame:
 * w(t) = sin(πt)/(πt) × ½(1 + cos(πt/6)), t the distance in frames. ¾ is ¼ backwards. */
static const float quarter[TAPS] = {
	-0.001631726f, 0.010359955f, -0.030107748f, 0.069158470f, -0.161458527f, 0.896465151f,
	0.288683356f, -0.103456726f, 0.046265053f, -0.018526006f, 0.004895983f, -0.000167442f,
};
static const float half[TAPS] = {
	-0.000986013f, 0.010358979f, -0.033703604f, 0.080138909f, -0.181129655f, 0.625773626f,
	0.625773626f, -0.181129655f, 0.080138909f, -0.033703604f, 0.010358979f, -0.000986013f,
};

/* What all weights of `half` add up to with their signs taken off, rounded up: no point between the
 * samples is higher than the highest sample by more than this factor. */
static const float worst_factor = 1.865f;

static inline float
highest(float a, float b)
{
	return a > b ? a : b;
}

/* All loops below have fixed lengths and no order of additions that matters across i, so that the
 * compiler may work on several i at once and the result is the same. */
static float
highest_of(const float x[TRUEPEAK_CHUNK])
{
	float top = 0;

	for (int i = 0; i < TRUEPEAK_CHUNK; i++) top = highest(x[i], top);
	return top;
}

WIDE void
truepeak_samples(const struct pcm *p, float *out)
{
	int64_t total = p->frames * p->channels, step = (int64_t)TRUEPEAK_CHUNK * p->channels;

	for (int64_t at = 0; at < total; at += step) {
		const float *x = p->data + at;
		float top[TRUEPEAK_CHUNK] = {0};

		if (total - at < step) {
			for (int64_t i = 0; i < total - at; i++)
				top[0] = highest(fabsf(x[i]), top[0]);
		} else {
			for (int c = 0; c < p->channels; c++, x += TRUEPEAK_CHUNK)
				for (int i = 0; i < TRUEPEAK_CHUNK; i++)
					top[i] = highest(fabsf(x[i]), top[i]);
		}
		*out++ = highest_of(top);
	}
}

/* The samples of one channel around the chunk; silence beyond the ends of the sound. */
static void
gather(const struct pcm *p, int64_t first, int channel, float z[SPAN])
{
	const float *x = p->data + channel;
	int64_t from = first - BEFORE, lo = from < 0 ? -from : 0, hi = p->frames - from;

	if (hi > SPAN) hi = SPAN;
	if (lo > 0 || hi < SPAN) memset(z, 0, SPAN * sizeof *z);
	for (int64_t i = lo; i < hi; i++) z[i] = x[(from + i) * p->channels];
}

/* Raise top[i] to the peak that one phase finds between the frames i and i+1. */
static void
interpolate(const float *z, const float w[TAPS], float top[TRUEPEAK_CHUNK])
{
	for (int i = 0; i < TRUEPEAK_CHUNK; i++) {
		float y = z[i] * w[0] + z[i + 1] * w[1] + z[i + 2] * w[2] + z[i + 3] * w[3]
			+ z[i + 4] * w[4] + z[i + 5] * w[5] + z[i + 6] * w[6] + z[i + 7] * w[7]
			+ z[i + 8] * w[8] + z[i + 9] * w[9] + z[i + 10] * w[10] + z[i + 11] * w[11];

		top[i] = highest(fabsf(y), top[i]);
	}
}

WIDE float
truepeak_chunk(const struct pcm *p, int64_t chunk)
{
	float top[TRUEPEAK_CHUNK] = {0}, z[SPAN], back[TAPS];

	for (int i = 0; i < TAPS; i++) back[i] = quarter[TAPS - 1 - i];
	for (int c = 0; c < p->channels; c++) {
		gather(p, chunk * TRUEPEAK_CHUNK, c, z);
		for (int i = 0; i < TRUEPEAK_CHUNK; i++)
			top[i] = highest(fabsf(z[i + BEFORE]), top[i]);
		interpolate(z, quarter, top);
		interpolate(z, half, top);
		interpolate(z, back, top);
	}
	return highest_of(top);
}

float
truepeak_bound(const float *samples, int64_t chunks, int64_t chunk)
{
	float top = samples[chunk];

	if (chunk > 0) top = highest(samples[chunk - 1], top);
	if (chunk + 1 < chunks) top = highest(samples[chunk + 1], top);
	return top * worst_factor;
}

void
truepeak_rest(const struct pcm *p, int64_t chunk)
{
	enum { AT_ONCE = 8192 };	/* chunks: 2 MB in stereo */
	int64_t done = chunk + 1;

	if (done % AT_ONCE == 0)
		pcm_rest(p, (done - AT_ONCE) * TRUEPEAK_CHUNK, done * TRUEPEAK_CHUNK);
}

float
truepeak_all(const struct pcm *p, const float *samples)
{
	int64_t chunks = truepeak_chunks(p->frames);
	float top = 0;

	for (int64_t c = 0; c < chunks; c++) top = highest(samples[c], top);
	for (int64_t c = 0; c < chunks; c++) {
		if (truepeak_bound(samples, chunks, c) > top)
			top = highest(truepeak_chunk(p, c), top);
		truepeak_rest(p, c);
	}
	return top;
}
