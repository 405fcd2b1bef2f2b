/* Adapter files are hostile: any bytes are refused with a sentence or read, and what was read can be
 * told and played by at any scale. The first bytes choose prompt, seed and scale. */
#include "band_play.h"
#include "refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct style_adapter a;
	struct err e = {0};

	if (size < HEAD) return 0;
	if (adapter_parse(&a, (const char *)data + HEAD, size - HEAD, &e)) {
		check_refusal(&e);
		return 0;
	}
	cJSON_Delete(adapter_about(&a));
	band_play(&a, data);
	adapter_free(&a);
	return 0;
}
