/* www/openapi.json, linked in: so it is always that of this build, wherever the pages are. */
#ifndef EARSHOT_API_OPENAPI_H
#define EARSHOT_API_OPENAPI_H

#include <stddef.h>

extern const char openapi_json[];	/* ended by a NUL */
size_t openapi_bytes(void);

#endif
