/* What `earshot doctor` wants to know of the responder as the web server runs it. */
#ifndef EARSHOT_API_DOCTOR_H
#define EARSHOT_API_DOCTOR_H

#include "base/jtext.h"

struct api;
struct request;

/* A member "request" for who shows the word of base/probe.h in X-Earshot-Doctor; nothing for anyone
 * else. */
void doctor_write(struct api *api, const struct request *req, struct jtext *out);

#endif
