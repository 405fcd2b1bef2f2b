/* The chords of an adapter: progressions, cadences, and which chord follows which. */
#include "engine/band/adapter_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

struct line {
	char bars[4 * ADAPTER_TEXT + 1], section[4 * 1 + 1];
	int mode;
	int64_t weight;
	bool has_mode;
};

static const struct json_field line_fields[] = {
	J_CHOICE_OPT(struct line, mode, has_mode, mode_names),
	J_INT(struct line, weight, 1, ADAPTER_WEIGHT, 1),
	J_TEXT_REQ(struct line, bars, 1, ADAPTER_TEXT),
	J_TEXT(struct line, section, 1, 1),
};

static int
read_line(const cJSON *o, const char *at, bool cadence, struct progression *p, int *keep,
	struct err *e)
{
	struct line t = {0};
	size_t n = NELEM(line_fields) - cadence;	/* a cadence belongs to no section */

	if (json_read(o, line_fields, n, at, &t, e)) return -1;
	*p = (struct progression){0};
	if (strcmp(t.bars, "*") == 0) {
		if (t.has_mode || *t.section)
			return err_set(e, ERR_INVALID,
				"%sbars is \"*\", which has a weight and nothing else.", at);
		if (*keep) return err_set(e, ERR_INVALID, "%sbars is \"*\" again.", at);
		*keep = (int)t.weight;
		return 0;
	}
	if (!t.has_mode) return err_set(e, ERR_INVALID, "%smode is missing.", at);
	*p = (struct progression){ .mode = (enum theory_mode)t.mode, .weight = (int)t.weight };
	if (*t.section && (t.section[0] < 'A' || t.section[0] > 'Z'))
		return err_set(e, ERR_INVALID, "%ssection must be a letter from A to Z.", at);
	p->letter = *t.section;
	if (style_read_bars(p, t.bars, e)) return err_prefix(e, "%sbars", at);
	if (cadence && p->bars < 2)
		return err_set(e, ERR_INVALID,
			"%sbars must be two at least: what leads to the last chord, and that "
			"chord.", at);
	return 0;
}

static int
read_lines(const cJSON *list, const char *name, struct progression **out, int *n, int *keep,
	struct err *e)
{
	const cJSON *o;
	int i = 0;

	if (!list) return 0;
	*out = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof **out);
	if (!*out) abort();
	cJSON_ArrayForEach(o, list) {
		char at[ADAPTER_PATH];

		snprintf(at, sizeof at, "harmony.%s[%d].", name, i++);
		if (read_line(o, at, name[0] == 'c', &(*out)[*n], keep, e)) return -1;
		*n += (*out)[*n].n > 0;
	}
	return *n ? 0 : err_set(e, ERR_INVALID, "harmony.%s has nothing but \"*\".", name);
}

/* The state of that chord; what is new is added. -1 with *e. */
static int
state_of(struct adapter_chain *c, const char *chord, const char *path, struct err *e)
{
	struct numeral numeral;

	if (theory_numeral(chord, &numeral, e)) return err_prefix(e, "%s", path);
	for (int i = 1; i < c->states; i++)
		if (memcmp(&c->state[i].numeral, &numeral, sizeof numeral) == 0) return i;
	if (c->states == ADAPTER_STATES)
		return err_field(e, path, "is one chord more than the %d that a mode may have",
			ADAPTER_STATES - 1);
	c->state[c->states].numeral = numeral;
	return c->states++;
}

struct row {
	struct adapter_chain *chain;
	int state;
};

static int
take_next(void *ctx, const char *name, int weight, const char *path, struct err *e)
{
	struct row *r = ctx;
	int to = state_of(r->chain, name, path, e);
	struct adapter_state *s = &r->chain->state[r->state];

	if (to < 0) return -1;
	s->next[s->n] = to;
	s->weight[s->n++] = weight;
	return 0;
}

static int
read_chain(struct adapter_chain *c, const cJSON *o, const char *at, struct err *e)
{
	const cJSON *v;

	c->states = 1;
	cJSON_ArrayForEach(v, o) {
		char inside[ADAPTER_PATH + 2], path[ADAPTER_PATH];
		struct row r = { .chain = c };

		snprintf(inside, sizeof inside, "%s.", at);
		adapter_path(path, inside, v->string);
		if (strcmp(v->string, "start") != 0
			&& (r.state = state_of(c, v->string, path, e)) < 0)
			return -1;
		if (c->state[r.state].n) return err_field(e, path, "is given twice");
		if (adapter_read_weights(v, path, ADAPTER_NEXT, NULL, take_next, &r, e)) return -1;
	}
	if (!c->state[0].n)
		return err_field(e, at, "must say with which chords to start, in \"start\"");
	return 0;
}

static int
read_modes(struct style_adapter *a, const cJSON *o, struct err *e)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, o) {
		int m = str_index(v->string, mode_names);
		char at[ADAPTER_PATH];

		adapter_path(at, "harmony.transitions.modes.", v->string);
		if (m < 0) return err_field(e, at, "is no mode");
		if (a->chain[m]) return err_field(e, at, "is given twice");
		if (!cJSON_IsObject(v)) return err_field(e, at, "must be an object");
		a->chain[m] = calloc(1, sizeof *a->chain[m]);
		if (!a->chain[m]) abort();
		if (read_chain(a->chain[m], v, at, e)) return -1;
	}
	return 0;
}

static int
read_transitions(struct style_adapter *a, const cJSON *o, struct err *e)
{
	static const char at[] = "harmony.transitions.";
	static const char *const lengths[] = { "1/2", "1", "2", "4", NULL };
	struct transitions_text {
		int64_t weight, bars;
		const cJSON *lengths, *modes;
	} t = {0};
	static const struct json_field fields[] = {
		J_INT(struct transitions_text, weight, 1, ADAPTER_WEIGHT, 1),
		J_INT(struct transitions_text, bars, 2, 16, 8),
		J_OBJECT(struct transitions_text, lengths),
		J_OBJECT(struct transitions_text, modes),
	};

	if (json_read(o, fields, NELEM(fields), at, &t, e)) return -1;
	if (!t.modes || !t.modes->child)
		return err_field(e, "harmony.transitions.modes", "is missing or empty");
	a->chain_weight = (int)t.weight;
	a->chain_bars = (int)t.bars;
	a->length_weight[1] = !t.lengths;	/* a bar each, unless something else is said */
	if (adapter_read_choices(t.lengths, "harmony.transitions.lengths",
		    "length (1/2, 1, 2 or 4 bars)", lengths, a->length_weight,
		    NULL, e))
		return -1;
	return read_modes(a, t.modes, e);
}

int
adapter_read_harmony(struct style_adapter *a, const cJSON *o, struct err *e)
{
	struct harmony_text {
		const cJSON *progressions, *cadences, *transitions;
		int parallels;
		bool has_parallels;
	} t = {0};
	static const struct json_field fields[] = {
		J_ARRAY(struct harmony_text, progressions, 1, ADAPTER_PROGRESSIONS),
		J_ARRAY(struct harmony_text, cadences, 1, ADAPTER_PROGRESSIONS),
		J_OBJECT(struct harmony_text, transitions),
		J_CHOICE_OPT(struct harmony_text, parallels, has_parallels, parallel_names),
	};

	if (json_read(o, fields, NELEM(fields), "harmony.", &t, e)) return -1;
	a->avoid_parallels = (struct adapter_number){ t.has_parallels, t.parallels };
	if (read_lines(t.progressions, "progressions", &a->progression, &a->progressions,
		    &a->progression_keep, e)
		|| read_lines(t.cadences, "cadences", &a->cadence, &a->cadences, &a->cadence_keep,
			e))
		return -1;
	return t.transitions ? read_transitions(a, t.transitions, e) : 0;
}
