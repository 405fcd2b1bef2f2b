/* Audio objects in another format than the one they were made in, and stems of takes that have a score.
 * Made on demand by `earshot transcode` and `earshot render` in a process of its own, so that the
 * responder needs neither codec nor engine, and kept in storage under a key that follows from the
 * original's: derived/ab/JOB-ATTEMPT-INDEX.mp3, stems/ab/JOB-ATTEMPT-INDEX-drums.flac. */
#ifndef EARSHOT_API_TRANSCODE_H
#define EARSHOT_API_TRANSCODE_H

#include "api/api.h"
#include "api/formats.h"
#include "records/objects.h"
#include "records/samples.h"
#include "storage/storage.h"

/* All that may be derived from the file of a sample, by whatever feature; ended by one without a
 * suffix. Deletion goes by it. */
const struct object_form *transcode_forms(void);

/* The key of the derived object. Pure. */
void transcode_key(const char *source_key, const struct format *f, char key[STORAGE_KEY]);

/* Make sure that it is there, waiting for another process that makes it. ERR_BUSY: too many are at
 * it for too long. */
int transcode_make(struct api *api, const char *source_key, const struct format *f,
	char key[STORAGE_KEY], struct err *e);

/* A stem (one of format_stems) of a sample, rendered from its score, unmastered, with the tags of its
 * file. ERR_NOT_FOUND: it has no score; ERR_INVALID: stems come in lossless formats only, since others
 * would not add up. */
int transcode_stem(struct api *api, const struct sample *s, int stem, const struct format *f,
	char key[STORAGE_KEY], struct err *e);

/* The sample as a blind test plays it, so that nothing but the music tells two of them apart: WAV,
 * without tags, of exactly the length that was asked of the engine, at BLIND_LUFS. That depends on
 * the sample alone, not on the one that it is compared with, and lies so far down (EBU R 128) that
 * hardly a sample has to be made louder; one that is, is only as far as its peaks allow. */
enum { BLIND_LUFS = -23 };
int transcode_blind(struct api *api, const struct sample *s, char key[STORAGE_KEY],
	struct err *e);

/* Its gain in dB. Pure. */
double transcode_blind_gain(const struct sample *s);

#endif
