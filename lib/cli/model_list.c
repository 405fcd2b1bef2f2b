/* earshot model list: the models of this installation, and what is missing where one cannot run. */
#include <stdio.h>

#include "base/conf.h"
#include "base/err.h"
#include "cli/cli.h"
#include "engine/engine.h"
#include "worker/take.h"

static void
print_model(const struct engine_table *t, const struct engine_model *m,
	const struct engine_env *env)
{
	char remedy[ENGINE_REMEDY] = "";
	struct err why;

	if (t->check(m->id, env, remedy, &why) == 0) {
		printf("%-20s  can run\n", m->id);
		return;
	}
	printf("%-20s  cannot run: %s%s%s\n", m->id, why.text, *remedy ? " Do: " : "", remedy);
}

int
cli_model_list(const char *conf_file, int argc, char **argv, struct err *e)
{
	struct maker m;
	struct conf c;
	size_t n;

	if (cli_parse(argc, argv, NULL, 0, NULL, 0, &n, e) || cli_load_conf(&c, conf_file, e))
		return -1;
	/* What a worker may have is what counts. */
	cli_limit_ourselves(&c);
	maker_init(&m, &c);
	for (const struct engine_table *const *t = engines; *t; t++) {
		struct engine_models l = {0};

		(*t)->models(&m.env, &l);
		for (size_t i = 0; i < l.n; i++) print_model(*t, &l.list[i], &m.env);
		engine_models_free(&l);
	}
	return 0;
}
