/* What an adapter says about the players, role by role. */
#include "engine/band/adapter_read.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

struct reading {
	struct adapter_part *part;
	enum role role;
	const char *path;		/* "parts.bass.range" */
};

static int
take_instrument(void *ctx, const char *name, int weight, const char *path, struct err *e)
{
	struct reading *r = ctx;
	const struct instrument *i = instrument_find(name);

	if (!i) return err_field(e, path, "is no instrument of the band");
	if ((i->family == FAMILY_DRUMS) != (r->role == ROLE_DRUMS))
		return err_field(e, path, "cannot play %s", role_names[r->role]);
	r->part->instrument[r->part->instruments] = i;
	r->part->instrument_weight[r->part->instruments++] = weight;
	return 0;
}

static int
read_instruments(struct reading *r, const cJSON *v, struct err *e)
{
	return adapter_read_weights(v, r->path, ADAPTER_INSTRUMENTS,
		&r->part->instrument_keep, take_instrument, r, e);
}

static int
read_range(struct reading *r, const cJSON *v, struct err *e)
{
	const cJSON *low = cJSON_GetArrayItem(v, 0), *high = cJSON_GetArrayItem(v, 1);
	int from = cJSON_IsString(low) ? theory_note_key(low->valuestring) : -1;
	int to = cJSON_IsString(high) ? theory_note_key(high->valuestring) : -1;

	if (!cJSON_IsArray(v) || cJSON_GetArraySize(v) != 2 || from < 12 || to < from + 11)
		return err_field(e, r->path,
			"must be two notes such as \"C3\" and \"C5\", at least a seventh apart");
	r->part->low = (struct adapter_number){ true, from };
	r->part->high = (struct adapter_number){ true, to };
	return 0;
}

static int
read_density(struct reading *r, const cJSON *v, struct err *e)
{
	if (!cJSON_IsNumber(v) || v->valuedouble < 0.05 || v->valuedouble > 16)
		return err_field(e, r->path, "must be from 0.05 to 16 notes a beat");
	r->part->density = (int)lround(v->valuedouble * 100);
	return 0;
}

static int
read_players(struct reading *r, const cJSON *v, struct err *e)
{
	if (!cJSON_IsNumber(v) || v->valuedouble < 0 || v->valuedouble > ADAPTER_PLAYERS / 100)
		return err_field(e, r->path, "must be from 0 to %d", ADAPTER_PLAYERS / 100);
	r->part->players = (struct adapter_number){ true, (int)lround(v->valuedouble * 100) };
	return 0;
}

static int
take_interval(void *ctx, const char *name, int weight, const char *path, struct err *e)
{
	struct reading *r = ctx;
	int64_t step;

	if (!str_i64(name, -STYLE_LEAP, STYLE_LEAP, &step))
		return err_field(e, path, "is no interval from %d to %d semitones", -STYLE_LEAP,
			STYLE_LEAP);
	r->part->interval_weight[step + STYLE_LEAP] = weight;
	r->part->intervals++;
	return 0;
}

static int
read_intervals(struct reading *r, const cJSON *v, struct err *e)
{
	return adapter_read_weights(v, r->path, STYLE_INTERVALS, NULL, take_interval, r, e);
}

static int
read_tones(struct reading *r, const cJSON *v, struct err *e)
{
	const cJSON *item;
	bool any = false;

	if (!cJSON_IsArray(v) || cJSON_GetArraySize(v) != 12)
		return err_field(e, r->path, "must be an array of 12 weights");
	cJSON_ArrayForEach(item, v) {
		char path[ADAPTER_PATH];
		int *w = &r->part->tone_weight[r->part->tones];

		snprintf(path, sizeof path, "%.56s[%d]", r->path, r->part->tones++);
		if (adapter_read_int(item, path, 0, ADAPTER_WEIGHT, w, e)) return -1;
		any |= *w > 0;
	}
	return any ? 0 : err_field(e, r->path, "must not be 0 throughout");
}

/* One number for each sixteenth of a bar, or of a part of it that comes again. */
static int
read_places(struct reading *r, const cJSON *v, int most, int *out, int *n, struct err *e)
{
	const cJSON *item;

	if (!cJSON_IsArray(v) || cJSON_GetArraySize(v) < 1
		|| cJSON_GetArraySize(v) > STYLE_PLACES)
		return err_field(e, r->path, "must be an array of 1 to %d numbers, one a sixteenth",
			STYLE_PLACES);
	cJSON_ArrayForEach(item, v) {
		char path[ADAPTER_PATH];

		snprintf(path, sizeof path, "%.56s[%d]", r->path, *n);
		if (adapter_read_int(item, path, -most, most, &out[*n], e)) return -1;
		(*n)++;
	}
	return 0;
}

static int
read_late_at(struct reading *r, const cJSON *v, struct err *e)
{
	return read_places(r, v, 60, r->part->late_at, &r->part->late_places, e);
}

static int
read_loud_at(struct reading *r, const cJSON *v, struct err *e)
{
	return read_places(r, v, 60, r->part->loud_at, &r->part->loud_places, e);
}

static int
read_scale(struct reading *r, const cJSON *v, struct err *e)
{
	return adapter_read_choices(v, r->path, "scale", scale_names, r->part->scale_weight,
		&r->part->scale_keep, e);
}

static int
read_bool(struct reading *r, const cJSON *v, struct adapter_number *out, struct err *e)
{
	if (!cJSON_IsBool(v)) return err_field(e, r->path, "must be true or false");
	*out = (struct adapter_number){ true, cJSON_IsTrue(v) };
	return 0;
}

static int
read_pedal(struct reading *r, const cJSON *v, struct err *e)
{
	return read_bool(r, v, &r->part->pedal, e);
}

static int
read_swell(struct reading *r, const cJSON *v, struct err *e)
{
	return read_bool(r, v, &r->part->swell, e);
}

struct pattern_text {
	char play[4 * ADAPTER_TEXT + 1], meter[4 * 5 + 1];
	int64_t weight;
	const cJSON *energy, *rows;
};

static const struct json_field pattern_fields[] = {
	J_INT(struct pattern_text, weight, 1, ADAPTER_WEIGHT, 1),
	J_ARRAY(struct pattern_text, energy, 2, 2),
	J_TEXT(struct pattern_text, meter, 3, 5),
	J_TEXT_REQ(struct pattern_text, play, 1, ADAPTER_TEXT),
};

static const struct json_field drum_fields[] = {
	J_INT(struct pattern_text, weight, 1, ADAPTER_WEIGHT, 1),
	J_ARRAY(struct pattern_text, energy, 2, 2),
	J_TEXT(struct pattern_text, meter, 3, 5),
	{ .name = "play", .type = JSON_OBJECT, .offset = offsetof(struct pattern_text, rows),
		.required = true },
};

/* "*": all patterns of the style. */
static const struct json_field keep_fields[] = {
	J_INT(struct pattern_text, weight, 1, ADAPTER_WEIGHT, 1),
	J_TEXT_REQ(struct pattern_text, play, 1, 1),
};

static int
add_row(struct adapter_pattern *p, const char *row, int drum, const char *signs, const char *path,
	struct err *e)
{
	return pattern_add_row(&p->pattern, &p->meter, row, (uint8_t)drum, signs, e)
		? err_prefix(e, "%s", path) : 0;
}

static int
read_drum_rows(struct adapter_pattern *p, const cJSON *rows, const char *at, struct err *e)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, rows) {
		int drum = style_drum(v->string);
		char path[ADAPTER_PATH], inside[ADAPTER_PATH + 6];

		snprintf(inside, sizeof inside, "%splay.", at);
		adapter_path(path, inside, v->string);
		if (!drum) return err_field(e, path, "is no drum");
		if (cJSON_GetObjectItemCaseSensitive(rows, v->string) != v)
			return err_field(e, path, "is given twice");
		if (!cJSON_IsString(v) || str_chars(v->valuestring) > ADAPTER_TEXT)
			return err_field(e, path, "must be text of %d characters at most",
				ADAPTER_TEXT);
		if (add_row(p, v->valuestring, drum, style_drum_signs, path, e)) return -1;
	}
	return 0;
}

static int
read_pattern(struct adapter_pattern *p, enum role role, const cJSON *o, const char *at,
	struct err *e)
{
	bool drums = role == ROLE_DRUMS;
	struct pattern_text t = {0};
	char path[ADAPTER_PATH];

	if (json_read(o, drums ? drum_fields : pattern_fields,
		    drums ? NELEM(drum_fields) : NELEM(pattern_fields), at, &t, e))
		return -1;
	p->pattern = (struct pattern){ .weight = (int)t.weight, .high = 100 };
	if (t.energy
		&& (adapter_read_int(cJSON_GetArrayItem(t.energy, 0),
			    adapter_path(path, at, "energy[0]"), 0, 100, &p->pattern.low, e)
			|| adapter_read_int(cJSON_GetArrayItem(t.energy, 1),
				adapter_path(path, at, "energy[1]"), p->pattern.low, 100,
				&p->pattern.high, e)))
		return -1;
	if (adapter_read_meter(*t.meter ? t.meter : "4/4", adapter_path(path, at, "meter"),
		    &p->meter, e))
		return -1;
	adapter_path(path, at, "play");
	if (drums ? read_drum_rows(p, t.rows, at, e)
		  : add_row(p, t.play, 0, style_signs(role), path, e))
		return -1;
	return p->pattern.n ? 0 : err_field(e, path, "has no note");
}

static int
read_list(struct reading *r, const cJSON *v, struct adapter_patterns *out, struct err *e)
{
	const cJSON *o;
	int i = 0;

	if (!cJSON_IsArray(v) || cJSON_GetArraySize(v) < 1
		|| cJSON_GetArraySize(v) > ADAPTER_PATTERNS)
		return err_field(e, r->path, "must be an array of 1 to %d patterns",
			ADAPTER_PATTERNS);
	out->list = calloc((size_t)cJSON_GetArraySize(v), sizeof *out->list);
	if (!out->list) abort();
	cJSON_ArrayForEach(o, v) {
		char at[ADAPTER_PATH];

		snprintf(at, sizeof at, "%.50s[%d].", r->path, i++);
		if (strcmp(json_text(o, "play", ""), "*") == 0) {
			struct pattern_text t = {0};

			if (json_read(o, keep_fields, NELEM(keep_fields), at, &t, e)) return -1;
			if (out->keep) return err_set(e, ERR_INVALID, "%splay is \"*\" again.", at);
			out->keep = (int)t.weight;
		} else if (read_pattern(&out->list[out->n++], r->role, o, at, e))
			return -1;
	}
	return out->n ? 0 : err_field(e, r->path, "has nothing but \"*\"");
}

static int
read_patterns(struct reading *r, const cJSON *v, struct err *e)
{
	return read_list(r, v, &r->part->pattern, e);
}

static int
read_fills(struct reading *r, const cJSON *v, struct err *e)
{
	return read_list(r, v, &r->part->fill, e);
}

enum {
	DRUMS = 1 << ROLE_DRUMS,
	ALL = (1 << ROLE_COUNT) - 1,
	FIGURED = ALL & ~(1 << ROLE_PAD | 1 << ROLE_COUNTER),	/* roles that play patterns */
};

/* Besides style_numbers[]. What a role would make no use of is refused. */
static const struct {
	const char *name;
	unsigned roles;
	int (*read)(struct reading *r, const cJSON *v, struct err *e);
} members[] = {
	{ "instruments", ALL, read_instruments },
	{ "range", ALL & ~DRUMS, read_range },
	{ "density", FIGURED, read_density },
	{ "players", ALL & ~DRUMS, read_players },
	{ "intervals", 1 << ROLE_MELODY, read_intervals },
	{ "tones", 1 << ROLE_MELODY, read_tones },
	{ "late_at", ALL, read_late_at },
	{ "loud_at", ALL, read_loud_at },
	{ "scale", 1 << ROLE_MELODY, read_scale },
	{ "pedal", 1 << ROLE_CHORDS | 1 << ROLE_MELODY, read_pedal },
	{ "swell", ALL & ~DRUMS, read_swell },
	{ "patterns", FIGURED, read_patterns },
	{ "fills", DRUMS, read_fills },
};

static int
read_member(struct reading *r, const cJSON *v, struct err *e)
{
	static const char useless[] = "has no effect on %s";

	for (size_t i = 0; i < NELEM(members); i++) {
		if (strcmp(members[i].name, v->string) != 0) continue;
		if (!(members[i].roles >> r->role & 1))
			return err_field(e, r->path, useless, role_names[r->role]);
		return members[i].read(r, v, e);
	}
	for (size_t i = 0; i < style_number_count; i++) {
		const struct style_number *n = &style_numbers[i];

		if (strcmp(n->name, v->string) != 0) continue;
		if (!(n->roles >> r->role & 1))
			return err_field(e, r->path, useless, role_names[r->role]);
		r->part->number[i].has = true;
		return adapter_read_int(
			v, r->path, n->low, n->high, &r->part->number[i].value, e);
	}
	return err_field(e, r->path, "is not a known field");
}

static int
read_part(struct adapter_part *part, enum role role, const cJSON *o, const char *at, struct err *e)
{
	const cJSON *v;

	if (!cJSON_IsObject(o)) return err_field(e, at, "must be an object");
	part->has = true;
	cJSON_ArrayForEach(v, o) {
		char inside[ADAPTER_PATH + 2], path[ADAPTER_PATH];
		struct reading r = { .part = part, .role = role, .path = path };

		snprintf(inside, sizeof inside, "%s.", at);
		adapter_path(path, inside, v->string);
		if (cJSON_GetObjectItemCaseSensitive(o, v->string) != v)
			return err_field(e, path, "is given twice");
		if (read_member(&r, v, e)) return -1;
	}
	return 0;
}

int
adapter_read_parts(struct style_adapter *a, const cJSON *o, struct err *e)
{
	const cJSON *v;

	_Static_assert(ADAPTER_NUMBERS >= 20, "a number of an adapter for each of a style");
	cJSON_ArrayForEach(v, o) {
		int role = str_index(v->string, role_names);
		char at[ADAPTER_PATH];

		adapter_path(at, "parts.", v->string);
		if (role < 0) return err_field(e, at, "is no role");
		if (a->part[role].has) return err_field(e, at, "is given twice");
		if (read_part(&a->part[role], (enum role)role, v, at, e)) return -1;
	}
	return 0;
}
