#include "ipc/frame.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"

int
frame_add(struct buf *out, const cJSON *message, struct err *e)
{
	size_t start = out->n, n;

	buf_add(out, "\0\0\0\0", FRAME_HEADER);
	json_print(message, out);
	n = out->n - start - FRAME_HEADER;
	if (n > FRAME_MAX) {
		out->n = start;
		return err_set(e, ERR_INTERNAL, "a message of %zu bytes is too long", n);
	}
	for (int i = 0; i < FRAME_HEADER; i++)
		out->p[start + (size_t)i] = (char)(n >> (24 - 8 * i) & 0xff);
	return 0;
}

int
frame_take(struct buf *in, cJSON **message, struct err *e)
{
	const unsigned char *h = (const unsigned char *)in->p;
	size_t n;

	if (in->n < FRAME_HEADER) return 0;
	n = (size_t)h[0] << 24 | (size_t)h[1] << 16 | (size_t)h[2] << 8 | h[3];
	if (n < 2 || n > FRAME_MAX)
		return err_set(e, ERR_INTERNAL, "a message of %zu bytes is not possible", n);
	if (in->n < FRAME_HEADER + n) return 0;
	*message = json_parse(in->p + FRAME_HEADER, n, e);
	if (!*message) return -1;
	if (!cJSON_IsObject(*message) || !*frame_op(*message)) {
		cJSON_Delete(*message);
		*message = NULL;
		return err_set(e, ERR_INTERNAL, "a message without op");
	}
	in->n -= FRAME_HEADER + n;
	memmove(in->p, in->p + FRAME_HEADER + n, in->n + 1);
	return 1;
}

int
frame_send(int fd, const cJSON *message, struct err *e)
{
	struct buf out = {0};
	size_t at = 0;
	int rc = -1;

	if (frame_add(&out, message, e)) goto out;
	while (at < out.n) {
		ssize_t n = send(fd, out.p + at, out.n - at, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR) continue;
		if (n < 0) {
			err_set(e, ERR_AWAY, "send: %s", strerror(errno));
			goto out;
		}
		at += (size_t)n;
	}
	rc = 0;
out:
	buf_free(&out);
	return rc;
}

int
frame_receive(int fd, struct buf *in, int timeout_ms, cJSON **message, struct err *e)
{
	int64_t end = timeout_ms < 0 ? -1 : clock_now_ms() + timeout_ms;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = end < 0 ? -1 : end - clock_now_ms();
		int rc = frame_take(in, message, e);
		ssize_t n;

		if (rc) return rc;
		if (end >= 0 && left <= 0) return 0;
		rc = poll(&p, 1, (int)left);
		if (rc < 0 && errno != EINTR)
			return err_set(e, ERR_INTERNAL, "poll: %s", strerror(errno));
		if (rc <= 0) continue;
		n = recv(fd, buf_room(in, 4096), 4096, 0);
		if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
		if (n <= 0) return err_set(e, ERR_AWAY, "the other side has closed the connection");
		in->n += (size_t)n;
		in->p[in->n] = '\0';
	}
}

const char *
frame_op(const cJSON *message)
{
	return json_text(message, "op", "");
}
