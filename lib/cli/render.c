#include "cli/cli.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "audio/decode.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/str.h"
#include "worker/take.h"

enum { SCORE_BYTES = 8 << 20 };

static int
read_score(const char *path, struct buf *out, struct err *e)
{
	int rc, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) return err_set(e, ERR_NOT_FOUND, "cannot read %s", path);
	rc = buf_read_fd(out, fd, SCORE_BYTES, e);
	close(fd);
	return rc;
}

static void
print(const char *path, const struct take *t, const char *stem)
{
	printf("%s: %s, %.3f s, ", path, *t->title ? t->title : "without a title",
		(double)t->frames / t->sample_rate);
	if (stem) printf("%s, unmastered\n", stem);
	else printf("%.1f LUFS, %.1f dBTP\n", t->loudness.lufs, t->loudness.true_peak_dbtp);
}

int
cli_render(const char *conf_file, int argc, char **argv, struct err *e)
{
	const char *file, *out = NULL, *format = NULL, *model = NULL, *tags_of = NULL;
	struct render_spec s = {0};
	const struct cli_option options[] = {
		{ "-o", &out, NULL }, { "--stem", &s.stem, NULL }, { "--format", &format, NULL },
		{ "--tags-of", &tags_of, NULL }, { "--model", &model, NULL },
	};
	struct audio_tags_read read;
	struct audio_tags tags;
	struct maker m = {0};
	struct take t = {0};
	struct buf score = {0};
	struct conf c;
	size_t n;
	int rc = -1;

	if (cli_parse(argc, argv, options, NELEM(options), &file, 1, &n, e)) return -1;
	if (!n) return err_set(e, ERR_UNREADABLE, "the score is missing");
	if (!out) return err_set(e, ERR_UNREADABLE, "-o FILE is missing");
	if (cli_load_conf(&c, conf_file, e)) return -1;
	maker_init(&m, &c);
	if (tags_of) {
		if (audio_read_tags(tags_of, &read, e)) goto out;
		tags = tags_again(&read);
		s.tags = &tags;
	}
	if (read_score(file, &score, e)) goto out;
	s.midi = score.p;
	s.midi_bytes = score.n;
	s.model = cli_model(&c, model, &m.env);
	s.format = cli_format(format, out);
	s.path = out;
	if (take_render(&m, &s, NULL, &t, e)) goto out;
	print(out, &t, s.stem);
	rc = 0;
out:
	take_free(&t);
	maker_close(&m);
	buf_free(&score);
	return rc;
}
