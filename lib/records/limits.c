#include "records/limits.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "records/rows.h"
#include "records/settings.h"
#include "records/statement.h"

const struct claim_limit *
limits_find(const struct claim_limits *l, const char *model)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->items[i].model, model) == 0) return &l->items[i];
	return NULL;
}

static bool
has_turn(const struct claim_limit *l)
{
	return l->turn && *l->turn;
}

bool
limits_same_turn(const struct claim_limit *a, const struct claim_limit *b)
{
	return has_turn(a) && has_turn(b) && strcmp(a->turn, b->turn) == 0;
}

/* The models that are in its turn, of which it is one, in the order of their names: all who lock
 * rows of several do so in that order. How many. */
static size_t
in_turn(const struct claim_limits *l, const struct claim_limit *limit,
	const char *models[CLAIM_LIMITS])
{
	size_t n = 0;

	for (size_t i = 0; i < l->n && n < CLAIM_LIMITS; i++) {
		const struct claim_limit *one = &l->items[i];
		size_t at = n;

		if (one != limit && !limits_same_turn(one, limit)) continue;
		for (; at && strcmp(models[at - 1], one->model) > 0; at--)
			models[at] = models[at - 1];
		models[at] = one->model;
		n++;
	}
	return n;
}

int
limits_ask(struct db *db, const struct claim_limits *l, const struct claim_limit *limit,
	struct uuid job, struct uuid host, enum limits_answer *answer, struct err *e)
{
	const char *models[CLAIM_LIMITS];
	size_t n = in_turn(l, limit, models);
	enum { OF_THE_MODEL, OTHERS, NUMBERS };
	int64_t in_work[NUMBERS];
	struct statement s = {0};

	statement_add(&s, "SELECT COUNT(IF(j.model=?, 1, NULL)), ",
		(struct db_arg)DB_TEXT(limit->model));
	statement_add(&s, "COUNT(IF(j.adapter<=>q.adapter AND (q.adapter IS NULL OR j.owner=?), "
		"NULL, 1)) ", (struct db_arg)DB_UUID(host));
	statement_add(&s, "FROM jobs q JOIN jobs j ON q.id=? AND j.status='processing' AND "
		"j.model IN ", (struct db_arg)DB_UUID(job));
	for (size_t i = 0; i < n; i++)
		statement_add(&s, i ? ",?" : "(?", (struct db_arg)DB_TEXT(models[i]));
	buf_adds(&s.sql, ")");
	if (statement_numbers(&s, db, in_work, NUMBERS, e) < 0) return -1;
	*answer = has_turn(limit) && in_work[OTHERS] ? LIMITS_OTHER_TURN
		: in_work[OF_THE_MODEL] >= limit->at_once ? LIMITS_FULL : LIMITS_ROOM;
	return 0;
}

int
limits_hold(struct db *db, const struct claim_limits *l, const struct claim_limit *limit,
	const char *claim, struct err *e)
{
	const char *models[CLAIM_LIMITS];
	size_t n = in_turn(l, limit, models);

	for (size_t i = 0; i < n; i++) {
		char name[SETTING_NAME];

		/* Names that are cut only wait for each other. */
		snprintf(name, sizeof name, SETTING_CLAIM "%.50s", models[i]);
		if (settings_set(db, name, claim, e)) return -1;
	}
	return 0;
}
