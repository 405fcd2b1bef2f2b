/* The responder's line to the daemon, here one that a test plays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "ipc/client.h"
#include "ipc/frame.h"
#include "temp.h"

static struct conf conf;

static int
listen_anew(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct err e;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (ipc_socket_path(&conf, a.sun_path, &e)) fail_msg("%s", e.text);
	unlink(a.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

static int
begin(void **state)
{
	if (temp_make(state)) return -1;
	snprintf(conf.state_dir, sizeof conf.state_dir, "%s", temp_dir);
	return 0;
}

static void
check_message(int fd, struct buf *in, const char *expected)
{
	struct buf text = {0};
	struct err e;
	cJSON *m;

	if (frame_receive(fd, in, 2000, &m, &e) != 1) fail_msg("nothing came");
	json_print(m, &text);
	assert_string_equal(buf_str(&text), expected);
	cJSON_Delete(m);
	buf_free(&text);
}

static void
without_a_daemon_it_is_away(void **state)
{
	struct ipc_client c;
	struct err e;
	cJSON *status;

	(void)state;
	ipc_client_init(&c, &conf);
	assert_int_equal(ipc_wake(&c, &e), -1);
	assert_int_equal(e.kind, ERR_AWAY);
	assert_int_equal(ipc_status(&c, &status, &e), -1);
	assert_int_equal(e.kind, ERR_AWAY);
	ipc_client_close(&c);
	ipc_client_close(&c);
}

static void
a_connection_is_kept_and_made_anew_when_the_daemon_was_restarted(void **state)
{
	int listener = listen_anew(), fd;
	struct buf in = {0};
	struct ipc_client c;
	struct uuid job = {{ 0x11 }};
	struct err e;

	(void)state;
	ipc_client_init(&c, &conf);
	assert_int_equal(ipc_wake(&c, &e), 0);
	assert_int_equal(ipc_cancel(&c, job, &e), 0);
	assert_true((fd = accept(listener, NULL, NULL)) >= 0);
	check_message(fd, &in, "{\"op\":\"wake\"}");
	check_message(fd, &in,
		"{\"op\":\"cancel\",\"job\":\"11000000-0000-0000-0000-000000000000\"}");
	close(fd);
	close(listener);
	assert_int_equal(ipc_wake(&c, &e), -1);
	listener = listen_anew();
	assert_int_equal(ipc_wake(&c, &e), 0);
	assert_true((fd = accept(listener, NULL, NULL)) >= 0);
	/* Restarted between two messages, without anyone noticing. */
	close(fd);
	close(listener);
	listener = listen_anew();
	assert_int_equal(ipc_wake(&c, &e), 0);
	assert_true((fd = accept(listener, NULL, NULL)) >= 0);
	check_message(fd, &in, "{\"op\":\"wake\"}");
	close(fd);
	close(listener);
	ipc_client_close(&c);
	buf_free(&in);
}

static void
a_daemon_that_hangs_does_not_hang_us(void **state)
{
	int listener = listen_anew();
	int64_t begin_ms = clock_now_ms();
	struct ipc_client c;
	struct err e;
	cJSON *status;

	(void)state;
	ipc_client_init(&c, &conf);
	assert_int_equal(c.daemon_pid, 0);
	assert_int_equal(ipc_status(&c, &status, &e), -1);
	assert_int_equal(e.kind, ERR_BUSY);
	assert_in_range(clock_now_ms() - begin_ms, 400, 5000);
	assert_int_equal(c.daemon_pid, getpid());
	close(listener);
	assert_int_equal(ipc_status(&c, &status, &e), -1);
	assert_int_equal(e.kind, ERR_AWAY);
	ipc_client_close(&c);
}

static void
a_daemon_whose_queue_is_full_of_callers_hangs_too(void **state)
{
	int listener = listen_anew(), callers = 0;
	struct ipc_client c[64];
	struct err e;

	(void)state;
	do {
		ipc_client_init(&c[callers], &conf);
		assert_in_range(callers, 0, 62);
	} while (ipc_wake(&c[callers++], &e) == 0);
	assert_int_equal(e.kind, ERR_BUSY);
	while (callers--) ipc_client_close(&c[callers]);
	close(listener);
}

static void
a_path_too_long_for_a_socket_is_named(void **state)
{
	struct conf far = {0};
	char path[108];
	struct err e;

	(void)state;
	memset(far.state_dir, 'x', 107 - strlen("/earshotd.sock"));
	assert_int_equal(ipc_socket_path(&far, path, &e), 0);
	assert_int_equal(strlen(path), 107);
	strcat(far.state_dir, "x");
	assert_int_equal(ipc_socket_path(&far, path, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
	assert_memory_equal(e.text, "state_dir", 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_daemon_it_is_away),
		cmocka_unit_test(a_connection_is_kept_and_made_anew_when_the_daemon_was_restarted),
		cmocka_unit_test(a_daemon_that_hangs_does_not_hang_us),
		cmocka_unit_test(a_daemon_whose_queue_is_full_of_callers_hangs_too),
		cmocka_unit_test(a_path_too_long_for_a_socket_is_named),
	};

	return cmocka_run_group_tests(tests, begin, temp_remove);
}
