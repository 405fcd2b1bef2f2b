#include "engine/band/prompt_rules.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"

/* Rules return how many tokens they took, 0 when they do not apply. */
typedef int rule(struct prompt_reader *r);

static bool
is(const struct prompt_reader *r, int at, const char *word)
{
	return at >= 0 && at < r->n && strcmp(r->t[at].plain, word) == 0;
}

int
prompt_match(const struct prompt_reader *r, const char *phrases)
{
	return tokens_match(r->t + r->at, r->n - r->at, phrases);
}

/* Keep n tokens as they were written. */
void
prompt_keep(struct wish_words *list, const struct token *t, int n)
{
	const char *from = t[0].from, *end = t[n - 1].from + t[n - 1].bytes;
	char text[4 * WISH_WORD];
	size_t len = (size_t)(end - from);

	if (list->n == WISH_WORDS) return;
	if (len >= sizeof text) len = sizeof text - 1;
	memcpy(text, from, len);
	text[len] = '\0';
	/* A cut in the middle of a character must not get out. */
	while (len > 0 && !str_is_utf8(text, len)) text[--len] = '\0';
	str_preview(list->text[list->n], WISH_WORD, text, 40);
	for (int i = 0; i < list->n; i++)
		if (strcmp(list->text[i], list->text[list->n]) == 0) return;
	if (len) list->n++;
}

static int
digits(const struct prompt_reader *r, int at, int low, int high)
{
	uint64_t v;

	return at >= 0 && at < r->n && str_u64(r->t[at].plain, (uint64_t)low, (uint64_t)high, &v)
		? (int)v
		: -1;
}

/* "96 bpm", "bpm: 96", "tempo 96", "at 96", "96 beats per minute" */
static int
rule_bpm(struct prompt_reader *r)
{
	int v, used = 0, number = r->at;

	if (is(r, r->at, "bpm") || is(r, r->at, "tempo")) {
		number++;
		while (is(r, number, ":") || is(r, number, "=") || is(r, number, "of")
			|| is(r, number, "at"))
			number++;
		used = number - r->at + 1;
	}
	v = digits(r, number, 30, 300);
	if (v < 0) return 0;
	if (is(r, number + 1, "bpm")) used = number + 2 - r->at;
	else if (is(r, number + 1, "beats") && is(r, number + 2, "per")) used = number + 4 - r->at;
	else if (!used && (is(r, r->at - 1, "at") || is(r, r->at - 1, "=")) && v >= 40 && v <= 240)
		used = 1;
	if (!used) return 0;
	if (r->at + used > r->n) used = r->n - r->at;
	if (!r->negated) r->w->bpm = v;
	return used;
}

static int
rule_meter(struct prompt_reader *r)
{
	static const struct {
		const char *words;
		int num, den;
	} names[] = {
		{ "waltz, walzer, valse, vals, valsa, waltzing", 3, 4 },
		{ "jig", 6, 8 },
		{ "common time", 4, 4 },
		{ "triple time, three four", 3, 4 },
		{ "six eight", 6, 8 },
	};
	int num = digits(r, r->at, 2, 16), den = digits(r, r->at + 2, 2, 8);

	if (num > 0 && den > 0 && is(r, r->at + 1, "/")) {
		if (meter_make(num, den, &r->w->meter)) r->w->has_meter = true;
		else prompt_keep(&r->w->ignored, r->t + r->at, 3);
		return 3;
	}
	for (size_t i = 0; i < NELEM(names); i++) {
		int used = prompt_match(r, names[i].words);

		/* A written meter is surer than a word: a waltz may be asked for in 6/8. */
		if (used && !r->negated && !r->w->has_meter)
			r->w->has_meter = meter_make(names[i].num, names[i].den, &r->w->meter);
		/* Such words are names of styles, too: let others look at them. */
		if (used) return i < 2 ? 0 : used;
	}
	return 0;
}

static const struct {
	const char *words;
	enum theory_mode mode;
} mode_words[] = {
	{ "major, maj, dur, majeur, mayor, maior, ionian", MODE_MAJOR },
	{ "minor, min, moll, mineur, menor, aeolian, natural minor, harmonic minor, melodic minor",
		MODE_MINOR },
	{ "dorian, dorisch", MODE_DORIAN },
	{ "phrygian", MODE_PHRYGIAN },
	{ "lydian", MODE_LYDIAN },
	{ "mixolydian", MODE_MIXOLYDIAN },
	{ "locrian", MODE_LOCRIAN },
};

static int
mode_at(const struct prompt_reader *r, int at, enum theory_mode *out)
{
	for (size_t i = 0; at < r->n && i < NELEM(mode_words); i++) {
		int used = tokens_match(r->t + at, r->n - at, mode_words[i].words);

		if (used) {
			*out = mode_words[i].mode;
			return used;
		}
	}
	return 0;
}

/* In "a minor key" the a is an article. */
static bool
is_article(const struct prompt_reader *r, int after)
{
	static const char *const nouns[] = { "key", "mode", "mood", "feel", "scale", "chord",
		"tonality", "chords", NULL };

	return !r->t[r->at].capital && after < r->n && str_index(r->t[after].plain, nouns) >= 0;
}

/* A note name at a token: its class, 'flat' and 'sharp' behind it included; *used tokens. */
static int
tonic_at(const struct prompt_reader *r, char *accidental, bool *minor, int *used)
{
	const char *s = r->t[r->at].plain;
	int len, tonic = theory_note_class(s, &len, accidental);

	*minor = false;
	*used = 1;
	if (tonic < 0) return -1;
	if (s[len] == 'm' && !s[len + 1] && r->t[r->at].capital) *minor = true;	/* Am, F#m */
	else if (s[len]) return -1;
	if (!*accidental && !*minor && (is(r, r->at + 1, "sharp") || is(r, r->at + 1, "flat"))) {
		*accidental = is(r, r->at + 1, "sharp") ? '#' : 'b';
		tonic = (tonic + (*accidental == '#' ? 1 : 11)) % 12;
		*used = 2;
	}
	return tonic;
}

/* "in A minor", "F# major", "Bbm", "in C", "key of E flat", "d dorian" */
static int
rule_key(struct prompt_reader *r)
{
	char accidental;
	bool minor, sure;
	int used, mode_used, tonic = tonic_at(r, &accidental, &minor, &used);
	enum theory_mode mode = MODE_MINOR;

	if (tonic < 0) return 0;
	mode_used = minor ? 0 : mode_at(r, r->at + used, &mode);
	if (mode_used && is_article(r, r->at + used + mode_used)) return 0;
	/* A bare letter is a key only where a key is expected. */
	sure = mode_used || minor || r->attribute || (accidental && r->t[r->at].capital)
		|| used == 2
		|| (r->t[r->at].capital && (is(r, r->at - 1, "in") || is(r, r->at - 1, ":")))
		|| (is(r, r->at - 1, "of") && is(r, r->at - 2, "key")) || is(r, r->at - 1, "key");
	if (!sure) return 0;
	if (r->negated) {
		prompt_keep(&r->w->excluded_words, r->t + r->at, used + mode_used);
		return used + mode_used;
	}
	r->w->tonic = tonic;
	r->w->accidental = accidental;
	if (mode_used || minor) {
		r->w->has_mode = true;
		r->w->mode = mode;
	}
	return used + mode_used;
}

static int
rule_mode(struct prompt_reader *r)
{
	enum theory_mode mode;
	int used = mode_at(r, r->at, &mode);

	if (!used) return 0;
	if (!r->negated) {
		r->w->has_mode = true;
		r->w->mode = mode;
	}
	return used;
}

static int
rule_scale(struct prompt_reader *r)
{
	int used = prompt_match(r, "pentatonic, pentatonic scale, pentatonisch");

	if (used) {
		r->w->pentatonic = !r->negated;
		return used;
	}
	used = prompt_match(r, "blues scale");
	if (used) r->w->blues = !r->negated;
	return used;
}

static int
rule_style(struct prompt_reader *r)
{
	int best = 0, which = -1;
	struct wish *w = r->w;

	for (int i = 0; i < r->n_styles; i++) {
		int used = prompt_match(r, r->styles[i].words);

		if (used > best) best = used, which = i;
	}
	if (which >= 0 && r->negated) {
		w->hint[which] = -100;
		prompt_keep(&w->excluded_words, r->t + r->at, best);
	} else if (which >= 0 && w->style >= 0 && w->style != which) {
		/* Two styles in one prompt: the first leads, the other is only tasted. */
		w->hint[which]++;
		prompt_keep(&w->ignored, r->t + r->at, best);
	} else if (which >= 0) {
		w->style = which;
	}
	return best;
}

/* Words that point to styles without naming one; they may mean something else as well. */
int
prompt_hint_styles(struct prompt_reader *r)
{
	int best = 0;

	for (int i = 0; i < r->n_styles; i++) {
		int used = prompt_match(r, r->styles[i].hints);

		if (!used) continue;
		if (r->negated) r->w->hint[i] = -100;
		else if (r->w->hint[i] >= 0) r->w->hint[i] += used;
		if (used > best) best = used;
	}
	return best;
}

static int
rule_tempo_word(struct prompt_reader *r)
{
	int best = 0;
	const struct tempo_word *word = NULL;

	for (size_t i = 0; i < tempo_word_count; i++) {
		int used = prompt_match(r, tempo_words[i].words);

		if (used > best) best = used, word = &tempo_words[i];
	}
	/* "Not too fast" asks for nothing in particular. */
	if (!word || r->negated) return best;
	if (word->bpm && !r->w->bpm) r->w->bpm = word->bpm;
	else if (!word->bpm) r->w->place = word->place;
	return best;
}

static int
rule_mood(struct prompt_reader *r)
{
	int best = 0, which = -1;
	struct wish *w = r->w;

	for (size_t i = 0; i < mood_count; i++) {
		int used = prompt_match(r, moods[i].words), named = prompt_match(r, moods[i].name);

		if (named > used) used = named;
		if (used > best) best = used, which = (int)i;
	}
	if (which < 0) return 0;
	if (r->negated) {
		prompt_keep(&w->excluded_words, r->t + r->at, best);
		return best;
	}
	for (int i = 0; i < w->n_moods; i++)
		if (w->mood[i] == which) return best;
	if (w->n_moods < WISH_MOODS) {
		w->strength[w->n_moods] = 100;
		w->mood[w->n_moods++] = which;
	}
	else prompt_keep(&w->ignored, r->t + r->at, best);
	return best;
}

bool
prompt_same_asked(struct wish_asked a, struct wish_asked b)
{
	return a.instrument == b.instrument && a.kind == b.kind && a.role == b.role;
}

void
prompt_add_asked(struct wish_asked *list, int *n, struct wish_asked a)
{
	for (int i = 0; i < *n; i++)
		if (prompt_same_asked(list[i], a)) return;
	if (*n < WISH_ASKED) list[(*n)++] = a;
}

/* The longest name of an instrument, a family or a role. */
int
prompt_find_instrument(struct prompt_reader *r, struct wish_asked *found)
{
	int best = 0;

	for (size_t i = 0; i < instrument_count; i++) {
		int used = prompt_match(r, instruments[i].words),
		    named = prompt_match(r, instruments[i].name);

		if (named > used) used = named;
		if (used > best)
			best = used,
			*found = (struct wish_asked){ .instrument = &instruments[i],
				.role = ROLE_COUNT };
	}
	for (size_t i = 0; i < kind_word_count; i++) {
		int used = prompt_match(r, kind_words[i].words);

		if (used > best)
			best = used,
			*found = (struct wish_asked){ .kind = &kind_words[i], .role = ROLE_COUNT };
	}
	for (int i = 0; i < ROLE_COUNT; i++) {
		int used = prompt_match(r, role_words[i]);

		if (used > best) best = used, *found = (struct wish_asked){ .role = (enum role)i };
	}
	return best;
}

static int
rule_instrument(struct prompt_reader *r)
{
	struct wish_asked found = { .role = ROLE_COUNT };
	int used = prompt_find_instrument(r, &found);

	if (!used) return 0;
	if (r->negated) {
		/* Without piano means without any kind of it that goes by the same family word
		 * alone. */
		prompt_add_asked(r->w->excluded, &r->w->n_excluded, found);
		prompt_keep(&r->w->excluded_words, r->t + r->at, used);
	} else {
		prompt_add_asked(r->w->asked, &r->w->n_asked, found);
	}
	return used;
}

static int
rule_voice(struct prompt_reader *r)
{
	int used = prompt_match(r, words_voice);

	if (used)
		prompt_keep(
			r->negated ? &r->w->excluded_words : &r->w->ignored, r->t + r->at, used);
	return used;
}

static int
rule_solo(struct prompt_reader *r)
{
	int used = prompt_match(r, words_solo);

	/* "guitar solo" is a passage of a piece, "solo guitar" is all of it. */
	if (used && !(is(r, r->at, "solo") && r->w->n_asked && !is(r, r->at + 1, "piano")))
		r->w->solo = true;
	return used;
}

static int
rule_fade(struct prompt_reader *r)
{
	int used = prompt_match(r, words_fade);

	if (used) r->w->ending = r->negated ? ENDING_RING : ENDING_FADE;
	return used;
}

/* Tried in this order; of rules that both fit, the one that takes more tokens wins, see step(). */
static rule *const rules[] = {
	rule_bpm,
	rule_meter,
	rule_key,
	rule_scale,
	rule_fade,
	rule_style,
	rule_instrument,
	rule_mode,
	rule_tempo_word,
	rule_mood,
	rule_voice,
	rule_solo,
};

/* How long is the longest name at this place, and is it a style's? "jazz guitar" is an instrument,
 * "jazz" a style, "bossa nova guitar" both in turn. */
static bool
style_is_longest(struct prompt_reader *r)
{
	struct wish_asked found;
	int style = 0;

	for (int i = 0; i < r->n_styles; i++) {
		int used = prompt_match(r, r->styles[i].words);

		if (used > style) style = used;
	}
	return style && style >= prompt_find_instrument(r, &found);
}

int
prompt_apply_rules(struct prompt_reader *r)
{
	for (size_t i = 0; i < NELEM(rules); i++) {
		int used;

		if (rules[i] == rule_style && !style_is_longest(r)) continue;
		used = rules[i](r);
		if (used) return used;
	}
	return 0;
}
