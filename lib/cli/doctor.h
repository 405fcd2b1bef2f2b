/* What the parts of `earshot doctor` share. */
#ifndef EARSHOT_CLI_DOCTOR_H
#define EARSHOT_CLI_DOCTOR_H

struct conf;
struct host_limits;

struct doctor {
	const struct conf *conf;
	const char *ca;			/* a file of certificates to believe; NULL: the system's */
	int problems;
};

/* A line for a part that is as it should be. */
void doctor_fine(struct doctor *d, const char *part, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* What is wrong, and the line for a shell or a file that mends it; NULL: there is none. */
void doctor_problem(struct doctor *d, const char *part, const char *remedy, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* doctor_limits.c: room for what is written. */
void doctor_disks(struct doctor *d);

/* The limits of this program and of its host, and those of whoever else tells them. */
void doctor_own_limits(struct doctor *d);
void doctor_limits(struct doctor *d, const char *part, const char *whom,
	const struct host_limits *l);

/* doctor_web.c: from outside, at the address of the pages. */
void doctor_web(struct doctor *d, const char *url);

#endif
