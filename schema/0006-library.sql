-- What keeps work together and finds it again: experiments, the search for prompts. user_id is NULL
-- where there are no accounts.

-- Jobs name the experiment that they belong to (jobs.experiment_id). Its status is not stored: it
-- follows from archived_at and from the states of its jobs.
CREATE TABLE experiments (
	id           BINARY(16) NOT NULL,
	user_id      BINARY(16) NULL,
	name         VARCHAR(200) NOT NULL,
	description  VARCHAR(2000) NULL,
	config       TEXT NULL,                    -- JSON object as the client sent it
	archived_at  DATETIME(6) NULL,             -- NULL: not archived; archived, it takes no new jobs
	created_at   DATETIME(6) NOT NULL,
	updated_at   DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	KEY created (created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The search for prompts is a step behind: a FULLTEXT index makes submissions a tenth slower, so that a
-- prompt is indexed when someone searches, or by a daemon, whoever is first. Prompts from before there
-- was a search wait like new ones.
ALTER TABLE prompts
	ADD COLUMN tempo DOUBLE NULL,              -- of the attributes, once it is indexed
	ADD COLUMN unindexed TINYINT NULL DEFAULT 1, -- 1: waits to be indexed; NULL: it is
	DROP KEY created,
	ADD KEY created (created_at, id, tempo),
	ADD KEY unindexed (unindexed, id);

CREATE TABLE prompt_search (
	id          BINARY(16) NOT NULL,           -- of the prompt; tempo and created_at are its own
	tempo       DOUBLE NULL,
	created_at  DATETIME(6) NOT NULL,
	words       MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- see lib/records/search_words.h
	PRIMARY KEY (id),
	FULLTEXT KEY words (words)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Lists of samples, by what made them. Each index holds what the other filters look at, so that a page
-- is chosen in one index alone.
ALTER TABLE samples
	ADD COLUMN experiment_id BINARY(16) NULL,  -- of its job
	DROP KEY prompt,
	ADD KEY of_prompt (prompt_id, created_at, id, adapter_id, experiment_id),
	ADD KEY of_experiment (experiment_id, created_at, id, adapter_id),
	ADD KEY of_adapter (adapter_id, created_at, id),
	ADD KEY of_all (created_at, id);

UPDATE samples s JOIN jobs j ON j.id=s.job_id SET s.experiment_id=j.experiment_id
	WHERE j.experiment_id IS NOT NULL;
