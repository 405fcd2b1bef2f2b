#include "cutter.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "base/io.h"
#include "base/str.h"

static struct sockaddr_un
address(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (!str_copy(a.sun_path, sizeof a.sun_path, path))
		fail_msg("%s is too long for a socket", path);
	return a;
}

/* A packet of the protocol: three bytes of length, a number, 3 for "query", the text. */
static bool
is_commit(const char *p, ssize_t n)
{
	return n == 11 && p[4] == 3 && memcmp(p + 5, "COMMIT", 6) == 0;
}

/* Both ways until one side ends, or the COMMIT comes. */
static void
pass_on(int client, int server, enum cut when)
{
	struct pollfd p[] = { { .fd = client, .events = POLLIN },
		{ .fd = server, .events = POLLIN } };
	char block[65536];
	struct err e;

	while (poll(p, 2, -1) > 0)
		for (int i = 0; i < 2; i++) {
			ssize_t n;
			bool commit;

			if (!p[i].revents) continue;
			if ((n = read(p[i].fd, block, sizeof block)) <= 0) return;
			commit = i == 0 && is_commit(block, n);
			if (commit && when == CUT_BEFORE_COMMIT) return;
			if (io_write_full(p[!i].fd, block, (size_t)n, &e)) return;
			if (commit) {
				if (read(server, block, sizeof block) <= 0) _exit(1);
				return;
			}
		}
}

static void
serve(int listener, const char *real, enum cut when)
{
	struct sockaddr_un to = address(real);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		int client = accept(listener, NULL, NULL), server = socket(AF_UNIX, SOCK_STREAM, 0);

		if (client < 0 || server < 0) _exit(1);
		if (connect(server, (struct sockaddr *)&to, sizeof to) < 0) _exit(1);
		pass_on(client, server, when);
		close(client);
		close(server);
	}
}

void
cutter_start(struct cutter *c, enum cut when)
{
	const char *dir = getenv("TMPDIR");
	struct sockaddr_un a;
	int listener;

	c->conf = *harness_conf();
	snprintf(c->conf.database_socket, sizeof c->conf.database_socket, "%s/cut-%d",
		dir && *dir ? dir : "/tmp", (int)getpid());
	a = address(c->conf.database_socket);
	unlink(a.sun_path);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&a, sizeof a) < 0 ||
		listen(listener, 4) < 0)
		fail_msg("%s: %s", a.sun_path, strerror(errno));
	fflush(NULL);
	if ((c->pid = fork()) < 0) fail_msg("fork: %s", strerror(errno));
	if (c->pid == 0) serve(listener, harness_conf()->database_socket, when);
	close(listener);
}

void
cutter_stop(struct cutter *c)
{
	kill(c->pid, SIGKILL);
	waitpid(c->pid, NULL, 0);
	unlink(c->conf.database_socket);
}
