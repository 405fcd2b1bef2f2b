#include "engine/band/style.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/band/adapter_apply.h"
#include "engine/band/style_read.h"

const char *const ending_names[] = { "ring", "ritard", "stop", "fade", NULL };
const char *const scale_names[] = { "mode", "pentatonic", "blues", NULL };
const char *const ornament_names[] = { "grace", "slide", "mordent", "turn", "trill", NULL };
const char *const parallel_names[] = { "free", "avoid", NULL };

const char *const harmony_names[] = {
	[HARMONY_CADENCE] = "cadence",
	[HARMONY_TURN] = "turn",
	[HARMONY_QUICKEN] = "quicken",
	[HARMONY_SECONDARY] = "secondary",
	[HARMONY_MIXTURE] = "mixture",
	[HARMONY_BACKDOOR] = "backdoor",
	[HARMONY_TRITONE] = "tritone",
	[HARMONY_SUSPENSION] = "suspension",
	[HARMONY_PASSING] = "passing",
	[HARMONY_INVERSION] = "inversion",
	[HARMONY_PEDAL] = "pedal",
	[HARMONY_LIFT] = "lift",
	[HARMONY_COUNT] = NULL,
};

static const struct {
	const char *name;
	int key;
} drums[] = {
	{ "sticks", 31 },
	{ "kick", 36 },
	{ "kick2", 35 },
	{ "rim", 37 },
	{ "snare", 38 },
	{ "clap", 39 },
	{ "snare2", 40 },
	{ "hat", 42 },
	{ "pedal", 44 },
	{ "open", 46 },
	{ "tom1", 50 },
	{ "tom2", 48 },
	{ "tom3", 47 },
	{ "tom4", 45 },
	{ "tom5", 43 },
	{ "tom6", 41 },
	{ "crash", 49 },
	{ "crash2", 57 },
	{ "ride", 51 },
	{ "ride2", 59 },
	{ "bell", 53 },
	{ "china", 52 },
	{ "splash", 55 },
	{ "tambourine", 54 },
	{ "cowbell", 56 },
	{ "vibraslap", 58 },
	{ "bongo1", 60 },
	{ "bongo2", 61 },
	{ "conga1", 62 },
	{ "conga2", 63 },
	{ "conga3", 64 },
	{ "timbale1", 65 },
	{ "timbale2", 66 },
	{ "agogo1", 67 },
	{ "agogo2", 68 },
	{ "cabasa", 69 },
	{ "maracas", 70 },
	{ "whistle1", 71 },
	{ "whistle2", 72 },
	{ "guiro", 73 },
	{ "guiro2", 74 },
	{ "claves", 75 },
	{ "block1", 76 },
	{ "block2", 77 },
	{ "cuica1", 78 },
	{ "cuica2", 79 },
	{ "triangle1", 80 },
	{ "triangle2", 81 },
	{ "shaker", 82 },
	{ "bells", 83 },
	{ "castanets", 85 },
	{ "surdo1", 86 },
	{ "surdo2", 87 },
};

int
style_drum(const char *name)
{
	for (size_t i = 0; i < NELEM(drums); i++)
		if (strcmp(drums[i].name, name) == 0) return drums[i].key;
	return 0;
}

const char *
style_drum_name(int key)
{
	for (size_t i = 0; i < NELEM(drums); i++)
		if (drums[i].key == key) return drums[i].name;
	return NULL;
}

/* A letter that a section uses needs chords in major and in minor; so does the close (letter 0). */
static int
check_chords(const struct style *s, char letter, struct err *e)
{
	for (int minor = 0; minor < 2; minor++) {
		bool found = false;

		for (int i = 0; i < s->progressions && !found; i++)
			found = s->progression[i].letter == letter
				&& mode_is_minor(s->progression[i].mode) == minor;
		if (!found && letter)
			return err_set(e, ERR_INVALID,
				"%s.style: there are no chords %c for %s keys", s->id, letter,
				minor ? "minor" : "major");
		if (!found)
			return err_set(e, ERR_INVALID, "%s.style: there is no close for %s keys",
				s->id, minor ? "minor" : "major");
	}
	return 0;
}

static int
check_part(const struct style *s, const struct style_part *p, struct err *e)
{
	if (!p->instruments)
		return err_set(
			e, ERR_INVALID, "%s.style: part %s has no instrument", s->id, p->name);
	if (!p->patterns && p->role != ROLE_PAD && p->role != ROLE_COUNTER)
		return err_set(e, ERR_INVALID, "%s.style: part %s has no pattern", s->id, p->name);
	for (int i = 0; i < p->instruments; i++)
		if ((p->instrument[i]->family == FAMILY_DRUMS) != (p->role == ROLE_DRUMS))
			return err_set(e, ERR_INVALID, "%s.style: part %s: %s cannot play %s",
				s->id, p->name, p->instrument[i]->name, role_names[p->role]);
	for (int i = 0; i < p->patterns + p->fills; i++) {
		const struct pattern *q = i < p->patterns ? &p->pattern[i]
							  : &p->fill[i - p->patterns];

		if (!q->n)
			return err_set(e, ERR_INVALID, "%s.style: part %s has an empty pattern",
				s->id, p->name);
	}
	return 0;
}

static int
check(const struct style *s, struct err *e)
{
	int drummers = 0;

	if (!s->name[0] || !s->words[0] || !s->tempo || !s->meter.num)
		return err_set(e, ERR_INVALID,
			"%s.style: it needs a style, words, a tempo and a meter", s->id);
	if (!s->form_length || !s->parts)
		return err_set(
			e, ERR_INVALID, "%s.style: it needs a form and at least one part", s->id);
	for (int i = 0; i < s->sections; i++)
		if (check_chords(s, s->section[i].chords, e)) return -1;
	if (check_chords(s, '\0', e)) return -1;
	for (int i = 0; i < s->parts; i++) {
		if (check_part(s, &s->part[i], e)) return -1;
		/* General MIDI has one channel for drums. */
		if (s->part[i].role == ROLE_DRUMS && drummers++)
			return err_set(
				e, ERR_INVALID, "%s.style: only one part can play drums", s->id);
	}
	return 0;
}

int
style_parse(struct style *s, const char *id, const char *text, struct err *e)
{
	struct style_reader r = { .style = s };
	int line = 0;

	*s = (struct style){ .swing = 50, .swing_on = 8, .human_ms = 4, .mode_unit = 1 };
	str_copy(s->id, sizeof s->id, id);
	for (int i = 0; i < 12; i++) s->key_weight[i] = 1;
	while (*text) {
		size_t n = strcspn(text, "\n");
		char *copy = strndup(text, n);

		if (!copy) abort();
		line++;
		int bad = style_read_line(&r, copy, e);
		free(copy);
		if (bad) {
			err_prefix(e, "%s.style:%d", id, line);
			goto fail;
		}
		text += n + (text[n] == '\n');
	}
	if (style_read_end(&r, e) || check(s, e)) goto fail;
	return 0;
fail:
	style_free(s);
	return -1;
}

static void
free_patterns(struct pattern *list, int n)
{
	for (int i = 0; i < n; i++) pattern_free(&list[i]);
	free(list);
}

void
style_free(struct style *s)
{
	for (int i = 0; i < s->parts; i++) {
		free_patterns(s->part[i].pattern, s->part[i].patterns);
		free_patterns(s->part[i].fill, s->part[i].fills);
	}
	*s = (struct style){0};
}

static void *
copy_of(const void *list, size_t bytes)
{
	void *made = bytes ? malloc(bytes) : NULL;

	if (bytes && !made) abort();
	if (bytes) memcpy(made, list, bytes);
	return made;
}

static struct pattern *
copy_patterns(const struct pattern *list, int n)
{
	struct pattern *made = copy_of(list, (size_t)n * sizeof *made);

	for (int i = 0; i < n; i++)
		made[i].step = copy_of(list[i].step, (size_t)list[i].n * sizeof *list[i].step);
	return made;
}

void
style_copy(struct style *to, const struct style *from)
{
	*to = *from;
	for (int i = 0; i < to->parts; i++) {
		struct style_part *p = &to->part[i];

		p->pattern = copy_patterns(p->pattern, p->patterns);
		p->fill = copy_patterns(p->fill, p->fills);
	}
}

const struct pattern *
style_pick(const struct style_part *p, bool fill, int energy, int section, struct rng *r)
{
	const struct pattern *list = fill ? p->fill : p->pattern;
	int n = fill ? p->fills : p->patterns;

	return p->bent ? adapter_pick(p, fill, energy, section, r)
		       : pattern_pick(list, n, energy, section, r);
}

void
style_fit(struct style *s, const struct meter *to)
{
	for (int i = 0; i < s->parts; i++) {
		for (int k = 0; k < s->part[i].patterns; k++)
			pattern_fit(&s->part[i].pattern[k], &s->meter, to);
		for (int k = 0; k < s->part[i].fills; k++)
			pattern_fit(&s->part[i].fill[k], &s->meter, to);
	}
	s->meter = *to;
}
