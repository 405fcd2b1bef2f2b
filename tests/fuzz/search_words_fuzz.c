/* Any text as words for the full-text index: tokens that no server leaves out; and as a search: a
 * condition in which all that has a meaning is ours. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "records/search_words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";

static size_t
check_token(const char *at)
{
	size_t n = strspn(at, letters);

	if (n < 4 || n > 84 || strncmp(at, "zqm", 3) != 0) abort();
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = {0}, tokens = {0}, condition = {0}, pattern = {0};
	size_t depth = 0, n = 0;

	buf_add(&text, data, size);
	search_words(buf_str(&text), SEARCH_MOOD, &tokens);
	for (const char *at = buf_str(&tokens); *at; n++) {
		at += check_token(at);
		if (*at && *at++ != ' ') abort();
	}
	if (search_condition(buf_str(&text), SEARCH_MOOD, true, &condition) != (n > 0)) abort();
	for (const char *at = buf_str(&condition); *at;) {
		if (*at == '(') depth++;
		if (*at == ')' && !depth--) abort();
		if (strchr("+*() ", *at)) at++;
		else at += check_token(at);
	}
	if (depth) abort();
	/* Only what a pattern of ours is made of, around the same tokens. */
	if (search_pattern(buf_str(&text), SEARCH_MOOD, true, &pattern) != (n > 0)) abort();
	for (const char *at = buf_str(&pattern); *at;) {
		if (*at == '(') depth++;
		if (*at == ')' && !depth--) abort();
		if (strncmp(at, "\\b", 2) == 0) at += 2;
		else if (strchr("^(?=.*|)", *at)) at++;
		else at += check_token(at);
	}
	if (depth) abort();
	/* at most three times six characters and a mark for each character of one byte */
	if (tokens.n > 16 * size + 16) abort();
	buf_free(&text);
	buf_free(&tokens);
	buf_free(&condition);
	buf_free(&pattern);
	return 0;
}
