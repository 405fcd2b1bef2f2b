#include "records/tags.h"

#include <stdio.h>
#include <string.h>

#include "api/answers.h"
#include "api/api.h"
#include "api/feedback.h"
#include "api/handlers.h"
#include "base/err.h"
#include "base/str.h"
#include "records/feedback.h"

enum { MAX_FREQUENCIES = 100, MAX_TOP = 10, MAX_IN_USE = 50 };

/* What the page offers at first; what listeners give beside it is offered, too. */
static const char *const positive_words[] = {
	"catchy", "warm", "energetic", "relaxing", "groovy", "emotional", "expressive", "original",
	"beautiful melody", "tight rhythm", "rich harmony", "clear mix", "natural sound",
	"well structured", "good ending", "fits the prompt", NULL,
};
static const char *const negative_words[] = {
	"boring", "repetitive", "harsh", "muddy", "noisy", "distorted", "thin", "out of tune",
	"off beat", "incoherent", "artificial sound", "abrupt ending", "wrong tempo", "wrong mood",
	"wrong instruments", "ignores the prompt", NULL,
};

static void
write_tag(const struct tag *t, struct jtext *out)
{
	jtext_begin(out, NULL, '{');
	jtext_id(out, "id", t->id);
	jtext_id(out, "audio_id", t->audio_id);
	jtext_id(out, "user_id", t->user_id);
	jtext_text(out, "tag", t->tag);
	jtext_bool(out, "is_positive", t->is_positive);
	jtext_time(out, "created_at", t->created_at);
	jtext_end(out, '}');
}

/* Take the blanks off both ends of a tag; what is left must be one. */
static void
tidy(char *tag, const char *field, struct err *e)
{
	static const char blanks[] = " \t\r\n\v\f";
	size_t lead = strspn(tag, blanks), n = strlen(tag + lead);

	while (n && strchr(blanks, tag[lead + n - 1])) n--;
	memmove(tag, tag + lead, n);
	tag[n] = '\0';
	if (!n) err_field(e, field, "must not be blank");
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)tag[i] < 0x20 || tag[i] == 0x7f) {
			err_field(e, field, "must not have control characters in it");
			return;
		}
}

struct body {
	struct uuid audio_id;
	char tag[TAG_TEXT];
	bool is_positive;
};

static const struct json_field fields[] = {
	J_ID_REQ(struct body, audio_id),
	J_TEXT_REQ(struct body, tag, 1, TAG_CHARS),
	J_BOOL(struct body, is_positive, true),
};

static void
answer_tag(const struct request *req, struct response *res, int status, const struct tag *t)
{
	struct jtext out = answer_json(res, status);

	write_tag(t, &out);
	answer_about(req, res, "tags", t->id);
}

static void
answer_tags(const struct request *req, struct response *res, int status,
	const struct tag_list *l, const struct paging *page)
{
	struct jtext out = answer_list(res, status);

	for (size_t i = 0; i < l->n; i++) write_tag(&l->items[i], &out);
	answer_list_end(req, res, page, &(struct paging_end){ .total = l->total }, &out);
}

int
api_tags_create(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct body b = {0};
	const char *tag = b.tag;
	struct tags_given g = { .positive = &tag, .negative = &tag };
	struct tag_list l = {0};
	size_t n_new;
	int rc = -1;

	if (json_read(req->json, fields, NELEM(fields), "", &b, e) && !e->n_fields) return -1;
	if (*b.tag) tidy(b.tag, "tag", e);
	if (e->n_fields) return -1;
	g.audio_id = b.audio_id;
	g.user_id = api->who.user.id;
	g.n_positive = b.is_positive;
	g.n_negative = !b.is_positive;
	if (tags_give(api->db, &g, false, &l, &n_new, e)) goto out;
	answer_tag(req, res, n_new ? 201 : 200, &l.items[0]);
	rc = 0;
out:
	tags_list_free(&l);
	return rc;
}

/* The tags of a request that gives several. */
struct several {
	struct uuid audio_id;
	const cJSON *positive_tags, *negative_tags;
	char text[TAGS_AT_ONCE][TAG_TEXT];
	const char *tags[TAGS_AT_ONCE];
	size_t n;
};

static const struct json_field bulk_fields[] = {
	J_ID_REQ(struct several, audio_id),
	J_ARRAY(struct several, positive_tags, 0, TAGS_AT_ONCE),
	J_ARRAY(struct several, negative_tags, 0, TAGS_AT_ONCE),
};

static void
read_tags(struct several *s, const cJSON *list, const char *name, struct err *e)
{
	const cJSON *v;
	int i = 0;

	cJSON_ArrayForEach(v, list) {
		char field[32];

		snprintf(field, sizeof field, "%s[%d]", name, i++);
		if (s->n == TAGS_AT_ONCE) {
			err_field(e, field, "is one too many: there may be %d tags at once",
				TAGS_AT_ONCE);
			return;
		}
		if (!cJSON_IsString(v)) err_field(e, field, "must be text");
		else if (str_chars(v->valuestring) > TAG_CHARS)
			err_field(e, field, "must have 1 to %d characters", TAG_CHARS);
		else {
			s->tags[s->n] = strcpy(s->text[s->n], v->valuestring);
			tidy(s->text[s->n++], field, e);
		}
	}
}

/* Give what the body says and answer with the rows. The fields of the body are those of bulk_fields
 * from `first` on: a path may name the sample. */
static int
give(struct api *api, const struct request *req, struct response *res, struct several *s,
	size_t first, bool replace, struct err *e)
{
	struct paging page = { .ways = PAGING_SHOWS_PAGE, .limit = TAGS_AT_ONCE };
	struct tag_list l = {0};
	struct tags_given g = {0};
	size_t n_new = 0;
	int rc = -1;

	if (json_read(req->json, bulk_fields + first, NELEM(bulk_fields) - first, "", s, e) &&
		!e->n_fields)
		return -1;
	read_tags(s, s->positive_tags, "positive_tags", e);
	g = (struct tags_given){ .audio_id = s->audio_id,
		.user_id = api->who.user.id, .positive = s->tags, .n_positive = s->n,
		.negative = s->tags + s->n };
	read_tags(s, s->negative_tags, "negative_tags", e);
	g.n_negative = s->n - g.n_positive;
	if (e->n_fields) return -1;
	if (!replace && !s->n)
		return err_field(e, "positive_tags", "must hold a tag, or negative_tags must");
	if (tags_give(api->db, &g, replace, &l, &n_new, e)) goto out;
	answer_tags(req, res, n_new && !replace ? 201 : 200, &l, &page);
	rc = 0;
out:
	tags_list_free(&l);
	return rc;
}

int
api_tags_create_bulk(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct several s = {0};

	return give(ctx, req, res, &s, 0, false, e);
}

int
api_tags_replace(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct several s = { .audio_id = req->id[0] };

	return give(ctx, req, res, &s, 1, true, e);
}

int
api_tags_get(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct tag t = {0};
	int rc = tags_get(api->db, req->id[0], &t, e);

	if (!rc) answer_tag(req, res, 200, &t);
	tags_free(&t);
	return rc;
}

int
api_tags_delete(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;

	if (tags_delete(api->db, req->id[0], e)) return -1;
	answer_status(res, "deleted", "id", req->id[0]);
	return 0;
}

static int
list(struct api *api, const struct request *req, struct response *res,
	struct tag_filter *f, struct err *e)
{
	struct tag_list l = {0};
	struct paging page;
	int rc = -1;

	f->is_positive = -1;
	if (query_text(&req->query, "tag", &f->tag, e) ||
		query_either(&req->query, "is_positive", &f->is_positive, e) ||
		paging_read(&page, &req->query, PAGING_PAGE | PAGING_SHOWS_PAGE, e) ||
		tags_list(api->db, f, page.limit, page.offset, &l, e))
		goto out;
	answer_tags(req, res, 200, &l, &page);
	rc = 0;
out:
	tags_list_free(&l);
	return rc;
}

int
api_tags_list(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct tag_filter f = {0};

	if (feedback_query_id(req, "audio_id", &f.audio_id, e)) return -1;
	return list(ctx, req, res, &f, e);
}

int
api_tags_of_audio(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct tag_filter f = { .audio_id = req->id[0] };

	return feedback_need_audio(ctx, f.audio_id, e) ? -1 : list(ctx, req, res, &f, e);
}

/* Our words, and behind them what is given most often beside them. */
static void
write_available(const char *name, const char *const *words, const struct tag_count *used, int n,
	struct jtext *out)
{
	jtext_begin(out, name, '[');
	for (int i = 0; words[i]; i++) jtext_text(out, NULL, words[i]);
	for (int i = 0; i < n; i++) {
		int k = 0;

		while (words[k] && !str_eq_nocase(words[k], used[i].tag)) k++;
		if (!words[k]) jtext_text(out, NULL, used[i].tag);
	}
	jtext_end(out, ']');
}

int
api_tags_available(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct tag_count up[MAX_IN_USE], down[MAX_IN_USE];
	struct jtext out = {0};
	int n_up = tags_most_given(api->db, TAGS_BY_POSITIVE, up, MAX_IN_USE, e);
	int n_down = n_up < 0 ? -1
		: tags_most_given(api->db, TAGS_BY_NEGATIVE, down, MAX_IN_USE, e);

	if (n_down < 0) return -1;
	out = answer_json(res, 200);
	jtext_begin(&out, NULL, '{');
	write_available("positive_tags", positive_words, up, n_up, &out);
	write_available("negative_tags", negative_words, down, n_down, &out);
	jtext_end(&out, '}');
	response_etag(res, req);
	return 0;
}

/* [[tag, n], …] */
static int
write_top(struct api *api, const char *name, enum tag_order order, struct jtext *out, struct err *e)
{
	struct tag_count top[MAX_TOP];
	int n = tags_most_given(api->db, order, top, MAX_TOP, e);

	jtext_begin(out, name, '[');
	for (int i = 0; i < n; i++) {
		jtext_begin(out, NULL, '[');
		jtext_text(out, NULL, top[i].tag);
		jtext_int(out, NULL, top[i].n);
		jtext_end(out, ']');
	}
	jtext_end(out, ']');
	return n < 0 ? -1 : 0;
}

/* From sums, and the first entries of indexes. */
int
api_tags_stats(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct tag_count all[MAX_FREQUENCIES];
	struct feedback_totals t;
	struct jtext out = {0};
	int n;

	if (feedback_totals(api->db, &t, e) ||
		(n = tags_most_given(api->db, TAGS_BY_ALL, all, MAX_FREQUENCIES, e)) < 0)
		return -1;
	out = answer_json(res, 200);
	jtext_begin(&out, NULL, '{');
	jtext_int(&out, "total_tags", t.positive_tags + t.negative_tags);
	jtext_int(&out, "positive_count", t.positive_tags);
	jtext_int(&out, "negative_count", t.negative_tags);
	jtext_begin(&out, "tag_frequency", '{');
	for (int i = 0; i < n; i++) {
		jtext_key(&out, all[i].tag);
		jtext_int(&out, NULL, all[i].n);
	}
	jtext_end(&out, '}');
	if (write_top(api, "top_positive_tags", TAGS_BY_POSITIVE, &out, e) ||
		write_top(api, "top_negative_tags", TAGS_BY_NEGATIVE, &out, e))
		return -1;
	jtext_end(&out, '}');
	response_etag(res, req);
	return 0;
}
