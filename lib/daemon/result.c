#include "daemon/result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "storage/storage.h"

static bool
get_whole(const cJSON *o, const char *name, double max, uint64_t *out)
{
	double v = json_real(o, name, -1);

	if (!(v >= 0 && v <= max) || v != floor(v)) return false;
	*out = (uint64_t)v;
	return true;
}

/* A key must be one that we gave this claim, whatever the worker says: JOB-ATTEMPT-INDEX is in
 * it. */
static bool
get_key(const struct claim_work *w, int index, const cJSON *o, const char *name,
	char key[SAMPLE_KEY])
{
	char ours[80];

	snprintf(ours, sizeof ours, "/%s-%u-%d.", UUID_STR(w->claim.job), w->claim.attempt, index);
	return str_copy(key, SAMPLE_KEY, json_text(o, name, "")) && storage_key_ok(key) &&
		strstr(key, ours) != NULL;
}

static char *
get_json(const cJSON *o, const char *name)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);

	return cJSON_IsObject(v) ? cJSON_PrintUnformatted(v) : NULL;
}

static int
read_sample(const struct claim_work *w, const cJSON *o, int index, struct sample *s, struct err *e)
{
	uint64_t seed, rate, channels;
	const cJSON *lufs = cJSON_GetObjectItemCaseSensitive(o, "loudness_lufs");

	s->index = index;
	s->job_id = w->claim.job;
	s->prompt_id = w->prompt_id;
	/* What made it is what the job was submitted with, whatever the worker says. */
	s->adapter_id = w->adapter_id;
	if (w->adapter && !(s->adapter = strdup(w->adapter))) abort();
	if (!str_copy(s->model, sizeof s->model, w->model) ||
		!str_copy(s->format, sizeof s->format, w->format) ||
		!get_whole(o, "seed", UINT32_MAX, &seed) ||
		!get_whole(o, "sample_rate", 768000, &rate) || !rate ||
		!get_whole(o, "channels", 8, &channels) || !channels ||
		!get_whole(o, "frames", 1e12, &s->frames) || !s->frames ||
		!get_whole(o, "size_bytes", 1e13, &s->size_bytes) || !s->size_bytes ||
		hash_unhex(json_text(o, "sha256", ""), s->sha256, SHA256_BYTES) ||
		!get_key(w, index, o, "storage_key", s->storage_key) ||
		!get_key(w, index, o, "peaks_key", s->peaks_key) ||
		!(s->params = get_json(o, "params")))
		return err_set(e, ERR_INTERNAL, "The worker's answer is damaged.");
	if (*json_text(o, "midi_key", "") && !get_key(w, index, o, "midi_key", s->midi_key))
		return err_set(e, ERR_INTERNAL, "The worker's answer is damaged.");
	s->seed = (uint32_t)seed;
	s->sample_rate = (uint32_t)rate;
	s->channels = (uint32_t)channels;
	s->silent = !cJSON_IsNumber(lufs);
	s->loudness_lufs = json_real(o, "loudness_lufs", 0);
	s->true_peak_dbtp = json_real(o, "true_peak_dbtp", 0);
	str_preview(s->title, sizeof s->title, json_text(o, "title", ""), 48);
	return 0;
}

int
result_read(const struct claim_work *w, const cJSON *done, struct sample samples[JOB_MAX_SAMPLES],
	int *n, char **understood, struct err *e)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(done, "samples"), *o;

	*n = 0;
	*understood = NULL;
	if (cJSON_GetArraySize(list) != w->num_samples || w->num_samples > JOB_MAX_SAMPLES)
		return err_set(e, ERR_INTERNAL, "The worker made %d samples, not %d.",
			cJSON_GetArraySize(list), w->num_samples);
	cJSON_ArrayForEach(o, list) {
		int index = (*n)++;

		if (read_sample(w, o, index, &samples[index], e)) return -1;
	}
	*understood = get_json(done, "understood");
	return 0;
}
