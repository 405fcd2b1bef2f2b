#include "records/rows.h"

#include <stdlib.h>
#include <string.h>

#include "db/db.h"

char *
rows_text(const struct db_rows *r, unsigned col)
{
	char *s = strdup(db_col_text(r, col));

	if (!s) abort();
	return s;
}

char *
rows_text_or_null(const struct db_rows *r, unsigned col)
{
	return db_col_null(r, col) ? NULL : rows_text(r, col);
}
