#include "records/ratings.h"

#include "api/answers.h"
#include "api/api.h"
#include "api/feedback.h"
#include "api/handlers.h"
#include "base/err.h"
#include "records/feedback.h"

static void
write_rating(const struct rating *r, struct jtext *out)
{
	jtext_begin(out, NULL, '{');
	jtext_id(out, "id", r->id);
	jtext_id(out, "audio_id", r->audio_id);
	jtext_id(out, "user_id", r->user_id);
	jtext_int(out, "rating", r->rating);
	jtext_text(out, "criterion", rating_criteria[r->criterion]);
	jtext_text(out, "notes", r->notes);
	jtext_time(out, "created_at", r->created_at);
	jtext_end(out, '}');
}

static int
answer(struct api *api, const struct request *req, struct response *res, int status,
	struct uuid id, struct err *e)
{
	struct rating r = {0};
	int rc = ratings_get(api->db, id, &r, e);

	if (!rc) {
		struct jtext out = answer_json(res, status);

		write_rating(&r, &out);
		answer_about(req, res, "ratings", id);
	}
	ratings_free(&r);
	return rc;
}

struct body {
	struct uuid audio_id;
	int64_t rating;
	int criterion;
	char notes[4 * FEEDBACK_NOTES_CHARS + 1];
};

static const struct json_field fields[] = {
	J_ID_REQ(struct body, audio_id),
	J_INT_REQ(struct body, rating, RATING_MIN, RATING_MAX),
	J_CHOICE(struct body, criterion, rating_criteria, 0),
	J_TEXT(struct body, notes, 0, FEEDBACK_NOTES_CHARS),
};

int
api_ratings_create(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct body b = {0};
	struct uuid id;
	bool is_new;

	if (json_read(req->json, fields, NELEM(fields), "", &b, e)) return -1;
	if (ratings_give(api->db, &(struct rating){ .audio_id = b.audio_id,
		.user_id = api->who.user.id,
		.rating = (int)b.rating, .criterion = b.criterion, .notes = b.notes }, &id,
		&is_new, e))
		return -1;
	return answer(api, req, res, is_new ? 201 : 200, id, e);
}

int
api_ratings_get(void *ctx, struct request *req, struct response *res, struct err *e)
{
	return answer(ctx, req, res, 200, req->id[0], e);
}

struct change {
	int64_t rating;
	bool has_rating, has_notes;
	char notes[4 * FEEDBACK_NOTES_CHARS + 1];
};

static const struct json_field change_fields[] = {
	J_INT_OPT(struct change, rating, has_rating, RATING_MIN, RATING_MAX),
	J_TEXT_OPT(struct change, notes, has_notes, 0, FEEDBACK_NOTES_CHARS),
};

int
api_ratings_change(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct change c = {0};

	if (json_read(req->json, change_fields, NELEM(change_fields), "", &c, e) ||
		ratings_change(api->db, req->id[0], &(struct rating_change){ c.has_rating,
		c.has_notes, (int)c.rating, c.notes }, e))
		return -1;
	return answer(api, req, res, 200, req->id[0], e);
}

int
api_ratings_delete(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;

	if (ratings_delete(api->db, req->id[0], e)) return -1;
	answer_status(res, "deleted", "id", req->id[0]);
	return 0;
}

static int
list(struct api *api, const struct request *req, struct response *res,
	struct rating_filter *f, struct err *e)
{
	uint32_t min = RATING_MIN, max = RATING_MAX;
	struct rating_list l = {0};
	struct paging page;
	struct jtext out;
	int rc = -1;

	f->criterion = -1;
	if (query_choice(&req->query, "criterion", rating_criteria, &f->criterion, e) ||
		query_u32(&req->query, "min_rating", RATING_MIN, RATING_MAX, &min, e) ||
		query_u32(&req->query, "max_rating", RATING_MIN, RATING_MAX, &max, e) ||
		paging_read(&page, &req->query, PAGING_PAGE | PAGING_SHOWS_PAGE, e))
		goto out;
	f->min = (int)min;
	f->max = (int)max;
	if (ratings_list(api->db, f, page.limit, page.offset, &l, e)) goto out;
	out = answer_list(res, 200);
	for (size_t i = 0; i < l.n; i++) write_rating(&l.items[i], &out);
	answer_list_end(req, res, &page, &(struct paging_end){ .total = l.total }, &out);
	rc = 0;
out:
	ratings_list_free(&l);
	return rc;
}

int
api_ratings_list(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct rating_filter f = {0};

	if (feedback_query_id(req, "audio_id", &f.audio_id, e)) return -1;
	return list(ctx, req, res, &f, e);
}

int
api_ratings_of_audio(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct rating_filter f = { .audio_id = req->id[0] };

	return feedback_need_audio(ctx, f.audio_id, e) ? -1 : list(ctx, req, res, &f, e);
}

static void
write_stats(const struct rating_stats *s, struct jtext *out)
{
	int64_t n[RATING_CRITERIA] = {0}, sum[RATING_CRITERIA] = {0}, all = 0, points = 0;

	for (int c = 0; c < RATING_CRITERIA; c++) {
		for (int v = RATING_MIN; v <= RATING_MAX; v++) {
			n[c] += s->n[c][v];
			sum[c] += v * s->n[c][v];
		}
		all += n[c];
		points += sum[c];
	}
	jtext_int(out, "total_ratings", all);
	jtext_real(out, "average_rating", feedback_average(points, all));
	jtext_begin(out, "rating_by_criterion", '{');
	for (int c = 0; c < RATING_CRITERIA; c++)
		if (n[c]) jtext_real(out, rating_criteria[c], feedback_average(sum[c], n[c]));
	jtext_end(out, '}');
	feedback_write_distribution(s, out);
}

int
api_ratings_stats(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct rating_stats s;
	struct uuid audio;
	struct jtext out = {0};

	if (feedback_query_id(req, "audio_id", &audio, e) ||
		ratings_stats(api->db, audio, &s, e))
		return -1;
	out = answer_json(res, 200);
	jtext_begin(&out, NULL, '{');
	jtext_id(&out, "audio_id", audio);
	write_stats(&s, &out);
	jtext_end(&out, '}');
	response_etag(res, req);
	return 0;
}
