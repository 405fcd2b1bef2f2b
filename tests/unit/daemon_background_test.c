/* What the daemon asks of the storage is asked in the background, and answered for each object. */
#include <fcntl.h>
#include <poll.h>
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
#include "base/io.h"
#include "daemon/background.h"
#include "temp.h"

static struct conf conf = { .storage = "local" };
static struct background *background;

static int
begin(void **state)
{
	struct err e;

	if (temp_make(state)) return -1;
	snprintf(conf.storage_dir, sizeof conf.storage_dir, "%s/audio", temp_dir);
	snprintf(conf.state_dir, sizeof conf.state_dir, "%s", temp_dir);
	return (background = background_open(&conf, &e)) ? 0 : -1;
}

static int
end(void **state)
{
	background_close(background);
	background_close(NULL);
	return temp_remove(state);
}

/* An object of the local storage. */
static void
put(const char *key, const char *text)
{
	char path[600];
	struct err e;
	int fd;

	snprintf(path, sizeof path, "%s/%s", conf.storage_dir, key);
	if (io_mkdirs_for(path, 0750, &e)) fail_msg("%s", e.text);
	if ((fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640)) < 0)
		fail_msg("%s", path);
	if (io_write_full(fd, text, strlen(text), &e)) fail_msg("%s", e.text);
	close(fd);
}

static bool
is_there(const char *key)
{
	char path[600];

	snprintf(path, sizeof path, "%s/%s", conf.storage_dir, key);
	return access(path, F_OK) == 0;
}

/* Until it is over; the descriptor says so, too. */
static void
wait_for(const struct task *t)
{
	while (!background_over(background, t)) {
		struct pollfd p = { .fd = background_fd(background), .events = POLLIN };

		assert_int_equal(poll(&p, 1, 10000), 1);
		background_told(background);
	}
}

/* Check one object. */
static int
check(const char *key, uint64_t size, struct err *e)
{
	struct task *t = task_new(TASK_CHECK);
	int rc;

	task_add(t, key, size);
	background_begin(background, t);
	wait_for(t);
	rc = t->rc;
	assert_int_equal(t->objects[0].done, rc == 0);
	*e = t->err;
	free(t);
	return rc;
}

static void
an_object_must_be_there_and_have_its_size(void **state)
{
	struct err e;

	(void)state;
	put("audio/10/one.flac", "0123456789");
	put("audio/10/empty.peaks", "");
	assert_int_equal(check("audio/10/one.flac", 10, &e), 0);
	assert_int_equal(check("audio/10/one.flac", 0, &e), 0);
	assert_int_equal(check("audio/10/one.flac", 11, &e), -1);
	assert_int_equal(e.kind, ERR_INTERNAL);
	assert_string_equal(e.text, "The stored object audio/10/one.flac has 10 bytes, not 11.");
	assert_int_equal(check("audio/10/empty.peaks", 0, &e), -1);
	assert_int_equal(e.kind, ERR_INTERNAL);
	assert_int_equal(check("audio/10/two.flac", 10, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
}

static void
a_check_ends_with_the_first_object_that_is_not_there(void **state)
{
	struct task *t = task_new(TASK_CHECK);

	(void)state;
	put("a/one", "1");
	put("a/three", "3");
	task_add(t, "a/one", 1);
	task_add(t, "a/two", 1);
	task_add(t, "a/three", 1);
	background_begin(background, t);
	wait_for(t);
	assert_int_equal(t->rc, -1);
	assert_true(t->objects[0].done);
	assert_false(t->objects[1].done);
	assert_false(t->objects[2].done);
	free(t);
}

static void
a_deletion_goes_on_after_an_object_that_stays(void **state)
{
	struct task *t = task_new(TASK_DELETE);

	(void)state;
	put("b/one", "1");
	put("b/folder/in/it", "2");
	put("b/three", "3");
	task_add(t, "b/one", 0);
	task_add(t, "b/folder", 0);
	task_add(t, "b/three", 0);
	task_add(t, "b/nothing", 0);
	background_begin(background, t);
	wait_for(t);
	assert_int_equal(t->rc, -1);
	assert_true(t->objects[0].done && !t->objects[1].done);
	assert_true(t->objects[2].done && t->objects[3].done);
	assert_false(is_there("b/one") || is_there("b/three"));
	free(t);
}

static void
many_tasks_are_done_at_once(void **state)
{
	struct task *t[100];

	(void)state;
	put("c/one", "1");
	for (size_t i = 0; i < 100; i++) {
		t[i] = task_new(i % 3 ? TASK_CHECK : TASK_DELETE);
		for (int k = 0; k < 20; k++) task_add(t[i], i % 3 ? "c/one" : "c/none", 0);
		background_begin(background, t[i]);
		if (i % 7 == 0) {
			background_drop(background, t[i]);
			t[i] = NULL;
		}
	}
	for (size_t i = 0; i < 100; i++) {
		if (!t[i]) continue;
		wait_for(t[i]);
		assert_int_equal(t[i]->rc, 0);
		for (int k = 0; k < 20; k++) assert_true(t[i]->objects[k].done);
		background_drop(background, t[i]);
	}
	background_drop(background, NULL);
}

static void
what_is_not_over_when_it_is_closed_is_released(void **state)
{
	struct background *other;
	struct err e;

	(void)state;
	assert_non_null(other = background_open(&conf, &e));
	for (int i = 0; i < 50; i++) {
		struct task *t = task_new(TASK_CHECK);

		task_add(t, "c/one", 0);
		background_begin(other, t);
		background_drop(other, t);
	}
	background_close(other);
}

static void
a_storage_that_cannot_be_opened_is_said(void **state)
{
	struct conf bad = { .storage = "tape" };
	struct err e;

	(void)state;
	assert_null(background_open(&bad, &e));
	assert_int_equal(e.kind, ERR_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_must_be_there_and_have_its_size),
		cmocka_unit_test(a_check_ends_with_the_first_object_that_is_not_there),
		cmocka_unit_test(a_deletion_goes_on_after_an_object_that_stays),
		cmocka_unit_test(many_tasks_are_done_at_once),
		cmocka_unit_test(what_is_not_over_when_it_is_closed_is_released),
		cmocka_unit_test(a_storage_that_cannot_be_opened_is_said),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
