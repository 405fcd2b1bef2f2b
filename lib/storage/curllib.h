/* libcurl, loaded when it is first needed. Linked, it would be loaded with some thirty other
 * libraries at the start of every program, 5 ms that a host with plain CGI would pay for each
 * request, whether or not its audio lies in a bucket. */
#ifndef EARSHOT_STORAGE_CURLLIB_H
#define EARSHOT_STORAGE_CURLLIB_H

#include <stdbool.h>

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

struct err;

struct curllib {
	bool usable;
	CURLcode (*global_init)(long flags);
	CURL *(*init)(void);
	void (*reset)(CURL *curl);
	void (*cleanup)(CURL *curl);
	CURLcode (*setopt)(CURL *curl, CURLoption option, ...);
	CURLcode (*perform)(CURL *curl);
	CURLcode (*getinfo)(CURL *curl, CURLINFO info, ...);
	const char *(*strerror)(CURLcode code);
	struct curl_slist *(*append)(struct curl_slist *list, const char *text);
	void (*free_all)(struct curl_slist *list);
};

/* The same one for ever, for any thread. NULL with ERR_INTERNAL: it is not installed. */
const struct curllib *curllib_load(struct err *e);

#endif
