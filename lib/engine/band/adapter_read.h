/* The members of an adapter file, into a struct style_adapter. For the adapter_*.c only.
 *
 * `at` is the path of what is read, such as "parts.bass."; errors are ERR_INVALID and begin with
 * it. */
#ifndef EARSHOT_ENGINE_BAND_ADAPTER_READ_H
#define EARSHOT_ENGINE_BAND_ADAPTER_READ_H

#include <cjson/cJSON.h>

#include "engine/band/adapter.h"

enum { ADAPTER_PATH = 64 };

/* path := at + name, cut where it is too long. Returns path. */
char *adapter_path(char *path, const char *at, const char *name);

/* {"name": weight, …}: calls take for each; 1 … most of them, no name twice. NULL: nothing.
 * take returns -1 with *e. The weight of "*" goes into *keep; keep NULL: there is none. */
int adapter_read_weights(const cJSON *o, const char *at, int most, int *keep,
	int (*take)(void *ctx, const char *name, int weight, const char *path, struct err *e),
	void *ctx, struct err *e);

/* The same where the names are those of a NULL-terminated list: out[i] := weight. */
int adapter_read_choices(const cJSON *o, const char *at, const char *what, const char *const *names,
	int *out, int *keep, struct err *e);

/* A whole number in low … high; v is there. */
int adapter_read_int(const cJSON *v, const char *path, int low, int high, int *out, struct err *e);

int adapter_read_meter(const char *text, const char *path, struct meter *out, struct err *e);

int adapter_read_harmony(struct style_adapter *a, const cJSON *o, struct err *e);
int adapter_read_parts(struct style_adapter *a, const cJSON *o, struct err *e);

#endif
