#include "api/openapi.h"

/* The path is relative to where make runs; the Makefile knows of it. */
__asm__(".section .rodata\n"
	".global openapi_json, openapi_end\n"
	"openapi_json:\n"
	".incbin \"www/openapi.json\"\n"
	"openapi_end:\n"
	".byte 0\n"
	".previous\n");

extern const char openapi_end[];

size_t
openapi_bytes(void)
{
	return (size_t)(openapi_end - openapi_json);
}
