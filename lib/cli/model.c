/* earshot model prepare: the file that the weights of a neural model are best run from. `fetch` is
 * in model_fetch.c, `list` in model_list.c. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "cli/cli.h"
#include "engine/musicgen/folder.h"
#include "engine/musicgen/prepare.h"
#include "engine/musicgen/quality.h"

enum { STREAMS = 8, STEPS = 32 };	/* of a measurement */

/* A folder as it is named, or a model's of that id. */
static int
folder_named(const struct conf *c, const char *name, char folder[4096], struct err *e)
{
	const struct engine_env env = { .models_dir = c->models_dir };

	if (!strchr(name, '/') && *name != '.') return folder_of(name, &env, folder, e);
	return snprintf(folder, 4096, "%s", name) < 4096 ? 0 :
		err_set(e, ERR_UNREADABLE, "%.40s…: the path is too long", name);
}

/* For those who watch: how far it is. */
static bool
tell_progress(void *ctx, uint64_t done, uint64_t of)
{
	(void)ctx;
	if (isatty(STDERR_FILENO)) {
		fprintf(stderr, "\r%3d %%", of ? (int)(100 * done / of) : 100);
		if (done == of) fputs("\r     \r", stderr);
	}
	return true;
}

static void
print_report(const char *folder, const struct prepare_report *r, int64_t ms)
{
	static const char *const names[WEIGHTS_KINDS] = {
		[WEIGHTS_F32] = "float32", [WEIGHTS_F16] = "float16", [WEIGHTS_BF16] = "bfloat16",
		[WEIGHTS_I8] = "8 bits", [WEIGHTS_I12] = "12 bits",
	};
	const char *between = "";

	printf("%s/" PREPARE_FILE ": %.0f MB in %.1f s; matrices: ", folder, (double)r->bytes / 1e6,
		(double)ms / 1e3);
	for (int i = 0; i < WEIGHTS_KINDS; i++) {
		if (!r->matrices[i]) continue;
		printf("%s%d of %s", between, r->matrices[i], names[i]);
		between = ", ";
	}
	putchar('\n');
}

static int
measure(const char *folder, struct err *e)
{
	struct hands h = { crew_start((int)sysconf(_SC_NPROCESSORS_ONLN)), kernels_best() };
	struct model *exact = model_open(folder, NULL, e);
	struct model *kept = exact ? model_open_prepared(folder, e) : NULL;
	struct quality q;
	int rc = -1;

	if (kept && (rc = quality_measure(exact, kept, &h, STREAMS, STEPS, 1, &q, e)) == 0)
		printf("against the original weights: mean divergence %.2g, the same most likely "
			"code in %.2f %% of %ld predictions\n", q.divergence, 100 * q.same,
			q.predictions);
	model_close(kept);
	model_close(exact);
	crew_stop(h.crew);
	return rc;
}

static int
prepare(const char *conf_file, int argc, char **argv, struct err *e)
{
	const char *level = PREPARE_LEVEL, *name;
	bool measured = false, check = false;
	const struct cli_option options[] = { { "--weights", &level, NULL },
		{ "--measure", NULL, &measured }, { "--check", NULL, &check } };
	struct prepare_report report;
	struct folder_files files;
	char folder[4096];
	struct conf c;
	int64_t begin = clock_now_ms();
	size_t n;

	if (cli_parse(argc, argv, options, NELEM(options), &name, 1, &n, e)) return -1;
	if (!n) return err_set(e, ERR_UNREADABLE, "a model or its folder is needed");
	if (cli_load_conf(&c, conf_file, e) || folder_named(&c, name, folder, e)) return -1;
	if (folder_check(folder, &files, e)) return err_prefix(e, "%s", folder);
	if (check) {
		if (prepare_check(folder, e)) return -1;
		printf("%s/" PREPARE_FILE ": it is whole, and made of the files that are there\n",
			folder);
		return measured ? measure(folder, e) : 0;
	}
	if (prepare_write(folder, level, tell_progress, NULL, &report, e)) return -1;
	print_report(folder, &report, clock_now_ms() - begin);
	return measured ? measure(folder, e) : 0;
}

int
cli_models(const char *conf_file, int argc, char **argv, struct err *e)
{
	static const struct {
		const char *name;
		int (*run)(const char *conf_file, int argc, char **argv, struct err *e);
	} verbs[] = { { "fetch", cli_model_fetch }, { "list", cli_model_list },
		{ "prepare", prepare } };

	for (size_t i = 0; argc && i < NELEM(verbs); i++)
		if (strcmp(verbs[i].name, argv[0]) == 0)
			return verbs[i].run(conf_file, argc - 1, argv + 1, e);
	return err_set(e, ERR_UNREADABLE, "fetch, list or prepare?");
}
