/* The prepared file: it says what the checkpoint says, is noticed when it does not, and is
 * written whole or not at all. On small checkpoints with random weights. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

#include "../musicgen/checkpoint.h"
#include "base/err.h"
#include "base/json.h"
#include "engine/musicgen/prepare.h"
#include "engine/musicgen/quality.h"
#include "engine/musicgen/safetensors_write.h"
#include "temp.h"

enum { TEXT = 5, FRAMES = 12, BOOKS = 4 };

static struct hands hands;

/* Wide enough for groups of 128, and T5 and the codec have odd widths. */
static const struct musicgen_config wide = {
	.t5 = { 40, 48, 4, 12, 96, 2, 32, 128, 1e-6f },
	.decoder = { 256, 128, 4, 512, 2, BOOKS, 2048 },
	.codec = { 256, 32, 8, 7, 7, 3, 2, { 8, 5, 4, 4 }, 4, 2, 2, 32000 },
};

/* A folder with the checkpoint, for the calling block. Its files are those of all such folders. */
#define CHECKPOINT(name) checkpoint_in(TEMP(name))
static const char *
checkpoint_in(const char *folder)
{
	static const char *const files[] = { "config.json", "tokenizer.json", "model.safetensors" };
	char from[600], to[700];

	assert_int_equal(mkdir(folder, 0700), 0);
	for (size_t i = 0; i < NELEM(files); i++) {
		snprintf(from, sizeof from, "%s/%s", temp_dir, files[i]);
		snprintf(to, sizeof to, "%s/%s", folder, files[i]);
		assert_int_equal(link(from, to), 0);
	}
	return folder;
}

/* The same with files of its own, which may be changed. */
#define OWN_CHECKPOINT(name) own_checkpoint_in(TEMP(name))
static const char *
own_checkpoint_in(const char *folder)
{
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(checkpoint_make(folder, &wide), 0);
	return folder;
}

static struct prepare_report
prepared(const char *folder, const char *level)
{
	struct prepare_report r;
	struct err e = {0};

	if (prepare_write(folder, level, NULL, NULL, &r, &e) != 0) fail_msg("%s", e.text);
	return r;
}

static struct model *
opened(const char *folder, bool is_prepared)
{
	struct err e = {0};
	struct model *m = is_prepared ? model_open_prepared(folder, &e) :
		model_open(folder, NULL, &e);

	if (!m) fail_msg("%s", e.text);
	assert_int_equal(m->source.prepared, is_prepared);
	return m;
}

/* A text's states, the first logits after it, and the sound of some codes. */
struct outputs {
	float states[TEXT * 128];
	float logits[BOOKS * 256];
	float sound[FRAMES * 640];
};

static void
compute(const struct model *m, struct outputs *o)
{
	static const int32_t ids[TEXT] = { 4, 9, 17, 5, 1 }, codes[BOOKS] = { 256, 256, 256, 256 };
	int32_t played[BOOKS * FRAMES];
	struct err e = {0};
	struct decoder_run *r;

	assert_int_equal(model_text(m, &hands, ids, TEXT, o->states, &e), 0);
	r = decoder_begin(m->decoder, &hands, 1, 2, WEIGHTS_F32);
	decoder_text(r, 0, 1, o->states, TEXT);
	decoder_step(r, codes, o->logits);
	decoder_end(r);
	for (int i = 0; i < BOOKS * FRAMES; i++) played[i] = i * 37 % 256;
	codec_decode(m->codec, &hands, played, FRAMES, o->sound, NULL, NULL);
}

static void
float32_gives_the_same_bits(void **state)
{
	const char *folder = CHECKPOINT("f32");
	struct outputs *o = calloc(2, sizeof *o);
	struct prepare_report r = prepared(folder, "f32");
	struct model *a = opened(folder, false), *b = opened(folder, true);

	(void)state;
	assert_non_null(o);
	for (int i = 0; i < WEIGHTS_KINDS; i++)
		assert_int_equal(r.matrices[i] > 0, i == WEIGHTS_F32);
	compute(a, &o[0]);
	compute(b, &o[1]);
	assert_memory_equal(&o[0], &o[1], sizeof *o);
	model_close(a);
	model_close(b);
	free(o);
}

static void
a_part_that_rested_says_the_same(void **state)
{
	const char *folder = CHECKPOINT("rested");
	struct outputs *o = calloc(2, sizeof *o);
	struct model *m;

	(void)state;
	assert_non_null(o);
	prepared(folder, PREPARE_LEVEL);
	m = opened(folder, true);
	compute(m, &o[0]);
	model_rest(m, MODEL_TEXT);
	model_rest(m, MODEL_TEXT_KEYS);
	model_rest(m, MODEL_CODEC);
	compute(m, &o[1]);
	assert_memory_equal(&o[0], &o[1], sizeof *o);
	model_close(m);
	free(o);
}

/* The two numbers that quality is told by. */
static struct quality
measured(const char *folder, int steps)
{
	struct model *a = opened(folder, false), *b = opened(folder, true);
	struct quality q;
	struct err e = {0};

	assert_int_equal(quality_measure(a, b, &hands, 8, steps, 1, &q, &e), 0);
	assert_int_equal(q.predictions, 8 * steps * BOOKS);
	model_close(a);
	model_close(b);
	return q;
}

static void
int8_keeps_what_comes_next(void **state)
{
	const char *folder = CHECKPOINT("int8");
	struct prepare_report r = prepared(folder, "int8");
	struct quality q = measured(folder, 24);

	(void)state;
	assert_true(r.matrices[WEIGHTS_I12] >= 2 * 10 + BOOKS);
	assert_true(q.divergence > 0 && q.divergence < 1e-3);
	assert_true(q.same >= 0.99);
}

static void
fewer_bits_are_smaller_and_coarser(void **state)
{
	static const char *const levels[] = { "f32", "f16", "bf16", "int8", "small" };
	const char *folder = CHECKPOINT("levels");
	struct quality q[NELEM(levels)];
	uint64_t bytes[NELEM(levels)];

	(void)state;
	for (size_t i = 0; i < NELEM(levels); i++) {
		bytes[i] = prepared(folder, levels[i]).bytes;
		q[i] = measured(folder, 4);
	}
	assert_true(bytes[1] < bytes[0] && bytes[2] <= bytes[0] && bytes[3] < bytes[1] &&
		bytes[4] < bytes[3]);
	assert_true(q[1].divergence > q[0].divergence && q[3].divergence > q[1].divergence &&
		q[2].divergence > q[3].divergence && q[4].divergence > q[2].divergence);
}

static void
what_cannot_be_kept_smaller_stays_as_it_is(void **state)
{
	static const struct {
		const char *name;
		enum tensor_type type;
		int64_t cols;
	} kept[] = {
		/* 48 columns are no group. */
		{ "text_encoder.encoder.block.0.layer.0.SelfAttention.q.weight", TENSOR_F16, 48 },
		{ "decoder.model.decoder.layers.1.fc2.weight", TENSOR_U8, 512 / 2 * 3 },
		{ "decoder.model.decoder.layers.1.fc2.weight.scale", TENSOR_F32, 512 / 128 },
		{ "decoder.model.decoder.embed_tokens.0.weight", TENSOR_F32, 128 },
		{ "audio_encoder.decoder.layers.0.conv.folded", TENSOR_F32, 7 * 32 },
	};
	const char *folder = CHECKPOINT("odd");
	struct err e = {0};
	struct tensors *t;

	(void)state;
	prepared(folder, "int8");
	t = prepare_open(folder, &e);
	assert_non_null(t);
	for (size_t i = 0; i < NELEM(kept); i++) {
		const struct tensor *one = tensors_find(t, kept[i].name);

		assert_non_null(one);
		assert_int_equal(one->type, kept[i].type);
		assert_int_equal(one->shape[1], kept[i].cols);
	}
	/* Both parts of what was folded are in the product. */
	for (size_t i = 0; i < tensors_count(t); i++)
		assert_null(strstr(tensors_at(t, i)->name, "parametrizations"));
	for (size_t i = 0; i < tensors_count(t); i++)
		if (strncmp(tensors_at(t, i)->name, "pad.", 4) != 0)
			assert_int_equal((uintptr_t)tensors_at(t, i)->data % 64, 0);
	tensors_close(t);
}

static void
refused(const char *folder, const char *says)
{
	struct err e = {0};

	assert_null(model_open_prepared(folder, &e));
	if (!strstr(e.text, says)) fail_msg("%s", e.text);
	assert_non_null(strstr(e.text, "earshot model prepare"));
	assert_int_equal(e.kind, ERR_INVALID);
}

static void
one_of_other_weights_is_refused(void **state)
{
	const char *folder = OWN_CHECKPOINT("stale");
	const struct timespec times[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	char path[600];

	(void)state;
	model_close(opened(folder, false));
	prepared(folder, "int8");
	model_close(opened(folder, true));
	snprintf(path, sizeof path, "%s/model.safetensors", folder);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	refused(folder, "made of another model.safetensors");
	prepared(folder, "int8");
	model_close(opened(folder, true));
	/* Nothing else is needed of them. */
	assert_int_equal(unlink(path), 0);
	model_close(opened(folder, true));
}

/* Write n bytes over the prepared file from `at` on (from its end where that is below 0). */
static void
overwrite(const char *folder, off_t at, const char *bytes, size_t n)
{
	char path[600];
	int fd;

	snprintf(path, sizeof path, "%s/" PREPARE_FILE, folder);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_true(lseek(fd, at, at < 0 ? SEEK_END : SEEK_SET) >= 0);
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	close(fd);
}

static void
a_damaged_one_is_noticed(void **state)
{
	const char *folder = CHECKPOINT("damaged");
	struct err e = {0};
	char path[600];

	(void)state;
	prepared(folder, "int8");
	assert_int_equal(prepare_check(folder, &e), 0);
	overwrite(folder, -100, "?", 1);
	assert_int_equal(prepare_check(folder, &e), -1);
	assert_non_null(strstr(e.text, "damaged"));
	snprintf(path, sizeof path, "%s/" PREPARE_FILE, folder);
	assert_int_equal(truncate(path, 100000), 0);
	refused(folder, "outside of the file");
	overwrite(folder, 8, "x", 1);
	refused(folder, "header");
	assert_int_equal(truncate(path, 0), 0);
	refused(folder, "too short");
}

/* A file of one tensor in place of the prepared one. */
static void
replace(const char *folder, const char *version, const char *sources, const char *name,
	enum tensor_type type, const int64_t *shape)
{
	struct err e = {0};
	cJSON *metadata = json_object();
	static const char zeros[1 << 17];
	char path[600];
	struct tensors_out *o;

	snprintf(path, sizeof path, "%s/" PREPARE_FILE, folder);
	o = tensors_out_begin(path, 1000, &e);
	assert_non_null(o);
	assert_int_equal(tensors_out_add(o, name, type, 2, shape, zeros, &e), 0);
	json_add_text(metadata, "earshot_prepared", version);
	json_add_text(metadata, "made_of", sources);
	assert_int_equal(tensors_out_end(o, metadata, &e), 0);
	tensors_out_close(o);
	cJSON_Delete(metadata);
}

static void
what_is_no_prepared_file_is_refused(void **state)
{
	const char *folder = CHECKPOINT("foreign");
	const int64_t shape[] = { 40, 48 };
	const char *name = "text_encoder.shared.weight";

	(void)state;
	replace(folder, "0", "", name, TENSOR_F32, shape);
	refused(folder, "another version");
	replace(folder, "2", "1 2", name, TENSOR_F32, shape);
	refused(folder, "does not say what it was made of");
	replace(folder, "2", "1 2 ../x", name, TENSOR_F32, shape);
	refused(folder, "does not say what it was made of");
	replace(folder, "2", "1 2 gone", "x", TENSOR_F32, shape);
	refused(folder, "text_encoder.shared.weight: the weights lack it");
	replace(folder, "2", "", name, TENSOR_I8, shape);
	refused(folder, "values of I8 are not supported");
}

/* Matrices of whole numbers whose shapes or factors are wrong. */
static void
whole_numbers_without_fitting_factors_are_refused(void **state)
{
	static const struct {
		enum tensor_type type;
		int64_t n, cols, scales;	/* 0: no factors */
		const char *says;		/* NULL: nothing is wrong */
	} cases[] = {
		{ TENSOR_I8, 16, 256, 2, NULL }, { TENSOR_U8, 16, 384, 4, NULL },
		{ TENSOR_I8, 16, 256, 0, "its factors are not there" },
		{ TENSOR_I8, 16, 255, 2, "its shape is 16 × 255" },
		{ TENSOR_U8, 16, 256, 2, "its shape is 16 × 256" },
		{ TENSOR_I8, 16, 256, 3, "3 factors a row do not fit" },
		{ TENSOR_I8, 16, 256, 16, "16 factors a row do not fit" },
		{ TENSOR_I8, 16, 256, 512, "w.scale: its shape is 16 × 512" },
		{ TENSOR_I8, 24, 256, 2, "do not fit 24 rows" },
		{ TENSOR_I16, 16, 256, 2, "values of I16 are not supported" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		const int64_t shape[] = { cases[i].n, cases[i].cols };
		const int64_t scales[] = { cases[i].n, cases[i].scales };
		static const char zeros[1 << 15];
		struct weights_source s = { .prepared = true };
		struct err e = {0};
		cJSON *metadata = json_object();
		struct tensors_out *o = tensors_out_begin(TEMP("whole"), 1000, &e);
		struct tensors *t;
		struct rows w;

		assert_non_null(o);
		assert_int_equal(tensors_out_add(o, "w", cases[i].type, 2, shape, zeros, &e), 0);
		if (cases[i].scales)
			assert_int_equal(tensors_out_add(o, "w.scale", TENSOR_F32, 2, scales, zeros,
				&e), 0);
		assert_int_equal(tensors_out_end(o, metadata, &e), 0);
		tensors_out_close(o);
		cJSON_Delete(metadata);
		s.tensors = t = tensors_open(TEMP("whole"), &e);
		assert_non_null(t);
		if (!cases[i].says) {
			assert_int_equal(weights_rows(&s, (int)cases[i].n, 256, &w, &e, "w"), 0);
			assert_int_equal(w.group, 256 / cases[i].scales);
		} else {
			assert_int_equal(weights_rows(&s, (int)cases[i].n, 256, &w, &e, "w"), -1);
			if (!strstr(e.text, cases[i].says)) fail_msg("%zu: %s", i, e.text);
		}
		/* In a checkpoint they are nothing that is known. */
		s.prepared = false;
		assert_int_equal(weights_rows(&s, (int)cases[i].n, 256, &w, &e, "w"), -1);
		tensors_close(t);
	}
}

static bool
stop_at_half(void *ctx, uint64_t done, uint64_t of)
{
	*(int *)ctx += 1;
	return done < of / 2;
}

static void
what_is_stopped_leaves_the_one_that_was_there(void **state)
{
	const char *folder = CHECKPOINT("stopped");
	struct prepare_report r = prepared(folder, "f16");
	struct err e = {0};
	struct tensors *t;
	char part[600];
	int calls = 0;

	(void)state;
	assert_int_equal(prepare_write(folder, "int8", stop_at_half, &calls, &r, &e), -1);
	assert_int_equal(e.kind, ERR_STOPPED);
	assert_true(calls > 1);
	assert_int_equal(prepare_write(folder, "int7", NULL, NULL, &r, &e), -1);
	assert_int_equal(e.kind, ERR_UNREADABLE);
	t = prepare_open(folder, &e);
	assert_non_null(t);
	assert_string_equal(tensors_metadata(t, "weights"), "f16");
	tensors_close(t);
	snprintf(part, sizeof part, "%s/" PREPARE_FILE ".part", folder);
	assert_int_equal(access(part, F_OK), -1);
}

static void
a_full_disk_leaves_the_one_that_was_there(void **state)
{
	const char *folder = CHECKPOINT("full");
	struct prepare_report r = prepared(folder, "int8");
	struct rlimit before, little;
	struct err e = {0};
	char part[600];
	int rc;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	little = (struct rlimit){ 1 << 20, before.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	rc = prepare_write(folder, "f32", NULL, NULL, &r, &e);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(rc, -1);
	assert_int_equal(e.kind, ERR_AWAY);
	assert_non_null(strstr(e.text, PREPARE_FILE));
	assert_int_equal(prepare_check(folder, &e), 0);
	snprintf(part, sizeof part, "%s/" PREPARE_FILE ".part", folder);
	assert_int_equal(access(part, F_OK), -1);
}

static void
two_do_not_write_at_once(void **state)
{
	const char *folder = CHECKPOINT("twice");
	struct prepare_report r;
	struct err e = {0};
	char part[600];
	int fd;

	(void)state;
	snprintf(part, sizeof part, "%s/" PREPARE_FILE ".part", folder);
	fd = open(part, O_RDWR | O_CREAT, 0600);
	assert_true(fd >= 0 && flock(fd, LOCK_EX) == 0);
	assert_int_equal(prepare_write(folder, "int8", NULL, NULL, &r, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_false(prepare_exists(folder));
	/* What a process left that was killed is in nobody's way. */
	close(fd);
	prepared(folder, "int8");
	assert_int_equal(prepare_check(folder, &e), 0);
	assert_int_equal(access(part, F_OK), -1);
}

static void
weights_that_are_not_finite_are_not_kept(void **state)
{
	const char *folder = OWN_CHECKPOINT("infinite");
	const char *name = "decoder.model.decoder.layers.1.fc1.weight";
	const uint32_t not_a_number = 0x7fc00000;
	struct prepare_report r;
	struct err e = {0};
	struct tensors *t;
	uint64_t header;
	const char *values;
	char path[600];
	FILE *f;

	(void)state;
	snprintf(path, sizeof path, "%s/model.safetensors", folder);
	t = tensors_open(path, &e);
	f = fopen(path, "r+b");
	assert_non_null(t);
	assert_non_null(f);
	/* The embeddings of T5 are first in the file. */
	assert_int_equal(fread(&header, 8, 1, f), 1);
	values = tensors_find(t, "text_encoder.shared.weight")->data;
	assert_int_equal(fseek(f, (long)(8 + header) +
		(long)((const char *)tensors_find(t, name)->data - values), SEEK_SET), 0);
	assert_int_equal(fwrite(&not_a_number, 4, 1, f), 1);
	fclose(f);
	tensors_close(t);
	assert_int_equal(prepare_write(folder, "int8", NULL, NULL, &r, &e), -1);
	assert_non_null(strstr(e.text, "layers.1.fc1.weight: value 0 is not finite"));
	assert_false(prepare_exists(folder));
}

static int
setup(void **state)
{
	hands = (struct hands){ crew_start(1), kernels_best() };
	return temp_make(state) == 0 ? checkpoint_make(temp_dir, &wide) : -1;
}

static int
teardown(void **state)
{
	crew_stop(hands.crew);
	return temp_remove(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(float32_gives_the_same_bits),
		cmocka_unit_test(a_part_that_rested_says_the_same),
		cmocka_unit_test(int8_keeps_what_comes_next),
		cmocka_unit_test(fewer_bits_are_smaller_and_coarser),
		cmocka_unit_test(what_cannot_be_kept_smaller_stays_as_it_is),
		cmocka_unit_test(one_of_other_weights_is_refused),
		cmocka_unit_test(a_damaged_one_is_noticed),
		cmocka_unit_test(what_is_no_prepared_file_is_refused),
		cmocka_unit_test(whole_numbers_without_fitting_factors_are_refused),
		cmocka_unit_test(what_is_stopped_leaves_the_one_that_was_there),
		cmocka_unit_test(a_full_disk_leaves_the_one_that_was_there),
		cmocka_unit_test(two_do_not_write_at_once),
		cmocka_unit_test(weights_that_are_not_finite_are_not_kept),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
