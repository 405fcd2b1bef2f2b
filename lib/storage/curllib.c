#include "storage/curllib.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "base/err.h"

/* As distributions call it, by the library that it has TLS from. */
static const char *const names[] = { "libcurl.so.4", "libcurl-gnutls.so.4" };

static const struct { const char *name; size_t offset; } functions[] = {
	{ "curl_global_init", offsetof(struct curllib, global_init) },
	{ "curl_easy_init", offsetof(struct curllib, init) },
	{ "curl_easy_reset", offsetof(struct curllib, reset) },
	{ "curl_easy_cleanup", offsetof(struct curllib, cleanup) },
	{ "curl_easy_setopt", offsetof(struct curllib, setopt) },
	{ "curl_easy_perform", offsetof(struct curllib, perform) },
	{ "curl_easy_getinfo", offsetof(struct curllib, getinfo) },
	{ "curl_easy_strerror", offsetof(struct curllib, strerror) },
	{ "curl_slist_append", offsetof(struct curllib, append) },
	{ "curl_slist_free_all", offsetof(struct curllib, free_all) },
};

static struct curllib lib;

static void
load(void)
{
	void *library = NULL;

	for (size_t i = 0; !library && i < NELEM(names); i++)
		library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	for (size_t i = 0; library && i < NELEM(functions); i++) {
		void *f = dlsym(library, functions[i].name);

		if (!f) return;
		/* POSIX lets a function's address be in a void *, C only by way of its bytes. */
		memcpy((char *)&lib + functions[i].offset, &f, sizeof f);
	}
	/* Here, since not every version of it may be begun by two threads at once. */
	lib.usable = library && lib.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

const struct curllib *
curllib_load(struct err *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	if (lib.usable) return &lib;
	err_set(e, ERR_INTERNAL, "storage: libcurl is not installed; install the package libcurl4");
	return NULL;
}
