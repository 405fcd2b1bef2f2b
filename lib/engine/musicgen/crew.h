/* Threads that share one piece of work after the other, thousands of times a second. They wait
 * turning for some microseconds, since sleeping costs more than most pieces, and sleep when nothing
 * comes. */
#ifndef EARSHOT_ENGINE_MUSICGEN_CREW_H
#define EARSHOT_ENGINE_MUSICGEN_CREW_H

struct crew;

/* threads ≥ 1, the caller's own among them; no more than there are processors that the process may
 * use. As many as those are each kept on one of its own, the caller until crew_stop(), which is to
 * be called by it. Never NULL. */
struct crew *crew_start(int threads);
void crew_stop(struct crew *c);		/* NULL is fine */

int crew_size(const struct crew *c);

/* Call work(ctx, part, parts) for each part 0 … parts - 1 (parts: crew_size()), at once, and return
 * when all are done. Not to be called by work. */
void crew_run(struct crew *c, void (*work)(void *ctx, int part, int parts), void *ctx);

/* For work alone: return when all parts have come here as often. What they wrote before, all can
 * read then. */
void crew_meet(struct crew *c);

/* The numbers from … to - 1 of n which are a part's, in multiples of `step`. */
void crew_share(int n, int step, int part, int parts, int *from, int *to);

#endif
