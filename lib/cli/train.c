/* earshot adapter train: an adapter learned from files. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/form.h"
#include "base/io.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/cli.h"
#include "engine/engine.h"
#include "worker/take.h"

enum {
	MAX_WORDS = 1001,
	MAX_FILES = 1000, /* what an engine takes is its own business */
	FILE_BYTES = 16 << 20,
	ALL_BYTES = 256 << 20,
	NAMES_BYTES = 65536,
};

struct file {
	char *name; /* owned */
	struct buf bytes;
};

struct training {
	const char *model, *name, *description, *out, *form;
	struct engine_env env;
	cJSON *names, *about;
	bool skip, json;
	struct file *file; /* owned; MAX_FILES of them */
	size_t n, bytes;
	cJSON *skipped; /* sentences */
};

static int
add_bytes(struct training *t, const char *name, const void *p, size_t n, struct err *e)
{
	struct file *f = &t->file[t->n];

	if (t->n == MAX_FILES)
		return err_set(e, ERR_INVALID, "there are more than %d files", MAX_FILES);
	if (t->bytes + n > ALL_BYTES)
		return err_set(
			e, ERR_INVALID, "the files have more than %d MiB in all", ALL_BYTES >> 20);
	if (!(f->name = strdup(name))) abort();
	buf_add(&f->bytes, p, n);
	t->bytes += n;
	t->n++;
	return 0;
}

static int
add_file(struct training *t, const char *path, struct err *e)
{
	struct buf b = { 0 };
	int rc = buf_read_file(&b, path, FILE_BYTES, e);

	if (rc) err_prefix(e, "%s", path);
	else rc = add_bytes(t, path, b.p ? b.p : "", b.n, e);
	buf_free(&b);
	return rc;
}

static int
is_midi(const struct dirent *d)
{
	const char *dot = strrchr(d->d_name, '.');

	return dot && (strcasecmp(dot, ".mid") == 0 || strcasecmp(dot, ".midi") == 0);
}

/* The MIDI files of a folder, not of those in it. */
static int
add_folder(struct training *t, const char *path, struct err *e)
{
	struct dirent **list;
	int n = scandir(path, &list, is_midi, alphasort), rc = 0;

	if (n < 0) return err_set(e, ERR_NOT_FOUND, "cannot read %s: %s", path, strerror(errno));
	if (!n) rc = err_set(e, ERR_INVALID, "%s: there is no file *.mid in it", path);
	for (int i = 0; i < n; i++) {
		char file[4096];

		if (!rc && !(rc = io_join(file, sizeof file, path, list[i]->d_name, e)))
			rc = add_file(t, file, e);
		free(list[i]);
	}
	free(list);
	return rc;
}

/* For the responder: the files of a form, as a client sent it. */
static int
add_form(struct training *t, const char *path, struct err *e)
{
	struct form_part *part = calloc(MAX_FILES, sizeof *part);
	struct buf b = { 0 };
	int n, rc = -1;

	if (!part) abort();
	if (buf_read_file(&b, path, ALL_BYTES, e)) goto out;
	if ((n = form_read(buf_str(&b), b.n, t->form, part, MAX_FILES, e)) < 0) {
		e->kind = ERR_INVALID;
		goto out;
	}
	rc = 0;
	for (int i = 0; i < n && !rc; i++) {
		const char *name = part[i].file;

		if (!*name) continue; /* a field, no file */
		rc = add_bytes(t, str_is_utf8(name, strlen(name)) ? name : "?", part[i].data,
			part[i].n, e);
	}
	if (!rc && !t->n)
		rc = err_set(e, ERR_INVALID,
			"the form has no file: each MIDI file is a part with "
			"a file name");
out:
	buf_free(&b);
	free(part);
	return rc;
}

static int
add_words(struct training *t, const char *const *words, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		struct stat st;
		int rc;

		if (stat(words[i], &st) < 0)
			return err_set(
				e, ERR_NOT_FOUND, "cannot read %s: %s", words[i], strerror(errno));
		if (t->form) rc = add_form(t, words[i], e);
		else if (S_ISDIR(st.st_mode)) rc = add_folder(t, words[i], e);
		else rc = add_file(t, words[i], e);
		if (rc) return -1;
	}
	return 0;
}

static void
note_skipped(void *ctx, const char *name, const char *reason)
{
	struct training *t = ctx;
	struct buf text = { 0 };

	buf_addf(&text, "%s: %s", name, reason);
	if (t->json) json_add_text(t->skipped, NULL, text.p);
	else fprintf(stderr, "earshot: left out: %s\n", text.p);
	buf_free(&text);
}

static int
learn(struct training *t, struct buf *out, struct buf *told, struct err *e)
{
	const struct engine_table *engine = engine_find(t->model, &t->env, NULL);
	struct engine_lesson *lesson = calloc(t->n + 1, sizeof *lesson);
	int rc;

	if (!lesson) abort();
	for (size_t i = 0; i < t->n; i++)
		lesson[i] = (struct engine_lesson){ t->file[i].name, buf_str(&t->file[i].bytes),
			t->file[i].bytes.n };
	struct engine_training q = { .name = t->name,
		.description = t->description,
		.lessons = lesson,
		.n = t->n,
		.skipped = t->skip ? note_skipped : NULL,
		.ctx = t };

	if (!engine)
		rc = err_set(e, ERR_INVALID, "There is no model \"%s\" in this build.", t->model);
	else if (!engine->train)
		rc = err_set(e, ERR_INVALID, "The model %s learns no adapters.", t->model);
	else rc = engine->train(t->model, &q, out, told, e);
	free(lesson);
	return rc;
}

static int
write_file(const char *path, const struct buf *b, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), rc;

	if (fd < 0) return err_set(e, ERR_INTERNAL, "cannot write %s: %s", path, strerror(errno));
	rc = io_write_full(fd, b->p, b->n, e);
	if (close(fd) < 0 && !rc)
		rc = err_set(e, ERR_INTERNAL, "cannot write %s: %s", path, strerror(errno));
	return rc;
}

/* Into the database, by way of a file. */
static int
take_in(const struct conf *c, const struct training *t, const struct buf *adapter, struct err *e)
{
	const char *base = getenv("TMPDIR");
	char path[4096];
	int fd, rc;

	snprintf(path, sizeof path, "%s/earshot-adapter-XXXXXX", base && *base ? base : "/tmp");
	if ((fd = mkostemp(path, O_CLOEXEC)) < 0)
		return err_set(e, ERR_INTERNAL, "cannot make %s: %s", path, strerror(errno));
	rc = io_write_full(fd, adapter->p, adapter->n, e);
	close(fd);
	if (!rc) rc = cli_adapter_store(c, t->model, path, e);
	unlink(path);
	return rc;
}

static void
add_lines(cJSON *list, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		char *line = strndup(text, n);

		if (!line) abort();
		json_add_text(list, NULL, line);
		free(line);
		text += n + (text[n] == '\n');
	}
}

/* {"learned":[line, …],"about":{…},"skipped":[sentence, …]} for the responder (--json). */
static cJSON *
verdict(const struct training *t, const char *told)
{
	cJSON *o = json_object(), *lines = json_array();

	add_lines(lines, told);
	json_add(o, "learned", lines);
	json_add(o, "about", cJSON_Duplicate(t->about, true));
	json_add(o, "skipped", cJSON_Duplicate(t->skipped, true));
	return o;
}

/* For the responder: {"name":…}. */
static int
read_names(struct training *t, struct err *e)
{
	struct buf text = {0};

	if (!buf_read_fd(&text, STDIN_FILENO, NAMES_BYTES, e))
		t->names = json_parse(buf_str(&text), text.n, e);
	buf_free(&text);
	t->name = json_text(t->names, "name", "");
	return t->names ? 0 : -1;
}

static int
train(const struct conf *c, struct training *t, const char *const *words, size_t n, struct err *e)
{
	struct buf adapter = { 0 }, told = { 0 };
	int rc = -1;

	if (t->json) cli_limit_ourselves(c);
	rc = t->json && read_names(t, e) ? -1 : add_words(t, words, n, e);
	if (!rc) rc = learn(t, &adapter, &told, e);
	if (!rc && t->out) rc = write_file(t->out, &adapter, e);
	/* What people are told of the file, as of any other: by who will read it. */
	if (!rc && t->out && t->json)
		rc = engine_find(t->model, &t->env, NULL)->check_adapter(t->model, &t->env, t->out,
			&t->about, e);
	if (t->json) rc = cli_print_verdict(verdict(t, buf_str(&told)), rc, e);
	else if (!rc) fputs(buf_str(&told), stdout);
	if (!rc && !t->json && t->out) printf("Written to %s.\n", t->out);
	if (!rc && !t->out) rc = take_in(c, t, &adapter, e);
	buf_free(&adapter);
	buf_free(&told);
	return rc;
}

int
cli_train(const char *conf_file, int argc, char **argv, struct err *e)
{
	struct training t = { 0 };
	const struct cli_option options[] = { { "-o", &t.out, NULL },
		{ "--description", &t.description, NULL }, { "--model", &t.model, NULL },
		{ "--skip", NULL, &t.skip }, { "--json", NULL, &t.json },
		{ "--form", &t.form, NULL } };
	const char **words = calloc(MAX_WORDS, sizeof *words);
	struct maker m;
	struct conf c;
	size_t n;
	int rc = -1;

	t.file = calloc(MAX_FILES, sizeof *t.file);
	t.skipped = json_array();
	if (!words || !t.file) abort();
	if (cli_parse(argc, argv, options, NELEM(options), words, MAX_WORDS, &n, e)) goto out;
	if (n < (t.json ? 1 : 2)) {
		err_set(e, ERR_UNREADABLE, "a name and MIDI files, or folders of them, are needed");
		goto out;
	}
	if (t.out ? cli_load_conf(&c, conf_file, e) : conf_load(&c, conf_file, e)) {
		if (!t.out) err_prefix(e, "to keep the adapter in a file instead, add -o FILE");
		goto out;
	}
	t.name = words[0];		/* with --json it is read later, and all words are files */
	maker_init(&m, &c);
	t.env = m.env;
	t.model = cli_model(&c, t.model, &t.env);
	if (!str_is_utf8(t.name, strlen(t.name)) ||
		(t.description && !str_is_utf8(t.description, strlen(t.description)))) {
		err_set(e, ERR_INVALID, "name and description must be UTF-8");
		goto out;
	}
	rc = train(&c, &t, words + !t.json, n - !t.json, e);
out:
	for (size_t i = 0; i < t.n; i++) {
		free(t.file[i].name);
		buf_free(&t.file[i].bytes);
	}
	free(t.file);
	free(words);
	cJSON_Delete(t.skipped);
	cJSON_Delete(t.names);
	cJSON_Delete(t.about);
	return rc;
}
