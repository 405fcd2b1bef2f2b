#include "ipc/client.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "ipc/frame.h"

enum { STATUS_WAIT_MS = 500 };

extern char **environ;

void
ipc_client_init(struct ipc_client *c, const struct conf *conf)
{
	*c = (struct ipc_client){ .conf = conf, .fd = -1 };
}

void
ipc_client_close(struct ipc_client *c)
{
	if (c->fd >= 0) close(c->fd);
	c->fd = -1;
}

int
ipc_socket_path(const struct conf *c, char path[108], struct err *e)
{
	int n = snprintf(path, 108, "%s/earshotd.sock", c->state_dir);

	return n < 0 || n >= 108 ? err_set(e, ERR_INVALID, "state_dir: %s is too long for a socket "
		"in it", c->state_dir) : 0;
}

static int
client_connect(struct ipc_client *c, struct err *e)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	/* A daemon that hangs must not hang the responder too. */
	struct timeval wait = { .tv_usec = STATUS_WAIT_MS * 1000 };
	struct ucred peer = {0};
	socklen_t n = sizeof peer;

	if (ipc_socket_path(c->conf, a.sun_path, e)) return -1;
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0) return err_set(e, ERR_INTERNAL, "socket: %s", strerror(errno));
	setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
	if (connect(c->fd, (struct sockaddr *)&a, sizeof a) < 0) {
		/* EAGAIN: those whom it has not taken up yet fill its queue. */
		if (errno == EAGAIN) err_set(e, ERR_BUSY, "the daemon takes up nobody");
		else err_set(e, ERR_AWAY, "the daemon does not run (%s)", strerror(errno));
		ipc_client_close(c);
		return -1;
	}
	getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &peer, &n);
	c->daemon_pid = peer.pid;
	return 0;
}

/* Send over the connection that we have; when it is a dead one, once more over a new one. */
static int
client_send(struct ipc_client *c, const cJSON *message, struct err *e)
{
	if (c->fd >= 0) {
		if (frame_send(c->fd, message, e) == 0) return 0;
		ipc_client_close(c);
	}
	if (client_connect(c, e)) return -1;
	if (frame_send(c->fd, message, e) == 0) return 0;
	ipc_client_close(c);
	return -1;
}

static cJSON *
message_new(const char *op)
{
	cJSON *m = json_object();

	json_add_text(m, "op", op);
	return m;
}

static int
client_say(struct ipc_client *c, const char *op, struct err *e)
{
	cJSON *m = message_new(op);
	int rc = client_send(c, m, e);

	cJSON_Delete(m);
	return rc;
}

int
ipc_wake(struct ipc_client *c, struct err *e)
{
	return client_say(c, "wake", e);
}

int
ipc_reload(struct ipc_client *c, struct err *e)
{
	return client_say(c, "reload", e);
}

int
ipc_cancel(struct ipc_client *c, struct uuid job, struct err *e)
{
	cJSON *m = message_new("cancel");
	int rc;

	json_add_id(m, "job", job);
	rc = client_send(c, m, e);
	cJSON_Delete(m);
	return rc;
}

static int
ask_status(struct ipc_client *c, cJSON **status, struct err *e)
{
	struct buf in = {0};
	int got = -1;

	if (client_say(c, "status", e) == 0) {
		got = frame_receive(c->fd, &in, STATUS_WAIT_MS, status, e);
		if (!got) err_set(e, ERR_BUSY, "the daemon does not answer");
		if (got != 1) ipc_client_close(c);
	}
	buf_free(&in);
	return got == 1 ? 0 : -1;
}

/* Once more when the connection broke in the middle: after a reload the next one is taken up. */
int
ipc_status(struct ipc_client *c, cJSON **status, struct err *e)
{
	if (ask_status(c, status, e) == 0) return 0;
	return e->kind == ERR_AWAY ? ask_status(c, status, e) : -1;
}

/* The daemon detaches by itself: what we start ends at once, and we are the ones to collect it. */
static int
daemon_start(const struct conf *conf, struct err *e)
{
	char dir[PATH_MAX], path[PATH_MAX];
	const char *const argv[] = { path, "--detach", "-c", conf->file, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none;
	int rc, status;
	pid_t pid;

	if (io_program_dir(dir, sizeof dir, e) || io_join(path, sizeof path, dir, "earshotd", e))
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	/* Not the web server's: its socket is descriptor 0 of a FastCGI program. */
	for (int fd = 0; fd < 3; fd++)
		posix_spawn_file_actions_addopen(&actions, fd, "/dev/null",
			fd ? O_WRONLY : O_RDONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
	rc = posix_spawn(&pid, path, &actions, &attr, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	if (rc) return err_set(e, ERR_INTERNAL, "start %s: %s", path, strerror(rc));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_set(e, ERR_AWAY, "earshotd did not start; its log has the reason");
	return 0;
}

int
ipc_wake_or_start(struct ipc_client *c, struct err *e)
{
	if (ipc_wake(c, e) == 0) return 0;
	return daemon_start(c->conf, e);
}

/* Our connection ends with the daemon, whatever it died of. */
static bool
is_connected(const struct ipc_client *c)
{
	char byte;

	return c->fd >= 0 && recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
		(errno == EAGAIN || errno == EINTR);
}

int
ipc_start_if_gone(struct ipc_client *c, struct err *e)
{
	if (is_connected(c)) return 0;
	ipc_client_close(c);
	if (client_connect(c, e) == 0) return 0;
	return e->kind == ERR_AWAY ? daemon_start(c->conf, e) : -1;
}
