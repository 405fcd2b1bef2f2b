/* The HTTP API: from a request to its answer. One `struct api` serves one process, one request at a
 * time; api_handle() is the boundary, where errors become answers and, once, a line in the log. */
#ifndef EARSHOT_API_API_H
#define EARSHOT_API_API_H

#include <stdbool.h>
#include <stdint.h>

#include "api/access.h"
#include "base/uuid.h"
#include "http/io.h"
#include "http/request.h"
#include "ipc/client.h"
#include "records/jobstats.h"
#include "records/models.h"

struct conf;
struct db;
struct err;
struct metrics;
struct storage;

struct api {
	const struct conf *conf;
	struct storage *storage;
	struct ipc_client ipc;
	struct metrics *traffic;		/* see traffic.h */

	/* The program owns the connection. connect makes db usable: 1: a new connection, 0: the old
	 * one is fine as far as we know (ask: by asking the server), -1 with *e. Routes with
	 * ROUTE_DB find it usable. */
	struct db *db;
	int (*connect)(struct api *api, bool ask, struct err *e);

	struct who who;				/* who asks now */

	/* What changes rarely and every request would have to ask for; see models.c and job.c. */
	struct model_list models;
	char chosen_model[MODEL_ID];		/* the one that was switched to; "": none */
	int64_t models_until_ms;		/* CLOCK_MONOTONIC, as below */
	struct job_pace pace;
	int64_t pace_until_ms;
	int64_t attended_until_ms;		/* when next to see whether the daemon is there */
	bool schema_fits;			/* once it does, it does as long as we live */
};

void api_init(struct api *api, const struct conf *conf, struct storage *storage,
	int (*connect)(struct api *api, bool ask, struct err *e));
void api_free(struct api *api);			/* storage and db stay the caller's */

/* Answer one request; ctx is the struct api. The handler for http_serve(). */
void api_handle(struct http_io *io, void *ctx);

#endif
