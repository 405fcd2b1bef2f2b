#include "base/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"

enum { KEEP_S = 600, WORD_BYTES = (PROBE_WORD - 1) / 2 };

static int
place(char path[PATH_MAX], const char *state_dir, struct err *e)
{
	return io_join(path, PATH_MAX, state_dir, "doctor", e);
}

int
probe_leave(const char *state_dir, char word[PROBE_WORD], struct err *e)
{
	uint8_t random[WORD_BYTES];
	char path[PATH_MAX];
	int fd, rc;

	if (place(path, state_dir, e)) return -1;
	randombytes_buf(random, sizeof random);
	hash_hex(random, sizeof random, word);
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) return err_set(e, ERR_INTERNAL, "%s: %s", path, strerror(errno));
	rc = io_write_full(fd, word, PROBE_WORD - 1, e);
	close(fd);
	return rc;
}

void
probe_remove(const char *state_dir)
{
	char path[PATH_MAX];
	struct err ignored;

	if (place(path, state_dir, &ignored) == 0) unlink(path);
}

bool
probe_knows(const char *state_dir, const char *word)
{
	char path[PATH_MAX], left[PROBE_WORD] = "";
	struct err ignored;
	struct stat st;
	bool known = false;
	int fd;

	if (!word || strlen(word) != PROBE_WORD - 1 || place(path, state_dir, &ignored))
		return false;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) < 0) return false;
	if (fstat(fd, &st) == 0 && st.st_mtime >= time(NULL) - KEEP_S &&
		io_read_full(fd, left, PROBE_WORD - 1, &ignored) == 0)
		known = sodium_memcmp(left, word, PROBE_WORD - 1) == 0;
	close(fd);
	return known;
}
