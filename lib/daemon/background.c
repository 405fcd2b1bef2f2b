#include "daemon/background.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"

/* STOP_S: a request asks once a second, at least, whether to go on. STACK_BYTES: a storage has
 * blocks of 64 KiB there. */
enum { THREADS = 4, STOP_S = 2, STACK_BYTES = 512 << 10 };

struct background {
	const struct conf *conf;
	int fd;				/* an eventfd */
	atomic_bool stopping;
	struct hand {
		struct background *b;
		struct storage *storage;
	} hands[THREADS];
	int n_hands, most_hands;

	/* What the threads share. */
	pthread_mutex_t lock;
	pthread_cond_t work, gone;
	struct task *tasks;		/* that are not over, the oldest first */
	int n_tasks, n_running;
};

static bool
goes_on(void *ctx)
{
	const struct background *b = ctx;

	return !atomic_load(&b->stopping);
}

/* The next object of the task that is most wanted: of a check, else of a deletion, the oldest of
 * its kind. Two threads are never at one task. NULL: there is none. */
static struct task *
choose(struct background *b)
{
	struct task *found = NULL;

	for (struct task *t = b->tasks; t; t = t->next)
		if (!t->taken && (!found || (t->kind == TASK_CHECK && found->kind != TASK_CHECK)))
			found = t;
	return found;
}

static int
check(struct storage *s, const struct task_object *o, struct err *e)
{
	uint64_t size;

	if (storage_head(s, o->key, &size, e)) return -1;
	if (!size) return err_set(e, ERR_INTERNAL, "The stored object %s is empty.", o->key);
	if (!o->size_bytes || size == o->size_bytes) return 0;
	return err_set(e, ERR_INTERNAL, "The stored object %s has %llu bytes, not %llu.", o->key,
		(unsigned long long)size, (unsigned long long)o->size_bytes);
}

/* One object. True: nothing more is to be done of this task. Others of a deletion would be waited
 * for as long where the storage is away. */
static bool
step(struct storage *s, struct task *t)
{
	struct task_object *o = &t->objects[t->at++];
	struct err e;
	int rc = t->kind == TASK_CHECK ? check(s, o, &e) : storage_delete(s, o->key, &e);

	o->done = rc == 0;
	if (rc) {
		t->rc = rc;
		t->err = e;
		if (t->kind == TASK_CHECK || e.kind == ERR_AWAY || e.kind == ERR_STOPPED)
			return true;
	}
	return t->at == t->n;
}

static void
leave_list(struct background *b, const struct task *t)
{
	struct task **at = &b->tasks;

	while (*at != t) at = &(*at)->next;
	*at = t->next;
	b->n_tasks--;
}

static void
end_task(struct background *b, struct task *t)
{
	leave_list(b, t);
	if (t->dropped) {
		free(t);
		return;
	}
	t->over = true;
	/* It fails where many are told already. */
	(void)!eventfd_write(b->fd, 1);
}

static void *
serve(void *arg)
{
	const struct hand *h = arg;
	struct background *b = h->b;
	struct task *t;

	pthread_mutex_lock(&b->lock);
	while (!atomic_load(&b->stopping)) {
		bool over;

		if (!(t = choose(b))) {
			pthread_cond_wait(&b->work, &b->lock);
			continue;
		}
		t->taken = true;
		pthread_mutex_unlock(&b->lock);
		over = step(h->storage, t);
		pthread_mutex_lock(&b->lock);
		t->taken = false;
		if (over || t->dropped) end_task(b, t);
	}
	b->n_running--;
	pthread_cond_signal(&b->gone);
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

/* Another thread, with its own storage. */
static int
add_hand(struct background *b, struct err *e)
{
	struct hand *h = &b->hands[b->n_hands];
	pthread_attr_t attr;
	pthread_t thread;
	int error;

	h->b = b;
	if (!(h->storage = storage_open(b->conf, e))) return -1;
	storage_wait(h->storage, 0, goes_on, b);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_mutex_lock(&b->lock);
	error = pthread_create(&thread, &attr, serve, h);
	b->n_running += !error;
	pthread_mutex_unlock(&b->lock);
	pthread_attr_destroy(&attr);
	if (error) {
		storage_close(h->storage);
		return err_set(e, ERR_INTERNAL, "cannot start a thread: %s", strerror(error));
	}
	b->n_hands++;
	return 0;
}

struct background *
background_open(const struct conf *c, struct err *e)
{
	struct background *b = calloc(1, sizeof *b);
	pthread_condattr_t monotonic;

	if (!b) abort();
	b->conf = c;
	b->most_hands = THREADS;
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->work, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&b->gone, &monotonic);
	pthread_condattr_destroy(&monotonic);
	b->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (b->fd < 0) err_set(e, ERR_INTERNAL, "eventfd: %s", strerror(errno));
	else if (add_hand(b, e) == 0) return b;
	background_close(b);
	return NULL;
}

void
background_close(struct background *b)
{
	struct timespec until;
	struct task *t;
	bool hangs;

	if (!b) return;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += STOP_S;
	pthread_mutex_lock(&b->lock);
	atomic_store(&b->stopping, true);
	pthread_cond_broadcast(&b->work);
	while (b->n_running && pthread_cond_timedwait(&b->gone, &b->lock, &until) == 0) continue;
	hangs = b->n_running != 0;
	pthread_mutex_unlock(&b->lock);
	/* One that a folder on another machine does not let go: it ends with the process. */
	if (hangs) return;
	while ((t = b->tasks)) {
		b->tasks = t->next;
		free(t);
	}
	for (int i = 0; i < b->n_hands; i++) storage_close(b->hands[i].storage);
	if (b->fd >= 0) close(b->fd);
	pthread_cond_destroy(&b->gone);
	pthread_cond_destroy(&b->work);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

int
background_fd(const struct background *b)
{
	return b->fd;
}

struct task *
task_new(enum task_kind kind)
{
	struct task *t = calloc(1, sizeof *t);

	if (!t) abort();
	t->kind = kind;
	return t;
}

void
task_add(struct task *t, const char *key, uint64_t size_bytes)
{
	if (t->n == TASK_OBJECTS) abort();
	str_copy(t->objects[t->n].key, STORAGE_KEY, key);
	t->objects[t->n++].size_bytes = size_bytes;
}

void
background_begin(struct background *b, struct task *t)
{
	struct task **at = &b->tasks;
	struct err e;
	bool short_of;

	pthread_mutex_lock(&b->lock);
	while (*at) at = &(*at)->next;
	*at = t;
	short_of = ++b->n_tasks > b->n_hands && b->n_hands < b->most_hands;
	pthread_cond_signal(&b->work);
	pthread_mutex_unlock(&b->lock);
	if (!short_of || add_hand(b, &e) == 0) return;
	log_error("%s; the storage is asked by %d", e.text, b->n_hands);
	b->most_hands = b->n_hands;
}

bool
background_over(struct background *b, const struct task *t)
{
	bool over;

	pthread_mutex_lock(&b->lock);
	over = t->over;
	pthread_mutex_unlock(&b->lock);
	return over;
}

void
background_told(struct background *b)
{
	eventfd_t n;

	(void)!eventfd_read(b->fd, &n);
}

void
background_drop(struct background *b, struct task *t)
{
	if (!t) return;
	pthread_mutex_lock(&b->lock);
	if (t->taken) {
		t->dropped = true;
	} else {
		if (!t->over) leave_list(b, t);
		free(t);
	}
	pthread_mutex_unlock(&b->lock);
}
