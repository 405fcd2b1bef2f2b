/* What went wrong, for the program (kind) and for the person (text).
 *
 * A function that can fail returns 0 or -1 and takes a struct err * last, never NULL. The kind
 * picks the HTTP status at the boundary; the text is one plain sentence that names the field, file,
 * query or setting, and never holds a secret. Values only: a struct err owns nothing and needs no
 * release. */
#ifndef EARSHOT_BASE_ERR_H
#define EARSHOT_BASE_ERR_H

enum err_kind {
	ERR_NONE,
	/* 400: not JSON, not UTF-8, not a number; a request that contradicts itself */
	ERR_UNREADABLE,
	ERR_UNAUTHORIZED,	/* 401 */
	ERR_FORBIDDEN,		/* 403 */
	ERR_NOT_FOUND,		/* 404 */
	ERR_CONFLICT,		/* 409: the thing is in the wrong state */
	ERR_TOO_LARGE,		/* 413 */
	ERR_UNSUPPORTED,	/* 415 */
	/* 422: a field is missing, of the wrong type, out of range or unknown */
	ERR_INVALID,
	ERR_BUSY,		/* 429: too many at once; try later */
	/* 503: the database, the storage or a helper is away; a later try may succeed */
	ERR_AWAY,
	ERR_STOPPED,		/* someone asked for it to stop; not a failure of the work itself */
	ERR_INTERNAL,		/* 500: ours */
};

/* One wrong field of a request. */
struct err_field {
	char field[64];
	char detail[192];
};

enum { ERR_MAX_FIELDS = 16 };

struct err {
	enum err_kind kind;
	char text[512];
	int retry_after_s;			/* for ERR_BUSY; 0: nobody can say */
	int n_fields;				/* 0 … ERR_MAX_FIELDS */
	struct err_field fields[ERR_MAX_FIELDS];
};

/* Set kind and text (cut at a character where it is too long), forget earlier fields. Always
 * returns -1, so that `return err_set(e, …)` reads well. */
int err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* ERR_BUSY, with when to try again. Returns -1. */
int err_busy(struct err *e, int retry_after_s, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Put "context: " in front of the text that is there. Returns -1. */
int err_prefix(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Add one wrong field; the first one also makes kind ERR_INVALID and the text "FIELD DETAIL".
 * More than ERR_MAX_FIELDS are dropped. Returns -1. */
int err_field(struct err *e, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A field that is fine as such but not together with what is there: kind ERR_UNREADABLE, the sentence
 * is the text and the detail of this one field. Returns -1. */
int err_refuse(struct err *e, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

void err_clear(struct err *e);

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

#endif
