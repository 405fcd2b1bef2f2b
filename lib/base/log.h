/* One line an event, to stderr or a file: `2026-11-22T20:17:05.123Z earshotd[412] error: text`.
 * Only boundaries log (a main loop, the end of a request): library code returns a struct err
 * instead. Never pass a secret, a whole request body or a token. */
#ifndef EARSHOT_BASE_LOG_H
#define EARSHOT_BASE_LOG_H

/* Name the program and, unless path is NULL or "", append to that file (opened O_APPEND, so that
 * several processes may share it; a file that cannot be opened falls back to stderr with a line
 * that says so). A file that was moved away is made anew with the next line: who rotates logs need
 * tell nobody. Both texts are borrowed for ever. */
void log_open(const char *program, const char *path);

void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
