/* The configuration: one file of `key = value` lines, read once into a validated struct.
 *
 * `#` begins a comment at the start of a line; blanks around key and value do not count. An unknown
 * key, a value out of range or a key given twice stops the program with file and line. Every key
 * has its line, its default and its meaning in conf.c's table, from which `earshot config` prints
 * the documented example; relative paths are taken from the folder of the file. */
#ifndef EARSHOT_BASE_CONF_H
#define EARSHOT_BASE_CONF_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct buf;

enum { CONF_PATH = 512, CONF_NAME = 128, CONF_REMOTE_NAME = 49, CONF_REMOTES = 12 };

/* A section `[remote NAME]`: a server elsewhere that makes music. Sections stand at the end of the
 * file, since every key behind such a line is one of the server's. */
struct conf_remote {
	char name[CONF_REMOTE_NAME];		/* letters, digits, "._-": the model's id */
	char protocol[CONF_NAME];
	char url[CONF_PATH];			/* http or https, without a slash at its end */
	char key_file[CONF_PATH];		/* "" : no key */
	char model[CONF_NAME];			/* "" : the server's own choice */
	uint32_t concurrency;
	uint32_t max_duration_s;
	uint32_t steps;				/* 0: as the server likes */
	uint32_t thinking;			/* 1: its language model may help */
	uint32_t patience_s;
	uint32_t timeout_s;
};

struct conf {
	char file[CONF_PATH];			/* where it was read from */

	char state_dir[CONF_PATH];		/* sockets, locks, logs, the default storage */
	char log_file[CONF_PATH];		/* "" : stderr */

	char database_socket[CONF_PATH];	/* "" : by TCP */
	char database_host[CONF_NAME];
	uint32_t database_port;
	char database_ca[CONF_PATH];		/* "" : no TLS */
	char database_name[CONF_NAME];
	char database_user[CONF_NAME];
	char database_password_file[CONF_PATH];	/* "" : no password */

	char storage[CONF_NAME];		/* "local" or "s3" */
	char storage_from[CONF_NAME];		/* the other one, while it is emptied; "": none */
	char storage_dir[CONF_PATH];		/* default: STATE/audio */

	char s3_url[CONF_PATH];			/* "https://host:port" */
	char s3_region[CONF_NAME], s3_bucket[CONF_NAME];
	char s3_style[CONF_NAME];		/* where the bucket stands: "path" or "host" */
	char s3_prefix[CONF_NAME];		/* of all keys in it; "": none */
	char s3_key_file[CONF_PATH];
	char s3_ca_file[CONF_PATH];		/* "": those that the system trusts */
	char s3_delivery[CONF_NAME];		/* "proxy" or "redirect" */
	char s3_dir[CONF_PATH];			/* default: STATE/s3 */
	uint32_t s3_copies_mb;
	uint32_t s3_part_mb;
	uint32_t s3_silence_s, s3_tries;

	char access[CONF_NAME];			/* "accounts" or "open" */
	char hosts[CONF_PATH];			/* names that Host may have, separated by blanks */
	uint32_t session_idle_hours, session_hours;
	uint32_t sign_in_tries, sign_in_tries_per_address;	/* in a quarter of an hour */
	uint32_t token_requests_per_minute;
	uint32_t max_queued_jobs;		/* of a user; 0: no limit, here and in the next */
	uint32_t max_audio_seconds_per_day;
	uint32_t max_body_bytes;
	uint32_t max_adapter_bytes;

	char model[CONF_NAME];			/* "" : the first model there is */
	char models_dir[CONF_PATH];
	char models_url[CONF_PATH];		/* the Hugging Face Hub, or a copy */
	char soundfont[CONF_PATH];		/* "" : look in the usual places */

	uint32_t workers;			/* 0: one for each core */
	uint32_t worker_threads;		/* of a neural model; 0: processors / workers */
	uint32_t worker_nice;			/* 0–19 */
	uint32_t worker_memory_mb;		/* address space of a worker; 0: no limit */
	uint32_t job_timeout_s;			/* wall-clock seconds that one attempt may take */
	/* a worker that reports nothing for so long hangs */
	uint32_t worker_silence_s;
	uint32_t max_attempts;
	uint32_t retry_backoff_ms;		/* doubled for each further attempt, with jitter */
	uint32_t lease_ms;			/* renewed every third of it */
	uint32_t lease_grace_ms;		/* what another host waits beyond the lease */

	struct conf_remote remotes[CONF_REMOTES];
	uint32_t n_remotes;
};

/* Read the file: path if not NULL, else $EARSHOT_CONF, else ../../etc/earshot.conf seen from the
 * folder of the program (an installation below a folder of one's own), else
 * /etc/earshot/earshot.conf. */
int conf_load(struct conf *c, const char *path, struct err *e);

/* The same from text; file is the name for error messages and the base of relative paths. Pure. */
int conf_parse(struct conf *c, const char *text, const char *file, struct err *e);

/* Does anyone who reaches the server count as its owner (access = open)? */
bool conf_is_open(const struct conf *c);

/* A commented example with all keys at their defaults. */
void conf_example(struct buf *out);

#endif
