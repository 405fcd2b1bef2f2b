/* What the tests of servers elsewhere share: a server, and what it says. */
#ifndef EARSHOT_TESTS_ENGINE_REMOTE_H
#define EARSHOT_TESTS_ENGINE_REMOTE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/remote/protocol.h"

static const struct conf_remote server = { .name = "gpu", .protocol = "acestep" };

static inline const struct remote_protocol *
protocol(const char *name)
{
	const struct remote_protocol *p = remote_protocol_find(name);

	if (!p) fail_msg("no protocol %s", name);
	return p;
}

static inline struct remote_answer
answer(long status, const char *body)
{
	struct remote_answer a = { .server = "gpu", .status = status };

	buf_adds(&a.body, body);
	return a;
}

#endif
