#include "storage/curllib.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "base/err.h"

/* As distributions call it, by the library that it has TLS from. */
static const char *const names[] = { "libcurl.so.4", "libcurl-gnutls.so.4" };

static const struct { const char *name; size_t offset; } functions[] = {
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

const struct curllib *
curllib_load(struct err *e)
{
	static struct curllib lib;
	void *library = NULL;

	if (lib.init) return &lib;
	for (size_t i = 0; !library && i < NELEM(names); i++)
		library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	for (size_t i = 0; library && i < NELEM(functions); i++) {
		void *f = dlsym(library, functions[i].name);

		if (!f) break;
		/* POSIX lets a function's address be in a void *, C only by way of its bytes. */
		memcpy((char *)&lib + functions[i].offset, &f, sizeof f);
	}
	if (library && lib.free_all) return &lib;
	lib.init = NULL;
	err_set(e, ERR_INTERNAL, "storage: libcurl is not installed; install the package libcurl4");
	return NULL;
}
