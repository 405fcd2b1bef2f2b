#include "cli/download.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/host.h"
#include "base/io.h"

enum { TRIES = 5, FIRST_WAIT_MS = 250, CONNECT_S = 15, SILENCE_S = 30, REDIRECTIONS = 5 };
enum { PATH = 4096 };

/* One request: its body goes to a file, or to a text. */
struct transfer {
	CURL *curl;
	const struct download *d;	/* NULL: a text */
	struct sha256 sha;		/* of what is in the part */
	uint64_t done;
	int fd;
	struct buf *text;
	size_t max;
	bool excess;			/* more came than was announced */
	struct err unwritten;		/* why the part could not be written */
	bool full;			/* … if it could not */
	char says[CURL_ERROR_SIZE];
};

static size_t
take(char *p, size_t one, size_t n, void *ctx)
{
	struct transfer *t = ctx;

	n *= one;
	if (t->d ? n > t->d->size - t->done : n > t->max - t->text->n) {
		t->excess = true;
		return 0;
	}
	if (!t->d) {
		buf_add(t->text, p, n);
		return n;
	}
	if (io_write_full(t->fd, p, n, &t->unwritten) != 0) {
		t->full = true;
		return 0;
	}
	sha256_add(&t->sha, p, n);
	t->done += n;
	if (t->d->progress) t->d->progress(t->d->ctx, t->done, t->d->size);
	return n;
}

static void
prepare_request(struct transfer *t, const char *url)
{
	CURL *c = t->curl;

	curl_easy_reset(c);
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "earshot/" EARSHOT_VERSION);
	if (host_certificates("")) curl_easy_setopt(c, CURLOPT_CAINFO, host_certificates(""));
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(c, CURLOPT_MAXREDIRS, (long)REDIRECTIONS);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)SILENCE_S);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->says);
	/* What was asked for by https comes by https, wherever one is sent. */
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR,
		strncmp(url, "https:", 6) == 0 ? "https" : "http,https");
#else
	curl_easy_setopt(c, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
	curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS, strncmp(url, "https:", 6) == 0 ?
		(long)CURLPROTO_HTTPS : (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	if (t->done) curl_easy_setopt(c, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)t->done);
	t->says[0] = '\0';
}

/* What went wrong, in a sentence. Of these, ERR_AWAY is worth another try. */
static int
explain(const struct transfer *t, CURLcode code, const char *url, struct err *e)
{
	long status = 0;

	curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
	if (t->excess) return err_set(e, ERR_INVALID, "%s: more comes than was announced", url);
	if (t->full)
		return err_set(e, ERR_INTERNAL, "%s: %s", t->d->path, t->unwritten.text);
	if (code == CURLE_HTTP_RETURNED_ERROR && (status == 404 || status == 410))
		return err_set(e, ERR_NOT_FOUND, "%s: there is nothing of that name", url);
	if (code == CURLE_HTTP_RETURNED_ERROR && (status == 401 || status == 403))
		/* The Hub says so of what it does not know, too. */
		return err_set(e, ERR_FORBIDDEN, "%s: there is nothing of that name, or not for "
			"everyone (status %ld)", url, status);
	if (code == CURLE_HTTP_RETURNED_ERROR && status < 500 && status != 429 && status != 408)
		return err_set(e, ERR_INVALID, "%s: the server answers with status %ld", url,
			status);
	if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT)
		return err_set(e, ERR_INVALID, "%s: it is no address of http or https", url);
	return err_set(e, ERR_AWAY, "%s: %s", url, *t->says ? t->says : curl_easy_strerror(code));
}

/* Begin the part anew. */
static int
start_over(struct transfer *t, struct err *e)
{
	if (ftruncate(t->fd, 0) != 0 || lseek(t->fd, 0, SEEK_SET) != 0)
		return err_set(e, ERR_INTERNAL, "cannot write %s: %s", t->d->path, strerror(errno));
	sha256_begin(&t->sha);
	t->done = 0;
	return 0;
}

static int
attempt(struct transfer *t, const char *url, struct err *e)
{
	CURLcode code;
	long status = 0;

	if (t->text) buf_reset(t->text);
	prepare_request(t, url);
	code = curl_easy_perform(t->curl);
	curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
	/* A server that knows no ranges, or none of this one. */
	if (t->d && t->done && (code == CURLE_RANGE_ERROR || status == 416)) {
		if (start_over(t, e) != 0) return -1;
		prepare_request(t, url);
		code = curl_easy_perform(t->curl);
	}
	if (code != CURLE_OK) return explain(t, code, url, e);
	if (t->d && t->done < t->d->size)
		return err_set(e, ERR_AWAY, "%s: it ends after %llu of %llu bytes", url,
			(unsigned long long)t->done, (unsigned long long)t->d->size);
	return 0;
}

/* Tries that bring nothing more are counted. */
static int
transfer(struct transfer *t, const char *url, struct err *e)
{
	int wait_ms = FIRST_WAIT_MS, rc = -1;

	t->curl = curl_easy_init();
	if (!t->curl) return err_set(e, ERR_INTERNAL, "libcurl does not start");
	for (int tries = 0; tries < TRIES; tries++) {
		uint64_t before = t->done;

		if ((rc = attempt(t, url, e)) == 0 || e->kind != ERR_AWAY) break;
		if (t->done > before) {
			tries = 0;
			wait_ms = FIRST_WAIT_MS;
		}
		if (tries + 1 < TRIES) usleep((useconds_t)wait_ms * 1000);
		wait_ms *= 2;
	}
	curl_easy_cleanup(t->curl);
	return rc;
}

int
download_text(const char *url, size_t max, struct buf *out, struct err *e)
{
	struct transfer t = { .fd = -1, .text = out, .max = max };

	return transfer(&t, url, e);
}

/* The part as an earlier run has left it: how far it is, and the hash of that. */
static int
open_part(struct transfer *t, const char *part, struct err *e)
{
	struct stat st;
	char block[1 << 16];
	ssize_t n;

	sha256_begin(&t->sha);
	t->fd = open(part, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (t->fd < 0 || fstat(t->fd, &st) != 0)
		return err_set(e, ERR_INTERNAL, "cannot write %s: %s", part, strerror(errno));
	if ((uint64_t)st.st_size > t->d->size) return start_over(t, e);
	while ((n = read(t->fd, block, sizeof block)) > 0) {
		sha256_add(&t->sha, block, (size_t)n);
		t->done += (uint64_t)n;
	}
	return n == 0 ? 0 : err_set(e, ERR_INTERNAL, "cannot read %s: %s", part, strerror(errno));
}

/* Is it what was announced? Then it gets its name. */
static int
finish(struct transfer *t, const char *part, struct err *e)
{
	uint8_t sha[SHA256_BYTES];

	sha256_end(&t->sha, sha);
	if (t->d->sha256 && memcmp(sha, t->d->sha256, sizeof sha) != 0) {
		unlink(part);
		return err_set(e, ERR_INVALID, "%s: its SHA-256 is not the one that was announced",
			t->d->url);
	}
	if (fsync(t->fd) != 0 || rename(part, t->d->path) != 0)
		return err_set(e, ERR_INTERNAL, "cannot write %s: %s", t->d->path, strerror(errno));
	return io_sync_dir_of(t->d->path, e);
}

int
download_file(const struct download *d, struct err *e)
{
	struct transfer t = { .d = d, .fd = -1 };
	char part[PATH];
	int rc = -1;

	if (snprintf(part, sizeof part, "%s.part", d->path) >= PATH)
		return err_set(e, ERR_INVALID, "%s: the path is too long", d->path);
	if (open_part(&t, part, e) != 0) goto out;
	if (d->progress) d->progress(d->ctx, t.done, d->size);
	if (t.done < d->size && transfer(&t, d->url, e) != 0) {
		if (t.excess) unlink(part);
		goto out;
	}
	rc = finish(&t, part, e);
out:
	if (t.fd >= 0) close(t.fd);
	return rc;
}
