/* JSON text written straight into a buffer: several times as fast as by way of a tree, for answers
 * that are asked for thousands of times a second.
 *
 *	struct jtext j = { .out = &buf };
 *	jtext_begin(&j, NULL, '{');
 *	jtext_text(&j, "status", "queued");
 *	jtext_begin(&j, "audio_ids", '[');
 *	jtext_id(&j, NULL, id);
 *	jtext_end(&j, ']');
 *	jtext_end(&j, '}');
 *
 * name is NULL for elements of an array and for the outermost value; names are ours and need no
 * escapes. */
#ifndef EARSHOT_BASE_JTEXT_H
#define EARSHOT_BASE_JTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/uuid.h"

struct jtext {
	struct buf *out;	/* borrowed */
	bool comma;		/* the next value needs one in front */
};

void jtext_begin(struct jtext *j, const char *name, char bracket);	/* '{' or '[' */
void jtext_end(struct jtext *j, char bracket);				/* '}' or ']' */
void jtext_text(struct jtext *j, const char *name, const char *text);	/* UTF-8; NULL: null */
void jtext_int(struct jtext *j, const char *name, int64_t v);
void jtext_real(struct jtext *j, const char *name, double v);		/* not finite: null */
void jtext_bool(struct jtext *j, const char *name, bool v);
void jtext_id(struct jtext *j, const char *name, struct uuid id);	/* nil: null */
void jtext_time(struct jtext *j, const char *name, int64_t wall_us);	/* 0: null */
/* JSON text as it is; NULL: null */
void jtext_json(struct jtext *j, const char *name, const char *json);

/* The name of the next value, which is then given NULL for one: for names that are not ours. */
void jtext_key(struct jtext *j, const char *name);

/* The members of an object that is JSON text already, as members of the one that is open. NULL:
 * none. */
void jtext_members(struct jtext *j, const char *object);

#endif
