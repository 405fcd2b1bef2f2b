#include "api/submission.h"

#include <stdlib.h>
#include <sys/random.h>

#include "api/models.h"
#include "base/err.h"
#include "records/adapters.h"

enum { DEFAULT_DURATION_S = 10 };

static uint32_t
draw_seed(void)
{
	uint32_t seed;

	if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed) abort();
	return seed;
}

/* An adapter brings its model with it. Where that one cannot be used, the sentence has to say
 * why it was chosen at all: nobody named it. */
static int
refuse_implied(struct api *api, const struct model_list *l, const struct adapter_use *use,
	const char *reason, struct err *e)
{
	const struct model *current = models_default(api, l);

	return err_refuse(e, "adapter_id", "The adapter belongs to the model %s, not to the "
		"current model %s, and %s cannot run on this installation: %s", use->base_model,
		current ? current->id : "(none)", use->base_model, reason);
}

int
submission_complete(struct api *api, struct submission *s, const struct adapter_use *use,
	const struct model **out, struct err *e)
{
	bool implied = !*s->model && use->base_model;
	const char *id = implied ? use->base_model : s->model;
	const struct model_list *l;
	const struct model *m;
	double max, max_scale;

	if (models_known(api, &l, e)) return -1;
	m = *id ? models_find(l, id) : models_default(api, l);
	if (implied && (!m || !m->available))
		return refuse_implied(api, l, use, m ? m->reason : "There is no such model.", e);
	if (!m)
		return err_refuse(e, "model", "There is no model \"%.64s\" here; GET /models lists "
			"those that there are.", id);
	if (models_check(m, "model", e)) return -1;
	max = models_number(m, "max_duration_seconds", 0);
	if (!s->has_duration) s->duration = max < DEFAULT_DURATION_S ? max : DEFAULT_DURATION_S;
	if (s->duration < 1)
		return err_field(e, "duration", "must be from 1 to %g, not %g", max, s->duration);
	if (s->duration > max)
		return err_refuse(e, "duration", "duration is %g s, but the model %s makes at most "
			"%g s.", s->duration, m->id, max);
	max_scale = models_number(m, "max_adapter_scale", 2);
	if (use->base_model && s->adapter_scale > max_scale)
		return err_refuse(e, "adapter_scale", "adapter_scale is %g, but the model %s takes "
			"at most %g.", s->adapter_scale, m->id, max_scale);
	if (!s->has_seed) s->seed = draw_seed();
	*out = m;
	return 0;
}

void
submission_write(const struct submission *s, bool with_adapter, struct jtext *out)
{
	jtext_real(out, "duration", s->duration);
	jtext_real(out, "temperature", s->temperature);
	jtext_int(out, "top_k", s->top_k);
	jtext_real(out, "top_p", s->top_p);
	jtext_real(out, "guidance_scale", s->guidance_scale);
	jtext_text(out, "format", format_names[s->format]);
	if (with_adapter) jtext_real(out, "adapter_scale", s->adapter_scale);
}
