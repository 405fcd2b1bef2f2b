/* A/B tests as the API shows them. */
#ifndef EARSHOT_API_ABTESTS_H
#define EARSHOT_API_ABTESTS_H

#include "base/jtext.h"
#include "records/abtests.h"

/* The name of the adapter, or "Base model". */
const char *abtest_arm_name(const struct abtest *t, enum abtest_arm arm);

void abpair_write(const struct abpair *p, struct jtext *out);

#endif
