-- What keeps work together and finds it again: experiments. user_id is NULL where there are no
-- accounts.

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
