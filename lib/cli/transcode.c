#include "cli/cli.h"

#include "audio/decode.h"
#include "audio/encode.h"
#include "base/err.h"
#include "base/str.h"

int
cli_transcode(const char *conf_file, int argc, char **argv, struct err *e)
{
	const char *gain = "0", *frames = "0", *words[3];
	struct audio_change c = {0};
	const struct cli_option options[] = {
		{ .name = "--gain", .value = &gain },
		{ .name = "--frames", .value = &frames },
		{ .name = "--untagged", .flag = &c.untagged },
	};
	const struct audio_format *f;
	size_t n;

	(void)conf_file;
	if (cli_parse(argc, argv, options, NELEM(options), words, NELEM(words), &n, e)) return -1;
	if (n != NELEM(words)) return err_set(e, ERR_UNREADABLE, "three names are needed");
	if (!(f = audio_format_find(words[1])))
		return err_set(e, ERR_UNREADABLE, "there is no format %s", words[1]);
	if (!str_real(gain, -120, 60, &c.gain_db))
		return err_set(e, ERR_UNREADABLE, "--gain must be from -120 to 60 dB, not %s", gain);
	if (!str_i64(frames, 0, (int64_t)PCM_MAX_SECONDS * PCM_MAX_RATE, &c.frames))
		return err_set(e, ERR_UNREADABLE, "--frames must be a whole number, not %s", frames);
	return audio_transcode(words[0], words[2], f, &c, NULL, e);
}
