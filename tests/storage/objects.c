/* Lets the tests of a storage ask it for anything: objects CONF, then commands in lines on standard
 * input, each answered by one line of JSON: {"ok":true,…} or {"ok":false,"kind":"away","error":"…"}.
 *
 *	put KEY FILE	FILE becomes the object
 *	stage KEY FILE	the first half of that
 *	head KEY	{"size"}
 *	read KEY OFFSET LENGTH	{"bytes","sha256"}
 *	copy KEY	{"path"}
 *	list PREFIX	{"objects":{KEY: size, …}}
 *	delete KEY
 *	check		{"trouble"}
 *	link KEY	{"url"}
 *	wait MS ASKED	limit of an operation; alive says no when it was asked so often (0: never)
 *	memory		{"peak_kb"} of this process, and the peak begins anew */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/json.h"
#include "base/str.h"
#include "storage/storage.h"

static struct storage *storage;
static int asked, asked_most;

static bool
alive(void *ctx)
{
	(void)ctx;
	return !asked_most || ++asked < asked_most;
}

static int
stage(char **words, cJSON *o, struct err *e)
{
	char path[STORAGE_PATH], block[65536];
	int in = open(words[1], O_RDONLY | O_CLOEXEC), out, rc = 0;
	ssize_t n;

	(void)o;
	if (in < 0) return err_set(e, ERR_INTERNAL, "%s: %s", words[1], strerror(errno));
	if (storage_stage(storage, words[0], path, e)) {
		close(in);
		return -1;
	}
	if ((out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640)) < 0)
		rc = err_set(e, ERR_INTERNAL, "%s: %s", path, strerror(errno));
	while (!rc && (n = read(in, block, sizeof block)) > 0)
		rc = io_write_full(out, block, (size_t)n, e);
	if (out >= 0) close(out);
	close(in);
	return rc;
}

static int
put(char **words, cJSON *o, struct err *e)
{
	return stage(words, o, e) || storage_put(storage, words[0], e) ? -1 : 0;
}

static int
head(char **words, cJSON *o, struct err *e)
{
	uint64_t size;

	if (storage_head(storage, words[0], &size, e)) return -1;
	json_add_int(o, "size", (int64_t)size);
	return 0;
}

struct got {
	struct sha256 sum;
	int64_t bytes;
};

static int
take(void *ctx, const void *p, size_t n, struct err *e)
{
	struct got *g = ctx;

	(void)e;
	sha256_add(&g->sum, p, n);
	g->bytes += (int64_t)n;
	return 0;
}

static int
read_some(char **words, cJSON *o, struct err *e)
{
	uint8_t sha[SHA256_BYTES];
	char hex[SHA256_HEX];
	struct got g = { .bytes = 0 };
	int rc;

	sha256_begin(&g.sum);
	rc = storage_read(storage, words[0], strtoull(words[1], NULL, 10),
		strtoull(words[2], NULL, 10), take, &g, e);
	sha256_end(&g.sum, sha);
	hash_hex(sha, sizeof sha, hex);
	json_add_int(o, "bytes", g.bytes);
	json_add_text(o, "sha256", hex);
	return rc;
}

static int
copy(char **words, cJSON *o, struct err *e)
{
	char path[STORAGE_PATH];
	int rc = storage_file(storage, words[0], path, e);

	if (!rc) json_add_text(o, "path", path);
	return rc;
}

static int
note(void *ctx, const char *key, uint64_t size_bytes, struct err *e)
{
	(void)e;
	json_add_int(ctx, key, (int64_t)size_bytes);
	return 0;
}

static int
list(char **words, cJSON *o, struct err *e)
{
	cJSON *objects = json_object();

	json_add(o, "objects", objects);
	return storage_list(storage, words[0], note, objects, e);
}

static int
delete(char **words, cJSON *o, struct err *e)
{
	(void)o;
	return storage_delete(storage, words[0], e);
}

static int
check(char **words, cJSON *o, struct err *e)
{
	(void)words;
	json_add_text(o, "trouble", storage_trouble(storage, e));
	return 0;
}

static int
make_link(char **words, cJSON *o, struct err *e)
{
	struct storage_link l = { "GET", "audio/flac", "attachment; filename=\"a b.flac\"",
		"private" };
	struct buf url = {0};

	(void)e;
	json_add_text(o, "url", storage_url(storage, words[0], &l, &url) ? url.p : NULL);
	buf_free(&url);
	return 0;
}

static int
be_patient(char **words, cJSON *o, struct err *e)
{
	(void)o;
	(void)e;
	asked = 0;
	asked_most = atoi(words[1]);
	storage_wait(storage, (uint32_t)atoi(words[0]), alive, NULL);
	return 0;
}

static int
memory(char **words, cJSON *o, struct err *e)
{
	struct buf status = {0};
	const char *peak;
	int fd, rc;

	(void)words;
	if ((rc = buf_read_file(&status, "/proc/self/status", 65536, e)) == 0 &&
		(peak = strstr(buf_str(&status), "VmHWM:")))
		json_add_int(o, "peak_kb", atoi(peak + 6));
	buf_free(&status);
	/* proc(5): 5 sets the peak to what there is now. */
	if ((fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)) >= 0) {
		if (write(fd, "5", 1) != 1) rc = err_set(e, ERR_INTERNAL, "clear_refs");
		close(fd);
	}
	return rc;
}

static const struct command {
	const char *name;
	int words;
	int (*run)(char **words, cJSON *o, struct err *e);
} commands[] = {
	{ "put", 2, put }, { "stage", 2, stage }, { "head", 1, head }, { "read", 3, read_some },
	{ "copy", 1, copy }, { "list", 1, list }, { "delete", 1, delete }, { "check", 0, check },
	{ "link", 1, make_link }, { "wait", 2, be_patient }, { "memory", 0, memory },
};

static const char *const kinds[] = { [ERR_NOT_FOUND] = "not_found", [ERR_AWAY] = "away",
	[ERR_STOPPED] = "stopped", [ERR_INTERNAL] = "internal", [ERR_INVALID] = "invalid" };

static void
answer(char *line)
{
	char none[1] = "", *words[4] = { none, none, none, none };
	char *rest = line, *word, *name = strsep(&rest, " ");
	cJSON *o = json_object();
	struct buf text = {0};
	struct err e = {0};
	int n = 0, rc = -1;

	while (n < 4 && (word = strsep(&rest, " "))) words[n++] = word;
	err_set(&e, ERR_INVALID, "no such command");
	for (size_t i = 0; i < NELEM(commands); i++)
		if (strcmp(commands[i].name, name) == 0 && n >= commands[i].words)
			rc = commands[i].run(words, o, &e);
	json_add_bool(o, "ok", rc == 0);
	if (rc) {
		json_add_text(o, "kind", kinds[e.kind]);
		json_add_text(o, "error", e.text);
	}
	json_print(o, &text);
	printf("%s\n", buf_str(&text));
	fflush(stdout);
	buf_free(&text);
	cJSON_Delete(o);
}

int
main(int argc, char **argv)
{
	char *line = NULL;
	size_t cap = 0;
	struct conf c;
	struct err e;

	if (argc != 2 || conf_load(&c, argv[1], &e) || !(storage = storage_open(&c, &e))) {
		fprintf(stderr, "%s\n", argc == 2 ? e.text : "usage: objects CONF");
		return 1;
	}
	while (getline(&line, &cap, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		answer(line);
	}
	free(line);
	storage_close(storage);
	return 0;
}
