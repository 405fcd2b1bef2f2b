/* The lines of a style file, one after the other, into a struct style. For style.c only. */
#ifndef EARSHOT_ENGINE_BAND_STYLE_READ_H
#define EARSHOT_ENGINE_BAND_STYLE_READ_H

struct err;
struct pattern;
struct style;
struct style_part;

struct style_reader {
	struct style *style;
	struct style_part *part;	/* the one whose lines these are; NULL before the first */
	struct pattern *open;		/* the drum pattern that rows are added to */
	char form[256];			/* kept until all sections are known */
};

/* One line without its newline; it is changed. ERR_INVALID without file and line. */
int style_read_line(struct style_reader *r, char *line, struct err *e);

/* Behind the last line: resolve the form. */
int style_read_end(struct style_reader *r, struct err *e);

#endif
