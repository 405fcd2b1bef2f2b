/* Forms with files, multipart/form-data (RFC 7578 on RFC 2046), and other bodies of several parts,
 * read whole. Pure. */
#ifndef EARSHOT_BASE_FORM_H
#define EARSHOT_BASE_FORM_H

#include <stddef.h>

struct err;

enum { FORM_NAME = 64, FORM_FILE = 256, FORM_TYPE = 64, FORM_BOUNDARY = 70 };

struct form_part {
	char name[FORM_NAME]; /* of the field */
	char file[FORM_FILE]; /* the name that the file had; "" for what is no file */
	char type[FORM_TYPE]; /* its Content-Type without parameters; "" for none, or a long one */
	const char *data;     /* in the body */
	size_t n;
};

/* The boundary parameter of a Content-Type of that kind; ERR_UNSUPPORTED for another kind,
 * ERR_UNREADABLE where it is missing or no boundary (RFC 2046 5.1.1). */
int form_boundary(const char *content_type, char boundary[FORM_BOUNDARY + 1], struct err *e);

/* Read the n bytes of a body into at most max parts; how many there are. -1 with ERR_UNREADABLE
 * "byte 22: …" or, where there are more than max, ERR_INVALID. */
int form_read(const char *body, size_t n, const char *boundary, struct form_part *parts, int max,
	struct err *e);

/* The same of multipart/mixed, whose parts need no names. */
int mixed_boundary(const char *content_type, char boundary[FORM_BOUNDARY + 1], struct err *e);
int mixed_read(const char *body, size_t n, const char *boundary, struct form_part *parts, int max,
	struct err *e);

#endif
