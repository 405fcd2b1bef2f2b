/* What the parts of the daemon share. Not for anyone outside lib/daemon. */
#ifndef EARSHOT_DAEMON_STATE_H
#define EARSHOT_DAEMON_STATE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/uuid.h"
#include "records/claims.h"

struct background;
struct db;
struct task;

enum { MAX_WORKERS = 256, MAX_CLIENTS = 64, KEYS_PER_SAMPLE = 3 };

/* The process of a slot. */
enum process_state {
	PROCESS_DOWN,		/* none; the next one starts at restart_at_ms */
	PROCESS_STARTING,	/* has not said hello yet */
	PROCESS_READY,
	PROCESS_DYING,		/* SIGTERM sent, SIGKILL follows at kill_at_ms */
};

/* The job of a slot. */
enum work_state {
	WORK_NONE,
	WORK_RUNNING,
	WORK_LOST,		/* not ours any more; its worker is dying */
	WORK_SETTLING,		/* over; the records do not know it yet */
};

enum outcome { OUTCOME_DONE, OUTCOME_FAILED, OUTCOME_RELEASED };

/* One worker and the job that it has. Owns the descriptor, the buffers and what `work` holds. */
struct slot {
	enum process_state process;
	pid_t pid;			/* also its process group */
	int fd;				/* -1 when down */
	struct buf in;
	int64_t restart_at_ms, kill_at_ms, started_ms;
	uint32_t quick_deaths;		/* in a row, for the restart's back-off */
	bool put_down;			/* it got a SIGKILL of ours */
	bool retire;			/* of an older program: it ends when its job does */

	enum work_state state;
	struct claim_work work;
	char (*keys)[SAMPLE_KEY];	/* KEYS_PER_SAMPLE each: audio, peaks, midi; owned */
	int64_t heard_ms, deadline_ms, renew_at_ms, look_at_ms, progress_at_ms;
	double done;
	char stage[33];
	bool progress_new;

	enum outcome outcome;		/* while settling */
	bool final;
	char code[33], reason[400];
	cJSON *result;			/* the worker's `done`; owned */
	struct task *check;		/* is it in the storage? NULL: nobody is asked */
	bool stored;			/* it is */
	bool asked_commit;		/* a COMMIT is unanswered: look before trying again */
	int64_t settle_at_ms;
	int settle_errors;
};

struct client {
	int fd;				/* -1: free */
	struct buf in;
};

struct daemon {
	const struct conf *conf;
	struct db *db;			/* NULL while it is away */
	struct background *background;	/* all that is done with the storage */
	struct task *collecting;	/* NULL: nothing is deleted just now */
	struct uuid host;
	char host_name[200];
	int lock_fd, listen_fd;
	struct slot *slots;
	int n_slots;			/* more than n_wanted while handed workers are at it */
	int n_wanted, n_handed;
	int n_killed;			/* workers that somebody else has killed */
	int64_t began_ms;		/* when this program took over or started; CLOCK_REALTIME */
	struct client clients[MAX_CLIENTS];
	cJSON *models;			/* what the last worker said; owned */
	bool models_new;		/* the records do not know them yet */
	bool recovered;			/* the claims of our dead predecessor are settled */
	bool stopping;
	bool reloading;			/* no job is begun until handover_exec() */
	int64_t stop_at_ms;
	bool look_now;			/* someone woke us, or a slot is free */
	int64_t look_at_ms, connect_at_ms, expire_at_ms, collect_at_ms, seen_at_ms, models_at_ms,
		index_at_ms, outdated_at_ms;
};

/* daemon.c: what SIGHUP does, too */
void daemon_ask_reload(void);

/* clients.c: the socket of PROTOCOL.md */
int clients_listen(struct daemon *d, struct err *e);
void clients_accept(struct daemon *d);
void clients_read(struct daemon *d, struct client *c);
void clients_close(struct daemon *d);

/* slots.c: processes */
void slots_start(struct daemon *d, struct slot *s);
void slots_kill(struct slot *s);			/* begins it */
void slots_tick(struct daemon *d, struct slot *s, int64_t now);
void slots_reap(struct daemon *d);
void slots_read(struct daemon *d, struct slot *s);

/* work.c: jobs */
void work_claim(struct daemon *d);			/* as many as there are idle workers */
/* takes m when it keeps it; returns with m freed or kept */
void work_message(struct daemon *d, struct slot *s, cJSON *m);
void work_worker_gone(struct daemon *d, struct slot *s, const char *how);
void work_look(struct daemon *d, struct slot *s);	/* is it still ours? */
void work_tick(struct daemon *d, struct slot *s, int64_t now);
void work_stop(struct daemon *d);			/* give everything back */

/* handover.c: `earshot reload`. This process becomes the program and the settings that are there
 * now: exec, with the lock, the socket and the running workers, which go on with their jobs. */
bool handover_ready(const struct daemon *d);		/* can it be done now? */
void handover_exec(struct daemon *d);			/* returns only if it could not */
/* fd: what the old program wrote. Fills the slots, of which there are MAX_WORKERS then. */
int handover_take(struct daemon *d, int fd, struct err *e);

/* upkeep.c: what is not about one job */
void upkeep_tick(struct daemon *d, int64_t now);
/* A database error was seen: log it, and drop the connection when it is lost. */
void upkeep_db_error(struct daemon *d, const char *doing, const struct err *e);

#endif
