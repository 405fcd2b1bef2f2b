-- What listeners say of samples: ratings, preferences, tags. One row is one piece of feedback; a
-- preference belongs to the sample that was chosen. Whatever adds or removes a row locks the row of
-- the sample's job first and changes the sums below in the same transaction, so that none of them
-- is ever counted from rows. user_id is NULL where there are no accounts.

ALTER TABLE jobs
	ADD COLUMN feedback_count INT NOT NULL DEFAULT 0,  -- pieces of feedback to its samples
	ADD COLUMN rating_count   INT NOT NULL DEFAULT 0,  -- ratings among them
	ADD COLUMN rating_sum     INT NOT NULL DEFAULT 0;

CREATE TABLE ratings (
	id          BINARY(16) NOT NULL,
	audio_id    BINARY(16) NOT NULL,
	adapter_id  BINARY(16) NOT NULL,           -- of the sample; all zero is the base model
	user_id     BINARY(16) NULL,
	rating      TINYINT UNSIGNED NOT NULL,     -- 1 … 5
	criterion   ENUM('overall','melody','rhythm','harmony','coherence','creativity','adherence') NOT NULL,
	notes       VARCHAR(2000) NULL,
	created_at  DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	KEY audio (audio_id, created_at, id),
	KEY rating (rating, created_at, id),       -- a list of several ratings is merged from these
	KEY criterion (criterion, rating, created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE preferences (
	id                 BINARY(16) NOT NULL,
	prompt_id          BINARY(16) NOT NULL,
	chosen_audio_id    BINARY(16) NOT NULL,
	rejected_audio_id  BINARY(16) NOT NULL,    -- another sample of that prompt
	job_id             BINARY(16) NOT NULL,    -- of the chosen sample
	user_id            BINARY(16) NULL,
	margin             TINYINT UNSIGNED NULL,  -- 1 (hardly better) … 5
	notes              VARCHAR(2000) NULL,
	created_at         DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	KEY created (created_at, id),
	KEY prompt (prompt_id, created_at, id),
	KEY chosen (chosen_audio_id, created_at, id),
	KEY rejected (rejected_audio_id, created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- A listener gives a tag to a sample once, as praise or as blame.
CREATE TABLE tags (
	id           BINARY(16) NOT NULL,
	audio_id     BINARY(16) NOT NULL,
	user_id      BINARY(16) NULL,
	tag          VARCHAR(100) NOT NULL,        -- as it was typed, without blanks around it
	tag_key      VARCHAR(100) COLLATE utf8mb4_bin NOT NULL, -- in lower case: what makes two tags the same
	is_positive  BOOLEAN NOT NULL,
	created_at   DATETIME(6) NOT NULL,
	-- user_id, with a value that a unique key can compare
	listener     BINARY(16) GENERATED ALWAYS AS (COALESCE(user_id, 0x00000000000000000000000000000000)) STORED,
	PRIMARY KEY (id),
	UNIQUE KEY once (audio_id, tag_key, listener),
	KEY audio (audio_id, created_at, id),
	KEY positive (is_positive, created_at, id),
	KEY tag (tag_key, is_positive, created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The sums of each sample. No row: no feedback yet.
CREATE TABLE audio_feedback (
	audio_id      BINARY(16) NOT NULL,
	rating_count  INT NOT NULL,
	rating_sum    INT NOT NULL,
	wins          INT NOT NULL,                -- preferences in which it was chosen
	comparisons   INT NOT NULL,                -- those and the ones in which it was rejected
	tag_count     INT NOT NULL,
	PRIMARY KEY (audio_id),
	KEY comparisons (comparisons)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- How many ratings of each value; several shards, so that writers do not queue up.
CREATE TABLE rating_counts (
	adapter_id  BINARY(16) NOT NULL,           -- all zero is the base model
	criterion   ENUM('overall','melody','rhythm','harmony','coherence','creativity','adherence') NOT NULL,
	rating      TINYINT UNSIGNED NOT NULL,
	shard       TINYINT UNSIGNED NOT NULL,
	n           BIGINT NOT NULL,
	PRIMARY KEY (adapter_id, criterion, rating, shard)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- How often each tag was given.
CREATE TABLE tag_counts (
	tag_key   VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
	tag       VARCHAR(100) NOT NULL,           -- as it was typed first
	n         BIGINT NOT NULL,                 -- positive + negative
	positive  BIGINT NOT NULL,
	negative  BIGINT NOT NULL,
	PRIMARY KEY (tag_key),
	KEY n (n),
	KEY positive (positive),
	KEY negative (negative)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Prompts with preferences, and how many.
CREATE TABLE compared_prompts (
	prompt_id  BINARY(16) NOT NULL,
	n          BIGINT NOT NULL,
	PRIMARY KEY (prompt_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- All feedback together, summed over the shards.
CREATE TABLE feedback_totals (
	shard             TINYINT UNSIGNED NOT NULL,
	ratings           BIGINT NOT NULL,
	rating_sum        BIGINT NOT NULL,
	preferences       BIGINT NOT NULL,
	margins           BIGINT NOT NULL,         -- preferences with a margin
	margin_sum        BIGINT NOT NULL,
	positive_tags     BIGINT NOT NULL,
	negative_tags     BIGINT NOT NULL,
	audios            BIGINT NOT NULL,         -- samples that have feedback
	rated_audios      BIGINT NOT NULL,         -- … that have ratings
	compared_audios   BIGINT NOT NULL,         -- … that were chosen or rejected
	compared_prompts  BIGINT NOT NULL,
	PRIMARY KEY (shard)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
