#include "records/dump_read.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/str.h"
#include "records/dump.h"

/* MAX_LINE: a row of which several columns are as long as a TEXT may be, all of it escaped. */
enum { MAX_LINE = 64 << 20, MAX_MIGRATIONS = 512 };

const struct dump_table dump_tables[] = {
	{ "ab_pairs", false },
	{ "ab_tests", false },
	{ "ab_votes", false },
	{ "adapter_versions", false },
	{ "adapter_weights", false },
	{ "adapters", false },
	{ "audio_feedback", false },
	{ "compared_prompts", false },
	{ "experiments", false },
	{ "favorites", false },
	{ "feedback_totals", false },
	{ "hosts", true },
	{ "intents", false },
	{ "job_counts", false },
	{ "job_hours", false },			/* until 0003 */
	{ "job_periods", false },
	{ "job_tallies", false },
	{ "models", true },
	{ "preferences", false },
	{ "progress", true },
	{ "prompt_search", false },
	{ "prompts", false },
	{ "rating_counts", false },
	{ "ratings", false },
	{ "samples", false },
	{ "schema_migrations", true },		/* they have lines of their own */
	{ "sessions", true },
	{ "settings", false },
	{ "sign_ins", true },
	{ "submissions", false },
	{ "tag_counts", false },
	{ "tags", false },
	{ "templates", false },
	{ "tokens", false },
	{ "user_days", false },
	{ "users", false },
	{ "jobs", false },
	{ NULL, false },
};

int
dump_table_index(const char *name)
{
	for (int i = 0; dump_tables[i].name; i++)
		if (strcmp(dump_tables[i].name, name) == 0) return i;
	return -1;
}

struct reader {
	FILE *f;
	struct sha256 sum;	/* of the lines before this one */
	struct buf text;
	int table;		/* its place in dump_tables, -1 before the first */
	uint64_t rows;
	struct dump_line line;
};

int
dump_refuse(const struct dump_line *l, struct err *e, const char *what)
{
	return err_set(e, ERR_INVALID, "%s:%llu: %s", l->path, (unsigned long long)l->number, what);
}

/* In place: it only becomes shorter. NULL: not as it should be. */
static char *
unescape(char *text)
{
	char *to = text;

	for (const char *at = text; *at; at++) {
		if (*at != '\\') *to++ = *at;
		else if (*++at == 't') *to++ = '\t';
		else if (*at == 'n') *to++ = '\n';
		else if (*at == '\\') *to++ = '\\';
		else return NULL;
	}
	*to = '\0';
	return to;
}

static int
split(struct reader *r, struct err *e)
{
	struct dump_line *l = &r->line;
	char *at = r->text.p, *end;

	l->n = 0;
	for (char *tab = at; tab; at = tab + 1) {
		if (l->n == DUMP_FIELDS) return dump_refuse(l, e, "too many fields");
		if ((tab = strchr(at, '\t'))) *tab = '\0';
		l->fields[l->n].p = NULL;
		l->fields[l->n].n = 0;
		if (strcmp(at, "\\N") != 0) {
			if (!(end = unescape(at)))
				return dump_refuse(l, e, "an escape that is none");
			l->fields[l->n].p = at;
			l->fields[l->n].n = (size_t)(end - at);
		}
		l->n++;
	}
	return l->fields[0].p ? 0 : dump_refuse(l, e, "not a line of a dump");
}

/* The next line, in fields. Its bytes go into the sum, unless it is the last one. */
static int
next_line(struct reader *r, struct err *e)
{
	char part[65536];
	struct dump_line *l = &r->line;
	size_t n;

	buf_reset(&r->text);
	l->number++;
	do {
		if (!fgets(part, sizeof part, r->f))
			return ferror(r->f) ? err_set(e, ERR_INTERNAL, "read %s: %s", l->path,
				strerror(errno)) : dump_refuse(l, e, "the file ends too early");
		n = strlen(part);
		/* Less than fgets() has read. */
		if ((!n || part[n - 1] != '\n') && n < sizeof part - 1 && !feof(r->f))
			return dump_refuse(l, e, "a NUL byte");
		buf_add(&r->text, part, n);
		if (r->text.n > MAX_LINE) return dump_refuse(l, e, "the line is too long");
	} while (!n || part[n - 1] != '\n');
	if (!str_starts(r->text.p, "end\t")) sha256_add(&r->sum, r->text.p, r->text.n);
	r->text.p[--r->text.n] = '\0';
	return str_is_utf8(r->text.p, r->text.n) ? split(r, e) : dump_refuse(l, e, "not UTF-8");
}

static bool
is_identifier(const char *s, size_t n)
{
	if (!n || n > 64) return false;
	for (size_t i = 0; i < n; i++)
		if (!isascii((unsigned char)s[i]) || (!isalnum((unsigned char)s[i]) && s[i] != '_'))
			return false;
	return true;
}

static int
read_migration(struct reader *r, struct err *e)
{
	const struct dump_line *l = &r->line;

	return r->table < 0 && l->n == 3 && l->fields[1].p && l->fields[2].p ? 0
		: dump_refuse(l, e, "not a migration");
}

/* The names of columns lose what says how their values stand there. */
static int
read_table(struct reader *r, struct err *e)
{
	static const size_t suffix = sizeof DUMP_HEX - 1;
	struct dump_line *l = &r->line;
	int table;

	if (l->n < 3 || !l->fields[1].p)
		return dump_refuse(l, e, "a table needs a name and columns");
	if ((table = dump_table_index(l->fields[1].p)) < 0)
		return dump_refuse(l, e, "not a table of Earshot");
	if (dump_tables[table].left_out) return dump_refuse(l, e, "no dump has this table");
	if (table <= r->table) return dump_refuse(l, e, "the table is not at its place");
	r->table = table;
	l->table = dump_tables[table].name;
	l->n_columns = l->n - 2;
	for (unsigned i = 0; i < l->n_columns; i++) {
		char *name = l->fields[i + 2].p;
		size_t n = l->fields[i + 2].n;

		if ((l->hex[i] = name && n > suffix && strcmp(name + n - suffix, DUMP_HEX) == 0))
			name[n -= suffix] = '\0';
		if (!name || !is_identifier(name, n))
			return dump_refuse(l, e, "not a name of a column");
		l->fields[i + 2].n = n;
	}
	return 0;
}

/* Hexadecimal becomes bytes. */
static int
read_row(struct reader *r, struct err *e)
{
	struct dump_line *l = &r->line;

	if (r->table < 0 || l->n != l->n_columns + 1)
		return dump_refuse(l, e, "not a row of the table");
	for (unsigned i = 0; i < l->n_columns; i++) {
		char *p = l->fields[i + 1].p;
		size_t n = l->fields[i + 1].n;

		if (!l->hex[i] || !p) continue;
		/* hash_unhex() reads two digits before it writes their byte. */
		if (n % 2 || hash_unhex(p, (uint8_t *)p, n / 2))
			return dump_refuse(l, e, "not hexadecimal");
		l->fields[i + 1].n = n / 2;
	}
	r->rows++;
	return 0;
}

static int
read_end(struct reader *r, struct err *e)
{
	const struct dump_line *l = &r->line;
	uint8_t sha256[SHA256_BYTES];
	char hex[SHA256_HEX], rows[24];

	sha256_end(&r->sum, sha256);
	hash_hex(sha256, sizeof sha256, hex);
	snprintf(rows, sizeof rows, "%llu", (unsigned long long)r->rows);
	if (l->n != 3 || !l->fields[1].p || !l->fields[2].p ||
		strcmp(l->fields[1].p, rows) != 0 || strcmp(l->fields[2].p, hex) != 0)
		return dump_refuse(l, e, "the file is damaged: what was written is not what is "
			"here");
	return getc(r->f) == EOF ? 0 : dump_refuse(l, e, "there is something behind the end");
}

static int
read_body(struct reader *r, const struct dump_wanted *w, struct err *e)
{
	const struct {
		const char *word;
		int (*read)(struct reader *r, struct err *e);
		int (*tell)(const struct dump_line *l, void *ctx, struct err *e);
	} kinds[] = {
		{ "row", read_row, w->row },
		{ "table", read_table, w->table },
		{ "migration", read_migration, w->migration },
	};

	for (;;) {
		size_t k = 0;

		if (next_line(r, e)) return -1;
		if (strcmp(r->line.fields[0].p, "end") == 0) return read_end(r, e);
		while (k < NELEM(kinds) && strcmp(r->line.fields[0].p, kinds[k].word) != 0) k++;
		if (k == NELEM(kinds)) return dump_refuse(&r->line, e, "not a line of a dump");
		if (kinds[k].read(r, e) || (kinds[k].tell && kinds[k].tell(&r->line, w->ctx, e)))
			return -1;
	}
}

static int
read_header(struct reader *r, struct err *e)
{
	const struct dump_line *l = &r->line;

	if (next_line(r, e)) return -1;
	return l->n == 2 && l->fields[1].p && strcmp(l->fields[0].p, "earshot-records") == 0 &&
		strcmp(l->fields[1].p, "1") == 0 ? 0 : dump_refuse(l, e, "not the records of a "
		"backup, or those of a newer Earshot");
}

int
dump_read(const char *path, const struct dump_wanted *w, uint64_t *rows, struct err *e)
{
	struct reader *r = calloc(1, sizeof *r);
	int fd, rc = -1;

	if (!r) abort();
	r->line.path = path;
	r->line.table = "";
	r->table = -1;
	if ((fd = io_open_file(path, e)) < 0) goto out;
	if (!(r->f = fdopen(fd, "r"))) abort();
	sha256_begin(&r->sum);
	rc = read_header(r, e) || read_body(r, w, e) ? -1 : 0;
	*rows = r->rows;
out:
	if (r->f) fclose(r->f);
	buf_free(&r->text);
	free(r);
	return rc;
}

static int
note_migration(const struct dump_line *l, void *ctx, struct err *e)
{
	struct dump *d = ctx;
	struct migrate_applied *m;

	if (d->n_migrations == MAX_MIGRATIONS) return dump_refuse(l, e, "too many migrations");
	m = realloc(d->migrations, (d->n_migrations + 1) * sizeof *m);
	if (!m) abort();
	d->migrations = m;
	m += d->n_migrations;
	if (!str_copy(m->name, sizeof m->name, l->fields[1].p) ||
		hash_unhex(l->fields[2].p, m->sha256, sizeof m->sha256))
		return dump_refuse(l, e, "not a migration");
	d->n_migrations++;
	return 0;
}

int
dump_check(struct dump *d, const char *path, struct err *e)
{
	const struct dump_wanted w = { .migration = note_migration, .ctx = d };

	*d = (struct dump){0};
	if (!str_copy(d->path, sizeof d->path, path))
		return err_set(e, ERR_INVALID, "the path is too long: %.60s…", path);
	return dump_read(path, &w, &d->rows, e);
}

void
dump_free(struct dump *d)
{
	free(d->migrations);
	*d = (struct dump){0};
}
