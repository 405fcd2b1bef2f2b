/* earshot doctor: what is wrong with an installation, and what mends it. */
#include "cli/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/host.h"
#include "base/io.h"
#include "base/json.h"
#include "cli/cli.h"
#include "db/db.h"
#include "db/version.h"
#include "engine/engine.h"
#include "ipc/client.h"
#include "records/schema.h"
#include "records/server.h"
#include "worker/take.h"

enum { REMEDY = 1400, CLOCK_US = 2000000, MANY_KILLED = 3 };

void
doctor_fine(struct doctor *d, const char *part, const char *fmt, ...)
{
	va_list ap;

	(void)d;
	printf("ok       %-10s ", part);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

void
doctor_problem(struct doctor *d, const char *part, const char *remedy, const char *fmt, ...)
{
	va_list ap;

	d->problems++;
	printf("PROBLEM  %-10s ", part);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	if (remedy) printf("         do: %s\n", remedy);
}

static const char *
user_name(uid_t uid)
{
	static char number[16];
	const struct passwd *p = getpwuid(uid);

	snprintf(number, sizeof number, "%u", (unsigned)uid);
	return p ? p->pw_name : number;
}

/* Root may do everything, so that it would find nothing: look as the one whom the state belongs
 * to. */
static void
become_owner(const struct conf *c)
{
	struct stat st;

	if (geteuid() != 0 || stat(c->state_dir, &st) < 0 || !st.st_uid) return;
	if (setgroups(0, NULL) < 0 || setgid(st.st_gid) < 0 || setuid(st.st_uid) < 0)
		fprintf(stderr, "cannot become %s: %s\n", user_name(st.st_uid), strerror(errno));
}

void
doctor_secret(struct doctor *d, const char *part, const char *path)
{
	char remedy[REMEDY];
	struct stat st;

	if (!*path) return;
	snprintf(remedy, sizeof remedy, "chmod 600 %s && chown %s %s", path,
		user_name(geteuid()), path);
	if (stat(path, &st) < 0 || access(path, R_OK) < 0)
		doctor_problem(d, part, remedy, "%s cannot be read by %s: %s", path,
			user_name(geteuid()), strerror(errno));
	else if (st.st_mode & 0077)
		doctor_problem(d, part, remedy, "The secret in %s can be read by others.", path);
}

void
doctor_folder(struct doctor *d, const char *part, const char *path)
{
	char remedy[REMEDY];
	const char *user = user_name(geteuid());
	struct stat st;

	if (stat(path, &st) < 0) {
		snprintf(remedy, sizeof remedy, "install -d -o %s -m 750 %s", user, path);
		doctor_problem(d, part, remedy, "%s: %s", path, strerror(errno));
	} else if (!S_ISDIR(st.st_mode)) {
		doctor_problem(d, part, NULL, "%s is no folder.", path);
	} else if (access(path, R_OK | W_OK | X_OK) < 0) {
		snprintf(remedy, sizeof remedy, "chown -R %s %s && chmod u+rwx %s", user, path,
			path);
		doctor_problem(d, part, remedy, "%s may not write to %s, of user %u.", user, path,
			(unsigned)st.st_uid);
	} else if (st.st_mode & 0002) {
		snprintf(remedy, sizeof remedy, "chmod o-rwx %s", path);
		doctor_problem(d, part, remedy, "Anyone may write to %s.", path);
	} else {
		doctor_fine(d, part, "%s, as %s", path, user);
	}
}

static void
check_log(struct doctor *d)
{
	char remedy[REMEDY];
	int fd;

	if (!*d->conf->log_file) return;
	fd = open(d->conf->log_file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	if (fd >= 0) close(fd);
	snprintf(remedy, sizeof remedy, "chown %s %s", user_name(geteuid()), d->conf->log_file);
	if (fd < 0)
		doctor_problem(d, "log", remedy, "%s: %s", d->conf->log_file, strerror(errno));
}

static void
check_programs(struct doctor *d)
{
	static const char *const names[] = { "earshotd", "earshot-worker", "earshot.fcgi" };
	char dir[PATH_MAX], path[PATH_MAX], remedy[PATH_MAX + 16];
	struct err e;

	for (size_t i = 0; i < NELEM(names); i++) {
		if (io_program_dir(dir, sizeof dir, &e) ||
			io_join(path, sizeof path, dir, names[i], &e))
			return;
		snprintf(remedy, sizeof remedy, "chmod 755 %s", path);
		if (access(path, F_OK) < 0)
			doctor_problem(d, "programs", "make install", "%s is missing.", path);
		else if (access(path, X_OK) < 0)
			doctor_problem(d, "programs", remedy, "%s cannot be started.", path);
	}
}

/* The line that mends what the server says by a number. */
static const char *
database_remedy(const struct conf *c, const char *says, char *out, size_t size)
{
	if (strstr(says, "(1049 "))
		snprintf(out, size, "mariadb -e \"CREATE DATABASE %s CHARACTER SET utf8mb4\"",
			c->database_name);
	else if (strstr(says, "(1045 ") || strstr(says, "(1044 ") || strstr(says, "(1698 "))
		snprintf(out, size, "mariadb -e \"CREATE USER IF NOT EXISTS %s@localhost; "
			"ALTER USER %s@localhost IDENTIFIED BY '…'; GRANT ALL ON %s.* TO "
			"%s@localhost\", with the first line of database_password_file%s",
			c->database_user, c->database_user, c->database_name, c->database_user,
			*c->database_socket || *c->database_ca ? "" :
			"; or set database_ca, if the server wants TLS");
	else if (strstr(says, "(2002 ") || strstr(says, "(2003 ") || strstr(says, "(2005 "))
		snprintf(out, size, "systemctl start mariadb, or set database_socket, or "
			"database_host and database_port, in %s", c->file);
	else return NULL;
	return out;
}

static void
check_server(struct doctor *d, struct db *db)
{
	const char *missing;
	char remedy[REMEDY];
	enum schema_age age;
	int64_t us, off;
	struct err e;

	if (db_server_check(db, &e) || server_time(db, &us, &e)) {
		doctor_problem(d, "database", NULL, "%s", e.text);
		return;
	}
	off = us - clock_wall_us();
	if (llabs(off) > CLOCK_US)
		doctor_problem(d, "clock", "timedatectl set-ntp true", "This host and the database "
			"server disagree by %lld s.", (long long)(llabs(off) / 1000000));
	else doctor_fine(d, "clock", "as the database server has it");
	snprintf(remedy, sizeof remedy, "mariadb -e \"GRANT ALL ON %s.* TO %s@localhost\"",
		d->conf->database_name, d->conf->database_user);
	if (server_rights(db, &missing, &e))
		doctor_problem(d, "database", missing ? remedy : NULL, "%s%s%s", missing ?
			missing : "", missing ? " is not allowed: " : "", e.text);
	else if (schema_age(db, &age, &e)) doctor_problem(d, "database", NULL, "%s", e.text);
	else if (age == SCHEMA_OLDER)
		doctor_problem(d, "database", "earshot migrate", "Its tables are not there, or of "
			"an older version.");
	else if (age == SCHEMA_NEWER)
		doctor_problem(d, "database", NULL, "Its tables are of a newer version.");
	else doctor_fine(d, "database", "%s, all rights, tables of this version",
		d->conf->database_name);
}

static void
check_database(struct doctor *d)
{
	char remedy[REMEDY];
	struct err e;
	struct db *db = db_open_within(d->conf, 6, &e);

	if (db) check_server(d, db);
	else doctor_problem(d, "database", database_remedy(d->conf, e.text, remedy, sizeof remedy),
		"%s", e.text);
	db_close(db);
}

static void
check_daemon(struct doctor *d)
{
	struct ipc_client ipc;
	cJSON *status = NULL;
	char remedy[REMEDY];
	struct err e;

	ipc_client_init(&ipc, d->conf);
	if (ipc_status(&ipc, &status, &e) == 0) {
		const char *version = json_text(status, "version", "");

		if (json_real(status, "killed", 0) >= MANY_KILLED)
			doctor_problem(d, "daemon", "fewer `workers`, or a smaller model, in the "
				"settings; then: earshot reload", "%.0f of its workers were killed "
				"from outside: by the host, which wants memory or time back?",
				json_real(status, "killed", 0));
		else if (json_real(status, "failing", 0) > 0 && json_real(status, "workers", 0) == 0)
			doctor_problem(d, "daemon", "earshot model list", "Its workers end as soon "
				"as they are started; the log has the reason.");
		else if (strcmp(version, EARSHOT_VERSION) != 0)
			doctor_problem(d, "daemon", "earshot reload", "It is of version %s, this "
				"program of " EARSHOT_VERSION ".", version);
		else doctor_fine(d, "daemon", "process %.0f, %.0f workers",
			json_real(status, "pid", 0), json_real(status, "workers", 0));
	} else if (e.kind == ERR_AWAY && access(d->conf->state_dir, X_OK) == 0) {
		doctor_fine(d, "daemon", "does not run; the next job starts it");
	} else {
		snprintf(remedy, sizeof remedy, "kill -9 %d", (int)ipc.daemon_pid);
		doctor_problem(d, "daemon", ipc.daemon_pid > 0 ? remedy : NULL, "%s", e.text);
	}
	cJSON_Delete(status);
	ipc_client_close(&ipc);
}

/* Can anything make music? */
static void
check_models(struct doctor *d)
{
	char remedy[ENGINE_REMEDY] = "", first[ENGINE_REMEDY] = "";
	struct err why, first_why = {0};
	struct maker m;
	int can_run = 0;

	maker_init(&m, d->conf);
	for (const struct engine_table *const *t = engines; *t; t++) {
		struct engine_models l = {0};

		(*t)->models(&m.env, &l);
		for (size_t i = 0; i < l.n; i++) {
			if ((*t)->check(l.list[i].id, &m.env, remedy, &why) == 0) can_run++;
			else if (!first_why.kind) {
				first_why = why;
				snprintf(first, sizeof first, "%s", remedy);
			}
		}
		engine_models_free(&l);
	}
	if (can_run) doctor_fine(d, "models", "%d can run", can_run);
	else doctor_problem(d, "models", *first ? first : NULL, "None can run: %s", first_why.text);
}

static void
check_host(struct doctor *d)
{
	char socket[108];
	struct err e;

	doctor_secret(d, "settings", d->conf->database_password_file);
	doctor_folder(d, "state", d->conf->state_dir);
	if (ipc_socket_path(d->conf, socket, &e)) doctor_problem(d, "socket", NULL, "%s", e.text);
	doctor_storage(d);
	doctor_disks(d);
	check_log(d);
	check_programs(d);
	doctor_own_limits(d);
	check_database(d);
	check_daemon(d);
	check_models(d);
	doctor_remotes(d);
}

int
cli_doctor(const char *conf_file, int argc, char **argv, struct err *e)
{
	struct doctor d = {0};
	const struct cli_option options[] = { { "--ca", &d.ca, NULL } };
	const char *url = NULL;
	struct buf pages = {0};
	struct conf c;
	size_t n;

	if (cli_parse(argc, argv, options, NELEM(options), &url, 1, &n, e) ||
		conf_load(&c, conf_file, e))
		return -1;
	d.conf = &c;
	become_owner(&c);
	if (n) {
		buf_addf(&pages, "%s%s", url, *url && url[strlen(url) - 1] == '/' ? "" : "/");
		d.url = buf_str(&pages);
	}
	doctor_fine(&d, "settings", "%s", c.file);
	check_host(&d);
	if (n) doctor_web(&d);
	else puts("         web server: give the address of the pages to have it looked at, too");
	buf_free(&pages);
	return d.problems ? err_set(e, ERR_CONFLICT, "%d problem%s, see above", d.problems,
		d.problems == 1 ? "" : "s") : 0;
}
