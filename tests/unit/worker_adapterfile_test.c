/* The weights of an adapter are used only when they are the file that was uploaded. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "base/str.h"
#include "temp.h"
#include "worker/adapterfile.h"

/* SHA-256 of "abc" (FIPS 180-4). */
#define SHA "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define KEY "adapters/ab/file"

static struct storage *storage;

static int
begin(void **state)
{
	struct conf conf = { .storage = "local" };
	struct err e;

	if (temp_make(state)) return -1;
	snprintf(conf.storage_dir, sizeof conf.storage_dir, "%s/storage", temp_dir);
	return (storage = storage_open(&conf, &e)) ? 0 : -1;
}

static int
end(void **state)
{
	storage_close(storage);
	return temp_remove(state);
}

static void
put(const char *text)
{
	char path[STORAGE_PATH];
	struct err e;
	int fd;

	assert_int_equal(storage_stage(storage, KEY, path, &e), 0);
	assert_true((fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0640)) >= 0);
	assert_int_equal(io_write_full(fd, text, strlen(text), &e), 0);
	close(fd);
	assert_int_equal(storage_put(storage, KEY, &e), 0);
}

static int
find(struct adapterfiles *w, const char *key, const char *sha, struct err *e)
{
	char path[STORAGE_PATH];
	cJSON *adapter = json_object();
	int rc;

	json_add_text(adapter, "name", "Lo-fi tape");
	json_add_text(adapter, "version", "1.2.0");
	json_add_text(adapter, "sha256", sha);
	err_clear(e);
	rc = adapterfile_find(w, storage, adapter, key, path, e);
	if (!rc) assert_int_equal(access(path, R_OK), 0);
	cJSON_Delete(adapter);
	return rc;
}

static void
the_file_that_was_uploaded_is_found(void **state)
{
	struct adapterfiles w = {0};
	struct err e;

	(void)state;
	put("abc");
	for (int i = 0; i < 3; i++) assert_int_equal(find(&w, KEY, SHA, &e), 0);
	assert_int_equal(w.next, 1);	/* hashed once */
}

static void
another_file_is_refused_in_a_sentence_that_names_the_adapter(void **state)
{
	struct adapterfiles w = {0};
	struct err e;

	(void)state;
	put("abd");
	assert_int_equal(find(&w, KEY, SHA, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
	assert_string_equal(e.text, "The weights of the adapter Lo-fi tape 1.2.0 are damaged: the "
		"stored file is not the one that was uploaded.");
}

static void
a_file_that_changes_after_it_was_hashed_is_hashed_again(void **state)
{
	struct adapterfiles w = {0};
	struct err e;

	(void)state;
	put("abc");
	assert_int_equal(find(&w, KEY, SHA, &e), 0);
	put("abd");
	assert_int_equal(find(&w, KEY, SHA, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
	put("abc");
	assert_int_equal(find(&w, KEY, SHA, &e), 0);
}

static void
one_that_is_missing_may_come_back(void **state)
{
	static const char *const keys[] = { "adapters/ab/gone", "", "../secret", "/etc/passwd" };
	struct adapterfiles w = {0};
	struct err e;

	(void)state;
	for (size_t i = 0; i < NELEM(keys); i++) {
		assert_int_equal(find(&w, keys[i], SHA, &e), -1);
		assert_int_equal(e.kind, ERR_AWAY);
		assert_string_equal(e.text, "The weights of the adapter Lo-fi tape 1.2.0 are not "
			"in the storage.");
	}
}

static void
a_record_without_a_hash_is_refused(void **state)
{
	static const char *const bad[] = { NULL, "", "ba78", "x" };
	struct adapterfiles w = {0};
	struct err e;

	(void)state;
	put("abc");
	for (size_t i = 0; i < NELEM(bad); i++) {
		assert_int_equal(find(&w, KEY, bad[i], &e), -1);
		assert_int_equal(e.kind, ERR_INVALID);
	}
}

static void
a_label_fits_the_tags_however_long_the_name_is(void **state)
{
	char label[ADAPTERFILE_LABEL], name[801] = "", version[51] = "";

	(void)state;
	adapterfile_label("Lo-fi", "1.0.0", label);
	assert_string_equal(label, "Lo-fi 1.0.0");
	adapterfile_label("Lo-fi", "", label);
	assert_string_equal(label, "Lo-fi");
	for (int i = 0; i < 200; i++) strcat(name, "𝄞");
	memset(version, '9', 50);
	adapterfile_label(name, version, label);
	assert_true(str_is_utf8(label, strlen(label)));
	assert_string_equal(label + strlen(label) - 50, version);
	adapterfile_label("a\nb\x01", "1", label);
	assert_string_equal(label, "a b  1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_that_was_uploaded_is_found),
		cmocka_unit_test(another_file_is_refused_in_a_sentence_that_names_the_adapter),
		cmocka_unit_test(a_file_that_changes_after_it_was_hashed_is_hashed_again),
		cmocka_unit_test(one_that_is_missing_may_come_back),
		cmocka_unit_test(a_record_without_a_hash_is_refused),
		cmocka_unit_test(a_label_fits_the_tags_however_long_the_name_is),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
