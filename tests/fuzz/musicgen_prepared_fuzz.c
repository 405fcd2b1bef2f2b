/* Prepared files are hostile, too: edits of one that is right. Any of them is refused with a
 * sentence, or gives a model that a text can be given, and that makes sound. An edit is where (2
 * bytes, little endian, of the header, or with the upper bit of the values), how many bytes are
 * left out there, how many come instead, and these. */
#include <unistd.h>

#include "../musicgen/checkpoint.h"
#include "engine/musicgen/generate.h"
#include "engine/musicgen/prepare.h"
#include "folder.h"
#include "refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TOKENS = 5, VALUES = 0x8000 };

static struct buf whole;		/* the right one */
static size_t header;			/* bytes of its header */
static struct hands hands;

/* Of few tensors, with matrices wide enough to be kept as whole numbers. */
static const struct musicgen_config tiny = {
	.t5 = { 30, 64, 2, 32, 64, 1, 8, 16, 1e-6f },
	.decoder = { 16, 64, 2, 128, 1, 2, 64 },
	.codec = { 16, 8, 8, 3, 3, 3, 1, { 2, 4 }, 2, 2, 2, 8000 },
};

static void
make(void)
{
	struct prepare_report report;
	struct err e = {0};

	folder_make();
	if (checkpoint_make(temp_dir, &tiny) != 0) abort();
	if (prepare_write(temp_dir, PREPARE_LEVEL, NULL, NULL, &report, &e) != 0) abort();
	if (unlink(TEMP("model.safetensors")) != 0) abort();
	if (buf_read_file(&whole, TEMP(PREPARE_FILE), 1 << 24, &e) != 0) abort();
	for (int i = 7; i >= 0; i--) header = header << 8 | (uint8_t)whole.p[i];
	hands = (struct hands){ crew_start(1), kernels_best() };
}

/* One edit of a part of the file, `text`, of n bytes: how many there are then. */
static size_t
edit(char *text, size_t n, size_t at, size_t out, const uint8_t *in, size_t more)
{
	at = n ? at % n : 0;
	if (out > n - at) out = n - at;
	memmove(text + at + more, text + at + out, n - at - out);
	memcpy(text + at, in, more);
	return n - out + more;
}

/* The file with all edits, written. */
static void
write_edited(const uint8_t *data, size_t size)
{
	size_t n = header, rest = whole.n - 8 - header;
	char *text = malloc(n + size + 8), *values = malloc(rest + size + 8);
	struct buf b = {0};

	if (!text || !values) abort();
	memcpy(text, whole.p + 8, n);
	memcpy(values, whole.p + 8 + n, rest);
	while (size >= 4) {
		size_t where = data[0] | (size_t)data[1] << 8, out = data[2], more = data[3];

		data += 4;
		size -= 4;
		if (more > size) more = size;
		if (where & VALUES) rest = edit(values, rest, where & ~VALUES, out, data, more);
		else n = edit(text, n, where, out, data, more);
		data += more;
		size -= more;
	}
	for (int i = 0; i < 8; i++) buf_addc(&b, (char)(n >> 8 * i & 255));
	buf_add(&b, text, n);
	buf_add(&b, values, rest);
	if (checkpoint_write(temp_dir, PREPARE_FILE, &b) != 0) abort();
	buf_free(&b);
	free(text);
	free(values);
}

static void
play(const struct model *m)
{
	static const int32_t ids[] = { 4, 5, 1 };
	struct generation g = { .tokens = TOKENS, .guidance = 3, .takes = 2, .cache = WEIGHTS_F16,
		.sampling = { .temperature = 1, .top_k = 8 }, .seeds = { 7, 8 } };
	int frames = generate_frames(&tiny.decoder, TOKENS);
	float states[3 * 64], samples[TOKENS * 8];
	int32_t codes[2 * 2 * TOKENS];
	struct err e = {0};

	if (model_text(m, &hands, ids, 3, states, &e) != 0 ||
		generate_codes(m, &hands, states, 3, &g, codes, &e) != 0)
		abort();
	for (int i = 0; i < 2 * 2 * frames; i++)
		if (codes[i] < 0 || codes[i] >= tiny.codec.codes) abort();
	codec_decode(m->codec, &hands, codes, frames, samples, NULL, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = {0};
	struct model *m;

	if (!hands.crew) make();
	write_edited(data, size);
	m = model_open_prepared(temp_dir, &e);
	if (m) play(m);
	else check_refusal(&e);
	if (!m && size < 4) abort();	/* nothing was edited */
	model_close(m);
	return 0;
}
