#include "engine/musicgen/safetensors_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/json.h"

enum { ALIGN = 64, PAGE = 4096, PIECE = 1 << 20 };

struct tensors_out {
	char path[4096], part[4096];
	int fd;				/* -1: finished, or never there */
	struct buf header;
	struct buf pending;		/* values that are not in the file yet */
	size_t begin;			/* where values begin in the file */
	uint64_t bytes;			/* of values */
	int pads;
	struct sha256 sum;
};

/* Ours alone, and still what lies at that path. */
static int
lock(const char *path, int fd, struct err *e)
{
	struct stat here, there;

	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || fstat(fd, &here) < 0 || stat(path, &there) < 0 ||
		here.st_ino != there.st_ino)
		return err_set(e, ERR_CONFLICT, "%s: another process is writing it", path);
	return ftruncate(fd, 0) == 0 ? 0 : err_set(e, ERR_AWAY, "%s: %s", path, strerror(errno));
}

struct tensors_out *
tensors_out_begin(const char *path, size_t header_bytes, struct err *e)
{
	struct tensors_out *o = calloc(1, sizeof *o);

	if (!o) abort();
	o->fd = -1;
	o->begin = (8 + header_bytes + PAGE - 1) / PAGE * PAGE;
	sha256_begin(&o->sum);
	if (snprintf(o->path, sizeof o->path, "%s", path) >= (int)sizeof o->path ||
		snprintf(o->part, sizeof o->part, "%s.part", path) >= (int)sizeof o->part) {
		err_set(e, ERR_INTERNAL, "path too long: %s", path);
	} else if ((o->fd = open(o->part, O_RDWR | O_CREAT | O_CLOEXEC, 0644)) < 0) {
		err_set(e, ERR_AWAY, "%s: %s", o->part, strerror(errno));
	} else if (lock(o->part, o->fd, e) != 0) {
		close(o->fd);		/* it is somebody else's: not to be removed */
		o->fd = -1;
	} else if (lseek(o->fd, (off_t)o->begin, SEEK_SET) < 0) {
		err_set(e, ERR_AWAY, "%s: %s", o->part, strerror(errno));
	} else {
		return o;
	}
	tensors_out_close(o);
	return NULL;
}

static int
flush(struct tensors_out *o, struct err *e)
{
	int rc = io_write_full(o->fd, o->pending.p, o->pending.n, e);

	buf_reset(&o->pending);
	if (rc == 0) return 0;
	e->kind = ERR_AWAY;
	return err_prefix(e, "%s", o->part);
}

/* n bytes into the file, sooner or later. */
static int
put(struct tensors_out *o, const void *p, size_t n, struct err *e)
{
	sha256_add(&o->sum, p, n);
	o->bytes += n;
	if (o->pending.n + n > PIECE && flush(o, e) != 0) return -1;
	if (n <= PIECE) {
		buf_add(&o->pending, p, n);
		return 0;
	}
	if (io_write_full(o->fd, p, n, e) == 0) return 0;
	e->kind = ERR_AWAY;
	return err_prefix(e, "%s", o->part);
}

/* A member of the header for values that are written next. */
static uint64_t
describe(struct tensors_out *o, const char *name, enum tensor_type type, int rank,
	const int64_t *shape)
{
	uint64_t bytes = tensor_type_size(type);

	buf_addf(&o->header, "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[", o->header.n ? "," : "", name,
		tensor_type_name(type));
	for (int i = 0; i < rank; i++) {
		buf_addf(&o->header, "%s%lld", i ? "," : "", (long long)shape[i]);
		bytes *= (uint64_t)shape[i];
	}
	buf_addf(&o->header, "],\"data_offsets\":[%llu,%llu]}", (unsigned long long)o->bytes,
		(unsigned long long)(o->bytes + bytes));
	return bytes;
}

int
tensors_out_add(struct tensors_out *o, const char *name, enum tensor_type type, int rank,
	const int64_t *shape, const void *p, struct err *e)
{
	static const char zeros[ALIGN];
	int64_t gap;
	char pad[32];

	if (put(o, p, describe(o, name, type, rank, shape), e) != 0) return -1;
	gap = (int64_t)(-o->bytes % ALIGN);
	if (!gap) return 0;
	snprintf(pad, sizeof pad, "pad.%d", o->pads++);
	return put(o, zeros, describe(o, pad, TENSOR_U8, 1, &gap), e);
}

uint64_t
tensors_out_bytes(const struct tensors_out *o)
{
	return o->bytes;
}

/* The header into the room before the values, with blanks behind it. */
static int
write_header(struct tensors_out *o, cJSON *metadata, struct err *e)
{
	struct buf all = {0};
	uint8_t hash[SHA256_BYTES];
	char hex[SHA256_HEX];
	uint64_t length = o->begin - 8;
	int rc = 0;

	sha256_end(&o->sum, hash);
	hash_hex(hash, sizeof hash, hex);
	json_add_text(metadata, "sha256", hex);
	for (int i = 0; i < 8; i++) buf_addc(&all, (char)(length >> 8 * i & 255));
	buf_adds(&all, "{\"__metadata__\":");
	json_print(metadata, &all);
	buf_addf(&all, "%s%s}", o->header.n ? "," : "", buf_str(&o->header));
	if (all.n > o->begin)
		rc = err_set(e, ERR_INTERNAL, "%s: its header needs more room", o->part);
	while (all.n < o->begin) buf_addc(&all, ' ');
	if (rc == 0 && (lseek(o->fd, 0, SEEK_SET) < 0 ||
		io_write_full(o->fd, all.p, all.n, e) != 0))
		rc = err_set(e, ERR_AWAY, "%s: %s", o->part, strerror(errno));
	buf_free(&all);
	return rc;
}

int
tensors_out_end(struct tensors_out *o, cJSON *metadata, struct err *e)
{
	if (flush(o, e) != 0 || write_header(o, metadata, e) != 0) return -1;
	if (fsync(o->fd) < 0 || rename(o->part, o->path) < 0)
		return err_set(e, ERR_AWAY, "%s: %s", o->part, strerror(errno));
	close(o->fd);
	o->fd = -1;
	return io_sync_dir_of(o->path, e);
}

void
tensors_out_close(struct tensors_out *o)
{
	if (!o) return;
	if (o->fd >= 0) {
		unlink(o->part);
		close(o->fd);
	}
	buf_free(&o->header);
	buf_free(&o->pending);
	free(o);
}
