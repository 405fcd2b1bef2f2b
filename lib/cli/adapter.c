/* earshot adapter check | pack | import | list; `train` is in train.c. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/cli.h"
#include "db/db.h"
#include "engine/engine.h"
#include "records/adapters.h"
#include "records/settings.h"
#include "storage/incoming.h"
#include "worker/take.h"

enum { MAX_FILES = 64, ABOUT_BYTES = 32768, CHECK_CPU_S = 60, PIECE = 65536 };

/* What the engine says of the file. */
static int
check_file(const char *model, const struct engine_env *env, const char *path, cJSON **about,
	struct err *e)
{
	const struct engine_table *t = engine_find(model, env, NULL);

	*about = NULL;
	if (access(path, R_OK) < 0)
		return err_set(e, ERR_NOT_FOUND, "cannot read %s: %s", path, strerror(errno));
	if (!t) return err_set(e, ERR_INVALID, "There is no model \"%s\" here.", model);
	if (!t->check_adapter)
		return err_set(e, ERR_INVALID, "The model %s takes no adapters.", model);
	return t->check_adapter(model, env, path, about, e);
}

/* As text for the records; left out where it is too long for them. */
static void
print_about(const cJSON *about, struct buf *out)
{
	if (cJSON_IsObject(about)) json_print(about, out);
	if (out->n > ABOUT_BYTES) buf_reset(out);
}

void
cli_limit_ourselves(const struct conf *c)
{
	struct rlimit memory = { (rlim_t)c->worker_memory_mb << 20,
		(rlim_t)c->worker_memory_mb << 20 };
	struct rlimit cpu = { CHECK_CPU_S, CHECK_CPU_S }, none = { 0, 0 };

	if (c->worker_memory_mb) setrlimit(RLIMIT_AS, &memory);
	setrlimit(RLIMIT_CPU, &cpu);
	setrlimit(RLIMIT_CORE, &none);
}

int
cli_print_verdict(cJSON *o, int rc, struct err *e)
{
	struct buf text = {0};

	if (rc && e->kind == ERR_INVALID) {
		cJSON_Delete(o);
		o = json_object();
		json_add_text(o, "refused", e->text);
		rc = 0;
	}
	if (!rc) {
		json_print(o, &text);
		puts(buf_str(&text));
	}
	buf_free(&text);
	cJSON_Delete(o);
	return rc;
}

/* {"about":{…}} for the responder (--json). */
static cJSON *
verdict(const cJSON *about)
{
	cJSON *o = json_object();
	struct buf text = {0};

	print_about(about, &text);
	json_add(o, "about", text.n ? cJSON_Parse(text.p) : NULL);
	buf_free(&text);
	return o;
}

static int
check(const char *conf_file, int argc, char **argv, struct err *e)
{
	const char *model = NULL, *path = NULL;
	bool json = false;
	const struct cli_option options[] = { { "--model", &model, NULL },
		{ "--json", NULL, &json } };
	cJSON *about = NULL;
	char *text = NULL;
	struct maker m;
	struct conf c;
	size_t n;
	int rc;

	if (cli_parse(argc, argv, options, NELEM(options), &path, 1, &n, e)) return -1;
	if (!n || !model) return err_set(e, ERR_UNREADABLE, "--model M and a file are needed");
	if (cli_load_conf(&c, conf_file, e)) return -1;
	cli_limit_ourselves(&c);
	maker_init(&m, &c);
	model = cli_model(&c, model, &m.env);
	rc = check_file(model, &m.env, path, &about, e);
	if (json) rc = cli_print_verdict(verdict(about), rc, e);
	else if (!rc) {
		text = about ? cJSON_Print(about) : NULL;
		printf("%s: an adapter for %s\n%s", path, model, text ? text : "");
		if (text) putchar('\n');
	}
	cJSON_free(text);
	cJSON_Delete(about);
	return rc;
}

/* One file of the folder that an adapter is: by the first engine that can. */
static int
pack_folder(const char *folder, const char *out, struct err *e)
{
	for (const struct engine_table *const *t = engines; *t; t++)
		if ((*t)->pack_adapter) return (*t)->pack_adapter(folder, out, e);
	return err_set(e, ERR_INVALID, "no model of this build has adapters of several files");
}

static int
pack(const char *conf_file, int argc, char **argv, struct err *e)
{
	const char *folder = NULL, *out = NULL;
	const struct cli_option options[] = { { "-o", &out, NULL } };
	size_t n;

	(void)conf_file;
	if (cli_parse(argc, argv, options, NELEM(options), &folder, 1, &n, e)) return -1;
	if (!n || !out) return err_set(e, ERR_UNREADABLE, "a folder and -o FILE are needed");
	return pack_folder(folder, out, e);
}

struct import {
	const struct conf *conf;
	struct db *db;
	struct storage *storage;
	struct engine_env env;
	const char *name, *version, *model;	/* name, version: NULL unless asked for */
	bool once;
};

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What it is called: as asked, as the file says, as the file is called. */
static int
name_of(const struct import *im, const char *path, const cJSON *about,
	char name[4 * ADAPTER_NAME + 1], struct err *e)
{
	const char *own = json_text(about, "name", ""), *file = base_name(path);
	const char *text = im->name ? im->name : *own ? own : file;

	if (!*text || !str_is_utf8(text, strlen(text)) || str_chars(text) > ADAPTER_NAME)
		return err_set(e, ERR_INVALID, "%s: the name must have 1 to %d characters; give "
			"one with --name", path, ADAPTER_NAME);
	str_copy(name, 4 * ADAPTER_NAME + 1, text);
	if (text == file && strrchr(name, '.') > name) *strrchr(name, '.') = '\0';
	return 0;
}

/* Copy it into the storage, and make it the weights of the version, which becomes active. */
static int
store(const struct import *im, const struct adapter_version *v, const char *path,
	const cJSON *about, const uint8_t checked[SHA256_BYTES], struct err *e)
{
	struct adapter_weights w = {0};
	struct incoming in = { .fd = -1 };
	struct buf text = {0};
	char block[PIECE];
	ssize_t n = 0;
	int rc = -1, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) return err_set(e, ERR_NOT_FOUND, "cannot read %s: %s", path, strerror(errno));
	if (adapters_begin_weights(im->db, &w, e) || incoming_begin(&in, im->storage, w.key, e))
		goto out;
	while ((n = read(fd, block, sizeof block)) > 0)
		if (incoming_add(&in, block, (size_t)n, e)) goto out;
	w.size_bytes = in.bytes;
	incoming_end(&in, w.sha256);
	if (n < 0 || memcmp(w.sha256, checked, SHA256_BYTES) != 0) {
		err_set(e, ERR_CONFLICT, "%s changed while it was read", path);
		goto out;
	}
	print_about(about, &text);
	w.about = text.n ? text.p : NULL;
	if (!storage_put(im->storage, w.key, e))
		rc = adapters_set_weights(im->db, v, &w, true, e);
out:
	if (in.fd >= 0) incoming_end(&in, w.sha256);
	close(fd);
	buf_free(&text);
	return rc;
}

/* Where this file goes in an adapter that is there: *v, or nowhere (0) because it is there already,
 * or the adapter is archived. 1, 0, -1. */
static int
choose_version(const struct import *im, struct uuid id, const uint8_t sha[SHA256_BYTES],
	struct uuid *v, struct err *e)
{
	char version[ADAPTER_VERSION + 1];
	struct adapter_versions l = {0};
	struct adapter a = {0};
	int rc = -1;

	if (adapters_get(im->db, id, &a, e) || adapters_versions(im->db, id, &l, e)) goto out;
	rc = 0;
	for (size_t i = 0; i < l.n; i++)
		if (l.items[i].uploaded_at && memcmp(l.items[i].sha256, sha, SHA256_BYTES) == 0) {
			printf("%s %s is there already.\n", a.name, l.items[i].version);
			goto out;
		}
	if (a.status != ADAPTER_ACTIVE) {
		printf("%s is archived; nothing was imported.\n", a.name);
		goto out;
	}
	rc = 1;
	/* One that was begun and not finished. */
	for (size_t i = 0; i < l.n; i++)
		if (!l.items[i].uploaded_at && (!im->version ||
			strcmp(l.items[i].version, im->version) == 0)) {
			*v = l.items[i].id;
			goto out;
		}
	if (im->version) str_copy(version, sizeof version, im->version);
	else adapters_next_version(&l, version);
	if (adapters_add_version(im->db, id, version, NULL, v, e)) rc = -1;
out:
	adapters_versions_free(&l);
	adapters_free(&a);
	return rc;
}

static int
hash_path(const struct import *im, const char *path, uint8_t sha[SHA256_BYTES], struct err *e)
{
	uint64_t size;
	int rc, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) return err_set(e, ERR_NOT_FOUND, "cannot read %s: %s", path, strerror(errno));
	rc = hash_sha256_fd(fd, sha, &size, e);
	close(fd);
	if (!rc && size > im->conf->max_adapter_bytes)
		rc = err_set(e, ERR_INVALID, "%s is larger than max_adapter_bytes allows", path);
	return rc;
}

/* Into a new adapter, or into the one of that name. */
static int
place(const struct import *im, const char *path, const cJSON *about, struct err *e)
{
	char name[4 * ADAPTER_NAME + 1];
	struct adapter_new n = { .name = name, .description = json_text(about, "description", NULL),
		.base_model = im->model, .version = im->version ? im->version : "1.0.0" };
	struct adapter_version v = {0};
	struct uuid id, version_id = {{0}};
	uint8_t sha[SHA256_BYTES];
	int found, rc = -1;

	if (name_of(im, path, about, name, e) || hash_path(im, path, sha, e)) return -1;
	if ((found = adapters_find(im->db, name, im->model, &id, e)) < 0) return -1;
	if (!found && adapters_create(im->db, &n, &id, e)) return -1;
	if (found && (rc = choose_version(im, id, sha, &version_id, e)) <= 0) return rc;
	rc = -1;
	if (!adapters_target(im->db, id, version_id, &v, e) &&
		!store(im, &v, path, about, sha, e)) {
		printf("Imported %s %s.\n", name, v.version);
		rc = 0;
	}
	adapters_version_free(&v);
	return rc;
}

/* A folder becomes a file first, which is called as the folder is, in a folder of its own. */
static int
place_folder(const struct import *im, const char *folder, const cJSON *about, struct err *e)
{
	const char *base = getenv("TMPDIR");
	char own[PATH_MAX], file[PATH_MAX], name[NAME_MAX + 16];
	int rc = -1;

	snprintf(own, sizeof own, "%s/earshot-adapter-XXXXXX", base && *base ? base : "/tmp");
	if (!mkdtemp(own)) return err_set(e, ERR_INTERNAL, "%s: %s", own, strerror(errno));
	snprintf(name, sizeof name, "%s.safetensors", base_name(folder));
	if (io_join(file, sizeof file, own, name, e) == 0) {
		if (pack_folder(folder, file, e) == 0) rc = place(im, file, about, e);
		unlink(file);
	}
	rmdir(own);
	return rc;
}

static int
import_file(const struct import *im, const char *path, struct err *e)
{
	char key[SETTING_NAME], value[SETTING_VALUE], whole[PATH_MAX];
	cJSON *about = NULL;
	struct stat st;
	bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
	int done = 0, rc = -1;

	/* "." and "NAME/" are called as the folder is. */
	if (folder && realpath(path, whole)) path = whole;
	/* What was imported once must not come back when it was renamed or archived since. */
	snprintf(key, sizeof key, "imported/%.50s", base_name(path));
	if (im->once && (done = settings_get(im->db, key, value, e)) != 0) return done < 0 ? -1 : 0;
	if (check_file(im->model, &im->env, path, &about, e)) err_prefix(e, "%s", path);
	else if (!(folder ? place_folder : place)(im, path, about, e))
		rc = im->once ? settings_set(im->db, key, im->model, e) : 0;
	cJSON_Delete(about);
	return rc;
}

int
cli_adapter_store(const struct conf *c, const char *model, const char *path, struct err *e)
{
	struct import im = { .conf = c, .model = model };
	struct maker m;
	int rc = -1;

	maker_init(&m, c);
	im.env = m.env;
	if ((im.db = db_open(c, e)) && (im.storage = storage_open(c, e)))
		rc = import_file(&im, path, e);
	storage_close(im.storage);
	db_close(im.db);
	return rc;
}

static int
import(const char *conf_file, int argc, char **argv, struct err *e)
{
	const char *files[MAX_FILES];
	struct import im = {0};
	const struct cli_option options[] = { { "--name", &im.name, NULL },
		{ "--adapter-version", &im.version, NULL }, { "--model", &im.model, NULL },
		{ "--once", NULL, &im.once } };
	struct maker m;
	struct conf c;
	size_t n;
	int rc = -1;

	if (cli_parse(argc, argv, options, NELEM(options), files, MAX_FILES, &n, e)) return -1;
	if (!n) return err_set(e, ERR_UNREADABLE, "a file is needed");
	if (im.name && n > 1) return err_set(e, ERR_UNREADABLE, "--name is for one file alone");
	if (im.version && !adapters_version_ok(im.version))
		return err_set(e, ERR_UNREADABLE, "--adapter-version must be like 1.0.0");
	if (conf_load(&c, conf_file, e)) return -1;
	im.conf = &c;
	maker_init(&m, &c);
	im.env = m.env;
	im.model = cli_model(&c, im.model, &im.env);
	if (im.env.folder)
		return err_set(e, ERR_UNREADABLE, "--model must be one of `earshot model list`");
	if (!(im.db = db_open(&c, e)) || !(im.storage = storage_open(&c, e))) goto out;
	rc = 0;
	for (size_t i = 0; i < n && !rc; i++) rc = import_file(&im, files[i], e);
out:
	storage_close(im.storage);
	db_close(im.db);
	return rc;
}

static void
print_adapter(const struct adapter *a)
{
	char sha[SHA256_HEX] = "no weights";

	if (a->active.uploaded_at) hash_hex(a->active.sha256, 6, sha);
	printf("%s  %-8s  %-12s  %-12s  %-8s  %s\n", UUID_STR(a->id),
		adapter_status_names[a->status], a->base_model, sha, a->active.version, a->name);
}

static int
list(const char *conf_file, int argc, char **argv, struct err *e)
{
	enum { PAGE = 100 };
	struct adapter_list l = {0};
	struct db *db = NULL;
	struct conf c;
	uint32_t at = 0;
	size_t n;
	int rc = -1;

	if (cli_parse(argc, argv, NULL, 0, NULL, 0, &n, e) || conf_load(&c, conf_file, e) ||
		!(db = db_open(&c, e)))
		return -1;
	do {
		adapters_list_free(&l);
		if (adapters_list(db, ADAPTER_STATUSES, PAGE, at, &l, e)) goto out;
		for (size_t i = 0; i < l.n; i++) print_adapter(&l.items[i]);
		at += PAGE;
	} while (l.n == PAGE);
	rc = 0;
out:
	adapters_list_free(&l);
	db_close(db);
	return rc;
}

int
cli_adapter(const char *conf_file, int argc, char **argv, struct err *e)
{
	static const struct {
		const char *name;
		int (*run)(const char *conf_file, int argc, char **argv, struct err *e);
	} verbs[] = { { "check", check }, { "pack", pack }, { "train", cli_train },
		{ "import", import }, { "list", list } };

	for (size_t i = 0; argc && i < NELEM(verbs); i++)
		if (strcmp(verbs[i].name, argv[0]) == 0)
			return verbs[i].run(conf_file, argc - 1, argv + 1, e);
	return err_set(e, ERR_UNREADABLE, "check, pack, train, import or list?");
}
