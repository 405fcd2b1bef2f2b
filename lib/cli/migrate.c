#include "cli/cli.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/io.h"
#include "db/db.h"
#include "db/migrate.h"
#include "records/dump.h"
#include "records/prompt_index.h"

/* Where the schema is, seen from the folder of this program: in a checkout, and as `make install`
 * puts it. */
static const char *const schema_dirs[] = { "../../schema", "../../share/earshot/schema" };

int
cli_find_schema(char *path, size_t size, struct err *e)
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
cli_migrate_all(struct db *db, const char *schema, struct err *e)
{
	uint64_t n_prompts = 0;
	uint32_t n_batch;
	int n;

	if (migrate_run(db, schema, &n, e)) return -1;
	if (n) printf("applied %d migrations\n", n);
	do {
		if (prompt_index_batch(db, &n_batch, e)) return -1;
		n_prompts += n_batch;
	} while (n_batch);
	if (n_prompts) printf("indexed %llu prompts\n", (unsigned long long)n_prompts);
	return 0;
}

/* A half of the records is not to be taken for all of them. */
static int
refuse_unfinished(struct db *db, struct err *e)
{
	bool tables, unfinished;

	if (dump_target(db, &tables, &unfinished, e)) return -1;
	return unfinished ? err_set(e, ERR_CONFLICT, "a restore was broken off; run `earshot "
		"restore` again") : 0;
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
	int rc = -1;

	if (cli_parse(argc, argv, options, NELEM(options), NULL, 0, &n_words, e)) return -1;
	if (!schema) {
		if (cli_find_schema(found, sizeof found, e)) return -1;
		schema = found;
	}
	if (conf_load(&c, conf_file, e) || !(db = db_open(&c, e))) goto out;
	rc = refuse_unfinished(db, e) || cli_migrate_all(db, schema, e) ? -1 : 0;
out:
	db_close(db);
	return rc;
}
