#include "cli/cli.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/encode.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "base/str.h"
#include "engine/engine.h"

static const struct command {
	const char *name;
	int (*run)(const char *conf_file, int argc, char **argv, struct err *e);
	const char *usage, *purpose;
} commands[] = {
	{ "generate", cli_generate, "\"PROMPT\" -o FILE [--duration S] [--seed N] [--format F] "
		"[--model M|FOLDER] [--midi FILE] [--adapter FILE|FOLDER] [--adapter-scale X] "
		"[--guidance X] [--temperature X] [--top-k N] [--top-p X] [--greedy] [--raw] "
		"[--codes FILE]", "make music in a file; needs neither server nor database; --raw: "
		"unmastered; --greedy: nothing is drawn; --codes: what a neural model chose, in "
		"numbers" },
	{ "render", cli_render, "SCORE.mid -o FILE [--stem drums|bass|chords|melody|texture|mix] "
		"[--format F] [--tags-of FILE] [--model M]", "make a take again from its score, or "
		"one stem of it, unmastered; the stems add up to mix" },
	{ "explain", cli_explain, "\"PROMPT\" [--attributes JSON] [--duration S] [--seed N] "
		"[--model M] [--adapter FILE] [--adapter-scale X] [--json]", "print what the "
		"engine understands of a prompt" },
	{ "transcode", cli_transcode, "FILE FORMAT OUT [--gain DB] [--frames N] [--untagged]",
		"make a file of another format, with the same tags and sound if not told "
		"otherwise" },
	{ "adapter", cli_adapter, "check --model M FILE|FOLDER | pack FOLDER -o FILE | "
		"train NAME MIDI… [-o FILE] "
		"[--description D] [--model M] [--skip] | import [--name N] [--adapter-version V] "
		"[--model M] [--once] FILE|FOLDER… | list", "check a file of adapter weights, "
		"make one of a folder as PEFT writes them, learn one from MIDI files and folders "
		"of them, take such files into the database (train does, too, without -o), or list "
		"what is there" },
	{ "model", cli_models, "fetch musicgen-small|musicgen-medium|musicgen-large|OWNER/NAME "
		"[--as ID] [--revision R] | list | prepare M|FOLDER [--weights "
		"int8|small|bf16|f16|f32] [--measure] | prepare --check M|FOLDER", "fetch a model "
		"from the Hugging Face Hub, going on where an earlier try broke off; list the "
		"models there are; make the file of a neural model's weights that it is run from: "
		"--measure: say how much that changes; --check: is the file whole?" },
	{ "user", cli_user, "add LOGIN [--role listener|creator|admin] | passwd LOGIN | list | "
		"disable LOGIN | enable LOGIN", "who may sign in; the password is asked for, or is "
		"the first line of standard input" },
	{ "token", cli_token, "new LOGIN NAME [--scopes read,vote,create,admin] [--days N] | "
		"list [LOGIN] | revoke ID", "tokens by which programs ask the API: new prints one, "
		"once, which may read if not told otherwise, for 90 days" },
	{ "migrate", cli_migrate, "[--schema DIR]", "bring the database to this version" },
	{ "doctor", cli_doctor, "[--ca FILE] [URL]", "find what is wrong with this installation "
		"and say the line that mends it; URL: the address of its pages, asked as a browser "
		"would; --ca: the certificates to believe" },
	{ "reload", cli_reload, "", "let daemon and responders become the programs and settings "
		"that are there now; jobs and requests go on" },
	{ "backup", cli_backup, "FOLDER", "keep records and audio of one moment in a folder, while "
		"everything runs; in a folder that has one already only what is new is copied" },
	{ "restore", cli_restore, "FOLDER [--replace] [--revoke-tokens] [--schema DIR]", "make "
		"records and audio of a backup, also of an older version; --replace: remove all "
		"records that there are; --revoke-tokens: none of its tokens counts" },
	{ "audit", cli_audit, "[--repair]", "compare statistics with records, and records with "
		"the storage" },
	{ "storage", cli_storage, "move [--keep]", "bring all audio from storage_from to storage, "
		"while both are in use; what has arrived whole is deleted where it was, unless it "
		"is kept" },
	{ "config", cli_config, "", "print all settings with their meanings and defaults" },
};

int
cli_parse(int argc, char **argv, const struct cli_option *options, size_t n_options,
	const char **words, size_t max_words, size_t *n_words, struct err *e)
{
	*n_words = 0;
	for (int i = 0; i < argc; i++) {
		const struct cli_option *o = NULL;

		for (size_t k = 0; k < n_options; k++)
			if (strcmp(options[k].name, argv[i]) == 0) o = &options[k];
		if (o && o->flag) *o->flag = true;
		else if (o && i + 1 < argc) *o->value = argv[++i];
		else if (o) return err_set(e, ERR_UNREADABLE, "%s needs a value", argv[i]);
		else if (argv[i][0] == '-' && argv[i][1])
			return err_set(e, ERR_UNREADABLE, "unknown option %s", argv[i]);
		else if (*n_words == max_words)
			return err_set(e, ERR_UNREADABLE, "unexpected \"%s\"", argv[i]);
		else words[(*n_words)++] = argv[i];
	}
	return 0;
}

int
cli_load_conf(struct conf *c, const char *conf_file, struct err *e)
{
	if (conf_load(c, conf_file, e) == 0) return 0;
	if (conf_file || getenv("EARSHOT_CONF") || e->kind != ERR_NOT_FOUND) return -1;
	return conf_parse(c, "", "earshot.conf", e);
}

const char *
cli_format(const char *named, const char *file)
{
	const char *dot = strrchr(file, '.');

	if (named) return named;
	for (const struct audio_format *f = audio_formats; dot && f->name; f++)
		if (str_eq_nocase(dot, f->extension)) return f->name;
	return "flac";
}

int
cli_adapter_scale(const char *text, double *scale, struct err *e)
{
	*scale = 1;
	return !text || str_real(text, 0, 2, scale) ? 0 : err_set(e, ERR_UNREADABLE,
		"--adapter-scale must be a number from 0 to 2");
}

int
cli_check_prompt(const char *prompt, struct err *e)
{
	enum { PROMPT_CHARS = 2000 };

	if (*prompt && str_is_utf8(prompt, strlen(prompt)) && str_chars(prompt) <= PROMPT_CHARS)
		return 0;
	return err_set(e, ERR_INVALID, "the prompt must be 1 to %d characters of UTF-8",
		PROMPT_CHARS);
}

const char *
cli_model(const struct conf *c, const char *named, struct engine_env *env)
{
	static char id[ENGINE_MODEL_ID];

	if (!named) return *c->model ? c->model : ENGINE_DEFAULT_MODEL;
	if (!strchr(named, '/')) return named;
	env->folder = named;
	engine_folder_id(named, id);
	return id;
}

int
cli_check_user(const struct conf *c, struct err *e)
{
	const struct passwd *owner;
	struct stat st;

	if (stat(c->state_dir, &st) < 0 || st.st_uid == geteuid()) return 0;
	owner = getpwuid(st.st_uid);
	return err_set(e, ERR_FORBIDDEN, "run it as %s, whose state_dir it is", owner
		? owner->pw_name : "the user");
}

int
cli_config(const char *conf_file, int argc, char **argv, struct err *e)
{
	struct buf text = {0};

	(void)conf_file;
	if (argc) return err_set(e, ERR_UNREADABLE, "unexpected \"%s\"", argv[0]);
	conf_example(&text);
	fputs(buf_str(&text), stdout);
	buf_free(&text);
	return 0;
}

static void
print_usage(FILE *f)
{
	fprintf(f, "earshot " EARSHOT_VERSION ": music from a prompt\n\n");
	for (size_t i = 0; i < NELEM(commands); i++)
		fprintf(f, "  earshot %s %s\n      %s\n", commands[i].name, commands[i].usage,
			commands[i].purpose);
	fprintf(f, "\nThe configuration is the file of `earshot -c FILE …`, of $EARSHOT_CONF, "
		"etc/earshot.conf of an installation in a folder of one's own, or "
		"/etc/earshot/earshot.conf.\n");
}

int
cli_main(int argc, char **argv)
{
	const char *conf_file = NULL;
	int at = 1;
	struct err e;

	io_let_writes_fail();
	log_open("earshot", NULL);
	if (argc > 2 && strcmp(argv[1], "-c") == 0) {
		conf_file = argv[2];
		at = 3;
	}
	if (at >= argc || strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "help") == 0) {
		print_usage(at >= argc ? stderr : stdout);
		return at >= argc ? 2 : 0;
	}
	if (strcmp(argv[at], "--version") == 0) {
		puts("earshot " EARSHOT_VERSION);
		return 0;
	}
	for (size_t i = 0; i < NELEM(commands); i++) {
		if (strcmp(commands[i].name, argv[at]) != 0) continue;
		if (commands[i].run(conf_file, argc - at - 1, argv + at + 1, &e) == 0) return 0;
		fprintf(stderr, "earshot %s: %s\n", commands[i].name, e.text);
		if (e.kind == ERR_UNREADABLE)
			fprintf(stderr, "usage: earshot %s %s\n", commands[i].name,
				commands[i].usage);
		return e.kind == ERR_UNREADABLE ? 2 : 1;
	}
	fprintf(stderr, "earshot: there is no command %s; `earshot --help` lists them\n", argv[at]);
	return 2;
}
