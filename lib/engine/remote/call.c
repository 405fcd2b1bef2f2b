#include "engine/remote/call.h"

#include <curl/curl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/host.h"
#include "base/io.h"
#include "base/str.h"
#include "engine/remote/place.h"

enum { KEY_MAX = 512, SAID_MAX = 1 << 20, CONNECT_MS = 10000, STEP_MS = 50, REDIRECTIONS = 3 };

struct line {
	const struct conf_remote *server;
	bool (*goes_on)(void *ctx);
	void *ctx;
	CURL *curl;
	char header[KEY_MAX + 32];	/* with the key; "" where there is none */
};

/* One transfer, of which curl tells us. */
struct transfer {
	struct line *line;
	const struct call *call;
	struct remote_answer *answer;
	size_t got;
	bool excess, stopped, full;
	struct err unwritten;
};

/* The first line of the file, as a header. */
static int
read_key(struct line *l, struct err *e)
{
	const struct conf_remote *s = l->server;
	struct buf text = {0};
	struct err why;
	size_t n;
	int rc = 0;

	if (!*s->key_file) return 0;
	if (buf_read_file(&text, s->key_file, KEY_MAX, &why)) {
		rc = err_set(e, ERR_AWAY, "The key of the server %s cannot be read (key_file).",
			s->name);
		goto out;
	}
	n = strcspn(buf_str(&text), "\r\n");
	text.p[n] = '\0';
	for (size_t i = 0; i < n; i++)
		if (text.p[i] <= ' ' || text.p[i] >= 0x7f) n = 0;
	if (!n)
		rc = err_set(e, ERR_INVALID, "The first line of key_file of the server %s is no "
			"key.", s->name);
	else snprintf(l->header, sizeof l->header, "Authorization: Bearer %s", text.p);
	sodium_memzero(text.p, text.n);
out:
	buf_free(&text);
	return rc;
}

struct line *
line_open(const struct conf_remote *server, bool (*goes_on)(void *ctx), void *ctx, struct err *e)
{
	struct line *l = calloc(1, sizeof *l);

	if (!l) abort();
	*l = (struct line){ .server = server, .goes_on = goes_on, .ctx = ctx,
		.curl = curl_easy_init() };
	if (!l->curl) err_set(e, ERR_INTERNAL, "libcurl does not start");
	else if (read_key(l, e) == 0) return l;
	line_close(l);
	return NULL;
}

void
line_close(struct line *l)
{
	if (!l) return;
	curl_easy_cleanup(l->curl);
	sodium_memzero(l->header, sizeof l->header);
	free(l);
}

static bool
goes_on(const struct line *l)
{
	return !l->goes_on || l->goes_on(l->ctx);
}

bool
line_wait(struct line *l, int ms)
{
	for (int64_t end = clock_now_ms() + ms, left; (left = end - clock_now_ms()) > 0;) {
		if (!goes_on(l)) return false;
		usleep((useconds_t)(left < STEP_MS ? left : STEP_MS) * 1000);
	}
	return goes_on(l);
}

static size_t
take(char *p, size_t one, size_t n, void *ctx)
{
	struct transfer *t = ctx;
	long status = 0;

	n *= one;
	if (n > t->call->max_bytes - t->got) {
		t->excess = true;
		return 0;
	}
	t->got += n;
	if (t->call->fd < 0) {
		buf_add(&t->answer->body, p, n);
		return n;
	}
	curl_easy_getinfo(t->line->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200) return n;
	t->full = io_write_full(t->call->fd, p, n, &t->unwritten) != 0;
	return t->full ? 0 : n;
}

static int
watch(void *ctx, curl_off_t down_all, curl_off_t down, curl_off_t up_all, curl_off_t up)
{
	struct transfer *t = ctx;

	(void)down_all;
	(void)down;
	(void)up_all;
	(void)up;
	t->stopped = !t->call->farewell && !goes_on(t->line);
	return t->stopped;
}

static void
prepare(struct transfer *t, const char *address, struct curl_slist *headers, int timeout_ms)
{
	CURL *c = t->line->curl;
	const struct call *q = t->call;

	curl_easy_reset(c);
	curl_easy_setopt(c, CURLOPT_URL, address);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "earshot/" EARSHOT_VERSION);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	if (host_certificates("")) curl_easy_setopt(c, CURLOPT_CAINFO, host_certificates(""));
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)t->line->server->patience_s);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, watch);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(c, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	if (q->post) curl_easy_setopt(c, CURLOPT_POSTFIELDS, q->json ? q->json : "{}");
}

/* Nobody is asked beforehand whether a body may come: it is short. */
static struct curl_slist *
headers(const struct line *l, const struct call *q)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:"), *more = list;

	if (more && q->post)
		more = curl_slist_append(list, "Content-Type: application/json");
	if (more && *l->header) more = curl_slist_append(list, l->header);
	if (!more) abort();
	return list;
}

/* A request without what may follow from it. */
static int
once(struct transfer *t, const char *address, int timeout_ms, struct err *e)
{
	struct curl_slist *list = headers(t->line, t->call);
	const char *name = t->line->server->name, *type = NULL;
	CURLcode code;

	t->got = 0;
	buf_reset(&t->answer->body);
	prepare(t, address, list, timeout_ms);
	code = curl_easy_perform(t->line->curl);
	curl_slist_free_all(list);
	if (t->stopped) return err_set(e, ERR_STOPPED, "The generation was stopped.");
	if (t->excess)
		return err_set(e, ERR_UNREADABLE, "The server %s sends more than it should.", name);
	if (t->full)
		return err_set(e, ERR_AWAY, "There is no room for what the server %s sends: %s",
			name, t->unwritten.text);
	if (code != CURLE_OK)
		return err_set(e, ERR_AWAY, "The server %s cannot be reached: %s.", name,
			curl_easy_strerror(code));
	curl_easy_getinfo(t->line->curl, CURLINFO_RESPONSE_CODE, &t->answer->status);
	curl_easy_getinfo(t->line->curl, CURLINFO_CONTENT_TYPE, &type);
	str_copy(t->answer->type, sizeof t->answer->type, type ? type : "");
	t->answer->server = name;
	return 0;
}

/* A server must not tell our key to those who read what it said. */
static void
hide_key(const struct line *l, struct buf *text)
{
	const char *key = strrchr(l->header, ' ');
	size_t n = key ? strlen(++key) : 0;
	char *at;

	while (n && text->n && (at = memmem(text->p, text->n, key, n))) memset(at, '*', n);
}

int
line_call(struct line *l, const struct call *c, struct remote_answer *a, struct err *e)
{
	struct transfer t = { .line = l, .call = c, .answer = a };
	int64_t end = clock_now_ms() + c->timeout_ms;
	struct buf address = {0};
	int rc = place_of(l->server->name, l->server->url, c->path, &address, e);

	for (int i = 0; !rc; i++) {
		int64_t left = end - clock_now_ms();
		char *to = NULL;

		if ((rc = once(&t, address.p, left > 1 ? (int)left : 1, e))) break;
		curl_easy_getinfo(l->curl, CURLINFO_REDIRECT_URL, &to);
		if (!to) break;
		if (c->post || i == REDIRECTIONS || !place_same_host(l->server->url, to)) {
			rc = err_set(e, ERR_UNREADABLE,
				"The server %s sends us elsewhere, where we do not go.",
				l->server->name);
			break;
		}
		buf_reset(&address);
		buf_adds(&address, to);
	}
	if (!rc) hide_key(l, &a->body);
	buf_free(&address);
	return rc;
}

int
line_say(struct line *l, const struct remote_message *m, struct remote_answer *a, struct err *e)
{
	const struct call c = { .post = m->post, .path = buf_str(&m->path),
		.json = buf_str(&m->json), .max_bytes = SAID_MAX, .fd = -1,
		.timeout_ms = (int)l->server->patience_s * 1000 };

	return line_call(l, &c, a, e);
}
