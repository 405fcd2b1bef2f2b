#include "cli/cli.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "audio/encode.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "base/str.h"
#include "worker/take.h"
#include "worker/adapterfile.h"

struct request {
	const char *prompt, *out, *duration, *seed, *format, *model, *midi, *attributes, *adapter,
		*adapter_scale, *codes;
	bool greedy, raw;
	const char *tuned[4];		/* in the order of tunings */
};

/* What a model draws by: as in the API. */
static const struct {
	const char *option, *param;
	double low, high;
} tunings[] = {
	{ "--temperature", "temperature", 0.1, 2 }, { "--top-k", "top_k", 0, 1000 },
	{ "--top-p", "top_p", 0, 1 }, { "--guidance", "guidance_scale", 1, 10 },
};

_Static_assert(NELEM(tunings) == NELEM(((struct request *)0)->tuned), "one each");

static int
parse_request(int argc, char **argv, struct request *r, struct err *e)
{
	const struct cli_option options[] = {
		{ "-o", &r->out, NULL }, { "--duration", &r->duration, NULL },
			{ "--seed", &r->seed, NULL },
		{ "--format", &r->format, NULL }, { "--model", &r->model, NULL },
		{ "--midi", &r->midi, NULL }, { "--attributes", &r->attributes, NULL },
		{ "--adapter", &r->adapter, NULL }, { "--adapter-scale", &r->adapter_scale, NULL },
		{ "--greedy", NULL, &r->greedy }, { "--raw", NULL, &r->raw },
		{ "--codes", &r->codes, NULL },
		{ tunings[0].option, &r->tuned[0], NULL },
		{ tunings[1].option, &r->tuned[1], NULL },
		{ tunings[2].option, &r->tuned[2], NULL },
		{ tunings[3].option, &r->tuned[3], NULL },
	};
	size_t n;

	if (cli_parse(argc, argv, options, NELEM(options), &r->prompt, 1, &n, e)) return -1;
	if (!n) return err_set(e, ERR_UNREADABLE, "the prompt is missing");
	return cli_check_prompt(r->prompt, e);
}

static int
draw_seed(const struct request *r, uint32_t *seed, struct err *e)
{
	uint64_t n;

	if (!r->seed) return getrandom(seed, sizeof *seed, 0) == (ssize_t)sizeof *seed ? 0
		: err_set(e, ERR_INTERNAL, "no random numbers");
	if (!str_u64(r->seed, 0, UINT32_MAX, &n))
		return err_set(e, ERR_UNREADABLE, "--seed must be a whole number from 0 to "
			"4294967295");
	*seed = (uint32_t)n;
	return 0;
}

/* The adapter of the request into s; the tags call it by the name of its file. */
static int
read_adapter(const struct request *r, struct take_spec *s, char label[ADAPTERFILE_LABEL],
	struct err *e)
{
	const char *name;

	if (cli_adapter_scale(r->adapter_scale, &s->adapter_scale, e)) return -1;
	if (!r->adapter) return 0;
	name = strrchr(r->adapter, '/');
	name = name ? name + 1 : r->adapter;
	adapterfile_label(str_is_utf8(name, strlen(name)) ? name : "adapter", "", label);
	s->adapter = r->adapter;
	s->adapter_label = label;
	return 0;
}

/* Everything of params but the seed. */
static int
read_params(const struct request *r, cJSON *params, struct err *e)
{
	double duration = 10, v;

	if (r->duration && !str_real(r->duration, 0.02, 3600, &duration))
		return err_set(e, ERR_UNREADABLE, "--duration must be a number of seconds");
	json_add_real(params, "duration", duration);
	for (size_t i = 0; i < NELEM(tunings); i++) {
		if (!r->tuned[i]) continue;
		if (!str_real(r->tuned[i], tunings[i].low, tunings[i].high, &v))
			return err_set(e, ERR_UNREADABLE, "%s must be a number from %g to %g",
				tunings[i].option, tunings[i].low, tunings[i].high);
		json_add_real(params, tunings[i].param, v);
	}
	return 0;
}

static bool
show(void *ctx, double done, const char *stage)
{
	int *shown = ctx, percent = (int)(done * 100);

	if (percent == *shown) return true;
	*shown = percent;
	fprintf(stderr, "\r%3d %% %-12s", percent, stage);
	return true;
}

static int
write_file(const char *path, const struct buf *b, struct err *e)
{
	int rc, fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0) return err_set(e, ERR_INTERNAL, "cannot write %s", path);
	rc = io_write_full(fd, b->p, b->n, e);
	close(fd);
	return rc;
}

/* What was asked for beside the sound, which not every model has. */
static int
write_beside(const char *path, const struct buf *b, const char *what, const char *model,
	struct err *e)
{
	if (!path) return 0;
	return b->n ? write_file(path, b, e) : err_set(e, ERR_INVALID, "The sound is there, but "
		"the model %s makes no %s for %s.", model, what, path);
}

int
cli_generate(const char *conf_file, int argc, char **argv, struct err *e)
{
	struct request r = {0};
	struct take_spec s = {0};
	struct take t = {0};
	struct maker m = {0};
	struct conf c;
	char label[ADAPTERFILE_LABEL];
	cJSON *params = json_object(), *attributes = NULL;
	int shown = -1, rc = -1;
	struct take_progress p = { show, &shown };

	if (parse_request(argc, argv, &r, e) || cli_load_conf(&c, conf_file, e) ||
		draw_seed(&r, &s.seed, e) || read_adapter(&r, &s, label, e) ||
		read_params(&r, params, e))
		goto out;
	if (!r.out) { err_set(e, ERR_UNREADABLE, "-o FILE is missing"); goto out; }
	if (r.attributes && !(attributes = json_parse(r.attributes, strlen(r.attributes), e)))
		goto out;
	maker_init(&m, &c);
	s.model = cli_model(&c, r.model, &m.env);
	s.prompt = r.prompt;
	s.attributes = attributes;
	s.params = params;
	s.format = cli_format(r.format, r.out);
	s.path = r.out;
	s.greedy = r.greedy;
	s.raw = r.raw;
	if (take_make(&m, &s, isatty(STDERR_FILENO) ? &p : NULL, &t, e)) goto out;
	if (shown >= 0) fputc('\n', stderr);
	if (write_beside(r.midi, &t.midi, "score", s.model, e) ||
		write_beside(r.codes, &t.codes, "codes", s.model, e))
		goto out;
	printf("%s: %s, %.3f s, seed %u, %.1f LUFS, %.1f dBTP\n", r.out, t.title,
		(double)t.frames / t.sample_rate, s.seed, t.loudness.lufs,
		t.loudness.true_peak_dbtp);
	rc = 0;
out:
	take_free(&t);
	maker_close(&m);
	cJSON_Delete(params);
	cJSON_Delete(attributes);
	return rc;
}
