#include "audio/decode.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/sniff.h"
#include "base/err.h"

enum { BLOCK_FRAMES = 16384, FIRST_FRAMES = 1 << 18 };

struct source {
	const char *path;
	SNDFILE *file;
	int rate, channels;
	int64_t frames;		/* as the header says; -1: it does not */
	int64_t max_frames;
	bool lossless;
	int64_t got;		/* frames read so far */
};

static bool
is_ours(int format)
{
	switch (format & SF_FORMAT_TYPEMASK) {
	case SF_FORMAT_WAV:
	case SF_FORMAT_WAVEX:
	case SF_FORMAT_FLAC:
	case SF_FORMAT_MPEG: return true;
	case SF_FORMAT_OGG:
		return (format & SF_FORMAT_SUBMASK) == SF_FORMAT_VORBIS
			|| (format & SF_FORMAT_SUBMASK) == SF_FORMAT_OPUS;
	}
	return false;
}

static int
source_check(struct source *s, const SF_INFO *info, double max_seconds, struct err *e)
{
	if (!is_ours(info->format))
		return err_set(e, ERR_UNSUPPORTED, "%s is of a format that is not read here",
			s->path);
	if (info->channels < 1 || info->channels > PCM_MAX_CHANNELS)
		return err_set(e, ERR_UNSUPPORTED, "%s has %d channels, not 1 or 2", s->path,
			info->channels);
	if (info->samplerate < AUDIO_MIN_RATE || info->samplerate > PCM_MAX_RATE)
		return err_set(e, ERR_UNSUPPORTED, "%s has %d Hz, not %d to %d", s->path,
			info->samplerate, AUDIO_MIN_RATE, PCM_MAX_RATE);
	if (!(max_seconds <= PCM_MAX_SECONDS)) max_seconds = PCM_MAX_SECONDS;
	s->rate = info->samplerate;
	s->channels = info->channels;
	s->max_frames = (int64_t)(max_seconds * s->rate);
	s->frames = info->frames == SF_COUNT_MAX ? -1 : info->frames;
	s->lossless = (info->format & SF_FORMAT_TYPEMASK) == SF_FORMAT_FLAC;
	if (s->frames > s->max_frames)
		return err_set(e, ERR_TOO_LARGE, "%s is longer than %.0f seconds", s->path,
			max_seconds);
	return 0;
}

static int
source_open(struct source *s, const char *path, double max_seconds, struct err *e)
{
	SF_INFO info = {0};
	struct stat st;
	/* A pipe in the place of a file must not hold us up. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	*s = (struct source){ .path = path };
	if (fd < 0)
		return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_INTERNAL,
			"cannot read %s: %s", path, strerror(errno));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(e, ERR_UNSUPPORTED, "%s is not a file", path);
	}
	if (sniff_file(fd, path, e)) {
		close(fd);
		return -1;
	}
	s->file = sf_open_fd(fd, SFM_READ, &info, SF_TRUE);
	if (!s->file) {
		int why = sf_error(NULL);

		return err_set(e, why == SF_ERR_MALFORMED_FILE ? ERR_UNREADABLE : ERR_UNSUPPORTED,
			"cannot read %s: %s", path, sf_error_number(why));
	}
	return source_check(s, &info, max_seconds, e);
}

/* At most n frames; 0 at the end. */
static int64_t
source_read(struct source *s, float *out, int64_t n, struct err *e)
{
	int64_t got = sf_readf_float(s->file, out, n);

	if (got < 0 || sf_error(s->file))
		return err_set(e, ERR_UNREADABLE, "%s is damaged: %s", s->path,
			sf_strerror(s->file));
	for (int64_t i = 0; i < got * s->channels; i++)
		if (!isfinite(out[i]))
			return err_set(e, ERR_UNREADABLE, "%s has samples that are not numbers",
				s->path);
	s->got += got;
	if (s->got > s->max_frames)
		return err_set(e, ERR_TOO_LARGE, "%s is longer than %.0f seconds", s->path,
			(double)s->max_frames / s->rate);
	if (got) return got;
	if (!s->got) return err_set(e, ERR_UNREADABLE, "%s has no sound in it", s->path);
	if (s->lossless && s->got < s->frames)
		return err_set(e, ERR_UNREADABLE, "%s is cut short", s->path);
	return 0;
}

static void
source_close(struct source *s)
{
	if (s->file) sf_close(s->file);
}

int
audio_read(const char *path, double max_seconds, struct pcm *out, struct audio_tags_read *tags,
	struct err *e)
{
	struct source s;
	struct pcm p = {0};
	int64_t cap = 0, got = 0;
	int rc = -1;

	if (source_open(&s, path, max_seconds, e)) goto out;
	p.rate = s.rate;
	p.channels = s.channels;
	if (tags) tags_read(s.file, tags);
	do {
		p.frames += got;
		if (cap - p.frames < BLOCK_FRAMES) {
			cap += cap ? cap / 2 : FIRST_FRAMES;
			p.data = realloc(p.data, sizeof *p.data * (size_t)cap * (size_t)p.channels);
			if (!p.data) abort();
		}
		got = source_read(&s, p.data + p.frames * p.channels, BLOCK_FRAMES, e);
	} while (got > 0);
	if (got < 0) goto out;
	p.data = realloc(p.data, sizeof *p.data * (size_t)p.frames * (size_t)p.channels);
	if (!p.data) abort();
	*out = p;
	p = (struct pcm){0};
	rc = 0;
out:
	pcm_free(&p);
	source_close(&s);
	return rc;
}

/* Only where the length is known can a transcoding tell how far it is. */
static double
done_part(const struct source *s)
{
	if (s->frames <= 0) return 0;
	return s->got < s->frames ? (double)s->got / (double)s->frames : 1;
}

/* At most n frames of what the changed sound has behind the first `done`; 0 at its end. */
static int64_t
read_changed(struct source *s, const struct audio_change *c, int64_t done, float *out, int64_t n,
	struct err *e)
{
	float gain = (float)pow(10, c->gain_db / 20);
	int64_t got;

	if (c->frames && c->frames - done < n) n = c->frames - done;
	if (!n) return 0;
	if ((got = source_read(s, out, n, e)) < 0) return -1;
	if (!got && c->frames) {
		memset(out, 0, sizeof *out * (size_t)(n * s->channels));
		return n;
	}
	if (c->gain_db)
		for (int64_t i = 0; i < got * s->channels; i++) out[i] *= gain;
	return got;
}

int
audio_read_tags(const char *path, struct audio_tags_read *tags, struct err *e)
{
	struct source s;
	int rc = source_open(&s, path, PCM_MAX_SECONDS, e);

	if (!rc) tags_read(s.file, tags);
	source_close(&s);
	return rc;
}

int
audio_transcode(const char *src, const char *dst, const struct audio_format *f,
	const struct audio_change *c, const struct audio_watch *w, struct err *e)
{
	static const struct audio_change none;
	struct source s;
	struct audio_tags_read read;
	struct audio_tags tags;
	struct audio_writer *wr = NULL;
	float *block = NULL;
	int64_t got, done = 0;
	int rc = -1;

	if (!c) c = &none;
	if (source_open(&s, src, PCM_MAX_SECONDS, e)) goto out;
	tags_read(s.file, &read);
	tags = tags_again(&read);
	wr = audio_writer_open(dst, f, s.rate, s.channels, c->untagged ? NULL : &tags, e);
	if (!wr) goto out;
	block = malloc(sizeof *block * BLOCK_FRAMES * (size_t)s.channels);
	if (!block) abort();
	while ((got = read_changed(&s, c, done, block, BLOCK_FRAMES, e)) > 0) {
		done += got;
		if (audio_writer_add(wr, block, got, e)) goto out;
		if (!audio_goes_on(w, done_part(&s))) {
			err_set(e, ERR_STOPPED, "transcoding was stopped");
			goto out;
		}
	}
	if (got < 0) goto out;
	rc = audio_writer_close(wr, e);
	wr = NULL;
out:
	audio_writer_discard(wr);
	free(block);
	source_close(&s);
	return rc;
}
