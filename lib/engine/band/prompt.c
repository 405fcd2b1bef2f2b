#include "engine/band/prompt.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/band/tokens.h"

/* Where reading stands. The attributes are read after the text: what they say replaces it. */
struct reader {
	const struct token *t;
	int n, at;
	const struct style *styles;
	int n_styles;
	bool negated;
	bool attribute;			/* of an attribute: single letters are keys, numbers tempos */
	struct wish *w;
};

/* Rules return how many tokens they took, 0 when they do not apply. */
typedef int rule(struct reader *r);

static bool
is(const struct reader *r, int at, const char *word)
{
	return at >= 0 && at < r->n && strcmp(r->t[at].plain, word) == 0;
}

static int
match(const struct reader *r, const char *phrases)
{
	return tokens_match(r->t + r->at, r->n - r->at, phrases);
}

/* Keep n tokens as they were written. */
static void
keep(struct wish_words *list, const struct token *t, int n)
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
digits(const struct reader *r, int at, int low, int high)
{
	uint64_t v;

	return at >= 0 && at < r->n && str_u64(r->t[at].plain, (uint64_t)low, (uint64_t)high, &v) ? (int)v : -1;
}

/* "96 bpm", "bpm: 96", "tempo 96", "at 96", "96 beats per minute" */
static int
rule_bpm(struct reader *r)
{
	int v, used = 0, number = r->at;

	if (is(r, r->at, "bpm") || is(r, r->at, "tempo")) {
		number++;
		while (is(r, number, ":") || is(r, number, "=") || is(r, number, "of") || is(r, number, "at")) number++;
		used = number - r->at + 1;
	}
	v = digits(r, number, 30, 300);
	if (v < 0) return 0;
	if (is(r, number + 1, "bpm")) used = number + 2 - r->at;
	else if (is(r, number + 1, "beats") && is(r, number + 2, "per")) used = number + 4 - r->at;
	else if (!used && (is(r, r->at - 1, "at") || is(r, r->at - 1, "=")) && v >= 40 && v <= 240) used = 1;
	if (!used) return 0;
	if (number + used > r->n + number - r->at) used = r->n - r->at;
	if (!r->negated) r->w->bpm = v;
	return used;
}

static int
rule_meter(struct reader *r)
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
		else keep(&r->w->ignored, r->t + r->at, 3);
		return 3;
	}
	for (size_t i = 0; i < NELEM(names); i++) {
		int used = match(r, names[i].words);

		/* A written meter is surer than a word: a waltz may be asked for in 6/8. */
		if (used && !r->negated && !r->w->has_meter) r->w->has_meter = meter_make(names[i].num, names[i].den, &r->w->meter);
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
	{ "minor, min, moll, mineur, menor, aeolian, natural minor, harmonic minor, melodic minor", MODE_MINOR },
	{ "dorian, dorisch", MODE_DORIAN },
	{ "phrygian", MODE_PHRYGIAN },
	{ "lydian", MODE_LYDIAN },
	{ "mixolydian", MODE_MIXOLYDIAN },
	{ "locrian", MODE_LOCRIAN },
};

static int
mode_at(const struct reader *r, int at, enum theory_mode *out)
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
is_article(const struct reader *r, int after)
{
	static const char *const nouns[] = { "key", "mode", "mood", "feel", "scale", "chord", "tonality", "chords", NULL };

	return !r->t[r->at].capital && after < r->n && str_index(r->t[after].plain, nouns) >= 0;
}

/* A note name at a token: its class, 'flat' and 'sharp' behind it included; *used tokens. */
static int
tonic_at(const struct reader *r, char *accidental, bool *minor, int *used)
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
rule_key(struct reader *r)
{
	char accidental;
	bool minor, sure;
	int used, mode_used, tonic = tonic_at(r, &accidental, &minor, &used);
	enum theory_mode mode = MODE_MINOR;

	if (tonic < 0) return 0;
	mode_used = minor ? 0 : mode_at(r, r->at + used, &mode);
	if (mode_used && is_article(r, r->at + used + mode_used)) return 0;
	/* A bare letter is a key only where a key is expected. */
	sure = mode_used || minor || r->attribute || (accidental && r->t[r->at].capital) || used == 2
		|| (r->t[r->at].capital && (is(r, r->at - 1, "in") || is(r, r->at - 1, ":")))
		|| (is(r, r->at - 1, "of") && is(r, r->at - 2, "key")) || is(r, r->at - 1, "key");
	if (!sure) return 0;
	if (r->negated) {
		keep(&r->w->excluded_words, r->t + r->at, used + mode_used);
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
rule_mode(struct reader *r)
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
rule_scale(struct reader *r)
{
	int used = match(r, "pentatonic, pentatonic scale, pentatonisch");

	if (used) {
		r->w->pentatonic = !r->negated;
		return used;
	}
	used = match(r, "blues scale");
	if (used) r->w->blues = !r->negated;
	return used;
}

static int
rule_style(struct reader *r)
{
	int best = 0, which = -1;
	struct wish *w = r->w;

	for (int i = 0; i < r->n_styles; i++) {
		int used = match(r, r->styles[i].words);

		if (used > best) best = used, which = i;
	}
	if (which >= 0 && r->negated) {
		w->hint[which] = -100;
		keep(&w->excluded_words, r->t + r->at, best);
	} else if (which >= 0 && w->style >= 0 && w->style != which) {
		/* Two styles in one prompt: the first leads, the other is only tasted. */
		w->hint[which]++;
		keep(&w->ignored, r->t + r->at, best);
	} else if (which >= 0) {
		w->style = which;
	}
	return best;
}

/* Words that point to styles without naming one; they may mean something else as well. */
static int
hint_styles(struct reader *r)
{
	int best = 0;

	for (int i = 0; i < r->n_styles; i++) {
		int used = match(r, r->styles[i].hints);

		if (!used) continue;
		if (r->negated) r->w->hint[i] = -100;
		else if (r->w->hint[i] >= 0) r->w->hint[i] += used;
		if (used > best) best = used;
	}
	return best;
}

static int
rule_tempo_word(struct reader *r)
{
	int best = 0;
	const struct tempo_word *word = NULL;

	for (size_t i = 0; i < tempo_word_count; i++) {
		int used = match(r, tempo_words[i].words);

		if (used > best) best = used, word = &tempo_words[i];
	}
	if (!word || r->negated) return best;	/* "not too fast" asks for nothing in particular */
	if (word->bpm && !r->w->bpm) r->w->bpm = word->bpm;
	else if (!word->bpm) r->w->place = word->place;
	return best;
}

static int
rule_mood(struct reader *r)
{
	int best = 0, which = -1;
	struct wish *w = r->w;

	for (size_t i = 0; i < mood_count; i++) {
		int used = match(r, moods[i].words), named = match(r, moods[i].name);

		if (named > used) used = named;
		if (used > best) best = used, which = (int)i;
	}
	if (which < 0) return 0;
	if (r->negated) {
		keep(&w->excluded_words, r->t + r->at, best);
		return best;
	}
	for (int i = 0; i < w->n_moods; i++)
		if (w->mood[i] == which) return best;
	if (w->n_moods < WISH_MOODS) w->mood[w->n_moods++] = which;
	else keep(&w->ignored, r->t + r->at, best);
	return best;
}

static bool
same_asked(struct wish_asked a, struct wish_asked b)
{
	return a.instrument == b.instrument && a.kind == b.kind && a.role == b.role;
}

static void
add_asked(struct wish_asked *list, int *n, struct wish_asked a)
{
	for (int i = 0; i < *n; i++)
		if (same_asked(list[i], a)) return;
	if (*n < WISH_ASKED) list[(*n)++] = a;
}

/* The longest name of an instrument, a family or a role. */
static int
find_instrument(struct reader *r, struct wish_asked *found)
{
	int best = 0;

	for (size_t i = 0; i < instrument_count; i++) {
		int used = match(r, instruments[i].words), named = match(r, instruments[i].name);

		if (named > used) used = named;
		if (used > best) best = used, *found = (struct wish_asked){ .instrument = &instruments[i], .role = ROLE_COUNT };
	}
	for (size_t i = 0; i < kind_word_count; i++) {
		int used = match(r, kind_words[i].words);

		if (used > best) best = used, *found = (struct wish_asked){ .kind = &kind_words[i], .role = ROLE_COUNT };
	}
	for (int i = 0; i < ROLE_COUNT; i++) {
		int used = match(r, role_words[i]);

		if (used > best) best = used, *found = (struct wish_asked){ .role = (enum role)i };
	}
	return best;
}

static int
rule_instrument(struct reader *r)
{
	struct wish_asked found = { .role = ROLE_COUNT };
	int used = find_instrument(r, &found);

	if (!used) return 0;
	if (r->negated) {
		/* Without piano means without any kind of it that goes by the same family word alone. */
		add_asked(r->w->excluded, &r->w->n_excluded, found);
		keep(&r->w->excluded_words, r->t + r->at, used);
	} else {
		add_asked(r->w->asked, &r->w->n_asked, found);
	}
	return used;
}

static int
rule_voice(struct reader *r)
{
	int used = match(r, words_voice);

	if (used) keep(r->negated ? &r->w->excluded_words : &r->w->ignored, r->t + r->at, used);
	return used;
}

static int
rule_solo(struct reader *r)
{
	int used = match(r, words_solo);

	/* "guitar solo" is a passage of a piece, "solo guitar" is all of it. */
	if (used && !(is(r, r->at, "solo") && r->w->n_asked && !is(r, r->at + 1, "piano"))) r->w->solo = true;
	return used;
}

static int
rule_fade(struct reader *r)
{
	int used = match(r, words_fade);

	if (used) r->w->fade = !r->negated;
	return used;
}

static int
rule_filler(struct reader *r)
{
	return match(r, words_filler);
}

/* Tried in this order; of rules that both fit, the one that takes more tokens wins, see step(). */
static rule *const rules[] = {
	rule_bpm, rule_meter, rule_key, rule_scale, rule_fade, rule_style, rule_instrument, rule_mode,
	rule_tempo_word, rule_mood, rule_voice, rule_solo,
};

/* How long is the longest name at this place, and is it a style's? "jazz guitar" is an instrument,
 * "jazz" a style, "bossa nova guitar" both in turn. */
static bool
style_is_longest(struct reader *r)
{
	struct wish_asked found;
	int style = 0;

	for (int i = 0; i < r->n_styles; i++) {
		int used = match(r, r->styles[i].words);

		if (used > style) style = used;
	}
	return style && style >= find_instrument(r, &found);
}

static int
apply_rules(struct reader *r)
{
	for (size_t i = 0; i < NELEM(rules); i++) {
		int used;

		if (rules[i] == rule_style && !style_is_longest(r)) continue;
		used = rules[i](r);
		if (used) return used;
	}
	return 0;
}

/* Is what follows still meant by a negation? "no drums or bass" is one, "no drums, soft piano" is not. */
static bool
negation_goes_on(const struct reader *r)
{
	struct reader next = *r;
	struct wish_asked found;
	int joined = match(r, words_joining);

	if (!joined) return false;
	next.at += joined;
	return next.at < r->n && find_instrument(&next, &found) > 0;
}

static int
start_negation(struct reader *r)
{
	int used = match(r, words_negation);

	if (used) r->negated = true;
	return used;
}

static void
read_tokens(struct reader *r)
{
	for (r->at = 0; r->at < r->n;) {
		int used, hinted;

		if (r->t[r->at].mark) {
			r->negated = false;
			r->at++;
			continue;
		}
		hinted = hint_styles(r);
		used = r->negated ? 0 : start_negation(r);
		if (used) {
			r->at += used;
			continue;
		}
		used = apply_rules(r);
		if (used) {
			r->at += used;
			if (r->negated) r->negated = negation_goes_on(r);
			continue;
		}
		used = rule_filler(r);
		if (!used && !hinted) keep(r->negated ? &r->w->excluded_words : &r->w->ignored, r->t + r->at, 1);
		if (!used && r->negated) r->negated = false;
		r->at += used ? used : hinted ? hinted : 1;
	}
}

static void
read_text(const char *text, const struct style *styles, int n_styles, bool attribute, struct wish *w)
{
	struct token *t = calloc(TOKENS_MAX, sizeof *t);
	struct reader r = { .t = t, .styles = styles, .n_styles = n_styles, .attribute = attribute, .w = w };

	if (!t) abort();
	r.n = tokens_read(text, t, TOKENS_MAX);
	read_tokens(&r);
	free(t);
}

static struct wish
empty_wish(void)
{
	return (struct wish){ .style = -1, .place = -1, .tonic = -1 };
}

/* The text of an attribute, read on its own; what it does not understand is ignored as a whole. */
static struct wish
read_attribute(const char *text, const struct style *styles, int n_styles)
{
	struct wish w = empty_wish();

	read_text(text, styles, n_styles, true, &w);
	return w;
}

static void
take_ignored(struct wish *to, const struct wish *from)
{
	for (int i = 0; i < from->ignored.n && to->ignored.n < WISH_WORDS; i++)
		memcpy(to->ignored.text[to->ignored.n++], from->ignored.text[i], WISH_WORD);
}

static void
attribute_style(struct wish *w, const struct wish *a)
{
	if (a->style < 0) {
		for (int i = 0; i < WISH_STYLES; i++)
			if (a->hint[i] > 0) w->hint[i] += 50 * a->hint[i], w->style = -1;
		return;
	}
	if (w->style >= 0 && w->style != a->style) w->hint[w->style]++;
	w->style = a->style;
	if (a->has_meter) w->has_meter = true, w->meter = a->meter;
}

static void
attribute_key(struct wish *w, const struct wish *a)
{
	if (a->tonic >= 0) w->tonic = a->tonic, w->accidental = a->accidental;
	if (a->has_mode) w->has_mode = true, w->mode = a->mode;
}

static void
attribute_mood(struct wish *w, const struct wish *a)
{
	if (!a->n_moods) return;
	memcpy(w->mood, a->mood, sizeof w->mood);
	w->n_moods = a->n_moods;
}

static void
attribute_instruments(struct wish *w, const struct cJSON *list, const struct style *styles, int n_styles)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list) {
		struct wish a;

		if (!cJSON_IsString(item)) continue;
		a = read_attribute(item->valuestring, styles, n_styles);
		for (int i = 0; i < a.n_asked; i++) add_asked(w->asked, &w->n_asked, a.asked[i]);
		if (!a.n_asked) take_ignored(w, &a);
	}
}

static void
read_attributes(const struct cJSON *o, const struct style *styles, int n_styles, struct wish *w)
{
	static const struct {
		const char *name;
		void (*take)(struct wish *w, const struct wish *a);
	} texts[] = { { "style", attribute_style }, { "key", attribute_key }, { "mood", attribute_mood } };
	const cJSON *tempo = cJSON_GetObjectItemCaseSensitive(o, "tempo");
	const cJSON *primary = cJSON_GetObjectItemCaseSensitive(o, "primary_instruments");
	const cJSON *secondary = cJSON_GetObjectItemCaseSensitive(o, "secondary_instruments");

	for (size_t i = 0; i < NELEM(texts); i++) {
		const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, texts[i].name);

		if (!cJSON_IsString(v)) continue;
		struct wish a = read_attribute(v->valuestring, styles, n_styles);
		texts[i].take(w, &a);
		take_ignored(w, &a);
	}
	if (cJSON_IsNumber(tempo) && tempo->valuedouble >= 30 && tempo->valuedouble <= 300) {
		w->bpm = (int)(tempo->valuedouble + 0.5);
		w->place = -1;
	}
	/* A list of instruments replaces those of the text; what the text rules out stays out unless listed. */
	if (cJSON_GetArraySize(primary) + cJSON_GetArraySize(secondary) > 0) w->n_asked = 0;
	attribute_instruments(w, primary, styles, n_styles);
	attribute_instruments(w, secondary, styles, n_styles);
}

/* What is asked for by an attribute is in, whatever the text says. */
static void
forgive_asked(struct wish *w)
{
	int n = 0;

	for (int i = 0; i < w->n_excluded; i++) {
		bool asked = false;

		for (int k = 0; k < w->n_asked && !asked; k++) asked = same_asked(w->excluded[i], w->asked[k]);
		if (!asked) w->excluded[n++] = w->excluded[i];
	}
	w->n_excluded = n;
}

void
prompt_read(const char *prompt, const struct cJSON *attributes, const struct style *styles, int n_styles,
	struct wish *out)
{
	*out = empty_wish();
	if (n_styles > WISH_STYLES) n_styles = WISH_STYLES;
	read_text(prompt, styles, n_styles, false, out);
	if (attributes) read_attributes(attributes, styles, n_styles, out);
	forgive_asked(out);
}

static bool
covers(const struct wish_asked *x, const struct instrument *i, enum role role)
{
	if (x->role != ROLE_COUNT) return x->role == role || (x->role == ROLE_DRUMS && i->family == FAMILY_DRUMS);
	if (x->kind) return instrument_is(i, x->kind);
	if (x->instrument->family == FAMILY_DRUMS) return i->family == FAMILY_DRUMS;
	/* "No piano" means electric ones as well; "no electric piano" leaves the others. */
	return strstr(i->name, x->instrument->name) != NULL;
}

bool
wish_excludes(const struct wish *w, const struct instrument *i, enum role role)
{
	for (int k = 0; k < w->n_excluded; k++)
		if (covers(&w->excluded[k], i, role)) return true;
	return false;
}
