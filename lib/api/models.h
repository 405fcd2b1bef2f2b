/* The models that the daemons have reported, kept for a second so that a submission need not
 * ask. */
#ifndef EARSHOT_API_MODELS_H
#define EARSHOT_API_MODELS_H

#include <cjson/cJSON.h>

#include "api/api.h"
#include "records/models.h"

/* The models there are. Where no daemon has ever reported one, it is started and waited for, a few
 * seconds at most; then ERR_AWAY. Borrowed from api until the next call. */
int models_known(struct api *api, const struct model_list **out, struct err *e);

/* The model of a request that names none: the one that was switched to, else the one of the
 * configuration, else the first that can run, else the first. NULL when there is none. */
const struct model *models_default(const struct api *api, const struct model_list *l);

/* NULL: there is no such model. */
const struct model *models_find(const struct model_list *l, const char *id);

/* ERR_UNREADABLE, naming the field that asked for it, unless some host can run it. */
int models_check(const struct model *m, const char *field, struct err *e);

/* A number of its description, max_duration_seconds, say; `none` where it has no such. */
double models_number(const struct model *m, const char *name, double none);

#endif
