/* Answering with an object of the storage, wherever it lies: by the web server where it is a file
 * and that can send it, through us, or from where it lies by a redirection. */
#ifndef EARSHOT_API_OBJECT_H
#define EARSHOT_API_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

struct api;
struct err;
struct request;
struct response;

struct object_answer {
	const char *key, *content_type;
	/* Its ETag is made of this, at most 119 bytes of what an ETag may hold, and its length. */
	const char *tag;
	int64_t modified_us;
	const char *cache_control;
	/* Nothing may tell which object it is: no redirection, and no length in the ETag. */
	bool is_secret;
};

/* By RFC 9110's rules for preconditions and ranges (http/response.h). What r has of
 * Content-Disposition goes along with a redirection. ERR_AWAY, also when the object is missing. */
int object_send(struct api *api, const struct request *req, struct response *res,
	const struct object_answer *a, struct err *e);

#endif
