/* Answers of servers elsewhere are hostile: whatever comes, it is refused in a sentence that can be
 * shown, or understood as something that we can go on with. The first line is the status, the rest
 * the body. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/remote/protocol.h"
#include "refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
refused(const struct err *e)
{
	if (e->kind != ERR_AWAY && e->kind != ERR_INVALID) abort();
	check_sentence(e);
}

static void
check_job(const struct remote_protocol *p, const struct remote_answer *a)
{
	char id[REMOTE_ID];
	struct remote_news n;
	struct err e = {0};

	if (p->submitted(a, id, &e)) refused(&e);
	else if (!*id || strpbrk(id, "/?&=# \r\n\"")) abort();
	if (p->told(a, "t1", &n, &e)) refused(&e);
	else if (n.phase > REMOTE_FAILED || !(n.done >= 0 && n.done <= 1) ||
		!memchr(n.file, '\0', sizeof n.file) ||
		!memchr(n.model, '\0', sizeof n.model) || !str_is_utf8(n.why, strlen(n.why)) ||
		(n.phase == REMOTE_DONE && p->shared && !*n.file))
		abort();
}

static void
check_adapters(const struct remote_protocol *p, const struct remote_answer *a)
{
	const struct conf_remote server = { .name = "gpu", .model = "turbo" };
	const struct remote_wish w = { .server = &server, .adapter = "jazz" };
	struct remote_lora now;
	struct err e = {0};
	int64_t jobs;

	for (int step = 0; step < 2; step++)
		if (p->greeted(&w, step, a, &e)) refused(&e);
	if (p->listed(&w, a, &e)) refused(&e);
	if (!p->shared) return;
	if (p->shared->seen(a, &now, &e) < 0) refused(&e);
	else if (!memchr(now.name, '\0', sizeof now.name)) abort();
	if (p->shared->changed(&w, a, &e)) refused(&e);
	if (p->shared->counted(a, &jobs, &e)) refused(&e);
	else if (jobs < 0) abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *line = memchr(text, '\n', size);
	struct remote_answer a = { .server = "gpu" };
	char status[8] = "";
	uint64_t n;

	if (!line || line - text >= (ptrdiff_t)sizeof status) return 0;
	memcpy(status, text, (size_t)(line - text));
	if (!str_u64(status, 0, 999, &n)) return 0;
	a.status = (long)n;
	buf_add(&a.body, line + 1, size - (size_t)(line + 1 - text));
	for (const struct remote_protocol *const *p = remote_protocols; *p; p++) {
		check_job(*p, &a);
		check_adapters(*p, &a);
	}
	buf_free(&a.body);
	return 0;
}
