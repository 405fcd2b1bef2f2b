/* musicgen FOLDER WHAT …: how fast the engine is on a checkpoint of a real size with random weights.
 * Each prints one line, numbers with a blank between them. KIND is float32, the
 * weights as they are in the checkpoint, or prepared.
 *
 *	make SIZE			the checkpoint into FOLDER, which exists; SIZE is small,
 *					medium or large; prints nothing
 *	prepare LEVEL			its prepared file; prints nothing
 *	open KIND			ms to open it
 *	steps KIND TAKES SECONDS THREADS
 *					of a take with guidance, ms a step, ms for reading as many
 *					bytes as a step needs, weights and cache, and the first over
 *					the second; all of them medians
 *	text KIND TOKENS THREADS	ms of the text encoder
 *	codec KIND SECONDS THREADS	seconds of sound in a second
 *	take KIND SECONDS THREADS	seconds for a take from text to sound, MiB resident at its
 *					peak
 *
 * Reading is a sum over memory, shared by the same threads, in turns with the steps. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "../musicgen/checkpoint.h"
#include "base/err.h"
#include "engine/musicgen/generate.h"
#include "engine/musicgen/pack.h"
#include "engine/musicgen/prepare.h"

enum {
	TURN = 8,			/* steps between two readings */
	TEXT = 16,
};

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *list, size_t n)
{
	qsort(list, n, sizeof *list, by_size);
	return n ? list[n / 2] : 0;
}

static void *
room(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p) abort();
	return p;
}

struct reading {
	const uint64_t *p;
	size_t n;
	uint64_t sum;			/* so that it is not left out */
};

static void
read_share(void *ctx, int part, int parts)
{
	typedef uint64_t eight __attribute__((vector_size(64)));
	struct reading *r = ctx;
	size_t all = r->n / 32, from = all * (size_t)part / (size_t)parts,
		to = all * (size_t)(part + 1) / (size_t)parts;
	const eight *p = (const eight *)(const void *)r->p + 4 * from;
	eight a = {0}, b = {0}, c = {0}, d = {0};

	for (size_t i = from; i < to; i++, p += 4) {
		a += p[0];
		b += p[1];
		c += p[2];
		d += p[3];
	}
	a += b + c + d;
	for (int i = 0; i < 8; i++) __atomic_fetch_add(&r->sum, a[i], __ATOMIC_RELAXED);
}

/* ms to read so many bytes of memory. */
static double
read_ms(struct crew *crew, struct reading *r, size_t bytes)
{
	double from = now_ms();

	r->n = bytes / sizeof *r->p;
	crew_run(crew, read_share, r);
	return now_ms() - from;
}

static size_t
bytes_of(const struct rows *w)
{
	size_t all = (size_t)w->n * (size_t)w->cols;

	return (size_t)w->n * pack_bytes(w->kind, w->cols) +
		(w->group ? all / (size_t)w->group * sizeof *w->scale : 0);
}

/* What a step reads of the weights. */
static size_t
step_bytes(struct model *m)
{
	const struct decoder_config *c = &m->config.decoder;
	size_t all = 0;

	for (int k = 0; k < c->codebooks; k++) all += bytes_of(&decoder_head(m->decoder, k)->w);
	for (int i = 0; i < c->layers; i++)
		for (int k = 0; k < DECODER_LINEARS; k++)
			if (k != TEXT_K && k != TEXT_V)
				all += bytes_of(&decoder_linear(m->decoder, i, (enum decoder_linear)k)->w);
	return all;
}

struct turns {
	struct hands *hands;
	struct reading reading;
	size_t weights, cache;		/* bytes of a step; of the cache, at each position */
	double from, *step, *floor, *ratio;
	size_t n;
};

static bool
turn(void *ctx, int done, int of)
{
	struct turns *t = ctx;

	(void)of;
	if (done % TURN) return true;
	t->step[t->n] = (now_ms() - t->from) / TURN;
	t->floor[t->n] = read_ms(t->hands->crew, &t->reading,
		t->weights + t->cache * (size_t)(done - TURN / 2));
	t->ratio[t->n] = t->step[t->n] / t->floor[t->n];
	t->n++;
	t->from = now_ms();
	return true;
}

static int
steps(struct model *m, struct hands *h, int takes, int seconds)
{
	const struct decoder_config *c = &m->config.decoder;
	struct turns t = { .hands = h };
	struct generation g = { .tokens = generate_tokens(c, seconds * 50), .guidance = 3,
		.takes = takes, .sampling = { .temperature = 1, .top_k = 250 },
		.seeds = { 1, 2, 3, 4 }, .cache = WEIGHTS_F16, .step = turn, .ctx = &t };
	float *states = room(TEXT * (size_t)c->width, sizeof *states);
	int32_t *codes = room((size_t)takes * (size_t)c->codebooks * (size_t)g.tokens, sizeof *codes);
	size_t n = (size_t)g.tokens / TURN, most;
	struct rng r = rng_for(1, "text", 0, 0);
	struct err e = {0};

	for (size_t i = 0; i < TEXT * (size_t)c->width; i++) states[i] = checkpoint_draw(&r);
	t.weights = step_bytes(m);
	t.cache = (size_t)c->layers * 2 * 2 * (size_t)takes * (size_t)c->width * 2;
	most = t.weights + t.cache * (size_t)g.tokens;
	t.reading.p = aligned_alloc(64, most / 64 * 64);
	t.step = room(3 * n, sizeof *t.step);
	t.floor = t.step + n;
	t.ratio = t.floor + n;
	if (!t.reading.p) abort();
	memset((void *)t.reading.p, 1, most / 64 * 64);
	t.from = now_ms();
	if (generate_codes(m, h, states, TEXT, &g, codes, &e) != 0) return 1;
	/* The first one has what a run does once. */
	printf("%.3f ", median(t.step + 1, t.n - 1));
	printf("%.3f %.3f\n", median(t.floor + 1, t.n - 1), median(t.ratio + 1, t.n - 1));
	free(states);
	free(codes);
	free(t.step);
	free((void *)t.reading.p);
	return 0;
}

static int
text(struct model *m, struct hands *h, int n)
{
	int32_t *ids = room((size_t)n, sizeof *ids);
	float *out = room((size_t)n * (size_t)m->config.decoder.width, sizeof *out);
	double ms[5];
	struct err e = {0};

	for (int i = 0; i < n; i++) ids[i] = i % m->config.t5.vocabulary;
	for (size_t i = 0; i < NELEM(ms); i++) {
		double from = now_ms();

		if (model_text(m, h, ids, n, out, &e) != 0) return 1;
		ms[i] = now_ms() - from;
	}
	printf("%.2f\n", median(ms, NELEM(ms)));
	free(ids);
	free(out);
	return 0;
}

static int
codec(struct model *m, struct hands *h, int seconds)
{
	int frames = seconds * codec_frame_rate(&m->config.codec);
	size_t n = (size_t)m->config.decoder.codebooks * (size_t)frames;
	int32_t *codes = room(n, sizeof *codes);
	float *samples = room((size_t)frames * (size_t)codec_hop(&m->config.codec), sizeof *samples);
	struct rng r = rng_for(1, "codes", 0, 0);
	double ms[3];

	for (size_t i = 0; i < n; i++) codes[i] = rng_below(&r, m->config.codec.codes);
	for (size_t i = 0; i < NELEM(ms); i++) {
		double from = now_ms();

		codec_decode(m->codec, h, codes, frames, samples, NULL, NULL);
		ms[i] = now_ms() - from;
	}
	printf("%.2f\n", seconds * 1e3 / median(ms, NELEM(ms)));
	free(codes);
	free(samples);
	return 0;
}

static int
take(struct model *m, struct hands *h, int seconds)
{
	const struct decoder_config *c = &m->config.decoder;
	int frames = seconds * codec_frame_rate(&m->config.codec);
	struct generation g = { .tokens = generate_tokens(c, frames), .guidance = 3, .takes = 1,
		.sampling = { .temperature = 1, .top_k = 250 }, .cache = WEIGHTS_F16 };
	int32_t ids[TEXT], *codes = room((size_t)(c->codebooks * frames), sizeof *codes);
	float *states = room(TEXT * (size_t)c->width, sizeof *states);
	float *samples = room((size_t)frames * (size_t)codec_hop(&m->config.codec), sizeof *samples);
	double from = now_ms();
	struct rusage use;
	struct err e = {0};
	int rc = 1;

	for (int i = 0; i < TEXT; i++) ids[i] = i;
	if (model_text(m, h, ids, TEXT, states, &e) == 0 &&
		generate_codes(m, h, states, TEXT, &g, codes, &e) == 0) {
		codec_decode(m->codec, h, codes, frames, samples, NULL, NULL);
		getrusage(RUSAGE_SELF, &use);
		rc = printf("%.2f %.1f\n", (now_ms() - from) / 1e3, (double)use.ru_maxrss / 1024) < 0;
	}
	free(codes);
	free(states);
	free(samples);
	return rc;
}

/* argv: FOLDER WHAT KIND, then what is asked for. */
static int
measure(int argc, char **argv)
{
	double from = now_ms();
	struct hands h = { crew_start(argc > 5 ? atoi(argv[argc - 1]) : 1), kernels_best() };
	struct err e = {0};
	struct model *m = strcmp(argv[3], "prepared") == 0 ? model_open_prepared(argv[1], &e) :
		model_open(argv[1], NULL, &e);
	int rc = 2;

	if (!m) fprintf(stderr, "musicgen: %s\n", e.text);
	else if (strcmp(argv[2], "open") == 0) rc = printf("%.1f\n", now_ms() - from) < 0;
	else if (strcmp(argv[2], "steps") == 0 && argc == 7)
		rc = steps(m, &h, atoi(argv[4]), atoi(argv[5]));
	else if (strcmp(argv[2], "text") == 0 && argc == 6) rc = text(m, &h, atoi(argv[4]));
	else if (strcmp(argv[2], "codec") == 0 && argc == 6) rc = codec(m, &h, atoi(argv[4]));
	else if (strcmp(argv[2], "take") == 0 && argc == 6) rc = take(m, &h, atoi(argv[4]));
	model_close(m);
	crew_stop(h.crew);
	return rc;
}

/* musicgen-SIZE; they differ in the decoder alone. */
static int
make(const char *folder, const char *size)
{
	static const struct {
		const char *size;
		int width, heads, layers;
	} sizes[] = {
		{ "small", 1024, 16, 24 }, { "medium", 1536, 24, 48 }, { "large", 2048, 32, 48 },
	};
	struct musicgen_config c = checkpoint_small;

	for (size_t i = 0; i < NELEM(sizes); i++) {
		if (strcmp(sizes[i].size, size) != 0) continue;
		c.decoder.width = sizes[i].width;
		c.decoder.heads = sizes[i].heads;
		c.decoder.layers = sizes[i].layers;
		c.decoder.feed_forward = 4 * sizes[i].width;
		return checkpoint_make(folder, &c) != 0;
	}
	fprintf(stderr, "musicgen: there is no size %s\n", size);
	return 2;
}

int
main(int argc, char **argv)
{
	struct prepare_report report;
	struct err e = {0};

	if (argc == 4 && strcmp(argv[2], "make") == 0) return make(argv[1], argv[3]);
	if (argc == 4 && strcmp(argv[2], "prepare") == 0)
		return prepare_write(argv[1], argv[3], NULL, NULL, &report, &e) != 0;
	if (argc > 3) return measure(argc, argv);
	fprintf(stderr, "musicgen: tests/bench/musicgen.c tells what it takes\n");
	return 2;
}
