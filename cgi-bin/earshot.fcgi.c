/* earshot.fcgi: the responder, as FastCGI or as CGI. Its configuration is the file of
 * $EARSHOT_CONF. Option: --check (only look whether it could start with it). */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "db/db.h"
#include "http/io.h"
#include "storage/storage.h"

/* ANSWER_S: a database that takes longer hangs. HUNG_MS: a connection that broke while nobody asked
 * shows that sooner. */
enum { ANSWER_S = 6, HUNG_MS = 1000 };

/* The one place where a connection is made or made anew: between requests, or before one is tried
 * again. */
static int
connect_db(struct api *api, bool ask, struct err *e)
{
	int64_t began_ms = clock_now_ms();

	if (api->db && (ask ? db_ping(api->db) : !db_lost(api->db))) return 0;
	db_close(api->db);
	api->db = NULL;
	if (clock_now_ms() - began_ms > HUNG_MS)
		return err_set(e, ERR_AWAY, "the database does not answer");
	api->db = db_open_within(api->conf, ANSWER_S, e);
	return api->db ? 1 : -1;
}

/* Could we start with the settings that are there now? */
static bool
can_start(struct err *e)
{
	struct conf next;

	return conf_load(&next, NULL, e) == 0 && storage_can_open(&next, e) == 0;
}

static bool
may_renew(void)
{
	struct err e;
	bool ok = can_start(&e);

	if (!ok) log_error("cannot reload: %s", e.text);
	return ok;
}

/* The program that is there now takes this one's place: same process, same listening socket, so
 * that the web server sees nothing of it. Returns only when that fails. */
static void
renew_ourselves(void)
{
	char dir[PATH_MAX], path[PATH_MAX];
	const char *const argv[] = { path, NULL };
	struct err e;

	if (io_program_dir(dir, sizeof dir, &e) ||
		io_join(path, sizeof path, dir, "earshot.fcgi", &e))
		log_error("%s", e.text);
	else if (execv(path, (char *const *)(uintptr_t)argv) < 0)
		log_error("start %s: %s", path, strerror(errno));
}

int
main(int argc, char **argv)
{
	bool renew = false;
	struct storage *storage;
	struct conf c;
	struct api api;
	struct err e;
	int rc;

	io_let_writes_fail();
	log_open("earshot.fcgi", NULL);
	/* CGI gives the words of a query as arguments (RFC 3875 4.4); then it is a request. */
	if (argc == 2 && strcmp(argv[1], "--check") == 0 && !getenv("REQUEST_METHOD")) {
		if (can_start(&e)) return 0;
		log_error("%s", e.text);
		return 1;
	}
	if (conf_load(&c, NULL, &e)) {
		log_error("%s", e.text);
		return 1;
	}
	umask(027);
	log_open("earshot.fcgi", c.log_file);
	if (!(storage = storage_open(&c, &e))) {
		log_error("%s", e.text);
		return 1;
	}
	api_init(&api, &c, storage, connect_db);
	rc = http_serve(api_handle, &api, may_renew, &renew, &e);
	if (rc) log_error("%s", e.text);
	api_free(&api);
	db_close(api.db);
	storage_close(storage);
	if (renew) renew_ourselves();
	return rc || renew ? 1 : 0;
}
