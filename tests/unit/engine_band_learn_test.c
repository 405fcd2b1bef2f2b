#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/str.h"
#include "engine/band/adapter_apply.h"
#include "engine/band/learn.h"
#include "engine/band/learn_piece.h"
#include "engine/band/smf.h"
#include "engine_band_compose.h"

/* The MIDI file of a composition. */
static void
file_of(const struct composition *c, struct buf *out)
{
	int n;
	struct event *events = score_events(&c->score, &c->plan, &n);

	smf_write(out, &c->plan, &c->score, events, n, 1, "Title");
	free(events);
}

static void
band_file(struct buf *out, const char *prompt, uint32_t seed)
{
	struct composition c;

	composed(&c, prompt, 60, seed);
	file_of(&c, out);
	composition_free(&c);
}

static void
learn_one(struct learn *l, const char *name, const struct buf *b)
{
	struct err e = { 0 };

	if (learn_add(l, name, b->p, b->n, &e)) fail_msg("%s: %s", name, e.text);
}

static void
written(struct learn *l, struct buf *out)
{
	struct err e = { 0 };

	if (learn_write(l, "Test", NULL, out, &e)) fail_msg("%s", e.text);
}

static void
parsed(struct style_adapter *a, const struct buf *b)
{
	struct err e = { 0 };

	if (adapter_parse(a, b->p, b->n, &e)) fail_msg("%s", e.text);
}

static const char *const prompts[] = { "bossa nova", "rock in A minor", "jazz waltz", "folk in 6/8",
	"funk", "house", "reggae", "piano ballad", "film score", "slow blues" };

enum { N = sizeof prompts / sizeof prompts[0] };

static void
the_order_of_the_files_does_not_show(void **state)
{
	struct buf file[N] = { { 0 } }, a = { 0 }, b = { 0 };
	struct learn *forth = learn_new(), *back = learn_new();

	(void)state;
	for (int i = 0; i < N; i++)
		band_file(&file[i], prompts[i], (uint32_t)i);
	for (int i = 0; i < N; i++) {
		learn_one(forth, prompts[i], &file[i]);
		learn_one(back, prompts[N - 1 - i], &file[N - 1 - i]);
	}
	written(forth, &a);
	written(back, &b);
	assert_string_equal(a.p, b.p);
	for (int i = 0; i < N; i++)
		buf_free(&file[i]);
	buf_free(&a);
	buf_free(&b);
	learn_free(forth);
	learn_free(back);
}

/* Whatever it is learned from, the adapter is one that the band takes. */
static void
each_piece_gives_an_adapter(void **state)
{
	(void)state;
	for (int i = 0; i < N; i++) {
		struct buf file = { 0 }, out = { 0 }, told = { 0 };
		struct learn *l = learn_new();
		struct style_adapter a;
		struct composition c;
		struct err e = { 0 };

		band_file(&file, prompts[i], 5);
		learn_one(l, prompts[i], &file);
		written(l, &out);
		learn_tell(l, &told);
		assert_true(str_starts(told.p, "Learned from 1 file: "));
		parsed(&a, &out);
		assert_true(a.part[ROLE_CHORDS].has);
		assert_true(a.tempo.has && a.meters == 1);
		assert_int_equal(compose(&c, "rock", NULL, 30, 1, &a, ADAPTER_ONE, &e), 0);
		composition_free(&c);
		adapter_free(&a);
		buf_free(&file);
		buf_free(&out);
		buf_free(&told);
		learn_free(l);
	}
}

static void
analysed(struct learn_piece *p, struct smf *s, const struct buf *b)
{
	struct err e = { 0 };

	if (smf_read(s, b->p, b->n, &e)) fail_msg("%s", e.text);
	/* Names would tell what is to be found out. */
	for (int i = 0; i < s->tracks; i++)
		s->track[i].name[0] = '\0';
	learn_piece_make(p, s);
	learn_roles(p);
	learn_time(p);
	learn_key(p);
	learn_chords(p);
}

/* How well what the band meant is heard again, over many pieces. */
struct heard {
	int pieces, keys, tempos, meters, swings;
	int parts, roles;
	int beats, roots;
};

static void
compare(struct heard *h, const struct composition *c, const struct learn_piece *p)
{
	const struct plan *plan = &c->plan;

	h->pieces++;
	h->keys += p->tonic == plan->tonic && mode_is_minor(p->mode) == mode_is_minor(plan->mode);
	h->tempos += abs(p->bpm - plan->bpm) * 100 <= 4 * plan->bpm;
	h->meters += p->meter.num == plan->meter.num && p->meter.den == plan->meter.den;
	h->swings += abs(p->swing_8 - plan->swing_8) < 30 && abs(p->swing_16 - plan->swing_16) < 30;
	for (int i = 0; i < p->parts; i++) {
		if (p->part[i].notes < 8) continue;
		h->parts++;
		h->roles += p->part[i].role == plan->player[p->part[i].track - 1].role;
	}
	for (int i = 0; i < c->harmony.n; i++) {
		const struct chord *k = &c->harmony.chord[i];

		for (int32_t t = k->tick; t < k->tick + k->ticks && t < plan->final_tick;
			t += QUARTER) {
			const struct learn_chord *l = learn_chord_at(p, t - plan->start_tick);

			h->beats++;
			h->roots += l && l->root == k->root;
		}
	}
}

static void
key_meter_tempo_roles_and_chords_are_heard(void **state)
{
	struct heard h = { 0 };

	(void)state;
	for (int i = 0; i < N; i++)
		for (uint32_t seed = 1; seed <= 4; seed++) {
			struct composition c;
			struct learn_piece p;
			struct buf b = { 0 };
			struct smf s;

			composed(&c, prompts[i], 60, seed);
			file_of(&c, &b);
			analysed(&p, &s, &b);
			compare(&h, &c, &p);
			learn_piece_free(&p);
			smf_free(&s);
			buf_free(&b);
			composition_free(&c);
		}
	assert_int_equal(h.meters, h.pieces);
	assert_true(h.tempos * 100 >= 95 * h.pieces);
	assert_true(h.keys * 100 >= 65 * h.pieces);
	assert_true(h.swings * 100 >= 80 * h.pieces);
	assert_true(h.roles * 100 >= 85 * h.parts);
	assert_true(h.roots * 100 >= 80 * h.beats);
}

static void
what_cannot_be_learned_from_is_said(void **state)
{
	struct learn *l = learn_new();
	struct buf file = { 0 }, out = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(learn_write(l, "Test", NULL, &out, &e), -1);
	assert_string_equal(e.text, "There is no MIDI file to learn from.");
	assert_int_equal(learn_add(l, "x.mid", "MThd", 4, &e), -1);
	assert_true(str_starts(e.text, "byte 4: a header"));
	assert_int_equal(
		learn_add(l, "x.mid", "MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\4\0\xff\x2f\0", 26, &e),
		-1);
	assert_non_null(strstr(e.text, "0 notes"));
	band_file(&file, "jazz", 1);
	learn_one(l, "/music/a.mid", &file);
	assert_int_equal(learn_add(l, "b.mid", file.p, file.n, &e), -1);
	assert_string_equal(e.text, "it is the same as a.mid");
	assert_int_equal(learn_files(l), 1);
	assert_int_equal(learn_write(l, "", NULL, &out, &e), -1);
	assert_int_equal(out.n, 0);
	buf_free(&file);
	learn_free(l);
}

/* At scale 1 what was learned is what is played. */
static void
what_was_learned_is_played(void **state)
{
	struct learn *l = learn_new();
	struct buf out = { 0 };
	struct style_adapter a;
	struct composition c;
	struct err e = { 0 };

	(void)state;
	for (uint32_t seed = 1; seed <= 6; seed++) {
		struct buf file = { 0 };

		band_file(&file, "solo harp waltz in G minor at 90 bpm", seed);
		learn_one(l, "x", &file);
		buf_free(&file);
	}
	written(l, &out);
	parsed(&a, &out);
	assert_in_range(a.tempo.value, 88, 92);
	assert_int_equal(a.meter[0].meter.num, 3);
	assert_int_equal(a.key_weight[7] > 0, 1);
	assert_int_equal(a.part[ROLE_DRUMS].number[5].value, STYLE_ON_REQUEST);
	for (uint32_t seed = 1; seed <= 8; seed++) {
		assert_int_equal(compose(&c, "rock", NULL, 40, seed, &a, ADAPTER_ONE, &e), 0);
		assert_false(plays_role(&c.plan, ROLE_DRUMS));
		assert_int_equal(c.plan.tonic, 7);
		assert_in_range(c.plan.bpm, 84, 96);
		assert_true(plays(&c.plan, "harp"));
		composition_free(&c);
	}
	adapter_free(&a);
	buf_free(&out);
	learn_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order_of_the_files_does_not_show),
		cmocka_unit_test(each_piece_gives_an_adapter),
		cmocka_unit_test(key_meter_tempo_roles_and_chords_are_heard),
		cmocka_unit_test(what_cannot_be_learned_from_is_said),
		cmocka_unit_test(what_was_learned_is_played),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
