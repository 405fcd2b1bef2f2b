#include "audio/pcm.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"

enum {
	IN_MEMORY = 64 << 20,	/* bytes: some three minutes at 48 kHz in stereo */
	WORTH_HUGE = 8 << 20,	/* bytes: four huge pages of the usual 2 MB, and more */
};

/* A file without a name, of which every byte has its place on the disk: writing to a mapped one that
 * has not would end the process when the disk is full. -1: there is none to be had. */
static int
filled_file(size_t bytes)
{
	int fd = io_nameless_file();

	if (fd >= 0 && posix_fallocate(fd, 0, (off_t)bytes) == 0) return fd;
	if (fd >= 0) close(fd);
	return -1;
}

static float *
map_file(size_t bytes)
{
	int fd = filled_file(bytes);
	void *p;

	if (fd < 0) return NULL;
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return p == MAP_FAILED ? NULL : p;
}

/* Fresh memory costs a fault for each page that is touched, of huge pages hardly any. Where the
 * system has none, all stays as it is. */
static void
take_huge_pages(void *p, size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), in = -(uintptr_t)p % page;

	if (bytes > in) madvise((char *)p + in, bytes - in, MADV_HUGEPAGE);
}

struct pcm
pcm_new(int64_t frames, int channels, int rate)
{
	struct pcm p = { .frames = frames, .channels = channels, .rate = rate };
	size_t n = (size_t)(frames > 0 ? frames : 1) * (size_t)channels, bytes = n * sizeof *p.data;

	if (bytes > IN_MEMORY && (p.data = map_file(bytes))) {
		p.mapped = bytes;
		return p;
	}
	p.data = calloc(n, sizeof *p.data);
	if (!p.data) abort();
	if (bytes >= WORTH_HUGE) take_huge_pages(p.data, bytes);
	return p;
}

void
pcm_rest(const struct pcm *p, int64_t from, int64_t to)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), frame = sizeof *p->data * (size_t)p->channels;
	size_t a = ((size_t)from * frame + page - 1) / page * page, b = (size_t)to * frame / page * page;

	if (p->mapped && b > a) madvise((char *)p->data + a, b - a, MADV_DONTNEED);
}

void
pcm_free(struct pcm *p)
{
	if (p->mapped) munmap(p->data, p->mapped);
	else free(p->data);
	*p = (struct pcm){0};
}
