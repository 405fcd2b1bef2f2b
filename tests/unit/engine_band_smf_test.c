#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine/band/smf.h"
#include "engine/band/title.h"
#include "engine_band_compose.h"

/* A reader of our own, as strict as the standard; every read is checked against the end. */
struct reader {
	const unsigned char *p, *end;
};

static unsigned
byte(struct reader *r)
{
	assert_true(r->p < r->end);
	return *r->p++;
}

static uint32_t
number(struct reader *r, int bytes)
{
	uint32_t v = 0;

	while (bytes--) v = v << 8 | byte(r);
	return v;
}

static uint32_t
vlq(struct reader *r)
{
	uint32_t v = 0;
	unsigned b;

	do v = v << 7 | ((b = byte(r)) & 0x7f);
	while (b & 0x80);
	return v;
}

/* What is in one track. */
struct track {
	int ons, offs, sounding, meter[2], key[2], tempos, programs;
	uint32_t ticks, first_us;
	char name[128];
	unsigned channels;			/* mask */
};

static void
read_meta(struct reader *r, struct track *t, bool *end)
{
	unsigned type = byte(r);
	uint32_t n = vlq(r);
	const unsigned char *data = r->p;

	assert_true(n <= (uint32_t)(r->end - r->p));
	r->p += n;
	if (type == 0x2f) *end = true;
	if (type == 3) snprintf(t->name, sizeof t->name, "%.*s", (int)n, (const char *)data);
	if (type == 0x58) t->meter[0] = data[0], t->meter[1] = 1 << data[1];
	if (type == 0x59) t->key[0] = (signed char)data[0], t->key[1] = data[1];
	if (type == 0x51 && !t->tempos++)
		t->first_us = (uint32_t)data[0] << 16 | (uint32_t)data[1] << 8 | data[2];
}

static struct track
read_track(struct reader *r)
{
	struct track t = {0};
	bool end = false, on[16][128] = {{false}};
	struct reader in;
	uint32_t size;

	assert_int_equal(number(r, 4), 0x4d54726b);	/* MTrk */
	size = number(r, 4);
	assert_true(size <= (uint32_t)(r->end - r->p));
	in = (struct reader){ r->p, r->p + size };
	r->p += size;
	while (!end) {
		unsigned status, a;

		t.ticks += vlq(&in);
		status = byte(&in);
		if (status == 0xff) {
			read_meta(&in, &t, &end);
			continue;
		}
		a = byte(&in);
		t.channels |= 1u << (status & 15);
		if (status >> 4 == 9) {
			assert_true(byte(&in) > 0);
			assert_false(on[status & 15][a]);
			on[status & 15][a] = true;
			t.ons++;
		} else if (status >> 4 == 8) {
			byte(&in);
			assert_true(on[status & 15][a]);
			on[status & 15][a] = false;
			t.offs++;
		} else if (status >> 4 == 0xb) {
			byte(&in);
		} else {
			assert_int_equal(status >> 4, 0xc);
			t.programs++;
		}
	}
	assert_ptr_equal(in.p, in.end);
	return t;
}

static struct buf
written(struct composition *c, const char *prompt, double seconds)
{
	struct buf b = {0};
	struct event *e;
	char title[128];
	int n;

	composed(c, prompt, seconds, 4);
	e = score_events(&c->score, &c->plan, &n);
	title_write(&c->plan, title, sizeof title);
	smf_write(&b, &c->plan, &c->score, e, n, 1, title);
	free(e);
	return b;
}

static void
the_file_holds_exactly_the_notes_that_are_played(void **state)
{
	static const char *const prompts[] = { "rock", "waltz in Eb minor", "jazz at 150 bpm",
		"folk in 6/8", "funk in 7/8", "ambient without drums" };

	(void)state;
	for (size_t i = 0; i < NELEM(prompts); i++) {
		struct composition c;
		struct buf b = written(&c, prompts[i], 45);
		struct reader r = { (const unsigned char *)b.p, (const unsigned char *)b.p + b.n };
		int tracks, ons = 0;

		assert_int_equal(number(&r, 4), 0x4d546864);	/* MThd */
		assert_int_equal(number(&r, 4), 6);
		assert_int_equal(number(&r, 2), 1);
		tracks = (int)number(&r, 2);
		assert_int_equal(tracks, c.plan.players + 1);
		assert_int_equal(number(&r, 2), QUARTER);
		for (int k = 0; k < tracks; k++) {
			struct track t = read_track(&r);
			bool minor;

			assert_int_equal(t.ons, t.offs);
			assert_int_equal(t.ticks, c.score.end);
			assert_true(t.name[0]);
			ons += t.ons;
			if (k) {
				assert_int_equal(t.programs, 1);
				assert_int_equal(t.channels, 1u << score_channel(&c.plan, k - 1));
				continue;
			}
			assert_int_equal(t.meter[0], c.plan.meter.num);
			assert_int_equal(t.meter[1], c.plan.meter.den);
			assert_int_equal(
				t.key[0], theory_key_signature(c.plan.tonic, c.plan.mode, &minor));
			assert_int_equal(t.key[1], minor);
			assert_int_equal(t.first_us, c.score.tempo.change[0].us);
			assert_int_equal(t.tempos, c.score.tempo.n);
		}
		assert_ptr_equal(r.p, r.end);
		assert_int_equal(ons, c.score.notes);
		buf_free(&b);
		composition_free(&c);
	}
}

static void
the_title_is_what_a_person_would_call_it(void **state)
{
	static const struct {
		const char *prompt, *title;
	} table[] = {
		{ "gentle piano waltz in A minor at 96 bpm", "Gentle piano waltz in A minor" },
		{ "bossa nova in Bb major", "Bossa nova in Bb major" },
		{ "sad piano, D minor", "Sad piano ballad in D minor" },
		{ "dark synthwave in C# minor", "Dark synthwave in C# minor" },
		{ "epic film music in Db major", "Epic film score in Db major" },
		{ "rock with a distorted guitar in E mixolydian",
			"Distorted guitar rock in E mixolydian" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(table); i++) {
		struct composition c;
		char title[128], tiny[8];

		planned(&c, table[i].prompt, NULL, 30, 1);
		title_write(&c.plan, title, sizeof title);
		assert_string_equal(title, table[i].title);
		title_write(&c.plan, tiny, sizeof tiny);
		assert_int_equal(strlen(tiny), 7);
		composition_free(&c);
	}
}

static void
what_was_understood_is_told(void **state)
{
	struct composition c;
	cJSON *o;

	(void)state;
	planned(&c, "gentle piano waltz in A minor at 96 bpm, no drums, xyzzy", NULL, 60, 1);
	o = title_understood(&c.plan);
	assert_string_equal(json_text(o, "style", ""), "Waltz");
	assert_string_equal(json_text(o, "key", ""), "A minor");
	assert_string_equal(json_text(o, "meter", ""), "3/4");
	assert_float_equal(json_real(o, "tempo", 0), 96, 1.5);
	assert_string_equal(cJSON_GetObjectItem(o, "mood")->child->valuestring, "gentle");
	assert_string_equal(cJSON_GetObjectItem(o, "excluded")->child->valuestring, "drums");
	assert_string_equal(cJSON_GetObjectItem(o, "ignored")->child->valuestring, "xyzzy");
	assert_true(cJSON_GetArraySize(cJSON_GetObjectItem(o, "form")) > 1);
	cJSON_Delete(o);
	composition_free(&c);
}

/* Whatever the seed leaves to chance is not said. */
static void
what_the_words_decide_is_told_apart(void **state)
{
	static const struct {
		const char *prompt, *said;
	} table[] = {
		{ "gentle piano waltz in A minor at 96 bpm, no drums, xyzzy", "{\"style\":\"Waltz\","
			"\"tempo\":96,\"key\":\"A minor\",\"meter\":\"3/4\",\"mood\":[\"gentle\"],"
			"\"instruments\":[\"piano\"]}" },
		{ "", "{}" },
		{ "xyzzy", "{}" },
		{ "slow in D", "{\"tempo\":\"slow\",\"key\":\"D\"}" },
		{ "very fast, minor", "{\"tempo\":\"very fast\",\"key\":\"minor\"}" },
		{ "Bb dorian with guitar and bass", "{\"key\":\"Bb dorian\","
			"\"instruments\":[\"guitar\",\"bass\"]}" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(table); i++)
		for (uint32_t seed = 0; seed < 5; seed++) {
			struct composition c;
			struct buf text = {0};
			cJSON *o;

			planned(&c, table[i].prompt, NULL, 30, seed);
			o = title_understood(&c.plan);
			json_print(cJSON_GetObjectItem(o, "said"), &text);
			assert_string_equal(text.p, table[i].said);
			buf_free(&text);
			cJSON_Delete(o);
			composition_free(&c);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_holds_exactly_the_notes_that_are_played),
		cmocka_unit_test(the_title_is_what_a_person_would_call_it),
		cmocka_unit_test(what_was_understood_is_told),
		cmocka_unit_test(what_the_words_decide_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
