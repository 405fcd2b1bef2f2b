/* Favourites: what someone marked to find it again, with a note. At most one of a user and a
 * target. */
#ifndef EARSHOT_RECORDS_FAVORITES_H
#define EARSHOT_RECORDS_FAVORITES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"

struct db;
struct err;

enum favorite_type { FAVORITE_PROMPT, FAVORITE_AUDIO, FAVORITE_TEMPLATE, FAVORITE_TYPES };
extern const char *const favorite_type_names[FAVORITE_TYPES + 1];	/* "prompt", …, NULL */

enum { FAVORITE_NOTE_CHARS = 1000 };

struct favorite {
	struct uuid id, user_id;	/* user_id nil where there are no accounts */
	enum favorite_type type;
	struct uuid target;
	char *note;			/* NULL: none; owned, as all char * here */
	char *preview;			/* the beginning of the text, the title or the name */
	int64_t target_created_at;	/* µs */
	int64_t created_at;		/* µs */
};

struct favorite_list {
	struct favorite *items;		/* owned */
	size_t n;
	bool has_more;			/* behind these */
	uint64_t total;			/* at least so many when it is capped */
	bool total_is_capped;
};

/* ERR_NOT_FOUND when there is no such target, ERR_CONFLICT when it is a favourite of the user. note
 * NULL or "": none. *id is made here. */
int favorites_create(struct db *db, struct uuid user, enum favorite_type type, struct uuid target,
	const char *note, struct uuid *id, struct err *e);

/* ERR_NOT_FOUND when there is none. Release with favorites_free() in every case (out must be
 * zeroed). */
int favorites_get(struct db *db, struct uuid user, struct uuid id, struct favorite *out,
	struct err *e);

/* The user's favourite of this target: 1, 0: there is none, -1. */
int favorites_find(struct db *db, struct uuid user, enum favorite_type type, struct uuid target,
	struct favorite *out, struct err *e);

/* Newest first; type FAVORITE_TYPES: of any. Release with favorites_list_free() in every case. */
int favorites_list(struct db *db, struct uuid user, enum favorite_type type, uint32_t limit,
	uint32_t offset, struct favorite_list *out, struct err *e);

/* ERR_NOT_FOUND. */
int favorites_set_note(struct db *db, struct uuid user, struct uuid id, const char *note,
	struct err *e);
int favorites_delete(struct db *db, struct uuid user, struct uuid id, struct err *e);
int favorites_delete_of(struct db *db, struct uuid user, enum favorite_type type,
	struct uuid target, struct err *e);

/* For the transaction that deletes these n targets (at most ROWS_IN): nobody favours them any
 * more. */
int favorites_forget(struct db *db, enum favorite_type type, const struct uuid *targets, size_t n,
	struct err *e);

void favorites_free(struct favorite *f);
void favorites_list_free(struct favorite_list *l);

#endif
