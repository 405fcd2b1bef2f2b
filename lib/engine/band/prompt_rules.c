#include "engine/band/prompt_rules.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"

/* A rule returns how many tokens it took, 0 where its meaning makes no sense. */
typedef int rule(struct prompt_reader *r, const struct meaning_match *m);

static rule apply_player, apply_tempo;

/* How far an adjective may stand from its noun. */
enum { AHEAD = 6 };

bool
prompt_is(const struct prompt_reader *r, int at, const char *word)
{
	return at >= 0 && at < r->n && strcmp(r->t[at].plain, word) == 0;
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

bool
prompt_same_asked(struct wish_asked a, struct wish_asked b)
{
	return a.instrument == b.instrument && a.kind == b.kind && a.role == b.role;
}

int
prompt_add_asked(struct wish_asked *list, int *n, struct wish_asked a)
{
	for (int i = 0; i < *n; i++) {
		if (!prompt_same_asked(list[i], a)) continue;
		if (a.emphasis) list[i].emphasis = a.emphasis;
		return i;
	}
	if (*n == WISH_ASKED) return -1;
	list[*n] = a;
	return (*n)++;
}

/* What begins at a token. The number of "jazz in 5/4" is that of a meter, and ends no phrase. */
static int
look_at(const struct prompt_reader *r, int at, struct meaning_match *found)
{
	int n = at < r->n ? lexicon_look(r->lexicon, r->t + at, r->n - at, found) : 0, kept = 0;

	for (int i = 0; i < n; i++) {
		int last = at + found[i].tokens - 1;

		if (last > at && strchr("0123456789", r->t[last].plain[0]) && r->t[last].plain[0]
			&& prompt_is(r, last + 1, "/"))
			continue;
		found[kept++] = found[i];
	}
	return kept;
}

void
prompt_look(struct prompt_reader *r)
{
	r->founds = look_at(r, r->at, r->found);
}

/* The longest phrase at a token of one of the meanings whose bits are set: how many tokens it takes, 0
 * if something else is longer. */
static int
longest_at(const struct prompt_reader *r, int at, uint32_t meanings, struct meaning_match *out)
{
	struct meaning_match found[LEXICON_MATCHES];
	int n = look_at(r, at, found), longest = 0;

	for (int i = 0; i < n && (!longest || found[i].tokens == longest); i++) {
		if (meanings >> found[i].meaning & 1) {
			*out = found[i];
			return found[i].tokens;
		}
		/* A hint takes nothing away from others. */
		if (found[i].meaning < MEANS_HINT) longest = found[i].tokens;
	}
	return 0;
}

#define BIT(meaning) (1u << (meaning))

enum {
	ADJECTIVES = BIT(MEANS_MOOD) | BIT(MEANS_TEMPO) | BIT(MEANS_SIZE) | BIT(MEANS_DEGREE),
	PLAYERS = BIT(MEANS_INSTRUMENT) | BIT(MEANS_KIND) | BIT(MEANS_ROLE),
	SOUNDS = PLAYERS | BIT(MEANS_TEXTURE),
	NOUNS = SOUNDS | BIT(MEANS_VOICE) | BIT(MEANS_PASSAGE) | BIT(MEANS_STYLE),
};

static bool
is_article(const struct prompt_reader *r, int at)
{
	static const char *const list[] = { "a", "an", "the", "of", "some", "le", "la", "un", "une", "ein",
		"eine", "el", "una", "um", "uma", "o", NULL };

	return at < r->n && str_index(r->t[at].plain, list) >= 0;
}

/* The passage that the words at the reader describe ("slow and quiet intro"), or -1; *to is the token
 * behind its name. */
static int
passage_ahead(const struct prompt_reader *r, int *to)
{
	struct meaning_match m;
	bool adjective = false;

	for (int at = r->at, n; at < r->n && at < r->at + AHEAD + 2; at += n) {
		n = longest_at(r, at, BIT(MEANS_PASSAGE), &m);
		/* "solo piano" is no passage. */
		if (n && !(m.value == PASSAGE_SOLO && at == r->at)) {
			*to = at + n;
			return m.value;
		}
		if ((n = longest_at(r, at, ADJECTIVES, &m))) adjective = true;
		else if ((n = longest_at(r, at, PLAYERS, &m))) adjective = false;
		else if (is_article(r, at) && at == r->at) n = 1;
		else if (adjective && (n = longest_at(r, at, BIT(MEANS_JOINING), &m))) {
			if (!longest_at(r, at + n, ADJECTIVES, &m)) return -1;
		} else return -1;
	}
	return -1;
}

/* Does an instrument or texture follow, adjectives between? */
static bool
sound_ahead(const struct prompt_reader *r, int at)
{
	struct meaning_match m;

	for (int n, end = at + AHEAD; at < r->n && at < end; at += n) {
		if (longest_at(r, at, SOUNDS, &m)) return true;
		n = longest_at(r, at, ADJECTIVES, &m);
		if (!n && is_article(r, at)) n = 1;
		if (!n) return false;
	}
	return false;
}

/* The end of what is ruled out together with what ends at a token: "no drums or bass", "without drums,
 * bass or piano"; "no drums, soft piano" ends at once. */
static int
negation_end(const struct prompt_reader *r, int at, uint32_t nouns)
{
	struct meaning_match m;
	int sure = at;
	bool listed = false;

	for (int n; at < r->n;) {
		int joined = longest_at(r, at, BIT(MEANS_JOINING), &m), with_or = joined && m.value;

		if (prompt_is(r, at, ",") && r->t[at].mark) {
			joined = 1;
			n = longest_at(r, at + 1, BIT(MEANS_JOINING), &m);
			with_or = n && m.value;
			joined += n;
			listed |= !n;
		} else if (prompt_is(r, at, "/")) joined = with_or = 1;
		if (!joined) break;
		n = longest_at(r, at + joined, nouns, &m);
		if (!n && is_article(r, at + joined)) n = longest_at(r, at + ++joined, nouns, &m);
		if (!n) break;
		at += joined + n;
		if (with_or || !listed) sure = at;
	}
	return sure;
}

/* Something was ruled out, and n tokens say it. */
static void
rule_out(struct prompt_reader *r, int n, uint32_t nouns)
{
	prompt_keep(&r->w->excluded_words, r->t + r->at, n);
	if (r->at + n <= r->negated_to) return;
	r->negated_to = negation_end(r, r->at + n, nouns);
	r->negated = r->negated_to > r->at + n;
}

/* An adjective of what may be ruled out behind it: "no heavy drums". */
static int
ruled_out_adjective(struct prompt_reader *r, int n, uint32_t nouns)
{
	struct meaning_match m;

	if (longest_at(r, r->at + n, NOUNS, &m)) return n;
	rule_out(r, n, nouns);
	return n;
}

static int
take_degree(struct prompt_reader *r)
{
	int degree = r->degree ? r->degree : 100;

	r->degree = 0;
	return degree;
}

static void
add_energy(struct wish_passage *p, int energy)
{
	if (energy < -2) energy = -2;
	if (energy > 2) energy = 2;
	p->asked = true;
	if (!p->energy || p->energy * energy < 0 || energy / 2) p->energy = (int8_t)energy;
}

static int
apply_nothing(struct prompt_reader *r, const struct meaning_match *m)
{
	if (!m->value) prompt_keep(&r->w->ignored, r->t + r->at, m->tokens);
	return m->tokens;
}

static int
apply_meter(struct prompt_reader *r, const struct meaning_match *m)
{
	static const char *const counts[] = { "two", "three", "four", "five", "seven", "2", "3", "4", "5",
		"7", NULL };
	int next = r->at + m->tokens;
	struct wish *w = r->w;

	/* "in three", but not "in three parts" */
	if (prompt_is(r, r->at, "in") && str_index(r->t[next - 1].plain, counts) >= 0) {
		struct meaning_match end;

		if (next < r->n && !r->t[next].mark
			&& !longest_at(r, next, BIT(MEANS_TURN) | BIT(MEANS_JOINING), &end))
			return 0;
	}
	/* A written meter is surer than a word: a waltz may be asked for in 6/8. */
	if (!r->negated && !w->has_meter)
		w->has_meter = meter_make(m->value / 16, m->value % 16, &w->meter);
	return m->tokens;
}

static int
apply_scale(struct prompt_reader *r, const struct meaning_match *m)
{
	if (m->value == SCALE_BLUES) r->w->blues = !r->negated;
	else r->w->pentatonic = !r->negated;
	return m->tokens;
}

static int
apply_ending(struct prompt_reader *r, const struct meaning_match *m)
{
	if (r->negated) rule_out(r, m->tokens, BIT(MEANS_ENDING));
	/* What does not fade rings out. */
	else r->w->ending = m->value;
	if (r->negated && m->value == ENDING_FADE) r->w->ending = ENDING_RING;
	return m->tokens;
}

static int
apply_shape(struct prompt_reader *r, const struct meaning_match *m)
{
	if (r->negated) {
		rule_out(r, m->tokens, BIT(MEANS_SHAPE));
		r->w->shape = SHAPE_STEADY;
	} else r->w->shape = (enum shape)m->value;
	r->scope = -1;
	return m->tokens;
}

static int
apply_scope(struct prompt_reader *r, const struct meaning_match *m)
{
	if (r->negated) return 0;
	r->scope = m->value;
	r->scope_to = r->n;
	return m->tokens;
}

static void
add_mood(struct prompt_reader *r, int which)
{
	struct wish *w = r->w;
	int degree = take_degree(r), i = 0;

	/* A sad solo is one in a sad piece. */
	if (r->scope >= 0 && r->scope != PASSAGE_SOLO) {
		int energy = moods[which].energy * degree / 100;

		if (energy <= -10 || energy >= 8)
			add_energy(&w->passage[r->scope], energy >= 20 ? 2 : energy > 0 ? 1
				: energy <= -28 ? -2 : -1);
		return;
	}
	while (i < w->n_moods && w->mood[i] != which) i++;
	if (i == WISH_MOODS) return;
	if (i == w->n_moods) w->mood[w->n_moods++] = which, w->strength[i] = degree;
	else if (degree != 100) w->strength[i] = degree;
}

static int
apply_mood(struct prompt_reader *r, const struct meaning_match *m)
{
	if (r->negated) return ruled_out_adjective(r, m->tokens, BIT(MEANS_MOOD));
	add_mood(r, m->value);
	return m->tokens;
}

static int
apply_texture(struct prompt_reader *r, const struct meaning_match *m)
{
	int8_t *texture = &r->w->texture[m->value];

	if (r->negated) {
		*texture = -1;
		rule_out(r, m->tokens, SOUNDS | BIT(MEANS_VOICE));
		return m->tokens;
	}
	*texture = (int8_t)(r->emphasis > 0 ? 2 * TEXTURE_USUAL
		: r->emphasis < 0 ? TEXTURE_USUAL / 2 : TEXTURE_USUAL);
	r->emphasis = 0;
	/* "Rainy" is a mood besides. */
	for (int i = 0; i < r->founds; i++)
		if (r->found[i].meaning == MEANS_MOOD && r->found[i].tokens == m->tokens)
			add_mood(r, r->found[i].value);
	return m->tokens;
}

/* The name of a style says more than that: "slow blues", "dark trap", "string quartet". */
static void
hear_inside(struct prompt_reader *r, int n)
{
	static const struct {
		uint32_t meanings;
		rule *apply;
	} kinds[] = { { BIT(MEANS_TEMPO), apply_tempo }, { BIT(MEANS_MOOD), apply_mood },
		{ BIT(MEANS_INSTRUMENT) | BIT(MEANS_KIND), apply_player } };
	int from = r->at, end = r->at + n;

	for (int used; r->at < end; r->at += used) {
		struct meaning_match found[LEXICON_MATCHES];
		int count = look_at(r, r->at, found);

		used = 1;
		for (int i = 0; i < count && used == 1; i++)
			for (size_t k = 0; k < NELEM(kinds); k++)
				if (r->at + found[i].tokens <= end && kinds[k].meanings >> found[i].meaning & 1)
					used = kinds[k].apply(r, &found[i]);
	}
	r->at = from;
}

static int
apply_style(struct prompt_reader *r, const struct meaning_match *m)
{
	struct wish *w = r->w;
	bool adjoining = r->style_to == r->at;

	if (r->negated) {
		w->hint[m->value] = -100;
		rule_out(r, m->tokens, BIT(MEANS_STYLE));
		return m->tokens;
	}
	if (w->style < 0 || w->style == m->value) {
		w->style = m->value;
	} else if (w->second < 0 || w->second == m->value) {
		/* Of "jazz, hip hop" the first leads; "jazz hip hop" is hip hop with something of
		 * jazz. */
		w->second = adjoining ? w->style : m->value;
		if (adjoining) w->style = m->value;
	} else {
		prompt_keep(&w->ignored, r->t + r->at, m->tokens);
	}
	r->style_to = r->at + m->tokens;
	hear_inside(r, m->tokens);
	return m->tokens;
}

/* The run of adjectives behind the name of a passage, "intro lente": where it ends. */
static int
adjectives_behind(const struct prompt_reader *r, int at)
{
	struct meaning_match m;
	int from = at;

	for (int n; at < r->n && (n = longest_at(r, at, ADJECTIVES, &m)); at += n) continue;
	return longest_at(r, at, NOUNS, &m) ? from : at;
}

static const struct instrument *
one_of(const struct meaning_match *m)
{
	if (m->meaning == MEANS_INSTRUMENT) return &instruments[m->value];
	if (m->meaning == MEANS_KIND) return instrument_find(kind_words[m->value].instrument);
	return m->value == ROLE_DRUMS ? instrument_find("drum kit")
		: m->value == ROLE_BASS ? instrument_find("electric bass") : NULL;
}

/* Behind the name of a passage: who is heard there, or how it is. */
static void
look_behind_passage(struct prompt_reader *r, int passage, int at)
{
	static const char *const of[] = { "with", "mit", "avec", "con", "com", "featuring", ":", NULL },
		*const on[] = { "de", "of", "on", "au", "a", "al", "ao", "am", "do", "del", NULL };
	struct meaning_match m, next;

	r->scope = passage;
	/* "[Chorus] full band, epic [Outro]": what follows the brackets belongs to it. */
	if (prompt_is(r, at, "]")) {
		for (r->scope_to = at + 1; r->scope_to < r->n; r->scope_to++)
			if (prompt_is(r, r->scope_to, "[")) break;
		r->marked_to = r->scope_to;
		return;
	}
	if (at < r->n && str_index(r->t[at].plain, of) >= 0
		&& longest_at(r, at + 1, SOUNDS | ADJECTIVES, &m)) {
		r->scope_to = r->n;
		/* The colon is no end of it. */
		if (r->t[at].mark) r->marked_to = at + 1;
		return;
	}
	r->scope_to = adjectives_behind(r, at);
	/* "solo de guitarra", "intro lente au piano" */
	if (r->scope_to < r->n && str_index(r->t[r->scope_to].plain, on) >= 0
		&& longest_at(r, r->scope_to + 1, PLAYERS, &next))
		r->scope_to += 1 + next.tokens;
	if (r->scope_to == at) r->scope = -1;
}

/* "with a guitar solo", and not "guitar solo" alone? */
static bool
is_part_of_more(const struct prompt_reader *r, int at)
{
	static const char *const words[] = { "with", "and", "plus", "featuring", "includes", "has", "mit",
		"und", "avec", "et", "con", "y", "com", "e", "then", NULL };

	for (int i = at - 1; i >= 0 && i > at - AHEAD; i--)
		if (str_index(r->t[i].plain, words) >= 0) return true;
	return false;
}

static int
apply_passage(struct prompt_reader *r, const struct meaning_match *m)
{
	struct wish *w = r->w;
	struct wish_passage *p = &w->passage[m->value];
	int behind = r->at + m->tokens;
	struct meaning_match next;

	if (m->value == PASSAGE_SOLO && longest_at(r, behind, PLAYERS, &next) && !r->negated) {
		w->solo |= r->scope < 0;
		return m->tokens;
	}
	if (r->negated) {
		*p = (struct wish_passage){ .without = true };
		rule_out(r, m->tokens, NOUNS);
		return m->tokens;
	}
	p->asked = true;
	p->without = false;
	if (m->value == PASSAGE_SOLO && is_part_of_more(r, r->at)) r->solo_passage = true;
	look_behind_passage(r, m->value, behind);
	return m->tokens;
}

static struct wish_asked
asked_of(const struct meaning_match *m)
{
	struct wish_asked a = { .role = ROLE_COUNT };

	if (m->meaning == MEANS_INSTRUMENT) a.instrument = &instruments[m->value];
	else if (m->meaning == MEANS_KIND) a.kind = &kind_words[m->value];
	else a.role = (enum role)m->value;
	return a;
}

static int
apply_player(struct prompt_reader *r, const struct meaning_match *m)
{
	struct wish_asked a = asked_of(m);
	struct wish *w = r->w;

	/* In "violão e piano" the e is no part of the name, in "e-piano" it is. */
	if (prompt_is(r, r->at, "e") && r->asked_to == r->at && m->tokens > 1
		&& r->t[r->at].from[1] != '-')
		return 0;
	if (r->negated) {
		/* Without a drum kit means without drums. */
		if (a.instrument == instrument_find("drum kit"))
			a = (struct wish_asked){ .role = ROLE_DRUMS };
		prompt_add_asked(w->excluded, &w->n_excluded, a);
		rule_out(r, m->tokens, SOUNDS | BIT(MEANS_VOICE));
		return m->tokens;
	}
	a.emphasis = (int8_t)r->emphasis;
	r->emphasis = 0;
	r->asked = prompt_add_asked(w->asked, &w->n_asked, a);
	r->asked_to = r->at + m->tokens;
	if (r->scope >= 0 && one_of(m)) {
		w->passage[r->scope].asked = true;
		if (!w->passage[r->scope].instrument) w->passage[r->scope].instrument = one_of(m);
	}
	return m->tokens;
}

static int
apply_mode(struct prompt_reader *r, const struct meaning_match *m)
{
	int next = r->at + m->tokens;

	/* "a major breakthrough" */
	if (prompt_is(r, r->at - 1, "a") && next < r->n && !r->t[next].mark && !r->t[next].variants)
		return apply_nothing(r, &(struct meaning_match){ .tokens = m->tokens });
	if (!r->negated && !(r->w->has_mode && r->w->tonic >= 0)) {
		r->w->has_mode = true;
		r->w->mode = (enum theory_mode)m->value;
	}
	return m->tokens;
}

static int
apply_tempo(struct prompt_reader *r, const struct meaning_match *m)
{
	const struct tempo_word *word = &tempo_words[m->value];
	int degree = take_degree(r), slow = word->bpm ? word->bpm < 90 : word->place < 50;
	int place = 50 + (word->place - 50) * degree / 100;
	struct wish *w = r->w;

	if (r->scope >= 0 && r->scope != PASSAGE_SOLO) {
		w->passage[r->scope].asked = true;
		w->passage[r->scope].tempo = slow ? -1 : 1;
		return m->tokens;
	}
	if (r->negated) {
		struct meaning_match noun;

		/* "Not too fast" is on the slow side of the middle. */
		if (!word->bpm && !longest_at(r, r->at + m->tokens, NOUNS, &noun))
			w->place = slow ? 65 : 35;
		return ruled_out_adjective(r, m->tokens, BIT(MEANS_TEMPO));
	}
	if (word->bpm && !w->bpm) w->bpm = word->bpm;
	else if (!word->bpm) w->place = place < 0 ? 0 : place > 100 ? 100 : place;
	return m->tokens;
}

static int
apply_feel(struct prompt_reader *r, const struct meaning_match *m)
{
	if (!r->negated) r->w->feel = m->value;
	return m->tokens;
}

static int
apply_swing(struct prompt_reader *r, const struct meaning_match *m)
{
	r->w->swing = r->negated ? -m->value : m->value;
	return m->tokens;
}

/* "Big" and its like are said of a passage or of a sound; of neither, others have the word. */
static int
apply_size(struct prompt_reader *r, const struct meaning_match *m)
{
	const struct size_word *s = &size_words[m->value];

	if (r->negated) return 0;
	if (r->scope >= 0) {
		struct wish_passage *p = &r->w->passage[r->scope];

		p->asked = true;
		if (s->energy) add_energy(p, s->energy * (take_degree(r) > 100 ? 2 : 1));
		if (s->length) p->length = s->length;
		return m->tokens;
	}
	if (!s->emphasis || !sound_ahead(r, r->at + m->tokens)) return 0;
	r->emphasis = s->emphasis;
	r->degree = 0;
	return m->tokens;
}

static int
apply_degree(struct prompt_reader *r, const struct meaning_match *m)
{
	struct meaning_match next;

	if (!longest_at(r, r->at + m->tokens, ADJECTIVES, &next)) return 0;
	r->degree = m->value;
	return m->tokens;
}

/* "bass heavy", "piano driven", "strings in the background" */
static int
apply_behind(struct prompt_reader *r, const struct meaning_match *m)
{
	if (r->asked < 0 || r->asked_to != r->at) return 0;
	r->w->asked[r->asked].emphasis = (int8_t)m->value;
	return m->tokens;
}

/* "drum free", "drums: none": the instrument that was asked for just before is not wanted. */
static int
take_back(struct prompt_reader *r, const struct meaning_match *m)
{
	struct wish *w = r->w;
	bool follows = r->asked_to == r->at
		|| (r->asked_to == r->at - 1 && prompt_is(r, r->at - 1, ":"));

	if (r->asked != w->n_asked - 1 || r->asked < 0 || !follows) return 0;
	prompt_add_asked(w->excluded, &w->n_excluded, w->asked[--w->n_asked]);
	prompt_keep(&w->excluded_words, r->t + r->asked_to - 1, 1);
	r->asked = -1;
	return m->tokens;
}

static int
apply_negation(struct prompt_reader *r, const struct meaning_match *m)
{
	if (m->value) return take_back(r, m);
	r->negated = true;
	r->negated_to = 0;
	r->scope = -1;
	return m->tokens;
}

static int
apply_solo(struct prompt_reader *r, const struct meaning_match *m)
{
	if (!r->negated) r->w->solo = true;
	return m->tokens;
}

static int
apply_voice(struct prompt_reader *r, const struct meaning_match *m)
{
	if (r->negated) {
		r->instrumental = true;
		rule_out(r, m->tokens, SOUNDS | BIT(MEANS_VOICE));
	} else prompt_keep(&r->w->ignored, r->t + r->at, m->tokens);
	return m->tokens;
}

static int
apply_instrumental(struct prompt_reader *r, const struct meaning_match *m)
{
	r->instrumental = !r->negated;
	return m->tokens;
}

static int
apply_without(struct prompt_reader *r, const struct meaning_match *m)
{
	prompt_add_asked(r->w->excluded, &r->w->n_excluded,
		(struct wish_asked){ .role = (enum role)m->value });
	prompt_keep(&r->w->excluded_words, r->t + r->at, m->tokens);
	return m->tokens;
}

static int
apply_turn(struct prompt_reader *r, const struct meaning_match *m)
{
	r->negated = false;
	if (m->value) r->scope = -1;
	return m->tokens;
}

static int
apply_filler(struct prompt_reader *r, const struct meaning_match *m)
{
	(void)r;
	return m->tokens;
}

static rule *const rules[MEANS_COUNT] = {
	[MEANS_NOTHING] = apply_nothing,
	[MEANS_METER] = apply_meter,
	[MEANS_SCALE] = apply_scale,
	[MEANS_ENDING] = apply_ending,
	[MEANS_SHAPE] = apply_shape,
	[MEANS_SCOPE] = apply_scope,
	[MEANS_TEXTURE] = apply_texture,
	[MEANS_STYLE] = apply_style,
	[MEANS_PASSAGE] = apply_passage,
	[MEANS_INSTRUMENT] = apply_player,
	[MEANS_KIND] = apply_player,
	[MEANS_ROLE] = apply_player,
	[MEANS_MODE] = apply_mode,
	[MEANS_TEMPO] = apply_tempo,
	[MEANS_FEEL] = apply_feel,
	[MEANS_SWING] = apply_swing,
	[MEANS_SIZE] = apply_size,
	[MEANS_DEGREE] = apply_degree,
	[MEANS_BEHIND] = apply_behind,
	[MEANS_MOOD] = apply_mood,
	[MEANS_NEGATION] = apply_negation,
	[MEANS_SOLO] = apply_solo,
	[MEANS_VOICE] = apply_voice,
	[MEANS_INSTRUMENTAL] = apply_instrumental,
	[MEANS_WITHOUT] = apply_without,
	[MEANS_JOINING] = apply_filler,
	[MEANS_TURN] = apply_turn,
	[MEANS_FILLER] = apply_filler,
};

/* What words tell besides whatever else they mean: styles that they point to without naming them, the
 * meters of dances. */
static void
tell_besides(struct prompt_reader *r)
{
	int other = 0, nothing = 0;

	for (int i = 0; i < r->founds; i++) {
		const struct meaning_match *m = &r->found[i];

		if (m->meaning == MEANS_NOTHING && m->tokens > nothing) nothing = m->tokens;
		/* "Ragtime piano" names an instrument, and points to ragtime. */
		if (m->meaning == MEANS_STYLE && m->tokens < r->found[0].tokens
			&& r->found[0].meaning == MEANS_INSTRUMENT && !r->negated
			&& r->w->hint[m->value] >= 0)
			r->w->hint[m->value] += 2;
		if (m->meaning != MEANS_HINT && m->meaning != MEANS_FILLER && m->meaning != MEANS_DANCE)
			other = 1;
	}
	for (int i = 0; i < r->founds; i++) {
		const struct meaning_match *m = &r->found[i];
		int *hint = &r->w->hint[m->value < WISH_STYLES ? m->value : 0];

		/* A waltz may be asked for in 6/8: a written meter is surer. */
		if (m->meaning == MEANS_DANCE && !r->negated && !r->w->has_meter)
			r->w->has_meter = meter_make(m->value / 16, m->value % 16, &r->w->meter);
		if (m->meaning != MEANS_HINT || m->tokens < nothing) continue;
		/* "No piano" says nothing against ballads. */
		if (r->negated && !other) *hint = -100;
		else if (!r->negated && *hint >= 0) *hint += m->tokens;
		if (r->at + m->tokens > r->hinted_to) r->hinted_to = r->at + m->tokens;
	}
}

int
prompt_apply(struct prompt_reader *r)
{
	int known = 0;

	tell_besides(r);
	for (int i = 0; i < r->founds; i++) {
		const struct meaning_match *m = &r->found[i];
		int used = rules[m->meaning] ? rules[m->meaning](r, m) : 0;

		if (used) return used;
		if (!known) known = m->tokens;
	}
	/* "No club": only a hint. */
	if (known && r->negated) rule_out(r, known, NOUNS);
	return known;
}

void
prompt_pass(struct prompt_reader *r)
{
	if (r->negated) ruled_out_adjective(r, 1, NOUNS);
	else if (r->at >= r->hinted_to) prompt_keep(&r->w->ignored, r->t + r->at, 1);
}

void
prompt_describe_passage(struct prompt_reader *r)
{
	int to, passage = r->negated || r->scope >= 0 ? -1 : passage_ahead(r, &to);

	if (passage < 0) return;
	r->scope = passage;
	r->scope_to = to;
	if (passage == PASSAGE_SOLO && is_part_of_more(r, r->at)) r->solo_passage = true;
}
