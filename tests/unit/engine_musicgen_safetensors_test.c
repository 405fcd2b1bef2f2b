/* Files of tensors: what is right is read, what is wrong is refused by name. */
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/json.h"
#include "engine/musicgen/safetensors.h"
#include "engine/musicgen/safetensors_write.h"
#include "engine/musicgen/weights.h"
#include "temp.h"

/* A file of this header and n bytes 1, 2, 3, … behind it. length < 0: that of the header. */
static const char *
file_of(const char *name, const char *header, long long length, size_t n)
{
	static char path[600];
	uint64_t says = length < 0 ? strlen(header) : (uint64_t)length;
	FILE *f;

	snprintf(path, sizeof path, "%s", TEMP(name));
	f = fopen(path, "wb");
	assert_non_null(f);
	for (int i = 0; i < 8; i++) fputc((int)(says >> 8 * i & 255), f);
	fputs(header, f);
	for (size_t i = 0; i < n; i++) fputc((int)((i + 1) & 255), f);
	assert_int_equal(fclose(f), 0);
	return path;
}

static void
tensors_are_found_by_name_with_their_shapes_and_values(void **state)
{
	struct err e = {0};
	struct tensors *t = tensors_open(file_of("good", "{\"b\":{\"dtype\":\"F32\",\"shape\":[2,3],"
		"\"data_offsets\":[4,28]},\"__metadata__\":{\"format\":\"pt\"},\"a.c\":{\"dtype\":"
		"\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]},\"none\":{\"dtype\":\"I64\",\"shape\":"
		"[0,7],\"data_offsets\":[28,28]},\"one\":{\"dtype\":\"F16\",\"shape\":[],"
		"\"data_offsets\":[28,30]}}   ", -1, 30), &e);
	const struct tensor *b;
	float v[6];
	char shape[40];

	(void)state;
	assert_non_null(t);
	assert_int_equal(tensors_count(t), 4);
	assert_string_equal(tensors_at(t, 0)->name, "a.c");
	assert_null(tensors_find(t, "__metadata__"));
	assert_string_equal(tensors_metadata(t, "format"), "pt");
	assert_null(tensors_metadata(t, "a.c"));
	assert_null(tensors_find(t, "c"));
	b = tensors_find(t, "b");
	assert_non_null(b);
	assert_int_equal(b->rank, 2);
	assert_int_equal(b->shape[1], 3);
	assert_int_equal(b->count, 6);
	assert_string_equal(tensor_shape_text(b, shape, sizeof shape), "2 × 3");
	tensor_read(b, 1, 2, v);
	assert_memory_equal(v, ((const char *)b->data) + 4, 8);
	tensor_read(tensors_find(t, "a.c"), 1, 1, v);
	assert_true(v[0] == 0x1.06p-119f);		/* 0x0403, as the upper half */
	assert_int_equal(tensors_find(t, "one")->count, 1);
	assert_int_equal(tensors_find(t, "none")->count, 0);
	tensors_close(t);
}

static void
what_is_wrong_is_refused_by_name(void **state)
{
	static const struct {
		const char *header;
		long long length;
		size_t n;
		const char *says;
	} wrong[] = {
		{ "{}", 1000, 0, "ends behind the file" },
		{ "{}", INT64_MAX, 0, "ends behind the file" },
		{ "[]", -1, 0, "no JSON object" },
		{ "{\"a\"", -1, 0, "header" },
		{ "{}", -1, 3, "3 bytes belong to no tensor" },
		{ "{\"a\":3}", -1, 0, "a: it is no object" },
		{ "{\"a\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}", -1, 4, "F33" },
		{ "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", -1, 4, "a: it has no shape" },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1],\"data_offsets\":[0,4]}}", -1, 4,
			"more than 4 dimensions" },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", -1, 4,
			"shape is impossible" },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", -1, 4,
			"shape is impossible" },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,4]}}",
			-1, 4, "shape is impossible" },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387905],\"data_offsets\":[0,4]}}",
			-1, 4, "impossible" },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,8]}}", -1, 4,
			"outside of the file's 4 bytes" },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", -1, 4, "outside" },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":{\"x\":0,\"y\":4}}}", -1, 4,
			"outside" },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", -1, 4,
			"does not fit the 4 bytes" },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,8]}}", -1, 8,
			"does not fit the 8 bytes" },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", -1, 8, "gap" },
		{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":"
			"\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}", -1, 6, "overlap" },
		{ "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"a\":{\"dtype\":"
			"\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", -1, 2, "twice" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(wrong); i++) {
		struct err e = {0};
		struct tensors *t = tensors_open(file_of("bad", wrong[i].header, wrong[i].length,
			wrong[i].n), &e);

		if (t) fail_msg("%zu is taken", i);
		assert_int_equal(e.kind, ERR_INVALID);
		if (!strstr(e.text, wrong[i].says)) fail_msg("%zu: %s", i, e.text);
	}
}

static void
a_file_that_is_none_is_said_so(void **state)
{
	struct err e = {0};

	(void)state;
	assert_null(tensors_open(TEMP("missing"), &e));
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_null(tensors_open(temp_dir, &e));
	assert_int_equal(e.kind, ERR_INVALID);
	assert_null(tensors_open_model(temp_dir, &e));
	assert_non_null(strstr(e.text, "neither model.safetensors nor"));
}

static void
write_text(const char *name, const char *text)
{
	FILE *f = fopen(TEMP(name), "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void
an_index_leads_to_files_of_its_folder(void **state)
{
	static const char *const bad[][2] = {
		{ "{\"weight_map\":{\"a\":\"../x\"}}", "no file of this folder" },
		{ "{\"weight_map\":{\"a\":3}}", "no file of this folder" },
		{ "{\"weight_map\":{\"a\":\"gone\"}}", "gone" },
		{ "{\"weight_map\":{\"c\":\"s1\"}}", "c is not in s1" },
		{ "{\"weight_map\":{\"a\":\"s1\",\"b\":\"s3\"}}", "twice" },
		{ "{}", "no weight_map" },
	};
	struct err e = {0};
	struct tensors *t;

	(void)state;
	file_of("s1", "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", -1, 1);
	file_of("s2", "{\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", -1, 2);
	file_of("s3", "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":"
		"\"U8\",\"shape\":[0],\"data_offsets\":[2,2]}}", -1, 2);
	write_text("model.safetensors.index.json", "{\"metadata\":{},\"weight_map\":{\"a\":\"s1\","
		"\"b\":\"s2\"}}");
	t = tensors_open_model(temp_dir, &e);
	assert_non_null(t);
	assert_int_equal(tensors_find(t, "b")->count, 2);
	tensors_close(t);
	for (size_t i = 0; i < NELEM(bad); i++) {
		write_text("model.safetensors.index.json", bad[i][0]);
		assert_null(tensors_open_model(temp_dir, &e));
		if (!strstr(e.text, bad[i][1])) fail_msg("%zu: %s", i, e.text);
	}
}

/* Is the page that p lies on in the memory of this process? */
static bool
is_resident(int pagemap, const void *p)
{
	uint64_t entry = 0;
	off_t at = (off_t)((uintptr_t)p / (uintptr_t)sysconf(_SC_PAGESIZE) * sizeof entry);

	assert_int_equal(pread(pagemap, &entry, sizeof entry, at), sizeof entry);
	return entry >> 63;
}

static void
what_rests_needs_no_memory(void **state)
{
	const int64_t page = sysconf(_SC_PAGESIZE), n = 64 * page, values[] = { n / 4 };
	struct err e = {0};
	struct tensors_out *o = tensors_out_begin(TEMP("rest"), 1000, &e);
	cJSON *metadata = json_object();
	float *zeros = calloc((size_t)n, 1), v;
	const struct tensor *a, *b;
	struct tensors *t;
	int pagemap = open("/proc/self/pagemap", O_RDONLY);

	(void)state;
	assert_non_null(o);
	assert_int_equal(tensors_out_add(o, "a.x", TENSOR_F32, 1, values, zeros, &e), 0);
	assert_int_equal(tensors_out_add(o, "b.x", TENSOR_F32, 1, values, zeros, &e), 0);
	assert_int_equal(tensors_out_end(o, metadata, &e), 0);
	tensors_out_close(o);
	cJSON_Delete(metadata);
	free(zeros);
	t = tensors_open(TEMP("rest"), &e);
	assert_non_null(t);
	a = tensors_find(t, "a.x");
	b = tensors_find(t, "b.x");
	tensor_read(a, n / 8, 1, &v);
	tensor_read(b, n / 8, 1, &v);
	tensors_rest(t, "a.*");
	if (pagemap >= 0) {
		assert_false(is_resident(pagemap, (const char *)a->data + n / 2));
		assert_true(is_resident(pagemap, (const char *)b->data + n / 2));
		close(pagemap);
	}
	tensor_read(a, n / 8, 1, &v);
	assert_true(v == 0);
	tensors_close(t);
}

static void
weights_lie_where_they_are_or_are_converted(void **state)
{
	const char *const headers[] = {
		"{\"w\":{\"dtype\":\"F16\",\"shape\":[2,2],\"data_offsets\":[0,8]}}",
		"{\"w\":{\"dtype\":\"F16\",\"shape\":[2,2],\"data_offsets\":[0,8]}} ",
	};

	(void)state;
	for (size_t i = 0; i < NELEM(headers); i++) {
		struct err e = {0};
		struct weights_source s = { .tensors = tensors_open(file_of("in", headers[i], -1, 8),
			&e) };
		const struct tensor *t;
		struct rows rows;

		assert_non_null(s.tensors);
		t = tensors_find(s.tensors, "w");
		assert_int_equal(weights_rows(&s, 2, 2, &rows, &e, "w"), 0);
		if (tensor_aligned(t)) {
			assert_int_equal(rows.kind, WEIGHTS_F16);
			assert_ptr_equal(rows.w, t->data);
		} else {
			assert_int_equal(rows.kind, WEIGHTS_F32);
			assert_true(((const float *)rows.w)[0] == 0x201 * 0x1p-24f);
		}
		assert_int_equal(tensor_aligned(t), (strlen(headers[i]) % 2) == 0);
		tensors_close((struct tensors *)s.tensors);
		weights_free(&s);
	}
}

static void
weights_say_what_is_wrong_with_them(void **state)
{
	struct err e = {0};
	struct weights_source s = { .tensors = tensors_open(file_of("w", "{\"l.0.w\":{\"dtype\":\"F16\","
		"\"shape\":[2,2],\"data_offsets\":[0,8]},\"i\":{\"dtype\":\"I32\",\"shape\":[2,2],"
		"\"data_offsets\":[8,24]},\"nan\":{\"dtype\":\"F16\",\"shape\":[1,128],"
		"\"data_offsets\":[24,280]}}", -1, 280), &e) };
	struct rows rows;

	(void)state;
	assert_non_null(s.tensors);
	assert_int_equal(weights_rows(&s, 2, 2, &rows, &e, "l.%d.w", 0), 0);
	assert_int_equal(weights_rows(&s, 2, 3, &rows, &e, "l.%d.w", 0), -1);
	assert_string_equal(e.text, "l.0.w: its shape is 2 × 2, the configuration asks for 2 × 3");
	assert_int_equal(weights_rows(&s, 2, 2, &rows, &e, "l.%d.w", 1), -1);
	assert_string_equal(e.text, "l.1.w: the weights lack it");
	assert_int_equal(weights_rows(&s, 2, 2, &rows, &e, "i"), -1);
	assert_string_equal(e.text, "i: values of I32 are not supported");
	/* Among bytes that count up there is 0x7e7d, which is no number. */
	assert_int_equal(weights_rows(&s, 1, 128, &rows, &e, "nan"), -1);
	assert_non_null(strstr(e.text, "is not finite"));
	tensors_close((struct tensors *)s.tensors);
	weights_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tensors_are_found_by_name_with_their_shapes_and_values),
		cmocka_unit_test(what_is_wrong_is_refused_by_name),
		cmocka_unit_test(a_file_that_is_none_is_said_so),
		cmocka_unit_test(an_index_leads_to_files_of_its_folder),
		cmocka_unit_test(what_rests_needs_no_memory),
		cmocka_unit_test(weights_lie_where_they_are_or_are_converted),
		cmocka_unit_test(weights_say_what_is_wrong_with_them),
	};

	return cmocka_run_group_tests(tests, temp_make, temp_remove);
}
