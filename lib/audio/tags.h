/* What a sound file says about its origin, and where each format keeps it.
 *
 * libsndfile knows ten fields and no others, so the six facts are laid onto five of them that exist
 * in every format. What was written comes back exactly, in every format:
 *
 *   field      Vorbis comment*  WAV   MP3    holds
 *   title      TITLE            INAM  TIT2   title
 *   comment    COMMENT          ICMT  COMM   prompt, nothing else
 *   artist     ARTIST           IART  TPE1   "Earshot (MODEL)"; "Earshot" without one
 *   album      ALBUM            IPRD  TALB   adapter, so that a player groups its takes
 *   software   SOFTWARE**       ISFT  TSSE   "Earshot 0.1.0, seed 42": what made it, how set
 *
 *   * FLAC, Ogg Vorbis, Opus   ** Opus: ENCODER
 *
 * libsndfile is not enough in two places. It writes UTF-8 into MP3 files as if it were Latin-1, so
 * the ID3v2.4 tag is made here; and it reads at most 2047 bytes of a WAV text, so INFO is parsed
 * here. */
#ifndef EARSHOT_AUDIO_TAGS_H
#define EARSHOT_AUDIO_TAGS_H

struct buf;
struct err;
struct sf_private_tag;		/* libsndfile's SNDFILE */

/* Bytes of UTF-8, without the NUL. */
enum {
	TAGS_TITLE = 512,
	TAGS_PROMPT = 8000,	/* 2000 characters of up to four bytes */
	TAGS_MODEL = 256,
	TAGS_ADAPTER = 512,
	TAGS_SEED = 20,
	TAGS_SOFTWARE = 64,
};

/* To be written. All borrowed; NULL and "" mean absent, except that software then is this
 * program. */
struct audio_tags {
	const char *title;
	const char *prompt;
	const char *model;
	const char *adapter;
	const char *seed;	/* decimal digits */
	const char *software;	/* without '(' and ',' */
};

/* As read; "" is absent. Of other programs' files, texts are cut at the sizes above, and left out
 * when they could not be written again. A plain value. */
struct audio_tags_read {
	char title[TAGS_TITLE + 1];
	char prompt[TAGS_PROMPT + 1];
	char model[TAGS_MODEL + 1];
	char adapter[TAGS_ADAPTER + 1];
	char seed[TAGS_SEED + 1];
	char software[TAGS_SOFTWARE + 1];
};

/* What was read, to be written again; borrows from r. */
struct audio_tags tags_again(const struct audio_tags_read *r);

/* ERR_INVALID names the tag that is too long, not UTF-8 or not of its form. NULL tags are fine. */
int tags_check(const struct audio_tags *t, struct err *e);

/* For a file just opened to write, before its first frame. The tags must have been checked. */
int tags_write(struct sf_private_tag *file, const struct audio_tags *t, struct err *e);

/* The same as an ID3v2.4 tag, appended to out: to stand in front of an MP3 stream. */
void tags_id3(const struct audio_tags *t, struct buf *out);

/* Of a file opened to read. */
void tags_read(struct sf_private_tag *file, struct audio_tags_read *out);

#endif
