#include "engine/musicgen/crew.h"

#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Turns before a thread sleeps, or lets others run: a millisecond or less. */
	PATIENCE = 20000,
	LINE = 64,			/* bytes that processors take from each other as one */
};

struct crew {
	void (*work)(void *ctx, int part, int parts);
	void *ctx;
	alignas(LINE) atomic_uint turn;	/* counts pieces of work */
	alignas(LINE) atomic_int busy;	/* parts that are not done */
	alignas(LINE) atomic_int here;	/* parts that wait in crew_meet() */
	alignas(LINE) atomic_uint met;	/* counts meetings */
	alignas(LINE) atomic_int asleep;
	atomic_bool over;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	int n;
	bool pinned;
	cpu_set_t mine;			/* the processors of the process */
	struct member {
		struct crew *crew;
		pthread_t thread;
		int part;
	} *members;			/* n - 1; part 0 is the caller's */
};

static void
relax(void)
{
#if defined __x86_64__
	__builtin_ia32_pause();
#elif defined __aarch64__
	__asm__ volatile("yield");
#endif
}

/* Wait a little, for the i-th time: where others need the processor, they get it. */
static void
linger(int i)
{
	if (i < PATIENCE) relax();
	else sched_yield();
}

/* Until there is a new piece of work: its number. */
static unsigned
next_turn(struct crew *c, unsigned seen)
{
	unsigned turn;

	for (int i = 0; i < PATIENCE; i++) {
		turn = atomic_load_explicit(&c->turn, memory_order_acquire);
		if (turn != seen) return turn;
		relax();
	}
	pthread_mutex_lock(&c->lock);
	atomic_fetch_add(&c->asleep, 1);
	while ((turn = atomic_load(&c->turn)) == seen) pthread_cond_wait(&c->wake, &c->lock);
	atomic_fetch_sub(&c->asleep, 1);
	pthread_mutex_unlock(&c->lock);
	return turn;
}

static void *
serve(void *arg)
{
	struct member *m = arg;
	struct crew *c = m->crew;

	for (unsigned seen = 0;;) {
		seen = next_turn(c, seen);
		if (atomic_load(&c->over)) return NULL;
		c->work(c->ctx, m->part, c->n);
		atomic_fetch_sub_explicit(&c->busy, 1, memory_order_release);
	}
}

/* A thread on the part-th of the processors that this process may use. Where that is refused it
 * runs anywhere. */
static void
pin(struct crew *c, pthread_t thread, int part)
{
	cpu_set_t one;

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &c->mine) || part-- > 0) continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		pthread_setaffinity_np(thread, sizeof one, &one);
		return;
	}
}

struct crew *
crew_start(int threads)
{
	struct crew *c = aligned_alloc(LINE, sizeof *c);

	if (!c) abort();
	memset(c, 0, sizeof *c);
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->wake, NULL);
	if (sched_getaffinity(0, sizeof c->mine, &c->mine) != 0) CPU_SET(0, &c->mine);
	if (threads > CPU_COUNT(&c->mine)) threads = CPU_COUNT(&c->mine);
	c->n = threads;
	c->members = calloc((size_t)threads, sizeof *c->members);
	if (!c->members) abort();
	for (int i = 1; i < threads; i++) {
		struct member *m = &c->members[i - 1];

		*m = (struct member){ .crew = c, .part = i };
		if (pthread_create(&m->thread, NULL, serve, m) != 0) c->n = threads = i;
	}
	c->pinned = c->n > 1 && c->n == CPU_COUNT(&c->mine);
	for (int i = 0; c->pinned && i < c->n; i++)
		pin(c, i ? c->members[i - 1].thread : pthread_self(), i);
	return c;
}

static void
announce(struct crew *c)
{
	atomic_store(&c->busy, c->n - 1);
	atomic_fetch_add(&c->turn, 1);
	if (!atomic_load(&c->asleep)) return;
	pthread_mutex_lock(&c->lock);
	pthread_cond_broadcast(&c->wake);
	pthread_mutex_unlock(&c->lock);
}

void
crew_stop(struct crew *c)
{
	if (!c) return;
	atomic_store(&c->over, true);
	announce(c);
	for (int i = 1; i < c->n; i++) pthread_join(c->members[i - 1].thread, NULL);
	if (c->pinned) pthread_setaffinity_np(pthread_self(), sizeof c->mine, &c->mine);
	pthread_cond_destroy(&c->wake);
	pthread_mutex_destroy(&c->lock);
	free(c->members);
	free(c);
}

int
crew_size(const struct crew *c)
{
	return c->n;
}

void
crew_run(struct crew *c, void (*work)(void *ctx, int part, int parts), void *ctx)
{
	c->work = work;
	c->ctx = ctx;
	announce(c);
	work(ctx, 0, c->n);
	for (int i = 0; atomic_load_explicit(&c->busy, memory_order_acquire); i++) linger(i);
}

void
crew_meet(struct crew *c)
{
	unsigned met = atomic_load(&c->met);

	if (atomic_fetch_add(&c->here, 1) == c->n - 1) {
		atomic_store(&c->here, 0);
		atomic_store(&c->met, met + 1);
		return;
	}
	for (int i = 0; atomic_load_explicit(&c->met, memory_order_acquire) == met; i++) linger(i);
}

void
crew_share(int n, int step, int part, int parts, int *from, int *to)
{
	int steps = (n + step - 1) / step;
	int64_t a = (int64_t)steps * part / parts * step;
	int64_t b = (int64_t)steps * (part + 1) / parts * step;

	*from = (int)(a < n ? a : n);
	*to = (int)(b < n ? b : n);
}
