#include "cli/cli.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/io.h"
#include "db/db.h"
#include "db/migrate.h"
#include "records/prompt_index.h"

/* Where the schema is, seen from the folder of this program: in a checkout, and as `make install`
 * puts it. */
static const char *const schema_dirs[] = { "../../schema", "../../share/earshot/schema" };

static int
find_schema(char *path, size_t size, struct err *e)
{
	char dir[PATH_MAX];

	if (io_program_dir(dir, sizeof dir, e)) return -1;
	for (size_t i = 0; i < NELEM(schema_dirs); i++) {
		if (io_join(path, size, dir, schema_dirs[i], e)) return -1;
		if (access(path, R_OK) == 0) return 0;
	}
	return err_set(e, ERR_NOT_FOUND, "the schema folder is not beside this program; name it "
		"with --schema DIR");
}

int
cli_migrate(const char *conf_file, int argc, char **argv, struct err *e)
{
	const char *schema = NULL;
	const struct cli_option options[] = { { "--schema", &schema, NULL } };
	char found[PATH_MAX];
	struct db *db = NULL;
	struct conf c;
	size_t n_words;
	uint64_t n_prompts = 0;
	uint32_t n_batch;
	int n, rc = -1;

	if (cli_parse(argc, argv, options, NELEM(options), NULL, 0, &n_words, e)) return -1;
	if (!schema) {
		if (find_schema(found, sizeof found, e)) return -1;
		schema = found;
	}
	if (conf_load(&c, conf_file, e) || !(db = db_open(&c, e))) goto out;
	if (migrate_run(db, schema, &n, e)) goto out;
	if (n) printf("applied %d migrations\n", n);
	do {
		if (prompt_index_batch(db, &n_batch, e)) goto out;
		n_prompts += n_batch;
	} while (n_batch);
	if (n_prompts) printf("indexed %llu prompts\n", (unsigned long long)n_prompts);
	rc = 0;
out:
	db_close(db);
	return rc;
}
