#include "storage/s3call.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"
#include "storage/curllib.h"
#include "storage/s3answer.h"

/* SLOWEST: fewer bytes a second are silence. SLOW_TIMES: how much longer one may think about it. */
enum { TEXT_BYTES = 256 << 10, BLOCK = 65536, FIRST_WAIT_MS = 100, MAX_WAIT_MS = 5000, STEP_MS = 50,
	SLOWEST = 512, SLOW_TIMES = 12 };

/* One try. */
struct attempt {
	struct s3_site *site;
	struct s3_call *call;
	uint64_t sent;				/* of the file */
	uint64_t done;				/* of what is wanted, over all tries */
	uint64_t part_first, part_last;		/* Content-Range */
	bool got;				/* some of it in this try */
	bool has_part, excess, misplaced, sink_failed, unread, stopped;
	long status;
	struct err sink_err;
	char says[CURL_ERROR_SIZE];
};

static size_t
take_header(char *line, size_t one, size_t n, void *ctx)
{
	struct attempt *a = ctx;
	struct s3_call *c = a->call;
	char text[S3_ETAG];
	size_t bytes = n *= one;

	while (n && (line[n - 1] == '\r' || line[n - 1] == '\n' || line[n - 1] == ' ')) n--;
	/* A new head, that behind "100 Continue" for instance. */
	if (n >= 5 && strncasecmp(line, "HTTP/", 5) == 0) {
		c->etag[0] = '\0';
		a->has_part = false;
	}
	if (n >= sizeof text) return bytes;
	memcpy(text, line, n);
	text[n] = '\0';
	if (strncasecmp(text, "etag:", 5) == 0)
		str_copy(c->etag, sizeof c->etag, text + 5 + strspn(text + 5, " \t"));
	if (strncasecmp(text, "content-range:", 14) == 0)
		a->has_part = s3_answer_range(text + 14, &a->part_first, &a->part_last);
	return bytes;
}

/* Does an answer begin where it was to begin? A whole object does where all was asked for. */
static bool
is_in_place(const struct attempt *a, uint64_t at)
{
	return a->status == 206 ? a->has_part && a->part_first == at : at == 0;
}

/* The bytes of an object, if they are those that were asked for. */
static size_t
take_object(struct attempt *a, const char *p, size_t n)
{
	struct s3_call *c = a->call;

	if (!a->got && !is_in_place(a, c->offset + a->done)) {
		a->misplaced = true;
		return 0;
	}
	a->got = true;
	if (n > c->wanted - a->done) {
		a->excess = true;
		return 0;
	}
	if (c->sink(c->ctx, p, n, &a->sink_err)) {
		a->sink_failed = true;
		return 0;
	}
	a->done += n;
	return n;
}

static size_t
take_body(char *p, size_t one, size_t n, void *ctx)
{
	struct attempt *a = ctx;

	n *= one;
	a->site->lib->getinfo(a->site->curl, CURLINFO_RESPONSE_CODE, &a->status);
	if (a->call->sink && a->status / 100 == 2) return take_object(a, p, n);
	if (n > TEXT_BYTES - a->call->text.n) {
		a->excess = true;
		return 0;
	}
	buf_add(&a->call->text, p, n);
	return n;
}

static size_t
give_file(char *p, size_t one, size_t n, void *ctx)
{
	struct attempt *a = ctx;
	uint64_t left = a->call->file_bytes - a->sent;
	ssize_t got;

	n *= one;
	if (n > left) n = (size_t)left;
	if (!n) return 0;
	while ((got = pread(a->call->fd, p, n, (off_t)(a->call->file_offset + a->sent))) < 0 &&
		errno == EINTR)
		continue;
	if (got <= 0) {
		a->unread = true;
		return CURL_READFUNC_ABORT;
	}
	a->sent += (uint64_t)got;
	return (size_t)got;
}

static int
rewind_file(void *ctx, curl_off_t offset, int origin)
{
	struct attempt *a = ctx;

	if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_CANTSEEK;
	a->sent = (uint64_t)offset;
	return CURL_SEEKFUNC_OK;
}

/* As libcurl would, but not for the programs that we execute. */
static curl_socket_t
open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *a)
{
	(void)ctx;
	(void)purpose;
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static int
look_alive(void *ctx, curl_off_t to, curl_off_t got, curl_off_t to_send, curl_off_t sent)
{
	struct attempt *a = ctx;

	(void)to;
	(void)got;
	(void)to_send;
	(void)sent;
	a->stopped = a->site->alive && !a->site->alive(a->site->alive_ctx);
	return a->stopped;
}

/* The SHA-256 of the body in hex. */
static int
hash_body(const struct s3_call *c, char out[SHA256_HEX], struct err *e)
{
	uint8_t hash[SHA256_BYTES];
	char block[BLOCK];
	struct sha256 sum;

	if (!c->has_file) {
		hash_sha256(c->body ? buf_str(c->body) : "", c->body ? c->body->n : 0, hash);
		hash_hex(hash, sizeof hash, out);
		return 0;
	}
	sha256_begin(&sum);
	for (uint64_t at = 0; at < c->file_bytes;) {
		uint64_t left = c->file_bytes - at;
		ssize_t n = pread(c->fd, block, left < BLOCK ? (size_t)left : BLOCK,
			(off_t)(c->file_offset + at));

		if (n < 0 && errno == EINTR) continue;
		if (n <= 0)
			return err_set(e, ERR_INTERNAL, "storage: read of a staged file: %s",
				n ? strerror(errno) : "it became shorter");
		sha256_add(&sum, block, (size_t)n);
		at += (uint64_t)n;
	}
	sha256_end(&sum, hash);
	hash_hex(hash, sizeof hash, out);
	return 0;
}

static struct curl_slist *
add_header(const struct curllib *lib, struct curl_slist *list, const char *name, const char *value)
{
	struct curl_slist *grown;
	struct buf line = {0};

	buf_addf(&line, "%s: %s", name, value);
	if (!(grown = lib->append(list, buf_str(&line)))) abort();
	buf_free(&line);
	return grown;
}

/* Sign, and return the header fields; the URL goes into url. */
static struct curl_slist *
sign(const struct attempt *a, const char *payload, struct buf *url)
{
	const struct s3_site *s = a->site;
	const struct s3_call *c = a->call;
	const struct s3_identity *id = &s->identity;
	struct sigv4_key k = { id->access, id->secret, s->region, "s3" };
	struct buf path = {0}, authorization = {0};
	struct sigv4_pair headers[5];
	struct curl_slist *list = NULL;
	char date[SIGV4_DATE], range[64];
	size_t n = 0;

	sigv4_date(clock_wall_us() / 1000000, date);
	headers[n++] = (struct sigv4_pair){ "host", s->host };
	headers[n++] = (struct sigv4_pair){ "x-amz-content-sha256", payload };
	headers[n++] = (struct sigv4_pair){ "x-amz-date", date };
	if (c->sink) {
		snprintf(range, sizeof range, "bytes=%" PRIu64 "-%" PRIu64, c->offset + a->done,
			c->offset + c->wanted - 1);
		headers[n++] = (struct sigv4_pair){ "range", range };
	}
	if (*id->token) headers[n++] = (struct sigv4_pair){ "x-amz-security-token", id->token };
	buf_addf(&path, "%s/%s%s", s->root, c->key ? s->prefix : "", c->key ? c->key : "");
	if (!c->key && *s->root) path.p[--path.n] = '\0';
	sigv4_authorize(&k, &(struct sigv4_request){ c->method, buf_str(&path), c->query,
		c->n_query, headers, n, payload, date }, &authorization);
	buf_adds(url, s->origin);
	sigv4_path(buf_str(&path), url);
	if (c->n_query) buf_addc(url, '?');
	sigv4_query(c->query, c->n_query, url);
	for (size_t i = 0; i < n; i++)
		list = add_header(s->lib, list, headers[i].name, headers[i].value);
	list = add_header(s->lib, list, "Authorization", buf_str(&authorization));
	/* libcurl would say that a body is a form. */
	if (c->has_file || c->body) list = add_header(s->lib, list, "Content-Type",
		"application/octet-stream");
	buf_free(&path);
	buf_free(&authorization);
	return list;
}

/* Time-outs: an object may take as long as it moves; whatever has no body must be done at once. */
static void
set_limits(const struct curllib *lib, CURL *curl, const struct s3_site *s,
	const struct s3_call *c, int64_t left_ms)
{
	long silence_s = (long)s->silence_s * (c->slow ? SLOW_TIMES : 1);
	int64_t most_ms = c->sink || c->has_file ? 0 : silence_s * 1000;

	if (left_ms && (!most_ms || left_ms < most_ms)) most_ms = left_ms;
	lib->setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)s->silence_s);
	lib->setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)SLOWEST);
	lib->setopt(curl, CURLOPT_LOW_SPEED_TIME, silence_s);
	lib->setopt(curl, CURLOPT_TIMEOUT_MS, (long)most_ms);
}

static void
set_body(const struct curllib *lib, CURL *curl, struct attempt *a)
{
	const struct s3_call *c = a->call;

	lib->setopt(curl, CURLOPT_CUSTOMREQUEST, c->method);
	if (strcmp(c->method, "HEAD") == 0) lib->setopt(curl, CURLOPT_NOBODY, 1L);
	if (c->has_file) {
		lib->setopt(curl, CURLOPT_UPLOAD, 1L);
		lib->setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)c->file_bytes);
		lib->setopt(curl, CURLOPT_READFUNCTION, give_file);
		lib->setopt(curl, CURLOPT_READDATA, a);
		lib->setopt(curl, CURLOPT_SEEKFUNCTION, rewind_file);
		lib->setopt(curl, CURLOPT_SEEKDATA, a);
	} else if (c->body || strcmp(c->method, "POST") == 0) {
		lib->setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
			(curl_off_t)(c->body ? c->body->n : 0));
		lib->setopt(curl, CURLOPT_POSTFIELDS, c->body ? buf_str(c->body) : "");
	}
}

static CURLcode
perform(struct attempt *a, const char *payload, int64_t left_ms)
{
	const struct curllib *lib = a->site->lib;
	CURL *curl = a->site->curl;
	struct buf url = {0};
	struct curl_slist *headers;
	CURLcode code;

	s3_site_refresh(a->site);
	headers = sign(a, payload, &url);
	lib->reset(curl);			/* its connections stay */
	lib->setopt(curl, CURLOPT_URL, buf_str(&url));
	lib->setopt(curl, CURLOPT_HTTPHEADER, headers);
	lib->setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	lib->setopt(curl, CURLOPT_USERAGENT, "earshot/" EARSHOT_VERSION);
	if (*a->site->ca_file) lib->setopt(curl, CURLOPT_CAINFO, a->site->ca_file);
	lib->setopt(curl, CURLOPT_NOSIGNAL, 1L);
	lib->setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	lib->setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	lib->setopt(curl, CURLOPT_ERRORBUFFER, a->says);
	lib->setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	lib->setopt(curl, CURLOPT_WRITEDATA, a);
	lib->setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	lib->setopt(curl, CURLOPT_HEADERDATA, a);
	lib->setopt(curl, CURLOPT_NOPROGRESS, 0L);
	lib->setopt(curl, CURLOPT_XFERINFOFUNCTION, look_alive);
	lib->setopt(curl, CURLOPT_XFERINFODATA, a);
	set_limits(lib, curl, a->site, a->call, left_ms);
	set_body(lib, curl, a);
	code = lib->perform(curl);
	lib->getinfo(curl, CURLINFO_RESPONSE_CODE, &a->status);
	a->call->length = -1;
	lib->getinfo(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &a->call->length);
	lib->free_all(headers);
	buf_free(&url);
	return code;
}

/* Refusals that are no status of 5xx and may pass all the same: what was sent arrived damaged or
 * too slowly, another request is at it, or the keys of the next session are about to come. */
static const char *const passing[] = { "RequestTimeout", "BadDigest", "IncompleteBody",
	"SlowDown", "XAmzContentSHA256Mismatch", "OperationAborted", "InternalError",
	"ServiceUnavailable", "ExpiredToken", NULL };

/* An answer that says no, also one within a 200. */
static int
refused(const struct attempt *a, struct err *e)
{
	const struct s3_call *c = a->call;
	enum err_kind kind = ERR_INTERNAL;
	struct s3_refusal r;

	s3_answer_refusal(&c->text, &r);
	if (a->status == 404) kind = ERR_NOT_FOUND;
	/* What is not implemented will not be at the next try. */
	else if ((a->status >= 500 && a->status != 501) || a->status == 429 || a->status == 408 ||
		str_index(r.code, passing) >= 0)
		kind = ERR_AWAY;
	return err_set(e, kind, "storage: %s %s/%s%s: the S3 server answers with status "
		"%ld%s%s%s%s", c->method, a->site->bucket, c->key ? a->site->prefix : "",
		c->key ? c->key : "", a->status, *r.code ? ", " : "", r.code,
		*r.message ? ": " : "", r.message);
}

/* There may be a right one tomorrow, but not at the next try. */
static int
distrust(const struct attempt *a, const char *says, struct err *e)
{
	a->call->distrusted = true;
	return err_set(e, ERR_AWAY, "storage: the certificate of %s is not trusted: %s; s3_ca_file "
		"names the file of those that are", a->site->host, says);
}

/* What became of a try. */
static int
judge(const struct attempt *a, CURLcode code, struct err *e)
{
	const struct s3_call *c = a->call;
	const char *key = c->key ? c->key : "", *says = *a->says ? a->says
		: a->site->lib->strerror(code);

	if (a->stopped) return err_set(e, ERR_STOPPED, "The storage was not waited for.");
	if (a->sink_failed) {
		*e = a->sink_err;
		return -1;
	}
	if (a->unread) return err_set(e, ERR_INTERNAL, "storage: a staged file became shorter");
	if (a->status == 416) return err_set(e, ERR_INTERNAL, "storage: read %s: too short", key);
	if (a->misplaced || a->excess)
		return err_set(e, ERR_INTERNAL, "storage: %s %s: the S3 server sends something "
			"else than what was asked for", c->method, key);
	/* A server may answer before it has read all, and then close. */
	if (a->status >= 300 && (code == CURLE_OK || code == CURLE_SEND_ERROR))
		return refused(a, e);
	if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
		return distrust(a, says, e);
	if (code != CURLE_OK)
		return err_set(e, ERR_AWAY, "storage: %s %s at %s: %s", c->method, key,
			a->site->host, says);
	if (str_starts(buf_str(&c->text), "<?xml") && strstr(buf_str(&c->text), "<Error>"))
		return refused(a, e);
	/* Was the rest announced, or is there no more? */
	if (c->sink && a->done < c->wanted)
		return err_set(e, a->has_part && a->part_last >= c->offset + c->wanted - 1
			? ERR_AWAY : ERR_INTERNAL, "storage: read %s: too short", key);
	return 0;
}

/* Wait before another try. False: somebody wants it to end, or there is no time left. */
static bool
wait_a_while(const struct s3_site *s, int64_t wait_ms, int64_t deadline_ms)
{
	int64_t until;

	/* Jitter, so that not all come back at once. */
	wait_ms = wait_ms / 2 + (int64_t)(clock_now_us() % 997) * wait_ms / 997;
	until = clock_now_ms() + wait_ms;
	if (deadline_ms && until >= deadline_ms) return false;
	while (clock_now_ms() < until) {
		if (s->alive && !s->alive(s->alive_ctx)) return false;
		usleep(STEP_MS * 1000);
	}
	return true;
}

int
s3_call(struct s3_site *s, struct s3_call *c, struct err *e)
{
	int64_t deadline_ms = s->limit_ms ? clock_now_ms() + s->limit_ms : 0, left_ms;
	int64_t wait_ms = FIRST_WAIT_MS;
	uint64_t done = 0;
	char payload[SHA256_HEX];
	int rc = -1;

	if (!s->lib && !(s->lib = curllib_load(e))) return -1;
	if (!s->curl && !(s->curl = s->lib->init()))
		return err_set(e, ERR_INTERNAL, "libcurl does not start");
	if (hash_body(c, payload, e)) return -1;
	err_set(e, ERR_AWAY, "storage: %s: there was no time for it", c->method);
	for (uint32_t tries = 0; tries < s->tries;) {
		struct attempt a = { .site = s, .call = c, .done = done };

		if (deadline_ms && (left_ms = deadline_ms - clock_now_ms()) <= 0) break;
		buf_reset(&c->text);
		c->tries++;
		rc = judge(&a, perform(&a, payload, deadline_ms ? left_ms : 0), e);
		c->status = a.status;
		if (!rc || e->kind != ERR_AWAY || c->distrusted) break;
		if (a.done > done) {
			tries = 0;
			wait_ms = FIRST_WAIT_MS;
		}
		done = a.done;
		if (++tries == s->tries || !wait_a_while(s, wait_ms, deadline_ms)) break;
		if ((wait_ms *= 2) > MAX_WAIT_MS) wait_ms = MAX_WAIT_MS;
	}
	/* What has begun is not "not there", whatever has become of it since. */
	if (rc && e->kind == ERR_NOT_FOUND && done) e->kind = ERR_AWAY;
	return rc;
}

void
s3_call_free(struct s3_call *c)
{
	buf_free(&c->text);
}
