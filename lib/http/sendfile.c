#include "http/sendfile.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"

enum sendfile
sendfile_offered(const char *setting)
{
	if (setting && strcmp(setting, "x-sendfile") == 0) return SENDFILE_X;
	if (setting && strcmp(setting, "x-sendfile2") == 0) return SENDFILE_X2;
	return SENDFILE_COPY;
}

/* `bytes=` and one range, of numbers that every server can hold. */
static bool
is_plain(const char *range)
{
	static const char unit[] = "bytes=";
	const char *s = range + sizeof unit - 1;

	if (strncmp(range, unit, sizeof unit - 1) != 0) return false;
	s += strspn(s, "0123456789");
	if (*s++ != '-') return false;
	s += strspn(s, "0123456789");
	return !*s && s - range <= 24;
}

enum sendfile
sendfile_choose(enum sendfile offered, const struct sendfile_case *c)
{
	if (!c->get || c->n_ranges > 1) return SENDFILE_COPY;
	if (offered != SENDFILE_X) return offered;
	/* A range that we ignore might be none to ignore for the server. */
	if (c->range && (!c->n_ranges || !is_plain(c->range))) return SENDFILE_COPY;
	for (const char *p = c->path; *p; p++)
		if (*p == '%' || (unsigned char)*p < 0x20) return SENDFILE_COPY;
	return c->has_condition ? SENDFILE_COPY : SENDFILE_X;
}

void
sendfile_value(enum sendfile how, const char *path, struct range r, struct buf *out)
{
	if (how == SENDFILE_X) {
		buf_adds(out, path);
		return;
	}
	buf_add_percent(out, path, "/");
	buf_addf(out, " %" PRIu64 "-%" PRIu64, r.first, r.last);
}
