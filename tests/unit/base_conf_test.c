/* The configuration: every mistake is found at the start, with file and line. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "temp.h"

static struct conf
parse(const char *text)
{
	struct conf c;
	struct err e;

	if (conf_parse(&c, text, "/etc/earshot/earshot.conf", &e)) fail_msg("%s", e.text);
	return c;
}

static void
check_refused(const char *text, const char *said)
{
	struct conf c;
	struct err e;

	if (conf_parse(&c, text, "/etc/e.conf", &e) == 0) fail_msg("taken: %s", text);
	assert_int_equal(e.kind, ERR_INVALID);
	if (!strstr(e.text, said)) fail_msg("\"%s\" is not in: %s", said, e.text);
}

static void
an_empty_file_means_the_defaults(void **state)
{
	struct conf c = parse("");

	(void)state;
	assert_string_equal(c.file, "/etc/earshot/earshot.conf");
	assert_string_equal(c.state_dir, "/etc/earshot/var");
	assert_string_equal(c.storage_dir, "/etc/earshot/var/audio");
	assert_string_equal(c.s3_dir, "/etc/earshot/var/s3");
	assert_string_equal(c.storage, "local");
	assert_string_equal(c.database_socket, "");
	assert_int_equal(c.database_port, 3306);
	assert_int_equal(c.max_attempts, 3);
	assert_true(c.lease_ms >= 300 && c.job_timeout_s > 0 && c.max_body_bytes >= 1024);
}

static void
a_line_sets_a_key_blanks_and_comments_do_not_count(void **state)
{
	struct conf c = parse("# a comment = not a key\n\n  \t\n workers=3\nworker_nice =\t0  \n"
		"\tdatabase_name = my songs \r\n  # more\nhosts = a b#c");

	(void)state;
	assert_int_equal(c.workers, 3);
	assert_int_equal(c.worker_nice, 0);
	assert_string_equal(c.database_name, "my songs");
	assert_string_equal(c.hosts, "a b#c");
}

static void
a_value_may_hold_an_equals_sign(void **state)
{
	(void)state;
	assert_string_equal(parse("database_user = a=b").database_user, "a=b");
}

static void
a_relative_path_begins_at_the_folder_of_the_file(void **state)
{
	struct conf c = parse("state_dir = run/earshot\nlog_file = /var/log/earshot.log\n"
		"soundfont =\n");

	(void)state;
	assert_string_equal(c.state_dir, "/etc/earshot/run/earshot");
	assert_string_equal(c.storage_dir, "/etc/earshot/run/earshot/audio");
	assert_string_equal(c.log_file, "/var/log/earshot.log");
	assert_string_equal(c.soundfont, "");
	assert_string_equal(parse("storage_dir = /srv/audio").storage_dir, "/srv/audio");
}

static void
a_mistake_is_told_with_file_and_line(void **state)
{
	(void)state;
	check_refused("workers = 1\n\nworker = 2\n", "/etc/e.conf:3: unknown key \"worker\"");
	check_refused("# one\nworkers\n", "/etc/e.conf:2: expected `key = value`");
	check_refused("workers = 1\nworkers = 1\n", "/etc/e.conf:2: workers is set twice");
	check_refused("= 1", "/etc/e.conf:1: unknown key \"\"");
	check_refused("Workers = 1", "unknown key \"Workers\"");
}

static void
numbers_are_whole_and_within_their_limits(void **state)
{
	(void)state;
	check_refused("workers = 257", "workers must be a whole number from 0 to 256, not \"257\"");
	check_refused("workers = -1", "workers must be");
	check_refused("workers = two", "workers must be");
	check_refused("workers =", "workers must be");
	check_refused("lease_ms = 1e4", "lease_ms must be");
	check_refused("database_port = 65536", "database_port must be");
	check_refused("max_attempts = 4294967297", "max_attempts must be");
}

static void
what_was_not_built_in_is_refused(void **state)
{
	(void)state;
	check_refused("storage = tape", "storage \"tape\" is not known; there is: local, s3");
	check_refused("storage_from = tape", "storage_from \"tape\" is not known");
	check_refused("storage_from = local", "storage_from must be another one than storage");
	check_refused("s3_style = dns", "s3_style \"dns\" is not known; there is: path, host");
	check_refused("s3_delivery = post",
		"s3_delivery \"post\" is not known; there is: proxy, redirect");
	check_refused("s3_part_mb = 4", "s3_part_mb must be a whole number from 5 to 1024");
	check_refused("access = closed", "access \"closed\" is not known");
}

static void
an_installation_has_accounts_unless_it_says_otherwise(void **state)
{
	struct conf c = parse(""), open = parse("access = open");

	(void)state;
	assert_string_equal(c.access, "accounts");
	assert_false(conf_is_open(&c));
	assert_true(conf_is_open(&open));
}

static void
open_is_for_this_machine_alone(void **state)
{
	static const char *const bad[] = { "music.example", "localhost music.example",
		"192.168.1.2", "0.0.0.0", "[::]", "localhost.example", "127.0.0.1.example",
		"xlocalhost", ".localhost", "128.0.0.1 127.0.0.1" };

	(void)state;
	assert_string_equal(parse("access = open\nhosts = localhost 127.0.0.1 127.3.2.1 [::1] "
		"a.localhost").access, "open");
	for (size_t i = 0; i < NELEM(bad); i++) {
		char text[128];

		snprintf(text, sizeof text, "access = open\nhosts = %s", bad[i]);
		check_refused(text, "access = open is for this machine alone");
	}
	assert_string_equal(parse("hosts = music.example").hosts, "music.example");
}

static void
a_section_is_a_server_elsewhere_with_keys_of_its_own(void **state)
{
	struct conf c = parse("workers = 2\n[remote gpu-1]\nprotocol = acestep\n"
		"url = https://gpu.example:8001/ace//\nkey_file = keys/gpu\nmodel = base\n"
		"concurrency = 4\n\n# another\n  [remote  b_2 ]\nprotocol = acestep.cpp\n"
		"url=http://[::1]:8080\n");

	(void)state;
	assert_int_equal(c.workers, 2);
	assert_int_equal(c.n_remotes, 2);
	assert_string_equal(c.remotes[0].name, "gpu-1");
	assert_string_equal(c.remotes[0].protocol, "acestep");
	assert_string_equal(c.remotes[0].url, "https://gpu.example:8001/ace");
	assert_string_equal(c.remotes[0].key_file, "/etc/earshot/keys/gpu");
	assert_string_equal(c.remotes[0].model, "base");
	assert_int_equal(c.remotes[0].concurrency, 4);
	assert_string_equal(c.remotes[1].name, "b_2");
	assert_string_equal(c.remotes[1].url, "http://[::1]:8080");
	assert_string_equal(c.remotes[1].key_file, "");
	assert_int_equal(c.remotes[1].concurrency, 1);
	assert_int_equal(c.remotes[1].patience_s, 60);
	assert_int_equal(c.remotes[1].timeout_s, 1800);
}

#define REMOTE(lines) "[remote a]\nprotocol = acestep\nurl = http://a\n" lines

static void
a_mistake_in_a_section_is_told_too(void **state)
{
	(void)state;
	check_refused("[remote]\n", ":1: expected `[remote NAME]`");
	check_refused("[gpu]\n", ":1: expected `[remote NAME]`");
	check_refused("[remote a\n", ":1: expected `[remote NAME]`");
	check_refused("[remote ]\n", ":1: the name of a remote has 1 to 48 letters");
	check_refused("[remote a/b]\n", ":1: the name of a remote has");
	check_refused("[remote .a]\n", ":1: the name of a remote has");
	check_refused("[remote Band]\n", "is not band");
	check_refused("[remote 0123456789012345678901234567890123456789012345678]", "1 to 48");
	check_refused(REMOTE("[remote A]\n"), ":4: there are two remotes A");
	check_refused(REMOTE("workers = 1\n"), ":4: unknown key \"workers\" of the remote a");
	check_refused("url = http://a\n", ":1: unknown key \"url\"");
	check_refused(REMOTE("url = http://b\n"), ":4: url is set twice");
	check_refused(REMOTE("concurrency = 0\n"), ":4: concurrency must be a whole number from 1");
	check_refused("[remote a]\nurl = http://a\n", "[remote a]: protocol \"\" is not known; "
		"there "
		"are: acestep, acestep.cpp");
	check_refused("[remote a]\nprotocol = acestep\n", "[remote a]: url must be http://");
}

static void
more_servers_than_there_is_room_for_are_refused(void **state)
{
	char text[2000] = "";

	(void)state;
	for (int i = 0; i < CONF_REMOTES; i++) {
		size_t n = strlen(text);

		snprintf(text + n, sizeof text - n, "[remote r%d]\nprotocol=acestep\nurl=http:"
			"//a\n", i);
	}
	assert_int_equal(parse(text).n_remotes, CONF_REMOTES);
	strcat(text, "[remote more]\n");
	check_refused(text, ":37: more than 12 remotes");
}

static void
the_address_of_a_server_has_no_user_query_or_blank(void **state)
{
	static const char *const bad[] = { "gpu:8001", "ftp://gpu", "http://", "http:///x", "http:"
		"//:80",
		"http://me:secret@gpu", "http://gpu/?key=x", "http://gpu/#x", "http://g pu",
		"http://gpu/\xc3\xa4", "https://gpu\\x" };
	char text[200];

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		snprintf(text, sizeof text, "[remote a]\nprotocol = acestep\nurl = %s\n", bad[i]);
		check_refused(text, "[remote a]: url must be http:// or https:// with a host");
	}
}

static void
the_state_needs_a_folder(void **state)
{
	(void)state;
	check_refused("state_dir =", "state_dir must name a folder");
}

static void
what_is_too_long_is_refused_and_not_cut(void **state)
{
	char text[5000];

	(void)state;
	snprintf(text, sizeof text, "database_name = %0*d", CONF_NAME, 0);
	check_refused(text, ":1: database_name is too long");
	snprintf(text, sizeof text, "database_name = %0*d", CONF_NAME - 1, 0);
	parse(text);
	snprintf(text, sizeof text, "state_dir = /%0*d", CONF_PATH - 1, 0);
	check_refused(text, ":1: state_dir is too long");
	snprintf(text, sizeof text, "state_dir = %0*d", CONF_PATH - 5, 0);
	check_refused(text, ":1: state_dir is too long");
	snprintf(text, sizeof text, "state_dir = /%0*d", CONF_PATH - 4, 0);
	check_refused(text, "state_dir is too long");
	snprintf(text, sizeof text, "\n# %04000d", 0);
	check_refused(text, ":2: line too long");
}

/* Every line of the example, taken out of its comment, is a line of a configuration, and changes
 * nothing. */
static void
the_example_is_the_defaults(void **state)
{
	struct conf given, defaults = parse("");
	struct buf example = {0}, text = {0};

	(void)state;
	conf_example(&example);
	for (const char *line = buf_str(&example); *line;) {
		size_t n = strcspn(line, "\n") + 1;

		if (line[0] == '#' && line[1] != ' ') line++, n--;
		buf_add(&text, line, n);
		line += n;
	}
	given = parse(buf_str(&text));
	assert_memory_equal(&given, &defaults, sizeof given);
	assert_non_null(strstr(buf_str(&text), "\nlease_ms = "));
	buf_free(&example);
	buf_free(&text);
}

static void
write_file(const char *path, const void *p, size_t n)
{
	FILE *f = fopen(path, "w");

	if (!f || fwrite(p, 1, n, f) != n || fclose(f)) fail_msg("%s: %s", path, strerror(errno));
}

static void
the_file_is_the_one_that_was_named_else_that_of_the_environment(void **state)
{
	const char *one = TEMP("one"), *two = TEMP("two"), *link_path = TEMP("link");
	struct conf c;
	struct err e;

	(void)state;
	write_file(one, "workers = 1", 11);
	write_file(two, "workers = 2", 11);
	assert_int_equal(symlink(one, link_path), 0);
	setenv("EARSHOT_CONF", two, 1);
	assert_int_equal(conf_load(&c, NULL, &e), 0);
	assert_int_equal(c.workers, 2);
	assert_int_equal(conf_load(&c, link_path, &e), 0);
	assert_int_equal(c.workers, 1);
	assert_string_equal(c.file, one);
	assert_string_equal(c.state_dir, TEMP("var"));
	write_file(two, "hosts = \xff", 9);
	assert_int_equal(conf_load(&c, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
	write_file(two, "hosts = a\0b", 11);
	assert_int_equal(conf_load(&c, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
	assert_int_equal(unlink(two), 0);
	assert_int_equal(conf_load(&c, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_non_null(strstr(e.text, two));
	unsetenv("EARSHOT_CONF");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_file_means_the_defaults),
		cmocka_unit_test(a_line_sets_a_key_blanks_and_comments_do_not_count),
		cmocka_unit_test(a_value_may_hold_an_equals_sign),
		cmocka_unit_test(a_relative_path_begins_at_the_folder_of_the_file),
		cmocka_unit_test(a_mistake_is_told_with_file_and_line),
		cmocka_unit_test(numbers_are_whole_and_within_their_limits),
		cmocka_unit_test(what_was_not_built_in_is_refused),
		cmocka_unit_test(an_installation_has_accounts_unless_it_says_otherwise),
		cmocka_unit_test(open_is_for_this_machine_alone),
		cmocka_unit_test(a_section_is_a_server_elsewhere_with_keys_of_its_own),
		cmocka_unit_test(a_mistake_in_a_section_is_told_too),
		cmocka_unit_test(more_servers_than_there_is_room_for_are_refused),
		cmocka_unit_test(the_address_of_a_server_has_no_user_query_or_blank),
		cmocka_unit_test(the_state_needs_a_folder),
		cmocka_unit_test(what_is_too_long_is_refused_and_not_cut),
		cmocka_unit_test(the_example_is_the_defaults),
		cmocka_unit_test(the_file_is_the_one_that_was_named_else_that_of_the_environment),
	};

	return cmocka_run_group_tests(tests, temp_make, temp_remove);
}
