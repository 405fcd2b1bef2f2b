#include "worker/worker.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "ipc/frame.h"
#include "storage/storage.h"
#include "worker/take.h"
#include "worker/adapterfile.h"

enum { REPORT_MS = 100, MODELS_MS = 3000 };

struct worker {
	int fd;
	struct buf in;
	struct maker maker;
	struct storage *storage;
	struct adapterfiles adapter_files;	/* files that were hashed */
	cJSON *models;			/* as said last */

	/* of the job in work */
	const cJSON *job;
	char adapter[STORAGE_PATH], adapter_label[ADAPTERFILE_LABEL];	/* "": the base model */
	double adapter_scale;
	int index, num_samples;
	int64_t lease_end_ms;		/* CLOCK_MONOTONIC */
	int64_t report_at_ms;
	double done;			/* as reported last */
	char stage[33];
	bool gone;			/* the daemon is */
};

/* SIGTERM is death, unless the engine at work has somebody to tell: then report() says stop, and it
 * has until the daemon's SIGKILL, a second later. */
static volatile sig_atomic_t parting, stop_asked;

static void
on_stop(int sig)
{
	if (!parting) {
		signal(sig, SIG_DFL);
		raise(sig);
	}
	stop_asked = 1;
}

static void
extend_lease(struct worker *w, const cJSON *m)
{
	w->lease_end_ms = clock_now_ms() + (int64_t)json_real(m, "lease_ms", 0);
}

/* What the daemon says while we work: nothing but renewed leases. False: it is gone, or talks
 * nonsense. */
static bool
listen_in_between(struct worker *w)
{
	struct err e;
	cJSON *m;
	ssize_t n;
	int rc;

	while ((n = recv(w->fd, buf_room(&w->in, 4096), 4096, MSG_DONTWAIT)) > 0)
		w->in.n += (size_t)n;
	if (n == 0) w->gone = true;
	while ((rc = frame_take(&w->in, &m, &e)) == 1) {
		if (strcmp(frame_op(m), "lease") == 0) extend_lease(w, m);
		cJSON_Delete(m);
	}
	return !w->gone && rc == 0;
}

/* The progress callback of a take. Reports often enough to be a sign of life, and at once when the
 * stage changes. */
static bool
report(void *ctx, double done, const char *stage)
{
	struct worker *w = ctx;
	int64_t now = clock_now_ms();
	struct err e;
	cJSON *m;

	if (stop_asked) return false;
	if (now < w->report_at_ms && strcmp(stage, w->stage) == 0) return true;
	w->report_at_ms = now + REPORT_MS;
	w->done = done;
	str_copy(w->stage, sizeof w->stage, stage);
	if (!listen_in_between(w)) return false;
	m = json_object();
	json_add_text(m, "op", "progress");
	json_add_real(m, "done", (w->index + done) / w->num_samples);
	json_add_text(m, "stage", stage);
	w->gone = frame_send(w->fd, m, &e) != 0;
	cJSON_Delete(m);
	return !w->gone && now < w->lease_end_ms;
}

/* A storage elsewhere keeps us waiting: that is a sign of life, and time to hear that nobody waits
 * for us any more. */
static bool
still_wanted(void *ctx)
{
	struct worker *w = ctx;

	return !w->job || report(w, w->done, *w->stage ? w->stage : "starting");
}

/* May we still write? Asked before each object. */
static int
check_lease(struct worker *w, struct err *e)
{
	listen_in_between(w);
	return w->gone || clock_now_ms() >= w->lease_end_ms ? err_set(e, ERR_STOPPED,
		"The lease has run out.") : 0;
}

static int
put_bytes(struct worker *w, const char *key, const struct buf *b, struct err *e)
{
	char path[STORAGE_PATH];
	int fd, rc;

	if (check_lease(w, e) || storage_stage(w->storage, key, path, e)) return -1;
	if ((fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640)) < 0)
		return err_set(e, io_kind(errno), "open %s: %s", path,
			strerror(errno));
	rc = io_write_full(fd, b->p, b->n, e);
	close(fd);
	return rc || storage_put(w->storage, key, e) ? -1 : 0;
}

static int
hash_file(const char *path, cJSON *o, struct err *e)
{
	uint8_t sha[SHA256_BYTES];
	char hex[SHA256_HEX];
	uint64_t size;
	int rc, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) return err_set(e, ERR_INTERNAL, "open %s: %s", path, strerror(errno));
	rc = hash_sha256_fd(fd, sha, &size, e);
	close(fd);
	hash_hex(sha, sizeof sha, hex);
	json_add_text(o, "sha256", hex);
	json_add_int(o, "size_bytes", (int64_t)size);
	return rc;
}

/* generation_params of one sample: those of the job, with its own seed and what made it. */
static cJSON *
sample_params(const cJSON *params, uint32_t seed, const struct take *t)
{
	cJSON *o = cJSON_Duplicate(params, true);

	if (!o) abort();
	cJSON_DeleteItemFromObjectCaseSensitive(o, "seed");
	json_add_int(o, "seed", seed);
	json_add_text(o, "engine", t->table->name);
	json_add_int(o, "engine_version", t->table->version);
	json_add(o, "understood", t->understood ? cJSON_Duplicate(t->understood, true) : NULL);
	return o;
}

/* Before anything is made: the sentence is for whoever asked for the take, the log has the place. */
static int
has_room(struct worker *w, struct err *e)
{
	const char *trouble = storage_trouble(w->storage, e);

	if (!trouble) return 0;
	log_error("%s", e->text);
	return err_set(e, ERR_AWAY, "%s", trouble);
}

static int
make_sample(struct worker *w, const cJSON *keys, cJSON *o, cJSON **understood, struct err *e)
{
	const cJSON *params = cJSON_GetObjectItemCaseSensitive(w->job, "params");
	const char *key = json_text(keys, "storage_key", ""),
		*peaks = json_text(keys, "peaks_key", "");
	const char *midi = json_text(keys, "midi_key", "");
	char path[STORAGE_PATH];
	struct take_progress p = { report, w };
	struct take_spec s = { .model = json_text(w->job, "model", ""),
		.prompt = json_text(w->job, "prompt", ""),
		.attributes = cJSON_GetObjectItemCaseSensitive(w->job, "attributes"),
		.params = params, .seed = (uint32_t)json_real(params, "seed",
		0) + (uint32_t)w->index, .adapter = *w->adapter ? w->adapter : NULL,
		.adapter_scale = w->adapter_scale, .adapter_label = w->adapter_label,
		.format = json_text(w->job, "format", ""), .path = path,
		.more = w->num_samples - w->index - 1 };
	struct take t = {0};
	int rc = -1;

	if (cJSON_IsNull(s.attributes)) s.attributes = NULL;
	if (has_room(w, e) || storage_stage(w->storage, key, path, e) ||
		take_make(&w->maker, &s, &p, &t, e))
		goto out;
	if (hash_file(path, o, e) || check_lease(w, e) || storage_put(w->storage, key, e)) goto out;
	if (put_bytes(w, peaks, &t.peaks, e) || (t.midi.n && put_bytes(w, midi, &t.midi, e)))
		goto out;
	json_add_text(o, "storage_key", key);
	json_add_text(o, "peaks_key", peaks);
	json_add_text(o, "midi_key", t.midi.n ? midi : NULL);
	json_add_text(o, "title", t.title);
	json_add_int(o, "seed", s.seed);
	json_add_int(o, "sample_rate", t.sample_rate);
	json_add_int(o, "channels", t.channels);
	json_add_int(o, "frames", t.frames);
	json_add_real(o, "loudness_lufs", t.loudness.lufs);
	json_add_real(o, "true_peak_dbtp", t.loudness.true_peak_dbtp);
	json_add(o, "params", sample_params(params, s.seed, &t));
	if (!*understood && t.understood) *understood = cJSON_Duplicate(t.understood, true);
	rc = 0;
out:
	take_free(&t);
	return rc;
}

/* The adapter of the job, if it has one. */
static int
find_adapter(struct worker *w, struct err *e)
{
	const cJSON *adapter = cJSON_GetObjectItemCaseSensitive(w->job, "adapter");

	w->adapter[0] = '\0';
	w->adapter_scale = json_real(adapter, "scale", 1);
	if (!cJSON_IsObject(adapter)) return 0;
	adapterfile_label(json_text(adapter, "name", ""), json_text(adapter, "version", ""),
		w->adapter_label);
	return adapterfile_find(&w->adapter_files, w->storage, adapter,
		json_text(w->job, "adapter_key", ""), w->adapter, e);
}

/* The samples of a job as the message `done`. Owned by the caller; NULL with *e. */
static cJSON *
make_all(struct worker *w, struct err *e)
{
	const cJSON *all = cJSON_GetObjectItemCaseSensitive(w->job, "samples"), *keys;
	cJSON *m = json_object(), *samples = json_array(), *understood = NULL;

	json_add_text(m, "op", "done");
	json_add(m, "samples", samples);
	w->index = 0;
	w->num_samples = cJSON_GetArraySize(all);
	cJSON_ArrayForEach(keys, all) {
		cJSON *o = json_object();

		json_add(samples, "", o);
		if (make_sample(w, keys, o, &understood, e)) {
			cJSON_Delete(understood);
			cJSON_Delete(m);
			return NULL;
		}
		w->index++;
	}
	json_add(m, "understood", understood);
	return m;
}

/* How an error that ends the attempt is told: which of them are worth another try. */
static const struct telling {
	enum err_kind kind;
	const char *code;
	bool final;
} tellings[] = {
	{ ERR_STOPPED, "lease_lost", false },
	{ ERR_INVALID, "cannot_generate", true },
	{ ERR_UNSUPPORTED, "cannot_generate", true },
	{ ERR_NOT_FOUND, "model_unavailable", false },
	{ ERR_AWAY, "unavailable", false },
	{ ERR_NONE, "engine_failed", false },
};

static cJSON *
failure(const struct err *e)
{
	const struct telling *t = tellings;
	cJSON *m = json_object();

	while (t->kind != ERR_NONE && t->kind != e->kind) t++;
	json_add_text(m, "op", "failed");
	json_add_text(m, "code", t->code);
	json_add_bool(m, "final", t->final);
	json_add_text(m, "error", e->text);
	return m;
}

/* Takes the answer. One that is too long for a message becomes a failure that no other attempt
 * would change. */
static void
tell(struct worker *w, cJSON *answer)
{
	struct err e;
	int rc = frame_send(w->fd, answer, &e);

	cJSON_Delete(answer);
	if (rc && e.kind == ERR_INTERNAL) {
		err_set(&e, ERR_INVALID, "What the engine tells about this prompt is too long.");
		answer = failure(&e);
		rc = frame_send(w->fd, answer, &e);
		cJSON_Delete(answer);
	}
	if (rc) w->gone = true;
}

static void
do_job(struct worker *w, const cJSON *job)
{
	struct err e;
	cJSON *answer;

	w->job = job;
	w->report_at_ms = 0;
	w->index = 0;
	w->num_samples = 1;
	w->done = 0;
	w->stage[0] = '\0';
	extend_lease(w, job);
	parting = maker_parts(&w->maker, json_text(job, "model", ""));
	answer = find_adapter(w, &e) ? NULL : make_all(w, &e);
	parting = 0;
	if (stop_asked) w->gone = true;
	if (!answer) answer = failure(&e);
	if (w->gone) cJSON_Delete(answer);
	else tell(w, answer);
	w->job = NULL;
}

/* Tell what this host can run; after the first time only when it has changed, a soundfont installed
 * or removed, say. */
static int
say_models(struct worker *w, struct err *e)
{
	cJSON *models = maker_models(&w->maker), *m;
	int rc;

	if (w->models && cJSON_Compare(w->models, models, true)) {
		cJSON_Delete(models);
		return 0;
	}
	m = json_object();
	json_add_text(m, "op", w->models ? "models" : "hello");
	json_add_int(m, "pid", getpid());
	json_add(m, "models", cJSON_Duplicate(models, true));
	rc = frame_send(w->fd, m, e);
	cJSON_Delete(m);
	cJSON_Delete(w->models);
	w->models = models;
	return rc;
}

int
worker_run(const struct conf *c, int fd, struct err *e)
{
	struct worker w = { .fd = fd };
	cJSON *m;
	int rc = -1;

	signal(SIGTERM, on_stop);
	maker_init(&w.maker, c);
	if (!(w.storage = storage_open(c, e))) goto out;
	storage_wait(w.storage, 0, still_wanted, &w);
	for (;;) {
		int got;

		if (w.gone || say_models(&w, e) || (got = frame_receive(fd, &w.in, MODELS_MS, &m,
			e)) < 0)
			break;
		if (!got) continue;
		if (strcmp(frame_op(m), "job") == 0) do_job(&w, m);
		cJSON_Delete(m);
	}
	/* A daemon that closes its end is how every worker's life ends. */
	rc = w.gone || e->kind == ERR_AWAY ? 0 : -1;
out:
	maker_close(&w.maker);
	storage_close(w.storage);
	cJSON_Delete(w.models);
	buf_free(&w.in);
	return rc;
}
