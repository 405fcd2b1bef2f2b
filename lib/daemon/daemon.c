#include "daemon/daemon.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/host.h"
#include "base/io.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/background.h"
#include "daemon/state.h"
#include "daemon/workers.h"
#include "db/db.h"
#include "ipc/client.h"

/* KILL_MS: who was told to stop and has not within this time hangs. */
enum { LOOK_MS = 1000, STOP_MS = 4000, KILL_MS = STOP_MS + 1000, STEP_MS = 50 };

static volatile sig_atomic_t child_flag, stop_flag, reload_flag;

static void
on_child(int sig)
{
	(void)sig;
	child_flag = 1;
}

static void
on_stop(int sig)
{
	(void)sig;
	stop_flag = 1;
}

static void
on_reload(int sig)
{
	(void)sig;
	reload_flag = 1;
}

void
daemon_ask_reload(void)
{
	reload_flag = 1;
}

/* Signals are blocked but while ppoll() waits, so that none comes between a check and the wait. */
static void
catch_signals(sigset_t *while_waiting)
{
	static const struct {
		int sig, flags;
		void (*handler)(int);
	} caught[] = {
		{ SIGCHLD, SA_NOCLDSTOP, on_child }, { SIGTERM, 0, on_stop },
		{ SIGINT, 0, on_stop }, { SIGHUP, 0, on_reload },
	};
	sigset_t block;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&block);
	for (size_t i = 0; i < NELEM(caught); i++) {
		struct sigaction act = { .sa_handler = caught[i].handler,
			.sa_flags = caught[i].flags };

		sigaction(caught[i].sig, &act, NULL);
		sigaddset(&block, caught[i].sig);
	}
	sigprocmask(SIG_BLOCK, &block, while_waiting);
	for (size_t i = 0; i < NELEM(caught); i++) sigdelset(while_waiting, caught[i].sig);
}

/* A new id, whole or not at all: written beside its place, then renamed. */
static int
make_host_id(struct uuid *id, const char *path, struct err *e)
{
	char part[PATH_MAX];
	int rc = 0;
	FILE *f;

	if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
		return err_set(e, ERR_INTERNAL, "path too long: %s", path);
	*id = uuid_new();
	if (!(f = fopen(part, "we"))) return err_set(e, ERR_INTERNAL, "%s: %s", part, strerror(errno));
	if (fprintf(f, "%s\n", UUID_STR(*id)) < 0 || fflush(f) != 0 || fsync(fileno(f)) < 0)
		rc = err_set(e, ERR_INTERNAL, "write %s: %s", part, strerror(errno));
	fclose(f);
	if (!rc && rename(part, path) < 0)
		rc = err_set(e, ERR_INTERNAL, "rename %s: %s", part, strerror(errno));
	return rc ? -1 : io_sync_dir_of(path, e);
}

/* STATE/host-id, made at the first start. It says which claims are ours, so two hosts must not
 * share a state folder. */
static int
read_host_id(struct daemon *d, struct err *e)
{
	char path[PATH_MAX], text[UUID_TEXT + 1];
	struct buf b = {0};
	int rc = -1;

	if (io_join(path, sizeof path, d->conf->state_dir, "host-id", e)) return -1;
	if (buf_read_file(&b, path, 256, e) == 0) {
		snprintf(text, sizeof text, "%.36s", buf_str(&b));
		rc = uuid_parse(text, &d->host) ? 0 : err_set(e, ERR_INVALID,
			"%s does not hold a UUID", path);
	} else if (e->kind == ERR_NOT_FOUND) rc = make_host_id(&d->host, path, e);
	buf_free(&b);
	return rc;
}

static int
count_workers(const struct conf *c)
{
	struct host_limits limits;
	struct host_memory memory;

	host_memory("", &memory);
	host_limits("", &limits);
	return workers_count(c->workers, host_processors(""), memory.most, limits.processes);
}

/* The daemon that listens in our state folder; 0: none does. */
static pid_t
find_other(const struct conf *c)
{
	struct ipc_client ipc;
	struct err ignored;

	ipc_client_init(&ipc, c);
	ipc_wake(&ipc, &ignored);
	ipc_client_close(&ipc);
	return ipc.daemon_pid;
}

/* The lock of the state folder. Who has it, and is to be replaced, gives its jobs back untried when
 * it is told to stop. */
static int
take_folder(struct daemon *d, bool replace, struct err *e)
{
	int64_t began = clock_now_ms();
	char path[PATH_MAX];
	pid_t told = 0;

	if (io_mkdirs(d->conf->state_dir, 0750, e) || io_join(path, sizeof path, d->conf->state_dir,
		"earshotd.lock", e))
		return -1;
	while ((d->lock_fd = io_lock_file(path, e)) < 0) {
		int64_t waited = clock_now_ms() - began;

		if (!replace || e->kind != ERR_CONFLICT || waited > 2 * KILL_MS) return -1;
		/* One that ends may be followed by another that a job starts. */
		if (told && kill(told, waited > KILL_MS ? SIGKILL : 0) < 0) told = 0;
		if (!told && (told = find_other(d->conf))) {
			log_info("taking the place of earshotd %d", (int)told);
			kill(told, SIGTERM);
		}
		usleep(STEP_MS * 1000);
	}
	return 0;
}

static int
prepare(struct daemon *d, const struct daemon_start *how, struct err *e)
{
	bool anew = how->take_over_fd < 0;

	if (!(d->slots = calloc(MAX_WORKERS, sizeof *d->slots))) abort();
	for (int i = 0; i < MAX_WORKERS; i++) d->slots[i].fd = -1;
	if (anew && take_folder(d, how->replace, e)) return -1;
	if (read_host_id(d, e) || (!anew && handover_take(d, how->take_over_fd, e)) ||
		!(d->background = background_open(d->conf, e)))
		return -1;
	if (d->listen_fd < 0 && clients_listen(d, e)) return -1;
	if (gethostname(d->host_name, sizeof d->host_name - 1) < 0)
		str_copy(d->host_name, sizeof d->host_name, "unknown");
	d->n_wanted = count_workers(d->conf);
	d->n_slots = d->n_wanted > d->n_handed ? d->n_wanted : d->n_handed;
	d->began_ms = clock_wall_us() / 1000;
	/* Whoever ended in between ended unseen. */
	child_flag = 1;
	return 0;
}

static void
wait_for_something(struct daemon *d, const sigset_t *while_waiting)
{
	struct pollfd p[2 + MAX_CLIENTS + MAX_WORKERS];
	int wait_ms = d->look_now && d->db ? 0 : d->stopping || d->reloading || !d->db ? 50 : 200;
	struct timespec t = { wait_ms / 1000, (long)(wait_ms % 1000) * 1000000 };
	int n = 0;

	p[n++] = (struct pollfd){ .fd = d->listen_fd, .events = POLLIN };
	p[n++] = (struct pollfd){ .fd = background_fd(d->background), .events = POLLIN };
	for (int i = 0; i < MAX_CLIENTS; i++)
		p[n++] = (struct pollfd){ .fd = d->clients[i].fd, .events = POLLIN };
	/* A dying worker's end is always ready, and then ppoll() would let no signal through: the
	 * reaper reads it. */
	for (int i = 0; i < d->n_slots; i++)
		p[n++] = (struct pollfd){ .fd = d->slots[i].process == PROCESS_DYING ? -1
			: d->slots[i].fd, .events = POLLIN };
	if (ppoll(p, (nfds_t)n, &t, while_waiting) <= 0) return;
	if (p[0].revents) clients_accept(d);
	if (p[1].revents) background_told(d->background);
	/* Whoever was dropped or has come in between has another descriptor than we waited for. */
	for (int i = 0; i < MAX_CLIENTS; i++)
		if (p[2 + i].revents && d->clients[i].fd >= 0 && d->clients[i].fd == p[2 + i].fd)
			clients_read(d, &d->clients[i]);
	for (int i = 0; i < d->n_slots; i++)
		if (p[2 + MAX_CLIENTS + i].revents) slots_read(d, &d->slots[i]);
}

static void
tick(struct daemon *d)
{
	int64_t now = clock_now_ms();

	upkeep_tick(d, now);
	for (int i = 0; i < d->n_slots; i++) {
		slots_tick(d, &d->slots[i], now);
		work_tick(d, &d->slots[i], now);
	}
	if (d->db && (d->look_now || now >= d->look_at_ms)) {
		d->look_now = false;
		d->look_at_ms = now + LOOK_MS;
		work_claim(d);
	}
}

static bool
all_quiet(const struct daemon *d)
{
	for (int i = 0; i < d->n_slots; i++)
		if (d->slots[i].process != PROCESS_DOWN ||
			(d->slots[i].state != WORK_NONE && d->db))
			return false;
	return true;
}

static void
loop(struct daemon *d, const sigset_t *while_waiting)
{
	for (;;) {
		if (child_flag) {
			child_flag = 0;
			slots_reap(d);
		}
		if (reload_flag && !d->stopping) {
			d->reloading = true;
			if (handover_ready(d)) {
				reload_flag = 0;
				handover_exec(d);
				d->reloading = false;
			}
		}
		if (stop_flag && !d->stopping) {
			log_info("stopping");
			d->stopping = true;
			d->stop_at_ms = clock_now_ms() + STOP_MS;
			work_stop(d);
		}
		tick(d);
		if (d->stopping && (all_quiet(d) || clock_now_ms() >= d->stop_at_ms)) return;
		wait_for_something(d, while_waiting);
	}
}

static void
release(struct daemon *d)
{
	clients_close(d);
	for (int i = 0; d->slots && i < MAX_WORKERS; i++) {
		if (d->slots[i].pid) kill(-d->slots[i].pid, SIGKILL);
		if (d->slots[i].fd >= 0) close(d->slots[i].fd);
		buf_free(&d->slots[i].in);
		claims_work_free(&d->slots[i].work);
		free(d->slots[i].keys);
		cJSON_Delete(d->slots[i].result);
		background_drop(d->background, d->slots[i].check);
	}
	free(d->slots);
	cJSON_Delete(d->models);
	db_close(d->db);
	background_drop(d->background, d->collecting);
	background_close(d->background);
	if (d->lock_fd >= 0) close(d->lock_fd);
}

int
daemon_run(const struct conf *c, const struct daemon_start *how, struct err *e)
{
	struct daemon d = { .conf = c, .lock_fd = -1, .listen_fd = -1 };
	sigset_t while_waiting;
	int rc = -1;

	for (int i = 0; i < MAX_CLIENTS; i++) d.clients[i].fd = -1;
	catch_signals(&while_waiting);
	if (prepare(&d, how, e)) goto out;
	log_info("earshotd " EARSHOT_VERSION " runs with %d workers", d.n_wanted);
	if (how->take_over_fd >= 0) log_info("took over %d running jobs", d.n_handed);
	if (how->ready_fd >= 0) {
		if (write(how->ready_fd, "", 1) < 0)
			log_error("cannot say that we are ready: %s", strerror(errno));
		close(how->ready_fd);
	}
	loop(&d, &while_waiting);
	log_info("earshotd ends");
	rc = 0;
out:
	release(&d);
	return rc;
}
