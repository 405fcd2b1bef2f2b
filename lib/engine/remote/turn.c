#include "engine/remote/turn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"
#include "engine/remote/call.h"

enum { STEP_MS = 100, ASK_MS = 500 };

struct change {
	struct line *line;
	const struct remote_shared_adapter *shared;
	const struct remote_wish *wish;
	int64_t end_ms;
};

void
turn_name(const struct remote_protocol *p, const char *url, char name[TURN_NAME])
{
	uint8_t sha[SHA256_BYTES];

	name[0] = '\0';
	if (!p->shared) return;
	hash_sha256(url, strlen(url), sha);
	hash_hex(sha, (TURN_NAME - 1) / 2, name);
}

/* STATE/remotes/NAME.KIND: sections of the configuration may share a server. */
static int
open_lock(const char *folder, const char *name, const char *kind, struct err *e)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof path, "%s/%s.%s", folder, name, kind) >= (int)sizeof path)
		return err_set(e, ERR_INTERNAL, "path too long: %s", folder);
	if (io_mkdirs(folder, 0750, e)) return -1;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	return fd >= 0 ? fd : err_set(e, ERR_AWAY, "open %s: %s", path, strerror(errno));
}

static int
lock(const struct change *c, int fd, int how, struct err *e)
{
	while (flock(fd, how | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_set(e, ERR_INTERNAL, "flock: %s", strerror(errno));
		if (!line_wait(c->line, STEP_MS))
			return err_set(e, ERR_STOPPED, "The generation was stopped.");
		if (clock_now_ms() >= c->end_ms)
			return err_set(e, ERR_AWAY,
				"The server %s was busy with another adapter all the time.",
				c->wish->server->name);
	}
	return 0;
}

/* 1: the server has what is wished; 0: something else; -1. */
static int
has(const struct change *c, struct remote_lora *now, struct err *e)
{
	struct remote_message m = {0};
	struct remote_answer a = {0};
	char name[REMOTE_ADAPTER] = "";
	int knows;

	c->shared->look(&m);
	knows = line_say(c->line, &m, &a, e) ? -1 : c->shared->seen(&a, now, e);
	remote_message_free(&m);
	buf_free(&a.body);
	if (knows < 0) return -1;
	if (!knows && *c->wish->adapter)
		return err_set(e, ERR_INVALID, "The server %s is of a version that takes no "
			"adapters.", c->wish->server->name);
	if (!*c->wish->adapter) return !now->loaded;
	c->shared->called(c->wish, name);
	return strcmp(now->name, name) == 0 && fabs(now->scale - c->wish->adapter_scale) < 1e-6;
}

/* How many jobs the server has; one that does not tell has none. -1: *e. */
static int64_t
jobs_of(const struct change *c, struct err *e)
{
	struct remote_message m = {0};
	struct remote_answer a = {0};
	int64_t jobs = 0;
	int rc;

	c->shared->count(&m);
	rc = line_say(c->line, &m, &a, e);
	if (!rc && a.status != 404) rc = c->shared->counted(&a, &jobs, e);
	remote_message_free(&m);
	buf_free(&a.body);
	return rc ? -1 : jobs;
}

static int
change(const struct change *c, const struct remote_lora *now, struct err *e)
{
	struct remote_lora after;
	int rc = 0;

	for (int step = 0; !rc; step++) {
		struct remote_message m = {0};
		struct remote_answer a = {0};
		bool more = c->shared->change(c->wish, now, step, &m);

		if (more && !(rc = line_say(c->line, &m, &a, e)))
			rc = c->shared->changed(c->wish, &a, e);
		remote_message_free(&m);
		buf_free(&a.body);
		if (!more) break;
	}
	if (rc) return -1;
	if ((rc = has(c, &after, e)) != 0) return rc < 0 ? -1 : 0;
	return err_set(e, ERR_AWAY, "The server %s has another adapter than it was told to load.",
		c->wish->server->name);
}

/* Nobody else of this host uses it: once the server has no job any more, or somebody has loaded
 * what we wish, it is ours. */
static int
bring(const struct change *c, struct err *e)
{
	struct remote_lora now = {0};

	for (;;) {
		int rc = has(c, &now, e);
		int64_t jobs = rc ? 0 : jobs_of(c, e);

		if (rc) return rc < 0 ? -1 : 0;
		if (jobs <= 0) return jobs < 0 || change(c, &now, e) ? -1 : 0;
		if (!line_wait(c->line, ASK_MS))
			return err_set(e, ERR_STOPPED, "The generation was stopped.");
		if (clock_now_ms() >= c->end_ms)
			return err_set(e, ERR_AWAY, "The server %s was busy all the time, so that "
				"its adapter could not be changed.", c->wish->server->name);
	}
}

/* With the gate shut behind us nobody comes between a look and what follows from it. */
static int
settle(const struct change *c, int fd, struct err *e)
{
	struct remote_lora now = {0};
	int rc;

	if (lock(c, fd, LOCK_SH, e)) return -1;
	if ((rc = has(c, &now, e)) != 0) return rc < 0 ? -1 : 0;
	if (lock(c, fd, LOCK_EX, e) || bring(c, e)) return -1;
	return lock(c, fd, LOCK_SH, e);
}

int
turn_take(struct turn *t, struct line *l, const struct remote_protocol *p,
	const struct remote_wish *w, const char *folder, int64_t end_ms, struct err *e)
{
	const struct change c = { l, p->shared, w, end_ms };
	char name[TURN_NAME];
	int gate = -1, rc = -1;

	*t = (struct turn){ .fd = -1 };
	if (!p->shared) return 0;
	turn_name(p, w->server->url, name);
	if (w->adapter_scale > p->shared->max_scale)
		return err_set(e, ERR_INVALID, "The server %s takes adapters at a scale of at most "
			"%g.", w->server->name, p->shared->max_scale);
	if ((gate = open_lock(folder, name, "gate", e)) >= 0 &&
		(t->fd = open_lock(folder, name, "lock", e)) >= 0 &&
		lock(&c, gate, LOCK_EX, e) == 0)
		rc = settle(&c, t->fd, e);
	if (gate >= 0) close(gate);
	if (rc) turn_end(t);
	return rc;
}

int
turn_check(struct line *l, const struct remote_protocol *p, const struct remote_wish *w,
	struct err *e)
{
	const struct change c = { .line = l, .shared = p->shared, .wish = w };
	struct remote_lora now;
	int rc;

	if (!p->shared) return 0;
	if ((rc = has(&c, &now, e)) != 0) return rc < 0 ? -1 : 0;
	return err_set(e, ERR_AWAY, "Somebody has changed the adapter of the server %s while it "
		"worked for us.", w->server->name);
}

void
turn_end(struct turn *t)
{
	if (t->fd >= 0) close(t->fd);
	t->fd = -1;
}
