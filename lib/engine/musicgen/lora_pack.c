#include "engine/musicgen/lora_pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "base/str.h"
#include "engine/musicgen/lora.h"

enum { PATH = 4096, ALIGN = 8, PIECE = 1 << 16 };

/* The header of a safetensors file as a tree; fd is behind it then. NULL with *e. */
static cJSON *
read_header(int fd, struct err *e)
{
	uint8_t length[8];
	struct buf text = {0};
	uint64_t n;
	cJSON *tree = NULL;

	if (io_read_full(fd, length, sizeof length, e) != 0) goto out;
	n = tensors_header_bytes(length);
	if (n > TENSORS_HEADER_MAX || io_read_full(fd, buf_room(&text, n), n, e) != 0) goto out;
	text.n = n;
	tree = json_parse(text.p, n, e);
out:
	if (!cJSON_IsObject(tree)) {
		cJSON_Delete(tree);
		tree = NULL;
		err_set(e, ERR_INVALID, "adapter_model.safetensors: it is no safetensors file");
	}
	buf_free(&text);
	return tree;
}

/* The header with one text more in its metadata, ready to be written. */
static void
write_header(cJSON *header, const char *config, struct buf *out)
{
	cJSON *metadata = cJSON_DetachItemFromObjectCaseSensitive(header, "__metadata__");
	struct buf text = {0};
	uint8_t length[8];

	if (!cJSON_IsObject(metadata)) {
		cJSON_Delete(metadata);
		metadata = json_object();
	}
	cJSON_DeleteItemFromObjectCaseSensitive(metadata, LORA_METADATA);
	json_add_text(metadata, LORA_METADATA, config);
	json_add(header, "__metadata__", metadata);
	json_print(header, &text);
	while (text.n % ALIGN) buf_addc(&text, ' ');
	for (int i = 0; i < 8; i++) length[i] = (uint8_t)(text.n >> 8 * i);
	buf_add(out, length, sizeof length);
	buf_add(out, text.p, text.n);
	buf_free(&text);
}

static int
copy_rest(int from, int to, struct err *e)
{
	char block[PIECE];
	ssize_t n;

	while ((n = read(from, block, sizeof block)) > 0)
		if (io_write_full(to, block, (size_t)n, e) != 0) return -1;
	return n < 0 ? err_set(e, ERR_AWAY, "%s", strerror(errno)) : 0;
}

static int
read_config(const char *folder, struct buf *text, struct err *e)
{
	char path[PATH];

	if (io_join(path, sizeof path, folder, "adapter_config.json", e) != 0 ||
		buf_read_file(text, path, LORA_CONFIG_MAX, e) != 0)
		return -1;
	return str_is_utf8(buf_str(text), text->n) ? 0 : err_set(e, ERR_INVALID,
		"adapter_config.json: it is not UTF-8");
}

int
lora_pack(const char *folder, const char *out, struct err *e)
{
	struct buf config = {0}, head = {0};
	cJSON *header = NULL;
	char path[PATH];
	int from = -1, to = -1, rc = -1;

	if (read_config(folder, &config, e) != 0 ||
		io_join(path, sizeof path, folder, "adapter_model.safetensors", e) != 0)
		goto out;
	if ((from = open(path, O_RDONLY | O_CLOEXEC)) < 0) {
		err_set(e, ERR_NOT_FOUND, "cannot read %s: %s", path, strerror(errno));
		goto out;
	}
	if (!(header = read_header(from, e))) goto out;
	write_header(header, buf_str(&config), &head);
	if ((to = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) < 0) {
		err_set(e, ERR_INTERNAL, "cannot write %s: %s", out, strerror(errno));
		goto out;
	}
	rc = io_write_full(to, head.p, head.n, e) != 0 ? -1 : copy_rest(from, to, e);
	if (rc != 0) unlink(out);
out:
	if (from >= 0) close(from);
	if (to >= 0) close(to);
	cJSON_Delete(header);
	buf_free(&head);
	buf_free(&config);
	return rc;
}
