/* What a client says of the music that it wants: the text of a prompt, and its attributes. Checked
 * here, stored as they came. */
#ifndef EARSHOT_API_WORDS_H
#define EARSHOT_API_WORDS_H

#include <cjson/cJSON.h>

struct buf;
struct err;

/* Add to *e the field when its text is there but has nothing except blanks. */
void words_check_text(const char *text, const char *field, struct err *e);

/* Check the attributes of a prompt (NULL: none) and append them to out as JSON text. What is wrong
 * is added to the fields of *e, as "attributes.tempo". */
void words_read_attributes(const cJSON *attributes, struct buf *out, struct err *e);

#endif
