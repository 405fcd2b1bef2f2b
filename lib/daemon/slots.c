#include "daemon/state.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "ipc/frame.h"

enum { KILL_AFTER_MS = 1000, HELLO_MS = 20000, QUICK_DEATH_MS = 5000, MAX_RESTART_MS = 30000,
	WORKER_FD = 3 };

/* In the child, between fork and exec: only what is safe there. */
static void
become_worker(const struct conf *c, pid_t daemon_pid, int fd, const char *path)
{
	struct rlimit memory = { (rlim_t)c->worker_memory_mb << 20,
		(rlim_t)c->worker_memory_mb << 20 }, none = { 0, 0 };
	const char *const argv[] = { path, "-c", c->file, NULL };
	sigset_t empty;

	setpgid(0, 0);
	/* Should we die by kill -9, the worker dies too: it also sees its end of the socket closed,
	 * but may be too deep in work. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != daemon_pid) _exit(1);
	sigemptyset(&empty);
	sigprocmask(SIG_SETMASK, &empty, NULL);
	if (nice((int)c->worker_nice) < 0) errno = 0;
	if (c->worker_memory_mb) setrlimit(RLIMIT_AS, &memory);
	setrlimit(RLIMIT_CORE, &none);
	if (dup2(fd, WORKER_FD) != WORKER_FD) _exit(1);
	execv(path, (char *const *)(uintptr_t)argv);
	_exit(127);
}

static int
start(struct daemon *d, struct slot *s, struct err *e)
{
	char dir[PATH_MAX], path[PATH_MAX];
	int pair[2];
	pid_t pid, self = getpid();

	if (io_program_dir(dir, sizeof dir, e) || io_join(path, sizeof path, dir, "earshot-worker",
		e))
		return -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(e, ERR_INTERNAL, "socketpair: %s", strerror(errno));
	pid = fork();
	if (pid == 0) become_worker(d->conf, self, pair[1], path);
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return err_set(e, ERR_INTERNAL, "fork: %s", strerror(errno));
	}
	setpgid(pid, pid);	/* here too: whoever comes first */
	io_set_nonblock(pair[0], true);
	s->pid = pid;
	s->fd = pair[0];
	return 0;
}

/* The only place that changes the state of a process. */
static void
process_set(struct slot *s, enum process_state to)
{
	int64_t now = clock_now_ms();

	s->process = to;
	if (to == PROCESS_STARTING) s->started_ms = now;
	if (to == PROCESS_DYING) s->kill_at_ms = now + KILL_AFTER_MS;
	if (to == PROCESS_READY) s->heard_ms = now;
	if (to == PROCESS_DOWN) {
		int64_t wait = 0;

		if (s->fd >= 0) close(s->fd);
		s->fd = -1;
		s->pid = 0;
		buf_free(&s->in);
		if (s->retire) s->quick_deaths = 0;
		s->retire = s->put_down = false;
		/* A worker that dies young dies again: wait longer each time. */
		if (now - s->started_ms > QUICK_DEATH_MS) s->quick_deaths = 0;
		else if (++s->quick_deaths > 1)
			wait = 100LL << (s->quick_deaths < 10 ? s->quick_deaths : 10);
		s->restart_at_ms = now + (wait < MAX_RESTART_MS ? wait : MAX_RESTART_MS);
	}
}

void
slots_start(struct daemon *d, struct slot *s)
{
	struct err e;

	s->started_ms = clock_now_ms();
	if (start(d, s, &e)) {
		log_error("cannot start a worker: %s", e.text);
		process_set(s, PROCESS_DOWN);
	} else process_set(s, PROCESS_STARTING);
}

void
slots_kill(struct slot *s)
{
	if (s->process == PROCESS_DOWN || s->process == PROCESS_DYING) return;
	kill(-s->pid, SIGTERM);
	process_set(s, PROCESS_DYING);
}

void
slots_tick(struct daemon *d, struct slot *s, int64_t now)
{
	if (s->process == PROCESS_DOWN && now >= s->restart_at_ms && !d->stopping && !d->reloading
		&& s - d->slots < d->n_wanted)
		slots_start(d, s);
	if (s->retire && s->state == WORK_NONE) slots_kill(s);
	if (s->process == PROCESS_STARTING && now - s->started_ms > HELLO_MS) {
		log_error("worker %d did not say hello within %d ms", (int)s->pid, HELLO_MS);
		slots_kill(s);
	}
	if (s->process == PROCESS_DYING && now >= s->kill_at_ms) {
		s->put_down = true;
		kill(-s->pid, SIGKILL);
		s->kill_at_ms = now + KILL_AFTER_MS;
	}
}

static void
describe_end(int status, char *how, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(how, size, "was killed by signal %d (%s)", WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == 127)
		snprintf(how, size, "could not be started: is earshot-worker beside earshotd?");
	else snprintf(how, size, "ended with status %d", WEXITSTATUS(status));
}

void
slots_reap(struct daemon *d)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		char how[160];
		struct slot *s = NULL;

		for (int i = 0; i < d->n_slots; i++)
			if (d->slots[i].pid == pid) s = &d->slots[i];
		if (!s) continue;
		describe_end(status, how, sizeof how);
		if (!s->put_down && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
			d->n_killed++;
		if (s->process != PROCESS_DYING) log_error("worker %d %s", (int)pid, how);
		/* What it said before it died counts, then its death; and whatever it had started
		 * dies with it. */
		kill(-pid, SIGKILL);
		slots_read(d, s);
		process_set(s, PROCESS_DOWN);
		work_worker_gone(d, s, how);
	}
}

static void
hello(struct daemon *d, struct slot *s, cJSON *m)
{
	cJSON *models = cJSON_DetachItemFromObjectCaseSensitive(m, "models");

	if (s->process == PROCESS_STARTING) process_set(s, PROCESS_READY);
	d->look_now = true;
	d->seen_at_ms = 0;
	if (!models) return;
	if (d->models && cJSON_Compare(d->models, models, true)) {
		cJSON_Delete(models);
		return;
	}
	cJSON_Delete(d->models);
	d->models = models;
	d->models_new = true;
}

void
slots_read(struct daemon *d, struct slot *s)
{
	struct err e;
	cJSON *m;
	ssize_t n;
	int rc;

	if (s->fd < 0) return;
	while ((n = recv(s->fd, buf_room(&s->in, 65536), 65536, 0)) > 0) s->in.n += (size_t)n;
	while ((rc = frame_take(&s->in, &m, &e)) == 1) {
		s->heard_ms = clock_now_ms();
		if (strcmp(frame_op(m), "hello") == 0 || strcmp(frame_op(m), "models") == 0) {
			hello(d, s, m);
			cJSON_Delete(m);
		} else work_message(d, s, m);
	}
	if (rc < 0) {
		log_error("worker %d: %s", (int)s->pid, e.text);
		slots_kill(s);
	}
	/* End of file: it is dying by itself or has closed its socket; either way it is of no
	 * use. */
	if (n == 0) slots_kill(s);
}
