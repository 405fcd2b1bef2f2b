#include "api/doctor.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "base/conf.h"
#include "base/probe.h"

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
	jtext_end(out, '}');
}
