#include "api/sample.h"

#include <math.h>

#include "api/feedback.h"
#include "api/formats.h"
#include "base/hash.h"
#include "http/request.h"

static void
write_prompt(const struct sample *s, struct jtext *out)
{
	jtext_begin(out, "prompt", '{');
	jtext_id(out, "id", s->prompt_id);
	jtext_text(out, "text", s->prompt_text);
	jtext_json(out, "attributes", s->prompt_attributes);
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
write_tags(const struct sample_feedback *f, const char *name, bool positive, struct jtext *out)
{
	jtext_begin(out, name, '[');
	for (size_t i = 0; i < f->n_tags; i++)
		if (f->tags[i].is_positive == positive) jtext_text(out, NULL, f->tags[i].tag);
	jtext_end(out, ']');
}

static void
write_feedback(const struct sample_feedback *f, struct jtext *out)
{
	jtext_begin(out, "feedback", '{');
	jtext_real(out, "average_rating", feedback_average(f->rating_sum, f->ratings));
	jtext_int(out, "rating_count", f->ratings);
	write_tags(f, "positive_tags", true, out);
	write_tags(f, "negative_tags", false, out);
	jtext_id(out, "favorite_id", f->favorite_id);
	if (uuid_is_nil(f->rating_id)) jtext_json(out, "own_rating", NULL);
	else {
		jtext_begin(out, "own_rating", '{');
		jtext_id(out, "id", f->rating_id);
		jtext_int(out, "rating", f->rating);
		jtext_end(out, '}');
	}
	jtext_end(out, '}');
}

void
sample_write(const struct request *req, const struct sample *s, const char *label,
	struct jtext *out)
{
	jtext_begin(out, NULL, '{');
	if (label) jtext_text(out, "label", label);
	jtext_id(out, "id", s->id);
	jtext_id(out, "job_id", s->job_id);
	jtext_id(out, "user_id", s->user_id);
	jtext_int(out, "index", s->index);
	jtext_text(out, "title", s->title);
	jtext_id(out, "prompt_id", s->prompt_id);
	write_prompt(s, out);
	jtext_id(out, "adapter_id", s->adapter_id);
	jtext_json(out, "adapter", s->adapter);
	jtext_id(out, "experiment_id", s->experiment_id);
	jtext_text(out, "model", s->model);
	write_sound(s, out);
	jtext_json(out, "generation_params", s->params);
	jtext_text(out, "storage_path", s->storage_key);
	write_feedback(&s->feedback, out);
	jtext_time(out, "created_at", s->created_at);
	write_url(req, s, "stream_url", "stream", out);
	write_url(req, s, "download_url", "stream?download=1", out);
	write_url(req, s, "peaks_url", "peaks", out);
	if (*s->midi_key) write_url(req, s, "midi_url", "midi", out);
	else jtext_text(out, "midi_url", NULL);
	jtext_end(out, '}');
}
