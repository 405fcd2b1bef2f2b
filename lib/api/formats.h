/* The file formats of requests, by name: what HTTP has to know of them. How they are written is
 * audio/encode.h's business, which the responder does not link; a test compares the two tables. */
#ifndef EARSHOT_API_FORMATS_H
#define EARSHOT_API_FORMATS_H

struct format {
	const char *name, *extension, *content_type;
};

/* Ended by one without a name; and the names alone, in the same order. The first one is the
 * default. */
extern const struct format formats[];
extern const char *const format_names[];

/* The stems of a take by name, as the engines have them, and "mix", their sum; NULL-terminated. The same
 * test compares these. */
extern const char *const format_stems[];

/* NULL: there is no such format. */
const struct format *formats_find(const char *name);

#endif
