#include "audio/peaks.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/wide.h"

enum {
	VERSION = 2, FLAG_8_BIT = 1, MAX_FRAMES = PCM_MAX_RATE * PCM_MAX_SECONDS,
	REST_POINTS = 256		/* after so many the sound may leave memory */
};

static int8_t *
pairs(uint32_t points)
{
	int8_t *d = calloc(points ? points : 1, 2);

	if (!d) abort();
	return d;
}

/* Through 16 bit to 8, each time cut towards 0, as audiowaveform does it. */
static int8_t
to_int8(float x)
{
	float v = x * 32767.0f;

	if (!(v > -32768.0f)) v = v <= -32768.0f ? -32768.0f : 0;	/* 0: not a number */
	if (v > 32767.0f) v = 32767.0f;
	return (int8_t)((int)v / 256);
}

struct span {
	float lo, hi;
};

/* Of n >= 1 samples; eight spans side by side, since each step of one waits for the one before. */
static inline struct span
span_of(const float *x, int64_t n)
{
	enum { SIDE_BY_SIDE = 8 };
	struct span s = { x[0], x[0] };
	float lo[SIDE_BY_SIDE], hi[SIDE_BY_SIDE];
	int64_t j = 0;

	for (int k = 0; k < SIDE_BY_SIDE; k++) lo[k] = hi[k] = x[0];
	for (; j + SIDE_BY_SIDE <= n; j += SIDE_BY_SIDE)
		for (int k = 0; k < SIDE_BY_SIDE; k++) {
			lo[k] = x[j + k] < lo[k] ? x[j + k] : lo[k];
			hi[k] = x[j + k] > hi[k] ? x[j + k] : hi[k];
		}
	for (int k = 0; j < n; j++, k++) {
		lo[k] = x[j] < lo[k] ? x[j] : lo[k];
		hi[k] = x[j] > hi[k] ? x[j] : hi[k];
	}
	for (int k = 0; k < SIDE_BY_SIDE; k++) {
		s.lo = lo[k] < s.lo ? lo[k] : s.lo;
		s.hi = hi[k] > s.hi ? hi[k] : s.hi;
	}
	return s;
}

WIDE struct peaks
peaks_of(const struct pcm *p)
{
	int64_t step = (int64_t)PEAKS_FRAMES_PER_POINT * p->channels;
	int64_t total = p->frames * p->channels;
	struct peaks k = { .rate = p->rate, .frames_per_point = PEAKS_FRAMES_PER_POINT,
		.points = (uint32_t)((total + step - 1) / step) };

	k.data = pairs(k.points);
	for (uint32_t i = 0; i < k.points; i++) {
		const float *x = p->data + i * step;
		int64_t n = total - i * step < step ? total - i * step : step;
		struct span s = span_of(x, n);

		k.data[2 * i] = to_int8(s.lo);
		k.data[2 * i + 1] = to_int8(s.hi);
		if ((i + 1) % REST_POINTS == 0)
			pcm_rest(p, (int64_t)(i + 1 - REST_POINTS) * PEAKS_FRAMES_PER_POINT,
				(int64_t)(i + 1) * PEAKS_FRAMES_PER_POINT);
	}
	return k;
}

void
peaks_free(struct peaks *k)
{
	free(k->data);
	*k = (struct peaks){0};
}

static void
put32(struct buf *out, uint32_t v)
{
	for (int shift = 0; shift < 32; shift += 8) buf_addc(out, (char)(v >> shift));
}

static uint32_t
get32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

void
peaks_write(const struct peaks *k, struct buf *out)
{
	put32(out, VERSION);
	put32(out, FLAG_8_BIT);
	put32(out, (uint32_t)k->rate);
	put32(out, (uint32_t)k->frames_per_point);
	put32(out, k->points);
	put32(out, 1);
	buf_add(out, k->data, 2 * (size_t)k->points);
}

int
peaks_parse(const void *bytes, size_t n, struct peaks *out, struct err *e)
{
	const unsigned char *head = bytes;
	const int8_t *data;
	uint32_t rate, step, points;

	if (n < PEAKS_HEADER)
		return err_set(e, ERR_UNREADABLE, "the peaks are shorter than their header");
	if (n > PEAKS_MAX_BYTES) return err_set(e, ERR_UNREADABLE, "the peaks are too long");
	rate = get32(head + 8);
	step = get32(head + 12);
	points = get32(head + 16);
	if (get32(head) != VERSION || get32(head + 4) != FLAG_8_BIT || get32(head + 20) != 1)
		return err_set(e, ERR_UNREADABLE,
			"the peaks are not of version 2, 8 bit and one channel");
	if (rate < 1 || rate > PCM_MAX_RATE)
		return err_set(e, ERR_UNREADABLE, "the peaks have a sample rate of %u Hz", rate);
	if (points != (n - PEAKS_HEADER) / 2 || n % 2)
		return err_set(e, ERR_UNREADABLE, "the peaks are not as long as they say");
	if (step < 1 || step > MAX_FRAMES || (uint64_t)step * points > MAX_FRAMES + (uint64_t)step)
		return err_set(e, ERR_UNREADABLE, "the peaks have %u frames in a point", step);
	data = (const int8_t *)head + PEAKS_HEADER;
	for (uint32_t i = 0; i < points; i++)
		if (data[2 * i] > data[2 * i + 1])
			return err_set(e, ERR_UNREADABLE,
				"the peaks have a minimum above its maximum");
	*out = (struct peaks){ .rate = (int)rate, .frames_per_point = (int)step, .points = points,
		.data = pairs(points) };
	memcpy(out->data, data, 2 * (size_t)points);
	return 0;
}

struct peaks
peaks_resample(const struct peaks *k, uint32_t max_points)
{
	uint64_t old = (uint64_t)k->frames_per_point, frames = old * k->points;
	uint64_t step = (frames + max_points - 1) / max_points;
	struct peaks out = { .rate = k->rate };

	if (step < old) step = old;
	out.frames_per_point = (int)step;
	out.points = (uint32_t)((frames + step - 1) / step);
	out.data = pairs(out.points);
	for (uint32_t i = 0; i < out.points; i++) {
		/* Every old point that any frame of the new one lies in. */
		uint64_t first = i * step / old, end = ((i + 1) * step + old - 1) / old;
		int8_t lo = k->data[2 * first], hi = k->data[2 * first + 1];

		for (uint64_t j = first + 1; j < end && j < k->points; j++) {
			lo = k->data[2 * j] < lo ? k->data[2 * j] : lo;
			hi = k->data[2 * j + 1] > hi ? k->data[2 * j + 1] : hi;
		}
		out.data[2 * i] = lo;
		out.data[2 * i + 1] = hi;
	}
	return out;
}

/* "-128," at the longest. Ten times as fast as printf, and a long song has 200,000 of them. */
static char *
print_int8(char *to, int v)
{
	if (v < 0) *to++ = '-', v = -v;
	if (v >= 100) *to++ = (char)('0' + v / 100);
	if (v >= 10) *to++ = (char)('0' + v / 10 % 10);
	*to++ = (char)('0' + v % 10);
	return to;
}

void
peaks_json(const struct peaks *k, struct buf *out)
{
	char *start, *at;

	buf_addf(out, "{\"version\":2,\"channels\":1,\"sample_rate\":%d,\"samples_per_pixel\":%d,"
		"\"bits\":8,\"length\":%u,\"data\":[", k->rate, k->frames_per_point, k->points);
	at = start = buf_room(out, 10 * (size_t)k->points + 1);
	for (size_t i = 0; i < 2 * (size_t)k->points; i++) {
		if (i) *at++ = ',';
		at = print_int8(at, k->data[i]);
	}
	out->n += (size_t)(at - start);
	buf_adds(out, "]}");
}
