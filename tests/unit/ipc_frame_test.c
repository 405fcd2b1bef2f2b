/* Messages on a stream socket: whole or not at all, in order, and nothing that is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "ipc/frame.h"

static int ours, theirs;

static int
connect_both(void **state)
{
	int p[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p)) return -1;
	ours = p[0];
	theirs = p[1];
	return 0;
}

static int
hang_up(void **state)
{
	(void)state;
	if (ours >= 0) close(ours);
	if (theirs >= 0) close(theirs);
	return 0;
}

/* {"op":OP,"text":so many x}. */
static cJSON *
message(const char *op, size_t length)
{
	cJSON *m = json_object();
	char *text = calloc(length + 1, 1);

	if (!text) abort();
	memset(text, 'x', length);
	json_add_text(m, "op", op);
	json_add_text(m, "text", text);
	free(text);
	return m;
}

static void
send_message(int fd, const char *op, size_t length)
{
	cJSON *m = message(op, length);
	struct err e;

	if (frame_send(fd, m, &e)) fail_msg("%s", e.text);
	cJSON_Delete(m);
}

static void
receive(int fd, struct buf *in, const char *op, size_t length)
{
	struct err e;
	cJSON *m;
	int rc = frame_receive(fd, in, 5000, &m, &e);

	if (rc != 1) fail_msg("%s", rc ? e.text : "nothing came");
	assert_string_equal(frame_op(m), op);
	assert_int_equal(strlen(json_text(m, "text", "")), length);
	cJSON_Delete(m);
}

static void
a_message_arrives_as_it_was_sent(void **state)
{
	struct buf in = {0};

	(void)state;
	send_message(ours, "job", 5);
	receive(theirs, &in, "job", 5);
	send_message(theirs, "done", 0);
	receive(ours, &in, "done", 0);
	assert_int_equal(in.n, 0);
	buf_free(&in);
}

static void
messages_that_come_together_are_taken_one_by_one(void **state)
{
	struct buf in = {0};
	struct err e;
	cJSON *m;

	(void)state;
	for (size_t i = 0; i < 50; i++) send_message(ours, "progress", i * 20);
	for (size_t i = 0; i < 50; i++) receive(theirs, &in, "progress", i * 20);
	assert_int_equal(frame_receive(theirs, &in, 0, &m, &e), 0);
	buf_free(&in);
}

static void
a_message_that_comes_byte_by_byte_is_taken_when_it_is_whole(void **state)
{
	struct buf all = {0}, in = {0};
	cJSON *m = message("job", 300), *got = NULL;
	struct err e;

	(void)state;
	assert_int_equal(frame_add(&all, m, &e), 0);
	assert_int_equal(frame_take(&in, &got, &e), 0);
	for (size_t i = 0; i < all.n; i++) {
		assert_int_equal(frame_take(&in, &got, &e), 0);
		buf_addc(&in, all.p[i]);
	}
	assert_int_equal(frame_take(&in, &got, &e), 1);
	assert_true(cJSON_Compare(m, got, true));
	assert_int_equal(in.n, 0);
	cJSON_Delete(m);
	cJSON_Delete(got);
	buf_free(&all);
	buf_free(&in);
}

static void
the_longest_message_fits_and_a_longer_one_is_refused(void **state)
{
	static const size_t overhead = sizeof "{\"op\":\"job\",\"text\":\"\"}" - 1;
	struct buf out = {0};
	cJSON *longest = message("job", FRAME_MAX - overhead),
		*longer = message("job", FRAME_MAX - overhead + 1), *got;
	struct err e;

	(void)state;
	buf_adds(&out, "before");
	assert_int_equal(frame_add(&out, longer, &e), -1);
	assert_int_equal(e.kind, ERR_INTERNAL);
	assert_int_equal(out.n, 6);
	buf_reset(&out);
	assert_int_equal(frame_add(&out, longest, &e), 0);
	assert_int_equal(out.n, FRAME_HEADER + FRAME_MAX);
	assert_int_equal(frame_take(&out, &got, &e), 1);
	assert_true(cJSON_Compare(longest, got, true));
	cJSON_Delete(got);
	assert_int_equal(frame_send(ours, longer, &e), -1);
	cJSON_Delete(longest);
	cJSON_Delete(longer);
	buf_free(&out);
}

/* More than the buffers of the socket hold, read by a process that takes its time. */
static void
many_long_messages_go_through_to_a_slow_reader(void **state)
{
	struct buf in = {0};
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		for (int i = 0; i < 40; i++) send_message(ours, "job", 60000);
		_exit(0);
	}
	usleep(50000);
	for (int i = 0; i < 40; i++) receive(theirs, &in, "job", 60000);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	buf_free(&in);
}

/* Bytes as they came; a length of four bytes is put in front of text. */
static void
check_refused(const char *text, size_t n, size_t said)
{
	struct buf in = {0};
	struct err e = {0};
	cJSON *m = NULL;

	for (int i = 3; i >= 0; i--) buf_addc(&in, (char)(said >> 8 * i));
	buf_add(&in, text, n);
	if (frame_take(&in, &m, &e) != -1) fail_msg("taken: %s", text);
	assert_null(m);
	assert_true(e.text[0]);
	buf_free(&in);
}

static void
what_is_no_message_is_refused(void **state)
{
	static const char *const bad[] = { "[]", "1", "\"op\"", "null", "{}", "{\"op\":1}",
		"{\"op\":\"\"}", "{\"op\":null}", "{\"Op\":\"job\"}", "{\"op\":\"job\"",
		"{\"op\":\"job\"}x", "{\"op\":\"j\xff\"}", "{\"op\":\"job\",\"x\":\"\\u0000\"}",
		"nonsense" };

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++)
		check_refused(bad[i], strlen(bad[i]), strlen(bad[i]));
	check_refused("{\"op\":\"a\0b\"}", 12, 12);
}

static void
a_length_that_cannot_be_is_refused_before_anything_is_read(void **state)
{
	(void)state;
	check_refused("", 0, 0);
	check_refused("", 0, 1);
	check_refused("", 0, FRAME_MAX + 1);
	check_refused("", 0, 0xffffffff);
	check_refused("GET / HTTP/1.1", 10, 0x47455420);
}

static void
nobody_waits_longer_than_was_said(void **state)
{
	struct buf in = {0};
	int64_t begin = clock_now_ms();
	struct err e;
	cJSON *m;

	(void)state;
	assert_int_equal(frame_receive(theirs, &in, 0, &m, &e), 0);
	assert_int_equal(frame_receive(theirs, &in, 80, &m, &e), 0);
	assert_in_range(clock_now_ms() - begin, 80, 2000);
	/* Half a message is none, and is kept for the next time. */
	assert_int_equal(write(ours, "\0\0\0\x0c{\"op\"", 9), 9);
	assert_int_equal(frame_receive(theirs, &in, 50, &m, &e), 0);
	assert_int_equal(write(ours, ":\"job\"}", 7), 7);
	receive(theirs, &in, "job", 0);
	buf_free(&in);
}

static void
a_side_that_has_gone_is_away_after_its_last_words(void **state)
{
	struct buf in = {0};
	struct err e;
	cJSON *m;

	(void)state;
	send_message(ours, "done", 3);
	close(ours);
	ours = -1;
	receive(theirs, &in, "done", 3);
	assert_int_equal(frame_receive(theirs, &in, 1000, &m, &e), -1);
	assert_int_equal(e.kind, ERR_AWAY);
	m = message("job", 1);
	/* And no signal. */
	assert_int_equal(frame_send(theirs, m, &e), -1);
	assert_int_equal(e.kind, ERR_AWAY);
	cJSON_Delete(m);
	buf_free(&in);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, connect_both, hang_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_message_arrives_as_it_was_sent),
		TEST(messages_that_come_together_are_taken_one_by_one),
		TEST(a_message_that_comes_byte_by_byte_is_taken_when_it_is_whole),
		TEST(the_longest_message_fits_and_a_longer_one_is_refused),
		TEST(many_long_messages_go_through_to_a_slow_reader),
		TEST(what_is_no_message_is_refused),
		TEST(a_length_that_cannot_be_is_refused_before_anything_is_read),
		TEST(nobody_waits_longer_than_was_said),
		TEST(a_side_that_has_gone_is_away_after_its_last_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
