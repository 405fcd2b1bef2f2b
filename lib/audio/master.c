#include "audio/master.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audio/biquad.h"
#include "audio/truepeak.h"
#include "base/err.h"

enum {
	CHUNK = TRUEPEAK_CHUNK,
	BLOCK_FRAMES = 256 * CHUNK,
	MAX_PASSES = 3,
	MAX_TRIES = 8,
	MAX_AHEAD = 64,			/* chunks of look-ahead; 5 ms at 192 kHz are 30 */
};

static const double highpass_hz = 20, level_hz = 4, ahead_s = 0.005, release_s = 0.080;

/* Near enough for a gain that is thought about, and for a sound that was made. */
static const double thought_lu = 0.02, made_lu = 0.3;

/* What the highest peaks are let exceed the limiter's own ceiling by: its gain moves while a peak
 * passes, and the last filter moves the wave. */
static const double spare_db = 0.25;

const struct master_target master_default = { .lufs = -14, .ceiling_dbtp = -1.8 };

/* The last filter: of first order. */
struct level {
	double keep;
	frame_pair in, out;
};

/* Of each chunk there is, of the sound as the last pass left it: */
struct session {
	struct pcm *p;
	const struct audio_watch *watch;
	int64_t chunks;
	float *samples;			/* the highest sample */
	float *peaks;			/* the true peak; below 0: not looked at so far */
	float *energy;			/* its energy as one hears it */
	float *curve, *scratch;		/* chunks + 1 gains: where each chunk begins, and the end */
	double *tenth;			/* energies of what a gain would make */
	float gain;			/* for all of this pass */
	struct biquad highpass;
	struct level level;
	int passes_done;
	struct loudness now;
};

static inline void
highpass_frames(struct session *s, float *x, int64_t frames, int channels)
{
	struct biquad f = s->highpass;

	for (int64_t i = 0; i < frames; i++, x += channels)
		frame_put(x, channels, biquad_step(&f, frame_get(x, channels)));
	biquad_rest(&f);
	s->highpass = f;
}

static void
highpass_block(struct session *s, int64_t at, int64_t frames)
{
	float *x = s->p->data + at * s->p->channels;

	if (s->p->channels == 2) highpass_frames(s, x, frames, 2);
	else highpass_frames(s, x, frames, 1);
}

/* The gain of a chunk is a straight line. A limiter that cuts one side of the wave more often
 * than the other leaves an offset, which the last filter takes out. */
static inline void
gain_chunk(struct session *s, float *x, int n, int channels, float g, float rise)
{
	struct level l = s->level;

	for (int i = 0; i < n; i++, x += channels) {
		frame_pair in = frame_get(x, channels) * (double)(g + rise * (float)i);

		l.out = in - l.in + l.keep * l.out;
		l.in = in;
		frame_put(x, channels, l.out);
	}
	l.out = frame_rest(l.out);
	s->level = l;
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

		if (channels == 2) gain_chunk(s, x, n, 2, g, rise);
		else gain_chunk(s, x, n, 1, g, rise);
	}
}

/* Do work on the whole sound, block by block, and measure what comes out. */
static int
pass(struct session *s, void (*work)(struct session *, int64_t at, int64_t frames), struct err *e)
{
	struct pcm *p = s->p, block = *p;
	struct loudness_meter *m = loudness_open(p->rate, p->channels, s->energy);
	int rc = -1;

	for (int64_t at = 0; at < p->frames; at += BLOCK_FRAMES) {
		double done = s->passes_done + (double)at / (double)p->frames;

		/* Nobody knows how many passes there will be, so each gets half of what is left. */
		if (!audio_goes_on(s->watch, 1 - exp2(-done))) {
			err_set(e, ERR_STOPPED, "mastering was stopped");
			goto out;
		}
		block.data = p->data + at * p->channels;
		block.frames = p->frames - at < BLOCK_FRAMES ? p->frames - at : BLOCK_FRAMES;
		work(s, at, block.frames);
		loudness_add(m, block.data, block.frames);
		truepeak_samples(&block, s->samples + at / CHUNK);
		pcm_rest(p, at, at + block.frames);
	}
	for (int64_t c = 0; c < s->chunks; c++) s->peaks[c] = -1;
	s->now.lufs = loudness_lufs(m);
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
		truepeak_rest(s->p, c);
		if (truepeak_bound(s->samples, s->chunks, c) <= room) continue;
		if (s->peaks[c] < 0) s->peaks[c] = truepeak_chunk(s->p, c);
		g[c] = lowest(g[c], room / s->peaks[c]);
		g[c + 1] = lowest(g[c + 1], room / s->peaks[c]);
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
	struct pcm *p = s->p;

	for (int64_t at = 0, end; at < p->frames; at = end) {
		end = at + BLOCK_FRAMES < p->frames ? at + BLOCK_FRAMES : p->frames;
		for (int64_t i = at * p->channels; i < end * p->channels; i++) p->data[i] *= g;
		pcm_rest(p, at, end);
	}
	s->now.lufs += db;
	s->now.true_peak_dbtp += db;
}

/* How loud the sound becomes by the present gain and curve: that of a chunk hardly changes
 * while the chunk lasts, so its energy is enough to know. */
static double
foresee(struct session *s)
{
	int tenth = loudness_tenth(s->p->rate);
	int64_t n = s->p->frames / tenth;

	memset(s->tenth, 0, sizeof *s->tenth * (size_t)(n + 1));
	for (int64_t c = 0; c < s->chunks; c++) {
		double g = 0.5 * (s->curve[c] + s->curve[c + 1]) * s->gain;

		s->tenth[c * CHUNK / tenth] += s->energy[c] * g * g;
	}
	return loudness_gated(s->tenth, n, s->p->rate);
}

/* Find the gain (dB, from least to most) whose curve makes the sound as loud as it should be.
 * Returns it, with its curve in place. A limiter takes some of each dB away, the more the
 * higher the gain. */
static double
choose_gain(struct session *s, const struct master_target *t, double most)
{
	float ceiling = (float)loudness_factor(t->ceiling_dbtp - spare_db);
	double gain = isfinite(s->now.lufs) ? t->lufs - s->now.lufs : 0;
	double slope = 1, last_gain = 0, last = 0;

	for (int tries = 0;; tries++) {
		double foreseen;

		gain = gain > most ? most : gain;
		s->gain = (float)loudness_factor(gain);
		curve_require(s, ceiling);
		curve_smooth(s);
		if (!isfinite(s->now.lufs) || tries == MAX_TRIES) break;
		foreseen = foresee(s);
		if (fabs(t->lufs - foreseen) <= thought_lu) break;
		if (gain == most && foreseen < t->lufs) break;
		if (tries > 0 && gain != last_gain) slope = (foreseen - last) / (gain - last_gain);
		slope = slope < 0.1 ? 0.1 : slope > 1 ? 1 : slope;
		last_gain = gain;
		last = foreseen;
		gain += (t->lufs - foreseen) / slope;
	}
	return gain;
}

/* Gain and limiter until the loudness is near the target, or nothing more can be done. */
static int
approach(struct session *s, const struct master_target *t, struct master_report *r, struct err *e)
{
	while (r->passes < MAX_PASSES) {
		double gain = choose_gain(s, t, MASTER_MAX_GAIN_DB - r->gain_db);

		r->reduction_db += curve_depth(s);
		s->level = (struct level){ .keep = exp(-2 * M_PI * level_hz / s->p->rate) };
		if (pass(s, gain_block, e)) return -1;
		r->gain_db += gain;
		r->passes++;
		if (!isfinite(s->now.lufs) || fabs(t->lufs - s->now.lufs) <= made_lu) break;
		if (r->gain_db >= MASTER_MAX_GAIN_DB) break;
	}
	s->now.true_peak_dbtp = loudness_db(truepeak_all(s->p, s->samples));
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
	struct session s = { .p = p, .watch = w, .chunks = truepeak_chunks(p->frames),
		.highpass = biquad_of(highpass_hz, M_SQRT1_2, 1, 0, 0, p->rate) };
	struct master_report r = {0};
	float **arrays[] = { &s.samples, &s.peaks, &s.energy, &s.curve, &s.scratch };
	int rc = -1;

	for (size_t i = 0; i < NELEM(arrays); i++) *arrays[i] = chunk_array(s.chunks + 1);
	s.tenth = calloc((size_t)(p->frames / loudness_tenth(p->rate) + 2), sizeof *s.tenth);
	if (!s.tenth) abort();
	if (pass(&s, highpass_block, e)) goto out;
	for (int c = 0; c < p->channels; c++) {
		/* What the filter has once taken in stays in its state. */
		if (isfinite(s.highpass.s1[c]) && isfinite(s.highpass.s2[c])) continue;
		err_set(e, ERR_INVALID, "the sound has samples that are not numbers");
		goto out;
	}
	s.now.true_peak_dbtp = loudness_db(truepeak_all(p, s.samples));
	r.before = s.now;
	if (isfinite(s.now.true_peak_dbtp) && approach(&s, t, &r, e)) goto out;
	r.after = s.now;
	if (report) *report = r;
	rc = 0;
out:
	for (size_t i = 0; i < NELEM(arrays); i++) free(*arrays[i]);
	free(s.tenth);
	return rc;
}
