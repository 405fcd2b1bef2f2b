#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/str.h"
#include "engine/band/smf.h"
#include "engine/band/smf_read.h"
#include "engine_band_compose.h"

/* A file from hexadecimal bytes; four letters that begin with a capital stand for themselves, and
 * `{ … }` has its length in four bytes in front. */
static struct buf
file(const char *text)
{
	struct buf b = {0};
	size_t open = 0;

	for (const char *c = text; *c;) {
		unsigned v;

		if (strchr(" \n", *c)) {
			c++;
		} else if (*c >= 'A' && *c <= 'Z') {
			buf_add(&b, c, 4);
			c += 4;
		} else if (*c == '{') {
			buf_add(&b, "\0\0\0\0", 4);
			open = b.n;
			c++;
		} else if (*c == '}') {
			size_t n = b.n - open;

			b.p[open - 2] = (char)(n >> 8);
			b.p[open - 1] = (char)n;
			c++;
		} else {
			assert_int_equal(sscanf(c, "%2x", &v), 1);
			buf_addc(&b, (char)v);
			c += 2;
		}
	}
	return b;
}

static void
read_it(struct smf *s, const struct buf *b)
{
	struct err e = {0};

	if (smf_read(s, b->p, b->n, &e)) fail_msg("%s", e.text);
}

#define ONE "MThd { 0000 0001 0060 } "

static void
tracks_are_merged_by_time_and_notes_are_paired(void **state)
{
	struct buf b = file("MThd { 0001 0003 0060 }"
			    "MTrk { 00 ff 51 03 07 a1 20  00 ff 58 04 06 03 18 08"
			    "       00 ff 59 02 fd 01  60 ff 51 03 0f 42 40  00 ff 2f 00 }"
			    "XYZW { 01 02 03 }"
			    "MTrk { 00 ff 03 04 4c 65 61 64  00 c0 49  30 90 3c 64  30 3e 50"
			    "       30 3c 00  00 80 3e 40  00 ff 2f 00 }"
			    "MTrk { 00 ff 03 05 42 fc 72 6f 0a  48 99 24 7f  18 24 00"
			    "       00 ff 2f 00 }");
	struct smf s;
	static const struct smf_note notes[] = {
		{ 0x30, 0x60, 1, 0, 0x3c, 0x64, 0x49 },
		{ 0x48, 0x18, 2, 9, 0x24, 0x7f, 0 },
		{ 0x60, 0x30, 1, 0, 0x3e, 0x50, 0x49 },
	};

	(void)state;
	read_it(&s, &b);
	assert_int_equal(s.format, 1);
	assert_int_equal(s.division, 96);
	assert_int_equal(s.tracks, 3);
	assert_string_equal(s.track[1].name, "Lead");
	assert_string_equal(s.track[2].name, "B\xc3\xbcro ");	/* Latin-1; no control character */
	assert_int_equal(s.end, 0x90);
	assert_int_equal(s.notes, 3);
	for (int i = 0; i < 3; i++) {
		const struct smf_note *n = &s.note[i], *t = &notes[i];

		assert_int_equal(n->tick, t->tick);
		assert_int_equal(n->ticks, t->ticks);
		assert_int_equal(n->track, t->track);
		assert_int_equal(n->channel, t->channel);
		assert_int_equal(n->key, t->key);
		assert_int_equal(n->velocity, t->velocity);
		assert_int_equal(n->program, t->program);
	}
	for (int i = 1; i < s.events; i++) assert_true(s.event[i - 1].tick <= s.event[i].tick);
	assert_int_equal(s.tempos, 2);
	assert_int_equal(smf_tempo_at(&s, 0x5f), 500000);
	assert_int_equal(smf_tempo_at(&s, 0x60), 1000000);
	assert_int_equal(smf_meter_at(&s, 0).num, 6);
	assert_int_equal(smf_meter_at(&s, 0).den, 8);
	assert_int_equal(s.key[0].sharps, -3);
	assert_true(s.key[0].minor);
	smf_free(&s);
	buf_free(&b);
}

static void
events_at_one_tick_keep_their_order(void **state)
{
	struct buf b = file("MThd { 0001 0002 0060 }"
			    "MTrk { 00 b0 07 01  00 07 02  00 ff 01 01 41  00 f0 02 7d f7"
			    "       00 ff 7f 02 7d 05  00 b0 07 03  00 ff 2f 00 }"
			    "MTrk { 00 b1 07 04  00 07 05  00 ff 2f 00 }");
	static const uint8_t status[] = { 0xb0, 0xb0, 0xff, 0xf0, 0xff, 0xb0, 0xb1, 0xb1 };
	struct smf s;

	(void)state;
	read_it(&s, &b);
	assert_int_equal(s.events, 8);
	for (int i = 0; i < s.events; i++) assert_int_equal(s.event[i].status, status[i]);
	assert_int_equal(s.event[1].b, 2);
	assert_int_equal(s.event[7].b, 5);
	assert_int_equal(s.event[4].a, SMF_META_OWN);
	assert_int_equal(s.event[4].n, 2);
	assert_int_equal(s.event[4].data[1], 5);
	smf_free(&s);
	buf_free(&b);
}

static void
notes_left_hanging_end_with_their_track(void **state)
{
	struct buf b = file(ONE "MTrk { 00 90 3c 64  10 90 3c 50  20 80 3c 00  30 ff 2f 00 }");
	struct smf s;

	(void)state;
	read_it(&s, &b);
	assert_int_equal(s.notes, 2);
	assert_int_equal(s.note[0].ticks, 0x30);	/* the older one is the one that ends */
	assert_int_equal(s.note[1].ticks, 0x50);
	smf_free(&s);
	buf_free(&b);
}

static void
what_is_wrong_is_refused_with_its_byte_and_what_was_expected(void **state)
{
	static const struct {
		const char *hex, *starts;
	} table[] = {
		{ "", "byte 0: `MThd` was expected" },
		{ "52 49 46 46 00 00 00 00", "byte 0: `MThd` was expected" },
		{ "MThd 00 00 00 06 00 01", "byte 10: a header of 14 bytes was expected" },
		{ "MThd 00 00 00 05 00 01 00 01 00 60", "byte 4: a header of 6 bytes" },
		{ "MThd ff ff ff ff 00 01 00 01 00 60", "byte 4: a header of 6 bytes" },
		{ "MThd { 0002 0001 0060 }", "byte 8: format 0 or 1 was expected; format 2" },
		{ "MThd { 0003 0001 0060 }", "byte 8: format 0 or 1 was expected, not 3" },
		{ "MThd { 0000 0002 0060 }", "byte 10: one track (format 0) was expected, not 2" },
		{ "MThd { 0001 0000 0060 }", "byte 10: a number of tracks" },
		{ "MThd { 0001 0101 0060 }", "byte 10: a number of tracks" },
		{ "MThd { 0001 0001 e728 }", "byte 12: ticks of a quarter note were" },
		{ "MThd { 0001 0001 0000 }", "byte 12: a number of ticks" },
		{ ONE, "byte 14: track 1 of 1 was expected, but the file ends" },
		{ ONE "MTrk 00 00 00 05 00 ff 2f 00", "byte 18: 5 bytes were expected behind it" },
		{ ONE "MTrk 7f ff ff ff 00 ff 2f 00", "byte 18: 2147483647 bytes were expected" },
		{ ONE "MTrk { 00 90 3c 64 }", "byte 26: the end of the track (ff 2f 00)" },
		{ ONE "MTrk { 00 90 3c }", "byte 25: a data byte was expected, but the" },
		{ ONE "MTrk { 00 3c 64 00 ff 2f 00 }", "byte 23: a status byte" },
		{ ONE "MTrk { 00 90 3c 90 00 ff 2f 00 }", "byte 25: a data byte (0x00 to 0x7f)" },
		{ ONE "MTrk { 00 f0 01 f7 00 3c 64 }", "byte 27: a status byte" },
		{ ONE "MTrk { 00 f4 00 ff 2f 00 }", "byte 23: an event was expected; 0xf4" },
		{ ONE "MTrk { 81 82 83 84 05 90 3c 64 }", "byte 22: a delta time was expected" },
		{ ONE "MTrk { 00 ff 01 ff ff ff 7f 41 }", "byte 25: the event has 268435" },
		{ ONE "MTrk { 00 ff 01 05 41 }", "byte 25: the event has 5 bytes, but its track "
						 "ends after 1" },
		{ ONE "MTrk { 00 ff 51 02 07 a1 }", "byte 23: a tempo of 3 bytes was expected" },
		{ ONE "MTrk { 00 ff 51 03 00 00 00 }", "byte 23: a tempo above 0" },
		{ ONE "MTrk { 00 ff 58 04 00 02 18 08 }", "byte 23: a time signature" },
		{ ONE "MTrk { 00 ff 58 04 04 20 18 08 }", "byte 23: a time signature" },
		{ ONE "MTrk { 00 ff 59 02 08 00 }", "byte 23: a key of -7 to 7 sharps" },
		{ ONE "MTrk { 00 ff 2f 01 00 }", "byte 23: the end of a track of 0 bytes" },
		{ ONE "MTrk { ff ff ff 7f 90 3c 64 00 ff 2f 00 }", "byte 22: it lasts longer" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(table); i++) {
		struct buf b = file(table[i].hex);
		struct err e = {0};
		struct smf s;

		assert_int_equal(smf_read(&s, b.p, b.n, &e), -1);
		assert_int_equal(e.kind, ERR_INVALID);
		if (!str_starts(e.text, table[i].starts))
			fail_msg("%s\n%s", table[i].hex, e.text);
		assert_null(s.event);
		assert_null(s.track);
		buf_free(&b);
	}
}

/* Every beginning of a file is refused, whatever it is cut off in. */
static void
a_file_that_was_cut_off_is_refused_wherever_that_is(void **state)
{
	struct composition c;
	struct buf b = {0};
	struct event *events;
	struct smf s;
	int n;

	(void)state;
	composed(&c, "funk", 8, 1);
	events = score_events(&c.score, &c.plan, &n);
	smf_write(&b, &c.plan, &c.score, events, n, 1, "Funk");
	read_it(&s, &b);
	smf_free(&s);
	for (size_t cut = 0; cut < b.n; cut += cut < 200 ? 1 : 17) {
		struct err e = {0};
		char *part = malloc(cut + 1);	/* so that a sanitizer sees what reads on */

		memcpy(part, b.p, cut);
		assert_int_equal(smf_read(&s, part, cut, &e), -1);
		assert_true(str_starts(e.text, "byte "));
		free(part);
	}
	free(events);
	buf_free(&b);
	composition_free(&c);
}

static void
limits_hold(void **state)
{
	struct buf b = file(ONE "MTrk 00 00 00 00");
	uint32_t size;
	struct smf s;
	struct err e = {0};

	(void)state;
	buf_add(&b, "\x00\x90\x3c\x64", 4);
	for (int i = 1; i <= SMF_EVENTS; i++) buf_add(&b, "\x00\x3c\x64", 3);
	buf_add(&b, "\x00\xff\x2f\x00", 4);
	size = (uint32_t)(b.n - 22);
	for (int i = 0; i < 4; i++) b.p[18 + i] = (char)(size >> (24 - 8 * i));
	assert_int_equal(smf_read(&s, b.p, b.n, &e), -1);
	assert_non_null(strstr(e.text, "it has more than 500000 events"));
	buf_room(&b, SMF_BYTES);
	assert_int_equal(smf_read(&s, b.p, SMF_BYTES + 1, &e), -1);
	assert_string_equal(e.text, "byte 8388608: it is larger than 8 MiB");
	buf_free(&b);
}

/* What the band writes says the same when it is read. */
static void
the_bands_own_files_are_read_back_note_by_note(void **state)
{
	static const char *const prompts[] = { "jazz waltz in Eb minor", "folk in 6/8",
		"ambient without drums" };

	(void)state;
	for (size_t i = 0; i < NELEM(prompts); i++) {
		struct composition c;
		struct buf b = {0};
		struct event *events;
		struct smf s;
		bool minor;
		int n;

		composed(&c, prompts[i], 40, 3);
		events = score_events(&c.score, &c.plan, &n);
		smf_write(&b, &c.plan, &c.score, events, n, 1, "Title");
		read_it(&s, &b);
		assert_int_equal(s.division, QUARTER);
		assert_int_equal(s.tracks, c.plan.players + 1);
		assert_string_equal(s.track[0].name, "Title");
		assert_int_equal(s.notes, c.score.notes);
		assert_int_equal(s.end, c.score.end);
		assert_int_equal(s.tempos, c.score.tempo.n);
		for (int k = 0; k < s.tempos; k++)
			assert_int_equal(s.tempo[k].us, c.score.tempo.change[k].us);
		assert_int_equal(s.meter[0].num, c.plan.meter.num);
		assert_int_equal(s.meter[0].den, c.plan.meter.den);
		assert_int_equal(s.key[0].sharps,
			theory_key_signature(c.plan.tonic, c.plan.mode, &minor));
		/* Both are by tick, then by player and key. */
		for (int k = 0; k < s.notes; k++) {
			assert_int_equal(s.note[k].tick, c.score.note[k].tick);
			assert_int_equal(s.note[k].track, c.score.note[k].player + 1);
		}
		smf_free(&s);
		free(events);
		buf_free(&b);
		composition_free(&c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tracks_are_merged_by_time_and_notes_are_paired),
		cmocka_unit_test(events_at_one_tick_keep_their_order),
		cmocka_unit_test(notes_left_hanging_end_with_their_track),
		cmocka_unit_test(what_is_wrong_is_refused_with_its_byte_and_what_was_expected),
		cmocka_unit_test(a_file_that_was_cut_off_is_refused_wherever_that_is),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(the_bands_own_files_are_read_back_note_by_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
