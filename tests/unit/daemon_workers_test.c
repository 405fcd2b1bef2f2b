/* How many workers a host has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "daemon/workers.h"

static void
as_many_as_asked_for_or_as_the_host_can_bear(void **state)
{
	static const struct {
		uint32_t asked;
		int processors;
		uint64_t memory_mb, processes;
		int count;
	} hosts[] = {
		{ 0, 8, 32768, UINT64_MAX, 8 },		/* a machine of one's own */
		{ 0, 64, 1024, UINT64_MAX, 5 },		/* shared: little memory */
		{ 0, 64, 65536, 20, 2 },		/* shared: few processes */
		{ 0, 64, 65536, 7, 1 },			/* never none */
		{ 0, 1, 128, 10, 1 },
		{ 3, 1, 128, 10, 3 },			/* who asks gets them */
		{ 5000, 64, 65536, UINT64_MAX, 256 },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(hosts); i++)
		assert_int_equal(workers_count(hosts[i].asked, hosts[i].processors,
			hosts[i].memory_mb << 20, hosts[i].processes), hosts[i].count);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_as_asked_for_or_as_the_host_can_bear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
