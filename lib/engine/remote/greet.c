#include "engine/remote/greet.h"

#include "base/err.h"
#include "engine/remote/call.h"
#include "engine/remote/protocol.h"

enum { PATIENCE_S = 5 };

int
remote_greet(const struct conf_remote *server, struct err *e)
{
	const struct remote_protocol *p = remote_protocol_find(server->protocol);
	struct conf_remote hasty = *server;
	const struct remote_wish w = { .server = &hasty, .text = "", .adapter = "" };
	struct line *line;
	int rc = 0;

	hasty.patience_s = PATIENCE_S;
	if (!(line = line_open(&hasty, NULL, NULL, e))) return -1;
	for (int step = 0; !rc; step++) {
		struct remote_message m = {0};
		struct remote_answer a = {0};
		bool asks = p->greet(&w, step, &m);

		if (asks && !(rc = line_say(line, &m, &a, e))) rc = p->greeted(&w, step, &a, e);
		remote_message_free(&m);
		buf_free(&a.body);
		if (!asks) break;
	}
	line_close(line);
	return rc;
}
