#include "storage/sigv4.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/hash.h"

static const char algorithm[] = "AWS4-HMAC-SHA256";

void
sigv4_date(int64_t unix_s, char out[SIGV4_DATE])
{
	time_t t = (time_t)unix_s;
	struct tm tm = {0};

	gmtime_r(&t, &tm);
	if (!strftime(out, SIGV4_DATE, "%Y%m%dT%H%M%SZ", &tm)) out[0] = '\0';
}

void
sigv4_path(const char *path, struct buf *out)
{
	buf_add_percent(out, path, "/");
}

/* Parameters are sorted by their names as they are sent, and by their values where the name is
 * there twice. */
struct parameter {
	struct buf name, value;
};

static int
by_name(const void *a, const void *b)
{
	const struct parameter *x = a, *y = b;
	int c = strcmp(buf_str(&x->name), buf_str(&y->name));

	return c ? c : strcmp(buf_str(&x->value), buf_str(&y->value));
}

static int
by_header(const void *a, const void *b)
{
	return strcmp(((const struct sigv4_pair *)a)->name, ((const struct sigv4_pair *)b)->name);
}

void
sigv4_query(const struct sigv4_pair *query, size_t n, struct buf *out)
{
	struct parameter p[SIGV4_MAX_PAIRS] = {0};

	if (n > SIGV4_MAX_PAIRS) abort();
	for (size_t i = 0; i < n; i++) {
		buf_add_percent(&p[i].name, query[i].name, "");
		buf_add_percent(&p[i].value, query[i].value, "");
	}
	qsort(p, n, sizeof *p, by_name);
	for (size_t i = 0; i < n; i++) {
		buf_addf(out, "%s%s=%s", i ? "&" : "", buf_str(&p[i].name), buf_str(&p[i].value));
		buf_free(&p[i].name);
		buf_free(&p[i].value);
	}
}

static void
add_names(const struct sigv4_pair *sorted, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) buf_addf(out, "%s%s", i ? ";" : "", sorted[i].name);
}

/* "20130524/us-east-1/s3/aws4_request" */
static void
add_scope(const struct sigv4_key *k, const char *date, struct buf *out)
{
	buf_addf(out, "%.8s/%s/%s/aws4_request", date, k->region, k->service);
}

/* The hash of the canonical request. */
static void
hash_request(const struct sigv4_request *r, const struct sigv4_pair *sorted,
	char out[SHA256_HEX])
{
	uint8_t hash[SHA256_BYTES];
	struct buf b = {0};

	buf_addf(&b, "%s\n", r->method);
	sigv4_path(r->path, &b);
	buf_addc(&b, '\n');
	sigv4_query(r->query, r->n_query, &b);
	buf_addc(&b, '\n');
	for (size_t i = 0; i < r->n_headers; i++)
		buf_addf(&b, "%s:%s\n", sorted[i].name, sorted[i].value);
	buf_addc(&b, '\n');
	add_names(sorted, r->n_headers, &b);
	buf_addf(&b, "\n%s", r->payload);
	hash_sha256(b.p, b.n, hash);
	hash_hex(hash, sizeof hash, out);
	buf_free(&b);
}

static void
hmac(uint8_t key[SHA256_BYTES], const char *text)
{
	uint8_t out[SHA256_BYTES];

	hash_hmac_sha256(key, SHA256_BYTES, text, strlen(text), out);
	memcpy(key, out, sizeof out);
}

/* The signature: the hash of the request and where it holds, under a key that is made of the secret
 * for that day and place. */
static void
sign(const struct sigv4_key *k, const struct sigv4_request *r, const struct sigv4_pair *sorted,
	char out[SHA256_HEX])
{
	char hash[SHA256_HEX], day[9];
	uint8_t key[SHA256_BYTES];
	struct buf text = {0}, secret = {0};

	hash_request(r, sorted, hash);
	buf_addf(&text, "%s\n%s\n", algorithm, r->date);
	add_scope(k, r->date, &text);
	buf_addf(&text, "\n%s", hash);
	snprintf(day, sizeof day, "%.8s", r->date);
	buf_addf(&secret, "AWS4%s", k->secret);
	hash_hmac_sha256(secret.p, secret.n, day, strlen(day), key);
	hmac(key, k->region);
	hmac(key, k->service);
	hmac(key, "aws4_request");
	hmac(key, buf_str(&text));
	hash_hex(key, sizeof key, out);
	explicit_bzero(secret.p, secret.n);
	explicit_bzero(key, sizeof key);
	buf_free(&text);
	buf_free(&secret);
}

static void
sort_headers(const struct sigv4_request *r, struct sigv4_pair sorted[SIGV4_MAX_PAIRS])
{
	if (r->n_headers > SIGV4_MAX_PAIRS) abort();
	if (r->n_headers) memcpy(sorted, r->headers, r->n_headers * sizeof *sorted);
	qsort(sorted, r->n_headers, sizeof *sorted, by_header);
}

void
sigv4_authorize(const struct sigv4_key *k, const struct sigv4_request *r, struct buf *out)
{
	struct sigv4_pair sorted[SIGV4_MAX_PAIRS];
	char signature[SHA256_HEX];

	sort_headers(r, sorted);
	sign(k, r, sorted, signature);
	buf_addf(out, "%s Credential=%s/", algorithm, k->access);
	add_scope(k, r->date, out);
	buf_adds(out, ",SignedHeaders=");
	add_names(sorted, r->n_headers, out);
	buf_addf(out, ",Signature=%s", signature);
}

void
sigv4_presign(const struct sigv4_key *k, const struct sigv4_request *r, uint32_t expires_s,
	struct buf *out)
{
	struct sigv4_pair sorted[SIGV4_MAX_PAIRS], query[SIGV4_MAX_PAIRS];
	struct buf credential = {0}, names = {0};
	struct sigv4_request whole = *r;
	char expires[16], signature[SHA256_HEX];

	sort_headers(r, sorted);
	if (r->n_query > SIGV4_MAX_PAIRS - 5) abort();
	buf_addf(&credential, "%s/", k->access);
	add_scope(k, r->date, &credential);
	add_names(sorted, r->n_headers, &names);
	snprintf(expires, sizeof expires, "%u", expires_s);
	if (r->n_query) memcpy(query, r->query, r->n_query * sizeof *query);
	query[whole.n_query++] = (struct sigv4_pair){ "X-Amz-Algorithm", algorithm };
	query[whole.n_query++] = (struct sigv4_pair){ "X-Amz-Credential", buf_str(&credential) };
	query[whole.n_query++] = (struct sigv4_pair){ "X-Amz-Date", r->date };
	query[whole.n_query++] = (struct sigv4_pair){ "X-Amz-Expires", expires };
	query[whole.n_query++] = (struct sigv4_pair){ "X-Amz-SignedHeaders", buf_str(&names) };
	whole.query = query;
	sign(k, &whole, sorted, signature);
	sigv4_query(query, whole.n_query, out);
	buf_addf(out, "&X-Amz-Signature=%s", signature);
	buf_free(&credential);
	buf_free(&names);
}
