#include "api/listener.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "api/api.h"
#include "http/request.h"
#include "http/response.h"

static const char cookie[] = "earshot_listener";
enum { YEAR_S = 365 * 24 * 60 * 60 };

struct uuid
listener_of(const struct api *api, const struct request *req)
{
	struct uuid id = api->who.user.id;
	char value[UUID_TEXT];

	if (!uuid_is_nil(id)) return id;
	if (request_cookie(req, cookie, value, sizeof value)) uuid_parse(value, &id);
	return id;
}

/* Nothing but chance: a UUIDv7 would tell when the listener came, and be easy to guess. */
static struct uuid
draw(void)
{
	struct uuid id;

	if (getrandom(id.b, sizeof id.b, 0) != (ssize_t)sizeof id.b) abort();
	id.b[6] = (uint8_t)((id.b[6] & 0x0f) | 0x40);	/* RFC 9562 5.4: version 4 */
	id.b[8] = (uint8_t)((id.b[8] & 0x3f) | 0x80);
	return id;
}

struct uuid
listener_welcome(const struct api *api, const struct request *req, struct response *res)
{
	struct uuid id = listener_of(api, req);

	if (!uuid_is_nil(id)) return id;
	id = draw();
	response_header(res, "Set-Cookie", "%s=%s; Path=%s/; Max-Age=%d; HttpOnly; SameSite=Lax%s",
		cookie, UUID_STR(id), req->base_path, YEAR_S,
		request_is_tls(req) ? "; Secure" : "");
	return id;
}
