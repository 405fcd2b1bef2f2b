/* What the parts of `earshot doctor` share. */
#ifndef EARSHOT_CLI_DOCTOR_H
#define EARSHOT_CLI_DOCTOR_H

struct conf;
struct host_limits;

struct doctor {
	const struct conf *conf;
	const char *ca;			/* a file of certificates to believe; NULL: the system's */
	const char *url;		/* of the pages, with a slash at its end; NULL: not given */
	char audio_origin[600];		/* "https://host:port" where listeners are sent; "": nowhere */
	int problems;
};

/* A line for a part that is as it should be. */
void doctor_fine(struct doctor *d, const char *part, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* What is wrong, and the line for a shell or a file that mends it; NULL: there is none. */
void doctor_problem(struct doctor *d, const char *part, const char *remedy, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* doctor.c: a folder that must be ours to write to, and a file that nobody else may read. */
void doctor_folder(struct doctor *d, const char *part, const char *path);
void doctor_secret(struct doctor *d, const char *part, const char *path);

/* doctor_storage.c: where the audio is. */
void doctor_storage(struct doctor *d);

/* doctor_remotes.c: the servers elsewhere. */
void doctor_remotes(struct doctor *d);

/* doctor_limits.c: room for what is written. */
void doctor_disks(struct doctor *d);

/* The limits of this program and of its host, and those of whoever else tells them. */
void doctor_own_limits(struct doctor *d);
void doctor_limits(struct doctor *d, const char *part, const char *whom,
	const struct host_limits *l);

/* doctor_web.c: from outside, at the address of the pages. */
void doctor_web(struct doctor *d);

#endif
