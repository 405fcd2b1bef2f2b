#include "engine/remote/job.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "engine/engine.h"
#include "engine/remote/call.h"
#include "engine/remote/sound.h"
#include "engine/remote/turn.h"

enum { FIRST_WAIT_MS = 150, MAX_WAIT_MS = 2000, FAREWELL_MS = 700, QUICK_S = 20 };

/* What of a take is the server's work; the rest is fetching it. */
static const double working = 0.95;

struct job {
	const struct remote_wish *wish;
	const struct remote_protocol *protocol;
	const struct engine_progress *progress;
	struct line *line;
	struct turn turn;
	char id[REMOTE_ID];		/* "" before the server has it */
	struct remote_news news;
	const char *stage;
	int64_t end_ms;			/* of timeout_s */
};

static bool
goes_on(void *ctx)
{
	const struct job *j = ctx;

	return !j->progress || !j->progress->report ||
		j->progress->report(j->progress->ctx, j->news.done * working, j->stage);
}

static int
stopped(struct err *e)
{
	return err_set(e, ERR_STOPPED, "The generation was stopped.");
}

/* Something did not work that may work yet: wait, longer each time. -1, with *e as it is, when
 * there is no patience left. */
static int
bear(struct job *j, int64_t until_ms, int *wait_ms, struct err *e)
{
	int64_t now = clock_now_ms();

	if (e->kind != ERR_AWAY || now >= until_ms || now >= j->end_ms) return -1;
	if (!line_wait(j->line, *wait_ms)) return stopped(e);
	*wait_ms = *wait_ms * 2 < MAX_WAIT_MS ? *wait_ms * 2 : MAX_WAIT_MS;
	return 0;
}

static int64_t
patience(const struct job *j)
{
	return clock_now_ms() + (int64_t)j->wish->server->patience_s * 1000;
}

/* Hand it in. Only refusals that say "later" are asked again: who broke off in the middle may have
 * taken it, and would make it twice. */
static int
submit(struct job *j, struct err *e)
{
	int64_t until = patience(j);
	int wait_ms = FIRST_WAIT_MS, rc;

	for (;;) {
		struct remote_message m = {0};
		struct remote_answer a = {0};
		bool later;

		j->protocol->submit(j->wish, &m);
		rc = line_say(j->line, &m, &a, e);
		later = !rc && (a.status == 429 || a.status == 503);
		if (!rc) rc = j->protocol->submitted(&a, j->id, e);
		remote_message_free(&m);
		buf_free(&a.body);
		if (!rc) return 0;
		j->id[0] = '\0';
		if (!later || bear(j, until, &wait_ms, e)) return -1;
	}
}

static int
look(struct job *j, struct err *e)
{
	struct remote_message m = {0};
	struct remote_answer a = {0};
	int rc;

	j->protocol->ask(j->id, &m);
	rc = line_say(j->line, &m, &a, e);
	if (!rc) rc = j->protocol->told(&a, j->id, &j->news, e);
	remote_message_free(&m);
	buf_free(&a.body);
	if (!rc && j->news.phase == REMOTE_UNKNOWN)
		rc = err_set(e, ERR_AWAY, "The server %s does not know the job that it took.",
			j->wish->server->name);
	return rc;
}

/* A server that does not have the model takes another one, and says so at best. */
static int
check_model(const struct job *j, struct err *e)
{
	const char *wished = j->wish->server->model, *took = j->news.model;
	char words[REMOTE_WHY];

	if (!*wished || !*took || strcmp(wished, took) == 0) return 0;
	remote_words(took, words);
	return err_set(e, ERR_INVALID, "The server %s took its model \"%s\", since it does not "
		"have %s.", j->wish->server->name, words, wished);
}

static int
failed(const struct job *j, struct err *e)
{
	const char *server = j->wish->server->name;

	if (*j->news.why)
		return err_set(e, ERR_AWAY, "The job failed on the server %s: \"%s\".", server,
			j->news.why);
	return err_set(e, ERR_AWAY, "The job failed on the server %s, which gives no reason.",
		server);
}

/* Until it is done. Patience begins anew with each answer that tells something. */
static int
await(struct job *j, struct err *e)
{
	int64_t until = patience(j);
	int wait_ms = FIRST_WAIT_MS;

	for (;;) {
		double done = j->news.done;

		if (look(j, e)) {
			j->news = (struct remote_news){ .done = done };
			if (bear(j, until, &wait_ms, e)) return -1;
			continue;
		}
		if (j->news.phase == REMOTE_DONE) return check_model(j, e);
		if (j->news.phase == REMOTE_FAILED) return failed(j, e);
		j->stage = j->news.phase == REMOTE_WAITING ? "waiting" : "generating";
		if (j->news.done < done) j->news.done = done;
		until = patience(j);
		if (clock_now_ms() >= j->end_ms)
			return err_set(e, ERR_AWAY, "The server %s was not done after %u s.",
				j->wish->server->name, j->wish->server->timeout_s);
		if (!line_wait(j->line, wait_ms)) return stopped(e);
		wait_ms = wait_ms + 100 < MAX_WAIT_MS ? wait_ms + 100 : MAX_WAIT_MS;
	}
}

static int
fetch_once(struct job *j, const char *path, double seconds, int fd, struct pcm *out, struct err *e)
{
	int64_t left = j->end_ms - clock_now_ms();
	const struct call c = { .path = path, .fd = fd, .timeout_ms = left > 1 ? (int)left : 1,
		.max_bytes = sound_max_bytes(j->wish->seconds) };
	struct remote_answer a = {0};
	int rc;

	if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0)
		return err_set(e, ERR_AWAY, "A file for what is fetched cannot be written.");
	rc = line_call(j->line, &c, &a, e);
	if (!rc && a.status != 200)
		rc = remote_refuses(j->wish->server->name, a.status, "", e);
	/* A result that is gone will not come back, but the job may be done anew. */
	if (rc && e->kind == ERR_INVALID) e->kind = ERR_UNREADABLE;
	if (!rc) rc = sound_read(fd, &a, j->protocol, seconds, out, e);
	buf_free(&a.body);
	return rc;
}

static int
fetch(struct job *j, double seconds, struct pcm *out, struct err *e)
{
	int64_t until = patience(j);
	int wait_ms = FIRST_WAIT_MS, rc = -1, fd = io_nameless_file();
	struct buf path = {0};

	if (fd < 0)
		return err_set(e, ERR_AWAY, "The folder for files that pass (TMPDIR, or /tmp) takes "
			"none to fetch sound into.");
	j->stage = "fetching";
	j->news.done = 1;
	j->protocol->where(j->id, &j->news, &path);
	while ((rc = fetch_once(j, buf_str(&path), seconds, fd, out, e)) != 0)
		if (bear(j, until, &wait_ms, e)) break;
	buf_free(&path);
	close(fd);
	return rc;
}

/* The server need not go on with it. Nobody waits long for that, and nothing follows from a
 * failure. */
static void
take_back(struct job *j)
{
	struct remote_message m = {0};
	struct remote_answer a = {0};
	struct err ignored;

	if (!*j->id || !j->protocol->cancel) return;
	j->protocol->cancel(j->id, &m);
	line_call(j->line, &(struct call){ .post = m.post, .path = buf_str(&m.path),
		.json = buf_str(&m.json), .max_bytes = 4096, .fd = -1, .timeout_ms = FAREWELL_MS,
		.farewell = true }, &a, &ignored);
	remote_message_free(&m);
	buf_free(&a.body);
}

/* Ask, and take the answer. m is released. */
static int
ask(struct line *l, struct remote_message *m,
	int (*understand)(
		const struct remote_wish *w, const struct remote_answer *a, struct err *e),
	const struct remote_wish *w, struct err *e)
{
	struct remote_answer a = {0};
	int rc = line_say(l, m, &a, e);

	if (!rc) rc = understand(w, &a, e);
	remote_message_free(m);
	buf_free(&a.body);
	return rc;
}

static int
has_wished(struct line *l, const struct remote_protocol *p, const struct remote_wish *w,
	struct err *e)
{
	struct remote_message m = {0};

	return p->list(w, &m) ? ask(l, &m, p->listed, w, e) : 0;
}

/* Somebody waits for the answer. */
int
remote_has_adapter(const struct remote_wish *w, struct err *e)
{
	struct conf_remote server = *w->server;
	struct line *l;
	int rc;

	if (server.patience_s > QUICK_S) server.patience_s = QUICK_S;
	l = line_open(&server, NULL, NULL, e);
	rc = l ? has_wished(l, remote_protocol_find(server.protocol), w, e) : -1;
	line_close(l);
	return rc;
}

/* Hand it in and wait: with the adapter that is wished from the first moment to the last. */
static int
make(struct job *j, const char *locks, double seconds, struct pcm *out, struct err *e)
{
	if (!goes_on(j)) return stopped(e);
	if (has_wished(j->line, j->protocol, j->wish, e) || turn_take(&j->turn, j->line,
		j->protocol, j->wish, locks, j->end_ms, e) || submit(j, e))
		return -1;
	if (await(j, e)) {
		take_back(j);
		return -1;
	}
	return turn_check(j->line, j->protocol, j->wish, e) || fetch(j, seconds, out, e) ? -1 : 0;
}

int
remote_job(const struct remote_wish *w, double seconds, const char *locks,
	const struct engine_progress *p, struct pcm *out, struct err *e)
{
	struct job j = { .wish = w, .protocol = remote_protocol_find(w->server->protocol),
		.progress = p, .turn.fd = -1, .stage = "waiting",
		.end_ms = clock_now_ms() + (int64_t)w->server->timeout_s * 1000 };
	int rc;

	if (!(j.line = line_open(w->server, goes_on, &j, e))) return -1;
	rc = make(&j, locks, seconds, out, e);
	/* What a second look would not change, a second attempt may. */
	if (rc && e->kind == ERR_UNREADABLE) e->kind = ERR_AWAY;
	turn_end(&j.turn);
	line_close(j.line);
	return rc;
}
