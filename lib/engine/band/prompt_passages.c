#include "engine/band/prompt_rules.h"

#include <string.h>

#include "base/str.h"

/* The passage that the words at the reader describe ("slow and quiet intro"), or -1; *to is the
 * token behind its name. */
static int
passage_ahead(const struct prompt_reader *r, int *to)
{
	struct meaning_match m;
	bool adjective = false;

	for (int at = r->at, n; at < r->n && at < r->at + PROMPT_AHEAD + 2; at += n) {
		n = prompt_longest(r, at, PROMPT_BIT(MEANS_PASSAGE), &m);
		/* "solo piano" is no passage. */
		if (n && !(m.value == PASSAGE_SOLO && at == r->at)) {
			*to = at + n;
			return m.value;
		}
		if ((n = prompt_longest(r, at, PROMPT_ADJECTIVES, &m))) adjective = true;
		else if ((n = prompt_longest(r, at, PROMPT_PLAYERS, &m))) adjective = false;
		else if (prompt_is_article(r, at) && at == r->at) n = 1;
		else if (adjective && (n = prompt_longest(r, at, PROMPT_BIT(MEANS_JOINING), &m))) {
			if (!prompt_longest(r, at + n, PROMPT_ADJECTIVES, &m)) return -1;
		} else return -1;
	}
	return -1;
}

/* The run of adjectives behind the name of a passage, "intro lente": where it ends. */
static int
adjectives_behind(const struct prompt_reader *r, int at)
{
	struct meaning_match m;
	int from = at;

	for (int n; at < r->n && (n = prompt_longest(r, at, PROMPT_ADJECTIVES,
		&m)); at += n) continue;
	return prompt_longest(r, at, PROMPT_NOUNS, &m) ? from : at;
}

void
prompt_behind_passage(struct prompt_reader *r, int passage, int at)
{
	static const char *const of[] = { "with", "mit", "avec", "con", "com", "featuring", ":",
		NULL },
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
		&& prompt_longest(r, at + 1, PROMPT_SOUNDS | PROMPT_ADJECTIVES, &m)) {
		r->scope_to = r->n;
		/* The colon is no end of it. */
		if (r->t[at].mark) r->marked_to = at + 1;
		return;
	}
	r->scope_to = adjectives_behind(r, at);
	/* "solo de guitarra", "intro lente au piano" */
	if (r->scope_to < r->n && str_index(r->t[r->scope_to].plain, on) >= 0
		&& prompt_longest(r, r->scope_to + 1, PROMPT_PLAYERS, &next))
		r->scope_to += 1 + next.tokens;
	if (r->scope_to == at) r->scope = -1;
}

bool
prompt_is_part_of_more(const struct prompt_reader *r, int at)
{
	static const char *const words[] = { "with", "and", "plus", "featuring", "includes", "has",
		"mit",
		"und", "avec", "et", "con", "y", "com", "e", "then", NULL };

	for (int i = at - 1; i >= 0 && i > at - PROMPT_AHEAD; i--)
		if (str_index(r->t[i].plain, words) >= 0) return true;
	return false;
}

void
prompt_describe_passage(struct prompt_reader *r)
{
	int to, passage = r->negated || r->scope >= 0 ? -1 : passage_ahead(r, &to);

	if (passage < 0) return;
	r->scope = passage;
	r->scope_to = to;
	if (passage == PASSAGE_SOLO && prompt_is_part_of_more(r, r->at)) r->solo_passage = true;
}
