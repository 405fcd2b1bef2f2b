#include "audio/encode.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <ogg/ogg.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/resample.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/wide.h"

enum {
	BLOCK_FRAMES = 4096,
	REPORT_FRAMES = 8 * BLOCK_FRAMES,	/* the slowest encoder needs 10 ms for so many */
	OGG_SERIAL = 1,
	OGG_HEADER = 27,			/* RFC 3533 6: bytes before the segment table */
	OGG_SERIAL_AT = 14,
	OGG_PAGE_MAX = 27 + 255 + 255 * 255,
};

static const int opus_rates[] = { 8000, 12000, 16000, 24000, 48000, 0 };
static const int mp3_rates[] = { 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 0 };

/* Compression counts from 0, large and good, to 1. FLAC: level 4, 0.3 % larger than level 7 and 1.7
 * times as fast. At 48 kHz stereo Vorbis comes to about 220 kbit/s, Opus to 160, MP3 to 180. */
const struct audio_format audio_formats[] = {
	{ .name = "flac", .extension = ".flac", .content_type = "audio/flac", .lossless = true,
		.sndfile = SF_FORMAT_FLAC | SF_FORMAT_PCM_24, .compression = 0.5 },
	{ .name = "wav", .extension = ".wav", .content_type = "audio/wav", .lossless = true,
		.sndfile = SF_FORMAT_WAV | SF_FORMAT_PCM_24, .compression = -1 },
	{ .name = "ogg", .extension = ".ogg", .content_type = "audio/ogg",
		.sndfile = SF_FORMAT_OGG | SF_FORMAT_VORBIS, .compression = 0.4 },
	{ .name = "opus", .extension = ".opus", .content_type = "audio/ogg; codecs=opus",
		.sndfile = SF_FORMAT_OGG | SF_FORMAT_OPUS, .compression = 0.704,
		.rates = opus_rates },
	{ .name = "mp3", .extension = ".mp3", .content_type = "audio/mpeg",
		.sndfile = SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, .compression = 0.2,
		.rates = mp3_rates },
	{ .name = NULL },
};

const char *const audio_format_names[] = { "flac", "wav", "ogg", "opus", "mp3", NULL };

/* Where libsndfile writes to: everything behind the first `base` bytes of the file. It ignores
 * failed writes in some formats, so the first one is kept here, and nothing is written after it. */
struct sink {
	int fd;
	off_t base;
	int failed;		/* errno; 0: none */
};

struct audio_writer {
	const struct audio_format *format;
	SNDFILE *file;
	struct sink sink;
	char *path;
	int channels;
	struct resampler *resampler;	/* NULL: the format has the sound's own rate */
	int32_t *steps;		/* BLOCK_FRAMES of integers for the lossless formats */
};

const struct audio_format *
audio_format_find(const char *name)
{
	for (const struct audio_format *f = audio_formats; f->name; f++)
		if (strcmp(f->name, name) == 0) return f;
	return NULL;
}

int
audio_format_rate(const struct audio_format *f, int rate)
{
	if (!f->rates) return rate <= PCM_MAX_RATE ? rate : 0;
	for (const int *r = f->rates; *r; r++)
		if (*r >= rate) return *r;
	return 0;
}

static int
highest(const struct audio_format *f)
{
	int rate = PCM_MAX_RATE;

	for (const int *r = f->rates; r && *r; r++) rate = *r;
	return rate;
}

int
audio_format_check(const struct audio_format *f, int rate, int channels, struct err *e)
{
	if (channels < 1 || channels > PCM_MAX_CHANNELS)
		return err_set(e, ERR_INVALID, "%s takes 1 or 2 channels, not %d", f->name,
			channels);
	if (rate >= AUDIO_MIN_RATE && audio_format_rate(f, rate)) return 0;
	return err_set(e, ERR_INVALID, "%s takes %d to %d Hz, not %d", f->name, AUDIO_MIN_RATE,
		highest(f), rate);
}

static sf_count_t
sink_length(void *ctx)
{
	struct sink *s = ctx;
	struct stat st;

	return fstat(s->fd, &st) ? -1 : st.st_size - s->base;
}

static sf_count_t
sink_seek(sf_count_t offset, int whence, void *ctx)
{
	struct sink *s = ctx;

	return lseek(s->fd, whence == SEEK_SET ? offset + s->base : offset, whence) - s->base;
}

static sf_count_t
sink_tell(void *ctx)
{
	return sink_seek(0, SEEK_CUR, ctx);
}

static sf_count_t
sink_read(void *to, sf_count_t n, void *ctx)
{
	struct sink *s = ctx;

	return read(s->fd, to, (size_t)n);
}

static sf_count_t
sink_write(const void *from, sf_count_t n, void *ctx)
{
	struct sink *s = ctx;
	struct err e;

	if (s->failed) return 0;
	if (io_write_full(s->fd, from, (size_t)n, &e) == 0) return n;
	s->failed = errno ? errno : EIO;
	return 0;
}

static SF_VIRTUAL_IO sink_io = { .get_filelen = sink_length, .seek = sink_seek, .read = sink_read,
	.write = sink_write, .tell = sink_tell };

static int
write_failed(const struct audio_writer *wr, struct err *e)
{
	if (wr->sink.failed)
		return err_set(e, io_kind(wr->sink.failed), "The file cannot be written: %s.",
			strerror(wr->sink.failed));
	return err_set(e, ERR_INTERNAL, "cannot write %s: %s", wr->path, sf_strerror(wr->file));
}

/* The tag of an MP3 file stands in front of all that libsndfile writes. */
static int
write_id3(struct audio_writer *wr, const struct audio_tags *tags, struct err *e)
{
	struct buf id3 = {0};

	tags_id3(tags, &id3);
	sink_write(id3.p, (sf_count_t)id3.n, &wr->sink);
	wr->sink.base = (off_t)id3.n;
	buf_free(&id3);
	return wr->sink.failed ? write_failed(wr, e) : 0;
}

static bool
is_container(const struct audio_format *f, int container)
{
	return (f->sndfile & SF_FORMAT_TYPEMASK) == container;
}

struct audio_writer *
audio_writer_open(const char *path, const struct audio_format *f, int rate, int channels,
	const struct audio_tags *tags, struct err *e)
{
	SF_INFO info = { .samplerate = audio_format_rate(f, rate), .channels = channels,
		.format = f->sndfile };
	double compression = f->compression;
	struct audio_writer *wr;

	if (audio_format_check(f, rate, channels, e) || tags_check(tags, e)) return NULL;
	wr = calloc(1, sizeof *wr);
	if (!wr) abort();
	wr->format = f;
	wr->channels = channels;
	if (info.samplerate != rate) wr->resampler = resampler_new(rate, info.samplerate, channels);
	wr->path = strdup(path);
	wr->steps = malloc(sizeof *wr->steps * BLOCK_FRAMES * (size_t)channels);
	if (!wr->path || !wr->steps) abort();
	wr->sink.fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (wr->sink.fd < 0) {
		err_set(e, io_kind(errno), "cannot write %s: %s", path,
			strerror(errno));
		goto fail;
	}
	if (is_container(f, SF_FORMAT_MPEG) && write_id3(wr, tags, e)) goto fail;
	wr->file = sf_open_virtual(&sink_io, SFM_WRITE, &info, &wr->sink);
	if (!wr->file) {
		write_failed(wr, e);
		goto fail;
	}
	if (compression >= 0)
		sf_command(wr->file, SFC_SET_COMPRESSION_LEVEL, &compression, sizeof compression);
	if (!is_container(f, SF_FORMAT_MPEG) && tags_write(wr->file, tags, e)) goto fail;
	return wr;
fail:
	audio_writer_discard(wr);
	return NULL;
}

/* x - x is 0 but for what is not finite. */
WIDE static bool
all_finite(const float *x, int64_t n)
{
	int other = 0;

	for (int64_t i = 0; i < n; i++) other |= x[i] - x[i] != 0;
	return !other;
}

/* To 24 bit in the upper bits of an integer, as libsndfile wants it. To the nearest step, halves
 * away from zero: unlike lrint() this depends on no rounding mode. */
WIDE static void
quantise(const float *x, int64_t n, int32_t *out)
{
	for (int64_t i = 0; i < n; i++) {
		double v = (double)x[i] * 8388608;

		v += v < 0 ? -0.5 : 0.5;
		v = v > 8388607 ? 8388607 : v < -8388608 ? -8388608 : v;
		out[i] = (int32_t)v * 256;
	}
}

/* At the rate of the file. */
static int
write_samples(struct audio_writer *wr, const float *samples, int64_t frames, struct err *e)
{
	while (frames > 0) {
		int64_t n = frames < BLOCK_FRAMES ? frames : BLOCK_FRAMES, put;

		if (wr->format->lossless) {
			quantise(samples, n * wr->channels, wr->steps);
			put = sf_writef_int(wr->file, wr->steps, n);
		} else {
			put = sf_writef_float(wr->file, samples, n);
		}
		if (put != n || wr->sink.failed) return write_failed(wr, e);
		samples += n * wr->channels;
		frames -= n;
	}
	return 0;
}

int
audio_writer_add(struct audio_writer *wr, const float *samples, int64_t frames, struct err *e)
{
	while (frames > 0) {
		int64_t n = frames < BLOCK_FRAMES ? frames : BLOCK_FRAMES, m = n;
		const float *out = samples;

		if (!all_finite(samples, n * wr->channels))
			return err_set(e, ERR_INVALID,
				"the sound has samples that are not numbers");
		if (wr->resampler) out = resampler_add(wr->resampler, samples, n, &m);
		if (write_samples(wr, out, m, e)) return -1;
		samples += n * wr->channels;
		frames -= n;
	}
	return 0;
}

/* Give every page of an Ogg file the same serial number and its checksum anew (RFC 3533 6). */
static int
renumber(struct sink *s)
{
	unsigned char page[OGG_PAGE_MAX];
	ssize_t n;

	for (off_t at = 0; (n = pread(s->fd, page, sizeof page, at)) > 0;) {
		ogg_page og = { .header = page, .header_len = OGG_HEADER };

		if (n < OGG_HEADER || memcmp(page, "OggS", 4) != 0) return s->failed = EIO;
		og.header_len += page[OGG_HEADER - 1];
		if (n < og.header_len) return s->failed = EIO;
		for (int i = OGG_HEADER; i < og.header_len; i++) og.body_len += page[i];
		if (n < og.header_len + og.body_len) return s->failed = EIO;
		og.body = page + og.header_len;
		memcpy(page + OGG_SERIAL_AT, &(unsigned char[4]){ OGG_SERIAL }, 4);
		ogg_page_checksum_set(&og);
		if (pwrite(s->fd, page, OGG_HEADER, at) != OGG_HEADER) return s->failed = EIO;
		at += og.header_len + og.body_len;
	}
	return n < 0 ? s->failed = EIO : 0;
}

static void
release(struct audio_writer *wr)
{
	if (wr->file) sf_close(wr->file);
	if (wr->sink.fd >= 0) close(wr->sink.fd);
	resampler_free(wr->resampler);
	free(wr->steps);
	free(wr->path);
	free(wr);
}

int
audio_writer_close(struct audio_writer *wr, struct err *e)
{
	int64_t n = 0;
	const float *rest = wr->resampler ? resampler_add(wr->resampler, NULL, 0, &n) : NULL;

	if (write_samples(wr, rest, n, e)) {
		audio_writer_discard(wr);
		return -1;
	}
	sf_close(wr->file);
	wr->file = NULL;
	if (!wr->sink.failed && is_container(wr->format, SF_FORMAT_OGG)) renumber(&wr->sink);
	if (wr->sink.failed) {
		write_failed(wr, e);
		audio_writer_discard(wr);
		return -1;
	}
	release(wr);
	return 0;
}

void
audio_writer_discard(struct audio_writer *wr)
{
	struct stat st;

	if (!wr) return;
	/* Never a device: /dev/full is a fine place to try a full disk. */
	if (wr->sink.fd >= 0 && fstat(wr->sink.fd, &st) == 0 && S_ISREG(st.st_mode))
		unlink(wr->path);
	wr->sink.failed = EIO;		/* closing the encoder would write its last block */
	release(wr);
}

int
audio_encode(const char *path, const struct pcm *p, const struct audio_format *f,
	const struct audio_tags *tags, const struct audio_watch *w, struct err *e)
{
	struct audio_writer *wr;

	if (p->frames <= 0) return err_set(e, ERR_INVALID, "the sound has no frames");
	wr = audio_writer_open(path, f, p->rate, p->channels, tags, e);
	if (!wr) return -1;
	for (int64_t at = 0; at < p->frames; at += REPORT_FRAMES) {
		int64_t n = p->frames - at < REPORT_FRAMES ? p->frames - at : REPORT_FRAMES;

		if (!audio_goes_on(w, (double)at / (double)p->frames)) {
			err_set(e, ERR_STOPPED, "encoding was stopped");
			goto fail;
		}
		if (audio_writer_add(wr, p->data + at * p->channels, n, e)) goto fail;
		pcm_rest(p, at, at + n);
	}
	return audio_writer_close(wr, e);
fail:
	audio_writer_discard(wr);
	return -1;
}
