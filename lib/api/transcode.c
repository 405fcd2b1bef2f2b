#include "api/transcode.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/child.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "records/removal.h"

enum { WAIT_MS = 60000, RUN_MS = 120000, STEP_US = 10000, BLIND_PEAK_DBTP = -1 };

static const struct object_form blind_form = { "blind", ".wav", false };

/* In these a stem is kept, since what is lost in others differs from stem to stem. */
enum { STEM_FORMATS = 2, STEMS = 6 };
static const char *const stem_formats[STEM_FORMATS] = { "flac", "wav" };

static struct object_form
form_of(const struct format *f)
{
	return (struct object_form){ "derived", f->extension, false };
}

/* text holds the suffix. */
static struct object_form
stem_form(int stem, const struct format *f, char text[32])
{
	snprintf(text, 32, "-%s%s", format_stems[stem], f->extension);
	return (struct object_form){ "stems", text, true };
}

const struct object_form *
transcode_forms(void)
{
	static struct object_form forms[REMOVAL_MAX_FORMS + 1];
	static char suffix[STEMS * STEM_FORMATS][32];
	size_t n = 0, k = 0;

	for (; formats[n].name; n++) forms[n] = form_of(&formats[n]);
	forms[n++] = blind_form;
	for (int i = 0; i < STEM_FORMATS; i++)
		for (int stem = 0; stem < STEMS; stem++)
			forms[n++] = stem_form(stem, formats_find(stem_formats[i]), suffix[k++]);
	return forms;
}

void
transcode_key(const char *source_key, const struct format *f, char key[STORAGE_KEY])
{
	struct object_form form = form_of(f);

	objects_derived_key(source_key, &form, key);
}

/* One at a time on this host: the processors belong to the workers, and two may not write one file.
 * Returns the lock's descriptor, -1 with *e, or -2 when the object has appeared meanwhile. */
static int
wait_for_turn(struct api *api, const char *key, struct err *e)
{
	int64_t until = clock_now_ms() + WAIT_MS;
	char lock[PATH_MAX];
	uint64_t size;
	int fd;

	if (io_join(lock, sizeof lock, api->conf->state_dir, "transcode.lock", e)) return -1;
	while ((fd = io_lock_file(lock, e)) < 0) {
		if (e->kind != ERR_CONFLICT) return -1;
		if (storage_head(api->storage, key, &size, e) == 0) return -2;
		if (clock_now_ms() > until)
			return err_set(e, ERR_BUSY, "Too many files are being converted; try again "
				"shortly.");
		usleep(STEP_US);
	}
	if (storage_head(api->storage, key, &size, e) != 0) return fd;
	close(fd);
	return -2;
}

/* Make sure that the object of key is there: what this command, ended by NULL, writes to the file `to`,
 * which it names somewhere and which is only known here. */
static int
make(struct api *api, const char *key, const char *const *command, char to[STORAGE_PATH],
	struct err *e)
{
	struct child c = { .args = command, .max_ms = RUN_MS };
	uint64_t size;
	int fd, rc = -1;

	if (storage_head(api->storage, key, &size, e) == 0) return 0;
	if (e->kind != ERR_NOT_FOUND) return -1;
	if ((fd = wait_for_turn(api, key, e)) == -2) return 0;
	if (fd < 0) return -1;
	if (!storage_check(api->storage, e) && !storage_stage(api->storage, key, to, e) &&
		!child_run(&c, e) && !storage_put(api->storage, key, e))
		rc = 0;
	close(fd);
	return rc;
}

int
transcode_make(struct api *api, const char *source_key, const struct format *f,
	char key[STORAGE_KEY], struct err *e)
{
	char source[STORAGE_PATH], to[STORAGE_PATH];
	const char *const command[] = { "transcode", source, f->name, to, NULL };

	transcode_key(source_key, f, key);
	if (storage_file(api->storage, source_key, source, e)) return -1;
	return make(api, key, command, to, e);
}

int
transcode_stem(struct api *api, const struct sample *s, int stem, const struct format *f,
	char key[STORAGE_KEY], struct err *e)
{
	char score[STORAGE_PATH], source[STORAGE_PATH], to[STORAGE_PATH], suffix[32];
	const char *const command[] = { "render", score, "-o", to, "--stem", format_stems[stem],
		"--format", f->name, "--tags-of", source, "--model", s->model, NULL };
	struct object_form form = stem_form(stem, f, suffix);
	bool keeps = false;

	if (!*s->midi_key)
		return err_set(e, ERR_NOT_FOUND, "The model %s writes no score, and so has no stems.",
			s->model);
	for (int i = 0; i < STEM_FORMATS; i++) keeps |= strcmp(stem_formats[i], f->name) == 0;
	if (!keeps)
		return err_set(e, ERR_INVALID, "Stems come as flac or wav: in %s they would not add "
			"up.", f->name);
	objects_derived_key(s->storage_key, &form, key);
	if (storage_file(api->storage, s->midi_key, score, e) ||
		storage_file(api->storage, s->storage_key, source, e))
		return -1;
	return make(api, key, command, to, e);
}

double
transcode_blind_gain(const struct sample *s)
{
	double gain = BLIND_LUFS - s->loudness_lufs, room = BLIND_PEAK_DBTP - s->true_peak_dbtp;

	if (s->silent) return 0;
	return gain <= 0 || gain <= room ? gain : room > 0 ? room : 0;
}

int
transcode_blind(struct api *api, const struct sample *s, char key[STORAGE_KEY], struct err *e)
{
	char source[STORAGE_PATH], to[STORAGE_PATH], gain[32], frames[32];
	const char *const command[] = { "transcode", source, "wav", to, "--gain", gain, "--frames",
		frames, "--untagged", NULL };
	cJSON *params = json_parse(s->params, strlen(s->params), e);
	double made_s = (double)s->frames / s->sample_rate;

	snprintf(gain, sizeof gain, "%.4f", transcode_blind_gain(s));
	snprintf(frames, sizeof frames, "%lld",
		llround(json_real(params, "duration", made_s) * s->sample_rate));
	cJSON_Delete(params);
	objects_derived_key(s->storage_key, &blind_form, key);
	if (storage_file(api->storage, s->storage_key, source, e)) return -1;
	return make(api, key, command, to, e);
}
