#include "engine/musicgen/folder.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/str.h"
#include "engine/musicgen/prepare.h"
#include "engine/musicgen/windows.h"

enum { MODELS_MAX = 48 };		/* what a message from worker to daemon has room for */

const struct folder_known folder_known[] = {
	{ "musicgen-small", "MusicGen small", "Music from a text by a transformer of 300 million "
		"parameters, on the processor.", "facebook/musicgen-small" },
	{ "musicgen-medium", "MusicGen medium", "Music from a text by a transformer of 1.5 billion "
		"parameters, on the processor.", "facebook/musicgen-medium" },
	{ "musicgen-large", "MusicGen large", "Music from a text by a transformer of 3.3 billion "
		"parameters, on the processor.", "facebook/musicgen-large" },
	{ NULL, NULL, NULL, NULL },
};

const struct folder_known *
folder_find_known(const char *id)
{
	for (const struct folder_known *k = folder_known; k->id; k++)
		if (strcmp(k->id, id) == 0) return k;
	return NULL;
}

bool
folder_name_ok(const char *id)
{
	size_t n = strlen(id);

	if (!n || n >= ENGINE_MODEL_ID || *id == '.') return false;
	for (; *id; id++)
		if (!isascii((unsigned char)*id) ||
			(!isalnum((unsigned char)*id) && !strchr("._-", *id)))
			return false;
	return true;
}

int
folder_of(const char *id, const struct engine_env *env, char path[FOLDER_PATH], struct err *e)
{
	char own[ENGINE_MODEL_ID];

	if (env->folder) {
		engine_folder_id(env->folder, own);
		if (strcmp(own, id) == 0)
			return str_copy(path, FOLDER_PATH, env->folder) ? 0 : err_set(e,
				ERR_INVALID, "The path of the folder is too long.");
	}
	if (!folder_name_ok(id))
		return err_set(e, ERR_NOT_FOUND, "\"%.64s\" is no name of a model.", id);
	return io_join(path, FOLDER_PATH, env->models_dir, id, e);
}

/* Of one file; those of a folder are added up, since names come in any order. */
static uint64_t
stamp_of(const char *name, const struct stat *st)
{
	struct buf text = {0};
	uint8_t hash[HASH_SHORT_BYTES];
	uint64_t stamp;

	buf_addf(&text, "%s %ju %jd %jd.%09ld", name, (uintmax_t)st->st_ino, (intmax_t)st->st_size,
		(intmax_t)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
	hash_short(text.p, text.n, hash);
	memcpy(&stamp, hash, sizeof stamp);
	buf_free(&text);
	return stamp;
}

/* A file of the weights in parts, "model-00001-of-00003.safetensors": how many there are; 0: it is
 * none. */
static int
parts_of(const char *name)
{
	int part, of, end = 0;

	if (sscanf(name, "model-%5d-of-%5d.safetensors%n", &part, &of, &end) != 2 || name[end] ||
		!end || part < 1 || part > of)
		return 0;
	return of;
}

enum folder_role
folder_role_of(const char *name)
{
	static const struct {
		const char *name;
		enum folder_role role;
	} roles[] = {
		{ "config.json", FOLDER_CONFIG }, { "tokenizer.json", FOLDER_TOKENIZER },
		{ "model.safetensors", FOLDER_WEIGHTS },
		{ "model.safetensors.index.json", FOLDER_INDEX },
		{ PREPARE_FILE, FOLDER_PREPARED },
		{ "generation_config.json", FOLDER_MORE },
		{ "tokenizer_config.json", FOLDER_MORE },
	};

	for (size_t i = 0; i < NELEM(roles); i++)
		if (strcmp(roles[i].name, name) == 0) return roles[i].role;
	return parts_of(name) ? FOLDER_WEIGHTS : FOLDER_OTHER;
}

/* What one look into the folder gives. */
struct look {
	bool has[FOLDER_MORE + 1];
	int parts, of;			/* of the weights; how many there should be; 0: none */
	uint64_t prepared_bytes;
};

static void
look_at(const char *folder, const char *name, struct folder_files *f, struct look *l)
{
	char path[FOLDER_PATH];
	struct err ignored;
	enum folder_role role = folder_role_of(name);
	struct stat st;

	if (role == FOLDER_OTHER || io_join(path, sizeof path, folder, name, &ignored) != 0 ||
		stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return;
	if (role == FOLDER_WEIGHTS) {
		f->weight_bytes += (uint64_t)st.st_size;
		if (parts_of(name)) l->parts++, l->of = parts_of(name);
		else l->has[role] = true;
	} else {
		l->has[role] = true;
		if (role == FOLDER_PREPARED) l->prepared_bytes = (uint64_t)st.st_size;
	}
	f->stamp += stamp_of(name, &st);
}

static int
check_config(const char *folder, struct musicgen_config *c, struct err *e)
{
	char path[FOLDER_PATH];
	struct buf text = {0};
	int rc = -1;

	if (io_join(path, sizeof path, folder, "config.json", e) != 0) return -1;
	if (buf_read_file(&text, path, CONFIG_BYTES, e) != 0) {
		if (e->kind == ERR_NOT_FOUND)
			err_set(e, ERR_NOT_FOUND, "It has no config.json.");
		else err_set(e, ERR_INVALID, "Its config.json cannot be read.");
	} else if ((rc = config_parse(buf_str(&text), text.n, c, e)) != 0) {
		char why[sizeof e->text];

		str_copy(why, sizeof why, e->text);
		err_set(e, ERR_INVALID, "Its config.json: %s.", why);
	}
	buf_free(&text);
	return rc;
}

int
folder_check(const char *folder, struct folder_files *f, struct err *e)
{
	struct look l = {0};
	struct dirent *d;
	DIR *dir = opendir(folder);

	*f = (struct folder_files){0};
	if (!dir) return err_set(e, ERR_NOT_FOUND, "It is not here.");
	while ((d = readdir(dir))) look_at(folder, d->d_name, f, &l);
	closedir(dir);
	if (check_config(folder, &f->config, e) != 0) return -1;
	if (!l.has[FOLDER_TOKENIZER]) return err_set(e, ERR_NOT_FOUND, "It has no tokenizer.json.");
	if (l.has[FOLDER_PREPARED]) {
		f->prepared = true;
		f->weight_bytes = l.prepared_bytes;
		return 0;
	}
	if (l.has[FOLDER_WEIGHTS]) return 0;
	if (!l.parts)
		return err_set(e, ERR_NOT_FOUND, "It has no model.safetensors.");
	if (!l.has[FOLDER_INDEX])
		return err_set(e, ERR_NOT_FOUND, "It has no model.safetensors.index.json.");
	if (l.parts != l.of)
		return err_set(e, ERR_NOT_FOUND, "Of its weights, %d of %d files are here.",
			l.parts, l.of);
	return 0;
}

static void
add_model(const char *id, const char *path, struct engine_models *out)
{
	const struct folder_known *k = folder_find_known(id);
	struct engine_model m = { .max_duration_s = WINDOWS_MOST_S, .recommended_duration_s = 30,
		.sample_rate = 32000, .channels = 1, .adapters = ADAPTERS_LORA, .sampling = true };
	struct folder_files f;
	struct err ignored;

	str_copy(m.id, sizeof m.id, id);
	str_copy(m.display_name, sizeof m.display_name, k ? k->display_name : id);
	str_copy(m.description, sizeof m.description, k ? k->description : "Music from a text by a "
		"MusicGen checkpoint of this installation, on the processor.");
	if (k) str_copy(m.hf_model_id, sizeof m.hf_model_id, k->hub);
	if (path && folder_check(path, &f, &ignored) == 0) {
		m.sample_rate = f.config.codec.rate;
		m.stamp = f.stamp;
	}
	engine_models_add(out, &m);
}

static int
is_model(const struct dirent *d)
{
	return folder_name_ok(d->d_name);
}

void
folder_list(const struct engine_env *env, struct engine_models *out)
{
	char id[ENGINE_MODEL_ID], path[FOLDER_PATH];
	struct dirent **all = NULL;
	struct err ignored;
	struct stat st;
	int n;

	if (env->folder) {
		engine_folder_id(env->folder, id);
		add_model(id, env->folder, out);
	}
	for (const struct folder_known *k = folder_known; k->id; k++)
		if (folder_of(k->id, env, path, &ignored) == 0) add_model(k->id, path, out);
	n = scandir(env->models_dir, &all, is_model, alphasort);
	for (int i = 0; i < n; i++) {
		if (out->n < MODELS_MAX && folder_of(all[i]->d_name, env, path, &ignored) == 0 &&
			stat(path, &st) == 0 && S_ISDIR(st.st_mode))
			add_model(all[i]->d_name, path, out);
		free(all[i]);
	}
	free(all);
}
