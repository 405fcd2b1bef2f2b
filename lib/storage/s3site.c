/* The settings of an S3 server (s3call.h). */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/host.h"
#include "base/str.h"
#include "storage/curllib.h"
#include "storage/s3call.h"
#include "storage/storage.h"

enum { KEY_FILE_BYTES = 8192 };

/* A name of DNS or an address, and perhaps a port: what may stand behind "https://". */
static bool
is_host(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-:[]");

	return n && !s[n];
}

/* S3's rules for new buckets, which also keep the name a part of a path. */
static bool
is_bucket(const char *s)
{
	size_t n = strlen(s);

	return n >= 3 && n <= 63 && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789.-") == n &&
		isalnum((unsigned char)s[0]) && isalnum((unsigned char)s[n - 1]) &&
		!strstr(s, "..");
}

/* SCHEME://HOST[:PORT][/] → origin, host and root. */
static int
read_url(struct s3_site *s, const struct conf *c, struct err *e)
{
	const char *sep = strstr(c->s3_url, "://"), *host = sep ? sep + 3 : "";
	bool in_host = strcmp(c->s3_style, "host") == 0;
	char name[300];
	size_t n;

	if (!sep || (!str_starts(c->s3_url, "https://") && !str_starts(c->s3_url, "http://")) ||
		!str_copy(name, sizeof name, host))
		return err_set(e, ERR_INVALID, "s3_url must be like https://s3.example.org, not "
			"\"%s\"", c->s3_url);
	n = strlen(name);
	if (n && name[n - 1] == '/') name[--n] = '\0';
	if (!is_host(name))
		return err_set(e, ERR_INVALID, "s3_url must be a scheme, a host and perhaps a "
			"port, not \"%s\"", c->s3_url);
	/* Hosts are signed in lower case, as libcurl sends them. */
	for (char *p = name; *p; p++) *p = (char)tolower((unsigned char)*p);
	n = (size_t)snprintf(s->host, sizeof s->host, "%s%s%s", in_host ? c->s3_bucket : "",
		in_host ? "." : "", name);
	if (n >= sizeof s->host) return err_set(e, ERR_INVALID, "s3_url is too long");
	snprintf(s->origin, sizeof s->origin, "%.*s://%s", (int)(sep - c->s3_url), c->s3_url,
		s->host);
	if (!in_host) snprintf(s->root, sizeof s->root, "/%s", c->s3_bucket);
	/* The default port is left out of Host. */
	n = strlen(s->host);
	if (str_starts(c->s3_url, "https://") && n > 4 && strcmp(s->host + n - 4, ":443") == 0)
		s->host[n - 4] = '\0';
	else if (str_starts(c->s3_url, "http://") && n > 3 && strcmp(s->host + n - 3, ":80") == 0)
		s->host[n - 3] = '\0';
	return 0;
}

/* The keys of a prefix that has a "/" at its end, or not. */
static int
read_prefix(struct s3_site *s, const struct conf *c, struct err *e)
{
	size_t n;

	if (!*c->s3_prefix) return 0;
	if (str_copy(s->prefix, sizeof s->prefix - 1, c->s3_prefix)) {
		n = strlen(s->prefix);
		if (n > 1 && s->prefix[n - 1] == '/') s->prefix[--n] = '\0';
		if (storage_key_ok(s->prefix)) {
			s->prefix[n] = '/';
			s->prefix[n + 1] = '\0';
			return 0;
		}
	}
	return err_set(e, ERR_INVALID, "s3_prefix must be up to %d letters, digits, \".\", \"_\", "
		"\"-\" and \"/\" between them, not \"%s\"", S3_PREFIX - 2, c->s3_prefix);
}

static int
read_ca_file(struct s3_site *s, const struct conf *c, struct err *e)
{
	const char *system = host_certificates("");

	if (!*c->s3_ca_file) {
		str_copy(s->ca_file, sizeof s->ca_file, system ? system : "");
		return 0;
	}
	if (!str_copy(s->ca_file, sizeof s->ca_file, c->s3_ca_file))
		return err_set(e, ERR_INVALID, "s3_ca_file is too long");
	return access(s->ca_file, R_OK) == 0 ? 0 : err_set(e, ERR_INVALID, "s3_ca_file: %s: %s",
		s->ca_file, strerror(errno));
}

/* A line of the key file: printable, without blanks. */
static bool
take_line(const char **at, char *out, size_t size)
{
	size_t n = strcspn(*at, "\r\n");
	bool ok = n && n < size;

	for (size_t i = 0; i < n; i++) ok = ok && isgraph((unsigned char)(*at)[i]);
	if (ok) {
		memcpy(out, *at, n);
		out[n] = '\0';
	}
	*at += n;
	*at += strspn(*at, "\r\n");
	return ok;
}

static int
read_keys(const char *file, struct s3_identity *id, struct err *e)
{
	struct buf text = {0};
	const char *at;
	struct stat st;
	int rc = -1;

	*id = (struct s3_identity){0};
	if (buf_read_file(&text, file, KEY_FILE_BYTES, e)) {
		err_prefix(e, "s3_key_file");
		e->kind = ERR_INVALID;
		goto out;
	}
	if (stat(file, &st) == 0 && st.st_mode & S_IRWXO) {
		err_set(e, ERR_INVALID, "s3_key_file: everyone may read %s; run chmod 600 on it",
			file);
		goto out;
	}
	at = buf_str(&text);
	if (!take_line(&at, id->access, sizeof id->access) ||
		!take_line(&at, id->secret, sizeof id->secret) ||
		(*at && !take_line(&at, id->token, sizeof id->token)) || *at)
		err_set(e, ERR_INVALID, "s3_key_file: %s must have two lines, the access key and "
			"the secret key, and perhaps a session token as the third", file);
	else rc = 0;
out:
	if (text.n) explicit_bzero(text.p, text.n);
	buf_free(&text);
	return rc;
}

/* Is it what was read? A file that was written again has another time of change. */
static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
		a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

void
s3_site_refresh(struct s3_site *s)
{
	struct s3_identity now;
	struct err ignored;
	struct stat st;

	if (stat(s->key_file, &st) < 0 || is_same(&st, &s->key_stat)) return;
	if (read_keys(s->key_file, &now, &ignored) == 0) {
		s->identity = now;
		s->key_stat = st;
	}
	explicit_bzero(&now, sizeof now);
}

int
s3_site_open(struct s3_site *s, const struct conf *c, struct err *e)
{
	*s = (struct s3_site){ .silence_s = c->s3_silence_s, .tries = c->s3_tries };
	if (!is_bucket(c->s3_bucket))
		return err_set(e, ERR_INVALID, "s3_bucket must be the name of a bucket, not \"%s\"",
			c->s3_bucket);
	str_copy(s->bucket, sizeof s->bucket, c->s3_bucket);
	str_copy(s->region, sizeof s->region, c->s3_region);
	if (!*c->s3_key_file) return err_set(e, ERR_INVALID, "s3_key_file is not set");
	if (!str_copy(s->key_file, sizeof s->key_file, c->s3_key_file))
		return err_set(e, ERR_INVALID, "s3_key_file is too long");
	if (read_url(s, c, e) || read_prefix(s, c, e) || read_ca_file(s, c, e)) return -1;
	/* Before it is read: what comes in between is read again. */
	if (stat(s->key_file, &s->key_stat) < 0) s->key_stat = (struct stat){0};
	return read_keys(s->key_file, &s->identity, e);
}

void
s3_site_close(struct s3_site *s)
{
	if (s->curl) s->lib->cleanup(s->curl);
	explicit_bzero(&s->identity, sizeof s->identity);
	s->curl = NULL;
}

void
s3_url(struct s3_site *s, const char *method, const char *key, const struct sigv4_pair *query,
	size_t n_query, uint32_t expires_s, struct buf *out)
{
	const struct s3_identity *id = &s->identity;
	struct sigv4_key k = { id->access, id->secret, s->region, "s3" };
	struct sigv4_pair host = { "host", s->host }, all[SIGV4_MAX_PAIRS];
	char date[SIGV4_DATE];
	struct buf path = {0};

	if (n_query > SIGV4_MAX_PAIRS - 1) abort();
	s3_site_refresh(s);
	if (n_query) memcpy(all, query, n_query * sizeof *query);
	if (*id->token)
		all[n_query++] = (struct sigv4_pair){ "X-Amz-Security-Token", id->token };
	sigv4_date(clock_wall_us() / 1000000, date);
	buf_addf(&path, "%s/%s%s", s->root, s->prefix, key);
	buf_adds(out, s->origin);
	sigv4_path(buf_str(&path), out);
	buf_addc(out, '?');
	sigv4_presign(&k, &(struct sigv4_request){ method, buf_str(&path), all, n_query, &host, 1,
		"UNSIGNED-PAYLOAD", date }, expires_s, out);
	buf_free(&path);
}
