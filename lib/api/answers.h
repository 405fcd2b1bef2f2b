/* What the JSON answers of all resources have in common. */
#ifndef EARSHOT_API_ANSWERS_H
#define EARSHOT_API_ANSWERS_H

#include "base/jtext.h"
#include "base/uuid.h"
#include "http/paging.h"
#include "http/request.h"
#include "http/response.h"

/* Begin an answer; what is written into it goes out. */
struct jtext answer_json(struct response *res, int status);

/* The answer with one thing has been written: a 201 gets its address, /api/`collection`/`id`; what
 * was only read gets an ETag, and is 304 or 412 where the request's preconditions say so. */
void answer_about(const struct request *req, struct response *res, const char *collection,
	struct uuid id);

/* Begin a list, {"items":[…; write each item; end it with the rest of its envelope. What was only
 * read gets an ETag, as above. */
struct jtext answer_list(struct response *res, int status);
void answer_list_end(const struct request *req, struct response *res, const struct paging *page,
	const struct paging_end *end, struct jtext *out);

/* All there is to say of what has happened to a thing: {"status":"deleted","id":…}; name is the
 * name of its id. */
void answer_status(struct response *res, const char *status, const char *name, struct uuid id);

#endif
