/* earshot-worker: started by earshotd with its end of a socket pair as descriptor 3. Option: -c
 * FILE. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "worker/worker.h"

enum { DAEMON_FD = 3 };

int
main(int argc, char **argv)
{
	int type;
	socklen_t n = sizeof type;
	struct conf c;
	struct err e;

	if (argc != 3 || strcmp(argv[1], "-c") != 0 || getsockopt(DAEMON_FD, SOL_SOCKET, SO_TYPE,
		&type, &n) < 0) {
		fprintf(stderr, "earshot-worker is started by earshotd\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	io_let_writes_fail();
	log_open("earshot-worker", NULL);
	if (conf_load(&c, argv[2], &e)) {
		log_error("%s", e.text);
		return 1;
	}
	umask(027);
	log_open("earshot-worker", c.log_file);
	if (worker_run(&c, DAEMON_FD, &e) == 0) return 0;
	log_error("%s", e.text);
	return 1;
}
