#include "api/formats.h"

#include <stddef.h>
#include <string.h>

const struct format formats[] = {
	{ "flac", ".flac", "audio/flac" },
	{ "wav", ".wav", "audio/wav" },
	{ "ogg", ".ogg", "audio/ogg" },
	{ "opus", ".opus", "audio/ogg; codecs=opus" },
	{ "mp3", ".mp3", "audio/mpeg" },
	{ NULL, NULL, NULL },
};

const char *const format_names[] = { "flac", "wav", "ogg", "opus", "mp3", NULL };

const char *const format_stems[] = { "drums", "bass", "chords", "melody", "texture", "mix", NULL };

const struct format *
formats_find(const char *name)
{
	for (const struct format *f = formats; f->name; f++)
		if (strcmp(f->name, name) == 0) return f;
	return NULL;
}
