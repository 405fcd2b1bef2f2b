#include "records/adapters.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/jtext.h"
#include "base/str.h"
#include "db/db.h"
#include "records/intents.h"
#include "records/rows.h"

_Static_assert((int)ADAPTER_KEY == (int)SAMPLE_KEY, "two lengths of storage keys");

const char *const adapter_status_names[ADAPTER_STATUSES + 1] = {
	[ADAPTER_ACTIVE] = "active",
	[ADAPTER_ARCHIVED] = "archived",
	[ADAPTER_STATUSES] = NULL,
};

#define VERSION_COLUMNS \
	"v.id, v.adapter_id, v.version, v.description, v.created_at, w.id, w.storage_key, " \
	"w.about, w.sha256, w.size_bytes, w.uploaded_at"
#define WEIGHTS_JOIN " LEFT JOIN adapter_weights w ON w.id=v.weights_id "
enum { N_VERSION_COLUMNS = 11 };

/* VERSION_COLUMNS from column 0 on. */
static void
read_version(const struct db_rows *r, void *out)
{
	struct adapter_version *v = out;
	const void *sha;
	size_t n;

	*v = (struct adapter_version){ .id = db_col_uuid(r, 0), .adapter_id = db_col_uuid(r, 1),
		.version = rows_text(r, 2), .description = rows_text_or_null(r, 3),
		.created_at = db_col_int(r, 4), .weights_id = db_col_uuid(r, 5),
		.storage_key = rows_text(r, 6), .about = rows_text_or_null(r, 7),
		.size_bytes = (uint64_t)db_col_int(r, 9), .uploaded_at = db_col_int(r, 10) };
	sha = db_col_bytes(r, 8, &n);
	if (n == SHA256_BYTES) memcpy(v->sha256, sha, n);
}

#define ADAPTER_COLUMNS \
	VERSION_COLUMNS ", a.id, a.name, a.description, a.base_model, a.status, a.config, " \
	"a.created_at, a.updated_at"
#define ACTIVE_JOIN " JOIN adapter_versions v ON v.id=a.version_id" WEIGHTS_JOIN

static void
read_adapter(const struct db_rows *r, void *out)
{
	enum { AT = N_VERSION_COLUMNS };
	struct adapter *a = out;

	*a = (struct adapter){ .id = db_col_uuid(r, AT), .name = rows_text(r, AT + 1),
		.description = rows_text_or_null(r, AT + 2), .base_model = rows_text(r, AT + 3),
		.status = (enum adapter_status)str_index(db_col_text(r, AT + 4),
		adapter_status_names), .config = rows_text_or_null(r, AT + 5),
		.created_at = db_col_int(r, AT + 6), .updated_at = db_col_int(r, AT + 7) };
	read_version(r, &a->active);
	a->active.is_active = true;
}

/* Held until the end of the transaction: who changes an adapter or a version of it begins here, so
 * that there is one order. */
static int
lock(struct db *db, struct uuid id, enum adapter_status *status, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };
	int64_t n;

	if (db_one_int(db, "SELECT status+0 FROM adapters WHERE id=? FOR UPDATE", a, NELEM(a), 0,
		&n, e))
		return -1;
	if (!n) return rows_found(0, "adapter", id, e);
	*status = (enum adapter_status)(n - 1);
	return 0;
}

/* The same for what an archived one does not take. */
static int
lock_active(struct db *db, struct uuid id, struct err *e)
{
	enum adapter_status status;

	if (lock(db, id, &status, e)) return -1;
	return status == ADAPTER_ACTIVE ? 0 : err_set(e, ERR_CONFLICT, "The adapter is archived; "
		"make it active before anything else about it is changed.");
}

static int
insert_version(struct db *db, struct uuid id, struct uuid version_id, const char *version,
	const char *description, struct err *e)
{
	struct db_arg a[] = { DB_UUID(version_id), DB_UUID(id), DB_TEXT(version),
		DB_TEXT_OR_NULL(description) };

	return db_exec(db, "INSERT INTO adapter_versions (id, adapter_id, version, description, "
		"created_at) VALUES (?,?,?,?,UTC_TIMESTAMP(6))", a, NELEM(a), e) < 0 ? -1 : 0;
}

struct creation {
	const struct adapter_new *n;
	struct uuid id, version_id;
};

static int
create(struct db *db, void *ctx, struct err *e)
{
	const struct creation *c = ctx;
	struct db_arg a[] = { DB_UUID(c->id), DB_TEXT(c->n->name),
		DB_TEXT_OR_NULL(c->n->description), DB_TEXT(c->n->base_model),
		DB_TEXT_OR_NULL(c->n->config), DB_UUID(c->version_id) };

	if (db_exec(db, "INSERT INTO adapters (id, name, description, base_model, status, config, "
		"version_id, created_at, updated_at) VALUES (?,?,?,?,'active',?,?,UTC_TIMESTAMP(6),"
		"UTC_TIMESTAMP(6))", a, NELEM(a), e) < 0)
		return -1;
	return insert_version(db, c->id, c->version_id, c->n->version, NULL, e);
}

int
adapters_create(struct db *db, const struct adapter_new *n, struct uuid *id, struct err *e)
{
	struct creation c = { .n = n, .id = uuid_new(), .version_id = uuid_new() };

	if (db_transaction(db, create, &c, e) != DB_TX_DONE) return -1;
	*id = c.id;
	return 0;
}

int
adapters_get(struct db *db, struct uuid id, struct adapter *out, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };

	return rows_found(rows_first(db, "SELECT " ADAPTER_COLUMNS " FROM adapters a" ACTIVE_JOIN
		"WHERE a.id=?", a, NELEM(a), read_adapter, out, e), "adapter", id, e);
}

int
adapters_list(struct db *db, enum adapter_status status, uint32_t limit, uint32_t offset,
	struct adapter_list *out, struct err *e)
{
	bool all = status == ADAPTER_STATUSES;
	struct db_arg a[] = { DB_INT(all), DB_TEXT(all ? "" : adapter_status_names[status]),
		DB_INT(limit), DB_INT(offset) };
	int64_t total;

	*out = (struct adapter_list){0};
	if (db_one_int(db, "SELECT COUNT(*) FROM adapters WHERE ? OR status=?", a, 2, 0, &total, e))
		return -1;
	out->total = (uint64_t)total;
	return ROWS_LIST(out, limit, db_query(db, "SELECT " ADAPTER_COLUMNS " FROM (SELECT id FROM "
		"adapters WHERE ? OR status=? ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?) "
		"page JOIN adapters a ON a.id=page.id" ACTIVE_JOIN "ORDER BY a.created_at DESC, "
		"a.id DESC", a, NELEM(a), e), read_adapter, e) < 0 ? -1 : 0;
}

static void
read_id(const struct db_rows *r, void *out)
{
	*(struct uuid *)out = db_col_uuid(r, 0);
}

int
adapters_find(struct db *db, const char *name, const char *base_model, struct uuid *id,
	struct err *e)
{
	struct db_arg a[] = { DB_TEXT(name), DB_TEXT(base_model) };

	return rows_first(db, "SELECT id FROM adapters WHERE name=? AND base_model=? ORDER BY "
		"created_at DESC, id DESC LIMIT 1", a, NELEM(a), read_id, id, e);
}

struct change {
	struct uuid id;
	const struct adapter_change *to;
};

static int
change(struct db *db, void *ctx, struct err *e)
{
	const struct change *c = ctx;
	const struct adapter_change *to = c->to;
	enum adapter_status status;

	if (lock(db, c->id, &status, e)) return -1;
	if (to->status) status = *to->status;
	struct db_arg a[] = { DB_TEXT_OR_NULL(to->name), DB_INT(to->description != NULL),
		DB_TEXT_OR_NULL(to->description), DB_INT(to->config != NULL),
		DB_TEXT_OR_NULL(to->config), DB_TEXT(adapter_status_names[status]),
		DB_UUID(c->id) };

	return db_exec(db, "UPDATE adapters SET name=COALESCE(?, name), description=IF(?, ?, "
		"description), config=IF(?, ?, config), status=?, updated_at=UTC_TIMESTAMP(6) "
		"WHERE id=?", a, NELEM(a), e) < 0 ? -1 : 0;
}

int
adapters_change(struct db *db, struct uuid id, const struct adapter_change *to, struct err *e)
{
	struct change c = { .id = id, .to = to };

	return db_transaction(db, change, &c, e) == DB_TX_DONE ? 0 : -1;
}

static void
read_one_of_versions(const struct db_rows *r, void *out)
{
	struct adapter_version *v = out;

	read_version(r, v);
	v->is_active = db_col_int(r, N_VERSION_COLUMNS) != 0;
}

int
adapters_versions(struct db *db, struct uuid id, struct adapter_versions *out, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id), DB_INT(ADAPTER_MAX_VERSIONS) };

	return ROWS_LIST(out, ADAPTER_MAX_VERSIONS, db_query(db, "SELECT " VERSION_COLUMNS
		", v.id=a.version_id FROM adapter_versions v JOIN adapters a ON "
		"a.id=v.adapter_id" WEIGHTS_JOIN "WHERE v.adapter_id=? ORDER BY v.created_at, v.id "
		"LIMIT ?", a, NELEM(a), e), read_one_of_versions, e) < 0 ? -1 : 0;
}

static int
touch(struct db *db, struct uuid id, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };

	return db_exec(db, "UPDATE adapters SET updated_at=UTC_TIMESTAMP(6) WHERE id=?", a,
		NELEM(a), e) < 0 ? -1 : 0;
}

bool
adapters_version_ok(const char *version)
{
	size_t n = strlen(version);

	return n >= 1 && n <= ADAPTER_VERSION && isascii((unsigned char)version[0]) &&
		isalnum((unsigned char)version[0]) && strspn(version, "0123456789._+-"
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == n;
}

struct addition {
	struct uuid id, version_id;
	const char *version, *description;
};

static int
add_version(struct db *db, void *ctx, struct err *e)
{
	const struct addition *x = ctx;
	struct db_arg id[] = { DB_UUID(x->id) };
	struct db_arg same[] = { DB_UUID(x->id), DB_TEXT(x->version) };
	int64_t n, there;

	if (lock_active(db, x->id, e) ||
		db_one_int(db, "SELECT COUNT(*) FROM adapter_versions WHERE adapter_id=?", id, 1, 0,
		&n, e) || db_one_int(db, "SELECT 1 FROM adapter_versions WHERE adapter_id=? AND "
		"version=?", same, NELEM(same), 0, &there, e))
		return -1;
	if (there)
		return err_set(e, ERR_CONFLICT, "The adapter has a version %s already.",
			x->version);
	if (n >= ADAPTER_MAX_VERSIONS)
		return err_set(e, ERR_CONFLICT, "The adapter has %d versions, and more are not "
			"possible.", ADAPTER_MAX_VERSIONS);
	return insert_version(db, x->id, x->version_id, x->version, x->description, e) ||
		touch(db, x->id, e) ? -1 : 0;
}

static bool
has_version(const struct adapter_versions *l, const char *version)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->items[i].version, version) == 0) return true;
	return false;
}

void
adapters_next_version(const struct adapter_versions *l, char version[ADAPTER_VERSION + 1])
{
	const char *last = l->items[l->n - 1].version, *dot = strrchr(last, '.');
	int head = dot ? (int)(dot - last) : 0;
	uint64_t n;

	if (!dot || head > 30 || !str_u64(dot + 1, 0, 1000000, &n)) head = 0, n = 1;
	do {
		n++;
		snprintf(version, ADAPTER_VERSION + 1, "%.*s%s%llu", head, last, head ? "." : "",
			(unsigned long long)n);
	} while (has_version(l, version));
}

int
adapters_add_version(struct db *db, struct uuid id, const char *version, const char *description,
	struct uuid *version_id, struct err *e)
{
	struct addition x = { id, uuid_new(), version, description };

	if (db_transaction(db, add_version, &x, e) != DB_TX_DONE) return -1;
	*version_id = x.version_id;
	return 0;
}

/* In a transaction that holds the adapter. */
static int
set_active(struct db *db, struct uuid id, struct uuid version_id, struct err *e)
{
	struct db_arg a[] = { DB_UUID(version_id), DB_UUID(id) };

	return db_exec(db, "UPDATE adapters SET version_id=?, updated_at=UTC_TIMESTAMP(6) WHERE "
		"id=?", a, NELEM(a), e) < 0 ? -1 : 0;
}

int
adapters_target(struct db *db, struct uuid id, struct uuid version_id, struct adapter_version *out,
	struct err *e)
{
	struct db_arg a[] = { DB_UUID(id), DB_INT(uuid_is_nil(version_id)), DB_UUID(version_id) };
	int there = rows_first(db, "SELECT " VERSION_COLUMNS " FROM adapter_versions v" WEIGHTS_JOIN
		"WHERE v.adapter_id=? AND (? OR v.id=?) ORDER BY v.created_at DESC, v.id DESC "
		"LIMIT 1", a, NELEM(a), read_version, out, e);

	if (there < 0) return -1;
	return there ? 0 : err_set(e, ERR_NOT_FOUND, "The adapter has no version %s.",
		UUID_STR(version_id));
}

struct target {
	struct uuid id, version_id;
};

static int
activate(struct db *db, void *ctx, struct err *e)
{
	const struct target *t = ctx;
	struct adapter_version v = {0};
	int rc = lock_active(db, t->id, e) ||
		adapters_target(db, t->id, t->version_id, &v, e) ||
		set_active(db, t->id, v.id, e) ? -1 : 0;

	adapters_version_free(&v);
	return rc;
}

int
adapters_activate(struct db *db, struct uuid id, struct uuid version_id, struct err *e)
{
	struct target t = { id, version_id };

	return db_transaction(db, activate, &t, e) == DB_TX_DONE ? 0 : -1;
}

int
adapters_begin_weights(struct db *db, struct adapter_weights *w, struct err *e)
{
	const char *text;

	w->id = uuid_new();
	text = UUID_STR(w->id);
	/* The last digits: the first ones of a UUIDv7 are the time. */
	snprintf(w->key, sizeof w->key, "adapters/%s/%s", text + 34, text);
	return intents_add_upload(db, w->id, w->key, e);
}

struct placing {
	const struct adapter_version *v;
	const struct adapter_weights *w;
	bool activate;
};

static int
place(struct db *db, void *ctx, struct err *e)
{
	const struct placing *p = ctx;
	struct db_arg row[] = { DB_UUID(p->w->id), DB_UUID(p->v->id), DB_TEXT(p->w->key),
		DB_BYTES(p->w->sha256, SHA256_BYTES), DB_INT(p->w->size_bytes),
		DB_TEXT_OR_NULL(p->w->about) };
	struct db_arg version[] = { DB_UUID(p->w->id), DB_UUID(p->v->id) };
	int kept;

	if (lock_active(db, p->v->adapter_id, e)) return -1;
	if ((kept = intents_take_upload(db, p->w->key, ADAPTER_UPLOAD_MAX_S, e)) < 0) return -1;
	if (!kept) return err_set(e, ERR_AWAY, "the upload of %s took too long", p->w->key);
	if (db_exec(db, "INSERT INTO adapter_weights (id, version_id, storage_key, sha256, "
		"size_bytes, about, uploaded_at) VALUES (?,?,?,?,?,?,UTC_TIMESTAMP(6))", row,
		NELEM(row), e) < 0 || db_exec(db, "UPDATE adapter_versions SET weights_id=? WHERE "
		"id=?", version, NELEM(version), e) < 0)
		return -1;
	return p->activate ? set_active(db, p->v->adapter_id, p->v->id, e)
		: touch(db, p->v->adapter_id, e);
}

int
adapters_set_weights(struct db *db, const struct adapter_version *v,
	const struct adapter_weights *w, bool activate, struct err *e)
{
	struct placing p = { v, w, activate };

	return db_transaction(db, place, &p, e) == DB_TX_DONE ? 0 : -1;
}

int
adapters_stats(struct db *db, struct adapter_stats *out, struct err *e)
{
	int64_t n[3];

	if (rows_numbers(db, "SELECT CAST(COALESCE(SUM(status='active'), 0) AS SIGNED), "
		"CAST(COALESCE(SUM(status='archived'), 0) AS SIGNED), (SELECT COUNT(*) FROM "
		"adapter_versions) FROM adapters", NULL, 0, n, NELEM(n), e) < 0)
		return -1;
	*out = (struct adapter_stats){ n[0], n[1], n[2] };
	return 0;
}

static char *
copy(const char *s)
{
	char *c = strdup(s);

	if (!c) abort();
	return c;
}

void
adapters_use(const struct adapter *a, double scale, struct adapter_use *out)
{
	struct buf text = {0};
	struct jtext j = { .out = &text };
	char sha[SHA256_HEX];

	hash_hex(a->active.sha256, SHA256_BYTES, sha);
	jtext_begin(&j, NULL, '{');
	jtext_id(&j, "id", a->id);
	jtext_text(&j, "name", a->name);
	jtext_text(&j, "version", a->active.version);
	jtext_text(&j, "base_model", a->base_model);
	jtext_text(&j, "sha256", sha);
	jtext_real(&j, "scale", scale);
	jtext_end(&j, '}');
	*out = (struct adapter_use){ .id = a->id, .name = copy(a->name),
		.base_model = copy(a->base_model), .json = text.p,
		.key = copy(a->active.storage_key) };
}

void
adapters_version_free(struct adapter_version *v)
{
	free(v->version);
	free(v->description);
	free(v->storage_key);
	free(v->about);
	*v = (struct adapter_version){0};
}

void
adapters_versions_free(struct adapter_versions *l)
{
	ROWS_FREE(l, adapters_version_free);
}

void
adapters_free(struct adapter *a)
{
	adapters_version_free(&a->active);
	free(a->name);
	free(a->description);
	free(a->base_model);
	free(a->config);
	*a = (struct adapter){0};
}

void
adapters_list_free(struct adapter_list *l)
{
	ROWS_FREE(l, adapters_free);
}

void
adapters_use_free(struct adapter_use *u)
{
	free(u->name);
	free(u->base_model);
	free(u->json);
	free(u->key);
	*u = (struct adapter_use){0};
}
