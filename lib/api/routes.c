#include "api/routes.h"

#include "api/handlers.h"
#include "base/err.h"

const struct route api_routes[] = {
	{ "POST", API_PREFIX "/prompts", api_prompts_create, ROUTE_DB | ROUTE_JSON },
	{ "GET", API_PREFIX "/prompts", api_prompts_list, ROUTE_DB },
	{ "GET", API_PREFIX "/prompts/{id}", api_prompts_get, ROUTE_DB },
	{ "POST", API_PREFIX "/generate", api_generate_submit, ROUTE_DB | ROUTE_JSON },
	{ "GET", API_PREFIX "/generate/{id}", api_jobs_get, ROUTE_DB },
	{ "DELETE", API_PREFIX "/generate/{id}", api_generate_cancel, ROUTE_DB },
	{ "POST", API_PREFIX "/generate/{id}/retry", api_generate_retry, ROUTE_DB },
	{ "GET", API_PREFIX "/jobs", api_jobs_list, ROUTE_DB },
	{ "GET", API_PREFIX "/jobs/{id}", api_jobs_get, ROUTE_DB },
	{ "GET", API_PREFIX "/audio/{id}", api_audio_get, ROUTE_DB },
	{ "GET", API_PREFIX "/audio/{id}/stream", api_audio_stream, ROUTE_DB },
	{ "GET", API_PREFIX "/audio/{id}/peaks", api_audio_peaks, ROUTE_DB },
	{ "GET", API_PREFIX "/audio/{id}/midi", api_audio_midi, ROUTE_DB },
	{ "POST", API_PREFIX "/experiments", api_experiments_create, ROUTE_DB | ROUTE_JSON },
	{ "GET", API_PREFIX "/experiments", api_experiments_list, ROUTE_DB },
	{ "GET", API_PREFIX "/experiments/{id}", api_experiments_get, ROUTE_DB },
	{ "PUT", API_PREFIX "/experiments/{id}", api_experiments_change, ROUTE_DB | ROUTE_JSON },
	{ "DELETE", API_PREFIX "/experiments/{id}", api_experiments_delete, ROUTE_DB },
	{ "POST", API_PREFIX "/experiments/{id}/archive", api_experiments_archive, ROUTE_DB },
	{ "POST", API_PREFIX "/experiments/{id}/unarchive", api_experiments_unarchive, ROUTE_DB },
	{ "POST", API_PREFIX "/adapters", api_adapters_create, ROUTE_DB | ROUTE_JSON },
	{ "GET", API_PREFIX "/adapters", api_adapters_list, ROUTE_DB },
	{ "GET", API_PREFIX "/adapters/stats", api_adapters_stats, ROUTE_DB },
	{ "GET", API_PREFIX "/adapters/{id}", api_adapters_get, ROUTE_DB },
	{ "PATCH", API_PREFIX "/adapters/{id}", api_adapters_change, ROUTE_DB | ROUTE_JSON },
	{ "DELETE", API_PREFIX "/adapters/{id}", api_adapters_archive, ROUTE_DB },
	{ "PUT", API_PREFIX "/adapters/{id}/weights", api_adapters_weights, ROUTE_DB | ROUTE_BODY },
	{ "GET", API_PREFIX "/adapters/{id}/timeline", api_adapters_timeline, ROUTE_DB },
	{ "POST", API_PREFIX "/adapters/{id}/versions", api_adapters_add_version,
		ROUTE_DB | ROUTE_BODY },
	{ "PATCH", API_PREFIX "/adapters/{id}/versions/{version_id}/activate",
		api_adapters_activate, ROUTE_DB },
	{ "GET", API_PREFIX "/models", api_models_list, ROUTE_DB },
	{ "GET", API_PREFIX "/models/current", api_models_current, ROUTE_DB },
	{ "POST", API_PREFIX "/models/switch", api_models_switch, ROUTE_DB | ROUTE_JSON },
	{ "GET", API_PREFIX "/health", api_system_health, 0 },
	{ "GET", API_PREFIX "/metrics", api_system_metrics, 0 },
	{ "GET", API_PREFIX "/openapi.json", api_system_openapi, 0 },
};

const size_t api_n_routes = NELEM(api_routes);
