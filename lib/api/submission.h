/* How music is to be made: what every request that submits jobs says in the same words, POST
 * /generate and POST /ab-tests alike. */
#ifndef EARSHOT_API_SUBMISSION_H
#define EARSHOT_API_SUBMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "api/api.h"
#include "api/formats.h"
#include "base/json.h"
#include "base/jtext.h"
#include "records/models.h"

struct adapter_use;
struct err;

/* To be the first member of the struct that json_read() fills, since the rows below count from its
 * beginning. */
struct submission {
	char model[4 * (MODEL_ID - 1) + 1];	/* "" : not said */
	double adapter_scale;
	int64_t seed, top_k, priority;
	bool has_seed, has_duration;
	double duration, temperature, top_p, guidance_scale;
	int format;				/* index of formats[] */
};

/* Its rows, for the table of fields that it is read by: those that decide what is written, and with
 * them those that decide how it sounds and what becomes of it. The limits of duration are the
 * model's. */
#define SUBMISSION_PLAN_FIELDS \
	J_TEXT(struct submission, model, 1, MODEL_ID - 1), \
	J_INT_OPT(struct submission, seed, has_seed, 0, UINT32_MAX), \
	J_REAL_OPT(struct submission, duration, has_duration, -1e15, 1e15)

#define SUBMISSION_FIELDS \
	SUBMISSION_PLAN_FIELDS, \
	J_REAL(struct submission, adapter_scale, 0, 2, 1), \
	J_REAL(struct submission, temperature, 0.1, 2, 1), \
	J_INT(struct submission, top_k, 0, 1000, 250), \
	J_REAL(struct submission, top_p, 0, 1, 0), \
	J_REAL(struct submission, guidance_scale, 1, 10, 3), \
	J_CHOICE(struct submission, format, format_names, 0), \
	J_INT(struct submission, priority, 0, 9, 5)

/* Choose the model that is named, else that of the adapter (base_model NULL: none), else the
 * current one, and complete s: a duration and a seed where none was said. 400 naming the field
 * when the model cannot make what is asked; ERR_INVALID for a duration that nobody makes. *out
 * is borrowed from api until the next call of models_known(). */
int submission_complete(struct api *api, struct submission *s, const struct adapter_use *use,
	const struct model **out, struct err *e);

/* Append the members of generation_params but for the seed, as of an object that is open. */
void submission_write(const struct submission *s, bool with_adapter, struct jtext *out);

#endif
