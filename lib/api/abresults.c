/* Votes on A/B tests in the open, and what all votes say: of one test, and of all adapters. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/abtests.h"
#include "api/abverdict.h"
#include "api/answers.h"
#include "api/api.h"
#include "api/handlers.h"
#include "api/listener.h"
#include "base/err.h"
#include "base/jtext.h"
#include "records/abvotes.h"
#include "stats/proportion.h"
#include "stats/ranking.h"

struct vote {
	struct uuid pair_id;
	int preference;
};

static const struct json_field fields[] = {
	J_ID_REQ(struct vote, pair_id),
	J_CHOICE_REQ(struct vote, preference, preference_names),
};

int
api_abtests_vote(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct uuid listener = listener_of(api, req), test = req->id[0];
	struct vote v = {0};
	struct abpair p = {0};
	int rc = -1;

	if (json_read(req->json, fields, NELEM(fields), "", &v, e)) return -1;
	if (!abvotes_cast(api->db, test, v.pair_id, listener, (enum preference)v.preference, e) &&
		!abtests_pair(api->db, test, v.pair_id, listener, &p, e)) {
		struct jtext out = answer_json(res, 200);

		abpair_write(&p, &out);
		rc = 0;
	}
	abpair_free(&p);
	return rc;
}

int
api_abtests_results(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct abtest t = {0};
	struct jtext out = {0};
	struct buf verdict = {0};
	int64_t listeners;
	int rc = -1;

	if (abtests_get(api->db, req->id[0], &t, e) ||
		abvotes_listeners(api->db, t.id, &listeners, e))
		goto out;
	struct abverdict v = abverdict_of((uint64_t)t.votes[PREFER_A], (uint64_t)t.votes[PREFER_B],
		(uint64_t)t.votes[PREFER_EQUAL]);

	abverdict_write(&v, abtest_arm_name(&t, ABTEST_A), abtest_arm_name(&t, ABTEST_B), &verdict);
	out = answer_json(res, 200);
	jtext_begin(&out, NULL, '{');
	jtext_id(&out, "id", t.id);
	jtext_text(&out, "name", t.name);
	jtext_text(&out, "adapter_a_name", abtest_arm_name(&t, ABTEST_A));
	jtext_text(&out, "adapter_b_name", abtest_arm_name(&t, ABTEST_B));
	jtext_int(&out, "total_votes", (int64_t)(v.a + v.b + v.equal));
	jtext_int(&out, "listeners", listeners);
	jtext_int(&out, "a_preferred", (int64_t)v.a);
	jtext_int(&out, "b_preferred", (int64_t)v.b);
	jtext_int(&out, "equal", (int64_t)v.equal);
	jtext_real(&out, "a_win_rate", v.a_rate);
	jtext_real(&out, "b_win_rate", v.b_rate);
	jtext_real(&out, "ci_low", v.low);
	jtext_real(&out, "ci_high", v.high);
	jtext_real(&out, "p_value", v.p);
	jtext_real(&out, "statistical_significance", v.p);
	jtext_text(&out, "verdict", buf_str(&verdict));
	jtext_end(&out, '}');
	response_etag(res, req);
	rc = 0;
out:
	buf_free(&verdict);
	abtests_free(&t);
	return rc;
}

/* One line of the leaderboard: an adapter, or the base model of a model. Texts are borrowed. */
struct player {
	struct uuid adapter_id;
	const char *name, *model;
	int64_t wins, losses, ties;
	struct ranked ranked;
};

struct board {
	struct player *players;
	struct contest *contests;
	size_t n_players, n_models;
	int64_t votes;
	bool regularised;
};

/* The player that this arm is, a new one if need be. */
static size_t
player_of(struct board *b, const struct abvotes_sum *s, enum abtest_arm arm)
{
	bool base = uuid_is_nil(s->adapter_id[arm]);
	size_t i = 0;

	for (; i < b->n_players; i++) {
		const struct player *p = &b->players[i];

		if (uuid_eq(p->adapter_id, s->adapter_id[arm]) &&
			(!base || strcmp(p->model, s->model) == 0))
			return i;
	}
	b->players[b->n_players++] = (struct player){ .adapter_id = s->adapter_id[arm],
		.name = s->adapter_name[arm], .model = s->model };
	return i;
}

static void
count(struct board *b, const struct abvotes_sums *sums)
{
	for (size_t i = 0; i < sums->n; i++) {
		const struct abvotes_sum *s = &sums->items[i];
		const int64_t *v = s->votes;
		size_t k = 0, a = player_of(b, s, ABTEST_A), z = player_of(b, s, ABTEST_B);

		b->contests[i] = (struct contest){ a, z, (uint64_t)v[PREFER_A],
			(uint64_t)v[PREFER_B], (uint64_t)v[PREFER_EQUAL] };
		b->players[a].wins += v[PREFER_A];
		b->players[a].losses += v[PREFER_B];
		b->players[z].wins += v[PREFER_B];
		b->players[z].losses += v[PREFER_A];
		b->players[a].ties += v[PREFER_EQUAL];
		b->players[z].ties += v[PREFER_EQUAL];
		b->votes += v[PREFER_A] + v[PREFER_B] + v[PREFER_EQUAL];
		while (strcmp(sums->items[k].model, s->model) != 0) k++;
		b->n_models += k == i;
	}
}

static int
by_score(const void *a, const void *b)
{
	const struct player *x = a, *y = b;

	if (x->ranked.score != y->ranked.score)
		return x->ranked.score < y->ranked.score ? 1 : -1;
	return memcmp(x->adapter_id.b, y->adapter_id.b, sizeof x->adapter_id.b);
}

static void
rank(struct board *b, const struct abvotes_sums *sums)
{
	struct ranked *r;

	b->players = calloc(2 * sums->n + 1, sizeof *b->players);
	b->contests = calloc(sums->n + 1, sizeof *b->contests);
	r = calloc(2 * sums->n + 1, sizeof *r);
	if (!b->players || !b->contests || !r) abort();
	count(b, sums);
	b->regularised = b->n_players &&
		ranking_fit(b->contests, sums->n, r, b->n_players);
	for (size_t i = 0; i < b->n_players; i++) b->players[i].ranked = r[i];
	qsort(b->players, b->n_players, sizeof *b->players, by_score);
	free(r);
}

static void
write_player(const struct board *b, const struct player *p, size_t place, struct jtext *out)
{
	struct buf name = {0};

	if (p->name) buf_adds(&name, p->name);
	else if (b->n_models > 1) buf_addf(&name, "Base model (%s)", p->model);
	else buf_adds(&name, "Base model");
	jtext_begin(out, NULL, '{');
	jtext_int(out, "rank", (int64_t)place);
	jtext_id(out, "adapter_id", p->adapter_id);
	jtext_text(out, "adapter_name", buf_str(&name));
	jtext_text(out, "model", p->model);
	jtext_int(out, "votes", p->wins + p->losses + p->ties);
	jtext_int(out, "wins", p->wins);
	jtext_int(out, "losses", p->losses);
	jtext_int(out, "ties", p->ties);
	jtext_real(out, "score", p->ranked.score);
	jtext_real(out, "ci_low", p->ranked.low);
	jtext_real(out, "ci_high", p->ranked.high);
	jtext_end(out, '}');
	buf_free(&name);
}

int
api_leaderboard(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct abvotes_sums sums = {0};
	struct board b = {0};
	struct jtext out = {0};
	int rc = abvotes_sums(api->db, &sums, e);

	if (rc) goto out;
	rank(&b, &sums);
	out = answer_json(res, 200);
	jtext_begin(&out, NULL, '{');
	jtext_begin(&out, "items", '[');
	for (size_t i = 0; i < b.n_players; i++) write_player(&b, &b.players[i], i + 1, &out);
	jtext_end(&out, ']');
	jtext_int(&out, "total", (int64_t)b.n_players);
	jtext_int(&out, "total_votes", b.votes);
	jtext_bool(&out, "is_regularised", b.regularised);
	jtext_end(&out, '}');
	response_etag(res, req);
out:
	free(b.players);
	free(b.contests);
	abvotes_sums_free(&sums);
	return rc;
}
