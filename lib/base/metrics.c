#include "base/metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"

/* No counter gets here by counting; more was written by something else. Sums of a few hundred still
 * fit 64 bits, and each is exact as a double. */
#define LARGEST (UINT64_C(1) << 53)

enum { MAX_MAPPED = 8, LOOK_MS = 1000, TRIES = 3 };

struct head {
	char magic[8];
	uint8_t layout[HASH_SHORT_BYTES];
	uint64_t n;
};

struct block {
	struct head head;
	_Atomic uint64_t counters[];
};

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "several processes share the counters");
_Static_assert(sizeof(_Atomic uint64_t) == 8, "the same in every build");

struct metrics {
	char path[1024];
	struct head head;		/* as it must be in the file */
	size_t n, bytes;
	struct block *block;		/* NULL: nothing is counted */
	dev_t dev;			/* of the file that is mapped */
	ino_t ino;
	int64_t look_at_ms;
};

/* What is mapped in this process, for on_bus(). */
static struct { _Atomic uintptr_t at; _Atomic size_t bytes; } mapped[MAX_MAPPED];
static struct sigaction before_us;

/* Somebody cut the file off under us. Memory of our own takes its place, so that the instruction
 * that failed succeeds; metrics_refresh() finds out that the file is another one. Any other bus
 * error goes where it would have gone. mmap() is a mere system call here. */
static void
on_bus(int sig, siginfo_t *info, void *context)
{
	uintptr_t at = (uintptr_t)info->si_addr;

	(void)context;
	for (size_t i = 0; i < MAX_MAPPED; i++) {
		uintptr_t start = atomic_load(&mapped[i].at);
		size_t bytes = atomic_load(&mapped[i].bytes);

		if (info->si_code > 0 && start && at >= start && at - start < bytes &&
			mmap((void *)start, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE |
			MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED)
			return;
	}
	sigaction(sig, &before_us, NULL);	/* it comes again, … */
	if (info->si_code <= 0) raise(sig);	/* … unless somebody sent it */
}

/* The size of a mapping: whole pages, so that an address in its last one is known as ours. */
static size_t
whole_pages(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (bytes + page - 1) / page * page;
}

static bool
guard(void *p, size_t bytes)
{
	struct sigaction act = { .sa_sigaction = on_bus, .sa_flags = SA_SIGINFO | SA_RESTART };
	struct sigaction now;

	sigemptyset(&act.sa_mask);
	if (sigaction(SIGBUS, &act, &now) < 0) return false;
	if (!(now.sa_flags & SA_SIGINFO) || now.sa_sigaction != on_bus) before_us = now;
	for (size_t i = 0; i < MAX_MAPPED; i++) {
		uintptr_t none = 0;

		/* Its length comes after it: until then, no address is in it. */
		if (!atomic_compare_exchange_strong(&mapped[i].at, &none, (uintptr_t)p)) continue;
		atomic_store(&mapped[i].bytes, whole_pages(bytes));
		return true;
	}
	return false;
}

static void
detach(struct metrics *m)
{
	if (!m->block) return;
	for (size_t i = 0; i < MAX_MAPPED; i++)
		if (atomic_load(&mapped[i].at) == (uintptr_t)m->block) {
			atomic_store(&mapped[i].bytes, 0);
			atomic_store(&mapped[i].at, 0);
		}
	munmap(m->block, m->bytes);
	m->block = NULL;
}

enum attached { ATTACHED, MISSING, FOREIGN, UNUSABLE };

static bool
is_ours(const struct metrics *m, int fd, const struct stat *st)
{
	struct head head;

	return (size_t)st->st_size == m->bytes && pread(fd, &head, sizeof head,
		0) == (ssize_t)sizeof head && memcmp(&head, &m->head, sizeof head) == 0;
}

/* Map the file that is there, in place of the one before. */
static enum attached
attach(struct metrics *m)
{
	int fd = open(m->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	enum attached rc = UNUSABLE;
	struct stat st;
	void *p;

	if (fd < 0) return errno == ENOENT ? MISSING : UNUSABLE;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) goto out;
	rc = FOREIGN;
	if (!is_ours(m, fd, &st)) goto out;
	rc = UNUSABLE;
	p = mmap(NULL, m->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED) goto out;
	detach(m);
	if (!guard(p, m->bytes)) {
		munmap(p, m->bytes);
		goto out;
	}
	m->block = p;
	m->dev = st.st_dev;
	m->ino = st.st_ino;
	rc = ATTACHED;
out:
	close(fd);
	return rc;
}

/* Put a new file there: in place of another one, or only if there is none. Its blocks are written,
 * since a hole in a file on a full disk is a bus error of every process that counts into it. */
static void
make(const struct metrics *m, bool replace)
{
	char part[sizeof m->path + 32];
	struct buf zeros = {0};
	struct err ignored;
	bool put = false;
	int fd;

	snprintf(part, sizeof part, "%s.%ld.new", m->path, (long)gettid());
	unlink(part);
	fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0660);
	if (fd < 0) return;
	memset(buf_room(&zeros, m->bytes), 0, m->bytes);
	memcpy(zeros.p, &m->head, sizeof m->head);
	if (io_write_full(fd, zeros.p, m->bytes, &ignored) == 0) {
		/* Of several processes that make it at once one wins; the others find its file. */
		if (replace) put = rename(part, m->path) == 0;
		else put = link(part, m->path) == 0;
	}
	if (!put || !replace) unlink(part);
	close(fd);
	buf_free(&zeros);
}

/* Map what is there, or make it. */
static void
attach_or_make(struct metrics *m)
{
	for (int try = 0; try < TRIES; try++) {
		enum attached was = attach(m);

		if (was == ATTACHED || was == UNUSABLE) return;
		make(m, was == FOREIGN);
	}
}

struct metrics *
metrics_open(const char *dir, const char *name, const char *layout, size_t n)
{
	struct metrics *m = calloc(1, sizeof *m);

	if (!m) abort();
	memcpy(m->head.magic, "earshot1", sizeof m->head.magic);
	hash_short(layout, strlen(layout), m->head.layout);
	m->head.n = n;
	m->n = n;
	m->bytes = sizeof(struct block) + n * sizeof(uint64_t);
	if (snprintf(m->path, sizeof m->path, "%s/%s.metrics", dir,
		name) >= (int)sizeof m->path) m->path[0] = '\0';
	attach_or_make(m);
	return m;
}

void
metrics_close(struct metrics *m)
{
	if (!m) return;
	detach(m);
	free(m);
}

void
metrics_add(struct metrics *m, size_t i, uint64_t by)
{
	if (m->block && i < m->n)
		atomic_fetch_add_explicit(&m->block->counters[i], by, memory_order_relaxed);
}

uint64_t
metrics_read(const struct metrics *m, size_t i)
{
	uint64_t value;

	if (!m->block || i >= m->n) return 0;
	value = atomic_load_explicit(&m->block->counters[i], memory_order_relaxed);
	return value <= LARGEST ? value : 0;
}

void
metrics_refresh(struct metrics *m, int64_t now_ms)
{
	bool there, same_file;
	struct stat st;

	if (now_ms < m->look_at_ms) return;
	m->look_at_ms = now_ms + LOOK_MS;
	there = stat(m->path, &st) == 0;
	same_file = there && m->block && st.st_dev == m->dev && st.st_ino == m->ino;
	if (same_file && (size_t)st.st_size == m->bytes &&
		memcmp(&m->block->head, &m->head, sizeof m->head) == 0)
		return;
	/* A file of another build has been put in the place of ours: both go on, each with its own,
	 * instead of taking the place from each other. */
	if (there && m->block && !same_file) attach(m);
	else attach_or_make(m);
}
