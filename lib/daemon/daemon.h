/* earshotd: one per state folder. Claims jobs, runs workers, keeps the promise of README.md. */
#ifndef EARSHOT_DAEMON_DAEMON_H
#define EARSHOT_DAEMON_DAEMON_H

struct conf;
struct err;

/* Run until SIGTERM or SIGINT. With ready_fd >= 0 one byte is written to it, and it is closed, when
 * the socket listens. With take_over_fd >= 0 this is what handover.c left when SIGHUP, or a message
 * of that meaning, made it run the program anew. ERR_CONFLICT: another daemon has this state
 * folder. */
int daemon_run(const struct conf *c, int ready_fd, int take_over_fd, struct err *e);

#endif
