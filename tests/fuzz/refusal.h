/* For fuzz targets: what is hostile is refused as what it is, in words that can be shown. */
#ifndef EARSHOT_TESTS_FUZZ_REFUSAL_H
#define EARSHOT_TESTS_FUZZ_REFUSAL_H

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

static inline void
check_sentence(const struct err *e)
{
	if (!*e->text || !str_is_utf8(e->text, strlen(e->text))) abort();
}

static inline void
check_refusal(const struct err *e)
{
	if (e->kind != ERR_INVALID) abort();
	check_sentence(e);
}

#endif
