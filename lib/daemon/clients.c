#include "daemon/state.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "db/db.h"
#include "ipc/client.h"
#include "ipc/frame.h"

int
clients_listen(struct daemon *d, struct err *e)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	mode_t old;
	int rc;

	if (ipc_socket_path(d->conf, a.sun_path, e)) return -1;
	d->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (d->listen_fd < 0) return err_set(e, ERR_INTERNAL, "socket: %s", strerror(errno));
	/* We hold the lock of the folder, so whatever is there belongs to nobody. */
	unlink(a.sun_path);
	old = umask(0177);
	rc = bind(d->listen_fd, (struct sockaddr *)&a, sizeof a);
	umask(old);
	if (rc < 0 || listen(d->listen_fd, MAX_CLIENTS) < 0)
		return err_set(e, ERR_INTERNAL, "listen on %s: %s", a.sun_path, strerror(errno));
	return 0;
}

static void
client_drop(struct client *c)
{
	if (c->fd >= 0) close(c->fd);
	c->fd = -1;
	buf_free(&c->in);
}

void
clients_accept(struct daemon *d)
{
	int fd;

	while ((fd = accept4(d->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		int i = 0;

		while (i < MAX_CLIENTS && d->clients[i].fd >= 0) i++;
		/* Full: someone who keeps a connection that he does not need makes room; he
		 * connects again when he does. */
		if (i == MAX_CLIENTS) client_drop(&d->clients[i = fd % MAX_CLIENTS]);
		d->clients[i].fd = fd;
	}
}

static void
answer_status(struct daemon *d, struct client *c)
{
	cJSON *m = json_object();
	struct err ignored;
	int up = 0, busy = 0, failing = 0;

	for (int i = 0; i < d->n_slots; i++) {
		const struct slot *s = &d->slots[i];

		up += s->process == PROCESS_READY;
		busy += s->state == WORK_RUNNING;
		failing += s->process != PROCESS_READY && s->quick_deaths > 1;
	}
	json_add_text(m, "op", "status");
	json_add_text(m, "version", EARSHOT_VERSION);
	json_add_int(m, "pid", getpid());
	json_add_int(m, "began_ms", d->began_ms);
	json_add_int(m, "workers", up);
	json_add_int(m, "busy", busy);
	json_add_int(m, "failing", failing);
	json_add_int(m, "killed", d->n_killed);
	json_add_bool(m, "database", d->db != NULL);
	if (frame_send(c->fd, m, &ignored)) client_drop(c);
	cJSON_Delete(m);
}

static void
obey(struct daemon *d, struct client *c, const cJSON *m)
{
	const char *op = frame_op(m);
	struct uuid job;

	if (strcmp(op, "wake") == 0) d->look_now = true;
	else if (strcmp(op, "status") == 0) answer_status(d, c);
	else if (strcmp(op, "reload") == 0) daemon_ask_reload();
	else if (strcmp(op, "cancel") == 0 && uuid_parse(json_text(m, "job", ""), &job)) {
		for (int i = 0; i < d->n_slots; i++)
			if (d->slots[i].state == WORK_RUNNING &&
				uuid_eq(d->slots[i].work.claim.job, job))
				work_look(d, &d->slots[i]);
	}
}

void
clients_read(struct daemon *d, struct client *c)
{
	ssize_t n = recv(c->fd, buf_room(&c->in, 4096), 4096, 0);
	struct err e;
	cJSON *m;
	int rc = 0;

	if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
	if (n > 0) {
		c->in.n += (size_t)n;
		while (c->fd >= 0 && (rc = frame_take(&c->in, &m, &e)) == 1) {
			obey(d, c, m);
			cJSON_Delete(m);
		}
	}
	if (rc < 0) log_error("a client of the socket was dropped: %s", e.text);
	if (n <= 0 || rc < 0) client_drop(c);
}

void
clients_close(struct daemon *d)
{
	struct sockaddr_un a;
	struct err ignored;

	for (int i = 0; i < MAX_CLIENTS; i++) client_drop(&d->clients[i]);
	if (d->listen_fd < 0) return;
	close(d->listen_fd);
	d->listen_fd = -1;
	if (ipc_socket_path(d->conf, a.sun_path, &ignored) == 0) unlink(a.sun_path);
}
