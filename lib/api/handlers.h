/* The handlers of routes.c, by the files that hold them. ctx is a struct api. */
#ifndef EARSHOT_API_HANDLERS_H
#define EARSHOT_API_HANDLERS_H

struct err;
struct request;
struct response;

#define HANDLER(name) int name(void *ctx, struct request *req, struct response *res, struct err *e)

/* prompts.c */
HANDLER(api_prompts_create);
HANDLER(api_prompts_list);
HANDLER(api_prompts_get);

/* generate.c */
HANDLER(api_generate_submit);
HANDLER(api_generate_retry);
HANDLER(api_generate_cancel);

/* jobs.c */
HANDLER(api_jobs_list);
HANDLER(api_jobs_get);

/* audio.c */
HANDLER(api_audio_get);
HANDLER(api_audio_stream);
HANDLER(api_audio_peaks);
HANDLER(api_audio_midi);

/* experiments.c */
HANDLER(api_experiments_create);
HANDLER(api_experiments_list);
HANDLER(api_experiments_get);
HANDLER(api_experiments_change);
HANDLER(api_experiments_delete);
HANDLER(api_experiments_archive);
HANDLER(api_experiments_unarchive);

/* adapters.c */
HANDLER(api_adapters_create);
HANDLER(api_adapters_list);
HANDLER(api_adapters_get);
HANDLER(api_adapters_change);
HANDLER(api_adapters_archive);
HANDLER(api_adapters_stats);
HANDLER(api_adapters_timeline);
HANDLER(api_adapters_add_version);
HANDLER(api_adapters_activate);

/* weights.c */
HANDLER(api_adapters_weights);

/* models.c */
HANDLER(api_models_list);
HANDLER(api_models_current);
HANDLER(api_models_switch);

/* system.c */
HANDLER(api_system_health);
HANDLER(api_system_openapi);

/* metrics.c */
HANDLER(api_system_metrics);

#undef HANDLER

#endif
