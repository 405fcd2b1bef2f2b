/* Where audio lives: whole objects under keys, behind one interface for all back ends.
 *
 * A key is 1–190 characters of [A-Za-z0-9/._-], parts separated by single "/", no part "." or "..".
 * An object is there as a whole or not at all. Writing is in two steps, so that the local folder
 * needs no second copy: storage_stage() names a file to write into, storage_put() makes it the
 * object (durable when it returns). An object is never changed after that.
 *
 * Errors: ERR_NOT_FOUND (no such object), ERR_AWAY (full, unreachable), ERR_INTERNAL. */
#ifndef EARSHOT_STORAGE_STORAGE_H
#define EARSHOT_STORAGE_STORAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf;
struct err;
struct storage;

enum { STORAGE_KEY = 191, STORAGE_PATH = 1024 };

/* Opens the back end that the configuration names. NULL with *e. */
struct storage *storage_open(const struct conf *c, struct err *e);
void storage_close(struct storage *s);

/* The path of a file to write the object into, its folder made. Writing there again starts over. */
int storage_stage(struct storage *s, const char *key, char path[STORAGE_PATH], struct err *e);

/* Make the staged file the object. */
int storage_put(struct storage *s, const char *key, struct err *e);

int storage_head(struct storage *s, const char *key, uint64_t *size_bytes, struct err *e);

/* Hand length bytes from offset on to sink, piece by piece; sink returns -1 (with *e) to stop.
 * Reading past the end is ERR_INTERNAL: sizes are known from the records. */
int storage_read(struct storage *s, const char *key, uint64_t offset, uint64_t length,
	int (*sink)(void *ctx, const void *p, size_t n, struct err *e), void *ctx, struct err *e);

/* Open an object that the records name: the descriptor and its path, as below; -1 with ERR_AWAY,
 * also when it is missing, or with ERR_INTERNAL where the back end has no files. */
int storage_open_file(struct storage *s, const char *key, char path[STORAGE_PATH], struct err *e);

/* The absolute path of the object for X-Sendfile and readers of files; false where the back end has
 * no files. */
bool storage_path(struct storage *s, const char *key, char path[STORAGE_PATH]);

/* Remove object and staged file; what is not there is removed already. */
int storage_delete(struct storage *s, const char *key, struct err *e);

/* Every object whose key begins with prefix, in no order; each returns -1 (with *e) to stop. A
 * staged file that was left behind is among them as KEY.part: audits are what this is for. */
int storage_list(struct storage *s, const char *prefix,
	int (*each)(void *ctx, const char *key, uint64_t size_bytes, struct err *e), void *ctx,
	struct err *e);

/* Is the storage usable now (folder writable, bucket reachable)? 0, or -1 with the reason. */
int storage_check(struct storage *s, struct err *e);

/* The same for whoever asks from outside: NULL, or what is wrong in a sentence that names no path,
 * address or account, static, with the reason in *e. */
const char *storage_trouble(struct storage *s, struct err *e);

bool storage_key_ok(const char *key);

/* How often an operation has failed on this host, in whatever program, for a reason other than that
 * there is no such object; by base/metrics.h. */
enum storage_op {
	STORAGE_STAGE, STORAGE_PUT, STORAGE_HEAD, STORAGE_READ, STORAGE_DELETE, STORAGE_LIST,
	STORAGE_CHECK, STORAGE_OPS,
};
extern const char *const storage_op_names[STORAGE_OPS];
uint64_t storage_errors(struct storage *s, enum storage_op op);

/* What a back end provides; storages[] in storage.c lists them. Keys are checked before these are
 * called. */
struct storage_backend {
	const char *name;
	void *(*open)(const struct conf *c, struct err *e);
	void (*close)(void *ctx);
	int (*stage)(void *ctx, const char *key, char path[STORAGE_PATH], struct err *e);
	int (*put)(void *ctx, const char *key, struct err *e);
	int (*head)(void *ctx, const char *key, uint64_t *size_bytes, struct err *e);
	int (*read)(void *ctx, const char *key, uint64_t offset, uint64_t length,
		int (*sink)(void *ctx, const void *p, size_t n, struct err *e), void *sink_ctx,
		struct err *e);
	bool (*path)(void *ctx, const char *key, char path[STORAGE_PATH]);
	int (*delete)(void *ctx, const char *key, struct err *e);
	int (*list)(void *ctx, const char *prefix,
		int (*each)(void *ctx, const char *key, uint64_t size_bytes, struct err *e),
		void *each_ctx, struct err *e);
	const char *(*trouble)(void *ctx, struct err *e);
};

#endif
