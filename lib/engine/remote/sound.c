#include "engine/remote/sound.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/decode.h"
#include "base/err.h"
#include "engine/remote/protocol.h"

/* Servers round; beyond that a length is a lie. */
static const double slack_s = 30, missing_s = 1, missing_part = 0.1;

size_t
sound_max_bytes(double seconds)
{
	return (size_t)((seconds + slack_s) * 48000 * 2 * sizeof(float) * 1.25) + (1 << 20);
}

static double
smaller(double a, double b)
{
	return a < b ? a : b;
}

/* Half a cosine over the last frames. */
static void
fade(struct pcm *p, int64_t frames)
{
	for (int64_t i = 0; i < frames; i++) {
		float gain = (float)(0.5 - 0.5 * cos(M_PI * (double)i / (double)frames));
		float *at = p->data + (p->frames - 1 - i) * p->channels;

		for (int c = 0; c < p->channels; c++) at[c] *= gain;
	}
}

int
sound_fit(struct pcm *p, double seconds)
{
	int64_t want = llround(seconds * p->rate), got = p->frames;
	double missing = (double)(want - got) / p->rate;
	struct pcm fit;

	if (want == got) return 0;
	if (missing > missing_s || missing > seconds * missing_part) return -1;
	fit = pcm_new(want, p->channels, p->rate);
	memcpy(fit.data, p->data, sizeof *p->data * (size_t)p->channels * (size_t)(got < want ? got
		: want));
	/* A rest of a few milliseconds is rounding; a longer one was music. */
	if (got > want)
		fade(&fit, (int64_t)smaller((double)want * 0.1, p->rate * (missing < -0.05 ? 0.5
			: 0.01)));
	pcm_free(p);
	*p = fit;
	return 0;
}

/* Only the sound stays in the file. */
static int
unpack(int fd, const struct remote_answer *a, const struct remote_protocol *p, struct err *e)
{
	const char *sound;
	struct stat st;
	size_t n;
	char *map;
	int rc;

	if (!p->unpack) return 0;
	if (fstat(fd, &st) != 0) return err_set(e, ERR_AWAY, "fstat: %s", strerror(errno));
	if (!st.st_size)
		return err_set(e, ERR_UNREADABLE, "The server %s sends nothing.", a->server);
	map = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) return err_set(e, ERR_AWAY, "mmap: %s", strerror(errno));
	rc = p->unpack(a->server, a->type, map, (size_t)st.st_size, &sound, &n, e);
	if (rc) e->kind = ERR_UNREADABLE;
	if (!rc && sound != map) memmove(map, sound, n);
	munmap(map, (size_t)st.st_size);
	if (!rc && ftruncate(fd, (off_t)n) != 0)
		rc = err_set(e, ERR_AWAY, "ftruncate: %s", strerror(errno));
	return rc;
}

int
sound_read(int fd, const struct remote_answer *a, const struct remote_protocol *p,
	double seconds, struct pcm *out, struct err *e)
{
	double asked = seconds > p->min_seconds ? seconds : p->min_seconds;
	char path[64];
	double got;

	if (unpack(fd, a, p, e)) return -1;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (audio_read(path, asked + slack_s, out, NULL, e)) {
		if (e->kind == ERR_TOO_LARGE)
			return err_set(e, ERR_UNREADABLE,
				"The server %s sends much more sound than %g s.", a->server, asked);
		return err_set(e, ERR_UNREADABLE, "The server %s sends sound that cannot be read.",
			a->server);
	}
	got = pcm_seconds(out);
	if (sound_fit(out, seconds) == 0) return 0;
	pcm_free(out);
	return err_set(e, ERR_UNREADABLE, "The server %s sends %.1f s of sound instead of %g s.",
		a->server, got, asked);
}
