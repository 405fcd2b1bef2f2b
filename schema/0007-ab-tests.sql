-- A/B tests: two arms, each an adapter or the base model, that make music of the same prompts from the same seeds, and
-- what listeners say of it. How far a test is follows from its jobs and votes; nothing here counts.

CREATE TABLE ab_tests (
	id                  BINARY(16) NOT NULL,
	user_id             BINARY(16) NULL,        -- NULL where there are no accounts
	name                VARCHAR(200) NOT NULL,
	description         VARCHAR(2000) NULL,
	model               VARCHAR(64) NOT NULL,
	-- The arms as they were when the test was made: what becomes of an adapter later changes no test.
	adapter_a_id        BINARY(16) NULL,        -- NULL: the base model
	adapter_a_name      VARCHAR(200) NULL,
	adapter_a           TEXT NULL,              -- JSON, as jobs.adapter
	adapter_a_key       VARCHAR(190) NULL,      -- storage key of its weights
	adapter_b_id        BINARY(16) NULL,
	adapter_b_name      VARCHAR(200) NULL,
	adapter_b           TEXT NULL,
	adapter_b_key       VARCHAR(190) NULL,
	params              TEXT NOT NULL,          -- JSON: generation_params of all jobs, without the seed
	format              VARCHAR(8) NOT NULL,
	priority            TINYINT UNSIGNED NOT NULL,
	seed                INT UNSIGNED NOT NULL,  -- of the first pair; the others count on from it
	samples_per_prompt  TINYINT UNSIGNED NOT NULL,
	created_at          DATETIME(6) NOT NULL,
	updated_at          DATETIME(6) NOT NULL,   -- when pairs or jobs were added last
	PRIMARY KEY (id),
	KEY created (created_at, id),
	KEY adapter_a (adapter_a_id),
	KEY adapter_b (adapter_b_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE ab_pairs (
	id         BINARY(16) NOT NULL,
	test_id    BINARY(16) NOT NULL,
	position   SMALLINT UNSIGNED NOT NULL,      -- from 0
	prompt_id  BINARY(16) NOT NULL,
	seed       INT UNSIGNED NOT NULL,           -- of both arms
	job_a_id   BINARY(16) NULL,                 -- the last job of the arm; it may have been deleted
	job_b_id   BINARY(16) NULL,
	PRIMARY KEY (id),
	UNIQUE KEY test (test_id, position),
	KEY job_a (job_a_id),
	KEY job_b (job_b_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- One vote a listener and pair, the last one.
CREATE TABLE ab_votes (
	pair_id      BINARY(16) NOT NULL,
	listener_id  BINARY(16) NOT NULL,           -- of a cookie; all zero: whoever has none
	test_id      BINARY(16) NOT NULL,
	preference   ENUM('a','b','equal') NOT NULL,
	created_at   DATETIME(6) NOT NULL,
	updated_at   DATETIME(6) NOT NULL,
	PRIMARY KEY (pair_id, listener_id),
	KEY test (test_id, preference)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
