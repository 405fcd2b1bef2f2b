/* AWS Signature Version 4: what a request to S3 is signed with, in its Authorization header or in
 * its URL. Pure: the time is an argument, nothing is sent.
 *
 * The rules are those of "Signature Version 4 signing process" in the Amazon S3 API Reference.
 * libcurl can sign as well, but not URLs, and its versions differ in what they do to the query. */
#ifndef EARSHOT_STORAGE_SIGV4_H
#define EARSHOT_STORAGE_SIGV4_H

#include <stddef.h>
#include <stdint.h>

struct buf;

struct sigv4_key {
	const char *access, *secret;
	const char *region, *service;		/* "us-east-1", "s3" */
};

/* A parameter of the query, or a header field. Values are as they are meant: not percent-encoded,
 * and of headers without blanks around them. */
struct sigv4_pair {
	const char *name, *value;
};

struct sigv4_request {
	const char *method;
	const char *path;			/* begins with "/", not percent-encoded */
	const struct sigv4_pair *query;		/* in any order */
	size_t n_query;
	/* All that is signed, in any order: lower-case names, no name twice, "host" among them. */
	const struct sigv4_pair *headers;
	size_t n_headers;
	/* SHA-256 of the body in hex, or what S3 takes in its place. */
	const char *payload;
	const char *date;			/* of sigv4_date() */
};

enum { SIGV4_DATE = 17, SIGV4_MAX_PAIRS = 24 };

/* "20130524T000000Z", the value of x-amz-date. */
void sigv4_date(int64_t unix_s, char out[SIGV4_DATE]);

/* Append the path, or the query, as they are signed and so must be sent: percent-encoded, and the
 * query sorted, with "=" behind each name. */
void sigv4_path(const char *path, struct buf *out);
void sigv4_query(const struct sigv4_pair *query, size_t n, struct buf *out);

/* Append the value of Authorization. SIGV4_MAX_PAIRS headers and parameters at most. */
void sigv4_authorize(const struct sigv4_key *k, const struct sigv4_request *r, struct buf *out);

/* Append a query that makes the request a URL which anyone may use for so many seconds from its
 * date on: the request's own, the five X-Amz- parameters, and the signature behind them. Of headers
 * there should be "host" alone, and the payload is "UNSIGNED-PAYLOAD". */
void sigv4_presign(const struct sigv4_key *k, const struct sigv4_request *r, uint32_t expires_s,
	struct buf *out);

#endif
