/* Learning a style adapter from Standard MIDI Files: what adapters/README.md says that an adapter
 * can say, counted in other people's music. Pure, and the same files in any order give the same
 * bytes. */
#ifndef EARSHOT_ENGINE_BAND_LEARN_H
#define EARSHOT_ENGINE_BAND_LEARN_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct learn;

enum { LEARN_FILES = 200 };

struct learn *learn_new(void);

/* Learn from the n bytes of a MIDI file. -1 with ERR_INVALID: it cannot be read ("byte 22: …"), it
 * holds no music, it was given before, or there are more than LEARN_FILES; what was learnt before
 * stays. name is for people: of a path the last part is kept. */
int learn_add(struct learn *l, const char *name, const void *bytes, size_t n, struct err *e);

int learn_files(const struct learn *l);

/* The adapter file, for adapter_parse(). name has 1 to 60 characters; description may be NULL: one
 * is made. -1 with ERR_INVALID when nothing was learnt. */
int learn_write(
	struct learn *l, const char *name, const char *description, struct buf *out, struct err *e);

/* What was learnt in plain words, a line for each thing. After learn_write(). */
void learn_tell(const struct learn *l, struct buf *out);

void learn_free(struct learn *l);

#endif
