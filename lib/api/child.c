#include "api/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"

/* How long to wait before looking again whether it has ended: soon at first, then less often. */
enum { FIRST_STEP_US = 250, LAST_STEP_US = 10000 };

enum { MAX_ARGS = 16, PIECE = 4096 };

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

/* A file in memory that holds it, read from the beginning: so nobody waits for the other to read or
 * write, as at the ends of a pipe. */
static int
open_input(const struct buf *in, struct err *e)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd < 0) return err_set(e, ERR_INTERNAL, "memfd_create: %s", strerror(errno));
	if (!io_write_full(fd, in->p, in->n, e) && lseek(fd, 0, SEEK_SET) == 0) return fd;
	close(fd);
	return err_set(e, ERR_INTERNAL, "cannot write to a file in memory");
}

/* in_fd: its standard input; -1: nothing. out_fd: its standard output; -1: the log. */
static int
start(const char *program, char *const *argv, int in_fd, int out_fd, pid_t *pid, struct err *e)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none;
	sigset_t defaults;
	int rc;

	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	/* Descriptors 0 and 1 belong to the web server; its log may hear what went wrong. */
	if (in_fd >= 0) posix_spawn_file_actions_adddup2(&actions, in_fd, STDIN_FILENO);
	else posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out_fd < 0 ? STDERR_FILENO : out_fd,
		STDOUT_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setpgroup(&attr, 0);
	/* The responder works on a request with signals blocked. */
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
		POSIX_SPAWN_SETPGROUP);
	rc = posix_spawn(pid, program, &actions, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return rc ? err_set(e, ERR_INTERNAL, "start %s: %s", program, strerror(rc)) : 0;
}

/* Everything that comes through fd until its end: true; false when it takes too long (*late) or is
 * too much. */
static bool
read_all(int fd, int64_t until_ms, struct buf *out, size_t max_out, bool *late)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = until_ms - clock_now_ms();
		ssize_t n;

		if (left <= 0) *late = true;
		if (left <= 0 || out->n > max_out) return false;
		if (poll(&p, 1, left > INT_MAX ? INT_MAX : (int)left) <= 0) continue;
		n = read(fd, buf_room(out, PIECE), PIECE);
		if (n > 0) out->n += (size_t)n;
		out->p[out->n] = '\0';
		if (n == 0 || (n < 0 && errno != EINTR)) return n == 0;
	}
}

/* Collect the child; true when it has ended by itself in time and well. */
static bool
ended_well(pid_t pid, int64_t until_ms, bool *late)
{
	useconds_t step_us = FIRST_STEP_US;
	int status;
	pid_t done;

	while ((done = waitpid(pid, &status, WNOHANG)) == 0 || (done < 0 && errno == EINTR)) {
		if (clock_now_ms() > until_ms) {
			*late = true;
			kill(-pid, SIGKILL);
			while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
			return false;
		}
		usleep(step_us);
		if ((step_us *= 2) > LAST_STEP_US) step_us = LAST_STEP_US;
	}
	return done == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* A child that said too much is killed like one that took too long, but is not called late. */
static bool
hear_out(struct child *c, pid_t pid, int64_t until_ms, int out_fd)
{
	bool killed = false;

	if (!c->out || read_all(out_fd, until_ms, c->out, c->max_out, &c->late))
		return ended_well(pid, until_ms, &c->late);
	ended_well(pid, 0, &killed);
	return false;
}

int
child_run(struct child *c, struct err *e)
{
	int64_t until = clock_now_ms() + c->max_ms;
	char program[PATH_MAX];
	char *argv[MAX_ARGS + 2] = { program };
	int in = -1, ends[2] = { -1, -1 }, rc = -1;
	pid_t pid;

	c->late = false;
	for (int i = 0; c->args[i]; i++) {
		if (i == MAX_ARGS) return err_set(e, ERR_INTERNAL, "too many arguments");
		argv[i + 1] = (char *)(uintptr_t)c->args[i];
	}
	if (find_program(program, sizeof program, e)) return -1;
	if (c->in && (in = open_input(c->in, e)) < 0) return -1;
	if (c->out && pipe2(ends, O_CLOEXEC) < 0) {
		err_set(e, ERR_INTERNAL, "pipe: %s", strerror(errno));
		goto out;
	}
	if (start(program, argv, in, ends[1], &pid, e)) goto out;
	if (ends[1] >= 0) close(ends[1]);
	ends[1] = -1;
	if (hear_out(c, pid, until, ends[0])) rc = 0;
	else err_set(e, ERR_INTERNAL, "earshot %s failed, said too much or took longer than %g s; "
		"standard error may have the reason", c->args[0], c->max_ms / 1000.0);
out:
	if (in >= 0) close(in);
	for (int i = 0; i < 2; i++)
		if (ends[i] >= 0) close(ends[i]);
	return rc;
}
