/* WIDE, before a function of long loops over floats: it is compiled twice, plainly and for eight
 * floats at a time, and when the program starts it takes what the processor can. Each number is
 * computed by the same operations in the same order, so that the result is the same to the bit.
 * What it calls in the same file is inlined, so that it is wide, too. */
#ifndef EARSHOT_BASE_WIDE_H
#define EARSHOT_BASE_WIDE_H

#include <features.h>

/* clang cannot have both attributes: there it is compiled plainly. */
#if defined __x86_64__ && defined __GLIBC__ && !defined __clang__
#define WIDE __attribute__((target_clones("default", "avx2"), flatten))
#else
#define WIDE
#endif

/* Before a loop that reads nothing that it has written, where the compiler cannot know that. */
#if defined __clang__
#define IN_ANY_ORDER _Pragma("clang loop vectorize(assume_safety)")
#elif defined __GNUC__
#define IN_ANY_ORDER _Pragma("GCC ivdep")
#else
#define IN_ANY_ORDER
#endif

#endif
