/* The responder's line to the daemon of its host (PROTOCOL.md). Keeps one connection and makes it
 * anew when the daemon was restarted. Nothing here fails loudly: the queue is in the database, so a
 * daemon that does not hear us now finds the job at its next look. */
#ifndef EARSHOT_IPC_CLIENT_H
#define EARSHOT_IPC_CLIENT_H

#include <cjson/cJSON.h>

#include <sys/types.h>

#include "base/uuid.h"

struct conf;
struct err;

struct ipc_client {
	const struct conf *conf;	/* borrowed */
	int fd;				/* -1: not connected */
	pid_t daemon_pid;		/* whom we were connected to last; 0: unknown */
};

void ipc_client_init(struct ipc_client *c, const struct conf *conf);
void ipc_client_close(struct ipc_client *c);

/* -1 with ERR_AWAY: no daemon listens; ERR_BUSY: it hangs. */
int ipc_wake(struct ipc_client *c, struct err *e);
int ipc_cancel(struct ipc_client *c, struct uuid job, struct err *e);

/* Run the program and the settings that are there now; `began_ms` of the status tells when it
 * has. */
int ipc_reload(struct ipc_client *c, struct err *e);

/* *status is owned by the caller. Waits at most half a second. */
int ipc_status(struct ipc_client *c, cJSON **status, struct err *e);

/* Wake the daemon, starting it when none runs: `earshotd --detach -c CONF` from the folder of this
 * program, in a session of its own, with nothing of ours open. Returns as soon as it has been
 * started; of several that try, one daemon stays. */
int ipc_wake_or_start(struct ipc_client *c, struct err *e);

/* For who only waits for what a daemon does: start one when none is there, say nothing to one that
 * is. */
int ipc_start_if_gone(struct ipc_client *c, struct err *e);

/* STATE/earshotd.sock; -1 when the path is longer than a socket's may be (107 bytes). */
int ipc_socket_path(const struct conf *c, char path[108], struct err *e);

#endif
