/* Files and descriptors, whole or not at all. Every descriptor made here is close-on-exec. */
#ifndef EARSHOT_BASE_IO_H
#define EARSHOT_BASE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/* What an errno of writing or making a file means: ERR_AWAY where there is no room (the disk, a
 * quota, the largest size of a file), which may pass; else ERR_INTERNAL. */
enum err_kind io_kind(int error);

/* From now on a write beyond the largest size of a file (ulimit -f) fails, instead of ending the
 * process. */
void io_let_writes_fail(void);

/* All n bytes, through EINTR and short counts. io_read_full: fewer than n before the end is -1 with
 * ERR_INTERNAL. */
int io_read_full(int fd, void *p, size_t n, struct err *e);
int io_write_full(int fd, const void *p, size_t n, struct err *e);

/* mkdir -p with this mode for what is made; a folder that is there is fine. */
int io_mkdirs(const char *path, mode_t mode, struct err *e);

/* Make the folder that holds path. */
int io_mkdirs_for(const char *path, mode_t mode, struct err *e);

/* fsync the folder that holds path, so that a rename in it survives a power cut. */
int io_sync_dir_of(const char *path, struct err *e);

/* dst := a + "/" + b, ERR_INTERNAL if it does not fit size bytes. */
int io_join(char *dst, size_t size, const char *a, const char *b, struct err *e);

/* The folder of the running program (/proc/self/exe), to find its siblings. */
int io_program_dir(char *dst, size_t size, struct err *e);

/* Take an exclusive lock on path (made if missing) and leave the pid in it. Returns a descriptor
 * that holds the lock while open, or -1: ERR_CONFLICT when another process has it. */
int io_lock_file(const char *path, struct err *e);

/* Open what is to be read and was made elsewhere: ERR_NOT_FOUND; ERR_INVALID for what is no file,
 * such as a pipe, which would be waited for. */
int io_open_file(const char *path, struct err *e);

/* A file without a name, in TMPDIR or /tmp, which goes with its last descriptor; -1: there is none
 * to be had. */
int io_nameless_file(void);

void io_set_nonblock(int fd, bool on);

#endif
