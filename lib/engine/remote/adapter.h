/* An adapter of a server elsewhere: its weights are there, and what is uploaded here is a file that
 * says what the server calls it,
 *
 *	{"format": "earshot-remote-adapter", "adapter": "late-night-jazz"}
 *
 * a name that acestep.cpp lists, or the path of a file or folder on an ACE-Step server's disk. */
#ifndef EARSHOT_ENGINE_REMOTE_ADAPTER_H
#define EARSHOT_ENGINE_REMOTE_ADAPTER_H

#include <stddef.h>

#include "engine/remote/protocol.h"

struct err;

/* Pure. ERR_INVALID with a sentence about the field. */
int remote_adapter_parse(const char *p, size_t n, char name[REMOTE_ADAPTER], struct err *e);

/* The same from a file; ERR_NOT_FOUND. */
int remote_adapter_read(const char *path, char name[REMOTE_ADAPTER], struct err *e);

#endif
