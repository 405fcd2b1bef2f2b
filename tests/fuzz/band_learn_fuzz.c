/* What is learned from is hostile, too: any MIDI files are refused with a sentence or learned from,
 * the same in any order, and what was learned is an adapter that the band plays by. The first bytes
 * choose prompt, seed and scale; each file begins with "MThd". */
#include <string.h>

#include "band_play.h"
#include "base/buf.h"
#include "base/str.h"
#include "engine/band/adapter.h"
#include "engine/band/learn.h"
#include "refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_FILES = 4 };

struct file {
	const uint8_t *p;
	size_t n;
};

static int
split(const uint8_t *data, size_t size, struct file *file)
{
	int n = 0;

	file[n++] = (struct file){ data, size };
	for (size_t i = 1; i + 4 <= size && n < MOST_FILES; i++) {
		if (memcmp(data + i, "MThd", 4) != 0) continue;
		file[n - 1].n = (size_t)(data + i - file[n - 1].p);
		file[n++] = (struct file){ data + i, size - i };
	}
	return n;
}

/* Adds the adapter to out, and what is told of it, unless there was nothing to learn. */
static bool
learn(const struct file *file, int n, bool backward, struct buf *out)
{
	struct learn *l = learn_new();
	struct err e = {0};
	bool learned = false;

	for (int i = 0; i < n; i++) {
		const struct file *f = &file[backward ? n - 1 - i : i];

		if (!learn_add(l, "a file", f->p, f->n, &e)) {
			learned = true;
			continue;
		}
		check_refusal(&e);
		if (!str_starts(e.text, "byte ") && !str_starts(e.text, "it is the same")) abort();
	}
	if (learn_write(l, "Learned", NULL, out, &e) != (learned ? 0 : -1)) abort();
	if (learned) {
		struct buf told = {0};

		learn_tell(l, &told);
		if (!str_is_utf8(buf_str(&told), told.n)) abort();
		buf_free(&told);
	}
	learn_free(l);
	return learned;
}

/* What was learned is an adapter that can be read. */
static void
play(const struct buf *text, const uint8_t *head)
{
	struct style_adapter a;
	struct err e = {0};

	if (adapter_parse(&a, text->p, text->n, &e)) abort();
	band_play(&a, head);
	adapter_free(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct file file[MOST_FILES];
	struct buf text = {0}, again = {0};
	int n;

	if (size < HEAD) return 0;
	n = split(data + HEAD, size - HEAD, file);
	if (learn(file, n, false, &text)) {
		if (!learn(file, n, true, &again) || again.n != text.n
			|| memcmp(again.p, text.p, text.n) != 0)
			abort();
		play(&text, data);
	}
	buf_free(&text);
	buf_free(&again);
	return 0;
}
