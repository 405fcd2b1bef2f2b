/* Loaded into a program by LD_PRELOAD: kills it before its DIE_AT-th rename() or unlink(), as
 * `kill -9` could at that moment. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void
step(void)
{
	static long n;
	const char *at = getenv("DIE_AT");

	if (at && ++n == strtol(at, NULL, 10)) raise(SIGKILL);
}

int
rename(const char *from, const char *to)
{
	step();
	return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
unlink(const char *path)
{
	step();
	return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}
