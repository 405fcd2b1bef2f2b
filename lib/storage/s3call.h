/* One signed request to an S3 server by libcurl, repeated where that helps. What a bucket and its
 * objects are is s3.c's business.
 *
 * What may pass (no connection, silence, a body that ends early, 408, 429, 5xx, a body that arrived
 * damaged) is tried again s3_tries times, after a wait that doubles, with jitter; an answer that
 * was half read goes on where it broke off, and each piece of it counts as a new beginning.
 * Redirections are not followed: what we sign is for nobody else. A proxy of the environment is
 * used, as other programs for S3 do. At most 64 KiB of a body are in memory. */
#ifndef EARSHOT_STORAGE_S3CALL_H
#define EARSHOT_STORAGE_S3CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "storage/sigv4.h"

struct conf;
struct curllib;
struct err;

enum { S3_ETAG = 128, S3_KEY_TEXT = 256, S3_TOKEN = 4096, S3_PREFIX = 130, S3_FILE = 512 };

/* Who we are for the server. */
struct s3_identity {
	char access[S3_KEY_TEXT], secret[S3_KEY_TEXT];
	char token[S3_TOKEN];		/* of a session; "": none */
};

/* A server and what is needed to talk to it. */
struct s3_site {
	char origin[600];		/* "https://host:port" */
	char host[300];			/* as the header has it */
	char root[300];			/* "/bucket", or "" where host has it */
	char bucket[128], region[128];
	char prefix[S3_PREFIX];		/* of all keys in the bucket: "studio/", or "" */
	char ca_file[S3_FILE];		/* "": what libcurl trusts by itself */
	char key_file[S3_FILE];
	struct stat key_stat;		/* as it was when it was read */
	struct s3_identity identity;
	uint32_t silence_s, tries;
	uint32_t limit_ms;		/* for a whole operation with its repetitions; 0: none */
	bool (*alive)(void *ctx);	/* asked while one waits; false: stop. NULL: nobody */
	void *alive_ctx;
	const struct curllib *lib;	/* NULL: not loaded yet */
	void *curl;			/* a CURL *, kept for its connections */
};

/* Read the settings; the key file as well. ERR_INVALID names the setting. */
int s3_site_open(struct s3_site *s, const struct conf *c, struct err *e);
void s3_site_close(struct s3_site *s);

/* Read the key file again if it has changed since: keys of a session are replaced while we run.
 * While there is none that can be read, the old keys stay. */
void s3_site_refresh(struct s3_site *s);

struct s3_call {
	const char *method;
	const char *key;			/* without the prefix; NULL: the bucket itself */
	const struct sigv4_pair *query;
	size_t n_query;

	/* The body: file_bytes of fd from file_offset on, or text, or none. */
	bool has_file;
	int fd;
	uint64_t file_offset, file_bytes;
	const struct buf *body;

	/* With a sink: wanted bytes of the object from offset on. */
	int (*sink)(void *ctx, const void *p, size_t n, struct err *e);
	void *ctx;
	uint64_t offset, wanted;

	bool slow;				/* the server may need minutes to answer */

	/* What came back, of the last try. */
	long status;				/* 0: none */
	bool distrusted;			/* it does not prove that it is the server */
	uint32_t tries;
	struct buf text;		/* a body without a sink, and that of a refusal; owned */
	char etag[S3_ETAG];			/* with its quotes; "": none */
	int64_t length;				/* Content-Length; -1: none */
};

/* ERR_NOT_FOUND (404), ERR_AWAY (it may pass), ERR_INTERNAL (it will not), ERR_STOPPED (not alive),
 * or what the sink said. *c may be used once; s3_call_free() in every case. */
int s3_call(struct s3_site *s, struct s3_call *c, struct err *e);
void s3_call_free(struct s3_call *c);

/* Append the URL of a GET (or HEAD) of this object that is good for so long, for anyone; with the
 * keys of a session no longer than these. */
void s3_url(struct s3_site *s, const char *method, const char *key,
	const struct sigv4_pair *query, size_t n_query, uint32_t expires_s, struct buf *out);

#endif
