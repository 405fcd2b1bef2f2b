/* How `earshot doctor` is known to the responder: by a word in a file of the state folder, which
 * only that user can read as whom both should run. Whoever shows the word within some minutes is
 * told what the responder sees of the request and of its host. */
#ifndef EARSHOT_BASE_PROBE_H
#define EARSHOT_BASE_PROBE_H

#include <stdbool.h>

struct err;

enum { PROBE_WORD = 65 };

/* Leave a new word, in place of an older one. */
int probe_leave(const char *state_dir, char word[PROBE_WORD], struct err *e);
void probe_remove(const char *state_dir);

/* Is it the one that was left there within the last ten minutes? NULL is not. */
bool probe_knows(const char *state_dir, const char *word);

#endif
