#include "records/search_words.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/letters.h"

/* A token must stay within the longest that an index takes (84 characters, as it comes). What is
 * longer is cut on both sides, and found by what is left. */
enum { WORD = 80, PARTS = 8, BASE = 36, BEGINNING = 2 };

/* Words that are joined, or a single one. */
struct group {
	char part[PARTS][WORD + 1];
	char whole[WORD + 1];
	int letters[PARTS], all_letters;
	int n;
};

static const char marks[][4] = {
	[SEARCH_ANYWHERE] = "zqx",
	[SEARCH_STYLE] = "zqs",
	[SEARCH_MOOD] = "zqm",
};

/* What a letter is written as: itself, or for those above ASCII "q" and three digits, or "qz" and
 * four. No letter is the beginning of another, so that the beginning of a word is that of its
 * token. */
static void
write_letter(uint32_t c, char out[8])
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	int n = c < 0x80 ? 0 : c < (BASE - 1) * BASE * BASE ? 3 : 4;
	char *at = out;

	if (!n) *at++ = (char)c;
	else *at++ = 'q';
	if (n == 4) *at++ = 'z';
	at[n] = '\0';
	while (n--) {
		at[n] = digits[c % BASE];
		c /= BASE;
	}
}

/* Append it to a word, unless that is too long. */
static void
add_letter(char word[WORD + 1], uint32_t c)
{
	char as[8];
	size_t n = strlen(word);

	write_letter(c, as);
	if (n + strlen(as) <= WORD) memcpy(word + n, as, strlen(as) + 1);
}

static void
add_folded(struct group *g, const uint32_t folded[2])
{
	for (int i = 0; i < 2 && folded[i]; i++) {
		add_letter(g->part[g->n - 1], folded[i]);
		add_letter(g->whole, folded[i]);
	}
	g->letters[g->n - 1]++;
	g->all_letters++;
}

/* The next group of *text, which moves behind it. False at the end. */
static bool
next_group(const char **text, struct group *g)
{
	bool begin = true;	/* the next letter begins a part */
	enum letter c;
	uint32_t folded[2];
	unsigned n;

	*g = (struct group){0};
	for (; (n = letters_next(*text, &c, folded)); *text += n) {
		if (c == LETTER_SILENT) continue;
		if (c == LETTER_OF_WORD) {
			if (begin && g->n == PARTS) break;
			g->n += begin;
			begin = false;
			add_folded(g, folded);
		} else if (g->n && (c != LETTER_JOINS || begin)) break;
		else if (c == LETTER_ALONE) {
			g->n = 1;
			add_folded(g, folded);
			*text += n;
			break;
		} else begin = true;
	}
	return g->n > 0;
}

static void
add_token(enum search_field field, const char *word, struct buf *out)
{
	if (out->n) buf_addc(out, ' ');
	buf_adds(out, marks[field]);
	buf_adds(out, word);
}

void
search_words(const char *text, enum search_field field, struct buf *out)
{
	struct group g;

	while (next_group(&text, &g)) {
		for (int i = 0; i < g.n; i++) add_token(field, g.part[i], out);
		if (g.n > 1) add_token(field, g.whole, out);
	}
}

/* How a word is looked for: wholly, or its beginning. Too many words begin like a single letter for
 * the index to look at all of them. */
static bool
by_beginning(bool wanted, int letters)
{
	return wanted && letters >= BEGINNING;
}

/* "+(zqxlofi* (+zqxlo +zqxfi*))": as one, or all of its parts. */
static void
add_condition(const struct group *g, const char *mark, bool beginning, struct buf *out)
{
	const char *whole_end = by_beginning(beginning, g->all_letters) ? "*" : "";
	int last = g->n - 1;

	if (out->n) buf_addc(out, ' ');
	if (!last) {
		buf_addf(out, "+%s%s%s", mark, g->whole, whole_end);
		return;
	}
	buf_addf(out, "+(%s%s%s (", mark, g->whole, whole_end);
	for (int i = 0; i <= last; i++)
		buf_addf(out, "%s+%s%s%s", i ? " " : "", mark, g->part[i],
			i == last && by_beginning(beginning, g->letters[i]) ? "*" : "");
	buf_adds(out, "))");
}

/* "(?=.*\bzqxlofi|(?=.*\bzqxlo\b)(?=.*\bzqxfi))": the same, each looked for from the beginning. */
static void
add_pattern(const struct group *g, const char *mark, bool beginning, struct buf *out)
{
	int last = g->n - 1;

	if (!out->n) buf_addc(out, '^');
	buf_addf(out, "(?=.*\\b%s%s%s", mark, g->whole,
		by_beginning(beginning, g->all_letters) ? "" : "\\b");
	for (int i = 0; last && i <= last; i++)
		buf_addf(out, "%s(?=.*\\b%s%s%s)", i ? "" : "|", mark, g->part[i],
			i == last && by_beginning(beginning, g->letters[i]) ? "" : "\\b");
	buf_addc(out, ')');
}

/* All words of the text, each added by `add`. */
static bool
add_all(const char *text, enum search_field field, bool with_beginning, struct buf *out,
	void (*add)(const struct group *g, const char *mark, bool beginning, struct buf *out))
{
	struct group g, next;
	bool more = next_group(&text, &g);

	if (!more) return false;
	for (; more; g = next) {
		more = next_group(&text, &next);
		add(&g, marks[field], with_beginning && !more, out);
	}
	return true;
}

bool
search_condition(const char *text, enum search_field field, bool with_beginning, struct buf *out)
{
	return add_all(text, field, with_beginning, out, add_condition);
}

bool
search_pattern(const char *text, enum search_field field, bool with_beginning, struct buf *out)
{
	return add_all(text, field, with_beginning, out, add_pattern);
}
