#include "engine/band/prompt_rules.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"

/* A rule returns how many tokens it took, 0 where its meaning makes no sense. */
typedef int rule(struct prompt_reader *r, const struct meaning_match *m);

static rule apply_player, apply_tempo;

/* Does an instrument or texture follow, adjectives between? */
static bool
sound_ahead(const struct prompt_reader *r, int at)
{
	struct meaning_match m;

	for (int n, end = at + PROMPT_AHEAD; at < r->n && at < end; at += n) {
		if (prompt_longest(r, at, PROMPT_SOUNDS, &m)) return true;
		n = prompt_longest(r, at, PROMPT_ADJECTIVES, &m);
		if (!n && prompt_is_article(r, at)) n = 1;
		if (!n) return false;
	}
	return false;
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
	static const char *const counts[] = { "two", "three", "four", "five", "seven", "2", "3",
		"4", "5",
		"7", NULL };
	int next = r->at + m->tokens;
	struct wish *w = r->w;

	/* "in three", but not "in three parts" */
	if (prompt_is(r, r->at, "in") && str_index(r->t[next - 1].plain, counts) >= 0) {
		struct meaning_match end;

		if (next < r->n && !r->t[next].mark
			&& !prompt_longest(r, next, PROMPT_BIT(MEANS_TURN)
				| PROMPT_BIT(MEANS_JOINING), &end))
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
	if (r->negated) prompt_rule_out(r, m->tokens, PROMPT_BIT(MEANS_ENDING));
	/* What does not fade rings out. */
	else r->w->ending = m->value;
	if (r->negated && m->value == ENDING_FADE) r->w->ending = ENDING_RING;
	return m->tokens;
}

static int
apply_shape(struct prompt_reader *r, const struct meaning_match *m)
{
	if (r->negated) {
		prompt_rule_out(r, m->tokens, PROMPT_BIT(MEANS_SHAPE));
		r->w->shape = SHAPE_STEADY;
	} else if (m->value != SHAPE_STEADY || !r->w->shape) r->w->shape = (enum shape)m->value;
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
	if (r->negated) return prompt_rule_out_adjective(r, m->tokens, PROMPT_BIT(MEANS_MOOD));
	add_mood(r, m->value);
	return m->tokens;
}

static int
apply_texture(struct prompt_reader *r, const struct meaning_match *m)
{
	int8_t *texture = &r->w->texture[m->value];

	if (r->negated) {
		*texture = -1;
		prompt_rule_out(r, m->tokens, PROMPT_SOUNDS | PROMPT_BIT(MEANS_VOICE));
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

static const struct instrument *
one_of(const struct meaning_match *m)
{
	if (m->meaning == MEANS_INSTRUMENT) return &instruments[m->value];
	if (m->meaning == MEANS_KIND) return instrument_find(kind_words[m->value].instrument);
	if (m->meaning == MEANS_DRUM) return instrument_find("drum kit");
	return m->value == ROLE_DRUMS ? instrument_find("drum kit")
		: m->value == ROLE_BASS ? instrument_find("electric bass") : NULL;
}

static int
apply_passage(struct prompt_reader *r, const struct meaning_match *m)
{
	struct wish *w = r->w;
	struct wish_passage *p = &w->passage[m->value];
	int behind = r->at + m->tokens;
	struct meaning_match next;

	if (m->value == PASSAGE_SOLO && prompt_longest(r, behind, PROMPT_PLAYERS, &next)
		&& !r->negated) {
		w->solo |= r->scope < 0;
		return m->tokens;
	}
	if (r->negated) {
		*p = (struct wish_passage){ .without = true };
		prompt_rule_out(r, m->tokens, PROMPT_NOUNS);
		return m->tokens;
	}
	p->asked = true;
	p->without = false;
	/* "Intro and verse without drums" */
	if (r->passage_to != r->at - 1
		|| !prompt_longest(r, r->at - 1, PROMPT_BIT(MEANS_JOINING), &next))
		r->passages = 0;
	r->passages |= 1u << m->value;
	r->passage_to = behind;
	if (m->value == PASSAGE_SOLO && prompt_is_part_of_more(r, r->at)) r->solo_passage = true;
	prompt_behind_passage(r, m->value, behind);
	return m->tokens;
}

static struct wish_asked
asked_of(const struct meaning_match *m)
{
	struct wish_asked a = { .role = ROLE_COUNT };

	if (m->meaning == MEANS_INSTRUMENT) a.instrument = &instruments[m->value];
	else if (m->meaning == MEANS_KIND) a.kind = &kind_words[m->value];
	else a.role = m->meaning == MEANS_DRUM ? ROLE_DRUMS : (enum role)m->value;
	return a;
}

/* "String quartet" is an instrument here, and says how many there are and of which kind. */
static void
hear_group(struct prompt_reader *r, const struct wish_asked *a, int n)
{
	struct meaning_match m;

	for (int i = 1; i < n; i++)
		if (a->instrument && !r->w->group
			&& prompt_longest(r, r->at + i, PROMPT_BIT(MEANS_GROUP), &m)) {
			r->w->group = m.value;
			r->w->family = a->instrument->family;
		}
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
	if (r->negated)
		return prompt_rule_out_player(r, m->tokens, a,
			m->meaning == MEANS_DRUM ? &drum_words[m->value] : NULL);
	if (prompt_is_ruled_out(r, &a)) {
		prompt_keep(&w->ignored, r->t + r->at, m->tokens);
		return m->tokens;
	}
	hear_group(r, &a, m->tokens);
	a.emphasis = (int8_t)r->emphasis;
	r->emphasis = 0;
	r->asked = prompt_add_asked(w->asked, &w->n_asked, a);
	r->asked_to = r->at + m->tokens;
	/* A cappella is a choir, and nobody else. */
	for (int i = 0; i < r->founds; i++)
		if (r->found[i].meaning == MEANS_SOLO && r->found[i].tokens == m->tokens)
			w->solo = true;
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
		if (!word->bpm && (r->not_so
			|| !prompt_longest(r, r->at + m->tokens, PROMPT_NOUNS, &noun)))
			w->place = slow ? 65 : 35;
		return prompt_rule_out_adjective(r, m->tokens, PROMPT_BIT(MEANS_TEMPO));
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

/* "No long intro" is a short one. */
static int
not_that_long(struct prompt_reader *r, const struct meaning_match *m)
{
	const struct size_word *s = &size_words[m->value];
	struct meaning_match next;
	int n = prompt_longest(r, r->at + m->tokens, PROMPT_BIT(MEANS_PASSAGE), &next);

	if (!n || !s->length) return 0;
	r->w->passage[next.value].asked = true;
	r->w->passage[next.value].length = (int8_t)-s->length;
	prompt_rule_out(r, m->tokens + n, PROMPT_BIT(MEANS_PASSAGE));
	return m->tokens + n;
}

/* "Big" and its like are said of a passage or of a sound; of neither, others have the word. */
static int
apply_size(struct prompt_reader *r, const struct meaning_match *m)
{
	const struct size_word *s = &size_words[m->value];

	if (r->negated) return not_that_long(r, m);
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

	if (!r->negated && !prompt_longest(r, r->at + m->tokens, PROMPT_ADJECTIVES, &next))
		return 0;
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

/* Do players follow, as in "only with a piano"? In "just a chill beat" they do not. */
static bool
names_players(const struct prompt_reader *r, int at)
{
	static const char *const small[] = { "with", "by", "for", "on", "using", "mit", "von",
		"avec", "par", "con", "por", "para", "com", "de", "du", "des", "einem", "einer",
		"den", "les", "los", "las", "os", "as", "two", "three", "four", NULL };
	struct meaning_match m;

	while (at < r->n && (prompt_is_article(r, at) || str_index(r->t[at].plain, small) >= 0))
		at++;
	for (int n; (n = prompt_longest(r, at, PROMPT_ADJECTIVES, &m)); at += n) continue;
	return prompt_longest(r, at, PROMPT_PLAYERS, &m) != 0;
}

static int
apply_solo(struct prompt_reader *r, const struct meaning_match *m)
{
	int next = r->at + m->tokens;

	if (!r->negated && (m->value || names_players(r, next)
		|| (r->asked_to == r->at && (next >= r->n || r->t[next].mark))))
		r->w->solo = true;
	return m->tokens;
}

/* "Jazz trio" */
static int
apply_group(struct prompt_reader *r, const struct meaning_match *m)
{
	if (!r->negated && !r->w->group) r->w->group = m->value;
	return m->tokens;
}

static int
apply_voice(struct prompt_reader *r, const struct meaning_match *m)
{
	if (r->negated) {
		r->instrumental = true;
		prompt_rule_out(r, m->tokens, PROMPT_SOUNDS | PROMPT_BIT(MEANS_VOICE));
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
	[MEANS_STYLE] = prompt_name_style,
	[MEANS_PASSAGE] = apply_passage,
	[MEANS_INSTRUMENT] = apply_player,
	[MEANS_KIND] = apply_player,
	[MEANS_ROLE] = apply_player,
	[MEANS_DRUM] = apply_player,
	[MEANS_MODE] = apply_mode,
	[MEANS_TEMPO] = apply_tempo,
	[MEANS_FEEL] = apply_feel,
	[MEANS_SWING] = apply_swing,
	[MEANS_SIZE] = apply_size,
	[MEANS_DEGREE] = apply_degree,
	[MEANS_BEHIND] = apply_behind,
	[MEANS_MOOD] = apply_mood,
	[MEANS_NEGATION] = prompt_negate,
	[MEANS_SOLO] = apply_solo,
	[MEANS_GROUP] = apply_group,
	[MEANS_VOICE] = apply_voice,
	[MEANS_INSTRUMENTAL] = apply_instrumental,
	[MEANS_WITHOUT] = prompt_go_without,
	[MEANS_JOINING] = apply_filler,
	[MEANS_TURN] = prompt_turn,
	[MEANS_FILLER] = apply_filler,
};

/* What words tell besides whatever else they mean: styles that they point to without naming them,
 * the meters of dances. */
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
		if (m->meaning != MEANS_HINT && m->meaning != MEANS_FILLER
			&& m->meaning != MEANS_DANCE)
			other = 1;
	}
	for (int i = 0; i < r->founds; i++) {
		const struct meaning_match *m = &r->found[i];
		int *hint = &r->w->hint[m->value >= 0 && m->value < WISH_STYLES ? m->value : 0];

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
prompt_apply_meaning(struct prompt_reader *r, const struct meaning_match *m)
{
	return rules[m->meaning] ? rules[m->meaning](r, m) : 0;
}

int
prompt_apply(struct prompt_reader *r)
{
	int known = 0;

	tell_besides(r);
	for (int i = 0; i < r->founds; i++) {
		const struct meaning_match *m = &r->found[i];
		int used = prompt_apply_meaning(r, m);

		if (used && m->meaning > MEANS_NOTHING && m->meaning < MEANS_HINT)
			r->told_to = r->at + used;
		if (used) return used;
		if (!known) known = m->tokens;
	}
	/* "No club": only a hint. */
	if (known && r->negated) prompt_rule_out(r, known, PROMPT_NOUNS);
	return known;
}

void
prompt_pass(struct prompt_reader *r)
{
	if (r->negated) prompt_rule_out_adjective(r, 1, PROMPT_NOUNS);
	else if (r->at >= r->hinted_to) prompt_keep(&r->w->ignored, r->t + r->at, 1);
}
