/* Passwords come from a terminal that does not show them, or from standard input: never from
 * arguments, which everyone on a host can see. */
#ifndef EARSHOT_CLI_SECRET_INPUT_H
#define EARSHOT_CLI_SECRET_INPUT_H

#include "base/password.h"

struct err;

/* A new password: at a terminal asked for twice, else the first line of standard input. Checked as
 * password_check() does. The caller forgets it (password_forget()). */
int secret_input(char out[PASSWORD_TEXT], struct err *e);

#endif
