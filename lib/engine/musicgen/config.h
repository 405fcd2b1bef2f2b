/* The numbers of a MusicGen checkpoint: its config.json, checked. */
#ifndef EARSHOT_ENGINE_MUSICGEN_CONFIG_H
#define EARSHOT_ENGINE_MUSICGEN_CONFIG_H

#include <stddef.h>
#include <stdint.h>

struct err;

enum {
	CODEC_RATIOS = 8, CODEBOOKS_MAX = 16,
	CONFIG_BYTES = 1 << 18,		/* of the file, at most */
};

struct t5_config {
	int vocabulary, width;		/* numbers of tokens; of a hidden state */
	int heads, head;		/* how many; how wide each is */
	int feed_forward, layers;
	int buckets, max_distance;	/* of the relative position bias */
	float epsilon;			/* of its norms */
};

struct decoder_config {
	int vocabulary;			/* of codes; its number of the pad token, too */
	int width, heads, feed_forward, layers;
	int codebooks;
	int positions;			/* the most steps that it was made for */
};

struct codec_config {
	int codes, width;		/* entries of a codebook; floats of an entry */
	int filters;			/* channels at the full sample rate */
	int kernel, last_kernel, residual_kernel;
	int lstm_layers;
	int ratios[CODEC_RATIOS], n_ratios;	/* how much longer each stage makes it, in order */
	int dilation, compress;
	int rate;			/* samples a second */
};

struct musicgen_config {
	struct t5_config t5;
	struct decoder_config decoder;
	struct codec_config codec;
};

/* The file comes from outside: ERR_INVALID and a sentence that names the member ("config.json:
 * decoder.hidden_size …"), also for what this engine does not do: stereo, for one. */
int config_read(const char *path, struct musicgen_config *c, struct err *e);
int config_parse(const char *json, size_t bytes, struct musicgen_config *c, struct err *e);

/* Samples for one step of codes, and codes a second. */
int codec_hop(const struct codec_config *c);
int codec_frame_rate(const struct codec_config *c);

#endif
