#include "cli/cli.h"

#include "audio/decode.h"
#include "audio/encode.h"
#include "base/err.h"

int
cli_transcode(const char *conf_file, int argc, char **argv, struct err *e)
{
	const struct audio_format *f;
	const char *words[3];
	size_t n;

	(void)conf_file;
	if (cli_parse(argc, argv, NULL, 0, words, NELEM(words), &n, e)) return -1;
	if (n != NELEM(words)) return err_set(e, ERR_UNREADABLE, "three names are needed");
	if (!(f = audio_format_find(words[1])))
		return err_set(e, ERR_UNREADABLE, "there is no format %s", words[1]);
	return audio_transcode(words[0], words[2], f, NULL, e);
}
