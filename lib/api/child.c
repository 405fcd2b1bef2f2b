#include "api/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"

enum { STEP_US = 10000, MAX_ARGS = 16, PIECE = 4096 };

extern char **environ;

/* The command line, beside us in a checkout, in bin/ when installed. */
static int
find_program(char *path, size_t size, struct err *e)
{
	static const char *const places[] = { "earshot", "../../bin/earshot", NULL };
	char dir[PATH_MAX];

	if (io_program_dir(dir, sizeof dir, e)) return -1;
	for (const char *const *p = places; *p; p++) {
		if (io_join(path, size, dir, *p, e)) return -1;
		if (access(path, X_OK) == 0) return 0;
	}
	return err_set(e, ERR_INTERNAL, "the program earshot is neither in %s nor in ../../bin "
		"from there", dir);
}

/* out_fd: its standard output; -1: the log. */
static int
start(const char *program, char *const *argv, int out_fd, pid_t *pid, struct err *e)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t defaults;
	int rc;

	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	/* Descriptors 0 and 1 belong to the web server; its log may hear what went wrong. */
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out_fd < 0 ? STDERR_FILENO : out_fd,
		STDOUT_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	rc = posix_spawn(pid, program, &actions, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return rc ? err_set(e, ERR_INTERNAL, "start %s: %s", program, strerror(rc)) : 0;
}

/* Everything that comes through fd until its end: true; false when it takes too long or is too
 * much. */
static bool
read_all(int fd, int64_t until_ms, struct buf *out, size_t max_out)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = until_ms - clock_now_ms();
		ssize_t n;

		if (left <= 0 || out->n > max_out) return false;
		if (poll(&p, 1, left > INT_MAX ? INT_MAX : (int)left) <= 0) continue;
		n = read(fd, buf_room(out, PIECE), PIECE);
		if (n < 0 && errno == EINTR) continue;
		if (n <= 0) return n == 0;
		out->n += (size_t)n;
	}
}

/* Collect the child; true when it has ended by itself in time and well. */
static bool
ended_well(pid_t pid, int64_t until_ms)
{
	int status;
	pid_t done;

	while ((done = waitpid(pid, &status, WNOHANG)) == 0 || (done < 0 && errno == EINTR)) {
		if (clock_now_ms() > until_ms) {
			kill(-pid, SIGKILL);
			while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
			return false;
		}
		usleep(STEP_US);
	}
	return done == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int
child_run(const char *const *args, int max_ms, struct buf *out, size_t max_out, struct err *e)
{
	int64_t until = clock_now_ms() + max_ms;
	char program[PATH_MAX];
	char *argv[MAX_ARGS + 2] = { program };
	int ends[2] = { -1, -1 }, rc = -1;
	bool heard = true;
	pid_t pid;

	for (int i = 0; args[i]; i++) {
		if (i == MAX_ARGS) return err_set(e, ERR_INTERNAL, "too many arguments");
		argv[i + 1] = (char *)(uintptr_t)args[i];
	}
	if (find_program(program, sizeof program, e)) return -1;
	if (out && pipe2(ends, O_CLOEXEC) < 0)
		return err_set(e, ERR_INTERNAL, "pipe: %s", strerror(errno));
	if (start(program, argv, ends[1], &pid, e)) goto out;
	if (out) {
		close(ends[1]);
		ends[1] = -1;
		heard = read_all(ends[0], until, out, max_out);
		if (!heard) until = 0;
	}
	rc = ended_well(pid, until) && heard ? 0 : err_set(e, ERR_INTERNAL, "earshot %s failed or "
		"took longer than %d s; standard error may have the reason", args[0],
		max_ms / 1000);
out:
	for (int i = 0; i < 2; i++)
		if (ends[i] >= 0) close(ends[i]);
	return rc;
}
