/* What a status poll is compared with: the least that a libfcgi program can do which answers from the database. One
 * prepared SELECT of a jobs row by its primary key, and as many bytes as $BENCH_BYTES says, the row's text in front.
 * The id is the last part of the path; the database is at $BENCH_SOCKET. */
#include <fcgiapp.h>
#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_COLUMNS = 64, COLUMN_BYTES = 8192, ANSWER_BYTES = 65536 };

static struct {
	MYSQL_STMT *stmt;
	unsigned n;
	MYSQL_BIND binds[MAX_COLUMNS];
	unsigned long lengths[MAX_COLUMNS];
	my_bool nulls[MAX_COLUMNS];
	char values[MAX_COLUMNS][COLUMN_BYTES];
} row;

static void
give_up(const char *what)
{
	fprintf(stderr, "peer_fcgi: %s\n", what);
	exit(1);
}

/* Every column arrives as what it is in the table, without conversion. */
static void
prepare(void)
{
	static const char sql[] = "SELECT * FROM jobs WHERE id=?";
	MYSQL *db = mysql_init(NULL);
	MYSQL_RES *meta;

	if (!mysql_real_connect(db, "localhost", "earshot", "", "earshot", 0, getenv("BENCH_SOCKET"), 0)) give_up(mysql_error(db));
	row.stmt = mysql_stmt_init(db);
	if (mysql_stmt_prepare(row.stmt, sql, sizeof sql - 1)) give_up(mysql_stmt_error(row.stmt));
	meta = mysql_stmt_result_metadata(row.stmt);
	row.n = mysql_num_fields(meta);
	if (row.n > MAX_COLUMNS) give_up("too many columns");
	for (unsigned i = 0; i < row.n; i++)
		row.binds[i] = (MYSQL_BIND){ .buffer_type = mysql_fetch_field_direct(meta, i)->type, .buffer = row.values[i],
			.buffer_length = COLUMN_BYTES, .length = &row.lengths[i], .is_null = &row.nulls[i] };
	mysql_free_result(meta);
	if (mysql_stmt_bind_result(row.stmt, row.binds)) give_up(mysql_stmt_error(row.stmt));
}

static void
read_id(const char *path, unsigned char id[16])
{
	static const char digits[] = "0123456789abcdef";
	const char *hex = strrchr(path, '/'), *digit;

	for (int i = 0; hex && *++hex && i < 32;)
		if ((digit = strchr(digits, *hex))) id[i / 2] = (unsigned char)(id[i / 2] << 4 | (digit - digits)), i++;
}

static int
fetch(unsigned char id[16])
{
	MYSQL_BIND b = { .buffer_type = MYSQL_TYPE_BLOB, .buffer = id, .buffer_length = 16 };
	int rc;

	if (mysql_stmt_bind_param(row.stmt, &b) || mysql_stmt_execute(row.stmt)) give_up(mysql_stmt_error(row.stmt));
	rc = mysql_stmt_fetch(row.stmt);
	mysql_stmt_free_result(row.stmt);
	return rc;
}

static int
is_text(enum enum_field_types t)
{
	return t == MYSQL_TYPE_VAR_STRING || t == MYSQL_TYPE_STRING || t == MYSQL_TYPE_BLOB;
}

int
main(void)
{
	static char answer[ANSWER_BYTES];
	const char *wanted = getenv("BENCH_BYTES");
	size_t bytes = wanted ? strtoul(wanted, NULL, 10) : 0;
	FCGX_Request r;

	if (!bytes || bytes > sizeof answer) give_up("BENCH_BYTES is missing or too large");
	prepare();
	FCGX_Init();
	FCGX_InitRequest(&r, 0, 0);
	while (FCGX_Accept_r(&r) == 0) {
		unsigned char id[16] = {0};
		size_t at = 0;

		read_id(FCGX_GetParam("REQUEST_URI", r.envp), id);
		if (fetch(id)) give_up("the row is not there");
		memset(answer, ' ', bytes);
		for (unsigned i = 0; i < row.n; i++) {
			if (row.nulls[i] || !is_text(row.binds[i].buffer_type) || at + row.lengths[i] > bytes) continue;
			memcpy(answer + at, row.values[i], row.lengths[i]);
			at += row.lengths[i];
		}
		FCGX_PutS("Content-Type: application/json\r\n\r\n", r.out);
		FCGX_PutStr(answer, (int)bytes, r.out);
		FCGX_Finish_r(&r);
	}
	return 0;
}
