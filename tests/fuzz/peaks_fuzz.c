/* Peaks from storage: whatever the bytes are, they are refused, or they survive resampling,
 * printing and being written again without a change. */
#include <stdlib.h>
#include <string.h>

#include "audio/peaks.h"
#include "base/err.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void
check(bool ok)
{
	if (!ok) abort();
}

/* The JSON must be JSON, and hold two numbers for each point. */
static void
check_json(const struct peaks *k)
{
	struct buf text = {0};
	struct err e;
	cJSON *tree;

	peaks_json(k, &text);
	tree = json_parse(text.p, text.n, &e);
	check(tree && json_real(tree, "length", -1) == k->points);
	check(cJSON_GetArraySize(cJSON_GetObjectItem(tree, "data")) == (int)(2 * k->points));
	cJSON_Delete(tree);
	buf_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const uint32_t sizes[] = { 1, 2, 3, 100, 1000, UINT32_MAX };
	struct buf again = {0};
	struct peaks k;
	struct err e;

	if (peaks_parse(bytes, n, &k, &e)) {
		check(e.kind == ERR_UNREADABLE && *e.text);
		return 0;
	}
	peaks_write(&k, &again);
	check(again.n == n && memcmp(again.p, bytes, n) == 0);
	for (size_t i = 0; i < NELEM(sizes); i++) {
		struct peaks small = peaks_resample(&k, sizes[i]);

		check(small.points <= sizes[i] && small.points <= k.points);
		check((small.points == 0) == (k.points == 0) && small.frames_per_point > 0);
		check_json(&small);
		peaks_free(&small);
	}
	peaks_free(&k);
	buf_free(&again);
	return 0;
}
