/* One request of `earshot doctor`, as a program would make it that is not ours. */
#ifndef EARSHOT_CLI_DOCTOR_HTTP_H
#define EARSHOT_CLI_DOCTOR_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct question {
	const char *method;			/* NULL: GET, or POST where there is a body */
	const char *base, *path;		/* of the address, one behind the other */
	const char *const *headers;		/* lines, ended by NULL; NULL: none */
	size_t body_bytes;			/* so many blanks; 0: no body */
	const char *ca;				/* certificates to believe; NULL: the system's */
};

struct answer {
	long status;
	struct buf headers, body;
	char says[256];				/* why there is none */
};

/* False: no answer came, and says has the reason. answer_free() in either case. */
bool doctor_ask(const struct question *q, struct answer *a);
void answer_free(struct answer *a);

/* The value of a header, cut at size; "" when it is not there. */
void answer_header(const struct answer *a, const char *name, char *out, size_t size);
bool answer_has(const struct answer *a, const char *name, const char *what);

#endif
