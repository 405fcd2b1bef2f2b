#include "api/doctor.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "base/conf.h"
#include "base/host.h"
#include "base/probe.h"

static void
write_limit(struct jtext *out, const char *name, uint64_t v)
{
	jtext_real(out, name, v == UINT64_MAX ? NAN : (double)v);
}

/* As the web server lets us run, which may be narrower than what a shell is told. */
static void
write_limits(struct jtext *out)
{
	struct host_limits l;

	host_limits("", &l);
	jtext_begin(out, "limits", '{');
	write_limit(out, "processes", l.processes);
	write_limit(out, "running", l.running);
	write_limit(out, "files", l.files);
	write_limit(out, "file_bytes", l.file_bytes);
	write_limit(out, "address_bytes", l.address_bytes);
	jtext_end(out, '}');
}

void
doctor_write(struct api *api, const struct request *req, struct jtext *out)
{
	const char *sendfile = http_io_env(req->io, "EARSHOT_SENDFILE"),
		*https = http_io_env(req->io, "HTTPS");

	if (!probe_knows(api->conf->state_dir, request_header(req, "X-Earshot-Doctor"))) return;
	if (!sendfile) sendfile = getenv("EARSHOT_SENDFILE");
	jtext_begin(out, "request", '{');
	jtext_text(out, "version", EARSHOT_VERSION);
	jtext_text(out, "settings", api->conf->file);
	jtext_int(out, "user", geteuid());
	jtext_text(out, "interface", getenv("REQUEST_METHOD") ? "cgi" : "fastcgi");
	jtext_text(out, "sendfile", sendfile ? sendfile : "");
	jtext_bool(out, "https", https && strcmp(https, "on") == 0);
	jtext_bool(out, "authorization", request_header(req, "Authorization"));
	jtext_bool(out, "cookie", request_header(req, "Cookie"));
	jtext_bool(out, "range", request_header(req, "Range"));
	jtext_bool(out, "condition", request_header(req, "If-None-Match"));
	write_limits(out);
	jtext_end(out, '}');
}
