#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const char *log_program = "earshot";
static const char *log_path;	/* NULL: standard error */
static int log_fd = STDERR_FILENO;

/* Open the file if it is not the one that we have: none yet, or logrotate has moved it away. While
 * it cannot be opened, lines go where they went. */
static int
follow_file(void)
{
	struct stat now, ours;
	int fd;

	if (log_fd != STDERR_FILENO && stat(log_path, &now) == 0 && fstat(log_fd, &ours) == 0 &&
		now.st_ino == ours.st_ino && now.st_dev == ours.st_dev)
		return 0;
	fd = open(log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0) return -1;
	if (log_fd != STDERR_FILENO) close(log_fd);
	log_fd = fd;
	return 0;
}

static void
log_line(const char *level, const char *fmt, va_list ap)
{
	char line[2048];
	struct timespec now;
	struct tm tm;
	int n, m;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	n = snprintf(line, sizeof line, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ %s[%d] %s: ",
		tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		now.tv_nsec / 1000000, log_program, (int)getpid(), level);
	m = vsnprintf(line + n, sizeof line - (size_t)n - 1, fmt, ap);
	if (m < 0) m = 0;
	n += m < (int)sizeof line - n - 1 ? m : (int)sizeof line - n - 2;
	/* A line is a line: what came from outside must not forge another one. */
	for (char *p = line; p < line + n; p++)
		if ((unsigned char)*p < 0x20) *p = ' ';
	line[n++] = '\n';
	if (log_path) follow_file();
	if (write(log_fd, line, (size_t)n) >= 0 || log_fd == STDERR_FILENO) return;
	/* A disk that is full: the web server's log may be on another one. */
	if (write(STDERR_FILENO, line, (size_t)n) < 0) return;	/* nowhere to say it */
}

void
log_open(const char *program, const char *path)
{
	int why;

	log_program = program;
	log_path = NULL;
	if (!path || !*path) return;
	log_path = path;
	if (follow_file() == 0) return;
	why = errno;
	log_path = NULL;
	log_error("cannot open the log %s: %s", path, strerror(why));
	log_path = path;
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line("info", fmt, ap);
	va_end(ap);
}

void
log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line("error", fmt, ap);
	va_end(ap);
}
