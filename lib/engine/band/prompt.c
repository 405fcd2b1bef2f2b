#include "engine/band/prompt.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/band/prompt_rules.h"

const char *const passage_names[PASSAGE_COUNT] = {
	[PASSAGE_INTRO] = "intro",
	[PASSAGE_VERSE] = "verse",
	[PASSAGE_CHORUS] = "chorus",
	[PASSAGE_BRIDGE] = "bridge",
	[PASSAGE_BUILD] = "build-up",
	[PASSAGE_DROP] = "drop",
	[PASSAGE_SOLO] = "solo",
	[PASSAGE_OUTRO] = "outro",
	[PASSAGE_ENDING] = "ending",
};

const char *const shape_names[SHAPE_COUNT] = { "any", "rising", "falling", "steady" };

/* Is what follows still meant by a negation? "no drums or bass" is one, "no drums, soft piano" is
 * not. */
static bool
negation_goes_on(const struct prompt_reader *r)
{
	struct prompt_reader next = *r;
	struct wish_asked found;
	int joined = prompt_match(r, words_joining);

	if (!joined) return false;
	next.at += joined;
	return next.at < r->n && prompt_find_instrument(&next, &found) > 0;
}

static int
start_negation(struct prompt_reader *r)
{
	int used = prompt_match(r, words_negation);

	if (used) r->negated = true;
	return used;
}

static void
read_tokens(struct prompt_reader *r)
{
	for (r->at = 0; r->at < r->n;) {
		int used, hinted;

		if (r->t[r->at].mark) {
			r->negated = false;
			r->at++;
			continue;
		}
		hinted = prompt_hint_styles(r);
		used = r->negated ? 0 : start_negation(r);
		if (used) {
			r->at += used;
			continue;
		}
		used = prompt_apply_rules(r);
		if (used) {
			r->at += used;
			if (r->negated) r->negated = negation_goes_on(r);
			continue;
		}
		used = prompt_match(r, words_filler);
		if (!used && !hinted)
			prompt_keep(r->negated ? &r->w->excluded_words : &r->w->ignored,
				r->t + r->at, 1);
		if (!used && r->negated) r->negated = false;
		r->at += used ? used : hinted ? hinted : 1;
	}
}

static void
read_text(
	const char *text, const struct style *styles, int n_styles, bool attribute, struct wish *w)
{
	struct token *t = calloc(TOKENS_MAX, sizeof *t);
	struct prompt_reader r = {
		.t = t, .styles = styles, .n_styles = n_styles, .attribute = attribute, .w = w
	};

	if (!t) abort();
	r.n = tokens_read(text, t, TOKENS_MAX);
	read_tokens(&r);
	free(t);
}

static struct wish
empty_wish(void)
{
	return (struct wish){
		.style = -1, .second = -1, .place = -1, .tonic = -1, .ending = -1
	};
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
	memcpy(w->strength, a->strength, sizeof w->strength);
	w->n_moods = a->n_moods;
}

static void
attribute_instruments(
	struct wish *w, const struct cJSON *list, const struct style *styles, int n_styles)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list) {
		struct wish a;

		if (!cJSON_IsString(item)) continue;
		a = read_attribute(item->valuestring, styles, n_styles);
		for (int i = 0; i < a.n_asked; i++)
			prompt_add_asked(w->asked, &w->n_asked, a.asked[i]);
		if (!a.n_asked) take_ignored(w, &a);
	}
}

static void
read_attributes(const struct cJSON *o, const struct style *styles, int n_styles, struct wish *w)
{
	static const struct {
		const char *name;
		void (*take)(struct wish *w, const struct wish *a);
	} texts[] = { { "style", attribute_style }, { "key", attribute_key },
		{ "mood", attribute_mood } };
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
	/* A list of instruments replaces those of the text; what the text rules out stays out
	 * unless listed. */
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

		for (int k = 0; k < w->n_asked && !asked; k++)
			asked = prompt_same_asked(w->excluded[i], w->asked[k]);
		if (!asked) w->excluded[n++] = w->excluded[i];
	}
	w->n_excluded = n;
}

void
prompt_read(const char *prompt, const struct cJSON *attributes, const struct style *styles,
	int n_styles, struct wish *out)
{
	*out = empty_wish();
	if (n_styles > WISH_STYLES) n_styles = WISH_STYLES;
	read_text(prompt, styles, n_styles, false, out);
	if (attributes) read_attributes(attributes, styles, n_styles, out);
	forgive_asked(out);
}

/* Two moods add up; of more, each counts for less: three words for calm are no deeper calm. */
struct mood_sum
wish_moods(const struct wish *w)
{
	struct mood_sum sum = {0};
	int part = w->n_moods > 2 ? 2 : 1, of = w->n_moods > 2 ? w->n_moods : 1;

	for (int i = 0; i < w->n_moods; i++) {
		const struct mood *m = &moods[w->mood[i]];

		sum.minor += m->minor * w->strength[i];
		sum.tempo += m->tempo * w->strength[i];
		sum.energy += m->energy * w->strength[i];
		sum.height += m->height * w->strength[i];
		sum.space += m->space * w->strength[i];
	}
	sum.minor = sum.minor * part / of / 100;
	sum.tempo = sum.tempo * part / of / 100;
	sum.energy = sum.energy * part / of / 100;
	sum.height = sum.height * part / of / 100;
	sum.space = sum.space * part / of / 100;
	return sum;
}

static bool
covers(const struct wish_asked *x, const struct instrument *i, enum role role)
{
	if (x->role != ROLE_COUNT)
		return x->role == role || (x->role == ROLE_DRUMS && i->family == FAMILY_DRUMS);
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
