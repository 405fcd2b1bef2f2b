#include "engine/musicgen/tokenizer.h"

#include <math.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/list.h"
#include "base/str.h"

enum {
	FILE_MAX = 8 << 20,		/* that of T5 has 2.4 MB */
	VOCABULARY_MAX = 1 << 20,
	GRAPHEME_MAX = 6,		/* bytes from which on it is taken apart */
};

#define WORD_BEGIN "▁"
#define UNKNOWN_PENALTY 10.0

struct piece {
	const char *s;			/* in the parsed file */
	size_t n;
	int32_t id;
	double score;
};

struct tokenizer {
	cJSON *file;			/* owns the strings */
	struct piece *pieces;		/* ordered by bytes */
	size_t n_pieces;
	struct piece *specials;
	size_t n_specials;
	int32_t unknown;
	double unknown_score;
	int32_t *suffix;		/* what the template puts behind a text */
	size_t n_suffix;
	/* The map of the normalizer: a double array that leads to offsets in texts. */
	uint8_t *map;
	const uint8_t *units, *texts;
	size_t n_units, n_texts;
	bool split_blanks, prepend;
};

static int
refuse(struct err *e, const char *part)
{
	return err_set(e, ERR_INVALID, "%s is missing or of a kind that is not supported", part);
}

static bool
is_type(const cJSON *o, const char *type)
{
	return strcmp(json_text(o, "type", ""), type) == 0;
}

static const cJSON *
member(const cJSON *o, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(o, name);
}

static int
compare(const char *a, size_t an, const char *b, size_t bn)
{
	int d = memcmp(a, b, an < bn ? an : bn);

	return d ? d : an < bn ? -1 : an > bn;
}

static int
by_bytes(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;
	int d = compare(x->s, x->n, y->s, y->n);

	return d ? d : x->id < y->id ? -1 : 1;
}

static int
read_vocabulary(struct tokenizer *t, const cJSON *model, struct err *e)
{
	const cJSON *vocabulary = member(model, "vocab"), *unknown = member(model, "unk_id"), *v;
	double lowest = INFINITY;

	if (!is_type(model, "Unigram") || cJSON_IsTrue(member(model, "byte_fallback")))
		return refuse(e, "model: a Unigram model without byte_fallback");
	cJSON_ArrayForEach(v, vocabulary) {
		const cJSON *s = cJSON_GetArrayItem(v, 0), *score = cJSON_GetArrayItem(v, 1);

		if (!cJSON_IsArray(v) || !cJSON_IsString(s) || !cJSON_IsNumber(score) ||
			!isfinite(score->valuedouble) || t->n_pieces == VOCABULARY_MAX)
			return err_set(e, ERR_INVALID, "model.vocab[%zu] is not a text with its score, "
				"or too many", t->n_pieces);
		t->pieces = list_grow(t->pieces, t->n_pieces, sizeof *t->pieces);
		t->pieces[t->n_pieces] = (struct piece){ s->valuestring, strlen(s->valuestring),
			(int32_t)t->n_pieces, score->valuedouble };
		if (score->valuedouble < lowest) lowest = score->valuedouble;
		t->n_pieces++;
	}
	if (!cJSON_IsArray(vocabulary) || !t->n_pieces) return refuse(e, "model.vocab");
	if (!cJSON_IsNumber(unknown) || unknown->valuedouble < 0 ||
		unknown->valuedouble >= (double)t->n_pieces)
		return err_set(e, ERR_INVALID, "model.unk_id is not one of the %zu tokens", t->n_pieces);
	t->unknown = (int32_t)unknown->valuedouble;
	t->unknown_score = lowest - UNKNOWN_PENALTY;
	qsort(t->pieces, t->n_pieces, sizeof *t->pieces, by_bytes);
	return 0;
}

static int
read_specials(struct tokenizer *t, const cJSON *list, struct err *e)
{
	static const char *const flags[] = { "single_word", "lstrip", "rstrip", "normalized" };
	const cJSON *v;

	cJSON_ArrayForEach(v, list) {
		const char *content = json_text(v, "content", "");
		double id = json_real(v, "id", -1);

		for (size_t i = 0; i < NELEM(flags); i++)
			if (cJSON_IsTrue(member(v, flags[i])))
				return err_set(e, ERR_INVALID, "added_tokens: %.40s is \"%s\", which is "
					"not supported", content, flags[i]);
		if (!*content || !(id >= 0 && id < VOCABULARY_MAX) || id != floor(id))
			return err_set(e, ERR_INVALID, "added_tokens: \"%.40s\" has no text or no id",
				content);
		t->specials = list_grow(t->specials, t->n_specials, sizeof *t->specials);
		t->specials[t->n_specials++] = (struct piece){ content, strlen(content),
			(int32_t)id, 0 };
	}
	return 0;
}

/* "precompiled_charsmap": base64 of 4 bytes, the length of the double array; the array; the texts,
 * each ended by a NUL. */
static int
read_map(struct tokenizer *t, const cJSON *normalizer, struct err *e)
{
	const char *text = json_text(normalizer, "precompiled_charsmap", "");
	size_t room = strlen(text), n = 0, array;

	if (!normalizer || cJSON_IsNull(normalizer)) return 0;
	if (!is_type(normalizer, "Precompiled")) return refuse(e, "normalizer: a Precompiled one");
	t->map = malloc(room + 1);
	if (!t->map) abort();
	if (sodium_base642bin(t->map, room, text, room, NULL, &n, NULL,
		sodium_base64_VARIANT_ORIGINAL) != 0 || n < 4)
		return err_set(e, ERR_INVALID, "normalizer.precompiled_charsmap is no base64");
	array = t->map[0] | (size_t)t->map[1] << 8 | (size_t)t->map[2] << 16 |
		(size_t)t->map[3] << 24;
	if (array % 4 || array > n - 4)
		return err_set(e, ERR_INVALID, "normalizer.precompiled_charsmap is cut short");
	t->units = t->map + 4;
	t->n_units = array / 4;
	t->texts = t->units + array;
	t->n_texts = n - 4 - array;
	return 0;
}

static int
read_splitter(struct tokenizer *t, const cJSON *splitter, struct err *e)
{
	const cJSON *last = splitter, *all = member(splitter, "pretokenizers");
	const char *scheme;

	if (is_type(splitter, "Sequence")) {
		last = cJSON_GetArrayItem(all, cJSON_GetArraySize(all) - 1);
		t->split_blanks = cJSON_GetArraySize(all) == 2 &&
			is_type(cJSON_GetArrayItem(all, 0), "WhitespaceSplit");
		if (!t->split_blanks && cJSON_GetArraySize(all) != 1) last = NULL;
	}
	scheme = json_text(last, "prepend_scheme",
		cJSON_IsFalse(member(last, "add_prefix_space")) ? "never" : "always");
	t->prepend = strcmp(scheme, "always") == 0;
	if (!is_type(last, "Metaspace") || cJSON_IsFalse(member(last, "split")) ||
		(!t->prepend && strcmp(scheme, "never") != 0) ||
		strcmp(json_text(last, "replacement", WORD_BEGIN), WORD_BEGIN) != 0)
		return refuse(e, "pre_tokenizer: Metaspace, behind WhitespaceSplit or alone,");
	return 0;
}

/* What a special token of the template stands for, behind what there is. */
static int
add_suffix(struct tokenizer *t, const cJSON *tokens, const char *name, struct err *e)
{
	const cJSON *ids = member(member(tokens, name), "ids"), *v;

	if (!cJSON_IsArray(ids)) return refuse(e, "post_processor.special_tokens");
	cJSON_ArrayForEach(v, ids) {
		if (!cJSON_IsNumber(v) || !(v->valuedouble >= 0 && v->valuedouble < VOCABULARY_MAX))
			return refuse(e, "post_processor.special_tokens");
		t->suffix = list_grow(t->suffix, t->n_suffix, sizeof *t->suffix);
		t->suffix[t->n_suffix++] = (int32_t)v->valuedouble;
	}
	return 0;
}

static int
read_template(struct tokenizer *t, const cJSON *processor, struct err *e)
{
	const cJSON *v, *tokens = member(processor, "special_tokens");
	bool behind = false;

	if (!processor || cJSON_IsNull(processor)) return 0;
	if (!is_type(processor, "TemplateProcessing"))
		return refuse(e, "post_processor: TemplateProcessing");
	cJSON_ArrayForEach(v, member(processor, "single")) {
		const cJSON *special = member(v, "SpecialToken");

		if (member(v, "Sequence") && !behind) behind = true;
		else if (!special || !behind) return refuse(e, "post_processor.single: \"$A </s>\"");
		else if (add_suffix(t, tokens, json_text(special, "id", ""), e) != 0) return -1;
	}
	return behind ? 0 : refuse(e, "post_processor.single: \"$A </s>\"");
}

struct tokenizer *
tokenizer_parse(const char *json, size_t bytes, struct err *e)
{
	struct tokenizer *t = calloc(1, sizeof *t);

	if (!t) abort();
	t->file = json_parse(json, bytes, e);
	if (!t->file) {
		e->kind = ERR_INVALID;
		goto fail;
	}
	if (read_vocabulary(t, member(t->file, "model"), e) != 0 ||
		read_specials(t, member(t->file, "added_tokens"), e) != 0 ||
		read_map(t, member(t->file, "normalizer"), e) != 0 ||
		read_splitter(t, member(t->file, "pre_tokenizer"), e) != 0 ||
		read_template(t, member(t->file, "post_processor"), e) != 0)
		goto fail;
	return t;
fail:
	tokenizer_close(t);
	return NULL;
}

struct tokenizer *
tokenizer_open(const char *path, struct err *e)
{
	struct tokenizer *t = NULL;
	struct buf text = {0};

	if (buf_read_file(&text, path, FILE_MAX, e) == 0) {
		t = tokenizer_parse(buf_str(&text), text.n, e);
		if (!t) err_prefix(e, "%s", path);
	}
	buf_free(&text);
	return t;
}

void
tokenizer_close(struct tokenizer *t)
{
	if (!t) return;
	cJSON_Delete(t->file);
	free(t->pieces);
	free(t->specials);
	free(t->suffix);
	free(t->map);
	free(t);
}

int32_t
tokenizer_size(const struct tokenizer *t)
{
	int32_t most = (int32_t)t->n_pieces - 1;

	for (size_t i = 0; i < t->n_specials; i++)
		if (t->specials[i].id > most) most = t->specials[i].id;
	for (size_t i = 0; i < t->n_suffix; i++)
		if (t->suffix[i] > most) most = t->suffix[i];
	return most + 1;
}

static void
emit(struct token_ids *out, int32_t id)
{
	out->id = list_grow(out->id, out->n, sizeof *out->id);
	out->id[out->n++] = id;
}

/* Bytes of the character that begins with this byte; the text is UTF-8. */
static size_t
char_bytes(char c)
{
	unsigned char u = (unsigned char)c;

	return u < 0x80 ? 1 : u < 0xe0 ? 2 : u < 0xf0 ? 3 : 4;
}

static uint32_t
unit(const struct tokenizer *t, size_t i)
{
	const uint8_t *p = t->units + 4 * i;

	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static size_t
unit_offset(uint32_t u)
{
	return (size_t)(u >> 10) << ((u & 1 << 9) >> 6);
}

/* The text for the shortest beginning of s that the map has; NULL: it has none. The array is that of
 * Darts (S. Yata): a node's child for byte c is at its place ^ offset ^ c and bears c as its label;
 * bit 8 says that a value hangs at child 0. */
static const char *
mapped(const struct tokenizer *t, const char *s, size_t n, size_t *bytes)
{
	size_t place = t->n_units ? unit_offset(unit(t, 0)) : 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		uint32_t u, value;
		const uint8_t *end;

		place ^= c;
		if (place >= t->n_units) return NULL;
		u = unit(t, place);
		if ((u & (1u << 31 | 0xff)) != c) return NULL;
		place ^= unit_offset(u);
		if (!(u >> 8 & 1)) continue;
		if (place >= t->n_units) return NULL;
		value = unit(t, place) & 0x7fffffff;
		if (value >= t->n_texts) return NULL;
		end = memchr(t->texts + value, 0, t->n_texts - value);
		*bytes = end ? (size_t)(end - t->texts) - value : t->n_texts - value;
		return (const char *)t->texts + value;
	}
	return NULL;
}

/* Bytes of the grapheme that s begins with (Unicode's annex 29, extended clusters). */
static size_t
grapheme_bytes(const char *s, size_t n)
{
	utf8proc_int32_t a, b, state = 0;
	utf8proc_ssize_t used = utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)n, &a);
	size_t i = used > 0 ? (size_t)used : 1;

	while (i < n) {
		used = utf8proc_iterate((const utf8proc_uint8_t *)s + i, (utf8proc_ssize_t)(n - i), &b);
		if (used <= 0 || utf8proc_grapheme_break_stateful(a, b, &state)) break;
		a = b;
		i += (size_t)used;
	}
	return i;
}

/* The map is any bytes: a text that is not UTF-8 would break what comes behind, and is no entry. */
static bool
add_mapped(const struct tokenizer *t, const char *s, size_t n, struct buf *out)
{
	size_t bytes;
	const char *text = mapped(t, s, n, &bytes);

	if (!text || !str_is_utf8(text, bytes)) return false;
	buf_add(out, text, bytes);
	return true;
}

static void
normalize(const struct tokenizer *t, const char *s, size_t n, struct buf *out)
{
	for (size_t i = 0, g; i < n; i += g) {
		g = grapheme_bytes(s + i, n - i);
		if (g < GRAPHEME_MAX && add_mapped(t, s + i, g, out)) continue;
		for (size_t k = 0, c; k < g; k += c) {
			c = char_bytes(s[i + k]);
			if (!add_mapped(t, s + i + k, c, out)) buf_add(out, s + i + k, c);
		}
	}
}

/* Where the text up to a byte comes from, at best. */
struct node {
	double score;
	size_t from;			/* the byte at which its last token begins */
	int32_t id;			/* of that token; -1: nothing leads here */
};

/* The first of pieces[lo … hi - 1], which agree in k bytes, that has at least the byte c there. */
static size_t
narrow(const struct tokenizer *t, size_t lo, size_t hi, size_t k, int c)
{
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct piece *p = &t->pieces[mid];
		int byte = k < p->n ? (unsigned char)p->s[k] : -1;

		if (byte < c) lo = mid + 1;
		else hi = mid;
	}
	return lo;
}

static bool
better(const struct node *n, double score)
{
	return n->id < 0 || score > n->score;
}

/* Carry the best way to byte `from` on by each token that begins there, the shortest first. */
static void
extend(const struct tokenizer *t, const char *s, size_t n, size_t from, struct node *nodes)
{
	size_t lo = 0, hi = t->n_pieces, one = char_bytes(s[from]);
	double so_far = nodes[from].score;
	bool single = false;

	for (size_t k = 0; from + k < n; k++) {
		int c = (unsigned char)s[from + k];
		struct node *to = &nodes[from + k + 1];

		lo = narrow(t, lo, hi, k, c);
		hi = narrow(t, lo, hi, k, c + 1);
		if (lo == hi) break;
		/* What is no longer than this comes first among those that agree so far. */
		if (t->pieces[lo].n != k + 1) continue;
		if (better(to, so_far + t->pieces[lo].score))
			*to = (struct node){ so_far + t->pieces[lo].score, from, t->pieces[lo].id };
		if (k + 1 == one) single = true;
	}
	if (!single && better(&nodes[from + one], so_far + t->unknown_score))
		nodes[from + one] = (struct node){ so_far + t->unknown_score, from, t->unknown };
}

static void
encode_piece(const struct tokenizer *t, const char *s, size_t n, struct token_ids *out)
{
	struct node *nodes = malloc((n + 1) * sizeof *nodes);
	size_t first = out->n, kept;

	if (!nodes) abort();
	for (size_t i = 0; i <= n; i++) nodes[i] = (struct node){ 0, 0, -1 };
	nodes[0].id = 0;
	for (size_t i = 0; i < n; i += char_bytes(s[i]))
		extend(t, s, n, i, nodes);
	for (size_t i = n; i > 0; i = nodes[i].from) emit(out, nodes[i].id);
	free(nodes);

	for (size_t a = first, b = out->n; a + 1 < b; a++) {
		int32_t id = out->id[a];

		out->id[a] = out->id[--b];
		out->id[b] = id;
	}
	kept = first;
	for (size_t i = first; i < out->n; i++)
		if (i == first || out->id[i] != t->unknown || out->id[i - 1] != t->unknown)
			out->id[kept++] = out->id[i];
	out->n = kept;
}

/* Bytes of the white space (Unicode's White_Space) that s begins with; 0: none. */
static size_t
blank_bytes(const char *s, size_t n)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t used = utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)n, &c);

	if (used <= 0) return 0;
	if ((c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 ||
		(c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
		c == 0x205f || c == 0x3000)
		return (size_t)used;
	return 0;
}

static bool
begins_word(const char *s, size_t n)
{
	return n >= strlen(WORD_BEGIN) && memcmp(s, WORD_BEGIN, strlen(WORD_BEGIN)) == 0;
}

/* A word, or a whole text where it is not split at blanks. */
static void
encode_word(const struct tokenizer *t, const char *s, size_t n, struct token_ids *out)
{
	struct buf word = {0};
	size_t from = 0;

	if (n && t->prepend && !begins_word(s, n) && *s != ' ') buf_adds(&word, WORD_BEGIN);
	for (size_t i = 0; i < n; i++) {
		if (s[i] == ' ') buf_adds(&word, WORD_BEGIN);
		else buf_addc(&word, s[i]);
	}
	for (size_t i = 1; i <= word.n; i++) {
		if (i < word.n && !begins_word(word.p + i, word.n - i)) continue;
		encode_piece(t, word.p + from, i - from, out);
		from = i;
	}
	buf_free(&word);
}

static void
encode_text(const struct tokenizer *t, const char *s, size_t n, struct token_ids *out)
{
	struct buf text = {0};
	size_t from = 0, blank;

	normalize(t, s, n, &text);
	for (size_t i = 0; t->split_blanks && i < text.n; i += blank ? blank : 1) {
		blank = blank_bytes(text.p + i, text.n - i);
		if (!blank) continue;
		if (i > from) encode_word(t, text.p + from, i - from, out);
		from = i + blank;
	}
	if (text.n > from) encode_word(t, text.p + from, text.n - from, out);
	buf_free(&text);
}

/* The longest special string that s begins with; NULL: none. */
static const struct piece *
special_at(const struct tokenizer *t, const char *s, size_t n)
{
	const struct piece *best = NULL;

	for (size_t i = 0; i < t->n_specials; i++) {
		const struct piece *p = &t->specials[i];

		if (p->n <= n && memcmp(p->s, s, p->n) == 0 && (!best || p->n > best->n)) best = p;
	}
	return best;
}

int
tokenizer_encode(const struct tokenizer *t, const char *text, struct token_ids *out, struct err *e)
{
	size_t n = strlen(text), from = 0, i = 0;

	if (!str_is_utf8(text, n)) return err_set(e, ERR_INVALID, "the prompt is not UTF-8");
	while (i < n) {
		const struct piece *special = special_at(t, text + i, n - i);

		if (!special) {
			i++;
			continue;
		}
		encode_text(t, text + from, i - from, out);
		emit(out, special->id);
		from = i += special->n;
	}
	encode_text(t, text + from, n - from, out);
	for (size_t k = 0; k < t->n_suffix; k++) emit(out, t->suffix[k]);
	return 0;
}
