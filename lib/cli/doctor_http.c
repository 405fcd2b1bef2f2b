#include "cli/doctor_http.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/host.h"
#include "base/str.h"

enum { ANSWER_S = 20, MAX_ANSWER = 1 << 20, MAX_HEADERS = 1 << 16 };

static size_t
take(struct buf *b, size_t max, const char *p, size_t n)
{
	if (n > max - b->n) return 0;
	buf_add(b, p, n);
	return n;
}

static size_t
take_body(char *p, size_t one, size_t n, void *ctx)
{
	return take(&((struct answer *)ctx)->body, MAX_ANSWER, p, one * n);
}

static size_t
take_header(char *p, size_t one, size_t n, void *ctx)
{
	return take(&((struct answer *)ctx)->headers, MAX_HEADERS, p, one * n);
}

void
answer_free(struct answer *a)
{
	buf_free(&a->headers);
	buf_free(&a->body);
}

static void
prepare(CURL *c, const struct question *q, const char *url, struct curl_slist *headers,
	struct answer *a)
{
	const char *ca = q->ca ? q->ca : host_certificates("");

	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "earshot-doctor/" EARSHOT_VERSION);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)ANSWER_S);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, a);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, a);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	if (ca) curl_easy_setopt(c, CURLOPT_CAINFO, ca);
	if (q->method) curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, q->method);
}

bool
doctor_ask(const struct question *q, struct answer *a)
{
	struct curl_slist *list = NULL;
	struct buf url = {0}, body = {0};
	char says[CURL_ERROR_SIZE] = "";
	CURL *c = curl_easy_init();
	CURLcode code;

	*a = (struct answer){0};
	buf_addf(&url, "%s%s", q->base, q->path);
	for (const char *const *h = q->headers; h && *h; h++) list = curl_slist_append(list, *h);
	if (q->body_bytes) {
		memset(buf_room(&body, q->body_bytes), ' ', q->body_bytes);
		list = curl_slist_append(list, "Content-Type: application/json");
		list = curl_slist_append(list, "Expect:");
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, body.p);
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)q->body_bytes);
	}
	prepare(c, q, buf_str(&url), list, a);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, says);
	code = curl_easy_perform(c);
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &a->status);
	if (code != CURLE_OK)
		str_copy(a->says, sizeof a->says, *says ? says : curl_easy_strerror(code));
	curl_easy_cleanup(c);
	curl_slist_free_all(list);
	buf_free(&url);
	buf_free(&body);
	return code == CURLE_OK;
}

void
answer_header(const struct answer *a, const char *name, char *out, size_t size)
{
	size_t n = strlen(name);

	*out = '\0';
	for (const char *line = buf_str(&a->headers); *line; line += strcspn(line, "\n")) {
		line += *line == '\n';
		if (strncasecmp(line, name, n) != 0 || line[n] != ':') continue;
		line += n + 1 + strspn(line + n + 1, " ");
		snprintf(out, size, "%.*s", (int)strcspn(line, "\r\n"), line);
		return;
	}
}

bool
answer_has(const struct answer *a, const char *name, const char *what)
{
	char value[1024];

	answer_header(a, name, value, sizeof value);
	return strstr(value, what) != NULL;
}
