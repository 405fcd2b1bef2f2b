/* The style files that are linked into the program. embed.sh writes the definitions when it is
 * built. */
#ifndef EARSHOT_ENGINE_BAND_STYLES_H
#define EARSHOT_ENGINE_BAND_STYLES_H

#include <stddef.h>

struct band_file {
	const char *name;	/* without folder and ".style" */
	const char *text;	/* NUL-terminated */
};

extern const struct band_file band_styles[];	/* by name */
extern const size_t band_style_count;

#endif
