/* Messages of PROTOCOL.md on a stream socket: sending them whole, and picking them out of what came
 * in. */
#ifndef EARSHOT_IPC_FRAME_H
#define EARSHOT_IPC_FRAME_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "base/buf.h"

struct err;

enum { FRAME_MAX = 65536, FRAME_HEADER = 4 };

/* Append the message to out. It must not be larger than FRAME_MAX. */
int frame_add(struct buf *out, const cJSON *message, struct err *e);

/* Take the first whole message out of in. 1: *message is owned by the caller; 0: not all of it is
 * there yet;
 * -1: not a message, and the connection is of no more use. */
int frame_take(struct buf *in, cJSON **message, struct err *e);

/* Blocking: send one, and wait for one at most timeout_ms (-1: for ever). -1 with ERR_AWAY when the
 * other side is gone; receiving answers 1, or 0 when nothing came in time. */
int frame_send(int fd, const cJSON *message, struct err *e);
int frame_receive(int fd, struct buf *in, int timeout_ms, cJSON **message, struct err *e);

/* The op of a message; never NULL. */
const char *frame_op(const cJSON *message);

#endif
