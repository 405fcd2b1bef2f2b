/* Sound files from anywhere: they are refused, or read within all limits. What lies in the corpus
 * as wav-endless keeps libsndfile alone busy for ever. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "audio/decode.h"
#include "base/err.h"
#include "base/io.h"

enum { MAX_SECONDS = 10 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* For LeakSanitizer: libsndfile 1.2.0 forgets what libvorbis gave it when a header is broken. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libvorbis\nleak:libogg\n";
}

static void
check(bool ok)
{
	if (!ok) abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct audio_tags_read t;
	struct pcm p = {0};
	struct err e;
	char path[64];
	int fd = memfd_create("sound", MFD_CLOEXEC);

	check(fd >= 0 && io_write_full(fd, bytes, n, &e) == 0);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (audio_read(path, MAX_SECONDS, &p, &t, &e)) {
		check(e.kind != ERR_NONE && *e.text && !p.data);
	} else {
		struct audio_tags again = tags_again(&t);

		check(p.frames > 0 && p.frames <= (int64_t)MAX_SECONDS * p.rate);
		check(p.channels >= 1 && p.channels <= PCM_MAX_CHANNELS);
		check(p.rate >= AUDIO_MIN_RATE && p.rate <= PCM_MAX_RATE);
		/* Whatever other programs wrote, it can be written again. */
		check(tags_check(&again, &e) == 0);
	}
	pcm_free(&p);
	close(fd);
	return 0;
}
