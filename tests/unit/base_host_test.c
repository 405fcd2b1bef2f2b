/* What a process may use: by files of the kernel that this test writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/host.h"
#include "base/io.h"
#include "temp.h"

static const uint64_t gib = 1ull << 30, pib = 1ull << 50;

/* A file below the folder `root` of this test. */
static void
put(const char *root, const char *path, const char *text)
{
	char full[700];
	struct err e;
	FILE *f;

	snprintf(full, sizeof full, "%s/%s/%s", temp_dir, root, path);
	assert_int_equal(io_mkdirs_for(full, 0755, &e), 0);
	f = fopen(full, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static struct host_memory
memory(const char *root)
{
	struct host_memory m;

	host_memory(TEMP(root), &m);
	return m;
}

static const char meminfo[] = "MemTotal:       8388608 kB\nMemFree:  1 kB\n"
	"MemAvailable:    6291456 kB\n";

static void
a_machine_without_limits_gives_what_it_has(void **state)
{
	struct host_memory m;

	(void)state;
	put("plain", "proc/meminfo", meminfo);
	put("plain", "proc/self/cgroup", "0::/\n");
	m = memory("plain");
	assert_true(m.most == 8 * gib && m.now == 6 * gib);
	assert_string_equal(m.bound, "this machine has");
}

static void
where_nothing_can_be_read_nothing_is_limited(void **state)
{
	struct host_memory m = memory("empty");

	(void)state;
	assert_true(m.most == UINT64_MAX && m.now == UINT64_MAX);
	assert_true(host_processors(TEMP("empty")) >= 1);
}

static void
the_narrowest_group_counts_and_pages_of_files_are_not_used_up(void **state)
{
	struct host_memory m;

	(void)state;
	put("two", "proc/meminfo", meminfo);
	put("two", "proc/self/cgroup", "0::/outer/inner\n");
	put("two", "sys/fs/cgroup/outer/inner/memory.max", "max\n");
	put("two", "sys/fs/cgroup/outer/memory.max", "4294967296\n");
	put("two", "sys/fs/cgroup/outer/memory.current", "3221225472\n");
	put("two", "sys/fs/cgroup/outer/memory.stat", "anon 1073741824\nfile 2147483648\n"
		"file_dirty 7\n");
	m = memory("two");
	assert_true(m.most == 4 * gib && m.now == 3 * gib);
	assert_string_equal(m.bound, "its container allows");
}

static void
groups_of_version_1_count_too(void **state)
{
	struct host_memory m;

	(void)state;
	put("one", "proc/meminfo", meminfo);
	put("one", "proc/self/cgroup", "5:cpuset:/\n4:cpu,memory:/docker/x\n0::/\n");
	put("one", "sys/fs/cgroup/memory/memory.limit_in_bytes", "2147483648\n");
	put("one", "sys/fs/cgroup/memory/memory.usage_in_bytes", "1610612736\n");
	put("one", "sys/fs/cgroup/memory/memory.stat", "cache 1\ntotal_cache 1073741824\n");
	m = memory("one");
	assert_true(m.most == 2 * gib && m.now == 2 * gib - gib / 2);
	put("one", "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
	assert_true(memory("one").most == 8 * gib);
}

static void
the_limit_of_address_space_counts_less_what_is_taken(void **state)
{
	char pages[32];
	int status;
	pid_t pid;

	(void)state;
	/* Sanitizers take terabytes of address space: all is a million times as much here. */
	put("space", "proc/meminfo",
		"MemTotal: 4398046511104 kB\nMemAvailable: 4398046511104 kB\n");
	snprintf(pages, sizeof pages, "%ld 1 1\n", (long)(pib / 4) / sysconf(_SC_PAGESIZE));
	put("space", "proc/self/statm", pages);
	if ((pid = fork()) == 0) {
		struct rlimit space = { pib, pib };
		struct host_memory m = {0};

		if (setrlimit(RLIMIT_AS, &space) == 0) m = memory("space");
		_exit(m.most == pib && m.now == pib - pib / 4 &&
			strstr(m.bound, "worker_memory_mb") ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
a_quota_of_time_is_worth_so_many_processors(void **state)
{
	cpu_set_t mine;
	int all;

	(void)state;
	sched_getaffinity(0, sizeof mine, &mine);
	all = CPU_COUNT(&mine);
	put("time", "proc/self/cgroup", "0::/a\n");
	assert_int_equal(host_processors(TEMP("time")), all);
	put("time", "sys/fs/cgroup/a/cpu.max", "max 100000\n");
	assert_int_equal(host_processors(TEMP("time")), all);
	put("time", "sys/fs/cgroup/a/cpu.max", "50000 100000\n");
	assert_int_equal(host_processors(TEMP("time")), 1);
	put("time", "sys/fs/cgroup/a/cpu.max", "100000000 100000\n");
	assert_int_equal(host_processors(TEMP("time")), all);
	put("old", "proc/self/cgroup", "1:cpu,cpuacct:/\n");
	put("old", "sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
	put("old", "sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
	assert_int_equal(host_processors(TEMP("old")), all);
	put("old", "sys/fs/cgroup/cpu/cpu.cfs_quota_us", "100001\n");
	assert_int_equal(host_processors(TEMP("old")), all < 2 ? all : 2);
}

/* Somebody's process with so many threads. */
static void
put_process(const char *pid, unsigned uid, int threads)
{
	char path[64], text[128];

	snprintf(path, sizeof path, "proc/%s/status", pid);
	snprintf(text, sizeof text, "Name:\tx\nUid:\t%u\t%u\t%u\t%u\nThreads:\t%d\n", uid, uid, uid,
		uid, threads);
	put("many", path, text);
}

static void
processes_are_limited_for_a_user_and_for_a_group(void **state)
{
	struct host_limits l;
	int status;
	pid_t pid;

	(void)state;
	put_process("1", getuid() + 1, 100);
	put_process("20", getuid(), 3);
	put_process("300", getuid(), 4);
	put("many", "proc/version", "none of them");
	put("many", "proc/self/cgroup", "0::/a\n");
	if ((pid = fork()) == 0) {
		struct rlimit of_user = { 1000, 1000 };

		setrlimit(RLIMIT_NPROC, &of_user);
		host_limits(TEMP("many"), &l);
		_exit(l.processes == 1000 && l.running == 7 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	put("many", "sys/fs/cgroup/a/pids.max", "20\n");
	put("many", "sys/fs/cgroup/a/pids.current", "18\n");
	host_limits(TEMP("many"), &l);
	assert_true(l.processes == 20 && l.running == 18);
	put("many", "sys/fs/cgroup/a/pids.max", "max\n");
	host_limits(TEMP("many"), &l);
	assert_true(l.processes != 20);
}

static void
certificates_are_found_where_a_distribution_has_them(void **state)
{
	(void)state;
	assert_null(host_certificates(TEMP("bare")));
	put("fedora", "etc/pki/tls/certs/ca-bundle.crt", "x");
	assert_string_equal(host_certificates(TEMP("fedora")), "/etc/pki/tls/certs/ca-bundle.crt");
	put("fedora", "etc/ssl/cert.pem", "x");
	assert_string_equal(host_certificates(TEMP("fedora")), "/etc/pki/tls/certs/ca-bundle.crt");
	put("suse", "etc/ssl/ca-bundle.pem", "x");
	assert_string_equal(host_certificates(TEMP("suse")), "/etc/ssl/ca-bundle.pem");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_machine_without_limits_gives_what_it_has),
		cmocka_unit_test(where_nothing_can_be_read_nothing_is_limited),
		cmocka_unit_test(the_narrowest_group_counts_and_pages_of_files_are_not_used_up),
		cmocka_unit_test(groups_of_version_1_count_too),
		cmocka_unit_test(the_limit_of_address_space_counts_less_what_is_taken),
		cmocka_unit_test(a_quota_of_time_is_worth_so_many_processors),
		cmocka_unit_test(processes_are_limited_for_a_user_and_for_a_group),
		cmocka_unit_test(certificates_are_found_where_a_distribution_has_them),
	};

	return cmocka_run_group_tests(tests, temp_make, temp_remove);
}
