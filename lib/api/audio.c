#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "api/formats.h"
#include "api/handlers.h"
#include "api/transcode.h"
#include "audio/peaks.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/jtext.h"
#include "base/log.h"
#include "base/str.h"
#include "http/response.h"
#include "records/prompts.h"
#include "records/removal.h"
#include "records/samples.h"

/* What is sent of an id never changes, but it can be deleted. */
static const char cache[] = "private, max-age=3600";

enum { POINTS = 1000, MAX_POINTS = 100000 };

static void
write_prompt(const struct prompt *p, struct jtext *out)
{
	jtext_begin(out, "prompt", '{');
	jtext_id(out, "id", p->id);
	jtext_text(out, "text", p->text);
	jtext_json(out, "attributes", p->attributes);
	jtext_end(out, '}');
}

static void
write_sound(const struct sample *s, struct jtext *out)
{
	const struct format *f = formats_find(s->format);
	char sha[SHA256_HEX];

	hash_hex(s->sha256, SHA256_BYTES, sha);
	jtext_real(out, "duration_seconds", s->sample_rate ? (double)s->frames / s->sample_rate
		: 0);
	jtext_int(out, "sample_rate", s->sample_rate);
	jtext_int(out, "channels", s->channels);
	jtext_int(out, "frames", (int64_t)s->frames);
	jtext_text(out, "format", s->format);
	jtext_text(out, "content_type", f ? f->content_type : NULL);
	jtext_int(out, "size_bytes", (int64_t)s->size_bytes);
	jtext_text(out, "sha256", sha);
	jtext_real(out, "loudness_lufs", s->silent ? NAN : s->loudness_lufs);
	jtext_real(out, "true_peak_dbtp", s->silent ? NAN : s->true_peak_dbtp);
}

/* A URL of this sample, absolute within this host. */
static void
write_url(const struct request *req, const struct sample *s, const char *name, const char *end,
	struct jtext *out)
{
	struct buf url = {0};

	buf_addf(&url, "%s/api/audio/%s/%s", req->base_path, UUID_STR(s->id), end);
	jtext_text(out, name, url.p);
	buf_free(&url);
}

static void
write_sample(const struct request *req, const struct sample *s, const struct prompt *p,
	struct jtext *out)
{
	jtext_begin(out, NULL, '{');
	jtext_id(out, "id", s->id);
	jtext_id(out, "job_id", s->job_id);
	jtext_int(out, "index", s->index);
	jtext_text(out, "title", s->title);
	jtext_id(out, "prompt_id", s->prompt_id);
	write_prompt(p, out);
	jtext_id(out, "adapter_id", s->adapter_id);
	jtext_json(out, "adapter", s->adapter);
	jtext_text(out, "model", s->model);
	write_sound(s, out);
	jtext_json(out, "generation_params", s->params);
	jtext_text(out, "storage_path", s->storage_key);
	jtext_time(out, "created_at", s->created_at);
	write_url(req, s, "stream_url", "stream", out);
	write_url(req, s, "download_url", "stream?download=1", out);
	write_url(req, s, "peaks_url", "peaks", out);
	if (*s->midi_key) write_url(req, s, "midi_url", "midi", out);
	else jtext_text(out, "midi_url", NULL);
	jtext_end(out, '}');
}

int
api_audio_get(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct sample s = {0};
	struct prompt p = {0};
	struct jtext out = {0};
	int rc = -1;

	if (samples_get(api->db, req->id[0], &s, e) || prompts_get(api->db, s.prompt_id, &p, e))
		goto out;
	out.out = response_text(res, 200, "application/json");
	write_sample(req, &s, &p, &out);
	response_etag(res, req);
	rc = 0;
out:
	prompts_free(&p);
	samples_free(&s);
	return rc;
}

/* Answer with an object. tag goes into its ETag beside the length: the hash of what it was made
 * from. */
static int
send_object(struct api *api, const struct request *req, struct response *res, const char *key,
	const char *content_type, const char *tag, int64_t modified_us, struct err *e)
{
	char path[STORAGE_PATH], etag[160];
	struct stat st;
	int fd = storage_open_file(api->storage, key, path, e);

	if (fd < 0) return -1;
	if (fstat(fd, &st) < 0) {
		close(fd);
		return err_set(e, ERR_AWAY, "storage: %s: %s", path, strerror(errno));
	}
	snprintf(etag, sizeof etag, "\"%s-%jx\"", tag, (uintmax_t)st.st_size);
	response_file(res, req, &(struct response_file){ fd, path, (uint64_t)st.st_size,
		content_type, etag, modified_us, cache });
	return 0;
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
static int
name_download(struct api *api, struct response *res, const struct sample *s, const struct format *f,
	struct err *e)
{
	char words[300], name[340], index[16] = "";
	struct prompt p = {0};
	int rc = prompts_get(api->db, s->prompt_id, &p, e);

	if (!rc) {
		str_preview(words, sizeof words, p.text, 60);
		for (char *c = words; *c; c++)
			if (strchr("/\\:*?\"<>|", *c)) *c = '-';
		if (s->index) snprintf(index, sizeof index, " (%d)", s->index + 1);
		snprintf(name, sizeof name, "%s%s%s", words + strspn(words, ". "), index,
			f->extension);
		response_attachment(res, name);
	}
	prompts_free(&p);
	return rc;
}

int
api_audio_stream(void *ctx, struct request *req, struct response *res, struct err *e)
{
	static const char *const no_yes[] = { "0", "1", NULL };
	struct api *api = ctx;
	struct sample s = {0};
	const struct format *f;
	char key[STORAGE_KEY], sha[SHA256_HEX], tag[SHA256_HEX + 16];
	int format = -1, download = 0, rc = -1;

	if (query_choice(&req->query, "format", format_names, &format, e) ||
		query_choice(&req->query, "download", no_yes, &download, e) ||
		samples_get(api->db, req->id[0], &s, e))
		goto out;
	f = format < 0 ? formats_find(s.format) : &formats[format];
	if (!f) {
		err_set(e, ERR_INTERNAL, "audio %s has the unknown format %s", UUID_STR(s.id),
			s.format);
		goto out;
	}
	if (strcmp(f->name, s.format) == 0) str_copy(key, sizeof key, s.storage_key);
	else if (transcode_make(api, s.storage_key, f, key, e)) {
		failed_or_gone(api, s.id, e);
		goto out;
	}
	hash_hex(s.sha256, 16, sha);
	snprintf(tag, sizeof tag, "%s-%s", sha, f->name);
	if (download && name_download(api, res, &s, f, e)) goto out;
	rc = send_object(api, req, res, key, f->content_type, tag, s.created_at, e);
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
	if (!rc && send_object(api, req, res, s.midi_key, "audio/midi", UUID_STR(s.id),
		s.created_at, e))
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
	struct jtext out = {0};

	if (removal_sample(api->db, req->id[0], transcode_forms(), e)) return -1;
	/* The daemon deletes the objects, now or when it next runs. */
	if (ipc_wake_or_start(&api->ipc, &ignored)) log_error("wake the daemon: %s", ignored.text);
	out.out = response_text(res, 200, "application/json");
	jtext_begin(&out, NULL, '{');
	jtext_text(&out, "status", "deleted");
	jtext_id(&out, "id", req->id[0]);
	jtext_end(&out, '}');
	return 0;
}
