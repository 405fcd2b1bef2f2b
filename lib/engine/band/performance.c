#include "engine/band/performance.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/band/smf_read.h"
#include "engine/band/tempo.h"

enum {
	TAIL_FRAMES = 2 * TEMPO_RATE,	/* behind the last event of a file that names no length */
	KICK = 36, KICK2 = 35,
	NOTE_OFF = 0x80, NOTE_ON = 0x90, PROGRAM = 0xc0,
	FIRST_BASS = 32, LAST_BASS = 39,	/* programs of General MIDI */
	STATEMENT = 80,				/* bytes of a text event that may be one */
	NO_DUCK = -1,
};

const char *const stem_names[STEM_COUNT + 1] = { "drums", "bass", "chords", "melody", "texture", NULL };

/* What statements and programs have said so far. */
struct reader {
	struct performance *p;
	const struct smf *smf;
	int64_t length;			/* -1: nothing was said */
	int stem[SMF_TRACKS], duck[SMF_TRACKS];	/* of tracks; STEM_COUNT, NO_DUCK: nothing */
	int program[PERFORMANCE_CHANNELS];	/* the first one */
};

/* The statements: words behind the name, and the track that they stand in. */
typedef int statement(struct reader *r, char *const *word, int words, int track, struct err *e);

static int
whole(const char *text, int64_t low, int64_t high, int64_t *out, struct err *e)
{
	if (str_i64(text, low, high, out)) return 0;
	return err_set(e, ERR_INVALID, "`%.20s` is not a number from %lld to %lld", text,
		(long long)low, (long long)high);
}

static int
say_score(struct reader *r, char *const *word, int words, int track, struct err *e)
{
	int64_t version;

	(void)r, (void)words, (void)track;
	if (whole(word[0], 1, INT32_MAX, &version, e)) return -1;
	return version <= PERFORMANCE_VERSION ? 0 : err_set(e, ERR_INVALID,
		"this score was written by a later version of Earshot");
}

static int
say_length(struct reader *r, char *const *word, int words, int track, struct err *e)
{
	(void)track;
	if (words != 2 || strcmp(word[1], "frames") != 0)
		return err_set(e, ERR_INVALID, "it reads `length 48000 frames`");
	return whole(word[0], 1, (int64_t)PERFORMANCE_SECONDS * TEMPO_RATE, &r->length, e);
}

static int
say_seed(struct reader *r, char *const *word, int words, int track, struct err *e)
{
	int64_t seed;

	(void)words, (void)track;
	if (whole(word[0], 0, UINT32_MAX, &seed, e)) return -1;
	r->p->seed = (uint32_t)seed;
	return 0;
}

static int
say_texture(struct reader *r, char *const *word, int words, int track, struct err *e)
{
	int which = texture_find(word[0]);
	int64_t percent;

	(void)track;
	if (which < 0) return err_set(e, ERR_INVALID, "`%.20s` is no texture", word[0]);
	if (whole(words > 1 ? word[1] : "", 1, TEXTURE_MOST, &percent, e)) return -1;
	if (words > 2 && strcmp(word[2], "smooth") != 0)
		return err_set(e, ERR_INVALID, "`%.20s` is not `smooth`", word[2]);
	r->p->texture[which] = (int)percent;
	if (words > 2) r->p->clicks = false;
	return 0;
}

static int
say_stem(struct reader *r, char *const *word, int words, int track, struct err *e)
{
	int stem = str_index(word[0], stem_names);

	(void)words;
	if (stem < 0 || stem == STEM_TEXTURE)
		return err_set(e, ERR_INVALID, "`%.20s` is no stem that is played", word[0]);
	r->stem[track] = stem;
	return 0;
}

static int
say_duck(struct reader *r, char *const *word, int words, int track, struct err *e)
{
	int64_t percent;

	(void)words;
	if (whole(word[0], 0, 100, &percent, e)) return -1;
	r->duck[track] = (int)percent;
	return 0;
}

static const struct {
	const char *name;
	int most;			/* words behind it; at least one */
	statement *say;
} statements[] = {
	{ "score", 1, say_score },
	{ "length", 2, say_length },
	{ "seed", 1, say_seed },
	{ "texture", 3, say_texture },
	{ "stem", 1, say_stem },
	{ "duck", 1, say_duck },
};

/* A text event; not every one is a statement. */
static int
read_statement(struct reader *r, const struct smf_event *v, struct err *e)
{
	char text[STATEMENT], *word[5], *rest = text;
	int words = 0;

	if (v->n < 8 || memcmp(v->data, "earshot ", 8) != 0) return 0;
	if (v->n >= sizeof text)
		return err_set(e, ERR_INVALID, "track %d: a statement to Earshot is too long",
			v->track + 1);
	for (uint32_t i = 0; i < v->n; i++)
		if (v->data[i] < ' ' || v->data[i] > '~')
			return err_set(e, ERR_INVALID, "track %d: a statement to Earshot is not in "
				"plain letters", v->track + 1);
	memcpy(text, v->data, v->n);
	text[v->n] = '\0';
	strtok_r(text, " ", &rest);
	while (words < (int)NELEM(word) && (word[words] = strtok_r(NULL, " ", &rest))) words++;
	for (size_t i = 0; words > 1 && i < NELEM(statements); i++) {
		if (strcmp(statements[i].name, word[0]) != 0) continue;
		if (words - 1 > statements[i].most) break;
		if (!statements[i].say(r, word + 1, words - 1, v->track, e)) return 0;
		return err_prefix(e, "track %d: earshot %s", v->track + 1, word[0]);
	}
	return err_set(e, ERR_INVALID, "track %d: `%.*s` says nothing to Earshot", v->track + 1,
		(int)v->n, (const char *)v->data);
}

static bool
is_channel_event(const struct smf_event *v)
{
	return v->status >= NOTE_OFF && v->status < SMF_SYSEX;
}

/* The first that a track of the channel says; else what General MIDI says of its program. */
static void
set_channels(struct reader *r)
{
	bool said[PERFORMANCE_CHANNELS] = {0};

	for (int i = 0; i < r->smf->events; i++) {
		const struct smf_event *v = &r->smf->event[i];
		struct performance_channel *c = &r->p->channel[v->status & 0x0f];
		int which = v->status & 0x0f;

		if (!is_channel_event(v)) continue;
		c->used = true;
		if (!said[which] && r->stem[v->track] != STEM_COUNT) {
			c->stem = (enum stem)r->stem[v->track];
			said[which] = true;
		}
		if (r->duck[v->track] > c->duck) c->duck = r->duck[v->track];
		if ((v->status & 0xf0) == PROGRAM && r->program[which] < 0)
			r->program[which] = v->a;
	}
	for (int i = 0; i < PERFORMANCE_CHANNELS; i++) {
		if (said[i]) continue;
		r->p->channel[i].stem = i == SMF_DRUM_CHANNEL ? STEM_DRUMS
			: r->program[i] >= FIRST_BASS && r->program[i] <= LAST_BASS ? STEM_BASS
			: STEM_MELODY;
	}
}

/* Ticks to frames, exactly: frames × 1e6 × division of them is the unit. */
struct clock {
	int64_t fine, frame_fine;	/* so far; of a frame */
	int32_t tick, us;
	int next;			/* tempo */
};

static int
clock_move(struct clock *c, int32_t tick, struct err *e)
{
	int64_t a_tick = (int64_t)c->us * TEMPO_RATE,
		most = (int64_t)PERFORMANCE_SECONDS * TEMPO_RATE * c->frame_fine;

	if (tick - c->tick > (most - c->fine) / a_tick)
		return err_set(e, ERR_INVALID, "the score is longer than %d minutes",
			PERFORMANCE_SECONDS / 60);
	c->fine += (tick - c->tick) * a_tick;
	c->tick = tick;
	return 0;
}

static int
clock_set(struct clock *c, const struct smf *s, int32_t tick, struct err *e)
{
	for (; c->next < s->tempos && s->tempo[c->next].tick <= tick; c->next++) {
		if (clock_move(c, s->tempo[c->next].tick, e)) return -1;
		c->us = s->tempo[c->next].us;
	}
	return clock_move(c, tick, e);
}

static void
add_kick(struct performance *p, const struct performance_event *v, const struct clock *c,
	int division)
{
	if ((v->status & 0xf0) != NOTE_ON || !v->b || (v->a != KICK && v->a != KICK2)) return;
	if ((v->status & 0x0f) != SMF_DRUM_CHANNEL) return;
	p->kick[p->kicks++] = (struct performance_kick){ .frame = v->frame, .velocity = v->b,
		.quarter_frames = (int32_t)((int64_t)division * c->us * TEMPO_RATE / c->frame_fine) };
}

/* All channel events in frames, and how long it all is. */
static int
set_events(struct reader *r, struct err *e)
{
	struct performance *p = r->p;
	const struct smf *s = r->smf;
	struct clock c = { .frame_fine = (int64_t)1000000 * s->division, .us = 500000 };

	p->event = calloc((size_t)s->events + 1, sizeof *p->event);
	p->kick = calloc((size_t)s->events + 1, sizeof *p->kick);
	if (!p->event || !p->kick) abort();
	for (int i = 0; i < s->events; i++) {
		const struct smf_event *v = &s->event[i];

		if (!is_channel_event(v)) continue;
		if (clock_set(&c, s, v->tick, e)) return -1;
		p->event[p->events] = (struct performance_event){ c.fine / c.frame_fine, v->status,
			v->a, v->b };
		add_kick(p, &p->event[p->events++], &c, s->division);
	}
	if (clock_set(&c, s, s->end, e)) return -1;
	p->frames = r->length >= 0 ? r->length : c.fine / c.frame_fine + TAIL_FRAMES;
	return 0;
}

int
performance_read(struct performance *p, const void *bytes, size_t n, struct err *e)
{
	struct smf s = {0};
	struct reader r = { .p = p, .smf = &s, .length = -1 };
	int rc = -1;

	*p = (struct performance){ .clicks = true };
	for (int i = 0; i < SMF_TRACKS; i++) r.stem[i] = STEM_COUNT, r.duck[i] = NO_DUCK;
	for (int i = 0; i < PERFORMANCE_CHANNELS; i++) r.program[i] = -1;
	if (smf_read(&s, bytes, n, e)) goto out;
	for (int i = 0; i < s.events; i++) {
		const struct smf_event *v = &s.event[i];

		if (v->status == SMF_META && v->a == SMF_META_TEXT && read_statement(&r, v, e))
			goto out;
	}
	set_channels(&r);
	if (set_events(&r, e)) goto out;
	if (s.tracks) str_copy(p->title, sizeof p->title, s.track[0].name);
	rc = 0;
out:
	smf_free(&s);
	if (rc) performance_free(p);
	return rc;
}

void
performance_free(struct performance *p)
{
	free(p->event);
	free(p->kick);
	*p = (struct performance){0};
}
