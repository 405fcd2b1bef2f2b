/* Both files of an adapter, as PEFT writes them, as one: adapter_model.safetensors with the text of
 * adapter_config.json in its metadata (LORA_METADATA). Where an adapter is uploaded, it is one
 * file. */
#ifndef EARSHOT_ENGINE_MUSICGEN_LORA_PACK_H
#define EARSHOT_ENGINE_MUSICGEN_LORA_PACK_H

struct err;

/* Of the folder's two files, which come from outside, makes the file `out`; the same ones always
 * make the same bytes. Whether they are an adapter is checked by whoever reads it. ERR_NOT_FOUND
 * when one is missing. */
int lora_pack(const char *folder, const char *out, struct err *e);

#endif
