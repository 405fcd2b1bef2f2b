/* Objects as files below one folder (storage_dir). KEY.part is the staged file of KEY; put is
 * fsync, rename, fsync of the folder. Keys bring their own fan-out (audio/ab/…), so that no folder
 * grows without bound. */
#ifndef EARSHOT_STORAGE_LOCAL_H
#define EARSHOT_STORAGE_LOCAL_H

#include "storage/storage.h"

extern const struct storage_backend storage_local;

/* A folder that files of ours are written to: NULL, or what is wrong with it, as storage_trouble()
 * says it. */
const char *local_folder_trouble(const char *dir, struct err *e);

#endif
