/* One take, made elsewhere: handed in, asked after, fetched, and taken back when somebody says
 * stop. */
#ifndef EARSHOT_ENGINE_REMOTE_JOB_H
#define EARSHOT_ENGINE_REMOTE_JOB_H

#include "audio/pcm.h"
#include "engine/remote/protocol.h"

struct engine_progress;
struct err;

/* locks is the folder of turn.h. p as in generate(). ERR_STOPPED, ERR_AWAY, ERR_INVALID as
 * protocol.h has them; it ends within timeout_s whatever the server does. *out is the caller's. */
int remote_job(const struct remote_wish *w, double seconds, const char *locks,
	const struct engine_progress *p, struct pcm *out, struct err *e);

/* Does the server have this adapter? 0 also where that shows only when it is loaded. */
int remote_has_adapter(const struct remote_wish *w, struct err *e);

#endif
