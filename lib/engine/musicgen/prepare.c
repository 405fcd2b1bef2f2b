#include "engine/musicgen/prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/json.h"
#include "base/str.h"
#include "engine/musicgen/model.h"
#include "engine/musicgen/pack.h"
#include "engine/musicgen/safetensors_write.h"

/* Raised when files of before cannot be used any more. */
#define VERSION "2"

/* Kinds from the smallest on: those that a level may use. */
#define KIND(k) (1u << (k))
static const enum weights by_size[] = { WEIGHTS_I8, WEIGHTS_I12, WEIGHTS_F16, WEIGHTS_BF16,
	WEIGHTS_F32 };

static const struct level {
	const char *name;
	unsigned kinds;			/* besides float32 */
	double slack;			/* times what parts bear: bfloat16 has three bits less than
					 * half precision, and "small" four less than twelve */
} levels[] = {
	{ "f32", 0, 1 },
	{ "f16", KIND(WEIGHTS_F16), 1 },
	{ "bf16", KIND(WEIGHTS_BF16), 8 },
	{ "int8", KIND(WEIGHTS_I12) | KIND(WEIGHTS_F16), 1 },
	{ "small", KIND(WEIGHTS_I8) | KIND(WEIGHTS_I12) | KIND(WEIGHTS_F16), 20 },
};

/* The first whose pattern fits a matrix's name: which error it bears. Of normally distributed
 * weights 8 bits have 6e-3, bfloat16 1.6e-3, 12 bits 3.6e-4, half precision 2e-4. */
static const struct part {
	const char *pattern;
	double error;
} parts[] = {
	{ "audio_encoder.*.lstm.*", 3e-4 },
	{ "audio_encoder.*", 0 },
	{ "*", 6e-4 },
};

static const enum tensor_type types[WEIGHTS_KINDS] = {
	[WEIGHTS_F32] = TENSOR_F32, [WEIGHTS_F16] = TENSOR_F16, [WEIGHTS_BF16] = TENSOR_BF16,
	[WEIGHTS_I8] = TENSOR_I8, [WEIGHTS_I12] = TENSOR_U8,
};

static int
path_in(char out[4096], const char *folder, struct err *e)
{
	return io_join(out, 4096, folder, PREPARE_FILE, e);
}

bool
prepare_exists(const char *folder)
{
	struct err e = {0};
	char path[4096];

	return path_in(path, folder, &e) == 0 && access(path, F_OK) == 0;
}

struct work {
	const struct level *level;
	struct tensors_out *out;
	struct prepare_report *report;
	bool (*step)(void *ctx, uint64_t done, uint64_t of);
	void *ctx;
	uint64_t done, of;		/* values */
};

/* A matrix as a kind. */
struct packed {
	enum weights kind;
	int group;
	void *w;
	float *scale;
};

static void
packed_free(struct packed *p)
{
	free(p->w);
	free(p->scale);
	*p = (struct packed){0};
}

/* n rows from r on, in place or in `room`. */
static const float *
rows_of(const struct weights_taken *t, int r, int n, float *room)
{
	size_t at = (size_t)r * (size_t)t->cols;

	if (t->made) return t->made + at;
	tensor_read(t->tensor, (int64_t)at, (int64_t)n * t->cols, room);
	return room;
}

/* All of it as `kind`, if its error is below `most`: 1, else 0. -1 if a value is not finite. */
static int
pack(const struct weights_taken *t, enum weights kind, double most, struct packed *p, struct err *e)
{
	size_t row = pack_bytes(kind, t->cols), n = (size_t)t->n;
	bool whole = weights_whole(kind);
	int groups = 0, at_once = whole ? WHOLE_ROWS : 1, values = at_once * t->cols;
	double squares = 0, errors = 0;
	float *room;

	*p = (struct packed){ .kind = kind };
	if (whole && !(p->group = pack_group(t->n, t->cols))) return 0;
	if (p->group) groups = t->cols / p->group;
	p->w = malloc(n * row);
	p->scale = floats_new(n * (size_t)groups);
	room = floats_new((size_t)values);
	if (!p->w) abort();
	for (int r = 0; r < t->n; r += at_once) {
		const float *x = rows_of(t, r, at_once, room);
		void *to = (char *)p->w + (size_t)r * row;

		for (int k = 0; k < values; k++) squares += (double)x[k] * x[k];
		errors += !whole ? pack_row(kind, x, t->cols, to) : pack_whole(kind, p->group, x,
			t->cols, to, p->scale + (size_t)r * (size_t)groups);
	}
	free(room);
	if (isfinite(squares) && errors <= most * most * squares) return 1;
	packed_free(p);
	if (isfinite(squares)) return 0;
	return t->tensor ? weights_check_finite(t->tensor, e) :
		err_set(e, ERR_INVALID, "%s: a value is not finite", t->name);
}

static double
borne(const char *name)
{
	size_t i = 0;

	while (fnmatch(parts[i].pattern, name, 0) != 0) i++;	/* the last fits any */
	return parts[i].error;
}

static int
choose(const struct work *w, const struct weights_taken *t, struct packed *p, struct err *e)
{
	unsigned kinds = w->level->kinds | KIND(WEIGHTS_F32);
	double most = borne(t->name) * w->level->slack;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < NELEM(by_size); i++)
		if (kinds & KIND(by_size[i])) rc = pack(t, by_size[i], most, p, e);
	return rc == 1 ? 0 : -1;
}

static int
write_matrix(struct work *w, const struct weights_taken *t, struct err *e)
{
	int64_t shape[] = { t->n, t->cols };
	struct packed p;
	char name[TENSOR_NAME];
	int rc;

	if (choose(w, t, &p, e) != 0) return -1;
	if (p.kind == WEIGHTS_I12) shape[1] = t->cols / 2 * 3;
	rc = tensors_out_add(w->out, t->name, types[p.kind], 2, shape, p.w, e);
	if (rc == 0 && p.group) {
		shape[1] = t->cols / p.group;
		snprintf(name, sizeof name, "%s.scale", t->name);
		rc = tensors_out_add(w->out, name, TENSOR_F32, 2, shape, p.scale, e);
	}
	w->report->matrices[p.kind]++;
	packed_free(&p);
	return rc;
}

static int
write_floats(struct work *w, const struct tensor *t, struct err *e)
{
	float *p = floats_new((size_t)t->count);
	int rc;

	tensor_read(t, 0, t->count, p);
	rc = tensors_out_add(w->out, t->name, TENSOR_F32, t->rank, t->shape, p, e);
	free(p);
	return rc;
}

static uint64_t
values(const struct weights_taken *t)
{
	return t->matrix ? (uint64_t)t->n * (uint64_t)t->cols : (uint64_t)t->tensor->count;
}

static int
write_all(struct work *w, const struct weights_list *l, struct err *e)
{
	for (size_t i = 0; i < l->n; i++) w->of += values(&l->items[i]);
	for (size_t i = 0; i < l->n; i++) {
		const struct weights_taken *t = &l->items[i];

		if ((t->matrix ? write_matrix(w, t, e) : write_floats(w, t->tensor, e)) != 0)
			return -1;
		w->done += values(t);
		if (w->step && !w->step(w->ctx, w->done, w->of))
			return err_set(e, ERR_STOPPED, "it was stopped");
	}
	w->report->bytes = tensors_out_bytes(w->out);
	return 0;
}

/* "SIZE SECONDS NAME", a line for each file of a model's folder. */
static int
list_sources(const struct tensors *t, struct buf *out, struct err *e)
{
	for (size_t i = 0; i < tensors_files(t); i++) {
		const char *path = tensors_file(t, i), *slash = strrchr(path, '/');
		struct stat st;

		if (stat(path, &st) < 0)
			return err_set(e, ERR_AWAY, "%s: %s", path, strerror(errno));
		buf_addf(out, "%s%lld %lld %s", i ? "\n" : "", (long long)st.st_size,
			(long long)st.st_mtime, slash ? slash + 1 : path);
	}
	return 0;
}

/* Room for what describes them in the file. */
static size_t
header_room(const struct weights_list *l, const struct buf *sources)
{
	size_t n = 1024 + 2 * sources->n;

	for (size_t i = 0; i < l->n; i++)
		n += 2 * (strlen(l->items[i].name) + 170) * (l->items[i].matrix ? 2 : 1);
	return n;
}

static const struct level *
level_of(const char *name, struct err *e)
{
	for (size_t i = 0; i < NELEM(levels); i++)
		if (strcmp(levels[i].name, name) == 0) return &levels[i];
	err_set(e, ERR_UNREADABLE, "weights can be kept as int8, small, bf16, f16 or f32, not "
		"as %.40s", name);
	return NULL;
}

int
prepare_write(const char *folder, const char *level, bool (*step)(void *ctx, uint64_t done,
	uint64_t of), void *ctx, struct prepare_report *report, struct err *e)
{
	struct work w = { .level = level_of(level, e), .report = report, .step = step, .ctx = ctx };
	struct weights_list list = {0};
	struct model *m = NULL;
	struct buf sources = {0};
	cJSON *metadata = json_object();
	char path[4096];
	int rc = -1;

	*report = (struct prepare_report){0};
	if (!w.level || path_in(path, folder, e) != 0 || !(m = model_survey(folder, &list, e)) ||
		list_sources(m->tensors, &sources, e) != 0)
		goto out;
	w.out = tensors_out_begin(path, header_room(&list, &sources), e);
	if (!w.out || write_all(&w, &list, e) != 0) goto out;
	json_add_text(metadata, "earshot_prepared", VERSION);
	json_add_text(metadata, "weights", w.level->name);
	json_add_text(metadata, "made_of", buf_str(&sources));
	rc = tensors_out_end(w.out, metadata, e);
out:
	tensors_out_close(w.out);
	cJSON_Delete(metadata);
	buf_free(&sources);
	model_close(m);
	weights_list_free(&list);
	return rc;
}

/* Is a file that it was made of still what it was, or gone? line: as list_sources() writes it. */
static int
check_source(const char *folder, const char *line, struct err *e)
{
	long long size, seconds;
	int at = 0;
	char path[4096];
	struct stat st;

	if (sscanf(line, "%lld %lld %n", &size, &seconds, &at) != 2 || !at || !line[at] ||
		strchr(line + at, '/'))
		return err_set(e, ERR_INVALID, "it does not say what it was made of");
	if (io_join(path, sizeof path, folder, line + at, e) != 0) return -1;
	if (stat(path, &st) < 0) return 0;
	if (st.st_size == size && st.st_mtime == seconds) return 0;
	return err_set(e, ERR_INVALID, "it was made of another %s than lies there now", line + at);
}

static int
check_metadata(const char *folder, const struct tensors *t, struct err *e)
{
	const char *version = tensors_metadata(t, "earshot_prepared");
	const char *sources = tensors_metadata(t, "made_of");
	char *copy, *rest, *line;
	int rc = 0;

	if (!version || !sources) return err_set(e, ERR_INVALID, "it is no prepared file");
	if (strcmp(version, VERSION) != 0)
		return err_set(e, ERR_INVALID, "it was made by another version of Earshot");
	copy = strdup(sources);
	if (!copy) abort();
	line = strtok_r(copy, "\n", &rest);
	for (; rc == 0 && line; line = strtok_r(NULL, "\n", &rest))
		rc = check_source(folder, line, e);
	free(copy);
	return rc;
}

struct tensors *
prepare_open(const char *folder, struct err *e)
{
	char path[4096];
	struct tensors *t;

	if (path_in(path, folder, e) != 0 || !(t = tensors_open(path, e))) return NULL;
	if (check_metadata(folder, t, e) == 0) return t;
	err_prefix(e, "%s", path);
	tensors_close(t);
	return NULL;
}

/* The hash of what lies behind the header of a file. */
static int
hash_values(const char *path, char hex[SHA256_HEX], struct err *e)
{
	uint8_t head[8], hash[SHA256_BYTES];
	uint64_t bytes;
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = -1;

	if (fd < 0) return err_set(e, ERR_AWAY, "%s: %s", path, strerror(errno));
	if (io_read_full(fd, head, sizeof head, e) == 0) {
		if (lseek(fd, (off_t)(8 + tensors_header_bytes(head)), SEEK_SET) >= 0)
			rc = hash_sha256_fd(fd, hash, &bytes, e);
		else err_set(e, ERR_AWAY, "%s: %s", path, strerror(errno));
	}
	close(fd);
	if (rc == 0) hash_hex(hash, sizeof hash, hex);
	return rc;
}

int
prepare_check(const char *folder, struct err *e)
{
	struct tensors *t = prepare_open(folder, e);
	const char *want;
	char path[4096], hex[SHA256_HEX];
	int rc = -1;

	if (!t) return -1;
	want = tensors_metadata(t, "sha256");
	if (path_in(path, folder, e) == 0 && (rc = hash_values(path, hex, e)) == 0 &&
		(!want || strcmp(want, hex) != 0))
		rc = err_set(e, ERR_INVALID, "%s: it is damaged: its values are not those that "
			"were written", path);
	tensors_close(t);
	return rc;
}
