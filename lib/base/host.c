#include "base/host.h"

#include <dirent.h>
#include <inttypes.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum { FILE_MAX = 1 << 20, PATH = 4096 };

/* A file of the kernel into text: false where there is none. */
static bool __attribute__((format(printf, 2, 3)))
read_file(struct buf *text, const char *path, ...)
{
	char full[PATH];
	struct err ignored;
	va_list ap;
	int n;

	buf_reset(text);
	va_start(ap, path);
	n = vsnprintf(full, sizeof full, path, ap);
	va_end(ap);
	return n > 0 && n < PATH && buf_read_file(text, full, FILE_MAX, &ignored) == 0;
}

/* The number behind a name at the beginning of a line ("MemTotal:  123 kB"); UINT64_MAX: none. */
static uint64_t
named(const struct buf *text, const char *name)
{
	size_t n = strlen(name);
	uint64_t v;

	for (const char *at = buf_str(text); at && *at; at = strchr(at, '\n')) {
		if (*at == '\n') at++;
		if (strncmp(at, name, n) == 0 && sscanf(at + n, " %" SCNu64, &v) == 1) return v;
	}
	return UINT64_MAX;
}

/* The number that a file begins with; UINT64_MAX: none ("max"). */
static uint64_t
number(const struct buf *text)
{
	uint64_t v;

	return sscanf(buf_str(text), "%" SCNu64, &v) == 1 ? v : UINT64_MAX;
}

/* How the two versions call things. */
static const struct version {
	const char *mount;		/* below sys/fs/cgroup */
	const char *most, *now, *cache;	/* files; the name in memory.stat */
	uint64_t no_limit;		/* this and more is none */
} versions[] = {
	{ "", "memory.max", "memory.current", "file ", UINT64_MAX },
	{ "/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_cache ", 1ull << 60 },
};

/* The group of a controller ("" : version 2) in proc/self/cgroup, lines "4:cpu,memory:/a/b". */
static bool
find_group(const char *root, const char *controller, char group[PATH])
{
	struct buf text = {0};
	bool found = false;

	if (!read_file(&text, "%s/proc/self/cgroup", root)) goto out;
	for (char *at = text.p, *line; !found && (line = strsep(&at, "\n"));) {
		char *rest = line, *list;

		strsep(&rest, ":");
		list = strsep(&rest, ":");
		if (!rest || !list || *rest != '/') continue;
		if (!*controller) found = !*list;
		else for (char *one; !found && (one = strsep(&list, ","));)
			found = strcmp(one, controller) == 0;
		if (found) found = str_copy(group, PATH, rest);
	}
out:
	buf_free(&text);
	return found;
}

/* To the group above: false at the top. */
static bool
up(char *group)
{
	char *slash = strrchr(group, '/');

	if (!slash) return false;
	*slash = '\0';
	return true;
}

/* What one group allows. */
static void
limit_by(const char *root, const struct version *v, const char *group, struct host_memory *m)
{
	struct buf text = {0};
	uint64_t most = UINT64_MAX, used = 0, cache = 0;

	if (read_file(&text, "%s/sys/fs/cgroup%s%s/%s", root, v->mount, group, v->most))
		most = number(&text);
	if (most >= v->no_limit) goto out;
	if (read_file(&text, "%s/sys/fs/cgroup%s%s/%s", root, v->mount, group, v->now))
		used = number(&text);
	/* Pages of files count as used, and are given up when memory is wanted. */
	if (read_file(&text, "%s/sys/fs/cgroup%s%s/memory.stat", root, v->mount, group))
		cache = named(&text, v->cache);
	if (cache > used) cache = used;
	used -= cache;
	if (most < m->most) {
		m->most = most;
		m->bound = "its container allows";
	}
	if (used > most) used = most;
	if (most - used < m->now) m->now = most - used;
out:
	buf_free(&text);
}

static uint64_t
soft_limit(int resource)
{
	struct rlimit r;

	return getrlimit(resource, &r) == 0 && r.rlim_cur != RLIM_INFINITY ? r.rlim_cur
		: UINT64_MAX;
}

uint64_t
host_address_space(const char *root)
{
	uint64_t most = soft_limit(RLIMIT_AS), mine = 0;
	struct buf text = {0};

	if (most == UINT64_MAX) return most;
	if (read_file(&text, "%s/proc/self/statm", root) && number(&text) != UINT64_MAX)
		mine = number(&text) * (uint64_t)sysconf(_SC_PAGESIZE);
	buf_free(&text);
	return most > mine ? most - mine : 0;
}

void
host_memory(const char *root, struct host_memory *m)
{
	struct buf text = {0};
	uint64_t space = soft_limit(RLIMIT_AS), rest = host_address_space(root);
	char group[PATH];

	*m = (struct host_memory){ UINT64_MAX, "this machine has", UINT64_MAX };
	if (read_file(&text, "%s/proc/meminfo", root)) {
		uint64_t total = named(&text, "MemTotal:"), free = named(&text, "MemAvailable:");

		if (total != UINT64_MAX) m->most = total << 10;
		if (free != UINT64_MAX) m->now = free << 10;
	}
	for (size_t i = 0; i < NELEM(versions); i++)
		if (find_group(root, i ? "memory" : "", group))
			do limit_by(root, &versions[i], group, m);
			while (up(group));
	if (space < m->most) {
		m->most = space;
		m->bound = "its address space (worker_memory_mb, ulimit -v) has";
	}
	if (rest < m->now) m->now = rest;
	buf_free(&text);
}

/* Processors that a group's quota of time is worth, rounded up. */
static int
quota(const char *root, const char *mount, const char *group, int most)
{
	struct buf text = {0};
	uint64_t time = UINT64_MAX, period = 0;

	if (read_file(&text, "%s/sys/fs/cgroup%s%s/cpu.max", root, mount, group)) {
		if (sscanf(buf_str(&text), "%" SCNu64 " %" SCNu64, &time, &period) != 2) period = 0;
	} else if (read_file(&text, "%s/sys/fs/cgroup%s%s/cpu.cfs_period_us", root, mount, group)) {
		period = number(&text);
		if (read_file(&text, "%s/sys/fs/cgroup%s%s/cpu.cfs_quota_us", root, mount, group) &&
			*buf_str(&text) != '-')
			time = number(&text);
	}
	buf_free(&text);
	if (!period || period == UINT64_MAX || time == UINT64_MAX) return most;
	time = time / period + (time % period != 0);
	return time < (uint64_t)most ? (time ? (int)time : 1) : most;
}

int
host_processors(const char *root)
{
	char group[PATH];
	cpu_set_t mine;
	int n = 1;

	CPU_ZERO(&mine);
	if (sched_getaffinity(0, sizeof mine, &mine) == 0) n = CPU_COUNT(&mine);
	for (int v1 = 0; v1 < 2; v1++)
		if (find_group(root, v1 ? "cpu" : "", group))
			do n = quota(root, v1 ? "/cpu" : "", group, n);
			while (up(group));
	return n;
}

/* All threads of our user that can be seen: the limit of processes counts these. */
static uint64_t
count_threads(const char *root)
{
	char path[PATH];
	struct buf text = {0};
	struct dirent *entry;
	uint64_t sum = 0;
	DIR *dir;

	snprintf(path, sizeof path, "%s/proc", root);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (*entry->d_name < '1' || *entry->d_name > '9' ||
			!read_file(&text, "%s/%.20s/status", path, entry->d_name))
			continue;
		if (named(&text, "Uid:") == getuid()) sum += named(&text, "Threads:");
	}
	if (dir) closedir(dir);
	buf_free(&text);
	return sum;
}

static uint64_t
left(uint64_t most, uint64_t running)
{
	return most > running ? most - running : 0;
}

/* What one group allows, where that leaves less than what was found before. */
static void
processes_by(const char *root, const char *mount, const char *group, struct host_limits *l)
{
	struct buf text = {0};
	uint64_t most = UINT64_MAX, now = 0;

	if (read_file(&text, "%s/sys/fs/cgroup%s%s/pids.max", root, mount, group))
		most = number(&text);
	if (read_file(&text, "%s/sys/fs/cgroup%s%s/pids.current", root, mount, group))
		now = number(&text);
	if (most != UINT64_MAX && left(most, now) < left(l->processes, l->running)) {
		l->processes = most;
		l->running = now;
	}
	buf_free(&text);
}

void
host_limits(const char *root, struct host_limits *l)
{
	char group[PATH];

	*l = (struct host_limits){ .processes = soft_limit(RLIMIT_NPROC),
		.files = soft_limit(RLIMIT_NOFILE), .file_bytes = soft_limit(RLIMIT_FSIZE),
		.address_bytes = soft_limit(RLIMIT_AS) };
	if (l->processes != UINT64_MAX) l->running = count_threads(root);
	for (int v1 = 0; v1 < 2; v1++)
		if (find_group(root, v1 ? "pids" : "", group))
			do processes_by(root, v1 ? "/pids" : "", group, l);
			while (up(group));
}

const char *
host_certificates(const char *root)
{
	/* Debian, Arch, Alpine; Fedora and its relatives; openSUSE; BSDs. */
	static const char *const places[] = { "/etc/ssl/certs/ca-certificates.crt",
		"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem" };
	char path[PATH];

	for (size_t i = 0; i < NELEM(places); i++)
		if (snprintf(path, sizeof path, "%s%s", root, places[i]) < (int)sizeof path &&
			access(path, R_OK) == 0)
			return places[i];
	return NULL;
}
