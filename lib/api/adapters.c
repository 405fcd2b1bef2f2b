#include "api/adapters.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"

enum { NAME_SHOWN = 60 };

int
adapter_choose(struct api *api, struct uuid id, double scale, const char *model_id,
	struct adapter_use *out, struct err *e)
{
	char name[4 * NAME_SHOWN + 8];
	struct adapter a = {0};
	int rc = -1;

	if (adapters_get(api->db, id, &a, e)) goto out;
	str_preview(name, sizeof name, a.name, NAME_SHOWN);
	if (model_id && strcmp(model_id, a.base_model) != 0)
		err_refuse(e, "adapter_id", "The adapter \"%s\" belongs to the model %s, not to %s.",
			name, a.base_model, model_id);
	else if (a.status != ADAPTER_ACTIVE)
		err_refuse(e, "adapter_id", "The adapter \"%s\" is archived and takes no new jobs.",
			name);
	else if (uuid_is_nil(a.active.weights_id))
		err_refuse(e, "adapter_id", "Version %s of the adapter \"%s\" has no weights yet; "
			"upload them first.", a.active.version, name);
	else {
		adapters_use(&a, scale, out);
		rc = 0;
	}
out:
	adapters_free(&a);
	return rc;
}
