#include "cli/secret_input.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/err.h"

/* One line without its end. By read(), so that nothing keeps a copy in a buffer. */
static int
read_line(char out[PASSWORD_TEXT], struct err *e)
{
	size_t n = 0;
	ssize_t got;
	char c;

	while ((got = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n') {
		if (n == PASSWORD_TEXT - 1 || !c)
			return err_set(e, ERR_INVALID, "the password is too long or has a NUL in "
				"it");
		out[n++] = c;
	}
	if (got < 0) return err_set(e, ERR_INTERNAL, "standard input: %s", strerror(errno));
	if (n && out[n - 1] == '\r') n--;
	out[n] = '\0';
	return !n && !got ? err_set(e, ERR_INVALID, "no password came over standard input") : 0;
}

static int
ask(const char *question, char out[PASSWORD_TEXT], struct err *e)
{
	int rc;

	fputs(question, stderr);
	rc = read_line(out, e);
	fputc('\n', stderr);
	return rc;
}

static int
ask_twice(char out[PASSWORD_TEXT], struct err *e)
{
	char again[PASSWORD_TEXT];
	int rc = -1;

	if (ask("Password: ", out, e) || password_check(out, e)) goto out;
	if (ask("The same again: ", again, e)) goto out;
	rc = strcmp(out, again) == 0 ? 0 : err_set(e, ERR_INVALID, "the two are not the same");
out:
	password_forget(again, sizeof again);
	return rc;
}

int
secret_input(char out[PASSWORD_TEXT], struct err *e)
{
	struct termios shown, hidden;
	sigset_t stops, before;
	int rc;

	if (tcgetattr(STDIN_FILENO, &shown) < 0) return read_line(out, e) || password_check(out, e)
		? -1 : 0;
	/* Ctrl-C waits until the terminal shows again what is typed. */
	sigemptyset(&stops);
	sigaddset(&stops, SIGINT);
	sigaddset(&stops, SIGQUIT);
	sigaddset(&stops, SIGTSTP);
	sigprocmask(SIG_BLOCK, &stops, &before);
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	rc = ask_twice(out, e);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return rc;
}
