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

enum { WAIT_MS = 60000, RUN_MS = 120000, STEP_US = 10000, MAX_WORDS = 12, BLIND_PEAK_DBTP = -1 };

static const struct object_form blind_form = { "blind", ".wav" };

static struct object_form
form_of(const struct format *f)
{
	return (struct object_form){ "derived", f->extension };
}

const struct object_form *
transcode_forms(void)
{
	static struct object_form forms[REMOVAL_MAX_FORMS + 1];
	size_t n = 0;

	for (; formats[n].name; n++) forms[n] = form_of(&formats[n]);
	forms[n] = blind_form;
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

/* Make sure that the object of key is there: what `earshot transcode` makes of the source with
 * these options, ended by NULL. */
static int
make(struct api *api, const char *source_key, const struct format *f, const char *key,
	const char *const *options, struct err *e)
{
	char source[STORAGE_PATH], to[STORAGE_PATH];
	const char *command[MAX_WORDS] = { "transcode", source, f->name, to };
	struct child c = { .args = command, .max_ms = RUN_MS };
	uint64_t size;
	int fd, rc = -1;

	for (size_t i = 4; i < MAX_WORDS - 1 && *options; i++) command[i] = *options++;
	if (storage_head(api->storage, key, &size, e) == 0) return 0;
	if (e->kind != ERR_NOT_FOUND) return -1;
	if (!storage_path(api->storage, source_key, source))
		return err_set(e, ERR_INTERNAL, "the storage has no files to convert");
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
	static const char *const plain[] = { NULL };

	transcode_key(source_key, f, key);
	return make(api, source_key, f, key, plain, e);
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
	char gain[32], frames[32];
	const char *const options[] = { "--gain", gain, "--frames", frames, "--untagged", NULL };
	cJSON *params = json_parse(s->params, strlen(s->params), e);
	double made_s = (double)s->frames / s->sample_rate;

	snprintf(gain, sizeof gain, "%.4f", transcode_blind_gain(s));
	snprintf(frames, sizeof frames, "%lld",
		llround(json_real(params, "duration", made_s) * s->sample_rate));
	cJSON_Delete(params);
	objects_derived_key(s->storage_key, &blind_form, key);
	return make(api, s->storage_key, formats_find("wav"), key, options, e);
}
