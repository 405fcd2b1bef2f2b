/* Any bytes on the socket, whole or one by one: the same messages either way, and nothing behind
 * what is none. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "ipc/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Take what there is; how many messages, or -1 when the connection is of no more use. */
static int
take_all(struct buf *in)
{
	struct err e = {0};
	cJSON *m;
	int n = 0, rc;

	while ((rc = frame_take(in, &m, &e)) == 1) {
		if (!cJSON_IsObject(m) || !*frame_op(m)) abort();
		cJSON_Delete(m);
		n++;
	}
	if (rc < 0 && !*e.text) abort();
	return rc < 0 ? -1 : n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole = {0}, bytes = {0};
	int at_once, one_by_one = 0;

	buf_add(&whole, data, size);
	at_once = take_all(&whole);
	for (size_t i = 0; i < size && one_by_one >= 0; i++) {
		int n;

		buf_addc(&bytes, (char)data[i]);
		n = take_all(&bytes);
		one_by_one = n < 0 ? -1 : one_by_one + n;
	}
	if (at_once != one_by_one) abort();
	if (at_once >= 0 && whole.n != bytes.n) abort();
	if (at_once >= 0 && whole.n && memcmp(whole.p, bytes.p, whole.n) != 0) abort();
	buf_free(&whole);
	buf_free(&bytes);
	return 0;
}
