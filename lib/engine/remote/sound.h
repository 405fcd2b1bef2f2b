/* What a server sends becomes a take: decoded, and exactly as long as was asked for. */
#ifndef EARSHOT_ENGINE_REMOTE_SOUND_H
#define EARSHOT_ENGINE_REMOTE_SOUND_H

#include <stddef.h>

#include "audio/pcm.h"

struct err;
struct remote_answer;
struct remote_protocol;

/* So many bytes may the sound of so many seconds have at most, in the widest of the formats. */
size_t sound_max_bytes(double seconds);

/* fd holds what was fetched as the answer `a`. ERR_UNREADABLE, naming the server: it is no sound,
 * or one of quite another length; ERR_AWAY: this host is out of order. *out is the caller's. */
int sound_read(int fd, const struct remote_answer *a, const struct remote_protocol *p,
	double seconds, struct pcm *out, struct err *e);

/* Exactly so many seconds: what is longer ends in a short fade, what is a little shorter has
 * silence behind it. Pure. -1: it is much too short. */
int sound_fit(struct pcm *p, double seconds);

#endif
