#include "records/preferences.h"

#include "api/answers.h"
#include "api/api.h"
#include "api/feedback.h"
#include "api/handlers.h"
#include "base/err.h"
#include "records/feedback.h"
#include "records/prompts.h"

enum { MAX_RATES = 100 };

/* What every answer has of one; the object stays open. */
static void
write_members(const struct preference *p, struct jtext *out)
{
	jtext_begin(out, NULL, '{');
	jtext_id(out, "id", p->id);
	jtext_id(out, "prompt_id", p->prompt_id);
	jtext_id(out, "chosen_audio_id", p->chosen_audio_id);
	jtext_id(out, "rejected_audio_id", p->rejected_audio_id);
	jtext_id(out, "user_id", p->user_id);
	if (p->margin) jtext_int(out, "margin", p->margin);
	else jtext_json(out, "margin", NULL);
	jtext_text(out, "notes", p->notes);
	jtext_time(out, "created_at", p->created_at);
}

/* Where a sample can be heard, absolute within this host. */
static void
write_path(const struct request *req, const char *name, struct uuid audio, struct jtext *out)
{
	struct buf url = {0};

	buf_addf(&url, "%s/api/audio/%s/stream", req->base_path, UUID_STR(audio));
	jtext_text(out, name, url.p);
	buf_free(&url);
}

static int
answer(struct api *api, const struct request *req, struct response *res, int status,
	struct uuid id, struct err *e)
{
	struct preference p = {0};
	struct prompt prompt = {0};
	struct jtext out = {0};
	int rc = -1;

	if (preferences_get(api->db, id, &p, e) || prompts_get(api->db, p.prompt_id, &prompt, e))
		goto out;
	out = answer_json(res, status);
	write_members(&p, &out);
	jtext_text(&out, "prompt_text", prompt.text);
	write_path(req, "chosen_audio_path", p.chosen_audio_id, &out);
	write_path(req, "rejected_audio_path", p.rejected_audio_id, &out);
	jtext_end(&out, '}');
	answer_about(req, res, "preferences", id);
	rc = 0;
out:
	prompts_free(&prompt);
	preferences_free(&p);
	return rc;
}

struct body {
	struct uuid prompt_id, chosen_audio_id, rejected_audio_id;
	int64_t margin;
	bool has_margin;
	char notes[4 * FEEDBACK_NOTES_CHARS + 1];
};

static const struct json_field fields[] = {
	J_ID_REQ(struct body, prompt_id),
	J_ID_REQ(struct body, chosen_audio_id),
	J_ID_REQ(struct body, rejected_audio_id),
	J_INT_OPT(struct body, margin, has_margin, 1, PREFERENCE_MARGIN_MAX),
	J_TEXT(struct body, notes, 0, FEEDBACK_NOTES_CHARS),
};

int
api_preferences_create(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct body b = {0};
	struct uuid id;
	bool is_new;

	if (json_read(req->json, fields, NELEM(fields), "", &b, e)) return -1;
	if (preferences_give(api->db, &(struct preference){ .prompt_id = b.prompt_id,
		.user_id = api->who.user.id,
		.chosen_audio_id = b.chosen_audio_id, .rejected_audio_id = b.rejected_audio_id,
		.margin = b.has_margin ? (int)b.margin : 0, .notes = b.notes }, &id,
		&is_new, e))
		return -1;
	return answer(api, req, res, is_new ? 201 : 200, id, e);
}

int
api_preferences_get(void *ctx, struct request *req, struct response *res, struct err *e)
{
	return answer(ctx, req, res, 200, req->id[0], e);
}

int
api_preferences_delete(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;

	if (preferences_delete(api->db, req->id[0], e)) return -1;
	answer_status(res, "deleted", "id", req->id[0]);
	return 0;
}

static int
list(struct api *api, const struct request *req, struct response *res,
	struct preference_filter *f, struct err *e)
{
	struct preference_list l = {0};
	struct paging page;
	struct jtext out;
	int rc = -1;

	if (feedback_query_id(req, "audio_id", &f->audio_id, e) ||
		paging_read(&page, &req->query, PAGING_PAGE | PAGING_SHOWS_PAGE, e) ||
		preferences_list(api->db, f, page.limit, page.offset, &l, e))
		goto out;
	out = answer_list(res, 200);
	for (size_t i = 0; i < l.n; i++) {
		write_members(&l.items[i], &out);
		jtext_end(&out, '}');
	}
	answer_list_end(req, res, &page, &(struct paging_end){ .total = l.total }, &out);
	rc = 0;
out:
	preferences_list_free(&l);
	return rc;
}

int
api_preferences_list(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct preference_filter f = {0};

	if (feedback_query_id(req, "prompt_id", &f.prompt_id, e)) return -1;
	return list(ctx, req, res, &f, e);
}

int
api_preferences_of_prompt(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct preference_filter f = { .prompt_id = req->id[0] };
	struct prompt p = {0};
	int rc = prompts_get(api->db, f.prompt_id, &p, e);

	prompts_free(&p);
	return rc ? -1 : list(ctx, req, res, &f, e);
}

/* From sums, and the win rates from the first entries of an index. */
int
api_preferences_stats(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct preference_score scores[MAX_RATES];
	struct feedback_totals t;
	struct jtext out = {0};
	int n;

	if (feedback_totals(api->db, &t, e) ||
		(n = preferences_scores(api->db, scores, MAX_RATES, e)) < 0)
		return -1;
	out = answer_json(res, 200);
	jtext_begin(&out, NULL, '{');
	jtext_int(&out, "total_pairs", t.preferences);
	jtext_int(&out, "unique_prompts", t.compared_prompts);
	jtext_int(&out, "unique_audios", t.compared_audios);
	jtext_real(&out, "average_margin", feedback_average(t.margin_sum, t.margins));
	jtext_begin(&out, "audio_win_rates", '{');
	for (int i = 0; i < n; i++)
		jtext_real(&out, UUID_STR(scores[i].audio_id), (double)scores[i].wins /
			(double)scores[i].comparisons);
	jtext_end(&out, '}');
	jtext_end(&out, '}');
	response_etag(res, req);
	return 0;
}
