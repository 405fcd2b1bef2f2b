#include "api/transcode.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/child.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/io.h"
#include "records/removal.h"

enum { WAIT_MS = 60000, RUN_MS = 120000, STEP_US = 10000 };

static struct object_form
form_of(const struct format *f)
{
	return (struct object_form){ "derived", f->extension };
}

const struct object_form *
transcode_forms(void)
{
	static struct object_form forms[REMOVAL_MAX_FORMS + 1];

	for (size_t i = 0; formats[i].name; i++) forms[i] = form_of(&formats[i]);
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

int
transcode_make(struct api *api, const char *source_key, const struct format *f,
	char key[STORAGE_KEY], struct err *e)
{
	char source[STORAGE_PATH], to[STORAGE_PATH];
	const char *const command[] = { "transcode", source, f->name, to, NULL };
	uint64_t size;
	int fd, rc = -1;

	transcode_key(source_key, f, key);
	if (storage_head(api->storage, key, &size, e) == 0) return 0;
	if (e->kind != ERR_NOT_FOUND) return -1;
	if (!storage_path(api->storage, source_key, source))
		return err_set(e, ERR_INTERNAL, "the storage has no files to convert");
	if ((fd = wait_for_turn(api, key, e)) == -2) return 0;
	if (fd < 0) return -1;
	if (!storage_check(api->storage, e) && !storage_stage(api->storage, key, to, e) &&
		!child_run(command, RUN_MS, NULL, 0, e) && !storage_put(api->storage, key, e))
		rc = 0;
	close(fd);
	return rc;
}
