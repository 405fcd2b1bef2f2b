#include "engine/musicgen/kernels.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* One that this processor can run, the plainest first. */
static const struct kernels *
usable(int i)
{
#if defined __x86_64__
	static const struct kernels *const all[] = {
		&kernels_plain, &kernels_avx2, &kernels_avx512, &kernels_vnni,
	};
	const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
		__builtin_cpu_supports("f16c");
	const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
		__builtin_cpu_supports("avx512bw");
	const bool runs[] = {
		true, avx2, avx512, avx512 && __builtin_cpu_supports("avx512vnni"),
	};
#elif defined __aarch64__
	static const struct kernels *const all[] = { &kernels_plain, &kernels_neon };
	const bool runs[] = { true, true };
#else
	static const struct kernels *const all[] = { &kernels_plain };
	const bool runs[] = { true };
#endif
	return i < (int)(sizeof all / sizeof *all) && runs[i] ? all[i] : NULL;
}

const struct kernels *const *
kernels_all(void)
{
	static const struct kernels *all[8];

	for (int i = 0, n = 0; i < 7; i++) {
		const struct kernels *k = usable(i);

		if (k) all[n++] = k;
	}
	return all;
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
