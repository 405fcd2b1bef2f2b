/* earshot user add|passwd|list|disable|enable */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/secret_input.h"
#include "db/db.h"
#include "records/users.h"

enum { PAGE = 100 };

struct call {
	struct db *db;
	const char *login, *role;	/* NULL: none */
};

/* A password of standard input, hashed. */
static int
read_hash(char hash[PASSWORD_HASH], struct err *e)
{
	char password[PASSWORD_TEXT];
	int rc = secret_input(password, e) || password_hash(password, hash, e) ? -1 : 0;

	password_forget(password, sizeof password);
	return rc;
}

int
cli_find_user(struct db *db, const char *text, struct user *out, struct err *e)
{
	char login[USER_LOGIN], ignored[PASSWORD_HASH];
	int there;

	if (users_read_login(text, login, e)) return -1;
	there = users_find(db, login, out, ignored, e);
	return there ? there < 0 ? -1 : 0 : err_set(e, ERR_NOT_FOUND, "there is no user %s", login);
}

static int
add(const struct call *c, struct err *e)
{
	int role = c->role ? str_index(c->role, user_role_names) : ROLE_LISTENER;
	char login[USER_LOGIN], hash[PASSWORD_HASH];
	struct uuid id;

	if (role < 0)
		return err_set(e, ERR_UNREADABLE, "--role must be listener, creator or admin");
	if (users_read_login(c->login, login, e) || read_hash(hash, e) ||
		users_create(c->db, login, hash, (enum role)role, &id, e))
		return -1;
	printf("%s may sign in, with the role %s\n", login, user_role_names[role]);
	return 0;
}

static int
change(const struct call *c, const struct user_change *to, const char *done, struct err *e)
{
	struct user u;

	if (cli_find_user(c->db, c->login, &u, e) || users_change(c->db, u.id, to, e)) return -1;
	printf("%s %s\n", u.login, done);
	return 0;
}

static int
passwd(const struct call *c, struct err *e)
{
	char hash[PASSWORD_HASH];
	struct user u;

	/* First, so that nobody types a password for nothing. */
	if (cli_find_user(c->db, c->login, &u, e) || read_hash(hash, e)) return -1;
	return change(c, &(struct user_change){ .hash = hash }, "has a new password and is signed "
		"out everywhere", e);
}

static int
disable(const struct call *c, struct err *e)
{
	return change(c, &(struct user_change){ .has_disabled = true, .disabled = true },
		"is signed out and cannot sign in any more", e);
}

static int
enable(const struct call *c, struct err *e)
{
	return change(c, &(struct user_change){ .has_disabled = true }, "may sign in again", e);
}

static void
print_day(int64_t at)
{
	char text[CLOCK_TEXT] = "never";

	if (at) clock_rfc3339(at, text);
	printf("  %-10.10s", text);
}

static int
list(const struct call *c, struct err *e)
{
	struct user_list l;
	uint32_t at = 0;
	bool more;

	printf("%-24s  %-8s  %-10s  %-10s\n", "login", "role", "created", "signed in");
	do {
		if (users_list(c->db, PAGE, at, &l, e)) return -1;
		for (size_t i = 0; i < l.n; i++) {
			printf("%-24s  %-8s", l.items[i].login, user_role_names[l.items[i].role]);
			print_day(l.items[i].created_at);
			print_day(l.items[i].last_sign_in_at);
			puts(l.items[i].disabled ? "  disabled" : "");
		}
		at += (uint32_t)l.n;
		more = l.n == PAGE;
		users_list_free(&l);
	} while (more);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(const struct call *c, struct err *e);
	bool takes_login;
} subcommands[] = {
	{ "add", add, true }, { "passwd", passwd, true }, { "list", list, false },
	{ "disable", disable, true }, { "enable", enable, true },
};

int
cli_user(const char *conf_file, int argc, char **argv, struct err *e)
{
	const char *words[2];
	struct call c = {0};
	const struct cli_option options[] = { { "--role", &c.role, NULL } };
	struct conf conf;
	size_t n, i = 0;
	int rc = -1;

	if (cli_parse(argc, argv, options, NELEM(options), words, NELEM(words), &n, e)) return -1;
	while (i < NELEM(subcommands) && !(n && strcmp(words[0], subcommands[i].name) == 0)) i++;
	if (i == NELEM(subcommands) || (n == 2) != subcommands[i].takes_login)
		return err_set(e, ERR_UNREADABLE, "expected add, passwd, disable or enable and a "
			"login, or list");
	if (c.role && subcommands[i].run != add)
		return err_set(e, ERR_UNREADABLE, "--role is for add");
	c.login = n == 2 ? words[1] : NULL;
	if (conf_load(&conf, conf_file, e) || !(c.db = db_open(&conf, e))) goto out;
	rc = subcommands[i].run(&c, e);
out:
	db_close(c.db);
	return rc;
}
