/* JSON from outside, checked before anyone looks at it; and JSON out.
 *
 * Trees are cJSON's. Reading: json_parse() refuses what is not RFC 8259 (depth, UTF-8, NUL, bytes
 * behind the value); json_read() fills a struct from an object by a table of fields, names every
 * wrong, missing or unknown field in the error and puts defaults where a field is absent. */
#ifndef EARSHOT_BASE_JSON_H
#define EARSHOT_BASE_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/uuid.h"

struct err;

enum { JSON_MAX_DEPTH = 32 };

enum json_type {
	/* char[]: min…max characters; the array must hold 4 × max + 1 bytes */
	JSON_TEXT,
	JSON_INT,		/* int64_t: min…max, a whole number */
	JSON_REAL,		/* double: min…max */
	JSON_BOOL,		/* bool */
	JSON_CHOICE,		/* int: index into choices; text in JSON */
	JSON_ID,		/* struct uuid; nil when absent or null */
	JSON_OBJECT,		/* const cJSON *, borrowed from the tree; NULL: absent or null */
	JSON_ARRAY,		/* const cJSON *, min…max elements; borrowed */
};

struct json_field {
	const char *name;
	enum json_type type;
	size_t offset;
	double min, max;
	double dflt;			/* for numbers and bool; the index for a choice */
	const char *const *choices;	/* NULL-terminated */
	/* a bool in the struct that tells whether it was there; 0: none */
	size_t has_offset;
	bool required;
};

/* The rows of a table. Text, absent reads as ""; the macro refuses an array that is too short. */
#define J_TEXT(s, f, lo, hi) \
	{ .name = #f, .type = JSON_TEXT, .offset = offsetof(s, f), .min = lo, \
		.max = J_FITS(s, f, hi) }
#define J_INT(s, f, lo, hi, d) \
	{ .name = #f, .type = JSON_INT, .offset = offsetof(s, f), .min = lo, .max = hi, .dflt = d }
#define J_REAL(s, f, lo, hi, d) \
	{ .name = #f, .type = JSON_REAL, .offset = offsetof(s, f), .min = lo, .max = hi, .dflt = d }
#define J_BOOL(s, f, d) { .name = #f, .type = JSON_BOOL, .offset = offsetof(s, f), .dflt = d }
#define J_CHOICE(s, f, list, d) \
	{ .name = #f, .type = JSON_CHOICE, .offset = offsetof(s, f), .choices = list, .dflt = d }
#define J_ID(s, f) { .name = #f, .type = JSON_ID, .offset = offsetof(s, f) }
#define J_OBJECT(s, f) { .name = #f, .type = JSON_OBJECT, .offset = offsetof(s, f) }
#define J_ARRAY(s, f, lo, hi) \
	{ .name = #f, .type = JSON_ARRAY, .offset = offsetof(s, f), .min = lo, .max = hi }
/* The same, must be there: J_REQUIRED(J_TEXT(…)) is not C, so the flag has a form of its own. */
#define J_TEXT_REQ(s, f, lo, hi) \
	{ .name = #f, .type = JSON_TEXT, .offset = offsetof(s, f), .min = lo, \
		.max = J_FITS(s, f, hi), .required = true }
#define J_INT_REQ(s, f, lo, hi) \
	{ .name = #f, .type = JSON_INT, .offset = offsetof(s, f), .min = lo, .max = hi, \
		.required = true }
#define J_CHOICE_REQ(s, f, list) \
	{ .name = #f, .type = JSON_CHOICE, .offset = offsetof(s, f), .choices = list, \
		.required = true }
#define J_ARRAY_REQ(s, f, lo, hi) \
	{ .name = #f, .type = JSON_ARRAY, .offset = offsetof(s, f), .min = lo, .max = hi, \
		.required = true }
#define J_ID_REQ(s, f) \
	{ .name = #f, .type = JSON_ID, .offset = offsetof(s, f), .required = true }
/* A number that may be absent: h is a bool in the struct. */
#define J_INT_OPT(s, f, h, lo, hi) \
	{ .name = #f, .type = JSON_INT, .offset = offsetof(s, f), .min = lo, .max = hi, \
		.has_offset = offsetof(s, h) }
#define J_REAL_OPT(s, f, h, lo, hi) \
	{ .name = #f, .type = JSON_REAL, .offset = offsetof(s, f), .min = lo, .max = hi, \
		.has_offset = offsetof(s, h) }
/* The same for what a PATCH changes only where it is given. */
#define J_TEXT_OPT(s, f, h, lo, hi) \
	{ .name = #f, .type = JSON_TEXT, .offset = offsetof(s, f), .min = lo, \
		.max = J_FITS(s, f, hi), .has_offset = offsetof(s, h) }
#define J_BOOL_OPT(s, f, h) \
	{ .name = #f, .type = JSON_BOOL, .offset = offsetof(s, f), .has_offset = offsetof(s, h) }
#define J_CHOICE_OPT(s, f, h, list) \
	{ .name = #f, .type = JSON_CHOICE, .offset = offsetof(s, f), .choices = list, \
		.has_offset = offsetof(s, h) }
/* hi, and a compile-time error unless hi characters of UTF-8 fit the member. */
#define J_FITS(s, f, hi) (hi + 0 * sizeof(char[sizeof(((s *)0)->f) >= 4 * (hi) + 1 ? 1 : -1]))

/* Parse n bytes. NULL with ERR_UNREADABLE; else the caller owns the tree (cJSON_Delete). */
cJSON *json_parse(const char *p, size_t n, struct err *e);

/* Fill out by the table. -1 with ERR_INVALID and every wrong field; prefix ("" or "attributes.")
 * goes before the names. JSON null reads as absent. out must be zeroed by the caller. */
int json_read(const cJSON *object, const struct json_field *fields, size_t n_fields,
	const char *prefix, void *out, struct err *e);

/* The UUIDs of an array (NULL: none) into ids, which holds max: how many there are. What is no UUID,
 * and one that is there twice, is added to the fields of *e as "field[3]". */
size_t json_read_ids(const cJSON *array, const char *field, struct uuid *ids, size_t max,
	struct err *e);

/* Append a member that json_read() found (NULL: none) as text; one of more than max_bytes is added
 * to the fields of *e. */
void json_print_field(const cJSON *tree, const char *field, size_t max_bytes, struct buf *out,
	struct err *e);

/* Append the tree, unformatted. */
void json_print(const cJSON *tree, struct buf *out);

/* Builders that never fail (out of memory aborts), for what cJSON lacks. */
cJSON *json_object(void);
cJSON *json_array(void);
void json_add_text(cJSON *o, const char *name, const char *text);	/* NULL: null */
void json_add_int(cJSON *o, const char *name, int64_t v);
void json_add_real(cJSON *o, const char *name, double v);	/* not finite: null */
void json_add_bool(cJSON *o, const char *name, bool v);
void json_add_id(cJSON *o, const char *name, struct uuid id);		/* nil: null */
void json_add(cJSON *o, const char *name, cJSON *item);		/* takes item; NULL: null */

/* Member readers for trees of our own making: the value, or the default when absent or of another
 * type. */
const char *json_text(const cJSON *o, const char *name, const char *dflt);
double json_real(const cJSON *o, const char *name, double dflt);

#endif
