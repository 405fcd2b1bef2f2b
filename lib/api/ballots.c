/* Blind votes on A/B tests: a listener hears "left" and "right" and says which was better.
 *
 * Which arm is which is drawn for each listener and pair, and written nowhere but into the
 * ballot, which is sealed: it names the pair and the sides, only we can read it, and each is
 * another text. No record of it is needed, so that any responder of any host takes it back. Both
 * sides are WAV files of one length and one loudness under URLs that hold the ballot; what the
 * answer says of them (ETag, Last-Modified, size) is the same for both or follows from the
 * ballot by a secret. */
#include <string.h>

#include "api/answers.h"
#include "api/api.h"
#include "api/handlers.h"
#include "api/listener.h"
#include "api/object.h"
#include "api/transcode.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/jtext.h"
#include "base/seal.h"
#include "records/abvotes.h"
#include "records/samples.h"
#include "records/settings.h"

enum side { LEFT, RIGHT, SIDES };
static const char *const side_names[SIDES + 1] = { "left", "right", NULL };

/* What is sealed: bytes, so that all hosts read the same. */
struct ballot {
	uint8_t version;		/* BALLOT_VERSION */
	uint8_t swapped;		/* left is B */
	uint8_t test[16], pair[16];
};

enum { BALLOT_VERSION = 1 };
_Static_assert(sizeof(struct ballot) == 34, "a ballot has gaps");

static enum abtest_arm
arm_of(const struct ballot *b, enum side side)
{
	return (side == LEFT) != (b->swapped != 0) ? ABTEST_A : ABTEST_B;
}

/* Left or right first, by a coin that falls the same way whenever this listener comes to this
 * pair. */
static void
seal_ballot(const uint8_t key[SEAL_KEY_BYTES], struct uuid test, struct uuid pair,
	struct uuid listener, struct buf *out)
{
	struct ballot b = { .version = BALLOT_VERSION };
	uint8_t both[32];

	memcpy(both, listener.b, 16);
	memcpy(both + 16, pair.b, 16);
	b.swapped = seal_coin(key, both, sizeof both);
	memcpy(b.test, test.b, sizeof b.test);
	memcpy(b.pair, pair.b, sizeof b.pair);
	seal_write(key, &b, sizeof b, out);
}

/* Of this test, and ours? *pair is the one that it is about. */
static bool
read_ballot(const uint8_t key[SEAL_KEY_BYTES], const char *text, struct uuid test,
	struct ballot *b, struct uuid *pair)
{
	if (!seal_read(key, text, b, sizeof *b) || b->version != BALLOT_VERSION ||
		memcmp(b->test, test.b, sizeof b->test) != 0)
		return false;
	memcpy(pair->b, b->pair, sizeof pair->b);
	return true;
}

static void
write_side(const struct request *req, enum side side, const char *ballot, double duration_s,
	struct jtext *out)
{
	struct buf url = {0};

	buf_addf(&url, "%s/api/ab-tests/%s/ballot/%s?ballot=%s", req->base_path,
		UUID_STR(req->id[0]), side_names[side], ballot);
	jtext_begin(out, side_names[side], '{');
	jtext_text(out, "stream_url", url.p);
	jtext_real(out, "duration_seconds", duration_s);
	jtext_end(out, '}');
	buf_free(&url);
}

static void
write_ballot(const struct request *req, const struct abpair *p, const char *ballot,
	double duration_s, struct jtext *out)
{
	jtext_text(out, "ballot", ballot);
	jtext_text(out, "prompt_text", p->prompt_text);
	for (enum side side = 0; side < SIDES; side++)
		write_side(req, side, ballot, duration_s, out);
}

/* Whose votes count for what is next. A browser without a cookie has just been given one and will
 * come back with it; other clients without one are taken together as one listener, who would never
 * get through the test otherwise. */
static struct uuid
voter_of(const struct api *api, const struct request *req, struct uuid welcomed)
{
	struct uuid listener = listener_of(api, req);

	if (!uuid_is_nil(listener)) return listener;
	return request_header(req, "Sec-Fetch-Site") ? welcomed : listener;
}

/* The length that was asked of the engine, which both sides have exactly. */
static double
duration_of(const struct abtest *t)
{
	struct err ignored;
	cJSON *params = json_parse(t->params, strlen(t->params), &ignored);
	double s = json_real(params, "duration", 0);

	cJSON_Delete(params);
	return s;
}

static int
answer_next(struct api *api, const struct request *req, struct response *res, struct err *e)
{
	struct uuid welcomed = listener_welcome(api, req, res),
		voter = voter_of(api, req, welcomed);
	uint8_t key[SEAL_KEY_BYTES];
	struct abvotes_next next;
	struct abtest t = {0};
	struct abpair p = {0};
	struct buf ballot = {0};
	struct jtext out = {0};
	int rc = -1;

	if (abtests_get(api->db, req->id[0], &t, e) ||
		settings_secret(api->db, SETTING_BALLOT_KEY, key, e) ||
		abvotes_next(api->db, t.id, voter, &next, e))
		goto out;
	if (next.remaining && abtests_pair(api->db, t.id, next.pair, voter, &p, e)) goto out;
	out = answer_json(res, 200);
	jtext_begin(&out, NULL, '{');
	if (next.remaining) {
		seal_ballot(key, t.id, p.id, welcomed, &ballot);
		write_ballot(req, &p, ballot.p, duration_of(&t), &out);
	}
	jtext_int(&out, "remaining", next.remaining);
	if (next.waiting) jtext_int(&out, "waiting", next.waiting);
	jtext_end(&out, '}');
	rc = 0;
out:
	buf_free(&ballot);
	abpair_free(&p);
	abtests_free(&t);
	return rc;
}

int
api_ballots_next(void *ctx, struct request *req, struct response *res, struct err *e)
{
	return answer_next(ctx, req, res, e);
}

struct body {
	char ballot[4 * 200 + 1];
	int preference;
};

static const char *const preferences[] = { "left", "right", "equal", NULL };

static const struct json_field fields[] = {
	J_TEXT_REQ(struct body, ballot, 1, 200),
	J_CHOICE_REQ(struct body, preference, preferences),
};

int
api_ballots_vote(void *ctx, struct request *req, struct response *res, struct err *e)
{
	static const enum preference of_arm[ABTEST_ARMS] = { PREFER_A, PREFER_B };
	struct api *api = ctx;
	uint8_t key[SEAL_KEY_BYTES];
	struct body body = {0};
	struct ballot b;
	struct uuid pair;
	enum preference preference = PREFER_EQUAL;

	if (json_read(req->json, fields, NELEM(fields), "", &body, e) ||
		settings_secret(api->db, SETTING_BALLOT_KEY, key, e))
		return -1;
	if (!read_ballot(key, body.ballot, req->id[0], &b, &pair))
		return err_field(e, "ballot", "is not a ballot of this A/B test");
	if (body.preference < SIDES) preference = of_arm[arm_of(&b, (enum side)body.preference)];
	if (abvotes_cast(api->db, req->id[0], pair, listener_of(api, req), preference,
		e)) return -1;
	return answer_next(api, req, res, e);
}

/* The samples of both arms, made ready to be heard: both whenever one of them is asked for, so that
 * the time an answer takes does not tell which of them somebody has heard before. */
static int
make_both(struct api *api, const struct abpair *p, char keys[ABTEST_ARMS][STORAGE_KEY],
	struct err *e)
{
	struct sample s[ABTEST_ARMS] = { [ABTEST_A] = { .index = 0 } };
	int rc = -1;

	for (int i = 0; i < ABTEST_ARMS; i++)
		if (samples_get(api->db, p->audio_id[i], &s[i], e)) goto out;
	if (s[ABTEST_A].sample_rate != s[ABTEST_B].sample_rate ||
		s[ABTEST_A].channels != s[ABTEST_B].channels) {
		err_set(e, ERR_CONFLICT, "The takes of this pair differ in sample rate or channels "
			"and cannot be compared blind.");
		goto out;
	}
	for (int i = 0; i < ABTEST_ARMS; i++)
		if (transcode_blind(api, &s[i], keys[i], e)) goto out;
	rc = 0;
out:
	for (int i = 0; i < ABTEST_ARMS; i++) samples_free(&s[i]);
	return rc;
}

/* What the ETag is made of changes with the ballot and with the take, and without the key says
 * nothing of either. */
static void
write_tag(const uint8_t key[SEAL_KEY_BYTES], const char *ballot, enum side side,
	struct uuid audio, struct buf *out)
{
	uint8_t sha[SHA256_BYTES];
	char hex[SHA256_HEX];
	struct buf all = {0};

	buf_add(&all, key, SEAL_KEY_BYTES);
	buf_add(&all, audio.b, sizeof audio.b);
	buf_adds(&all, side_names[side]);
	buf_adds(&all, ballot);
	hash_sha256(all.p, all.n, sha);
	hash_hex(sha, sizeof sha / 2, hex);
	buf_adds(out, hex);
	buf_free(&all);
}

static int
play(struct api *api, const struct request *req, struct response *res, enum side side,
	struct err *e)
{
	char keys[ABTEST_ARMS][STORAGE_KEY];
	uint8_t secret[SEAL_KEY_BYTES];
	const char *text = NULL;
	struct abpair p = {0};
	struct buf tag = {0};
	struct ballot b;
	struct uuid pair;
	int rc = -1;

	if (query_text(&req->query, "ballot", &text, e)) return -1;
	if (!text) return err_set(e, ERR_UNREADABLE, "The query parameter ballot is missing.");
	if (settings_secret(api->db, SETTING_BALLOT_KEY, secret, e)) return -1;
	if (!read_ballot(secret, text, req->id[0], &b, &pair))
		return err_set(e, ERR_NOT_FOUND, "This A/B test has no such ballot.");
	if (abtests_pair(api->db, req->id[0], pair, listener_of(api, req), &p, e)) goto out;
	if (!abpair_is_ready(&p)) {
		err_set(e, ERR_CONFLICT, "The pair is not ready to be heard: it is %s.",
			abpair_status_names[p.status]);
		goto out;
	}
	if (make_both(api, &p, keys, e)) {
		/* Deleted since we looked. Its id is nothing for a listener. */
		if (e->kind == ERR_NOT_FOUND)
			err_set(e, ERR_CONFLICT, "The pair is not ready to be heard: a take of it "
				"was deleted.");
		goto out;
	}
	write_tag(secret, text, side, p.audio_id[arm_of(&b, side)], &tag);
	/* modified_us 0, since the true one would tell the takes apart, and a web server that finds
	 * none in the answer puts that of the file there. */
	rc = object_send(api, req, res, &(struct object_answer){
		.key = keys[arm_of(&b, side)], .tag = buf_str(&tag), .content_type = "audio/wav",
		.cache_control = "private, max-age=3600", .is_secret = true }, e);
out:
	buf_free(&tag);
	abpair_free(&p);
	return rc;
}

int
api_ballots_left(void *ctx, struct request *req, struct response *res, struct err *e)
{
	return play(ctx, req, res, LEFT, e);
}

int
api_ballots_right(void *ctx, struct request *req, struct response *res, struct err *e)
{
	return play(ctx, req, res, RIGHT, e);
}
