#include "api/transcode.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/io.h"

enum { WAIT_MS = 60000, RUN_MS = 120000, STEP_US = 10000 };

extern char **environ;

void
transcode_key(const char *source_key, const struct format *f, char key[STORAGE_KEY])
{
	const char *name = strchr(source_key, '/'), *dot = strrchr(source_key, '.');

	name = name ? name : source_key;
	snprintf(key, STORAGE_KEY, "derived%.*s%s", (int)(dot ? dot - name
		: (ptrdiff_t)strlen(name)), name, f->extension);
}

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

/* Collect the child; kill it, with all that it started, when it takes too long. */
static int
wait_for(pid_t pid, struct err *e)
{
	int64_t until = clock_now_ms() + RUN_MS;
	int status;
	pid_t done;

	while ((done = waitpid(pid, &status, WNOHANG)) == 0 || (done < 0 && errno == EINTR)) {
		if (clock_now_ms() > until) {
			kill(-pid, SIGKILL);
			while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
			return err_set(e, ERR_INTERNAL, "earshot transcode took longer than %d s",
				RUN_MS / 1000);
		}
		usleep(STEP_US);
	}
	if (done == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
	return err_set(e, ERR_INTERNAL, "earshot transcode failed; standard error has the reason");
}

static int
run(const char *source, const struct format *f, const char *to, struct err *e)
{
	char program[PATH_MAX];
	char *argv[] = { program, (char[]){ "transcode" }, (char *)(uintptr_t)source,
		(char *)(uintptr_t)f->name, (char *)(uintptr_t)to, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t defaults;
	pid_t pid;
	int rc;

	if (find_program(program, sizeof program, e)) return -1;
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	/* Descriptors 0 and 1 belong to the web server; its log may hear what went wrong. */
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	rc = posix_spawn(&pid, program, &actions, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	if (rc) return err_set(e, ERR_INTERNAL, "start %s: %s", program, strerror(rc));
	return wait_for(pid, e);
}

/* One at a time on this host: the processors belong to the workers, and two may not write one file.
 * Returns the lock's descriptor, -1 with *e, or -2 when the object has appeared meanwhile. */
static int
wait_for_turn(struct api *api, const char *key, struct err *e)
{
	int64_t until = clock_now_ms() + WAIT_MS;
	char lock[PATH_MAX];
	uint64_t size;
	int fd;

	if (io_join(lock, sizeof lock, api->conf->state_dir, "transcode.lock", e)) return -1;
	while ((fd = io_lock_file(lock, e)) < 0) {
		if (e->kind != ERR_CONFLICT) return -1;
		if (storage_head(api->storage, key, &size, e) == 0) return -2;
		if (clock_now_ms() > until)
			return err_set(e, ERR_BUSY, "Too many files are being converted; try again "
				"shortly.");
		usleep(STEP_US);
	}
	if (storage_head(api->storage, key, &size, e) != 0) return fd;
	close(fd);
	return -2;
}

int
transcode_make(struct api *api, const char *source_key, const struct format *f,
	char key[STORAGE_KEY], struct err *e)
{
	char source[STORAGE_PATH], to[STORAGE_PATH];
	uint64_t size;
	int fd, rc = -1;

	transcode_key(source_key, f, key);
	if (storage_head(api->storage, key, &size, e) == 0) return 0;
	if (e->kind != ERR_NOT_FOUND) return -1;
	if (!storage_path(api->storage, source_key, source))
		return err_set(e, ERR_INTERNAL, "the storage has no files to convert");
	if ((fd = wait_for_turn(api, key, e)) == -2) return 0;
	if (fd < 0) return -1;
	if (!storage_check(api->storage, e) && !storage_stage(api->storage, key, to, e) &&
		!run(source, f, to, e) && !storage_put(api->storage, key, e))
		rc = 0;
	close(fd);
	return rc;
}
