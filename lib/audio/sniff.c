#include "audio/sniff.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

enum { CHUNK_HEAD = 8, RIFF_HEAD = 12, MAX_CHUNKS = 1000 };

static bool
bytes_at(int fd, int64_t at, void *to, size_t n)
{
	return pread(fd, to, n, (off_t)at) == (ssize_t)n;
}

static int64_t
le32(const unsigned char *p)
{
	return (int64_t)p[0] | (int64_t)p[1] << 8 | (int64_t)p[2] << 16 | (int64_t)p[3] << 24;
}

/* Do the items from `at` on fill the space up to `end`, each within it? Rests that are too short
 * for an item are padding. left counts down over the whole file. */
static bool
items_fit(int fd, int64_t at, int64_t end, int *left)
{
	unsigned char head[CHUNK_HEAD];

	while (end - at >= CHUNK_HEAD) {
		if (--*left < 0 || !bytes_at(fd, at, head, sizeof head)) return false;
		at += CHUNK_HEAD;
		if (le32(head + 4) > end - at) return false;
		at += le32(head + 4) + (le32(head + 4) & 1);
	}
	return true;
}

/* Does every chunk lie within the file? Only the sound itself may have been cut. */
static bool
riff_is_sane(int fd, int64_t size)
{
	unsigned char head[RIFF_HEAD];
	int left = MAX_CHUNKS;
	bool had_data = false;

	for (int64_t at = RIFF_HEAD; size - at >= CHUNK_HEAD;) {
		int64_t n;

		if (--left < 0 || !bytes_at(fd, at, head, CHUNK_HEAD)) return false;
		n = le32(head + 4);
		at += CHUNK_HEAD;
		if (memcmp(head, "data", 4) == 0) {
			/* A stream whose writer did not know its length: all the rest is sound. */
			if (n > size - at) return true;
			had_data = true;
		} else if (n > size - at) {
			return false;
		} else if (memcmp(head, "LIST", 4) == 0) {
			if (n < 4 || !items_fit(fd, at + 4, at + n, &left)) return false;
		}
		at += n + (n & 1);
	}
	return had_data;
}

/* 11 set bits begin every frame of MPEG audio. */
static bool
is_mpeg(const unsigned char *p)
{
	return p[0] == 0xff && (p[1] & 0xe0) == 0xe0;
}

/* Bytes of an ID3v2 tag (ID3v2.4 3.1), whose head this is. */
static int64_t
id3_bytes(const unsigned char *p)
{
	int64_t n = 0;

	for (int i = 6; i < 10; i++) n = n << 7 | (p[i] & 0x7f);
	return 10 + n;
}

int
sniff_file(int fd, const char *path, struct err *e)
{
	unsigned char head[RIFF_HEAD], sync[2];
	struct stat st;

	if (fstat(fd, &st) || !bytes_at(fd, 0, head, sizeof head))
		return err_set(e, ERR_UNSUPPORTED, "%s is too short to be a sound", path);
	if (memcmp(head, "RIFF", 4) == 0 && memcmp(head + 8, "WAVE", 4) == 0) {
		if (riff_is_sane(fd, st.st_size)) return 0;
		return err_set(e, ERR_UNREADABLE, "%s is a damaged WAVE file", path);
	}
	if (memcmp(head, "fLaC", 4) == 0 || memcmp(head, "OggS", 4) == 0 || is_mpeg(head)) return 0;
	if (memcmp(head, "ID3", 3) == 0 && bytes_at(fd, id3_bytes(head), sync, sizeof sync)
		&& is_mpeg(sync)) return 0;
	return err_set(e, ERR_UNSUPPORTED, "%s is of a format that is not read here", path);
}
