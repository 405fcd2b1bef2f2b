#include "base/rate.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"

enum { MINUTE_US = 60000000, BUCKETS = 1024, PLACES = 8 };

struct place {
	uint8_t key[HASH_SHORT_BYTES];
	int64_t full_us;
};

int
rate_step(int64_t *full_us, uint32_t per_minute, int64_t now_us)
{
	int64_t share_us = MINUTE_US / per_minute, full = *full_us;

	/* Further ahead than it can be: the clock began anew, or the file is not what it was. */
	if (full < now_us || full > now_us + 2 * (int64_t)MINUTE_US) full = now_us;
	if (full + share_us > now_us + MINUTE_US)
		return (int)((full + share_us - now_us - MINUTE_US + 999999) / 1000000);
	*full_us = full + share_us;
	return 0;
}

/* Its place in the bucket, or that of the one which has been quiet longest. */
static struct place *
find_place(struct place *bucket, const uint8_t key[HASH_SHORT_BYTES])
{
	struct place *oldest = bucket;

	for (struct place *p = bucket; p < bucket + PLACES; p++) {
		if (memcmp(p->key, key, HASH_SHORT_BYTES) == 0) return p;
		if (p->full_us < oldest->full_us) oldest = p;
	}
	memcpy(oldest->key, key, HASH_SHORT_BYTES);
	oldest->full_us = 0;
	return oldest;
}

static bool
lock(int fd, off_t at, short type)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET, .l_start = at,
		.l_len = PLACES * sizeof(struct place) };
	int rc;

	do rc = fcntl(fd, F_OFD_SETLKW, &l);
	while (rc < 0 && errno == EINTR);
	return rc == 0;
}

int
rate_take(const char *dir, const char *name, const void *key, size_t n_key, uint32_t per_minute,
	int64_t now_us)
{
	struct place bucket[PLACES] = {0}, *mine;
	uint8_t hash[HASH_SHORT_BYTES];
	char path[PATH_MAX];
	struct err ignored;
	int fd, wait_s = 0;
	off_t at;

	hash_short(key, n_key, hash);
	at = (off_t)((hash[0] | hash[1] << 8) % BUCKETS * sizeof bucket);
	if (io_join(path, sizeof path, dir, name, &ignored) ||
		strlen(path) + sizeof ".rates" > sizeof path)
		return 0;
	strcat(path, ".rates");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) return 0;
	if (lock(fd, at, F_WRLCK) && pread(fd, bucket, sizeof bucket, at) >= 0) {
		mine = find_place(bucket, hash);
		wait_s = rate_step(&mine->full_us, per_minute, now_us);
		if (!wait_s && pwrite(fd, bucket, sizeof bucket, at) < 0) wait_s = 0;
	}
	close(fd);	/* and so unlocks it */
	return wait_s;
}
