/* A backup is a folder:
 *
 *	records.tsv	all records, as records/dump.h writes them
 *	objects/KEY	every object that they refer to
 *	SHA256SUMS	of all these files (sums.h)
 *
 * Objects never change, so that another backup into the same folder only adds what is new and
 * removes what nothing refers to any more. What was whole stays whole until the next one is:
 * records.tsv is replaced in one step, after everything that it refers to is there.
 *
 * backup.c makes it, restore.c reads it. This is what they share. */
#ifndef EARSHOT_CLI_BACKUP_H
#define EARSHOT_CLI_BACKUP_H

struct err;

enum { BACKUP_PATH = 1024 };

#define BACKUP_RECORDS "records.tsv"
#define BACKUP_OBJECTS "objects/"

/* Open the folder and keep others out of it until it is closed. -1: ERR_CONFLICT when another
 * backup or restore is at it. */
int backup_lock(const char *folder, struct err *e);

/* path := FOLDER/NAME, of an object FOLDER/objects/KEY. */
int backup_path(char path[BACKUP_PATH], const char *folder, const char *name, struct err *e);
int backup_object_path(char path[BACKUP_PATH], const char *folder, const char *key, struct err *e);

#endif
