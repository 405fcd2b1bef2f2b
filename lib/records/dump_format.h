/* What writing a dump (dump.c) and reading it (dump_read.c) share. Not for anyone else. */
#ifndef EARSHOT_RECORDS_DUMP_FORMAT_H
#define EARSHOT_RECORDS_DUMP_FORMAT_H

#define DUMP_HEADER "earshot-records\t1"
#define DUMP_HEX ":hex"				/* behind the name of a column of bytes */
#define DUMP_UNFINISHED "restore_unfinished"	/* a table that is there while one restores */

/* Tables that no dump has; NULL-terminated. */
extern const char *const dump_left_out[];

#endif
