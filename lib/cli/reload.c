#include "cli/cli.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "base/str.h"
#include "ipc/client.h"

/* How long running requests and the results of jobs may keep us waiting. */
enum { WAIT_MS = 30000, STEP_US = 20000, MAX_RESPONDERS = 1024, MAX_FILE = 1 << 20 };

extern char **environ;

/* A program that cannot start, with these settings or at all, must not take the place of one that
 * runs. */
static int
check_program(const char *name, const struct conf *c, struct err *e)
{
	char dir[PATH_MAX], path[PATH_MAX];
	const char *daemon[] = { path, "--check", "-c", c->file, NULL },
		*responder[] = { path, "--check", NULL };
	const char **argv = strcmp(name, "earshotd") == 0 ? daemon : responder;
	int rc, status = 0;
	pid_t pid;

	if (io_program_dir(dir, sizeof dir, e) || io_join(path, sizeof path, dir, name, e))
		return -1;
	setenv("EARSHOT_CONF", c->file, 1);
	rc = posix_spawn(&pid, path, NULL, NULL, (char *const *)(uintptr_t)argv, environ);
	if (rc) return err_set(e, ERR_INTERNAL, "start %s: %s", path, strerror(rc));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
	return err_set(e, ERR_INTERNAL, "%s does not start with these settings; nothing was "
		"reloaded", path);
}

static double
began(struct ipc_client *c, cJSON **status, struct err *e)
{
	return ipc_status(c, status, e) ? -1 : json_real(*status, "began_ms", 0);
}

static int
reload_daemon(const struct conf *c, struct err *e)
{
	int64_t end = clock_now_ms() + WAIT_MS;
	struct ipc_client ipc;
	cJSON *status = NULL;
	double before;
	int rc = 0;

	ipc_client_init(&ipc, c);
	before = began(&ipc, &status, e);
	if (before < 0 && e->kind == ERR_AWAY) {
		puts("no daemon runs; the next job starts one");
		goto out;
	}
	if (before < 0 || ipc_reload(&ipc, e)) {
		rc = -1;
		goto out;
	}
	do {
		usleep(STEP_US);
		cJSON_Delete(status);
		status = NULL;
		if (began(&ipc, &status, e) > before) {
			printf("daemon: version %s, %.0f jobs at work\n",
				json_text(status, "version", "?"), json_real(status, "busy", 0));
			goto out;
		}
	} while (clock_now_ms() < end);
	rc = err_set(e, ERR_AWAY, "the daemon has not reloaded; its log (%s) has the reason",
		*c->log_file ? c->log_file : "standard error");
out:
	cJSON_Delete(status);
	ipc_client_close(&ipc);
	return rc;
}

/* A file of /proc/PID, "" when it cannot be read. */
static void
read_proc(pid_t pid, const char *name, struct buf *out)
{
	char path[64];
	struct err ignored;

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	buf_reset(out);
	buf_addc(out, '\0');
	out->n = 0;
	if (buf_read_file(out, path, MAX_FILE, &ignored)) buf_reset(out);
}

/* The value of a variable in what is in /proc/PID/environ; NULL: it has none. */
static const char *
variable(const struct buf *environment, const char *name)
{
	size_t n = strlen(name), at = 0;

	while (at < environment->n) {
		const char *one = environment->p + at;

		if (strncmp(one, name, n) == 0 && one[n] == '=') return one + n + 1;
		at += strlen(one) + 1;
	}
	return NULL;
}

/* A start that is not yet ready for the signal would die of it. */
static bool
catches_hup(pid_t pid, struct buf *b)
{
	const char *at;

	read_proc(pid, "status", b);
	at = strstr(buf_str(b), "\nSigCgt:");
	return at && strtoull(at + strlen("\nSigCgt:"), NULL, 16) >> (SIGHUP - 1) & 1;
}

/* Is it a responder of this installation with these settings, FastCGI and not CGI? */
static bool
is_responder(pid_t pid, const char *program, const struct conf *c, struct buf *b)
{
	char path[64], exe[PATH_MAX], full[PATH_MAX];
	const char *settings;
	ssize_t n;

	snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
	if ((n = readlink(path, exe, sizeof exe - 1)) < 0) return false;
	exe[n] = '\0';
	/* "… (deleted)" is what a program is called whose file was replaced. */
	if (!str_starts(exe, program) || (exe[strlen(program)] &&
		strcmp(exe + strlen(program), " (deleted)") != 0))
		return false;
	read_proc(pid, "environ", b);
	settings = variable(b, "EARSHOT_CONF");
	return !variable(b, "REQUEST_METHOD") && settings && realpath(settings, full) &&
		strcmp(full, c->file) == 0;
}

/* Where the kernel has put a program, which is elsewhere with each start. */
struct responder {
	pid_t pid;
	struct buf before;
};

static size_t
find_responders(const char *program, const struct conf *c, struct responder *found)
{
	struct buf b = {0};
	struct dirent *entry;
	size_t n = 0;
	DIR *dir = opendir("/proc");
	uint64_t pid;

	while (dir && (entry = readdir(dir)) && n < MAX_RESPONDERS) {
		if (!str_u64(entry->d_name, 1, INT_MAX, &pid) ||
			!is_responder((pid_t)pid, program, c, &b) || !catches_hup((pid_t)pid, &b))
			continue;
		found[n] = (struct responder){ .pid = (pid_t)pid };
		read_proc((pid_t)pid, "auxv", &found[n++].before);
	}
	if (dir) closedir(dir);
	buf_free(&b);
	return n;
}

static bool
is_new(const struct responder *r, struct buf *now)
{
	read_proc(r->pid, "auxv", now);
	return !now->n || now->n != r->before.n || memcmp(now->p, r->before.p, now->n) != 0;
}

static int
reload_responders(const struct conf *c, struct err *e)
{
	static struct responder found[MAX_RESPONDERS];
	char dir[PATH_MAX], program[PATH_MAX];
	int64_t end = clock_now_ms() + WAIT_MS;
	size_t n, done = 0;
	struct buf now = {0};

	if (io_program_dir(dir, sizeof dir, e) || io_join(program, sizeof program, dir,
		"earshot.fcgi", e))
		return -1;
	n = find_responders(program, c, found);
	for (size_t i = 0; i < n; i++) kill(found[i].pid, SIGHUP);
	while (done < n && clock_now_ms() < end) {
		if (is_new(&found[done], &now)) done++;
		else usleep(STEP_US);
	}
	for (size_t i = 0; i < n; i++) buf_free(&found[i].before);
	buf_free(&now);
	printf("responders: %zu of %zu\n", done, n);
	return done == n ? 0 : err_set(e, ERR_BUSY, "%zu responders have not reloaded: they are "
		"still at their requests, or their log (%s) has the reason", n - done,
		*c->log_file ? c->log_file : "of the web server");
}

int
cli_reload(const char *conf_file, int argc, char **argv, struct err *e)
{
	struct conf c;
	size_t n;

	if (cli_parse(argc, argv, NULL, 0, NULL, 0, &n, e) || conf_load(&c, conf_file, e) ||
		check_program("earshotd", &c, e) || check_program("earshot.fcgi", &c, e))
		return -1;
	return reload_daemon(&c, e) || reload_responders(&c, e) ? -1 : 0;
}
