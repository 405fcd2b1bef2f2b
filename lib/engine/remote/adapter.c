#include "engine/remote/adapter.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

enum { FILE_MAX = 4096, CHARS_MAX = 200 };

struct file {
	int format;
	char adapter[4 * CHARS_MAX + 1];
};

static const char *const formats[] = { "earshot-remote-adapter", NULL };

static const struct json_field fields[] = {
	J_CHOICE_REQ(struct file, format, formats),
	J_TEXT_REQ(struct file, adapter, 1, CHARS_MAX),
};

/* Nothing that a log, a path or a line could be fooled with. */
static int
check_name(const char *s, struct err *e)
{
	if (strlen(s) >= REMOTE_ADAPTER) return err_field(e, "adapter", "is too long");
	for (const char *c = s; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f || strchr("\"\\", *c))
			return err_field(e, "adapter",
				"must not hold control characters, quotes or "
				"backslashes");
	for (const char *c = s; (c = strstr(c, "..")); c += 2)
		if ((c == s || c[-1] == '/') && (!c[2] || c[2] == '/'))
			return err_field(e, "adapter", "must not lead upwards");
	return 0;
}

int
remote_adapter_parse(const char *p, size_t n, char name[REMOTE_ADAPTER], struct err *e)
{
	struct file f = {0};
	cJSON *tree = json_parse(p, n, e);
	int rc = -1;

	if (!tree) {
		e->kind = ERR_INVALID;
		return -1;
	}
	if (json_read(tree, fields, NELEM(fields), "", &f, e) == 0 &&
		check_name(f.adapter, e) == 0) {
		memcpy(name, f.adapter, strlen(f.adapter) + 1);
		rc = 0;
	}
	cJSON_Delete(tree);
	return rc;
}

int
remote_adapter_read(const char *path, char name[REMOTE_ADAPTER], struct err *e)
{
	struct buf text = {0};
	int rc = buf_read_file(&text, path, FILE_MAX, e);

	if (rc && e->kind == ERR_TOO_LARGE)
		err_set(e, ERR_INVALID, "A file that names a remote adapter has at most %d bytes.",
			FILE_MAX);
	if (!rc) rc = remote_adapter_parse(buf_str(&text), text.n, name, e);
	buf_free(&text);
	return rc;
}
