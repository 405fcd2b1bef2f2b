#include "engine/musicgen/kernels.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#if defined __x86_64__
#include <cpuid.h>
#endif

#include "base/err.h"

static bool
always(void)
{
	return true;
}

#if defined __x86_64__
static bool
has_avx2(void)
{
	unsigned a, b, c, d;

	/* clang does not know "f16c" by its name. */
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
		__get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C);
}

static bool
has_avx512(void)
{
	return has_avx2() && __builtin_cpu_supports("avx512f") &&
		__builtin_cpu_supports("avx512bw");
}

static bool
has_vnni(void)
{
	return has_avx512() && __builtin_cpu_supports("avx512vnni");
}
#endif

/* Those of this build, the plainest first: can this processor run them? */
static const struct {
	const struct kernels *kernels;
	bool (*runs)(void);
} built[] = {
	{ &kernels_plain, always },
#if defined __x86_64__
	{ &kernels_avx2, has_avx2 }, { &kernels_avx512, has_avx512 }, { &kernels_vnni, has_vnni },
#elif defined __aarch64__
	{ &kernels_neon, always },
#endif
};

static const struct kernels *usable[NELEM(built) + 1];

static void
find_usable(void)
{
	for (size_t i = 0, n = 0; i < NELEM(built); i++)
		if (built[i].runs()) usable[n++] = built[i].kernels;
}

const struct kernels *const *
kernels_all(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, find_usable);
	return usable;
}

const struct kernels *
kernels_best(void)
{
	const struct kernels *const *all = kernels_all(), *best = all[0];
	const char *asked = getenv("EARSHOT_KERNELS");

	for (; *all; all++) {
		best = *all;
		if (asked && strcmp(asked, best->name) == 0) break;
	}
	return best;
}
