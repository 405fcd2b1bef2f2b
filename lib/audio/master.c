#include "audio/master.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audio/truepeak.h"
#include "base/err.h"

enum {
	CHUNK = TRUEPEAK_CHUNK,
	BLOCK_FRAMES = 256 * CHUNK,
	MAX_PASSES = 5,
	MAX_AHEAD = 64,			/* chunks of look-ahead; 5 ms at 192 kHz are 30 */
};

static const double highpass_hz = 20, ahead_s = 0.005, release_s = 0.080;

/* Near enough to stop at: within the promised 0.5 LU with some room for the trim at the end. */
static const double close_lu = 0.3;

/* A pass gives more than what is missing, since the limiter will take some of that as well. */
static const double push = 1.3;

const struct master_target master_default = { .lufs = -14, .ceiling_dbtp = -1.8 };

struct highpass {
	double b0, a1, a2;		/* b1 = -2 b0, b2 = b0 */
	double s1[PCM_MAX_CHANNELS], s2[PCM_MAX_CHANNELS];
};

struct session {
	struct pcm *p;
	const struct audio_watch *watch;
	int64_t chunks;
	float *samples;			/* the highest sample of each chunk */
	float *curve, *scratch;		/* chunks + 1 gains: where each chunk begins, and the end */
	float gain;			/* for all of this pass */
	struct highpass highpass;
	int passes_done;
	struct loudness now;
};

/* Butterworth's second order, by the bilinear transform. */
static void
highpass_set(struct highpass *h, int rate)
{
	double w = 2 * M_PI * highpass_hz / rate, alpha = sin(w) * M_SQRT1_2, a0 = 1 + alpha;

	memset(h, 0, sizeof *h);
	h->b0 = (1 + cos(w)) / 2 / a0;
	h->a1 = -2 * cos(w) / a0;
	h->a2 = (1 - alpha) / a0;
}

static void
highpass_block(struct session *s, int64_t at, int64_t frames)
{
	struct highpass *h = &s->highpass;
	int channels = s->p->channels;

	for (int c = 0; c < channels; c++) {
		float *x = s->p->data + at * channels + c;
		double s1 = h->s1[c], s2 = h->s2[c];

		for (int64_t i = 0; i < frames; i++, x += channels) {
			double in = h->b0 * *x, y = in + s1;

			s1 = s2 - 2 * in - h->a1 * y;
			s2 = in - h->a2 * y;
			*x = (float)y;
		}
		/* In silence the states would sink into denormal numbers, which are slow. */
		h->s1[c] = fabs(s1) < 1e-30 ? 0 : s1;
		h->s2[c] = fabs(s2) < 1e-30 ? 0 : s2;
	}
}

static void
gain_block(struct session *s, int64_t at, int64_t frames)
{
	int channels = s->p->channels;

	for (int64_t end = at + frames; at < end; at += CHUNK) {
		float *x = s->p->data + at * channels;
		float g = s->curve[at / CHUNK] * s->gain;
		float rise = (s->curve[at / CHUNK + 1] * s->gain - g) / CHUNK;
		int n = end - at < CHUNK ? (int)(end - at) : CHUNK;

		for (int i = 0; i < n; i++)
			for (int c = 0; c < channels; c++) *x++ *= g + rise * (float)i;
	}
}

/* Do work on the whole sound, block by block, and measure what comes out. */
static int
pass(struct session *s, void (*work)(struct session *, int64_t at, int64_t frames), struct err *e)
{
	struct pcm *p = s->p;
	struct loudness_meter *m = loudness_open(p->rate, p->channels);
	int rc = -1;

	for (int64_t at = 0; at < p->frames; at += BLOCK_FRAMES) {
		int64_t n = p->frames - at < BLOCK_FRAMES ? p->frames - at : BLOCK_FRAMES;
		double done = s->passes_done + (double)at / (double)p->frames;

		/* Nobody knows how many passes there will be, so each gets half of what is left. */
		if (!audio_goes_on(s->watch, 1 - exp2(-done))) {
			err_set(e, ERR_STOPPED, "mastering was stopped");
			goto out;
		}
		work(s, at, n);
		loudness_add(m, p->data + at * p->channels, n);
	}
	truepeak_samples(p, s->samples);
	s->now.lufs = loudness_lufs(m);
	s->now.true_peak_dbtp = loudness_db(truepeak_all(p, s->samples));
	s->passes_done++;
	rc = 0;
out:
	loudness_close(m);
	return rc;
}

static inline float
lowest(float a, float b)
{
	return a < b ? a : b;
}

/* What each chunk may have at most, then what holds at its two ends, then let go slowly. */
static void
curve_require(struct session *s, float ceiling)
{
	float room = ceiling / s->gain, *g = s->curve;
	double keep = exp(-CHUNK / (release_s * s->p->rate));

	for (int64_t c = 0; c <= s->chunks; c++) g[c] = 1;
	for (int64_t c = 0; c < s->chunks; c++) {
		float may;

		if (truepeak_bound(s->samples, s->chunks, c) <= room) continue;
		may = room / truepeak_chunk(s->p, c);
		g[c] = lowest(g[c], may);
		g[c + 1] = lowest(g[c + 1], may);
	}
	for (int64_t c = 1; c <= s->chunks; c++)
		g[c] = lowest(g[c], (float)(1 - (1 - g[c - 1]) * keep));
}

/* Begin to fall some chunks ahead, along a smooth curve: the lowest of what comes within the
 * look-ahead, then averaged over as many chunks that are past, by the weights of a triangle. Each
 * of those minima has seen the requirement of the present, so their average does not exceed it. */
static void
curve_smooth(struct session *s)
{
	int ahead = (int)lround(ahead_s * s->p->rate / CHUNK), n;
	double weight[MAX_AHEAD + 1], sum = 0;

	n = ahead < 2 ? 2 : ahead > MAX_AHEAD ? MAX_AHEAD : ahead;
	for (int k = 0; k <= n; k++) sum += weight[k] = 1 + (k < n - k ? k : n - k);
	for (int64_t c = 0; c <= s->chunks; c++) {
		float low = s->curve[c];

		for (int64_t k = c; k <= c + n && k <= s->chunks; k++)
			low = lowest(low, s->curve[k]);
		s->scratch[c] = low;
	}
	for (int64_t c = 0; c <= s->chunks; c++) {
		double g = 0;

		for (int k = 0; k <= n; k++) g += weight[k] * (double)s->scratch[c > k ? c - k : 0];
		s->curve[c] = (float)(g / sum);
	}
}

/* Most that this pass's curve takes away, in dB. */
static double
curve_depth(const struct session *s)
{
	float low = 1;

	for (int64_t c = 0; c <= s->chunks; c++) low = lowest(low, s->curve[c]);
	return -loudness_db(low);
}

static void
trim(struct session *s, double db)
{
	float g = (float)loudness_factor(db);

	for (int64_t i = 0; i < s->p->frames * s->p->channels; i++) s->p->data[i] *= g;
	s->now.lufs += db;
	s->now.true_peak_dbtp += db;
}

static double
at_most(double step, double gain_db)
{
	return gain_db + step > MASTER_MAX_GAIN_DB ? MASTER_MAX_GAIN_DB - gain_db : step;
}

/* Gain and limiter until the loudness is near the target, or nothing more can be done. */
static int
approach(struct session *s, const struct master_target *t, struct master_report *r, struct err *e)
{
	double step = isfinite(s->now.lufs) ? at_most(t->lufs - s->now.lufs, 0) : 0;

	while (r->passes < MAX_PASSES) {
		double depth;

		s->gain = (float)loudness_factor(step);
		curve_require(s, (float)loudness_factor(t->ceiling_dbtp));
		curve_smooth(s);
		depth = curve_depth(s);
		if (pass(s, gain_block, e)) return -1;
		r->gain_db += step;
		r->reduction_db += depth;
		r->passes++;
		if (!isfinite(s->now.lufs) || fabs(t->lufs - s->now.lufs) <= close_lu) break;
		step = at_most((t->lufs - s->now.lufs) * push, r->gain_db);
		if (step == 0) break;
	}
	if (s->now.true_peak_dbtp > t->ceiling_dbtp)
		trim(s, t->ceiling_dbtp - s->now.true_peak_dbtp);
	return 0;
}

static float *
chunk_array(int64_t n)
{
	float *a = malloc(sizeof *a * (size_t)n);

	if (!a) abort();
	return a;
}

int
master_run(struct pcm *p, const struct master_target *t, struct master_report *report,
	const struct audio_watch *w, struct err *e)
{
	struct session s = { .p = p, .watch = w, .chunks = truepeak_chunks(p->frames) };
	struct master_report r = {0};
	int rc = -1;

	s.samples = chunk_array(s.chunks + 1);
	s.curve = chunk_array(s.chunks + 1);
	s.scratch = chunk_array(s.chunks + 1);
	highpass_set(&s.highpass, p->rate);
	if (pass(&s, highpass_block, e)) goto out;
	for (int c = 0; c < p->channels; c++) {
		/* What the filter has once taken in stays in its state. */
		if (isfinite(s.highpass.s1[c]) && isfinite(s.highpass.s2[c])) continue;
		err_set(e, ERR_INVALID, "the sound has samples that are not numbers");
		goto out;
	}
	r.before = s.now;
	if (isfinite(s.now.true_peak_dbtp) && approach(&s, t, &r, e)) goto out;
	r.after = s.now;
	if (report) *report = r;
	rc = 0;
out:
	free(s.samples);
	free(s.curve);
	free(s.scratch);
	return rc;
}

void
master_fade_out(struct pcm *p, double seconds)
{
	double want = seconds * p->rate;
	int64_t n = want < (double)p->frames ? (int64_t)want : p->frames;

	for (int64_t i = 1; i <= n; i++) {
		float *x = p->data + (p->frames - n + i - 1) * p->channels;
		float g = (float)(0.5 + 0.5 * cos(M_PI * (double)i / (double)n));

		for (int c = 0; c < p->channels; c++) x[c] *= g;
	}
}
