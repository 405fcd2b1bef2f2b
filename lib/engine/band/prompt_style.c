/* The names of styles: which of several leads, and what else a name says. */
#include "engine/band/prompt_rules.h"

#include "base/str.h"

/* Dark trap is dark, since trap may be; hard bop is not hard. */
static bool
is_of_style(const struct prompt_reader *r, int style, const struct meaning_match *m)
{
	const struct style *s = lexicon_style(r->lexicon, style);

	for (int i = 0; m->meaning == MEANS_MOOD; i++) {
		if (i == s->n_moods) return false;
		if (s->mood[i] == m->value) break;
	}
	return true;
}

/* The name of a style says more than that: "slow blues", "dark trap", "string quartet". */
static void
hear_inside(struct prompt_reader *r, int style, int n)
{
	const uint32_t meanings = PROMPT_BIT(MEANS_TEMPO) | PROMPT_BIT(MEANS_MOOD)
		| PROMPT_BIT(MEANS_INSTRUMENT) | PROMPT_BIT(MEANS_KIND) | PROMPT_BIT(MEANS_GROUP);
	int from = r->at, end = r->at + n;

	while (r->at < end) {
		struct meaning_match found[LEXICON_MATCHES];
		int count = prompt_look_at(r, r->at, found), used = 0;

		for (int i = 0; i < count && !used; i++)
			if (r->at + found[i].tokens <= end && meanings >> found[i].meaning & 1
				&& is_of_style(r, style, &found[i]))
				used = prompt_apply_meaning(r, &found[i]);
		r->at += used ? used : 1;
	}
	r->at = from;
}

/* "As slow jazz", "in the style of jazz": what stands before the reader. */
static bool
is_target(const struct prompt_reader *r)
{
	static const char *const as[] = { "as", "into", "als", "comme", "como", NULL },
		*const style[] = { "style", "stil", "estilo", "vein", "manner", NULL },
		*const of[] = { "of", "von", "de", "du", "do", "del", NULL };

	for (int at = r->at - 1; at >= 0 && at >= r->at - 4 && !r->t[at].mark; at--) {
		if (str_index(r->t[at].plain, as) >= 0) return true;
		if (at > 0 && str_index(r->t[at].plain, of) >= 0
			&& str_index(r->t[at - 1].plain, style) >= 0)
			return true;
	}
	return false;
}

int
prompt_name_style(struct prompt_reader *r, const struct meaning_match *m)
{
	struct wish *w = r->w;
	bool adjoining = r->style_to == r->at && r->style == w->style;
	bool heard = true;

	/* "Not too heavy rock" is rock. */
	if (r->negated && r->degree) {
		r->negated = false;
		r->degree = 0;
		heard = false;
	}
	if (r->negated) {
		w->hint[m->value] = -100;
		prompt_rule_out(r, m->tokens, PROMPT_BIT(MEANS_STYLE));
		return m->tokens;
	}
	if (w->style < 0 || w->style == m->value) {
		w->style = m->value;
	} else if (w->second < 0 || w->second == m->value) {
		/* Of "jazz, hip hop" the first leads; "jazz hip hop" is hip hop with something of
		 * jazz, as is "jazz turned into hip hop". */
		bool leads = adjoining || is_target(r);

		w->second = leads ? w->style : m->value;
		if (leads) w->style = m->value;
	} else {
		prompt_keep(&w->ignored, r->t + r->at, m->tokens);
	}
	r->style = m->value;
	r->style_to = r->at + m->tokens;
	if (heard) hear_inside(r, m->value, m->tokens);
	return m->tokens;
}
