/* Threads share work: each part is done once before a run ends, parts can wait for each other, and
 * shares leave nothing out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "engine/musicgen/crew.h"

enum { PARTS = 64 };

struct work {
	atomic_int done[PARTS];
	int parts;
	int values[PARTS];		/* not atomic: seen when a run has ended */
};

static void
count(void *ctx, int part, int parts)
{
	struct work *w = ctx;

	atomic_fetch_add(&w->done[part], 1);
	w->parts = parts;
	w->values[part]++;
}

static void
each_part_of_each_run_is_done_once(void **state)
{
	(void)state;
	for (int threads = 1; threads <= 4; threads++) {
		struct crew *c = crew_start(threads);
		struct work w = {0};
		int n = crew_size(c);

		assert_true(n >= 1 && n <= threads);
		for (int run = 1; run <= 100; run++) {
			crew_run(c, count, &w);
			assert_int_equal(w.parts, n);
			for (int i = 0; i < PARTS; i++) {
				assert_int_equal(atomic_load(&w.done[i]), i < n ? run : 0);
				assert_int_equal(w.values[i], i < n ? run : 0);
			}
			if (run % 50 == 0) usleep(3000);	/* long enough to fall asleep */
		}
		crew_stop(c);
	}
}

static void
a_crew_is_no_larger_than_the_processors(void **state)
{
	struct crew *c = crew_start(PARTS * PARTS);
	struct work w = {0};

	(void)state;
	assert_true(crew_size(c) <= sysconf(_SC_NPROCESSORS_ONLN));
	if (crew_size(c) <= PARTS) crew_run(c, count, &w);
	crew_stop(c);
	crew_stop(NULL);
}

static void
two_crews_do_not_disturb_each_other(void **state)
{
	struct crew *a = crew_start(2), *b = crew_start(2);
	struct work w = {0}, v = {0};

	(void)state;
	for (int run = 0; run < 50; run++) {
		crew_run(a, count, &w);
		crew_run(b, count, &v);
	}
	crew_stop(a);
	crew_run(b, count, &v);
	crew_stop(b);
	assert_int_equal(w.values[0], 50);
	assert_int_equal(v.values[0], 51);
}

/* All parts write, meet, and read what the others wrote, many times. */
struct meeting {
	struct crew *crew;
	int wrote[8], wrong;
};

static void
write_and_read(void *ctx, int part, int parts)
{
	struct meeting *m = ctx;

	for (int i = 1; i < 500; i++) {
		m->wrote[part] = i;
		crew_meet(m->crew);
		for (int k = 0; k < parts; k++)
			if (m->wrote[k] != i) __atomic_store_n(&m->wrong, 1, __ATOMIC_RELAXED);
		crew_meet(m->crew);
	}
}

static void
parts_meet(void **state)
{
	(void)state;
	for (int threads = 1; threads <= 8; threads++) {
		struct meeting m = { .crew = crew_start(threads) };

		crew_run(m.crew, write_and_read, &m);
		assert_false(m.wrong);
		crew_stop(m.crew);
	}
}

static void
shares_follow_each_other_in_whole_steps(void **state)
{
	static const int steps[] = { 1, 4, 16 };

	(void)state;
	for (size_t s = 0; s < NELEM(steps); s++)
		for (int n = 0; n < 70; n++)
			for (int parts = 1; parts < 20; parts++) {
				int end = 0, most = 0, least = n;

				for (int part = 0; part < parts; part++) {
					int from, to;

					crew_share(n, steps[s], part, parts, &from, &to);
					assert_int_equal(from, end);
					assert_true(to >= from && to <= n);
					assert_true(to == n || to % steps[s] == 0);
					if (to - from > most) most = to - from;
					if (to - from < least) least = to - from;
					end = to;
				}
				assert_int_equal(end, n);
				/* About the same for each: the last one's share may be cut. */
				assert_true(most - least < 2 * steps[s]);
			}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_part_of_each_run_is_done_once),
		cmocka_unit_test(a_crew_is_no_larger_than_the_processors),
		cmocka_unit_test(two_crews_do_not_disturb_each_other),
		cmocka_unit_test(parts_meet),
		cmocka_unit_test(shares_follow_each_other_in_whole_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
