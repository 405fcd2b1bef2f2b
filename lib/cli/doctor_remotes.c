/* Servers elsewhere: are they there, and do they know us and what we want of them? */
#include <stdio.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/err.h"
#include "cli/doctor.h"
#include "engine/remote/greet.h"

enum { REMEDY = 1400 };

static void
check_remote(struct doctor *d, const struct conf_remote *r)
{
	char remedy[REMEDY];
	struct err e;

	doctor_secret(d, "remote", r->key_file);
	if (*r->key_file && access(r->key_file, R_OK) < 0) return;
	if (remote_greet(r, &e) == 0) {
		doctor_fine(d, "remote", "%s, at %s", r->name, r->url);
		return;
	}
	if (e.kind == ERR_AWAY || e.kind == ERR_UNREADABLE)
		snprintf(remedy, sizeof remedy, "start the server, or put its right url into "
			"[remote %s] of %s (now %s); then: earshot reload", r->name, d->conf->file,
			r->url);
	else
		snprintf(remedy, sizeof remedy, "change [remote %s] in %s; then: earshot reload",
			r->name, d->conf->file);
	doctor_problem(d, "remote", remedy, "%s", e.text);
}

void
doctor_remotes(struct doctor *d)
{
	for (uint32_t i = 0; i < d->conf->n_remotes; i++) check_remote(d, &d->conf->remotes[i]);
}
