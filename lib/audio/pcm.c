#include "audio/pcm.h"

#include <stdlib.h>

struct pcm
pcm_new(int64_t frames, int channels, int rate)
{
	struct pcm p = { .frames = frames, .channels = channels, .rate = rate };

	p.data = calloc((size_t)(frames > 0 ? frames : 1) * (size_t)channels, sizeof *p.data);
	if (!p.data) abort();
	return p;
}

void
pcm_free(struct pcm *p)
{
	free(p->data);
	*p = (struct pcm){0};
}
