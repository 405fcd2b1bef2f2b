/* Where audio lives: whole objects under keys, behind one interface for all back ends.
 *
 * A key is 1–190 characters of [A-Za-z0-9/._-], parts separated by single "/", no part "." or "..".
 * An object is there as a whole or not at all. Writing is in two steps, so that the local folder
 * needs no second copy: storage_stage() names a file to write into, storage_put() makes it the
 * object (durable when it returns). An object is never changed after that.
 *
 * While objects move from one back end to another (storage_from), both are one storage: what is
 * written goes to the one that the configuration names, what is read is looked for in both, what is
 * deleted is deleted from both.
 *
 * Errors: ERR_NOT_FOUND (no such object), ERR_AWAY (full, unreachable), ERR_STOPPED
 * (storage_wait()), ERR_INTERNAL. */
#ifndef EARSHOT_STORAGE_STORAGE_H
#define EARSHOT_STORAGE_STORAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct conf;
struct err;
struct storage;

enum { STORAGE_KEY = 191, STORAGE_PATH = 1024 };

/* Opens the back end that the configuration names. NULL with *e. */
struct storage *storage_open(const struct conf *c, struct err *e);
void storage_close(struct storage *s);

/* Could it be opened with these settings? Asks no server, writes nothing. */
int storage_can_open(const struct conf *c, struct err *e);

/* How long a back end that is not on this host may be waited for: limit_ms for each operation (0:
 * as the configuration says), and no longer than alive (NULL: nobody is asked), which is called
 * several times a second meanwhile, says true. */
void storage_wait(struct storage *s, uint32_t limit_ms, bool (*alive)(void *ctx), void *ctx);

/* The path of a file to write the object into, its folder made. Writing there again starts over. */
int storage_stage(struct storage *s, const char *key, char path[STORAGE_PATH], struct err *e);

/* Make the staged file the object. */
int storage_put(struct storage *s, const char *key, struct err *e);

int storage_head(struct storage *s, const char *key, uint64_t *size_bytes, struct err *e);

/* Hand length bytes from offset on to sink, piece by piece; sink returns -1 (with *e) to stop.
 * Reading past the end is ERR_INTERNAL: sizes are known from the records. */
int storage_read(struct storage *s, const char *key, uint64_t offset, uint64_t length,
	int (*sink)(void *ctx, const void *p, size_t n, struct err *e), void *ctx, struct err *e);

/* Open an object that the records name where it lies in a file: the descriptor and its path,
 * absolute, for X-Sendfile. STORAGE_NO_FILE: it lies where there are no files, and has *size_bytes.
 * -1 with ERR_AWAY, also when it is missing. */
enum { STORAGE_NO_FILE = -2 };
int storage_open_file(struct storage *s, const char *key, char path[STORAGE_PATH],
	uint64_t *size_bytes, struct err *e);

/* A file with the object in it, for programs that read files: the object itself, or a copy on this
 * host, which stays for some minutes at least. Nobody may write to it. */
int storage_file(struct storage *s, const char *key, char path[STORAGE_PATH], struct err *e);

/* Append the address where whoever has it can fetch the object, for an hour, with these fields in
 * the answer (NULL: the server's own). False where listeners are not to be sent elsewhere. */
struct storage_link {
	const char *method;			/* "GET" or "HEAD", and nothing else */
	const char *content_type, *disposition, *cache_control;
};
bool storage_url(struct storage *s, const char *key, const struct storage_link *link,
	struct buf *out);

/* Remove object and staged file; what is not there is removed already. */
int storage_delete(struct storage *s, const char *key, struct err *e);

/* Every object whose key begins with prefix, in no order, and while objects move perhaps twice;
 * each returns -1 (with *e) to stop. A staged file that was left behind is among them as KEY.part:
 * audits are what this is for. */
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

/* Copy an object from storage_from to storage, where it is read back and must have the same hash;
 * nothing is sent when it is there already. 1; 0: it is not there, or no more. ERR_INVALID: it has
 * not the hash that it should have, and was not copied; or there is no storage_from. */
struct storage_bring {
	const uint8_t *want;			/* SHA-256; NULL: nobody knows */
	/* Do the records refer to it? 1, 0, -1. Asked when it has gone from storage_from meanwhile:
	 * what was deleted is not brought back. */
	int (*needed)(void *ctx, const char *key, struct err *e);
	void *ctx;
};
int storage_bring(struct storage *s, const char *key, const struct storage_bring *b,
	struct err *e);

/* As storage_list() and storage_delete(), of storage_from alone. */
int storage_list_from(struct storage *s, int (*each)(void *ctx, const char *key,
	uint64_t size_bytes, struct err *e), void *ctx, struct err *e);
int storage_delete_from(struct storage *s, const char *key, struct err *e);

/* What a back end provides; storages[] in storage.c lists them. Keys are checked before these are
 * called. */
struct storage_backend {
	const char *name;
	void *(*open)(const struct conf *c, struct err *e);
	void (*close)(void *ctx);
	/* NULL: it is not waited for */
	void (*wait)(void *ctx, uint32_t limit_ms, bool (*alive)(void *ctx), void *alive_ctx);
	int (*stage)(void *ctx, const char *key, char path[STORAGE_PATH], struct err *e);
	int (*put)(void *ctx, const char *key, struct err *e);
	int (*head)(void *ctx, const char *key, uint64_t *size_bytes, struct err *e);
	int (*read)(void *ctx, const char *key, uint64_t offset, uint64_t length,
		int (*sink)(void *ctx, const void *p, size_t n, struct err *e), void *sink_ctx,
		struct err *e);
	/* Either it has files, and says where one is, whether or not it is there … */
	int (*path)(void *ctx, const char *key, char path[STORAGE_PATH], struct err *e);
	/* … or it makes copies. */
	int (*copy)(void *ctx, const char *key, char path[STORAGE_PATH], struct err *e);
	bool (*link)(void *ctx, const char *key, const struct storage_link *link,
		struct buf *out);			/* NULL: never */
	int (*delete)(void *ctx, const char *key, struct err *e);
	int (*list)(void *ctx, const char *prefix,
		int (*each)(void *ctx, const char *key, uint64_t size_bytes, struct err *e),
		void *each_ctx, struct err *e);
	const char *(*trouble)(void *ctx, struct err *e);
};

#endif
