#include "storage/incoming.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"

int
incoming_begin(struct incoming *in, struct storage *s, const char *key, struct err *e)
{
	in->fd = -1;
	in->bytes = 0;
	sha256_begin(&in->sum);
	if (storage_check(s, e) || storage_stage(s, key, in->path, e)) return -1;
	in->fd = open(in->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	return in->fd >= 0 ? 0 : err_set(e, ERR_AWAY, "storage: open %s: %s", in->path,
		strerror(errno));
}

int
incoming_add(void *ctx, const void *p, size_t n, struct err *e)
{
	struct incoming *in = ctx;

	if (io_write_full(in->fd, p, n, e)) return err_prefix(e, "storage: %s", in->path);
	sha256_add(&in->sum, p, n);
	in->bytes += n;
	return 0;
}

void
incoming_end(struct incoming *in, uint8_t sha256[SHA256_BYTES])
{
	sha256_end(&in->sum, sha256);
	if (in->fd >= 0) close(in->fd);
	in->fd = -1;
}
