#include "audio/loudness.h"

#include <ebur128.h>
#include <math.h>
#include <stdlib.h>

#include "audio/truepeak.h"
#include "base/err.h"

enum { BLOCK_FRAMES = 8192 };

struct loudness_meter {
	ebur128_state *state;
};

struct loudness_meter *
loudness_open(int rate, int channels)
{
	struct loudness_meter *m = malloc(sizeof *m);

	if (!m) abort();
	m->state = ebur128_init((unsigned)channels, (unsigned long)rate, EBUR128_MODE_I);
	/* It takes every rate and number of channels that a pcm can have, so this is want of
	 * memory. */
	if (!m->state) abort();
	return m;
}

void
loudness_add(struct loudness_meter *m, const float *samples, int64_t frames)
{
	if (ebur128_add_frames_float(m->state, samples, (size_t)frames)) abort();
}

double
loudness_lufs(const struct loudness_meter *m)
{
	double lufs;

	return ebur128_loudness_global(m->state, &lufs) ? -INFINITY : lufs;
}

void
loudness_close(struct loudness_meter *m)
{
	if (!m) return;
	ebur128_destroy(&m->state);
	free(m);
}

int
loudness_measure(const struct pcm *p, struct loudness *out, const struct audio_watch *w,
	struct err *e)
{
	struct loudness_meter *m = loudness_open(p->rate, p->channels);
	float *samples = NULL;
	int rc = -1;

	for (int64_t at = 0; at < p->frames; at += BLOCK_FRAMES) {
		if (!audio_goes_on(w, (double)at / (double)p->frames)) {
			err_set(e, ERR_STOPPED, "measuring was stopped");
			goto out;
		}
		loudness_add(m, p->data + at * p->channels,
			p->frames - at < BLOCK_FRAMES ? p->frames - at : BLOCK_FRAMES);
	}
	samples = malloc(sizeof *samples * (size_t)(truepeak_chunks(p->frames) + 1));
	if (!samples) abort();
	truepeak_samples(p, samples);
	out->lufs = loudness_lufs(m);
	out->true_peak_dbtp = loudness_db(truepeak_all(p, samples));
	rc = 0;
out:
	free(samples);
	loudness_close(m);
	return rc;
}

double
loudness_db(double factor)
{
	return factor > 0 ? 20 * log10(factor) : -INFINITY;
}

double
loudness_factor(double db)
{
	return pow(10, db / 20);
}
