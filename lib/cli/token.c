/* earshot token new|list|revoke */
#include "cli/cli.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "records/tokens.h"

enum { PAGE = 100, SCOPES_TEXT = 64 };

struct call {
	struct db *db;
	const char *const *words;	/* behind the subcommand */
	size_t n;
	const char *scopes, *days;	/* NULL: not said */
};

/* "read,vote" as bits, within what the role may. NULL: read. */
static int
read_scopes(const char *text, const struct user *u, unsigned *scopes, struct err *e)
{
	char copy[SCOPES_TEXT], *rest = copy, *name;

	*scopes = 0;
	if (!str_copy(copy, sizeof copy, text ? text : user_right_names[0])) *copy = '\0';
	while ((name = strsep(&rest, ","))) {
		int right = str_index(name, user_right_names);

		if (right < 0)
			return err_set(e, ERR_UNREADABLE, "--scopes must be some of read, vote, "
				"create and admin, separated by commas");
		if (!(user_role_rights[u->role] >> right & 1))
			return err_set(e, ERR_FORBIDDEN, "%s has the role %s, which may not %s",
				u->login, user_role_names[u->role], user_right_names[right]);
		*scopes |= 1u << right;
	}
	return 0;
}

static int
new(const struct call *c, struct err *e)
{
	char secret[SECRET_TOKEN];
	uint64_t days = TOKEN_DAYS;
	struct uuid id;
	struct user u;
	unsigned scopes;
	size_t chars;

	if (c->n != 2) return err_set(e, ERR_UNREADABLE, "expected a login and a name");
	chars = str_is_utf8(c->words[1], strlen(c->words[1])) ? str_chars(c->words[1]) : 0;
	if (!chars || chars > TOKEN_NAME_CHARS)
		return err_set(e, ERR_UNREADABLE, "the name must have 1 to %d characters",
			TOKEN_NAME_CHARS);
	if (c->days && !str_u64(c->days, 1, TOKEN_MAX_DAYS, &days))
		return err_set(e, ERR_UNREADABLE, "--days must be a whole number from 1 to %d",
			TOKEN_MAX_DAYS);
	if (cli_find_user(c->db, c->words[0], &u, e) || read_scopes(c->scopes, &u, &scopes, e) ||
		tokens_create(c->db, u.id, c->words[1], scopes, (uint32_t)days, secret, &id, e))
		return -1;
	puts(secret);
	fprintf(stderr, "This is the only time that it is shown. It ends in %d days, or with "
		"`earshot token revoke %s`.\n", (int)days, UUID_STR(id));
	return 0;
}

static void
print_token(const struct token *t)
{
	char used[CLOCK_TEXT] = "never", expires[CLOCK_TEXT], scopes[SCOPES_TEXT] = "";

	if (t->last_used_at) clock_rfc3339(t->last_used_at, used);
	clock_rfc3339(t->expires_at, expires);
	for (int i = 0; user_right_names[i]; i++)
		if (t->scopes >> i & 1)
			snprintf(scopes + strlen(scopes), sizeof scopes - strlen(scopes), "%s%s",
				*scopes ? "," : "", user_right_names[i]);
	printf("%s  %s…  %-22s  %-10.10s  %-10.10s  %s\n", UUID_STR(t->id), t->prefix,
		scopes, used, expires, t->name);
}

static int
list(const struct call *c, struct err *e)
{
	struct user u = {0};
	struct token_list l;
	uint32_t at = 0;
	bool more;

	if (c->n > 1) return err_set(e, ERR_UNREADABLE, "unexpected \"%s\"", c->words[1]);
	if (c->n && cli_find_user(c->db, c->words[0], &u, e)) return -1;
	printf("%-36s  %-13s  %-22s  %-10s  %-10s  %s\n", "id", "begins with", "scopes", "used",
		"expires", "name");
	do {
		if (tokens_list(c->db, u.id, PAGE, at, &l, e)) return -1;
		for (size_t i = 0; i < l.n; i++) print_token(&l.items[i]);
		at += (uint32_t)l.n;
		more = l.n == PAGE;
		tokens_list_free(&l);
	} while (more);
	return 0;
}

static int
revoke(const struct call *c, struct err *e)
{
	struct uuid id;

	if (c->n != 1 || !uuid_parse(c->words[0], &id))
		return err_set(e, ERR_UNREADABLE, "expected the id of a token, which `token list` "
			"shows");
	return tokens_revoke(c->db, (struct uuid){{0}}, id, e);
}

static const struct {
	const char *name;
	int (*run)(const struct call *c, struct err *e);
} subcommands[] = {
	{ "new", new }, { "list", list }, { "revoke", revoke },
};

int
cli_token(const char *conf_file, int argc, char **argv, struct err *e)
{
	const char *words[3];
	struct call c = {0};
	const struct cli_option options[] = { { "--scopes", &c.scopes, NULL },
		{ "--days", &c.days, NULL } };
	struct conf conf;
	size_t n, i = 0;
	int rc = -1;

	if (cli_parse(argc, argv, options, NELEM(options), words, NELEM(words), &n, e)) return -1;
	while (i < NELEM(subcommands) && !(n && strcmp(words[0], subcommands[i].name) == 0)) i++;
	if (i == NELEM(subcommands))
		return err_set(e, ERR_UNREADABLE, "expected new, list or revoke");
	c.words = words + 1;
	c.n = n - 1;
	if (conf_load(&conf, conf_file, e) || !(c.db = db_open(&conf, e))) goto out;
	rc = subcommands[i].run(&c, e);
out:
	db_close(c.db);
	return rc;
}
