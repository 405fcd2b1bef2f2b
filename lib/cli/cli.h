/* The command line, `earshot COMMAND …`. One file a command; the table in cli.c lists them.
 *
 * The boundary of its process: commands print results to stdout, and their one error line through
 * the returned *e. */
#ifndef EARSHOT_CLI_CLI_H
#define EARSHOT_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

struct cJSON;
struct conf;
struct db;
struct engine_env;
struct err;
struct object_ref;
struct user;

struct cli_option {
	const char *name;		/* "--seed" or "-o" */
	const char **value;		/* set to the argument that follows; NULL for a flag */
	bool *flag;			/* set to true */
};

/* Split args into options and at most max_words words (*n_words of them). ERR_UNREADABLE names what
 * is wrong. */
int cli_parse(int argc, char **argv, const struct cli_option *options, size_t n_options,
	const char **words, size_t max_words, size_t *n_words, struct err *e);

/* For commands that need no configuration: the one that there is, else all defaults. */
int cli_load_conf(struct conf *c, const char *conf_file, struct err *e);

/* The format that was named (NULL: none), else the one that the name of the file ends in, else FLAC. */
const char *cli_format(const char *named, const char *file);

/* ERR_INVALID unless it is one that an engine may get. */
int cli_check_prompt(const char *prompt, struct err *e);

/* What stands behind --adapter-scale; NULL: 1. */
int cli_adapter_scale(const char *text, double *scale, struct err *e);

/* The model that was named, NULL for none: then the configured one, else the default one. A name
 * with a slash in it is a folder, which env gets as well. Until the next call. */
const char *cli_model(const struct conf *c, const char *named, struct engine_env *env);

/* For files that may come from anyone: what a worker would have of memory, and a minute. */
void cli_limit_ourselves(const struct conf *c);

/* For the responder: o as a line, or {"refused":"sentence"} and no error any more where rc says that
 * what it sent was refused (ERR_INVALID). o is taken over. */
int cli_print_verdict(struct cJSON *o, int rc, struct err *e);

/* Take a file of adapter weights into the storage and the database, as `adapter import` does. */
int cli_adapter_store(const struct conf *c, const char *model, const char *path, struct err *e);

/* The schema folder that belongs to this program. */
int cli_find_schema(char *path, size_t size, struct err *e);

/* Bring the database to this version and index its prompts, saying what was done. */
int cli_migrate_all(struct db *db, const char *schema, struct err *e);

/* For objects_each(): whether the storage has it, with the size that it should have; if not, a line
 * says so. */
int cli_check_object(void *storage, const struct object_ref *o, struct err *e);

/* What root would write into the state of an installation, its daemon could not read: ERR_FORBIDDEN
 * for whoever is not the user that state_dir belongs to. */
int cli_check_user(const struct conf *c, struct err *e);

/* The user of a login as it was typed: ERR_NOT_FOUND, or ERR_INVALID for what is no login. */
int cli_find_user(struct db *db, const char *text, struct user *out, struct err *e);

/* Each gets what stands behind its name. conf_file is the -c of the program, or NULL. */
int cli_migrate(const char *conf_file, int argc, char **argv, struct err *e);
int cli_generate(const char *conf_file, int argc, char **argv, struct err *e);
int cli_explain(const char *conf_file, int argc, char **argv, struct err *e);
int cli_render(const char *conf_file, int argc, char **argv, struct err *e);
int cli_transcode(const char *conf_file, int argc, char **argv, struct err *e);
int cli_adapter(const char *conf_file, int argc, char **argv, struct err *e);
int cli_models(const char *conf_file, int argc, char **argv, struct err *e);
int cli_model_fetch(const char *conf_file, int argc, char **argv, struct err *e);
int cli_model_list(const char *conf_file, int argc, char **argv, struct err *e);
int cli_train(const char *conf_file, int argc, char **argv, struct err *e);
int cli_backup(const char *conf_file, int argc, char **argv, struct err *e);
int cli_restore(const char *conf_file, int argc, char **argv, struct err *e);
int cli_doctor(const char *conf_file, int argc, char **argv, struct err *e);
int cli_reload(const char *conf_file, int argc, char **argv, struct err *e);
int cli_audit(const char *conf_file, int argc, char **argv, struct err *e);
int cli_storage(const char *conf_file, int argc, char **argv, struct err *e);
int cli_user(const char *conf_file, int argc, char **argv, struct err *e);
int cli_token(const char *conf_file, int argc, char **argv, struct err *e);
int cli_config(const char *conf_file, int argc, char **argv, struct err *e);

/* main() of the program: the exit status, 0, 1 (it failed) or 2 (wrong usage). */
int cli_main(int argc, char **argv);

#endif
