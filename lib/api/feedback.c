#include "api/feedback.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answers.h"
#include "api/api.h"
#include "api/handlers.h"
#include "base/err.h"
#include "base/str.h"
#include "records/feedback.h"
#include "records/ratings.h"
#include "records/samples.h"

enum { MAX_ADAPTERS = 1000 };

double
feedback_average(int64_t sum, int64_t n)
{
	return n ? (double)sum / (double)n : NAN;
}

int
feedback_query_id(const struct request *req, const char *name, struct uuid *out, struct err *e)
{
	size_t at = 0;

	*out = (struct uuid){{0}};
	if (query_id(&req->query, name, out, e)) return -1;
	if (uuid_is_nil(*out) && query_next(&req->query, name, &at))
		memset(out->b, 0xff, sizeof out->b);
	return 0;
}

void
feedback_write_distribution(const struct rating_stats *s, struct jtext *out)
{
	jtext_begin(out, "rating_distribution", '{');
	for (int v = RATING_MIN; v <= RATING_MAX; v++) {
		char name[16];
		int64_t n = 0;

		for (int c = 0; c < RATING_CRITERIA; c++) n += s->n[c][v];
		snprintf(name, sizeof name, "%d", v);
		jtext_int(out, name, n);
	}
	jtext_end(out, '}');
}

int
feedback_need_audio(struct api *api, struct uuid id, struct err *e)
{
	struct sample s = {0};
	int rc = samples_get(api->db, id, &s, e);

	samples_free(&s);
	return rc;
}

static void
write_item(const struct feedback_item *item, struct jtext *out)
{
	bool is_tag = item->kind == FEEDBACK_TAG;

	jtext_begin(out, NULL, '{');
	jtext_id(out, "id", item->id);
	jtext_real(out, "rating", item->rating ? item->rating : NAN);
	jtext_text(out, "rating_criterion", item->criterion < 0 ? NULL
		: rating_criteria[item->criterion]);
	jtext_id(out, "preferred_over", item->preferred_over);
	jtext_begin(out, "tags", '[');
	if (is_tag) jtext_text(out, NULL, item->tag);
	jtext_end(out, ']');
	if (is_tag) jtext_bool(out, "is_positive", item->is_positive);
	else jtext_json(out, "is_positive", NULL);
	jtext_text(out, "notes", item->notes);
	jtext_time(out, "created_at", item->created_at);
	jtext_end(out, '}');
}

/* Each tag once, whoever gave it. */
static void
write_tags(const struct feedback_sample *s, struct jtext *out)
{
	jtext_begin(out, "tags", '[');
	for (size_t i = 0; i < s->n; i++) {
		size_t k = 0;

		if (!s->items[i].tag) continue;
		while (k < i && !(s->items[k].tag && str_eq_nocase(s->items[k].tag,
			s->items[i].tag)))
			k++;
		if (k == i) jtext_text(out, NULL, s->items[i].tag);
	}
	jtext_end(out, ']');
}

static void
write_sample(const struct feedback_sample *s, struct jtext *out)
{
	char label[2] = { (char)('A' + s->index), '\0' };

	jtext_begin(out, NULL, '{');
	jtext_id(out, "audio_id", s->id);
	jtext_text(out, "label", label);
	jtext_begin(out, "feedback", '[');
	for (size_t i = 0; i < s->n; i++) write_item(&s->items[i], out);
	jtext_end(out, ']');
	jtext_real(out, "average_rating", feedback_average(s->rating_sum, s->ratings));
	jtext_int(out, "feedback_count", s->count);
	write_tags(s, out);
	jtext_end(out, '}');
}

int
api_feedback_job(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct feedback_job f = {0};
	int rc = feedback_get(api->db, req->id[0], &f, e);

	if (!rc) {
		struct jtext out = answer_json(res, 200);

		jtext_begin(&out, NULL, '{');
		jtext_id(&out, "job_id", f.id);
		jtext_id(&out, "prompt_id", f.prompt_id);
		jtext_int(&out, "total_samples", f.n);
		jtext_int(&out, "total_feedback", f.count);
		jtext_real(&out, "average_rating", feedback_average(f.rating_sum, f.ratings));
		jtext_begin(&out, "samples", '[');
		for (int i = 0; i < f.n; i++) write_sample(&f.samples[i], &out);
		jtext_end(&out, ']');
		jtext_end(&out, '}');
		response_etag(res, req);
	}
	feedback_job_free(&f);
	return rc;
}

static void
write_adapter(const struct rating_adapter *a, struct jtext *out)
{
	const char *name = uuid_is_nil(a->id) ? "Base model" : *a->name ? a->name : NULL;

	jtext_begin(out, NULL, '{');
	jtext_id(out, "adapter_id", a->id);
	jtext_text(out, "adapter_name", name);
	jtext_int(out, "count", a->count);
	jtext_real(out, "avg_rating", feedback_average(a->sum, a->count));
	jtext_end(out, '}');
}

/* All from sums, a few rows for each adapter. */
int
api_feedback_metrics(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct rating_adapter *adapters = calloc(MAX_ADAPTERS, sizeof *adapters);
	struct rating_stats stats;
	struct feedback_totals t;
	struct jtext out = {0};
	int n, rc = -1;

	if (!adapters) abort();
	if (ratings_stats(api->db, (struct uuid){{0}}, &stats, e) ||
		feedback_totals(api->db, &t, e) ||
		(n = ratings_by_adapter(api->db, adapters, MAX_ADAPTERS, e)) < 0)
		goto out;
	out = answer_json(res, 200);
	jtext_begin(&out, NULL, '{');
	feedback_write_distribution(&stats, &out);
	jtext_begin(&out, "by_adapter", '[');
	for (int i = 0; i < n; i++) write_adapter(&adapters[i], &out);
	jtext_end(&out, ']');
	jtext_int(&out, "preference_comparisons", t.preferences);
	jtext_int(&out, "tagged_feedback", t.positive_tags + t.negative_tags);
	jtext_end(&out, '}');
	response_etag(res, req);
	rc = 0;
out:
	free(adapters);
	return rc;
}
