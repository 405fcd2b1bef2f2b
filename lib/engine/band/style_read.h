/* The lines of a style file, one after the other, into a struct style. For style.c, style_read.c
 * and style_part.c only. */
#ifndef EARSHOT_ENGINE_BAND_STYLE_READ_H
#define EARSHOT_ENGINE_BAND_STYLE_READ_H

#include "engine/band/style.h"

struct style_reader {
	struct style *style;
	struct style_part *part;	/* the one whose lines these are; NULL before the first */
	struct pattern *open;		/* the drum pattern that rows are added to */
	char form[256];			/* kept until all sections are known, like these names */
	char section[STYLE_SECTIONS][16];	/* bit n of a pattern's sections, for now */
	int sections;
};

/* One line without its newline; it is changed. ERR_INVALID without file and line. */
int style_read_line(struct style_reader *r, char *line, struct err *e);

/* Behind the last line: resolve the form, and for which sections patterns are. */
int style_read_end(struct style_reader *r, struct err *e);

/* The next word of *s, cut off in place; "" at the end. */
char *style_word(char **s);

/* The next piece of a list parted by commas, without blanks around it; NULL at the end. */
char *style_piece(char **s);

/* "electric piano 4": cut off and return the weight behind the last blank, 1 if there is none, -1
 * if wrong. */
int style_weight(char *item, struct err *e);

/* A whole number; what names it in the error. */
int style_number(const char *what, const char *text, int low, int high, int *out, struct err *e);

/* One of a NULL-terminated list. */
int style_choice(
	const char *what, const char *text, const char *const *list, int *out, struct err *e);

int style_part_named(const struct style *y, const char *name);	/* -1: none */

/* style_part.c: the lines of a part, each without its keyword. */
int style_read_part(struct style_reader *r, char *s, struct err *e);
int style_read_plays(struct style_reader *r, char *s, struct err *e);
int style_read_instrument(struct style_reader *r, char *s, struct err *e);
int style_read_range(struct style_reader *r, char *s, struct err *e);
int style_read_scale(struct style_reader *r, char *s, struct err *e);
int style_read_ornament(struct style_reader *r, char *s, struct err *e);
int style_read_pattern(struct style_reader *r, char *s, struct err *e);
int style_read_fill(struct style_reader *r, char *s, struct err *e);

/* The keywords with one value: level, pan, … ERR_INVALID also for what is no keyword at all. */
int style_read_part_value(struct style_part *p, const char *name, const char *s, struct err *e);

#endif
