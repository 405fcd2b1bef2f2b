/* What differs between the servers that make music for us: which messages ask for what, and what
 * their answers mean. All of it is pure, text in and text out; job.c does the talking.
 *
 * Answers are hostile. Functions that read one return -1 with
 *	ERR_AWAY	the server is busy, broken, or talks nonsense: it may be asked again;
 *	ERR_INVALID	it will not do what we ask, however often we ask.
 * Sentences name the server as the configuration does, and quote no more of it than a line. */
#ifndef EARSHOT_ENGINE_REMOTE_PROTOCOL_H
#define EARSHOT_ENGINE_REMOTE_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/conf.h"

struct err;

enum { REMOTE_ID = 65, REMOTE_FILE = 2048, REMOTE_ADAPTER = 256, REMOTE_WHY = 401 };

/* A request to the server: {0} before, remote_message_free(). */
struct remote_message {
	bool post;
	struct buf path;		/* behind the server's url, "/…" */
	struct buf json;		/* the body of a POST */
};

/* What it said. */
struct remote_answer {
	const char *server;		/* its name */
	long status;			/* of HTTP */
	char type[128];			/* Content-Type, "" for none */
	struct buf body;
};

/* What is wanted of it. Borrowed. */
struct remote_wish {
	const struct conf_remote *server;
	const char *text;		/* what it shall sound like, attributes in words */
	const char *lyrics;		/* what shall be sung; NULL: nothing */
	const struct cJSON *attributes;	/* of these, what it has fields for; NULL: none */
	double seconds;
	uint32_t seed;
	const char *adapter;		/* as the server calls it; "" for none */
	double adapter_scale;
};

enum remote_phase {
	REMOTE_UNKNOWN,			/* it does not know the job, or does not yet */
	REMOTE_WAITING,
	REMOTE_RUNNING,
	REMOTE_DONE,
	REMOTE_FAILED,
};

/* How the job is. */
struct remote_news {
	enum remote_phase phase;
	double done;			/* 0 … 1 */
	char file[REMOTE_FILE];		/* where the sound is, as the server puts it */
	char model[CONF_NAME];		/* it is done: by this one of its; "": it does not say */
	char why[REMOTE_WHY];		/* it failed; "" where it gives no reason */
};

/* Which adapter a server has for all its jobs. */
struct remote_lora {
	bool loaded;			/* any at all */
	char name[REMOTE_ADAPTER];	/* of the one in force; "" where there is none */
	double scale;
};

/* Servers of which each job has the same adapter. */
struct remote_shared_adapter {
	double max_scale;
	void (*look)(struct remote_message *m);
	/* 1: *now is the state; 0: a server that knows no adapters. */
	int (*seen)(const struct remote_answer *a, struct remote_lora *now, struct err *e);
	/* What the adapter is called once it is loaded. */
	void (*called)(const struct remote_wish *w, char name[REMOTE_ADAPTER]);
	/* The step-th message that brings what is wished; false: there are no more. */
	bool (*change)(const struct remote_wish *w, const struct remote_lora *now, int step,
		struct remote_message *m);
	int (*changed)(
		const struct remote_wish *w, const struct remote_answer *a, struct err *e);
	/* How many jobs it has. */
	void (*count)(struct remote_message *m);
	int (*counted)(const struct remote_answer *a, int64_t *jobs, struct err *e);
};

struct remote_protocol {
	const char *name, *title;
	double min_seconds;		/* what is shorter is cut from this */

	void (*submit)(const struct remote_wish *w, struct remote_message *m);
	int (*submitted)(const struct remote_answer *a, char id[REMOTE_ID], struct err *e);

	void (*ask)(const char *id, struct remote_message *m);
	int (*told)(const struct remote_answer *a, const char *id, struct remote_news *n,
		struct err *e);

	/* Where the sound of a job is: a path behind the url, or an address. */
	void (*where)(const char *id, const struct remote_news *n, struct buf *out);
	/* The sound in what was fetched; NULL: all of it is. */
	int (*unpack)(const char *server, const char *type, const char *p, size_t n,
		const char **sound, size_t *sound_n, struct err *e);

	void (*cancel)(const char *id, struct remote_message *m);	/* NULL: there is no way */

	/* Asked before a job is handed in: has the server the model and the adapter that are
	 * wished? False: there is nothing to ask, or it shows when it is too late. */
	bool (*list)(const struct remote_wish *w, struct remote_message *m);
	int (*listed)(const struct remote_wish *w, const struct remote_answer *a, struct err *e);

	/* The step-th thing to ask that costs nothing and shows whether it is there, takes our key
	 * and has the model that is wished; false: there are no more. */
	bool (*greet)(const struct remote_wish *w, int step, struct remote_message *m);
	int (*greeted)(const struct remote_wish *w, int step, const struct remote_answer *a,
		struct err *e);

	const struct remote_shared_adapter *shared;	/* NULL: each job has its own */
};

extern const struct remote_protocol *const remote_protocols[];	/* ended by NULL */

const struct remote_protocol *remote_protocol_find(const char *name);

void remote_message_free(struct remote_message *m);

/* A GET, or a POST of a JSON object, which is taken (NULL: an empty one). */
struct cJSON;
void remote_get(struct remote_message *m, const char *path);
void remote_post(struct remote_message *m, const char *path, struct cJSON *json);

/* For protocols: a wish as JSON, its fields under the server's names. What all of them call the
 * same (lyrics and their language, seed, bpm, inference_steps) is there, too. The caller's. */
struct remote_fields {
	const char *text, *seconds, *model, *key;
};
struct cJSON *remote_wish(const struct remote_wish *w, const struct remote_fields *f);

/* The id of a submission that was taken: the text of that name in an object; ERR_AWAY. */
int remote_take_id(const char *server, const struct cJSON *o, const char *name, char id[REMOTE_ID],
	struct err *e);

/* For protocols: the JSON of an answer, owned by the caller; NULL with ERR_AWAY. */
struct cJSON *remote_json(const struct remote_answer *a, struct err *e);

/* The server refuses with this status (of HTTP, or of its envelope); why: its words, or "". Always
 * -1: ERR_AWAY for what may pass, else ERR_INVALID. */
int remote_refuses(const char *server, long status, const char *why, struct err *e);

/* The server's words as one line of ours: control characters are blanks, what is long is cut. */
void remote_words(const char *said, char why[REMOTE_WHY]);

/* "The server gpu answers nonsense: what." Always -1, ERR_AWAY. */
int remote_nonsense(const char *server, const char *what, struct err *e);

/* A job's id that we can put into a path: 1 to 64 letters, digits, "._-". */
bool remote_id(const char *said, char id[REMOTE_ID]);

#endif
