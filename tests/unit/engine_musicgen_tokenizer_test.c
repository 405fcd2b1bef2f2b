/* Text becomes the numbers that Hugging Face's tokenizers give; files that ask for what is not
 * known here are refused by the part's name. */
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "engine/musicgen/tokenizer.h"

#define DATA "tests/data/musicgen/"
#define SPLIT "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"WhitespaceSplit\"}," \
	"{\"type\":\"Metaspace\",\"replacement\":\"▁\",\"prepend_scheme\":\"always\"}]}"
#define TEMPLATE "{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{\"id\":\"A\"}}," \
	"{\"SpecialToken\":{\"id\":\"</s>\"}}],\"special_tokens\":{\"</s>\":{\"ids\":[1]}}}"
#define SPECIALS "[{\"id\":0,\"content\":\"<pad>\"},{\"id\":1,\"content\":\"</s>\"}]"
#define VOCABULARY "[[\"<pad>\",0],[\"</s>\",0],[\"<unk>\",0],[\"▁\",-2],[\"a\",-3],[\"b\",-3]," \
	"[\"ab\",-6],[\"▁a\",-4],[\"abc\",-5],[\"é\",-3],[\"▁b\",-5]]"

/* A file of these parts; NULL: as above. */
static const char *
file_of(const char *vocabulary, const char *splitter, const char *template)
{
	static char text[4096];

	snprintf(text, sizeof text, "{\"added_tokens\":" SPECIALS ",\"normalizer\":null,"
		"\"pre_tokenizer\":%s,\"post_processor\":%s,\"model\":{\"type\":\"Unigram\","
		"\"unk_id\":2,\"vocab\":%s}}", splitter ? splitter : SPLIT,
		template ? template : TEMPLATE, vocabulary ? vocabulary : VOCABULARY);
	return text;
}

/* "3 4 1": the numbers of a text. */
static const char *
encoded(const char *file, const char *text)
{
	static char out[400];
	struct token_ids ids = {0};
	struct err e = {0};
	struct tokenizer *t = tokenizer_parse(file, strlen(file), &e);
	size_t n = 0;

	if (!t) fail_msg("%s", e.text);
	*out = '\0';
	if (tokenizer_encode(t, text, &ids, &e) != 0) fail_msg("%s", e.text);
	for (size_t i = 0; i < ids.n && n < sizeof out; i++)
		n += (size_t)snprintf(out + n, sizeof out - n, "%s%d", i ? " " : "", ids.id[i]);
	free(ids.id);
	tokenizer_close(t);
	return out;
}

static void
each_text_gets_the_numbers_that_others_give_it(void **state)
{
	struct tokenizer *t;
	struct err e = {0};
	struct buf text = {0};
	cJSON *rows, *row;
	int n = 0;

	(void)state;
	t = tokenizer_open(DATA "model/tokenizer.json", &e);
	assert_non_null(t);
	assert_int_equal(buf_read_file(&text, DATA "tokens.json", 1 << 20, &e), 0);
	rows = json_parse(buf_str(&text), text.n, &e);
	assert_non_null(rows);
	cJSON_ArrayForEach(row, rows) {
		const cJSON *want = cJSON_GetObjectItemCaseSensitive(row, "ids");
		struct token_ids ids = {0};

		assert_int_equal(tokenizer_encode(t, json_text(row, "text", ""), &ids, &e), 0);
		assert_int_equal(ids.n, cJSON_GetArraySize(want));
		for (size_t i = 0; i < ids.n; i++)
			assert_int_equal(ids.id[i], cJSON_GetArrayItem(want, (int)i)->valueint);
		free(ids.id);
		n++;
	}
	assert_true(n >= 18);
	assert_int_equal(tokenizer_size(t), 300);
	cJSON_Delete(rows);
	buf_free(&text);
	tokenizer_close(t);
}

static void
pieces_of_the_largest_sum_are_taken(void **state)
{
	const char *f = file_of(NULL, NULL, NULL);

	(void)state;
	assert_string_equal(encoded(f, "a"), "7 1");		/* ▁a -4, not ▁ a -5 */
	assert_string_equal(encoded(f, "abc"), "3 8 1");	/* ▁ abc -7 */
	assert_string_equal(encoded(f, "b"), "10 1");		/* ▁b -5, found before ▁ b */
	assert_string_equal(encoded(f, "aé"), "7 9 1");
	assert_string_equal(encoded(f, ""), "1");
}

/* Lowest score less 10 each, but one number for neighbours. */
static void
what_no_piece_covers_is_unknown_once(void **state)
{
	const char *f = file_of(NULL, NULL, NULL);

	(void)state;
	assert_string_equal(encoded(f, "x"), "3 2 1");
	assert_string_equal(encoded(f, "xyz音"), "3 2 1");
	assert_string_equal(encoded(f, "xaz"), "3 2 4 2 1");
	assert_string_equal(encoded(f, "x y"), "3 2 3 2 1");
}

static void
words_are_split_at_blanks_of_any_kind(void **state)
{
	const char *f = file_of(NULL, NULL, NULL);

	(void)state;
	assert_string_equal(encoded(f, "  a \t\n a\xe3\x80\x80" "a\xc2\xa0"), "7 7 7 1");
	assert_string_equal(encoded(f, "a▁a"), "7 7 1");
	assert_string_equal(encoded(f, "▁a"), "7 1");
	f = file_of(NULL, "{\"type\":\"Metaspace\",\"replacement\":\"▁\"}", NULL);
	assert_string_equal(encoded(f, "a  a"), "7 3 7 1");
	f = file_of(NULL,
		"{\"type\":\"Metaspace\",\"replacement\":\"▁\",\"add_prefix_space\":false}",
		NULL);
	assert_string_equal(encoded(f, "a a"), "4 7 1");
}

static void
special_strings_are_cut_out_first(void **state)
{
	const char *f = file_of(NULL, NULL, NULL);

	(void)state;
	assert_string_equal(encoded(f, "a</s>a"), "7 1 7 1");
	assert_string_equal(encoded(f, "<pad></s>"), "0 1 1");
	assert_string_equal(encoded(f, "a<pad"), "7 2 4 2 1");	/* nearly one */
	f = file_of(NULL, NULL, "null");
	assert_string_equal(encoded(f, "a"), "7");
}

/* A map for "x" → "ab" and "é" → a broken character: the root of the double array leads by
 * offset 256 to 'x' and to the first byte of é, this one by 256 to its second; values hang
 * behind 512 and 768. */
static const char *
base64_of_a_map(void)
{
	enum { UNITS = 1024, E = 256 ^ 0xc3, E2 = E ^ 256 ^ 0xa9 };
	static const uint32_t unit[UNITS] = { [0] = 256u << 10,
		[256 ^ 'x'] = 512u << 10 | 1u << 8 | 'x', [256 ^ 'x' ^ 512] = 1u << 31 | 0,
		[E] = 256u << 10 | 0xc3, [E2] = 768u << 10 | 1u << 8 | 0xa9,
		[E2 ^ 768] = 1u << 31 | 3 };
	static char out[8192];
	uint8_t bytes[4 + 4 * UNITS + 5] = { 0, 4 * UNITS >> 8 };

	for (size_t i = 0; i < UNITS; i++)
		for (int b = 0; b < 4; b++)
			bytes[4 + 4 * i + (size_t)b] = (uint8_t)(unit[i] >> 8 * b);
	memcpy(bytes + 4 + 4 * UNITS, "ab\0\xf0", 5);
	return sodium_bin2base64(out, sizeof out, bytes, sizeof bytes,
		sodium_base64_VARIANT_ORIGINAL);
}

static void
the_map_of_the_file_normalizes_and_broken_texts_of_it_do_not(void **state)
{
	char text[9000];

	(void)state;
	snprintf(text, sizeof text, "{\"pre_tokenizer\":" SPLIT ",\"post_processor\":" TEMPLATE
		",\"model\":{\"type\":\"Unigram\",\"unk_id\":2,\"vocab\":" VOCABULARY "},"
		"\"normalizer\":{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"%s\"}}",
		base64_of_a_map());
	assert_string_equal(encoded(text, "xc"), "3 8 1");
	assert_string_equal(encoded(text, "é"), "3 9 1");
	assert_string_equal(encoded(text, "éx"), "3 9 6 1");
	/* A grapheme of less than 6 bytes becomes what it begins with; a longer one is taken apart. */
	assert_string_equal(encoded(text, "x\u0301"), "7 5 1");
	assert_string_equal(encoded(text, "x\u0301\u0301\u0301"), "7 5 2 1");
}

static void
a_prompt_that_is_not_utf8_is_refused(void **state)
{
	const char *f = file_of(NULL, NULL, NULL);
	struct err e = {0};
	struct tokenizer *t = tokenizer_parse(f, strlen(f), &e);
	struct token_ids ids = {0};

	(void)state;
	assert_non_null(t);
	assert_int_equal(tokenizer_encode(t, "a\xff", &ids, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
	assert_int_equal(ids.n, 0);
	tokenizer_close(t);
}

static void
what_is_not_known_is_refused_by_the_parts_name(void **state)
{
	static const struct {
		const char *vocabulary, *splitter, *template, *says;
	} wrong[] = {
		{ .vocabulary = "[]", .says = "model.vocab" },
		{ .vocabulary = "{}", .says = "model.vocab" },
		{ .vocabulary = "[[\"a\",0],[\"b\"]]", .says = "model.vocab[1]" },
		{ .vocabulary = "[[\"a\",\"0\"]]", .says = "model.vocab[0]" },
		{ .vocabulary = "[[\"a\",0],[\"b\",0]]", .says = "model.unk_id" },
		{ .splitter = "{\"type\":\"BertPreTokenizer\"}", .says = "pre_tokenizer" },
		{ .splitter = "null", .says = "pre_tokenizer" },
		{ .splitter = "{\"type\":\"Metaspace\",\"replacement\":\"_\"}",
			.says = "pre_tokenizer" },
		{ .splitter = "{\"type\":\"Metaspace\",\"prepend_scheme\":\"first\"}",
			.says = "pre_tokenizer" },
		{ .template = "{\"type\":\"BertProcessing\"}", .says = "post_processor" },
		{ .template = "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{}}]}",
			.says = "post_processor.single" },
		{ .template = "{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{}},"
			"{\"SpecialToken\":{\"id\":\"x\"}}]}",
			.says = "post_processor.special_tokens" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(wrong); i++) {
		const char *f = file_of(wrong[i].vocabulary, wrong[i].splitter, wrong[i].template);
		struct err e = {0};
		struct tokenizer *t = tokenizer_parse(f, strlen(f), &e);

		if (t) fail_msg("%zu is taken", i);
		assert_int_equal(e.kind, ERR_INVALID);
		if (!strstr(e.text, wrong[i].says)) fail_msg("%zu: %s", i, e.text);
	}
}

static void
special_strings_that_want_more_are_refused(void **state)
{
	static const char *const wrong[] = {
		"[{\"id\":0,\"content\":\"<x>\",\"lstrip\":true}]", "[{\"id\":0,\"content\":\"\"}]",
		"[{\"id\":0.5,\"content\":\"<x>\"}]", "[{\"id\":-1,\"content\":\"<x>\"}]",
		"[{\"id\":4294967296,\"content\":\"<x>\"}]", "[3]",
	};

	(void)state;
	for (size_t i = 0; i < NELEM(wrong); i++) {
		char f[2048];
		struct err e = {0};

		snprintf(f, sizeof f, "{\"added_tokens\":%s,\"pre_tokenizer\":" SPLIT ",\"model\":"
			"{\"type\":\"Unigram\",\"unk_id\":2,\"vocab\":" VOCABULARY "}}", wrong[i]);
		if (tokenizer_parse(f, strlen(f), &e)) fail_msg("%zu is taken", i);
		assert_non_null(strstr(e.text, "added_tokens"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_text_gets_the_numbers_that_others_give_it),
		cmocka_unit_test(pieces_of_the_largest_sum_are_taken),
		cmocka_unit_test(what_no_piece_covers_is_unknown_once),
		cmocka_unit_test(words_are_split_at_blanks_of_any_kind),
		cmocka_unit_test(special_strings_are_cut_out_first),
		cmocka_unit_test(the_map_of_the_file_normalizes_and_broken_texts_of_it_do_not),
		cmocka_unit_test(a_prompt_that_is_not_utf8_is_refused),
		cmocka_unit_test(what_is_not_known_is_refused_by_the_parts_name),
		cmocka_unit_test(special_strings_that_want_more_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
