/* What a host allows: room on its disks, processes, memory. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/host.h"
#include "base/io.h"
#include "cli/doctor.h"

/* MIN_FILE_MB: a take of ten minutes as WAV. LEFT_PROCESSES: a daemon, two workers, some responders
 * that come when the others are busy. */
enum { REMEDY = 1400, MIN_FREE_MB = 500, MIN_FREE_FILES = 1000, WRITTEN_MB = 16, MIN_PROCESSES = 24,
	LEFT_PROCESSES = 8, MIN_DESCRIPTORS = 64, MIN_MEMORY_MB = 256, MIN_FILE_MB = 128 };

/* Some megabytes, which are gone again at once: a quota is told by no number. 0 or an errno. */
static int
try_to_write(const char *dir)
{
	char path[PATH_MAX];
	struct err e;
	int fd, error;

	if (io_join(path, sizeof path, dir, ".doctor-XXXXXX", &e)) return ENAMETOOLONG;
	if ((fd = mkostemp(path, O_CLOEXEC)) < 0) return errno;
	unlink(path);
	error = posix_fallocate(fd, 0, (off_t)WRITTEN_MB << 20);
	close(fd);
	return error;
}

static void
check_disk(struct doctor *d, const char *path)
{
	struct statvfs fs;
	char remedy[REMEDY];
	unsigned long long free_mb;
	int error;

	if (statvfs(path, &fs) < 0) return;
	free_mb = (unsigned long long)fs.f_bavail * fs.f_frsize >> 20;
	snprintf(remedy, sizeof remedy, "df -h %s; df -i %s; quota -s", path, path);
	if (free_mb < MIN_FREE_MB)
		doctor_problem(d, "disk", remedy, "%llu MB are left for %s; takes fill that soon.",
			free_mb, path);
	else if (fs.f_files && fs.f_favail < MIN_FREE_FILES)
		doctor_problem(d, "disk", remedy, "%llu files are left for %s.",
			(unsigned long long)fs.f_favail, path);
	else if (access(path, W_OK) == 0 && (error = try_to_write(path)))
		doctor_problem(d, "disk", remedy, "A file of %d MB cannot be written to %s: %s.",
			WRITTEN_MB, path, strerror(error));
	else doctor_fine(d, "disk", "%llu MB free for %s", free_mb, path);
}

void
doctor_disks(struct doctor *d)
{
	const struct conf *c = d->conf;
	const char *audio = strcmp(c->storage, "local") == 0 ? c->storage_dir : c->s3_dir;
	struct stat one, other;

	check_disk(d, c->state_dir);
	if (stat(c->state_dir, &one) == 0 && stat(audio, &other) == 0 && one.st_dev != other.st_dev)
		check_disk(d, audio);
}

static void
check_processes(struct doctor *d, const char *part, const char *whom, const struct host_limits *l)
{
	unsigned long long most = l->processes, running = l->running;

	if (most < MIN_PROCESSES)
		doctor_problem(d, part, "ulimit -u 64, or a larger plan of the host", "%llu "
			"processes at once, for %s, are few: the daemon, a worker and some "
			"responders need %d.", most, whom, MIN_PROCESSES);
	else if (most != UINT64_MAX && running + LEFT_PROCESSES > most)
		doctor_problem(d, part, "ps -L -u USER tells which; then ulimit -u, or fewer "
			"workers in the settings and earshot reload", "%llu of %llu processes and "
			"threads that %s may have run already.", running, most, whom);
}

void
doctor_limits(struct doctor *d, const char *part, const char *whom, const struct host_limits *l)
{
	check_processes(d, part, whom, l);
	if (l->files < MIN_DESCRIPTORS)
		doctor_problem(d, part, "ulimit -n 256", "%llu open files, for %s, are too few.",
			(unsigned long long)l->files, whom);
	if (l->file_bytes >> 20 < MIN_FILE_MB)
		doctor_problem(d, part, "ulimit -f unlimited", "A file of %s may have %llu MB; "
			"long takes have up to %d.", whom,
			(unsigned long long)l->file_bytes >> 20, MIN_FILE_MB);
	if (l->address_bytes >> 20 < MIN_MEMORY_MB)
		doctor_problem(d, part, "ulimit -v unlimited, or a larger plan of the host",
			"Processes of %s may have %llu MB of address space; a worker needs %d.",
			whom, (unsigned long long)l->address_bytes >> 20, MIN_MEMORY_MB);
}

void
doctor_own_limits(struct doctor *d)
{
	struct host_memory memory;
	struct host_limits limits;

	host_limits("", &limits);
	doctor_limits(d, "limits", "this program", &limits);
	host_memory("", &memory);
	if (memory.most >> 20 < MIN_MEMORY_MB && limits.address_bytes > memory.most)
		doctor_problem(d, "limits", NULL, "%s %llu MB of memory; a worker needs %d.",
			memory.bound, (unsigned long long)memory.most >> 20, MIN_MEMORY_MB);
}
