/* Lists, statistics and submissions among very many jobs: `joblist CONF EMPTY_CONF` measures them in the database of
 * CONF (many_jobs.mjs makes it) and submits to that of EMPTY_CONF as well; each result is a line of JSON. A time is
 * that of the whole call, of all its queries and rows, over one connection; the median of several, warm. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "db/db.h"
#include "records/jobs.h"
#include "records/joblist.h"
#include "records/jobstats.h"

enum { TIMES = 9, ROUNDS = 9, PAGES = 1000, MODELS = 3, ADAPTERS = 50, EXPERIMENTS = 200 };

#define S(name) (1u << JOB_##name)

/* adapter, experiment and test are numbers of the generator, 0: any; from and to: days ago. */
static const struct list {
	const char *name;
	unsigned statuses;
	int adapter;			/* -1: base model */
	int experiment, test;
	const char *model;
	int from, to;
} lists[] = {
	{ .name = "all" },
	{ .name = "completed", .statuses = S(COMPLETED) },
	{ .name = "failed", .statuses = S(FAILED) },
	{ .name = "queued", .statuses = S(QUEUED) },
	{ .name = "completed or failed", .statuses = S(COMPLETED) | S(FAILED) },
	{ .name = "failed or cancelled", .statuses = S(FAILED) | S(CANCELLED) },
	{ .name = "base model", .adapter = -1 },
	{ .name = "the most used adapter", .adapter = 1 },
	{ .name = "the least used adapter", .adapter = 50 },
	{ .name = "the largest experiment", .experiment = 2 },
	{ .name = "an A/B test", .test = 51 },
	{ .name = "the most used model", .model = "band" },
	{ .name = "the least used model", .model = "third" },
	{ .name = "a day", .from = 31, .to = 30 },
	{ .name = "a month", .from = 90, .to = 60 },
	{ .name = "adapter, failed", .adapter = 1, .statuses = S(FAILED) },
	{ .name = "adapter, completed or cancelled", .adapter = 1, .statuses = S(COMPLETED) | S(CANCELLED) },
	{ .name = "adapter, failed or cancelled", .adapter = 1, .statuses = S(FAILED) | S(CANCELLED) },
	{ .name = "adapter, experiment", .adapter = 1, .experiment = 2 },
	{ .name = "adapter and experiment that hardly met", .adapter = 37, .experiment = 200 },
	{ .name = "adapter and experiment, failed: none", .adapter = 3, .experiment = 2, .statuses = S(FAILED) },
	{ .name = "adapter, another's model: none", .adapter = 1, .model = "third" },
	{ .name = "base model, least used model", .adapter = -1, .model = "third" },
	{ .name = "base model, model, failed", .adapter = -1, .model = "band", .statuses = S(FAILED) },
	{ .name = "model, failed", .model = "third", .statuses = S(FAILED) },
	{ .name = "experiment, failed", .experiment = 2, .statuses = S(FAILED) },
	{ .name = "experiment, least used model", .experiment = 2, .model = "third" },
	{ .name = "experiment, base model", .experiment = 2, .adapter = -1 },
	{ .name = "experiment, base model, model, completed", .experiment = 2, .adapter = -1, .model = "band",
		.statuses = S(COMPLETED) },
	{ .name = "experiment, base model, least used model", .experiment = 2, .adapter = -1, .model = "third" },
	{ .name = "experiment, a month long ago", .experiment = 2, .from = 300, .to = 270 },
	{ .name = "experiment that ended, last month: none", .experiment = 1, .from = 30, .to = 0 },
	{ .name = "A/B test, adapter, completed", .test = 51, .adapter = 1, .statuses = S(COMPLETED) },
	{ .name = "everything at once", .adapter = 1, .experiment = 2, .model = "band", .from = 200, .to = 20,
		.statuses = S(COMPLETED) | S(FAILED) },
};

static void
die(const struct err *e)
{
	fprintf(stderr, "joblist: %s\n", e->text);
	exit(1);
}

/* As many_jobs.mjs makes them: 0190a6a0-00GG-7000-8000-NUMBER. */
static struct uuid
numbered(int group, int n)
{
	char text[UUID_TEXT];
	struct uuid id = {{0}};

	snprintf(text, sizeof text, "0190a6a0-00%02d-7000-8000-%012x", group, (unsigned)n);
	if (n > 0 && !uuid_parse(text, &id)) abort();
	return id;
}

static int64_t
days_ago(int days)
{
	return clock_wall_us() - (int64_t)days * 86400 * 1000000;
}

static struct job_filter
filter(const struct list *l)
{
	return (struct job_filter){ .statuses = l->statuses, .base_model = l->adapter < 0,
		.adapter_id = numbered(10, l->adapter), .experiment_id = numbered(20, l->experiment),
		.ab_test_id = numbered(30, l->test), .model = l->model,
		.from = l->from ? days_ago(l->from) : 0, .to = l->from ? days_ago(l->to) : 0 };
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *list, size_t n)
{
	qsort(list, n, sizeof *list, by_value);
	return list[n / 2];
}

static double
now_ms(void)
{
	return (double)clock_wall_us() / 1000;
}

/* The page after the one of `offset`, or, with by_cursor, the one that its cursor leads to. */
static double
time_page(struct db *db, const struct job_filter *f, uint32_t limit, uint32_t offset, bool by_cursor)
{
	struct job_page page = { .limit = limit, .offset = offset };
	struct job_list l;
	double times[TIMES];
	struct err e;

	if (by_cursor) {
		if (jobs_list(db, f, &page, &l, &e)) die(&e);
		page.offset = 0;
		if (l.n) page.after = (struct job_cursor){ l.items[l.n - 1].created_at, l.items[l.n - 1].id };
		jobs_list_free(&l);
	}
	for (int i = -2; i < TIMES; i++) {
		double start = now_ms();

		if (jobs_list(db, f, &page, &l, &e)) die(&e);
		if (i >= 0) times[i] = now_ms() - start;
		jobs_list_free(&l);
	}
	return median(times, TIMES);
}

static void
measure_list(struct db *db, const struct list *l)
{
	struct job_filter f = filter(l);
	struct job_page last = { .limit = 20, .offset = 20 * (PAGES - 1) };
	struct buf plan = {0}, line = {0};
	cJSON *o = json_object();
	struct err e;

	json_add_text(o, "list", l->name);
	json_add_real(o, "first", time_page(db, &f, 20, 0, false));
	json_add_real(o, "last", time_page(db, &f, 20, last.offset, false));
	json_add_real(o, "cursor", time_page(db, &f, 20, last.offset, true));
	json_add_real(o, "hundreds", time_page(db, &f, 100, 100 * (PAGES - 1), false));
	if (jobs_list_explain(db, &f, &last, &plan, &e)) die(&e);
	json_add_text(o, "plan", buf_str(&plan));
	json_print(o, &line);
	puts(buf_str(&line));
	cJSON_Delete(o);
	buf_free(&plan);
	buf_free(&line);
}

static void
measure_statistics(struct db *db)
{
	double times[TIMES];
	struct job_stats s;
	struct err e;

	for (int i = -2; i < TIMES; i++) {
		double start = now_ms();

		if (jobstats_read(db, &s, &e)) die(&e);
		if (i >= 0) times[i] = now_ms() - start;
	}
	printf("{\"statistics\":%.3f}\n", median(times, TIMES));
}

/* Submissions in a second, of what the other jobs are of. */
static double
submissions(struct db *db)
{
	static const char *const models[MODELS] = { "band", "second", "third" };
	double start = now_ms(), end = start + 1000;
	long n = 0;

	for (; now_ms() < end; n++) {
		struct job_new j = { .prompt_text = "A calm piano piece in D major, 70 bpm",
			.model = models[n % MODELS], .format = "flac", .num_samples = 1, .priority = 5,
			.params = "{\"seed\":1234567890,\"duration\":10,\"temperature\":1}",
			.adapter_id = numbered(10, n % 5 < 2 ? 0 : (int)(n % ADAPTERS) + 1),
			.adapter_name = n % 5 < 2 ? NULL : "Adapter",
			.experiment_id = numbered(20, n % 5 < 3 ? 0 : (int)(n % EXPERIMENTS) + 1) };
		struct uuid id;
		bool replayed;
		struct err e;

		if (jobs_submit(db, &j, &id, &replayed, &e)) die(&e);
	}
	return (double)n * 1000 / (now_ms() - start);
}

static struct db *
open_conf(const char *file)
{
	struct conf c;
	struct err e;
	struct db *db = NULL;

	if (conf_load(&c, file, &e) || !(db = db_open(&c, &e))) die(&e);
	return db;
}

int
main(int argc, char **argv)
{
	double with[ROUNDS], without[ROUNDS];
	struct db *many, *empty;

	if (argc != 3) {
		fprintf(stderr, "usage: joblist CONF EMPTY_CONF\n");
		return 2;
	}
	many = open_conf(argv[1]);
	empty = open_conf(argv[2]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < NELEM(lists); i++) measure_list(many, &lists[i]);
	measure_statistics(many);
	for (int i = 0; i < ROUNDS; i++) {
		with[i] = submissions(many);
		without[i] = submissions(empty);
	}
	printf("{\"submissions\":[%.1f,%.1f]}\n", median(with, ROUNDS), median(without, ROUNDS));
	db_close(many);
	db_close(empty);
	return 0;
}
