/* Any bytes as the records of a backup, as they are and with an end that fits them: what is taken
 * has the rows that it says, in tables of ours, in their order. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"
#include "memory_file.h"
#include "records/dump.h"
#include "records/dump_read.h"
#include "refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	uint64_t rows;
	unsigned migrations;
	int table;
};

static int
see_migration(const struct dump_line *l, void *ctx, struct err *e)
{
	struct seen *s = ctx;

	(void)e;
	if (s->table >= 0 || l->n != 3 || !l->fields[1].p || !l->fields[2].p) abort();
	s->migrations++;
	return 0;
}

static int
see_table(const struct dump_line *l, void *ctx, struct err *e)
{
	struct seen *s = ctx;
	int table = dump_table_index(l->table);

	(void)e;
	if (table <= s->table || dump_tables[table].left_out) abort();
	s->table = table;
	for (unsigned i = 2; i < l->n; i++)
		if (!l->fields[i].p || strlen(l->fields[i].p) != l->fields[i].n ||
			strpbrk(l->fields[i].p, "`'\";:\\ "))
			abort();
	return 0;
}

static int
see_row(const struct dump_line *l, void *ctx, struct err *e)
{
	struct seen *s = ctx;

	(void)e;
	if (s->table < 0 || l->n != l->n_columns + 1) abort();
	for (unsigned i = 0; i < l->n_columns; i++) {
		const char *p = l->fields[i + 1].p;

		if (p && !l->hex[i] && (strlen(p) != l->fields[i + 1].n ||
			!str_is_utf8(p, l->fields[i + 1].n)))
			abort();
	}
	s->rows++;
	return 0;
}

static void
try(const uint8_t *data, size_t size)
{
	static struct memory_file file;
	struct seen s = { .table = -1 };
	const struct dump_wanted w = { see_migration, see_table, see_row, &s };
	const char *path = memory_file(&file, data, size);
	struct dump d;
	struct err e = {0};
	uint64_t rows = 0;

	if (dump_check(&d, path, &e)) {
		check_refusal(&e);
	} else {
		if (dump_read(path, &w, &rows, &e)) abort();
		if (rows != d.rows || rows != s.rows || d.n_migrations != s.migrations) abort();
	}
	dump_free(&d);
}

/* Where nothing but the end is wrong. */
static void
seal(const uint8_t *data, size_t size, struct buf *out)
{
	const uint8_t *end = memmem(data, size, "\nend\t", 5);
	size_t n = end ? (size_t)(end - data) + 1 : size;
	uint8_t sha256[SHA256_BYTES];
	char hex[SHA256_HEX];
	uint64_t rows = 0;

	for (size_t i = 0; i + 5 <= n; i++) rows += memcmp(data + i, "\nrow\t", 5) == 0;
	hash_sha256(data, n, sha256);
	hash_hex(sha256, sizeof sha256, hex);
	buf_add(out, data, n);
	buf_addf(out, "end\t%llu\t%s\n", (unsigned long long)rows, hex);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf sealed = {0};

	try(data, size);
	seal(data, size, &sealed);
	try((const uint8_t *)sealed.p, sealed.n);
	buf_free(&sealed);
	return 0;
}
