/* The XML that S3 answers with: lists, upload ids, errors. Pure, for text from outside.
 *
 * Only what such answers are made of is read: elements with or without prefixes, text with XML's
 * five entities and character references, and past a declaration, comments and attributes. A
 * DOCTYPE is refused, so there is nothing that could be expanded. */
#ifndef EARSHOT_STORAGE_S3XML_H
#define EARSHOT_STORAGE_S3XML_H

#include <stddef.h>

struct err;

enum { S3XML_DEPTH = 8, S3XML_PATH = 256, S3XML_TEXT = 2048 };

/* Call each at the end of every element, with its path, "ListBucketResult/Contents/Key", and the
 * text within it, "" if there is none but blanks; each returns -1 (with *e) to stop.
 * ERR_UNREADABLE: it is no such text, or an element is deeper or longer than S3 writes them. */
int s3xml_read(const char *xml, size_t n, int (*each)(void *ctx, const char *path,
	const char *text, struct err *e), void *ctx, struct err *e);

#endif
