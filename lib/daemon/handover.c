#include "daemon/state.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "db/db.h"
#include "storage/storage.h"

/* What a later version may no longer understand gets another number. */
enum { FORMAT = 1, MAX_TEXT = 64 << 20, MAX_FD = 1 << 20 };

/* Half a message would be lost, and what is about to die or has failed has its end here. What is
 * done may have to wait for a storage that is away. */
static bool
can_go_on(const struct slot *s)
{
	return s->process == PROCESS_READY && !s->in.n && (s->state == WORK_RUNNING ||
		(s->state == WORK_SETTLING && s->outcome == OUTCOME_DONE && !s->asked_commit));
}

bool
handover_ready(const struct daemon *d)
{
	for (int i = 0; i < d->n_slots; i++) {
		const struct slot *s = &d->slots[i];

		if (s->state == WORK_NONE ? s->process == PROCESS_DYING : !can_go_on(s))
			return false;
	}
	return true;
}

static cJSON *
write_slot(const struct slot *s)
{
	cJSON *o = json_object(), *keys = json_array();
	const struct claim_work *w = &s->work;

	json_add_int(o, "pid", s->pid);
	json_add_int(o, "fd", s->fd);
	json_add_id(o, "job", w->claim.job);
	json_add_int(o, "attempt", w->claim.attempt);
	json_add_id(o, "prompt_id", w->prompt_id);
	json_add_text(o, "model", w->model);
	json_add_text(o, "format", w->format);
	json_add_int(o, "num_samples", w->num_samples);
	json_add_id(o, "adapter_id", w->adapter_id);
	json_add_text(o, "adapter", w->adapter);
	json_add_int(o, "deadline_ms", s->deadline_ms);
	json_add_int(o, "heard_ms", s->heard_ms);
	json_add_int(o, "renew_at_ms", s->renew_at_ms);
	json_add_real(o, "done", s->done);
	json_add_text(o, "stage", s->stage);
	for (int i = 0; i < w->num_samples * KEYS_PER_SAMPLE; i++)
		json_add_text(keys, "", s->keys[i]);
	json_add(o, "keys", keys);
	/* What its worker has made, if it is done. */
	if (s->result) json_add(o, "result", cJSON_Duplicate(s->result, true));
	return o;
}

static int
write_all(const struct daemon *d, struct err *e)
{
	int fd = memfd_create("handover", 0);
	cJSON *o = json_object(), *slots = json_array();
	struct buf text = {0};

	json_add_int(o, "format", FORMAT);
	json_add_int(o, "lock_fd", d->lock_fd);
	json_add_int(o, "listen_fd", d->listen_fd);
	json_add(o, "slots", slots);
	for (const struct slot *s = d->slots; s < d->slots + d->n_slots; s++)
		if (s->state != WORK_NONE) json_add(slots, "", write_slot(s));
	json_print(o, &text);
	if (fd < 0) err_set(e, ERR_INTERNAL, "memfd_create: %s", strerror(errno));
	else if (io_write_full(fd, text.p, text.n, e) || lseek(fd, 0, SEEK_SET) < 0) {
		close(fd);
		fd = -1;
	}
	buf_free(&text);
	cJSON_Delete(o);
	return fd;
}

static void
keep_over_exec(const struct daemon *d, bool keep)
{
	int flag = keep ? 0 : FD_CLOEXEC;

	fcntl(d->lock_fd, F_SETFD, flag);
	fcntl(d->listen_fd, F_SETFD, flag);
	for (int i = 0; i < d->n_slots; i++)
		if (d->slots[i].state != WORK_NONE) fcntl(d->slots[i].fd, F_SETFD, flag);
}

/* Settings that the new program would refuse, or another folder, whose lock and socket are not ours
 * to hand over. */
static int
check_settings(const struct daemon *d, struct err *e)
{
	struct conf next;

	if (conf_load(&next, d->conf->file, e) || storage_can_open(&next, e)) return -1;
	if (strcmp(next.state_dir, d->conf->state_dir) == 0) return 0;
	return err_set(e, ERR_INVALID, "state_dir has become another one; stop the daemon instead");
}

void
handover_exec(struct daemon *d)
{
	char dir[PATH_MAX], path[PATH_MAX], fd_text[16];
	const char *const argv[] = { path, "-c", d->conf->file, "--take-over", fd_text, NULL };
	struct err e;
	int fd = -1;

	if (check_settings(d, &e) || io_program_dir(dir, sizeof dir, &e) ||
		io_join(path, sizeof path, dir, "earshotd", &e) || (fd = write_all(d, &e)) < 0) {
		log_error("cannot reload: %s", e.text);
		return;
	}
	snprintf(fd_text, sizeof fd_text, "%d", fd);
	/* The records must not see two of us. */
	db_close(d->db);
	d->db = NULL;
	keep_over_exec(d, true);
	execv(path, (char *const *)(uintptr_t)argv);
	log_error("cannot reload: start %s: %s", path, strerror(errno));
	keep_over_exec(d, false);
	close(fd);
}

/* A descriptor that the old program left open for us. */
static int
read_fd(const cJSON *o, const char *name)
{
	double v = json_real(o, name, -1);
	int fd = v >= 3 && v < MAX_FD ? (int)v : -1;

	return fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? fd : -1;
}

static char *
copy_text(const cJSON *o, const char *name)
{
	const char *text = json_text(o, name, NULL);
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy) abort();
	return copy;
}

static bool
read_id(const cJSON *o, const char *name, struct uuid *id)
{
	const char *text = json_text(o, name, NULL);

	return text && uuid_parse(text, id);
}

static bool
read_keys(const cJSON *o, struct slot *s)
{
	const cJSON *keys = cJSON_GetObjectItemCaseSensitive(o, "keys"), *k;
	int n = cJSON_GetArraySize(keys), i = 0;

	if (n < 1 || n != s->work.num_samples * KEYS_PER_SAMPLE) return false;
	if (!(s->keys = calloc((size_t)n, sizeof *s->keys))) abort();
	cJSON_ArrayForEach(k, keys)
		if (!cJSON_IsString(k) || !str_copy(s->keys[i++], sizeof *s->keys, k->valuestring))
			return false;
	return true;
}

/* A worker that goes on with its job, made by the old program: it ends after it. */
static bool
read_slot(const struct daemon *d, const cJSON *o, struct slot *s)
{
	const cJSON *result = cJSON_GetObjectItemCaseSensitive(o, "result");
	struct claim_work *w = &s->work;
	int64_t now = clock_now_ms();

	s->fd = read_fd(o, "fd");
	s->pid = (pid_t)json_real(o, "pid", 0);
	w->claim.owner = d->host;
	w->claim.attempt = (uint32_t)json_real(o, "attempt", 0);
	w->num_samples = (int)json_real(o, "num_samples", 0);
	w->model = copy_text(o, "model");
	w->format = copy_text(o, "format");
	w->adapter = copy_text(o, "adapter");
	read_id(o, "adapter_id", &w->adapter_id);
	s->started_ms = now;
	s->heard_ms = (int64_t)json_real(o, "heard_ms", 0);
	s->deadline_ms = (int64_t)json_real(o, "deadline_ms", 0);
	s->renew_at_ms = (int64_t)json_real(o, "renew_at_ms", 0);
	s->look_at_ms = now;
	s->done = json_real(o, "done", 0);
	str_copy(s->stage, sizeof s->stage, json_text(o, "stage", ""));
	s->process = PROCESS_READY;
	s->state = WORK_RUNNING;
	if (result) {
		if (!(s->result = cJSON_Duplicate(result, true))) abort();
		s->state = WORK_SETTLING;
		s->outcome = OUTCOME_DONE;
	}
	s->retire = true;
	return s->fd >= 0 && s->pid > 1 && w->model && w->format &&
		read_id(o, "job", &w->claim.job) && read_id(o, "prompt_id", &w->prompt_id) &&
		read_keys(o, s);
}

static void
forget(struct slot *s)
{
	if (s->pid > 1) kill(-s->pid, SIGKILL);
	if (s->fd >= 0) close(s->fd);
	claims_work_free(&s->work);
	free(s->keys);
	cJSON_Delete(s->result);
	*s = (struct slot){ .fd = -1 };
}

static int
read_all(struct daemon *d, const cJSON *o, struct err *e)
{
	const cJSON *slots = cJSON_GetObjectItemCaseSensitive(o, "slots"), *one;

	d->lock_fd = read_fd(o, "lock_fd");
	d->listen_fd = read_fd(o, "listen_fd");
	if ((int)json_real(o, "format", 0) != FORMAT || d->lock_fd < 0 || d->listen_fd < 0)
		return err_set(e, ERR_INVALID, "what the old program left is not understood");
	cJSON_ArrayForEach(one, slots) {
		struct slot *s = &d->slots[d->n_handed];

		if (d->n_handed == MAX_WORKERS) break;
		/* What cannot be read is given back untried, as a stray. */
		if (read_slot(d, one, s)) d->n_handed++;
		else forget(s);
	}
	d->recovered = true;
	return 0;
}

int
handover_take(struct daemon *d, int fd, struct err *e)
{
	struct buf text = {0};
	cJSON *o = NULL;
	int rc = -1;

	if (buf_read_fd(&text, fd, MAX_TEXT, e) == 0 && (o = json_parse(buf_str(&text), text.n, e)))
		rc = read_all(d, o, e);
	close(fd);
	cJSON_Delete(o);
	buf_free(&text);
	return rc;
}
