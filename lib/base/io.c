#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

enum err_kind
io_kind(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EFBIG ? ERR_AWAY : ERR_INTERNAL;
}

void
io_let_writes_fail(void)
{
	signal(SIGXFSZ, SIG_IGN);
}

int
io_read_full(int fd, void *p, size_t n, struct err *e)
{
	char *at = p;

	while (n) {
		ssize_t got = read(fd, at, n);

		if (got == 0) return err_set(e, ERR_INTERNAL, "read: end of file");
		if (got < 0) {
			if (errno == EINTR) continue;
			return err_set(e, ERR_INTERNAL, "read: %s", strerror(errno));
		}
		at += got;
		n -= (size_t)got;
	}
	return 0;
}

int
io_write_full(int fd, const void *p, size_t n, struct err *e)
{
	const char *at = p;

	while (n) {
		ssize_t put = write(fd, at, n);

		if (put < 0) {
			if (errno == EINTR) continue;
			return err_set(e, io_kind(errno), "write: %s", strerror(errno));
		}
		at += put;
		n -= (size_t)put;
	}
	return 0;
}

int
io_mkdirs(const char *path, mode_t mode, struct err *e)
{
	char part[PATH_MAX];
	struct stat st;

	if (!*path || strlen(path) >= sizeof part)
		return err_set(e, ERR_INTERNAL, "not a path: \"%s\"", path);
	memcpy(part, path, strlen(path) + 1);
	for (char *p = part + 1;; p++) {
		char c = *p;

		if (c != '/' && c != '\0') continue;
		*p = '\0';
		if (mkdir(part, mode) < 0 && errno != EEXIST)
			return err_set(e, io_kind(errno), "mkdir %s: %s", part,
				strerror(errno));
		*p = c;
		if (c) continue;
		if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) return 0;
		return err_set(e, ERR_INTERNAL, "mkdir %s: there is something that is no folder",
			path);
	}
}

static int
dir_of(const char *path, char *dir, size_t size, struct err *e)
{
	const char *slash = strrchr(path, '/');
	size_t n = !slash ? 1 : slash == path ? 1 : (size_t)(slash - path);

	if (n >= size) return err_set(e, ERR_INTERNAL, "path too long: %s", path);
	memcpy(dir, slash ? path : ".", n);
	dir[n] = '\0';
	return 0;
}

int
io_mkdirs_for(const char *path, mode_t mode, struct err *e)
{
	char dir[PATH_MAX];

	return dir_of(path, dir, sizeof dir, e) || io_mkdirs(dir, mode, e) ? -1 : 0;
}

int
io_sync_dir_of(const char *path, struct err *e)
{
	char dir[PATH_MAX];
	int fd, rc = 0;

	if (dir_of(path, dir, sizeof dir, e)) return -1;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		rc = err_set(e, ERR_INTERNAL, "fsync %s: %s", dir, strerror(errno));
	if (fd >= 0) close(fd);
	return rc;
}

int
io_join(char *dst, size_t size, const char *a, const char *b, struct err *e)
{
	int n = snprintf(dst, size, "%s/%s", a, b);

	return n < 0 || (size_t)n >= size ? err_set(e, ERR_INTERNAL, "path too long: %s/%s", a,
		b) : 0;
}

int
io_program_dir(char *dst, size_t size, struct err *e)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	if (n < 0) return err_set(e, ERR_INTERNAL, "readlink /proc/self/exe: %s", strerror(errno));
	self[n] = '\0';
	return dir_of(self, dst, size, e);
}

int
io_lock_file(const char *path, struct err *e)
{
	char pid[16];
	int n, fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);

	if (fd < 0) return err_set(e, ERR_INTERNAL, "open %s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		err_set(e, errno == EWOULDBLOCK ? ERR_CONFLICT : ERR_INTERNAL, "lock %s: %s", path,
			strerror(errno));
		close(fd);
		return -1;
	}
	/* For people who look who has it: a full disk does not take the lock away. */
	n = snprintf(pid, sizeof pid, "%d\n", (int)getpid());
	if (ftruncate(fd, 0) == 0) (void)!write(fd, pid, (size_t)n);
	return fd;
}

int
io_open_file(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return err_set(e, errno == ENOENT ||
			errno == ENOTDIR ? ERR_NOT_FOUND : ERR_INTERNAL, "cannot read %s: %s", path,
			strerror(errno));
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) return fd;
	close(fd);
	return err_set(e, ERR_INVALID, "cannot read %s: it is not a file", path);
}

int
io_nameless_file(void)
{
	const char *dir = getenv("TMPDIR");

	return open(dir && *dir ? dir : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

void
io_set_nonblock(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0) fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}
