-- Lists of jobs narrowed in any combination, jobs counted by what they belong to, and statistics of
-- shorter periods.

-- How many jobs an adapter, an experiment or an A/B test (the subject) has in each status, and how many
-- samples they made: changed in the same transactions as the jobs. The base model has no tally.
CREATE TABLE job_tallies (
	subject  BINARY(16) NOT NULL,
	shard    TINYINT UNSIGNED NOT NULL,
	status   ENUM('queued','processing','completed','failed','cancelled') NOT NULL,
	n        BIGINT NOT NULL,
	samples  BIGINT NOT NULL,                  -- that there are now; only completed jobs have some
	PRIMARY KEY (subject, shard, status)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The same for all jobs together, and what was submitted on the last day of a shard.
ALTER TABLE job_counts
	ADD COLUMN samples BIGINT NOT NULL DEFAULT 0,
	ADD COLUMN day DATE NULL,                  -- UTC; of the next
	ADD COLUMN submitted BIGINT NOT NULL DEFAULT 0; -- on that day; kept in the rows of 'queued'

INSERT INTO job_counts (shard, status, n, samples)
	SELECT 0, 'completed', 0, COUNT(*) FROM samples
	ON DUPLICATE KEY UPDATE samples=VALUES(samples);

-- What was completed in each period of five minutes.
CREATE TABLE job_periods (
	start          DATETIME NOT NULL,          -- UTC; a multiple of five minutes
	shard          TINYINT UNSIGNED NOT NULL,
	done           BIGINT NOT NULL,            -- jobs completed
	wait_ms        BIGINT NOT NULL,            -- submitted → started, summed
	processing_ms  BIGINT NOT NULL,            -- started → completed, summed
	audio_ms       BIGINT NOT NULL,            -- sound made, summed
	PRIMARY KEY (start, shard)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

REPLACE INTO job_periods (start, shard, done, wait_ms, processing_ms, audio_ms)
	SELECT hour, shard, done, wait_ms, processing_ms, audio_ms FROM job_hours;

DROP TABLE job_hours;

-- The lists (lib/records/joblist.h): by everything that they can be narrowed by, alone and in pairs, in the order
-- of the list; and by each with the status, since a rare status would be far between. Columns behind the
-- id are only looked at, so that a page is chosen without touching a row.
ALTER TABLE jobs
	DROP KEY created,
	ADD KEY in_order (created_at, id, status),
	ADD KEY by_status (status, created_at, id),
	ADD KEY by_adapter (adapter_id, created_at, id, status),
	ADD KEY by_adapter_status (adapter_id, status, created_at, id, experiment_id, model),
	ADD KEY by_adapter_model (adapter_id, model, created_at, id, status),
	ADD KEY by_experiment (experiment_id, created_at, id, status),
	ADD KEY by_experiment_status (experiment_id, status, created_at, id, adapter_id, model),
	ADD KEY by_experiment_adapter (experiment_id, adapter_id, created_at, id, status, model),
	ADD KEY by_experiment_model (experiment_id, model, created_at, id, status, adapter_id),
	ADD KEY by_model (model, created_at, id, status),
	ADD KEY by_model_status (model, status, created_at, id, adapter_id, experiment_id),
	ADD KEY by_ab_test (ab_test_id, created_at, id);

-- An intent that a deletion left: its object may be collected, by any host, from this moment on.
ALTER TABLE intents
	ADD COLUMN collect_after DATETIME(6) NULL; -- NULL: it is an attempt's or an upload's
