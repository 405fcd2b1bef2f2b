/* POST /explain: what would be understood of a prompt, while it is still being typed. */
#include <unistd.h>

#include "api/answers.h"
#include "api/api.h"
#include "api/child.h"
#include "api/handlers.h"
#include "api/submission.h"
#include "api/words.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/place.h"
#include "records/adapters.h"
#include "records/prompts.h"

/* AT_ONCE: on this host, where each takes a responder as well; fewer than make run starts, so that
 * others are answered meanwhile. */
enum { AT_ONCE = 3, EXPLAIN_MS = 2000, ANSWER_BYTES = 65536 };

struct explain {
	struct submission how;
	char prompt[PROMPT_TEXT];
	const cJSON *attributes;
};

static const struct json_field fields[] = {
	J_TEXT_REQ(struct explain, prompt, 1, PROMPT_CHARS),
	J_OBJECT(struct explain, attributes),
	SUBMISSION_PLAN_FIELDS,
};

_Static_assert(offsetof(struct explain, how) == 0, "the rows count from the beginning");

/* What the child is told: what it need not decide itself. */
static void
write_request(const struct explain *x, const char *model, const char *attributes, struct buf *text)
{
	struct jtext out = { .out = text };

	jtext_begin(&out, NULL, '{');
	jtext_text(&out, "prompt", x->prompt);
	jtext_text(&out, "model", model);
	jtext_json(&out, "attributes", attributes);
	jtext_real(&out, "duration", x->how.duration);
	jtext_int(&out, "seed", x->how.seed);
	jtext_end(&out, '}');
}

/* Ask `earshot explain`: 0 with what it said, checked to be JSON; 1: there are too many at it, or
 * the machine is too busy; -1 with *e. */
static int
ask(struct api *api, const struct buf *request, struct buf *said, struct err *e)
{
	static const char *const command[] = { "explain", "--json", NULL };
	struct child c = { .args = command, .max_ms = EXPLAIN_MS, .in = request, .out = said,
		.max_out = ANSWER_BYTES };
	cJSON *tree = NULL;
	int place = place_take(api->conf->state_dir, "explain", AT_ONCE, e), rc = -1;

	if (place < 0) return place == PLACE_NONE ? 1 : -1;
	if (child_run(&c, e)) rc = c.late ? 1 : -1;
	else if ((tree = json_parse(buf_str(said), said->n, e))) rc = 0;
	else e->kind = ERR_INTERNAL;
	cJSON_Delete(tree);
	close(place);
	return rc;
}

static void
answer_busy(struct response *res)
{
	response_problem(res, 503, "Too many prompts are being explained; try again shortly.");
	response_header(res, "Retry-After", "1");
}

static void
answer(struct response *res, const char *model, const struct buf *said)
{
	struct jtext out = answer_json(res, 200);

	jtext_begin(&out, NULL, '{');
	jtext_text(&out, "model", model);
	jtext_json(&out, "understood", buf_str(said));
	jtext_end(&out, '}');
}

int
api_explain(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct explain x = {0};
	struct buf attributes = {0}, request = {0}, said = {0};
	const struct adapter_use none = {0};
	const struct model *m;
	int rc = -1;

	json_read(req->json, fields, NELEM(fields), "", &x, e);
	if (e->kind == ERR_NONE || e->n_fields) {
		words_check_text(x.prompt, "prompt", e);
		words_read_attributes(x.attributes, &attributes, e);
	}
	/* What is left to chance must not change with every letter that is typed. */
	if (!x.how.has_seed) x.how.seed = 0;
	x.how.has_seed = true;
	if (e->kind != ERR_NONE || submission_complete(api, &x.how, &none, &m, e)) goto out;
	write_request(&x, m->id, attributes.p, &request);
	if ((rc = ask(api, &request, &said, e)) == 0) answer(res, m->id, &said);
	else if (rc > 0) answer_busy(res), rc = 0;
out:
	buf_free(&attributes);
	buf_free(&request);
	buf_free(&said);
	return rc;
}
