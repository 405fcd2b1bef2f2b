/* What a prompt and its attributes ask for, as far as the band can follow. Pure: nothing is chosen.
 *
 * Attributes win over text: where both speak about the same thing, the text's word is dropped. */
#ifndef EARSHOT_ENGINE_BAND_PROMPT_H
#define EARSHOT_ENGINE_BAND_PROMPT_H

#include <stdbool.h>

#include "base/buf.h"
#include "engine/band/meter.h"
#include "engine/band/style.h"
#include "engine/band/texture.h"
#include "engine/band/theory.h"
#include "engine/band/words.h"

struct cJSON;

enum { WISH_ASKED = 12, WISH_MOODS = 4, WISH_STYLES = 64, WISH_WORDS = 40, WISH_WORD = 48 };

/* A few words of the prompt, as they were written. */
struct wish_words {
	char text[WISH_WORDS][WISH_WORD];
	int n;
};

struct wish {
	int style;			/* index into the list given; -1: none was named */
	int hint[WISH_STYLES]; /* how strongly a style was hinted at; below 0: not wanted */
	int bpm;			/* 0: none asked */
	int place; /* percent between the style's slowest and fastest; -1: none asked */
	int tonic;			/* -1: any */
	char accidental;		/* how the tonic was spelled: '#', 'b' or 0 */
	bool has_mode;
	enum theory_mode mode;
	bool has_meter;
	struct meter meter;
	int mood[WISH_MOODS], n_moods;	/* indices into moods[] */
	struct wish_asked {
		const struct instrument *instrument;	/* this one, or */
		const struct kind_word *kind;		/* one of these, or */
		enum role role; /* whatever plays this role; else ROLE_COUNT */
	} asked[WISH_ASKED];
	int n_asked;
	struct wish_asked excluded[WISH_ASKED];
	int n_excluded;
	bool solo;			/* only what is asked */
	bool pentatonic, blues;		/* scales for the tune */
	bool fade;
	int8_t texture[TEXTURE_COUNT];	/* percent asked for; 0: not spoken of; -1: not wanted */
	struct wish_words excluded_words, ignored;
};

/* Read both; attributes may be NULL. styles are those that can be named. */
void prompt_read(const char *prompt, const struct cJSON *attributes, const struct style *styles,
	int n_styles, struct wish *out);

/* Was playing this instrument in this role ruled out? */
bool wish_excludes(const struct wish *w, const struct instrument *i, enum role role);

#endif
