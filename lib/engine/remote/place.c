#include "engine/remote/place.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

/* Scheme, host and port as one text. False: it is no address of http or https, or has a user. */
static bool
origin(const char *url, struct buf *out)
{
	char *part[3] = {0}, *user = NULL;
	CURLU *u = curl_url();
	bool ok;

	if (!u) abort();
	ok = curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
		curl_url_get(u, CURLUPART_SCHEME, &part[0], 0) == CURLUE_OK &&
		curl_url_get(u, CURLUPART_HOST, &part[1], 0) == CURLUE_OK &&
		curl_url_get(u, CURLUPART_PORT, &part[2], CURLU_DEFAULT_PORT) == CURLUE_OK &&
		curl_url_get(u, CURLUPART_USER, &user, 0) != CURLUE_OK &&
		(str_eq_nocase(part[0], "http") || str_eq_nocase(part[0], "https"));
	if (ok) buf_addf(out, "%s://%s:%s", part[0], part[1], part[2]);
	for (int i = 0; i < 3; i++) curl_free(part[i]);
	curl_free(user);
	curl_url_cleanup(u);
	return ok;
}

bool
place_same_host(const char *url, const char *other)
{
	struct buf a = {0}, b = {0};
	bool same = origin(url, &a) && origin(other, &b) && str_eq_nocase(buf_str(&a),
		buf_str(&b));

	buf_free(&a);
	buf_free(&b);
	return same;
}

/* Of what an address consists: nothing that would have to be written otherwise. */
static bool
is_plain(const char *s)
{
	size_t n = strlen(s);

	if (!n || n > PLACE_MAX) return false;
	for (; *s; s++)
		if (*s <= ' ' || *s >= 0x7f || strchr("\\\"<>^`{|}", *s)) return false;
	return true;
}

int
place_of(const char *server, const char *url, const char *said, struct buf *out, struct err *e)
{
	if (!is_plain(said))
		return err_set(e, ERR_UNREADABLE, "The server %s answers nonsense: no address of a "
			"result.", server);
	if (*said == '/') {
		buf_addf(out, "%s%s", url, said);
		return 0;
	}
	if (!place_same_host(url, said))
		return err_set(e, ERR_UNREADABLE,
			"The server %s sends us to another host for a result, "
			"where we do not go.",
			server);
	buf_adds(out, said);
	return 0;
}
