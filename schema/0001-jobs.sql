-- Prompts, jobs and what jobs make. Ids are UUIDv7 in BINARY(16), times UTC. The meaning of every
-- column is here; who may change it is in lib/records. This file is applied once and never edited.

CREATE TABLE prompts (
	id          BINARY(16) NOT NULL,
	text        VARCHAR(2000) NOT NULL,
	attributes  TEXT NULL,                     -- JSON object as the client sent it
	created_at  DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	KEY created (created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE jobs (
	id              BINARY(16) NOT NULL,
	status          ENUM('queued','processing','completed','failed','cancelled') NOT NULL,
	priority        TINYINT UNSIGNED NOT NULL, -- 0 first … 9
	run_after       DATETIME(6) NOT NULL,      -- queued: not before; order within a priority
	attempt         INT UNSIGNED NOT NULL DEFAULT 0, -- raised by every claim; fences whoever lost it
	failures        INT UNSIGNED NOT NULL DEFAULT 0, -- attempts that ended badly; compared with max_attempts
	owner           BINARY(16) NULL,           -- host that processes it
	lease_until     DATETIME(6) NULL,          -- processing: until then nobody else may take it
	prompt_id       BINARY(16) NOT NULL,
	prompt_preview  VARCHAR(200) NOT NULL,
	model           VARCHAR(64) NOT NULL,
	adapter_id      BINARY(16) NULL,
	adapter_name    VARCHAR(200) NULL,
	experiment_id   BINARY(16) NULL,
	ab_test_id      BINARY(16) NULL,
	num_samples     TINYINT UNSIGNED NOT NULL,
	format          VARCHAR(8) NOT NULL,
	params          TEXT NOT NULL,             -- JSON: seed, duration, temperature, …
	understood      TEXT NULL,                 -- JSON: what the engine made of the prompt
	sample_ids      VARBINARY(64) NULL,        -- completed: the ids of its samples, in order
	error           VARCHAR(512) NULL,
	error_code      VARCHAR(32) NULL,
	retry_of        BINARY(16) NULL,
	audio_ms        BIGINT UNSIGNED NOT NULL DEFAULT 0, -- completed: sound made, all samples together
	created_at      DATETIME(6) NOT NULL,
	started_at      DATETIME(6) NULL,          -- of the last attempt
	completed_at    DATETIME(6) NULL,          -- end, however it ended
	PRIMARY KEY (id),
	KEY claim (status, priority, run_after, id),
	KEY lease (status, lease_until),
	KEY owner (owner, status),
	KEY created (created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- How far a processing job is; written by its owner at most once a second, gone when it ends.
CREATE TABLE progress (
	job_id      BINARY(16) NOT NULL,
	attempt     INT UNSIGNED NOT NULL,
	done        DOUBLE NOT NULL,               -- 0 … 1
	stage       VARCHAR(32) NOT NULL,
	updated_at  DATETIME(6) NOT NULL,
	PRIMARY KEY (job_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE samples (
	job_id          BINARY(16) NOT NULL,
	idx             TINYINT UNSIGNED NOT NULL, -- with the job: at most one result, however often it ran
	id              BINARY(16) NOT NULL,
	prompt_id       BINARY(16) NOT NULL,
	model           VARCHAR(64) NOT NULL,
	adapter_id      BINARY(16) NULL,
	adapter         TEXT NULL,                 -- JSON: id, name, version, base_model, sha256, scale
	seed            INT UNSIGNED NOT NULL,
	title           VARCHAR(200) NOT NULL,
	format          VARCHAR(8) NOT NULL,
	sample_rate     INT UNSIGNED NOT NULL,     -- Hz
	channels        TINYINT UNSIGNED NOT NULL,
	frames          BIGINT UNSIGNED NOT NULL,
	size_bytes      BIGINT UNSIGNED NOT NULL,
	sha256          BINARY(32) NOT NULL,       -- of the stored file
	loudness_lufs   DOUBLE NULL,               -- NULL: silence
	true_peak_dbtp  DOUBLE NULL,
	params          TEXT NOT NULL,             -- JSON: generation_params of this sample
	storage_key     VARCHAR(190) NOT NULL,
	peaks_key       VARCHAR(190) NOT NULL,
	midi_key        VARCHAR(190) NULL,
	created_at      DATETIME(6) NOT NULL,
	PRIMARY KEY (job_id, idx),
	UNIQUE KEY id (id),
	KEY prompt (prompt_id, created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- An object that may exist in storage without anything that refers to it. Written before the object,
-- removed in the transaction that refers to it, else collected: first the object, then the row.
CREATE TABLE intents (
	storage_key  VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	job_id       BINARY(16) NOT NULL,
	attempt      INT UNSIGNED NOT NULL,
	owner        BINARY(16) NOT NULL,
	created_at   DATETIME(6) NOT NULL,
	PRIMARY KEY (storage_key),
	KEY job (job_id, attempt)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Statistics that no one has to count rows for. Several shards, so that writers do not queue up.
CREATE TABLE job_counts (
	shard   TINYINT UNSIGNED NOT NULL,
	status  ENUM('queued','processing','completed','failed','cancelled') NOT NULL,
	n       BIGINT NOT NULL,
	PRIMARY KEY (shard, status)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE job_hours (
	hour           DATETIME NOT NULL,          -- of completion
	shard          TINYINT UNSIGNED NOT NULL,
	done           BIGINT NOT NULL,
	wait_ms        BIGINT NOT NULL,            -- submitted → started, summed
	processing_ms  BIGINT NOT NULL,            -- started → completed, summed
	audio_ms       BIGINT NOT NULL,
	PRIMARY KEY (hour, shard)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Idempotency-Key of a submission: the same key and body answer the same job.
CREATE TABLE submissions (
	user_id     BINARY(16) NOT NULL,           -- all zero where there are no accounts
	idem_key    VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	body_sha256 BINARY(32) NOT NULL,
	job_id      BINARY(16) NOT NULL,
	created_at  DATETIME(6) NOT NULL,
	PRIMARY KEY (user_id, idem_key),
	KEY created (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The daemons, and which models each of them can run.
CREATE TABLE hosts (
	id          BINARY(16) NOT NULL,           -- kept in the state folder
	name        VARCHAR(200) NOT NULL,
	pid         INT UNSIGNED NOT NULL,
	workers     INT UNSIGNED NOT NULL,
	busy        INT UNSIGNED NOT NULL,
	seen_at     DATETIME(6) NOT NULL,
	PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE models (
	host_id      BINARY(16) NOT NULL,
	id           VARCHAR(64) NOT NULL,
	position     INT UNSIGNED NOT NULL,        -- order of the engines of the build; 0 is the default
	description  TEXT NOT NULL,                -- JSON, as /models shows it
	reason       VARCHAR(512) NULL,            -- why this host cannot run it; NULL: it can
	PRIMARY KEY (host_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
