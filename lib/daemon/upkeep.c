#include "daemon/background.h"
#include "daemon/state.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "db/db.h"
#include "records/intents.h"
#include "records/models.h"
#include "records/outdated.h"
#include "records/prompt_index.h"

enum { CONNECT_MS = 300, SEEN_MS = 10000, COLLECT_MS = 10000, COLLECT_SOON_MS = 500,
	MAX_STRAYS = 256, MAX_MODELS = 32, MODELS_AGAIN_MS = 1000,
	INDEX_MS = 5000, INDEX_SOON_MS = 100, OUTDATED_MS = 3600000, OUTDATED_SOON_MS = 1000 };

void
upkeep_db_error(struct daemon *d, const char *doing, const struct err *e)
{
	log_error("cannot %s: %s", doing, e->text);
	if (!d->db || !db_lost(d->db)) return;
	db_close(d->db);
	d->db = NULL;
	d->connect_at_ms = clock_now_ms() + CONNECT_MS;
}

static bool
ours_in_work(const struct daemon *d, const struct claim *c)
{
	for (int i = 0; i < d->n_slots; i++) {
		const struct slot *s = &d->slots[i];

		if (s->state != WORK_NONE && s->work.claim.attempt == c->attempt &&
			uuid_eq(s->work.claim.job, c->job))
			return true;
	}
	return false;
}

/* What the records say we process and we do not: left by a daemon that died (a failed attempt), or
 * claimed by us in the instant in which a connection broke (given back). */
static int
take_strays_back(struct daemon *d, struct err *e)
{
	static struct claim found[MAX_STRAYS];
	struct claim_failure died = { .code = "daemon_died", .text = "The daemon was stopped in "
		"the middle of the job.",
		.max_attempts = d->conf->max_attempts, .backoff_ms = d->conf->retry_backoff_ms };
	int n = claims_of(d->db, d->host, found, MAX_STRAYS, e), back = 0;

	for (int i = 0; i < n; i++) {
		int rc;

		if (ours_in_work(d, &found[i])) continue;
		rc = d->recovered ? claims_release(d->db, &found[i], e) : claims_fail(d->db,
			&found[i], &died, e);
		if (rc < 0) return -1;
		back += rc;
	}
	if (n < 0) return -1;
	if (back) log_info("took back %d jobs", back);
	if (n < MAX_STRAYS) d->recovered = true;
	return 0;
}

static void
reconnect(struct daemon *d, int64_t now)
{
	struct err e;

	if (now < d->connect_at_ms) return;
	d->connect_at_ms = now + CONNECT_MS;
	if (!(d->db = db_open(d->conf, &e))) {
		/* Said once a minute: it may stay away for long. */
		static int64_t said_at_ms;

		if (now >= said_at_ms) log_error("%s", e.text), said_at_ms = now + 60000;
		return;
	}
	if (take_strays_back(d, &e)) {
		upkeep_db_error(d, "take jobs back", &e);
		return;
	}
	d->models_new = d->models != NULL;
	d->seen_at_ms = d->collect_at_ms = 0;
	/* Not at once: what we hold ourselves is renewed or settled first, however long the
	 * database was away. */
	d->expire_at_ms = now + d->conf->lease_ms / 3;
	d->look_now = true;
}

static bool
is_listed(const struct model *models, size_t n, const char *id)
{
	while (n)
		if (str_eq_nocase(models[--n].id, id)) return true;
	return false;
}

static int
publish_models(struct daemon *d, struct err *e)
{
	struct model models[MAX_MODELS] = {0};
	const cJSON *m;
	size_t n = 0;
	int rc;

	cJSON_ArrayForEach(m, d->models) {
		const cJSON *description = cJSON_GetObjectItemCaseSensitive(m, "description");
		const char *id = json_text(m, "id", "");
		struct buf text = {0};

		if (n == MAX_MODELS) break;
		/* A worker is believed in nothing: a model without these, or told twice, is left
		 * out. */
		if (!*id || !cJSON_IsObject(description) || is_listed(models, n, id)) continue;
		str_copy(models[n].id, sizeof models[n].id, id);
		str_copy(models[n].reason, sizeof models[n].reason, json_text(m, "reason", ""));
		/* Half a command would be another one. */
		if (!str_copy(models[n].remedy, sizeof models[n].remedy,
			json_text(m, "remedy", "")))
			models[n].remedy[0] = '\0';
		models[n].position = (int)n;
		json_print(description, &text);
		models[n++].description = text.p;
	}
	rc = models_publish(d->db, d->host, models, n, e);
	for (size_t i = 0; i < n; i++) free(models[i].description);
	d->models_new = rc != 0;
	return rc;
}

/* Our worker may still be at it: a cancelled job is noticed within a second, and only then is its
 * worker killed. */
static bool
may_be_written(const struct daemon *d, const char *key)
{
	for (int i = 0; i < d->n_slots; i++) {
		const struct slot *s = &d->slots[i];

		for (int k = 0; s->keys && k < s->work.num_samples * KEYS_PER_SAMPLE; k++)
			if (strcmp(s->keys[k], key) == 0) return true;
	}
	return false;
}

/* Look for objects that may go, and begin to delete them. */
static int
collect(struct daemon *d, struct err *e)
{
	static struct intent dead[TASK_OBJECTS];
	/* By then an attempt of another host has lost its lease, or has been killed for its
	 * length. */
	uint64_t age_ms = (uint64_t)d->conf->lease_ms + d->conf->lease_grace_ms +
		(uint64_t)d->conf->job_timeout_s * 1000;
	struct task *t;
	int n;

	/* A dying worker might write an object again after we had deleted it. */
	for (int i = 0; i < d->n_slots; i++)
		if (d->slots[i].process == PROCESS_DYING) {
			d->collect_at_ms = clock_now_ms() + COLLECT_SOON_MS;
			return 0;
		}
	d->collect_at_ms = clock_now_ms() + COLLECT_MS;
	if ((n = intents_dead(d->db, d->host, age_ms, dead, TASK_OBJECTS, e)) < 0) return -1;
	t = task_new(TASK_DELETE);
	for (int i = 0; i < n; i++)
		if (!may_be_written(d, dead[i].key)) task_add(t, dead[i].key, 0);
	if (t->n) background_begin(d->background, d->collecting = t);
	else free(t);
	return claims_sweep_progress(d->db, e) < 0 ? -1 : 0;
}

/* Objects first, then the row, so that a crash in between leaves the row to find the rest by. */
static int
forget_collected(struct daemon *d, struct err *e)
{
	struct task *t = d->collecting;
	int rc = 0;

	d->collecting = NULL;
	if (t->rc) log_error("cannot collect: %s", t->err.text);
	/* There may be more. */
	else if (t->n == TASK_OBJECTS) d->collect_at_ms = clock_now_ms() + COLLECT_SOON_MS;
	for (size_t i = 0; !rc && i < t->n; i++)
		if (t->objects[i].done) rc = intents_forget(d->db, t->objects[i].key, e);
	free(t);
	return rc < 0 ? -1 : 0;
}

static int
tick_collecting(struct daemon *d, int64_t now, struct err *e)
{
	if (d->collecting) return background_over(d->background, d->collecting)
		? forget_collected(d, e) : 0;
	return now >= d->collect_at_ms ? collect(d, e) : 0;
}

static int
expire(struct daemon *d, struct err *e)
{
	struct claim_failure f = { .code = "lease_lost", .text = "The host that had the job was "
		"lost.",
		.max_attempts = d->conf->max_attempts, .backoff_ms = d->conf->retry_backoff_ms };
	int n = claims_expire(d->db, d->conf->lease_grace_ms, &f, e);

	if (n > 0) log_info("took over %d jobs whose lease had run out", n), d->look_now = true;
	return n < 0 ? -1 : 0;
}

/* A batch at a time, so that jobs do not wait for it. */
static int
index_prompts(struct daemon *d, struct err *e)
{
	uint32_t n;

	if (prompt_index_batch(d->db, &n, e)) return -1;
	d->index_at_ms = clock_now_ms() + (n == PROMPT_INDEX_BATCH ? INDEX_SOON_MS : INDEX_MS);
	return 0;
}

static int
remove_outdated(struct daemon *d, struct err *e)
{
	bool more;

	if (outdated_remove(d->db, &more, e)) return -1;
	d->outdated_at_ms = clock_now_ms() + (more ? OUTDATED_SOON_MS : OUTDATED_MS);
	return 0;
}

static int
say_alive(struct daemon *d, struct err *e)
{
	int up = 0, busy = 0;

	for (int i = 0; i < d->n_slots; i++) {
		up += d->slots[i].process == PROCESS_READY;
		busy += d->slots[i].state == WORK_RUNNING;
	}
	return models_host_seen(d->db, d->host, d->host_name, getpid(), up, busy, e);
}

void
upkeep_tick(struct daemon *d, int64_t now)
{
	struct err e;

	if (!d->db) reconnect(d, now);
	if (d->db && now >= d->seen_at_ms) {
		d->seen_at_ms = now + SEEN_MS;
		if (say_alive(d, &e)) upkeep_db_error(d, "say that this host is alive", &e);
	}
	if (d->db && d->models_new && now >= d->models_at_ms) {
		d->models_at_ms = now + MODELS_AGAIN_MS;
		if (publish_models(d, &e)) upkeep_db_error(d, "publish the models", &e);
		d->look_now = true;
	}
	if (d->db && now >= d->expire_at_ms) {
		d->expire_at_ms = now + d->conf->lease_ms / 3;
		if (expire(d, &e)) upkeep_db_error(d, "take over jobs", &e);
	}
	if (d->db && tick_collecting(d, now, &e))
		upkeep_db_error(d, "collect objects", &e);
	if (d->db && now >= d->index_at_ms && index_prompts(d, &e)) {
		d->index_at_ms = now + INDEX_MS;
		upkeep_db_error(d, "index prompts", &e);
	}
	if (d->db && now >= d->outdated_at_ms && remove_outdated(d, &e)) {
		d->outdated_at_ms = now + OUTDATED_MS;
		upkeep_db_error(d, "remove what is outdated", &e);
	}
}
