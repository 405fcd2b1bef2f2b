/* How the long functions of this folder tell where they are, and learn that they should stop. */
#ifndef EARSHOT_AUDIO_WATCH_H
#define EARSHOT_AUDIO_WATCH_H

#include <stdbool.h>
#include <stddef.h>

/* go_on is called at least once for each half second of work, with what part is done (0…1, never
 * falling). Returning false means stop: the function then fails with ERR_STOPPED and leaves no file
 * behind. A NULL watch, here as in every argument of this type, lets everything run to its end. */
struct audio_watch {
	bool (*go_on)(void *ctx, double done);
	void *ctx;
};

static inline bool
audio_goes_on(const struct audio_watch *w, double done)
{
	return !w || w->go_on(w->ctx, done);
}

#endif
