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
HANDLER(api_prompts_search);

/* generate.c */
HANDLER(api_generate_submit);
HANDLER(api_generate_retry);
HANDLER(api_generate_cancel);

/* explain.c */
HANDLER(api_explain);

/* jobs.c */
HANDLER(api_jobs_list);
HANDLER(api_jobs_stats);
HANDLER(api_jobs_get);
HANDLER(api_jobs_delete);

/* audio.c */
HANDLER(api_audio_list);
HANDLER(api_audio_get);
HANDLER(api_audio_stream);
HANDLER(api_audio_peaks);
HANDLER(api_audio_midi);
HANDLER(api_audio_delete);

/* compare.c */
HANDLER(api_compare);

/* templates.c */
HANDLER(api_templates_create);
HANDLER(api_templates_list);
HANDLER(api_templates_categories);
HANDLER(api_templates_get);
HANDLER(api_templates_change);
HANDLER(api_templates_delete);

/* favorites.c */
HANDLER(api_favorites_create);
HANDLER(api_favorites_list);
HANDLER(api_favorites_get);
HANDLER(api_favorites_change);
HANDLER(api_favorites_delete);
HANDLER(api_favorites_check_prompt);
HANDLER(api_favorites_check_audio);
HANDLER(api_favorites_check_template);
HANDLER(api_favorites_delete_prompt);
HANDLER(api_favorites_delete_audio);
HANDLER(api_favorites_delete_template);

/* abtests.c */
HANDLER(api_abtests_create);
HANDLER(api_abtests_list);
HANDLER(api_abtests_get);
HANDLER(api_abtests_generate);

/* abresults.c */
HANDLER(api_abtests_vote);
HANDLER(api_abtests_results);
HANDLER(api_leaderboard);

/* ballots.c */
HANDLER(api_ballots_next);
HANDLER(api_ballots_left);
HANDLER(api_ballots_right);
HANDLER(api_ballots_vote);

/* experiments.c */
HANDLER(api_experiments_create);
HANDLER(api_experiments_list);
HANDLER(api_experiments_get);
HANDLER(api_experiments_jobs);
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
HANDLER(api_adapters_add_version);
HANDLER(api_adapters_activate);

/* timeline.c */
HANDLER(api_adapters_timeline);

/* weights.c */
HANDLER(api_adapters_weights);

/* train.c */
HANDLER(api_adapters_train);

/* feedback.c */
HANDLER(api_feedback_job);
HANDLER(api_feedback_metrics);

/* ratings.c */
HANDLER(api_ratings_create);
HANDLER(api_ratings_list);
HANDLER(api_ratings_get);
HANDLER(api_ratings_change);
HANDLER(api_ratings_delete);
HANDLER(api_ratings_of_audio);
HANDLER(api_ratings_stats);

/* preferences.c */
HANDLER(api_preferences_create);
HANDLER(api_preferences_list);
HANDLER(api_preferences_get);
HANDLER(api_preferences_delete);
HANDLER(api_preferences_of_prompt);
HANDLER(api_preferences_stats);

/* tags.c */
HANDLER(api_tags_create);
HANDLER(api_tags_create_bulk);
HANDLER(api_tags_list);
HANDLER(api_tags_get);
HANDLER(api_tags_delete);
HANDLER(api_tags_of_audio);
HANDLER(api_tags_replace);
HANDLER(api_tags_available);
HANDLER(api_tags_stats);

/* models.c */
HANDLER(api_models_list);
HANDLER(api_models_current);
HANDLER(api_models_switch);

/* system.c */
HANDLER(api_system_health);
HANDLER(api_system_openapi);

/* metrics.c */
HANDLER(api_system_metrics);
HANDLER(api_system_overview);

/* session.c */
HANDLER(api_session_get);
HANDLER(api_session_begin);
HANDLER(api_session_end);
HANDLER(api_session_password);

/* tokens.c */
HANDLER(api_tokens_list);
HANDLER(api_tokens_create);
HANDLER(api_tokens_revoke);

/* users.c */
HANDLER(api_users_list);
HANDLER(api_users_create);
HANDLER(api_users_get);
HANDLER(api_users_change);

#undef HANDLER

#endif
