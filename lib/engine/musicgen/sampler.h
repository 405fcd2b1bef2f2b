/* From logits to the next code, in the order of Hugging Face's generate(): guidance, temperature,
 * top k, top p, softmax, and a draw. */
#ifndef EARSHOT_ENGINE_MUSICGEN_SAMPLER_H
#define EARSHOT_ENGINE_MUSICGEN_SAMPLER_H

#include <stdbool.h>
#include <stdint.h>

struct sampling {
	bool greedy;			/* the most likely one; the rest counts nothing then */
	float temperature;		/* > 0 */
	int top_k;			/* of those alone, ties kept; 0: of all */
	float top_p;			/* of those that sum up to it; 0 or 1: of all */
};

/* logits[n] += (scale - 1) · (logits - without): what the text adds, made stronger. */
void sampler_guide(float *logits, const float *without, float scale, int n);

/* An index 0 … n - 1; logits are used up. noise[n] > 0: draws of Exp(1); the largest p / noise
 * wins, which is i with probability p_i (the exponential race). Greedy: noise may be NULL; of equal
 * ones the first wins. */
int sampler_pick(float *logits, int n, const struct sampling *s, const float *noise);

/* Exp(1) for a codebook of a step, n of them: the same for a seed whatever else is drawn. */
void sampler_noise(uint32_t seed, int step, int codebook, float *noise, int n);

#endif
