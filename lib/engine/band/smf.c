#include "engine/band/smf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/band/performance.h"

enum {
	META = 0xff,
	META_TEXT = 1,
	META_NAME = 3,
	META_END = 0x2f,
	META_TEMPO = 0x51,
	META_METER = 0x58,
	META_KEY = 0x59
};

static void
add_u32(struct buf *b, uint32_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8) buf_addc(b, (char)(v >> shift & 0xff));
}

static void
add_u16(struct buf *b, unsigned v)
{
	buf_addc(b, (char)(v >> 8 & 0xff));
	buf_addc(b, (char)(v & 0xff));
}

/* A variable-length quantity: seven bits a byte, all but the last with the top bit set. */
static void
add_vlq(struct buf *b, uint32_t v)
{
	int shift = 21;

	while (shift > 0 && v >> shift == 0) shift -= 7;
	for (; shift > 0; shift -= 7) buf_addc(b, (char)(0x80 | (v >> shift & 0x7f)));
	buf_addc(b, (char)(v & 0x7f));
}

static void
add_meta(struct buf *b, uint32_t wait, int type, const void *data, size_t n)
{
	add_vlq(b, wait);
	buf_addc(b, (char)META);
	buf_addc(b, (char)type);
	add_vlq(b, (uint32_t)n);
	buf_add(b, data, n);
}

/* A statement to the renderer: performance.h lists them. */
__attribute__((format(printf, 2, 3))) static void
add_statement(struct buf *b, const char *fmt, ...)
{
	char text[80];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	add_meta(b, 0, META_TEXT, text, strlen(text));
}

static void
add_track(struct buf *out, struct buf *track, uint32_t wait)
{
	add_meta(track, wait, META_END, "", 0);
	buf_adds(out, "MTrk");
	add_u32(out, (uint32_t)track->n);
	buf_add(out, track->p, track->n);
	buf_reset(track);
}

static int
log2_of(int n)
{
	int l = 0;

	while (n > 1) n /= 2, l++;
	return l;
}

static void
add_statements(struct buf *t, const struct plan *p, int64_t frames)
{
	add_statement(t, "earshot score %d", PERFORMANCE_VERSION);
	add_statement(t, "earshot length %lld frames", (long long)frames);
	add_statement(t, "earshot seed %u", p->seed);
	for (int i = 0; i < TEXTURE_COUNT; i++)
		if (p->texture[i])
			add_statement(t, "earshot texture %s %d%s", textures[i].name, p->texture[i],
				textures[i].percussive && !p->clicks ? " smooth" : "");
}

static void
conductor(struct buf *out, struct buf *t, const struct plan *p, const struct score *s,
	int64_t frames, const char *title)
{
	bool minor;
	int sharps = theory_key_signature(p->tonic, p->mode, &minor);
	/* Clocks of a metronome beat, 24 a quarter; thirty-seconds of a quarter: always 8. */
	unsigned char meter[4] = { (unsigned char)p->meter.num,
		(unsigned char)log2_of(p->meter.den),
		(unsigned char)(p->meter.beat[0] * 24 / QUARTER), 8 };
	unsigned char key[2] = { (unsigned char)(sharps & 0xff), minor };
	int32_t at = 0;

	add_meta(t, 0, META_NAME, title, strlen(title));
	add_statements(t, p, frames);
	add_meta(t, 0, META_METER, meter, sizeof meter);
	add_meta(t, 0, META_KEY, key, sizeof key);
	for (int i = 0; i < s->tempo.n; i++) {
		uint32_t us = (uint32_t)s->tempo.change[i].us;
		unsigned char tempo[3] = { us >> 16 & 0xff, us >> 8 & 0xff, us & 0xff };

		add_meta(t, (uint32_t)(s->tempo.change[i].tick - at), META_TEMPO, tempo,
			sizeof tempo);
		at = s->tempo.change[i].tick;
	}
	add_track(out, t, (uint32_t)(s->end - at));
}

static enum stem
stem_of(enum role role)
{
	static const enum stem stems[ROLE_COUNT] = { [ROLE_DRUMS] = STEM_DRUMS,
		[ROLE_BASS] = STEM_BASS, [ROLE_CHORDS] = STEM_CHORDS, [ROLE_PAD] = STEM_CHORDS,
		[ROLE_MELODY] = STEM_MELODY, [ROLE_COUNTER] = STEM_MELODY };

	return stems[role];
}

static void
add_player(struct buf *out, struct buf *t, const struct plan *p, const struct score *s, int player,
	const struct event *e, int n)
{
	const struct player *y = &p->player[player];
	char name[64];
	int len = 0;
	int32_t at = 0;

	for (const char *c = y->part->name; *c && len < 20; c++) name[len++] = *c;
	name[len++] = ' ';
	name[len++] = '(';
	for (const char *c = y->instrument->name; *c && len < 60; c++) name[len++] = *c;
	name[len++] = ')';
	add_meta(t, 0, META_NAME, name, (size_t)len);
	add_statement(t, "earshot stem %s", stem_names[stem_of(y->role)]);
	if (y->part->duck) add_statement(t, "earshot duck %d", y->part->duck);
	for (int i = 0; i < n; i++) {
		if (e[i].player != player) continue;
		add_vlq(t, (uint32_t)(e[i].tick - at));
		at = e[i].tick;
		buf_addc(t, (char)e[i].status);
		buf_addc(t, (char)e[i].a);
		if ((e[i].status & 0xf0) != 0xc0)
			buf_addc(t, (char)e[i].b); /* a program has one byte */
	}
	add_track(out, t, (uint32_t)(s->end - at));
}

void
smf_write(struct buf *out, const struct plan *p, const struct score *s, const struct event *events,
	int n, int64_t frames, const char *title)
{
	struct buf track = {0};

	buf_adds(out, "MThd");
	add_u32(out, 6);
	add_u16(out, 1);
	add_u16(out, (unsigned)(1 + p->players));
	add_u16(out, QUARTER);
	conductor(out, &track, p, s, frames, title);
	for (int i = 0; i < p->players; i++) add_player(out, &track, p, s, i, events, n);
	buf_free(&track);
}
