#include "http/io.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/str.h"

/* Where the FastCGI specification (2.2) puts the listening socket. */
enum { LISTEN_FD = STDIN_FILENO };

static const char *
fcgi_env(void *ctx, const char *name)
{
	FCGX_Request *r = ctx;

	return FCGX_GetParam(name, r->envp);
}

static long
fcgi_read(void *ctx, char *p, size_t n)
{
	FCGX_Request *r = ctx;
	int got = FCGX_GetStr(p, n > INT_MAX ? INT_MAX : (int)n, r->in);

	return got == 0 && FCGX_GetError(r->in) ? -1 : got;
}

static bool
fcgi_write(void *ctx, const char *p, size_t n)
{
	FCGX_Request *r = ctx;

	while (n) {
		int step = n > INT_MAX ? INT_MAX : (int)n;

		if (FCGX_PutStr(p, step, r->out) != step) return false;
		p += step;
		n -= (size_t)step;
	}
	return true;
}

static const struct http_io_ops fcgi_ops = { fcgi_env, fcgi_read, fcgi_write };

/* How much of the body stdin still holds: RFC 3875 4.2 promises no end of file behind it. */
struct cgi {
	uint64_t left;
};

/* What says who asks is for us alone: the environment goes on to every program that we start, the
 * daemon among them, which outlives the request. */
static struct {
	const char *name;
	char *value;
} secrets[] = {
	{ .name = "HTTP_AUTHORIZATION" }, { .name = "HTTP_COOKIE" }, { .name = "HTTP_X_API_KEY" },
};

static void
keep_secrets(void)
{
	for (size_t i = 0; i < NELEM(secrets); i++) {
		const char *value = getenv(secrets[i].name);

		if (value && !(secrets[i].value = strdup(value))) abort();
		unsetenv(secrets[i].name);
	}
}

static const char *
cgi_env(void *ctx, const char *name)
{
	(void)ctx;
	for (size_t i = 0; i < NELEM(secrets); i++)
		if (strcmp(name, secrets[i].name) == 0) return secrets[i].value;
	return getenv(name);
}

static long
cgi_read(void *ctx, char *p, size_t n)
{
	struct cgi *c = ctx;
	ssize_t got;

	if (n > c->left) n = (size_t)c->left;
	if (!n) return 0;
	do got = read(STDIN_FILENO, p, n);
	while (got < 0 && errno == EINTR);
	if (got > 0) c->left -= (uint64_t)got;
	return got;
}

static bool
cgi_write(void *ctx, const char *p, size_t n)
{
	(void)ctx;
	while (n) {
		ssize_t put = write(STDOUT_FILENO, p, n);

		if (put < 0 && errno == EINTR) continue;
		if (put <= 0) return false;
		p += put;
		n -= (size_t)put;
	}
	return true;
}

static const struct http_io_ops cgi_ops = { cgi_env, cgi_read, cgi_write };

/* As much as lighttpd.conf and apache.conf let through. */
enum { DRAIN_BYTES = 512 << 20 };

/* Read what the handler left of the body: a web server that still writes it loses our answer when
 * we end first (Apache's mod_cgid: the client gets nothing at all). */
static void
drain(struct cgi *c)
{
	char block[65536];
	long n, total = 0;

	while (total < DRAIN_BYTES && (n = cgi_read(c, block, sizeof block)) > 0) total += n;
}

static void
serve_cgi(void (*handle)(struct http_io *, void *), void *ctx)
{
	const char *length = getenv("CONTENT_LENGTH");
	const char *coding = getenv("HTTP_TRANSFER_ENCODING");
	struct cgi c = {0};
	struct http_io io = { &cgi_ops, &c };

	keep_secrets();
	/* A chunked body comes without a length, and then with an end of file. A length that is no
	 * number leaves nothing to read here and is refused by whoever wants the body. */
	if (length && *length) str_u64(length, 0, UINT64_MAX, &c.left);
	else if (coding && *coding) c.left = UINT64_MAX;
	signal(SIGPIPE, SIG_IGN);
	handle(&io, ctx);
	drain(&c);
}

static volatile sig_atomic_t stopping, renewing;

static void
on_stop(int sig)
{
	renewing = sig == SIGHUP && (renewing || !stopping);
	stopping = 1;
}

/* Signals wait while a request is taken up and worked on: libfcgi closes a connection of which
 * nothing has been read yet when one comes. */
static void
catch_stop(sigset_t *while_waiting)
{
	static const int signals[] = { SIGTERM, SIGUSR1, SIGHUP };
	sigset_t block;

	sigemptyset(&block);
	for (size_t i = 0; i < NELEM(signals); i++) {
		struct sigaction act = { .sa_handler = on_stop, .sa_flags = SA_RESTART };

		sigaction(signals[i], &act, NULL);
		sigaddset(&block, signals[i]);
	}
	sigprocmask(SIG_BLOCK, &block, while_waiting);
	for (size_t i = 0; i < NELEM(signals); i++) sigdelset(while_waiting, signals[i]);
}

/* 1: somebody wants to connect, 0: look again, -1: error. */
static int
wait_for_request(const sigset_t *while_waiting, struct err *e)
{
	struct pollfd p = { .fd = LISTEN_FD, .events = POLLIN };
	int n = ppoll(&p, 1, NULL, while_waiting);

	if (n > 0) return 1;
	return n == 0 || errno == EINTR ? 0 : err_set(e, ERR_INTERNAL, "poll: %s", strerror(errno));
}

/* Before it closes a connection, libfcgi waits for the server to do so first, since closing with
 * something unread would lose the answer. Where the request has no body and its end has come,
 * nothing is unread: let it close at once. */
static void
finish(FCGX_Request *r)
{
	const char *length = FCGX_GetParam("CONTENT_LENGTH", r->envp);

	if ((!length || !*length || strcmp(length, "0") == 0) && FCGX_GetChar(r->in) == EOF &&
		!FCGX_GetError(r->in))
		FCGX_Detach(r);
	FCGX_Finish_r(r);
}

/* Signals are blocked here. */
static bool
must_stop(bool (*may_renew)(void))
{
	if (renewing && !may_renew()) stopping = renewing = 0;
	return stopping;
}

int
http_serve(void (*handle)(struct http_io *, void *), void *ctx, bool (*may_renew)(void),
	bool *renew, struct err *e)
{
	FCGX_Request r;
	struct http_io io = { &fcgi_ops, &r };
	sigset_t while_waiting;

	*renew = false;
	if (FCGX_Init() || FCGX_InitRequest(&r, LISTEN_FD, 0))
		return err_set(e, ERR_INTERNAL, "libfcgi cannot be initialised");
	if (FCGX_IsCGI()) {
		serve_cgi(handle, ctx);
		return 0;
	}
	catch_stop(&while_waiting);
	/* Another process of this socket may have taken up who woke us. */
	io_set_nonblock(LISTEN_FD, true);
	while (!must_stop(may_renew)) {
		int rc = wait_for_request(&while_waiting, e);

		if (rc < 0) return -1;
		if (rc == 0 || (rc = FCGX_Accept_r(&r)) == -EAGAIN) continue;
		if (rc) return err_set(e, ERR_INTERNAL, "accept: %s", strerror(-rc));
		handle(&io, ctx);
		finish(&r);
	}
	*renew = renewing;
	return 0;
}
