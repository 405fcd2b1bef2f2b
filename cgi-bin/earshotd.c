/* earshotd: claims jobs and supervises workers. Options: -c FILE, --detach (return when it runs,
 * leave it behind), --replace (take the place of the one that runs), --check (only look whether it
 * could run), and --take-over FD, which it gives itself when SIGHUP makes it run the program that is
 * there now. */
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/daemon.h"
#include "storage/storage.h"

static int
run(const struct conf *c, const struct daemon_start *how)
{
	struct err e;

	if (daemon_run(c, how, &e) == 0) return 0;
	/* Another one has the folder: what the caller wants is there. */
	if (e.kind == ERR_CONFLICT && how->ready_fd >= 0) return 0;
	log_error("%s", e.kind == ERR_CONFLICT ? "another earshotd runs with this state_dir"
		: e.text);
	return 1;
}

/* The child is a daemon in a session of its own; the parent ends when the child listens, or has
 * given up. */
static int
run_detached(const struct conf *c, struct daemon_start *how)
{
	int pair[2], status;
	char byte;
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC) < 0) return 1;
	if ((pid = fork()) < 0) return 1;
	if (pid == 0) {
		close(pair[0]);
		setsid();
		how->ready_fd = pair[1];
		return run(c, how);
	}
	close(pair[1]);
	if (read(pair[0], &byte, 1) == 1) return 0;
	/* End of file without a byte: it has ended, because another one runs or with an error that
	 * is in the log. */
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int
main(int argc, char **argv)
{
	const char *file = NULL;
	struct daemon_start how = { .ready_fd = -1, .take_over_fd = -1 };
	bool detach = false, check = false;
	uint64_t fd;
	struct conf c;
	struct err e;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-c") == 0 && i + 1 < argc) file = argv[++i];
		else if (strcmp(argv[i], "--detach") == 0) detach = true;
		else if (strcmp(argv[i], "--check") == 0) check = true;
		else if (strcmp(argv[i], "--replace") == 0) how.replace = true;
		else if (strcmp(argv[i], "--take-over") == 0 && i + 1 < argc &&
			str_u64(argv[i + 1], 3, INT_MAX, &fd)) {
			how.take_over_fd = (int)fd;
			i++;
		} else {
			fprintf(stderr, "usage: earshotd [-c FILE] [--replace] [--detach | "
				"--check]\n");
			return 2;
		}
	}
	io_let_writes_fail();
	log_open("earshotd", NULL);
	if (conf_load(&c, file, &e)) {
		log_error("%s", e.text);
		return 1;
	}
	if (check) {
		if (storage_can_open(&c, &e) == 0) return 0;
		log_error("%s", e.text);
		return 1;
	}
	umask(027);
	log_open("earshotd", c.log_file);
	return detach ? run_detached(&c, &how) : run(&c, &how);
}
