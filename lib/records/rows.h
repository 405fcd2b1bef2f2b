/* What all of records/ does with rows: owned copies of text columns. */
#ifndef EARSHOT_RECORDS_ROWS_H
#define EARSHOT_RECORDS_ROWS_H

struct db_rows;

/* A copy that the caller frees; "" for NULL in the table. */
char *rows_text(const struct db_rows *r, unsigned col);

/* The same, but NULL for NULL. */
char *rows_text_or_null(const struct db_rows *r, unsigned col);

#endif
