#include <math.h>
#include <stdio.h>
#include <string.h>

#include "api/answers.h"
#include "api/api.h"
#include "api/formats.h"
#include "api/handlers.h"
#include "api/jobs.h"
#include "api/object.h"
#include "api/sample.h"
#include "api/search.h"
#include "api/transcode.h"
#include "audio/peaks.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/jtext.h"
#include "base/log.h"
#include "base/str.h"
#include "records/ratings.h"
#include "records/removal.h"
#include "records/samplelist.h"

/* What is sent of an id never changes, but it can be deleted. */
static const char cache[] = "private, max-age=3600";

enum { POINTS = 1000, MAX_POINTS = 100000 };

int
api_audio_get(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct sample s = {0};
	int rc = samples_get(api->db, req->id[0], &s, e) ||
		samples_read_feedback(api->db, api->who.user.id, &s, 1, e) ? -1 : 0;

	if (!rc) {
		struct jtext out = answer_json(res, 200);

		sample_write(req, &s, NULL, &out);
		response_etag(res, req);
	}
	samples_free(&s);
	return rc;
}

static int
read_filter(const struct query *q, struct sample_filter *f, struct search *words, struct err *e)
{
	int favorite = -1, format = -1;
	uint32_t stars = 0;

	if (query_id(q, "job_id", &f->job_id, e) ||
		query_id(q, "prompt_id", &f->prompt_id, e) ||
		query_id(q, "experiment_id", &f->experiment_id, e) ||
		jobs_read_adapter(q, &f->adapter_id, &f->base_model, e) ||
		query_text(q, "model", &f->model, e) ||
		query_choice(q, "format", format_names, &format, e) ||
		search_want(q, "q", SEARCH_ANYWHERE, true, words, e) < 0 ||
		query_text(q, "tag", &f->tag, e) ||
		query_u32(q, "min_rating", RATING_MIN, RATING_MAX, &stars, e) ||
		query_either(q, "is_favorite", &favorite, e) ||
		query_time(q, "start_date", false, &f->from, e) ||
		query_time(q, "end_date", true, &f->to, e))
		return -1;
	if (format >= 0) f->format = format_names[format];
	if (words->conditions.n) {
		f->words = buf_str(&words->conditions);
		f->pattern = buf_str(&words->pattern);
	}
	f->min_rating = (int)stars;
	f->only_favorites = favorite == 1;
	f->no_favorites = favorite == 0;
	return 0;
}

/* Where in the list, and in which order it is. */
static int
read_page(const struct query *q, struct paging *paging, struct sample_page *page, struct err *e)
{
	int order = SAMPLES_NEWEST;

	if (query_choice(q, "sort", sample_order_names, &order, e) ||
		jobs_read_place(q, paging, &page->after, e))
		return -1;
	page->order = (enum sample_order)order;
	page->limit = paging->limit;
	page->offset = paging->offset;
	if (page->order == SAMPLES_BEST && paging->cursor)
		return err_set(e, ERR_UNREADABLE, "A list sorted by rating has no cursor; use "
			"offset.");
	return 0;
}

int
api_audio_list(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct sample_filter f = {0};
	struct search words = {0};
	struct sample_page page;
	struct sample_list l = {0};
	struct paging paging;
	struct jtext out = {0};
	char next[JOB_CURSOR_TEXT] = "";
	int rc = -1;

	f.user = api->who.user.id;
	if (read_filter(&req->query, &f, &words, e) ||
		read_page(&req->query, &paging, &page, e))
		goto out;
	if (f.words) search_catch_up(api);
	if ((!words.nothing && samples_list(api->db, &f, &page, &l, e)) ||
		samples_read_feedback(api->db, api->who.user.id, l.items, l.n, e))
		goto out;
	if (l.has_more && page.order != SAMPLES_BEST)
		job_cursor_format(&(struct job_cursor){ l.items[l.n - 1].created_at,
			l.items[l.n - 1].id }, next);
	out = answer_list(res, 200);
	for (size_t i = 0; i < l.n; i++) sample_write(req, &l.items[i], NULL, &out);
	answer_list_end(req, res, &paging, &(struct paging_end){ l.total, l.total_is_capped,
		l.has_more, *next ? next : NULL }, &out);
	rc = 0;
out:
	samples_list_free(&l);
	search_free(&words);
	return rc;
}

/* A sample may be deleted while its object is looked for. Then it is simply not there, whatever the
 * object's failure was. */
static int
failed_or_gone(struct api *api, struct uuid id, struct err *e)
{
	struct sample s = {0};
	struct err now = {0};

	if (samples_get(api->db, id, &s, &now) && now.kind == ERR_NOT_FOUND) *e = now;
	samples_free(&s);
	return -1;
}

/* The file's name, after the prompt: nothing in it that a file system somewhere minds. */
static void
name_download(struct response *res, const struct sample *s, const struct format *f, int stem)
{
	char words[300], name[360], index[16] = "";

	str_preview(words, sizeof words, s->prompt_text, 60);
	for (char *c = words; *c; c++)
		if (strchr("/\\:*?\"<>|", *c)) *c = '-';
	if (s->index) snprintf(index, sizeof index, " (%d)", s->index + 1);
	snprintf(name, sizeof name, "%s%s%s%s%s", words + strspn(words, ". "), index,
		stem < 0 ? "" : " - ", stem < 0 ? "" : format_stems[stem], f->extension);
	response_attachment(res, name);
}

/* The key of what is asked for, made where it is not there yet. stem -1: all of it. */
static int
find_sound(struct api *api, const struct sample *s, const struct format *f, int stem,
	char key[STORAGE_KEY], struct err *e)
{
	if (stem >= 0) return transcode_stem(api, s, stem, f, key, e);
	if (strcmp(f->name, s->format) != 0) return transcode_make(api, s->storage_key, f, key, e);
	str_copy(key, STORAGE_KEY, s->storage_key);
	return 0;
}

int
api_audio_stream(void *ctx, struct request *req, struct response *res, struct err *e)
{
	static const char *const no_yes[] = { "0", "1", NULL };
	struct api *api = ctx;
	struct sample s = {0};
	const struct format *f;
	char key[STORAGE_KEY], sha[SHA256_HEX], tag[SHA256_HEX + 32];
	int format = -1, stem = -1, download = 0, rc = -1;

	if (query_choice(&req->query, "format", format_names, &format, e) ||
		query_choice(&req->query, "stem", format_stems, &stem, e) ||
		query_choice(&req->query, "download", no_yes, &download, e) ||
		samples_get(api->db, req->id[0], &s, e))
		goto out;
	/* A stem of a lossy take is lossless as well. */
	f = format >= 0 ? &formats[format] : formats_find(stem < 0 ? s.format : "flac");
	if (!f) {
		err_set(e, ERR_INTERNAL, "audio %s has the unknown format %s", UUID_STR(s.id),
			s.format);
		goto out;
	}
	if (find_sound(api, &s, f, stem, key, e)) {
		failed_or_gone(api, s.id, e);
		goto out;
	}
	hash_hex(s.sha256, 16, sha);
	snprintf(tag, sizeof tag, "%s-%s%s%s", sha, f->name, stem < 0 ? "" : "-",
		stem < 0 ? "" : format_stems[stem]);
	if (download) name_download(res, &s, f, stem);
	rc = object_send(api, req, res, &(struct object_answer){ .key = key, .tag = tag,
		.content_type = f->content_type, .modified_us = s.created_at,
		.cache_control = cache }, e);
	if (rc) failed_or_gone(api, s.id, e);
out:
	samples_free(&s);
	return rc;
}

int
api_audio_midi(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct sample s = {0};
	int rc = samples_get(api->db, req->id[0], &s, e);

	if (!rc && !*s.midi_key)
		rc = err_set(e, ERR_NOT_FOUND, "The model %s writes no score.", s.model);
	if (!rc && object_send(api, req, res, &(struct object_answer){ .key = s.midi_key,
		.tag = UUID_STR(s.id), .content_type = "audio/midi", .modified_us = s.created_at,
		.cache_control = cache }, e))
		rc = failed_or_gone(api, s.id, e);
	samples_free(&s);
	return rc;
}

static int
collect(void *ctx, const void *p, size_t n, struct err *e)
{
	(void)e;
	buf_add(ctx, p, n);
	return 0;
}

static int
read_peaks(struct api *api, const char *key, struct peaks *out, struct err *e)
{
	struct buf bytes = {0};
	uint64_t size;
	int rc = -1;

	if (storage_head(api->storage, key, &size, e)) goto out;
	if (size > PEAKS_MAX_BYTES) {
		err_set(e, ERR_UNREADABLE, "they are too long");
		goto out;
	}
	if (storage_read(api->storage, key, 0, size, collect, &bytes, e)) goto out;
	rc = peaks_parse(buf_str(&bytes), bytes.n, out, e);
out:
	/* Whatever is wrong with an object of ours, the request is not to blame. */
	if (rc && e->kind != ERR_INTERNAL) {
		e->kind = ERR_AWAY;
		err_prefix(e, "peaks %s", key);
	}
	buf_free(&bytes);
	return rc;
}

int
api_audio_peaks(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct sample s = {0};
	struct peaks stored = {0}, shown = {0};
	uint32_t points = POINTS;
	int rc = -1;

	if (query_u32(&req->query, "points", 1, MAX_POINTS, &points, e) ||
		samples_get(api->db, req->id[0], &s, e))
		goto out;
	if (read_peaks(api, s.peaks_key, &stored, e)) {
		failed_or_gone(api, s.id, e);
		goto out;
	}
	shown = peaks_resample(&stored, points);
	peaks_json(&shown, response_text(res, 200, "application/json"));
	response_header(res, "Cache-Control", "%s", cache);
	response_etag(res, req);
	rc = 0;
out:
	peaks_free(&stored);
	peaks_free(&shown);
	samples_free(&s);
	return rc;
}

int
api_audio_delete(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct err ignored;

	if (removal_sample(api->db, req->id[0], transcode_forms(), e)) return -1;
	/* The daemon deletes the objects, now or when it next runs. */
	if (ipc_wake_or_start(&api->ipc, &ignored)) log_error("wake the daemon: %s", ignored.text);
	answer_status(res, "deleted", "id", req->id[0]);
	return 0;
}
