/* earshot model fetch: a checkpoint from the Hugging Face Hub, or from a copy of it.
 *
 * The Hub is asked which files a revision has, of which size and hash
 * (GET /api/models/OWNER/NAME/revision/R?blobs=true). They come from
 * /OWNER/NAME/resolve/COMMIT/FILE into a folder of their own beside the models, ".fetch-ID", which
 * stays when something breaks off and is gone on with by the next run. When all are there and are a
 * MusicGen checkpoint, the folder becomes that of the model in one step. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/json.h"
#include "base/list.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/download.h"
#include "engine/musicgen/folder.h"
#include "engine/musicgen/safetensors.h"
#include "engine/musicgen/tokenizer.h"

enum {
	PATH = 4096, URL = 1024,
	LISTING_BYTES = 8 << 20,
	FILES_MAX = 64,
	TEXT_BYTES = 64 << 20,		/* of a file that is no weights */
	SPARE_BYTES = 64 << 20,		/* of the disk */
	SHOW_MS = 200,
};

static const uint64_t weights_bytes = 1ull << 40;

#define FETCHED "fetched.json"		/* in the model's folder: where it is from */

struct file {
	char name[FOLDER_FILE];
	uint64_t size;
	uint8_t sha256[SHA256_BYTES];
	bool hashed;			/* the Hub knows it: it does of large files */
};

struct fetch {
	const struct conf *conf;
	const char *conf_file;		/* as named; NULL: not at all */
	char id[ENGINE_MODEL_ID], repository[128];
	const char *revision;
	char commit[80];
	struct file *files;		/* owned; config.json first */
	size_t n;
	char folder[PATH], staging[PATH];
	/* for who watches */
	const struct file *now;
	int64_t shown_ms, began_ms;
	uint64_t began_at;
};

/* "owner/name" */
static bool
is_repository(const char *s)
{
	const char *slash = strchr(s, '/');
	char owner[ENGINE_MODEL_ID];

	return slash && (size_t)(slash - s) < sizeof owner &&
		snprintf(owner, sizeof owner, "%.*s", (int)(slash - s), s) > 0 &&
		folder_name_ok(owner) && folder_name_ok(slash + 1);
}

static int
choose(struct fetch *f, const char *what, const char *id, struct err *e)
{
	const struct folder_known *k = folder_find_known(what);

	if (!k && !is_repository(what))
		return err_set(e, ERR_UNREADABLE, "%s is neither musicgen-small, musicgen-medium "
			"or musicgen-large nor a repository, OWNER/NAME", what);
	if (!id) id = k ? k->id : strchr(what, '/') + 1;
	if (!folder_name_ok(id))
		return err_set(e, ERR_UNREADABLE, "--as must be 1 to %d letters, digits and . _ -, "
			"the first no dot", ENGINE_MODEL_ID - 1);
	str_copy(f->id, sizeof f->id, id);
	str_copy(f->repository, sizeof f->repository, k ? k->hub : what);
	return 0;
}

static bool
is_hex(const char *s)
{
	return *s && strspn(s, "0123456789abcdef") == strlen(s);
}

/* A member of the listing, if it is one of a model's files. */
static int
add_file(struct fetch *f, const cJSON *v, struct err *e)
{
	const cJSON *lfs = cJSON_GetObjectItemCaseSensitive(v, "lfs");
	const char *name = json_text(v, "rfilename", "");
	enum folder_role role = folder_role_of(name);
	double size = json_real(v, "size", json_real(lfs, "size", -1));
	struct file one = {0};

	if (role == FOLDER_OTHER) return 0;
	if (!(size >= 1 && size <= (role == FOLDER_WEIGHTS ? (double)weights_bytes : TEXT_BYTES)))
		return err_set(e, ERR_INVALID, "the listing has no size for %s", name);
	if (f->n == FILES_MAX)
		return err_set(e, ERR_INVALID, "the listing has more than %d files", FILES_MAX);
	str_copy(one.name, sizeof one.name, name);
	one.size = (uint64_t)size;
	one.hashed = cJSON_IsObject(lfs);
	if (one.hashed && hash_unhex(json_text(lfs, "sha256", ""), one.sha256, SHA256_BYTES) != 0)
		return err_set(e, ERR_INVALID, "the listing has no SHA-256 for %s", name);
	f->files = list_grow(f->files, f->n, sizeof *f->files);
	f->files[f->n++] = one;
	return 0;
}

static const struct file *
find_file(const struct fetch *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->files[i].name, name) == 0) return &f->files[i];
	return NULL;
}

/* The small ones first: what is no MusicGen checkpoint is known before anything large has come. */
static int
by_size(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	return x->size < y->size ? -1 : x->size > y->size;
}

/* Weights may be there as a whole and in parts as well. */
static void
drop_parts(struct fetch *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		if (folder_role_of(f->files[i].name) != FOLDER_WEIGHTS ||
			strcmp(f->files[i].name, "model.safetensors") == 0)
			f->files[n++] = f->files[i];
	f->n = n;
}

static int
check_config(const char *path, struct err *e)
{
	struct musicgen_config c;

	return config_read(path, &c, e);
}

static int
check_tokenizer(const char *path, struct err *e)
{
	struct tokenizer *t = tokenizer_open(path, e);

	tokenizer_close(t);
	return t ? 0 : -1;
}

/* What tells, before anything large comes, whether this engine takes the checkpoint. */
static const struct {
	const char *name;
	int (*check)(const char *path, struct err *e);
} texts[] = {
	{ "config.json", check_config }, { "tokenizer.json", check_tokenizer },
};

static int
check_listing(struct fetch *f, struct err *e)
{
	for (size_t i = 0; i < NELEM(texts); i++)
		if (!find_file(f, texts[i].name))
			return err_set(e, ERR_INVALID, "%s has no %s", f->repository, texts[i].name);
	if (find_file(f, "model.safetensors")) drop_parts(f);
	else if (!find_file(f, "model.safetensors.index.json"))
		return err_set(e, ERR_INVALID, "%s has no weights in the safetensors format",
			f->repository);
	qsort(f->files, f->n, sizeof *f->files, by_size);
	return 0;
}

static int
read_listing(struct fetch *f, struct err *e)
{
	struct buf text = {0};
	cJSON *tree = NULL;
	const cJSON *v;
	char url[URL];
	int rc = -1;

	snprintf(url, sizeof url, "%s/api/models/%s/revision/%s?blobs=true", f->conf->models_url,
		f->repository, f->revision);
	if (download_text(url, LISTING_BYTES, &text, e) != 0) goto out;
	if (!(tree = json_parse(buf_str(&text), text.n, e))) {
		err_prefix(e, "%s", url);
		goto out;
	}
	if (!str_copy(f->commit, sizeof f->commit, json_text(tree, "sha", "")) ||
		!is_hex(f->commit)) {
		err_set(e, ERR_INVALID, "%s: it is no listing of a model", url);
		goto out;
	}
	cJSON_ArrayForEach(v, cJSON_GetObjectItemCaseSensitive(tree, "siblings"))
		if (add_file(f, v, e) != 0) goto out;
	rc = check_listing(f, e);
out:
	cJSON_Delete(tree);
	buf_free(&text);
	return rc;
}

/* All files of a model that a folder has, and the folder if nothing else is in it. */
static void
remove_model(const char *folder)
{
	char path[PATH];
	struct err ignored;
	struct dirent *d;
	DIR *dir = opendir(folder);

	while (dir && (d = readdir(dir))) {
		const char *end = strrchr(d->d_name, '.');
		bool part = end && strcmp(end, ".part") == 0;

		if ((part || folder_role_of(d->d_name) != FOLDER_OTHER ||
			strcmp(d->d_name, FETCHED) == 0) &&
			io_join(path, sizeof path, folder, d->d_name, &ignored) == 0)
			unlink(path);
	}
	if (dir) closedir(dir);
	rmdir(folder);
}

/* Are the files of this folder those of f's commit? */
static bool
is_of_commit(const struct fetch *f, const char *folder)
{
	struct buf text = {0};
	struct err ignored;
	char path[PATH];
	cJSON *tree = NULL;
	bool same = false;

	if (io_join(path, sizeof path, folder, FETCHED, &ignored) == 0 &&
		buf_read_file(&text, path, 4096, &ignored) == 0 &&
		(tree = json_parse(buf_str(&text), text.n, &ignored)))
		same = strcmp(json_text(tree, "commit", ""), f->commit) == 0 &&
			strcmp(json_text(tree, "repository", ""), f->repository) == 0;
	cJSON_Delete(tree);
	buf_free(&text);
	return same;
}

static int
write_origin(const struct fetch *f, struct err *e)
{
	struct buf text = {0};
	cJSON *o = json_object();
	char path[PATH];
	int fd = -1, rc = -1;

	json_add_text(o, "repository", f->repository);
	json_add_text(o, "commit", f->commit);
	json_print(o, &text);
	buf_addc(&text, '\n');
	if (io_join(path, sizeof path, f->staging, FETCHED, e) != 0) goto out;
	if ((fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) < 0)
		err_set(e, ERR_INTERNAL, "cannot write %s: %s", path, strerror(errno));
	else rc = io_write_full(fd, text.p, text.n, e);
out:
	if (fd >= 0) close(fd);
	cJSON_Delete(o);
	buf_free(&text);
	return rc;
}

/* What an earlier run has left there is kept if it is of the same commit. */
static int
open_staging(struct fetch *f, struct err *e)
{
	char name[ENGINE_MODEL_ID + 16];

	snprintf(name, sizeof name, ".fetch-%s", f->id);
	if (io_join(f->staging, sizeof f->staging, f->conf->models_dir, name, e) != 0) return -1;
	if (!is_of_commit(f, f->staging)) remove_model(f->staging);
	return io_mkdirs(f->staging, 0755, e) != 0 || write_origin(f, e) != 0 ? -1 : 0;
}

/* Bytes of a file that are here already, whole or in part. */
static uint64_t
bytes_here(const struct fetch *f, const struct file *one)
{
	char path[PATH];
	struct stat st;

	for (int part = 0; part < 2; part++)
		if (snprintf(path, sizeof path, "%s/%s%s", f->staging, one->name, part ? ".part" :
			"") < PATH && stat(path, &st) == 0 && (uint64_t)st.st_size <= one->size)
			return (uint64_t)st.st_size;
	return 0;
}

static int
check_room(const struct fetch *f, struct err *e)
{
	uint64_t needed = SPARE_BYTES, left;
	struct statvfs disk;

	for (size_t i = 0; i < f->n; i++) needed += f->files[i].size - bytes_here(f, &f->files[i]);
	if (statvfs(f->staging, &disk) != 0) return 0;
	left = (uint64_t)disk.f_bavail * disk.f_frsize;
	return needed <= left ? 0 : err_set(e, ERR_AWAY, "%s has %.1f GB left, of which %.1f GB "
		"would be needed", f->conf->models_dir, (double)left / 1e9, (double)needed / 1e9);
}

static void
show(void *ctx, uint64_t done, uint64_t of)
{
	struct fetch *f = ctx;
	int64_t now = clock_now_ms();
	double s;

	if (!isatty(STDERR_FILENO)) return;
	if (!f->began_ms) {
		f->began_ms = now;
		f->began_at = done;
	}
	if (now - f->shown_ms < SHOW_MS && done < of) return;
	f->shown_ms = now;
	s = (double)(now - f->began_ms) / 1e3;
	fprintf(stderr, "\r%s: %3d %% of %.1f MB", f->now->name, (int)(100 * done / of),
		(double)of / 1e6);
	if (s > 1) fprintf(stderr, ", %.1f MB/s ", (double)(done - f->began_at) / 1e6 / s);
	if (done == of) fputs("\r\033[K", stderr);
}

static int
get_file(struct fetch *f, const struct file *one, struct err *e)
{
	char url[URL], path[PATH];
	struct download d = { .url = url, .path = path, .size = one->size,
		.sha256 = one->hashed ? one->sha256 : NULL, .progress = show, .ctx = f };
	struct stat st;

	snprintf(url, sizeof url, "%s/%s/resolve/%s/%s", f->conf->models_url, f->repository,
		f->commit, one->name);
	if (io_join(path, sizeof path, f->staging, one->name, e) != 0) return -1;
	if (stat(path, &st) == 0 && (uint64_t)st.st_size == one->size) return 0;
	f->now = one;
	f->began_ms = 0;
	if (download_file(&d, e) != 0) return -1;
	printf("%s: %" PRIu64 " bytes%s\n", one->name, one->size,
		one->hashed ? ", SHA-256 checked" : "");
	fflush(stdout);
	return 0;
}

/* One that is not taken does not stay, so that the next run asks for it again. */
static int
get_texts(struct fetch *f, struct err *e)
{
	char path[PATH];

	for (size_t i = 0; i < NELEM(texts); i++) {
		if (get_file(f, find_file(f, texts[i].name), e) != 0 ||
			io_join(path, sizeof path, f->staging, texts[i].name, e) != 0)
			return -1;
		if (texts[i].check(path, e) == 0) continue;
		unlink(path);
		return err_prefix(e, "%s", f->repository);
	}
	return 0;
}

static int
check_whole(const struct fetch *f, struct err *e)
{
	struct folder_files files;
	struct tensors *t = NULL;

	if (folder_check(f->staging, &files, e) == 0) t = tensors_open_model(f->staging, e);
	tensors_close(t);
	return t ? 0 : err_prefix(e, "%s", f->repository);
}

static int
get_files(struct fetch *f, struct err *e)
{
	if (get_texts(f, e) != 0) return -1;
	for (size_t i = 0; i < f->n; i++)
		if (get_file(f, &f->files[i], e) != 0) return -1;
	return check_whole(f, e);
}

/* The folder becomes the model's. One that was there is exchanged for it, and then removed: workers
 * that have its files open keep them. */
static int
move_in(const struct fetch *f, struct err *e)
{
	if (rename(f->staging, f->folder) != 0) {
		if (renameat2(AT_FDCWD, f->staging, AT_FDCWD, f->folder, RENAME_EXCHANGE) != 0)
			return err_set(e, ERR_INTERNAL, "cannot make %s: %s", f->folder,
				strerror(errno));
		remove_model(f->staging);
	}
	return io_sync_dir_of(f->folder, e);
}

static int
fetch(struct fetch *f, struct err *e)
{
	struct folder_files files;
	char name[ENGINE_MODEL_ID + 16], path[PATH];
	int lock, rc = -1;

	snprintf(name, sizeof name, ".fetch-%s.lock", f->id);
	if (io_mkdirs(f->conf->models_dir, 0755, e) != 0 ||
		io_join(f->folder, sizeof f->folder, f->conf->models_dir, f->id, e) != 0 ||
		io_join(path, sizeof path, f->conf->models_dir, name, e) != 0)
		return -1;
	if ((lock = io_lock_file(path, e)) < 0)
		return e->kind == ERR_CONFLICT ? err_set(e, ERR_CONFLICT, "another process fetches "
			"%s now", f->id) : -1;
	if (read_listing(f, e) != 0) goto out;
	if (is_of_commit(f, f->folder) && folder_check(f->folder, &files, e) == 0) {
		printf("%s is here already, of commit %.12s.\n", f->id, f->commit);
		rc = 0;
		goto out;
	}
	if (open_staging(f, e) != 0 || check_room(f, e) != 0 || get_files(f, e) != 0 ||
		move_in(f, e) != 0)
		goto out;
	printf("%s is here. `earshot%s%s model prepare %s` makes it smaller and faster.\n", f->id,
		f->conf_file ? " -c " : "", f->conf_file ? f->conf_file : "", f->id);
	rc = 0;
out:
	close(lock);
	return rc;
}

int
cli_model_fetch(const char *conf_file, int argc, char **argv, struct err *e)
{
	const char *what = NULL, *id = NULL;
	struct fetch f = { .conf_file = conf_file, .revision = "main" };
	const struct cli_option options[] = { { "--as", &id, NULL },
		{ "--revision", &f.revision, NULL } };
	struct conf c;
	size_t n;
	int rc = -1;

	if (cli_parse(argc, argv, options, NELEM(options), &what, 1, &n, e)) return -1;
	if (!n) return err_set(e, ERR_UNREADABLE, "the name of a model is needed");
	if (!folder_name_ok(f.revision))
		return err_set(e, ERR_UNREADABLE, "--revision must be a branch, tag or commit");
	if (choose(&f, what, id, e) != 0 || cli_load_conf(&c, conf_file, e)) return -1;
	for (n = strlen(c.models_url); n && c.models_url[n - 1] == '/';) c.models_url[--n] = '\0';
	f.conf = &c;
	rc = fetch(&f, e);
	free(f.files);
	return rc;
}
