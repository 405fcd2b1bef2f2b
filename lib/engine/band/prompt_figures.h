/* What in a prompt is written in figures or in the letters of notes: tempos, meters, keys, lengths
 * of time. For prompt.c only. */
#ifndef EARSHOT_ENGINE_BAND_PROMPT_FIGURES_H
#define EARSHOT_ENGINE_BAND_PROMPT_FIGURES_H

#include "engine/band/prompt_rules.h"

struct prompt_figure {
	enum { FIGURE_NONE, FIGURE_TEMPO, FIGURE_METER, FIGURE_KEY, FIGURE_UNUSED } kind;
	int tokens;
	int from, to;		/* beats a minute (to 0: exactly), or the two numbers of a meter */
	int tonic;
	char accidental;	/* '#', 'b' or 0 */
	bool has_mode;
	enum theory_mode mode;
};

/* What stands at the reader, FIGURE_NONE if it is nothing of the kind. FIGURE_UNUSED is a length of
 * time or a tempo that nobody plays. */
struct prompt_figure prompt_figure_at(const struct prompt_reader *r);

#endif
