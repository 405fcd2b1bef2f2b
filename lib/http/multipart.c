#include "http/multipart.h"

#include <inttypes.h>

#include "base/buf.h"

void
multipart_begin(struct multipart *m, const char *content_type, uint64_t length)
{
	uuid_format(uuid_new(), m->boundary);
	m->content_type = content_type;
	m->length = length;
}

void
multipart_head(const struct multipart *m, struct range r, struct buf *out)
{
	buf_addf(out, "\r\n--%s\r\nContent-Type: %s\r\nContent-Range: bytes "
		"%" PRIu64 "-%" PRIu64 "/%" PRIu64 "\r\n\r\n", m->boundary, m->content_type,
		r.first, r.last, m->length);
}

void
multipart_end(const struct multipart *m, struct buf *out)
{
	buf_addf(out, "\r\n--%s--\r\n", m->boundary);
}

uint64_t
multipart_bytes(const struct multipart *m, const struct range *r, size_t n)
{
	struct buf text = {0};
	uint64_t total = 0;

	for (size_t i = 0; i < n; i++) {
		multipart_head(m, r[i], &text);
		total += range_bytes(r[i]);
	}
	multipart_end(m, &text);
	total += text.n;
	buf_free(&text);
	return total;
}
