/* Templates: prompts to begin with. Those of the system come with the schema and stay as they
 * are. */
#ifndef EARSHOT_RECORDS_TEMPLATES_H
#define EARSHOT_RECORDS_TEMPLATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"

struct db;
struct err;

enum { TEMPLATE_NAME_CHARS = 200, TEMPLATE_DESCRIPTION_CHARS = 2000, TEMPLATE_CATEGORY_CHARS = 64 };

struct template {
	struct uuid id, user_id;	/* user_id nil: the system, or no accounts */
	char *name, *text, *category;	/* owned, as all char * here */
	char *description;		/* NULL: none */
	char *attributes;		/* JSON object, or NULL */
	bool is_system;
	int64_t created_at, updated_at;	/* µs */
};

struct template_list {
	struct template *items;		/* owned */
	size_t n;
	bool has_more;			/* behind these */
	uint64_t total;			/* at least so many when it is capped */
	bool total_is_capped;
};

/* What a client says of one. NULL leaves what is there; as description and attributes "" is none.
 * Borrowed. */
struct template_change {
	const char *name, *description, *text, *attributes, *category;
};

struct template_filter {
	const char *category;		/* NULL: any; borrowed */
	int is_system;			/* -1: any */
};

/* c has name, text and category; user nil: nobody's. *id is made here. */
int templates_create(struct db *db, struct uuid user, const struct template_change *c,
	struct uuid *id, struct err *e);

/* ERR_NOT_FOUND when there is none. Release with templates_free() in every case (out must be
 * zeroed). */
int templates_get(struct db *db, struct uuid id, struct template *out, struct err *e);

/* Newest first; the system's own are the oldest. Release with templates_list_free() in every
 * case. */
int templates_list(struct db *db, const struct template_filter *f, uint32_t limit, uint32_t offset,
	struct template_list *out, struct err *e);

/* ERR_NOT_FOUND, or ERR_FORBIDDEN for one of the system. */
int templates_change(struct db *db, struct uuid id, const struct template_change *c, struct err *e);

/* The same, with all that favours it. */
int templates_delete(struct db *db, struct uuid id, struct err *e);

/* Call each with every category that a template has, in the order of the alphabet. */
int templates_categories(struct db *db, void (*each)(void *ctx, const char *category), void *ctx,
	struct err *e);

void templates_free(struct template *t);
void templates_list_free(struct template_list *l);

#endif
